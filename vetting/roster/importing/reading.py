"""Bytes of an uploaded file -> a table of text, read row by row. Tolerant of how schools export, clear about what is not a list. Pure."""

from vetting.roster.importing import archives, oneroster, text, workbooks
from vetting.roster.importing.tables import NOTHING, Sheet, sheet_of
from vetting.values import BadValue

__all__ = ["MAX_BYTES", "Sheet", "read_sheet"]

MAX_BYTES = 64 * 1024 * 1024
_OLD_OFFICE = b"\xd0\xcf\x11\xe0"


def read_sheet(contents: bytes) -> Sheet:
    """Open a CSV file, a workbook or a OneRoster zip in any of the shapes schools' systems write.

    Title rows above the headings, blank rows, repeated headings and a "Total" row below are left out; every liberty taken is a note.

    Raises:
        BadValue: with a sentence that says what the file is instead and what to do; also while the rows are read.
    """
    if not contents.strip():
        raise BadValue(f"The file is empty. {NOTHING}")
    if len(contents) > MAX_BYTES:
        raise BadValue(f"The file is larger than {MAX_BYTES // 1024 // 1024} MB. Choose a list of contacts only. {NOTHING}")
    if contents.startswith(b"%PDF"):
        raise BadValue(f"This is a PDF. Export the list as CSV. {NOTHING}")
    if contents.startswith(b"PK"):
        archive = archives.open_archive(contents)
        if archives.is_workbook(archive):
            archives.refuse_formulas(archive)
            return workbooks.read(contents)
        return sheet_of(*oneroster.read(archive), kind="OneRoster")
    if contents.startswith(_OLD_OFFICE):
        return workbooks.read(contents)
    return text.read(contents)
