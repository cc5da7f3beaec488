"""Zip files, looked at before anything is unpacked: how large they would become, whether they are locked, what they hold. Pure."""

import io
import lzma
import zipfile
import zlib
from collections.abc import Iterator

from vetting.roster.importing.tables import NOTHING
from vetting.values import BadValue

MOST_UNPACKED = 256 * 1024 * 1024
MOST_TIMES = 200
MOST_ENTRIES = 2000
_CHUNK = 256 * 1024
# What reading an entry raises: damaged data, data packed in a way this cannot read, data that is locked (a plain RuntimeError).
_UNREADABLE = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, NotImplementedError, RuntimeError, EOFError, OSError, ValueError)
PASSWORD = f"The file is protected by a password. Save it without one and choose that file. {NOTHING}"


def open_archive(contents: bytes) -> zipfile.ZipFile:
    """Raises BadValue for an archive that is damaged, locked, or would unpack to something enormous."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(contents))
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        raise BadValue(
            f"The workbook or zip file is damaged: the download may have been cut short. Download it again. {NOTHING}"
        ) from error
    entries = archive.infolist()
    if any(entry.flag_bits & 1 for entry in entries):
        raise BadValue(PASSWORD)
    unpacked = sum(entry.file_size for entry in entries)
    if len(entries) > MOST_ENTRIES or unpacked > MOST_UNPACKED or unpacked > MOST_TIMES * max(len(contents), 1024):
        raise BadValue(f"The file would unpack to something enormous; it is no list of contacts. Export the list as CSV. {NOTHING}")
    return archive


def is_workbook(archive: zipfile.ZipFile) -> bool:
    return any(name.startswith("xl/") for name in archive.namelist())


def refuse_formulas(archive: zipfile.ZipFile) -> None:
    """Raises BadValue where a cell of the workbook is calculated: what it shows is not what it holds.

    Every part is unpacked once on the way, so that one that is larger than the archive says is found out here.
    """
    for entry in archive.infolist():
        is_sheet = entry.filename.startswith("xl/worksheets/")
        tail = b""
        for chunk in chunks_of(archive, entry.filename):
            if not is_sheet:
                continue
            if b"<f>" in tail + chunk or b"<f " in tail + chunk or b"<f/>" in tail + chunk:
                raise BadValue(
                    "The workbook calculates some of its cells. Copy the list, paste it as values (or save it as CSV) "
                    f"and choose that file. {NOTHING}"
                )
            tail = chunk[-4:]


def chunks_of(archive: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    """An entry, unpacked piece by piece. Raises BadValue where it cannot be."""
    try:
        with archive.open(name) as part:
            while chunk := part.read(_CHUNK):
                yield chunk
    except _UNREADABLE as error:
        raise BadValue(
            f"“{name}” inside the file is damaged or packed in a way that cannot be read here. "
            f"Download it again, or save the list as CSV. {NOTHING}"
        ) from error
