"""Text files: whatever the encoding and the separator, one stream of rows. Pure."""

import codecs
import csv
import io
from collections import Counter
from collections.abc import Iterator

from vetting.roster.importing.tables import NOTHING, Notes, Row, Sheet, sheet_of
from vetting.values import BadValue

_SEPARATORS = (",", ";", "\t", "|")
_SAMPLE = 64 * 1024
_NOT_TEXT = f"The file is not readable text. Export the list as CSV (UTF-8). {NOTHING}"
_OLD_WINDOWS = (
    "The file is not in UTF-8. It was read the way older Windows programs write; look at a name with an accent before you apply it."
)


def read(contents: bytes) -> Sheet:
    """Open a text file of columns. Raises BadValue for what is not one."""
    encoding, notes = _encoding(contents)
    start = _start(contents, encoding)
    _refuse_markup(start)
    separator = _separator(start)
    return sheet_of(_rows(contents, encoding, separator), notes, kind="CSV")


def _encoding(contents: bytes) -> tuple[str, Notes]:
    if contents.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16", Notes()
    if contents[:200].count(0) > len(contents[:200]) // 3:
        return ("utf-16-le" if contents[1:2] == b"\0" else "utf-16-be"), Notes()
    if b"\0" in contents:
        raise BadValue(_NOT_TEXT)
    if _decodes(contents, "utf-8"):
        return "utf-8-sig", Notes()
    if _decodes(contents, "cp1252"):
        return "cp1252", Notes(_OLD_WINDOWS)
    raise BadValue(_NOT_TEXT)


def _decodes(contents: bytes, encoding: str) -> bool:
    decoder, view = codecs.getincrementaldecoder(encoding)(), memoryview(contents)
    try:
        for begin in range(0, len(contents), _SAMPLE):
            decoder.decode(view[begin : begin + _SAMPLE])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _start(contents: bytes, encoding: str) -> str:
    """The first pages as text; a character cut in two at their end does no harm."""
    text = codecs.getincrementaldecoder(encoding)(errors="replace").decode(contents[:_SAMPLE])
    return text.removeprefix("\ufeff")


def _refuse_markup(start: str) -> None:
    begins = start.lstrip()[:300].lower()
    if begins.startswith(("<!doctype html", "<html", "<head", "<!--")) or (begins.startswith("<") and "<html" in start[:5000].lower()):
        raise BadValue(f"This is a web page, not a list. The download probably asked you to sign in; download it once more. {NOTHING}")
    if begins.startswith("<"):
        if "<table" in start.lower():
            raise BadValue(f"This is a web page saved as a workbook. Open it, save it as CSV and choose that file. {NOTHING}")
        raise BadValue(f"This is XML, not a list of contacts. Export a contacts report as CSV. {NOTHING}")


def _separator(start: str) -> str:
    """The separator that gives the widest regular table."""
    best: tuple[tuple[int, int], str] | None = None
    for separator in _SEPARATORS:
        reader = csv.reader(io.StringIO(start, newline=""), delimiter=separator)
        try:
            widths = Counter(len(cells) for cells in reader if any(cells))
        except csv.Error:
            continue
        width, how_often = widths.most_common(1)[0] if widths else (0, 0)
        widest = max(widths, default=0)
        if width > 1 or widest >= 3:
            best = max(best or ((0, 0), ""), ((max(width, 2), how_often), separator))
    if best is None or max(_widths(start, best[1]), default=0) < 3:
        raise BadValue(f"No table was found in this file. A contacts list has a line of headings and several columns. {NOTHING}")
    return best[1]


def _widths(start: str, separator: str) -> set[int]:
    return {len(cells) for cells in csv.reader(io.StringIO(start, newline=""), delimiter=separator)}


def _rows(contents: bytes, encoding: str, separator: str) -> Iterator[Row]:
    lines = io.TextIOWrapper(io.BytesIO(contents), encoding=encoding, newline="")
    reader, line = csv.reader(lines, delimiter=separator), 1
    try:
        for cells in reader:
            if any(cells) and not "".join(cells).isspace():
                yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        raise BadValue(
            f"Line {line} could not be read: it holds a cell of enormous length, or a quotation mark is missing. {NOTHING}"
        ) from error
    except UnicodeDecodeError as error:
        raise BadValue(_NOT_TEXT) from error
