"""Messages in files: .eml, .mbox, folders, standard input."""

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from vetting.intake.parsing.vocabulary import words

# In a folder, what surely is no message is passed over; anything else may be one, whatever its name.
_NO_MESSAGES = words(
    """
    .py .pyc .js .ts .rb .pl .sh .c .h .json .yml .yaml .toml .ini .cfg .xml .html .htm .css .md .rst .csv .tsv .sql .sqlite3 .db .log
    .pdf .png .jpg .jpeg .gif .svg .ico .webp .doc .docx .xls .xlsx .ppt .pptx .odt .ods .zip .gz .bz2 .xz .7z .tar .tgz .msg .pst .ics .vcf
    """
)
_MBOXES = (".mbox", ".mbx")
# The line that begins a message in an mbox: "From ", a sender, and a time. A sentence that begins so has no time of day in it.
_FROM_LINE = re.compile(rb"^From [^\n]{0,200}?\d{1,2}:\d{2}[^\n]*\r?\n", re.M)


@dataclass(frozen=True)
class MailFile:
    """One message: what to call it, and its bytes, or why it could not be opened."""

    name: str
    raw: bytes
    trouble: str = ""


def messages(paths: list[str]) -> Iterator[MailFile]:
    """Every message under the paths, one after the other; a file is read when its turn comes."""
    for name in paths:
        if name == "-":
            yield MailFile(name, sys.stdin.buffer.read())
        elif Path(name).is_dir():
            for path in sorted(Path(name).rglob("*")):
                if path.is_file() and not path.name.startswith(".") and path.suffix.lower() not in _NO_MESSAGES:
                    yield from _in_file(path)
        else:
            yield from _in_file(Path(name))


def split_mbox(raw: bytes) -> list[bytes]:
    """The messages of an mbox, without the "From " lines between them; a file without such lines is one message."""
    starts = [match for match in _FROM_LINE.finditer(raw) if _begins_a_message(raw, match.start())]
    if not starts:
        return [raw] if raw.strip() else []
    ends = [match.start() for match in starts[1:]] + [len(raw)]
    before = [raw[: starts[0].start()]] if raw[: starts[0].start()].strip() else []
    return before + [raw[start.end() : end].removesuffix(b"\n") for start, end in zip(starts, ends, strict=True)]


def _begins_a_message(raw: bytes, place: int) -> bool:
    return place == 0 or raw[max(0, place - 2) : place] == b"\n\n" or raw[max(0, place - 4) : place] == b"\r\n\r\n"


def _in_file(path: Path) -> Iterator[MailFile]:
    try:
        raw = path.read_bytes()
    except OSError as error:
        yield MailFile(str(path), b"", f"It cannot be opened ({error.strerror}).")
        return
    if path.suffix.lower() in _MBOXES:
        for number, message in enumerate(split_mbox(raw), 1):
            yield MailFile(f"{path}#{number}", message)
    else:
        yield MailFile(str(path), raw)
