"""Files in which lists come: workbooks and OneRoster zips, written here cell by cell."""

import io
import struct
import zipfile
from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape

_TYPES = (
    '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Override PartName="/xl/workbook.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>'
)
_RELS = '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{}</Relationships>'
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
Cell = str | int | bool | None


def a_workbook(*sheets: Sequence[Sequence[Cell]], formula: str = "", merged: str = "") -> bytes:
    """An .xlsx with these sheets; `formula` stands in the last cell of the first, `merged` is a range of it."""
    names = [f"Sheet{number}" for number in range(1, len(sheets) + 1)]
    links = "".join(
        f'<Relationship Id="r{n}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{n}.xml"/>' for n in range(1, len(sheets) + 1)
    )
    book = "".join(f'<sheet name="{name}" sheetId="{n}" r:id="r{n}"/>' for n, name in enumerate(names, start=1))
    parts = {
        "[Content_Types].xml": _TYPES,
        "_rels/.rels": _RELS.format(f'<Relationship Id="r1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/>'),
        "xl/_rels/workbook.xml.rels": _RELS.format(links),
        "xl/workbook.xml": f'<?xml version="1.0"?><workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{book}</sheets></workbook>',
    }
    for number, rows in enumerate(sheets, start=1):
        calculated = formula if number == 1 else ""
        cells = "".join(_row(at, row, calculated if row is rows[-1] else "") for at, row in enumerate(rows, start=1))
        joined = f'<mergeCells count="1"><mergeCell ref="{merged}"/></mergeCells>' if merged and number == 1 else ""
        parts[f"xl/worksheets/sheet{number}.xml"] = (
            f'<?xml version="1.0"?><worksheet xmlns="{_MAIN}"><sheetData>{cells}</sheetData>{joined}</worksheet>'
        )
    return a_zip({name: text.encode() for name, text in parts.items()})


def _row(number: int, cells: Sequence[Cell], formula: str) -> str:
    written = [_cell(f"{chr(65 + column)}{number}", cell) for column, cell in enumerate(cells)]
    if formula:
        written[-1] = f'<c r="{chr(64 + len(cells))}{number}" t="str"><f>{escape(formula)}</f><v>shown</v></c>'
    return f'<row r="{number}">{"".join(written)}</row>'


def _cell(at: str, cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return f'<c r="{at}" t="b"><v>{int(cell)}</v></c>'
    if isinstance(cell, int):
        return f'<c r="{at}"><v>{cell}</v></c>'
    return f'<c r="{at}" t="inlineStr"><is><t>{escape(cell)}</t></is></c>'


def a_zip(parts: Mapping[str, bytes], *, packed: int = zipfile.ZIP_DEFLATED) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", packed) as archive:
        for name, contents in parts.items():
            archive.writestr(name, contents)
    return held.getvalue()


def packed_otherwise(contents: bytes, packed: int) -> bytes:
    """The same workbook, packed in another way than spreadsheets do."""
    with zipfile.ZipFile(io.BytesIO(contents)) as archive:
        return a_zip({name: archive.read(name) for name in archive.namelist()}, packed=packed)


def damaged(contents: bytes) -> bytes:
    """An archive whose directory is whole while the data of its last entry are not."""
    with zipfile.ZipFile(io.BytesIO(contents)) as archive:
        last = archive.infolist()[-1]
    begin = last.header_offset + 30 + len(last.filename)
    return contents[:begin] + b"\xff" * last.compress_size + contents[begin + last.compress_size :]


def said_to_be_packed_by(contents: bytes, method: int, *, flags: int = 0) -> bytes:
    """An archive that says of every entry how it is packed (97: a way for sound) and whether it is locked (64: strongly)."""
    changed = bytearray(contents)
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        begin = contents.find(mark)
        while begin >= 0:
            changed[begin + at : begin + at + 4] = struct.pack("<HH", flags, method)
            begin = contents.find(mark, begin + 4)
    return bytes(changed)


def a_oneroster(users: str, *, manifest: str = "file.users,bulk", **others: str) -> bytes:
    """A OneRoster zip with users.csv and a manifest that says so; further files by name."""
    parts = {"manifest.csv": f"propertyName,value\r\nmanifest.version,1.0\r\n{manifest}\r\n", "users.csv": users}
    return a_zip({name: text.encode() for name, text in (parts | {f"{name}.csv": text for name, text in others.items()}).items()})
