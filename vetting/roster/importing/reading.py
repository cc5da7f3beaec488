"""Bytes of an uploaded file -> a table of text. Tolerant of how schools export, clear about what is not a list. Pure."""

import csv
import io
import re
from collections import Counter
from dataclasses import dataclass

from vetting.values import BadValue

MAX_BYTES = 20 * 1024 * 1024
_NOTHING = "Nothing was changed."
_SEPARATORS = (",", ";", "\t", "|")
_LOOKED_THROUGH = 15
_NAMES_NO_HEADING = re.compile(r"@|^\d[\d/.\- ]*$")
_OLD_WINDOWS = (
    "The file is not in UTF-8. It was read the way older Windows programs write; look at a name with an accent before you apply it."
)


@dataclass(frozen=True)
class Sheet:
    """The table in a file: headings (a repeated one numbered), rows of the same width, and the line each row began on."""

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    lines: tuple[int, ...]
    encoding: str
    separator: str
    warnings: tuple[str, ...]


def read_sheet(contents: bytes) -> Sheet:
    """Read a CSV file in any of the shapes schools' systems write.

    Title rows above the headings, blank rows and a "Total" row below are left out; every liberty taken is a warning.

    Raises:
        BadValue: with a sentence that says what the file is instead and what to do.
    """
    _refuse_other_kinds(contents)
    text, encoding, warnings = _decode(contents)
    _refuse_markup(text)
    separator, table = _split(text)
    top = _heading_row(table)
    headings = _numbered(table[top][1])
    rows, lines, notes = _body(table[top + 1 :], len(headings))
    if top:
        notes.insert(0, f"{top} {'line' if top == 1 else 'lines'} above the headings were left out.")
    if not rows:
        raise BadValue(f"The file has headings but no rows. An empty list never means that everybody left. {_NOTHING}")
    return Sheet(headings, tuple(rows), tuple(lines), encoding, separator, (*warnings, *notes))


def _refuse_other_kinds(contents: bytes) -> None:
    if not contents.strip():
        raise BadValue(f"The file is empty. {_NOTHING}")
    if len(contents) > MAX_BYTES:
        raise BadValue(f"The file is larger than {MAX_BYTES // 1024 // 1024} MB. Choose a list of contacts only. {_NOTHING}")
    if contents.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise BadValue(f"This is an Excel workbook or a zip file. Open it, save it as CSV and choose that file. {_NOTHING}")
    if contents.startswith(b"%PDF"):
        raise BadValue(f"This is a PDF. Export the list as CSV. {_NOTHING}")


def _decode(contents: bytes) -> tuple[str, str, list[str]]:
    if contents.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _decoded(contents, "utf-16"), "utf-16", []
    if contents[:200].count(0) > len(contents[:200]) // 3:
        encoding = "utf-16-le" if contents[1:2] == b"\0" else "utf-16-be"
        return _decoded(contents, encoding), encoding, []
    try:
        return contents.decode("utf-8-sig"), "utf-8", []
    except UnicodeDecodeError:
        return _decoded(contents, "cp1252"), "cp1252", [_OLD_WINDOWS]


def _decoded(contents: bytes, encoding: str) -> str:
    try:
        return contents.decode(encoding).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise BadValue(f"The file is not readable text. Export the list as CSV (UTF-8). {_NOTHING}") from error


def _refuse_markup(text: str) -> None:
    start = text.lstrip()[:300].lower()
    if start.startswith(("<!doctype html", "<html", "<head", "<!--")) or (start.startswith("<") and "<html" in text[:5000].lower()):
        raise BadValue(f"This is a web page, not a list. The download probably asked you to sign in; download it once more. {_NOTHING}")
    if start.startswith("<"):
        raise BadValue(f"This is XML, not a list of contacts. Export a contacts report as CSV. {_NOTHING}")
    if "\0" in text:
        raise BadValue(f"The file is not readable text. Export the list as CSV (UTF-8). {_NOTHING}")


def _split(text: str) -> tuple[str, list[tuple[int, list[str]]]]:
    """The separator that gives the widest regular table, and the table: the line a row began on, and its cells."""
    best: tuple[tuple[int, int], str, list[tuple[int, list[str]]]] | None = None
    for separator in _SEPARATORS:
        table = _parse(text, separator)
        width, how_often = Counter(len(cells) for _, cells in table).most_common(1)[0] if table else (0, 0)
        if width > 1 and (best is None or (width, how_often) > best[0]):
            best = ((width, how_often), separator, table)
    if best is None or best[0][0] < 3:
        raise BadValue(f"No table was found in this file. A contacts list has a line of headings and several columns. {_NOTHING}")
    return best[1], best[2]


def _parse(text: str, separator: str) -> list[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    table, line = [], 1
    try:
        for cells in reader:
            clean = [" ".join(cell.split()) for cell in cells]
            if any(clean):
                table.append((line, clean))
            line = reader.line_num + 1
    except csv.Error as error:
        raise BadValue(f"Line {line} could not be read: a quotation mark may be missing. {_NOTHING}") from error
    return table


def _heading_row(table: list[tuple[int, list[str]]]) -> int:
    widest = max(sum(map(bool, cells)) for _, cells in table)
    for index, (_, cells) in enumerate(table[:_LOOKED_THROUGH]):
        filled = [cell for cell in cells if cell]
        if len(filled) >= max(3, widest * 0.6) and not any(_NAMES_NO_HEADING.search(cell) for cell in filled):
            return index
    raise BadValue(f"No line of headings was found in the first {_LOOKED_THROUGH} lines. Export the list with its headings. {_NOTHING}")


def _numbered(headings: list[str]) -> tuple[str, ...]:
    """Repeated headings get a number, so that each column has a name of its own: "Surname", "Surname (2)"."""
    while headings and not headings[-1]:
        headings = headings[:-1]
    seen: Counter[str] = Counter()
    named = []
    for number, heading in enumerate(headings, start=1):
        name = heading or f"Column {number}"
        seen[name.lower()] += 1
        named.append(name if seen[name.lower()] == 1 else f"{name} ({seen[name.lower()]})")
    return tuple(named)


def _body(table: list[tuple[int, list[str]]], width: int) -> tuple[list[tuple[str, ...]], list[int], list[str]]:
    rows, lines, notes = [], [], []
    while table and _is_total(table[-1][1]):
        notes.append(f"Line {table[-1][0]} is a total, not a person; it was left out.")
        table = table[:-1]
    if table and len(table[-1][1]) < width and all(len(cells) >= width for _, cells in table[:-1]):
        raise BadValue(f"The last line breaks off: the file was cut short. Download it again. {_NOTHING}")
    for line, cells in table:
        if any(cells[width:]):
            notes.append(f"Line {line} has more columns than there are headings; it was left out.")
            continue
        rows.append(tuple((cells + [""] * width)[:width]))
        lines.append(line)
    return rows, lines, notes


def _is_total(cells: list[str]) -> bool:
    filled = [cell for cell in cells if cell]
    return len(filled) <= 3 and bool(re.match(r"(grand )?total\b|count\b", filled[0], re.I))
