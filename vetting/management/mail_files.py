"""Messages in files: .eml, .mbox, folders, standard input."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from vetting.intake.mailbox.upload import Form, GivenFile
from vetting.intake.parsing.vocabulary import words

# In a folder, what surely is no message is passed over; anything else may be one, whatever its name.
_NO_MESSAGES = words(
    """
    .py .pyc .js .ts .rb .pl .sh .c .h .json .yml .yaml .toml .ini .cfg .xml .html .htm .css .md .rst .csv .tsv .sql .sqlite3 .db .log
    .pdf .png .jpg .jpeg .gif .svg .ico .webp .doc .docx .xls .xlsx .ppt .pptx .odt .ods .zip .gz .bz2 .xz .7z .tar .tgz .msg .pst .ics .vcf
    """
)
_MBOXES = (".mbox", ".mbx")


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


def _in_file(path: Path) -> Iterator[MailFile]:
    try:
        with path.open("rb") as file:
            if path.suffix.lower() not in _MBOXES:
                yield MailFile(str(path), file.read())
                return
            box = GivenFile(path.name, file, form=Form.MBOX)
            numbers = box.uids(above=0)
            for mail in box.fetch(numbers):
                yield MailFile(f"{path}#{mail.uid}", mail.raw)
            # A message somebody saved under such a name is one all the same.
            file.seek(0)
            if not numbers and (raw := file.read()).strip():
                yield MailFile(f"{path}#1", raw)
    except OSError as error:
        yield MailFile(str(path), b"", f"It cannot be opened ({error.strerror}).")
