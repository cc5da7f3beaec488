"""Excel workbooks, through calamine: every cell as the text a CSV export would hold. Pure."""

import io
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from vetting.roster.importing.archives import PASSWORD
from vetting.roster.importing.tables import NOTHING, Notes, Row, Sheet, heading_row, sheet_of
from vetting.values import BadValue

# An encrypted workbook is an old-style container with this entry; its names are in UTF-16.
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_LOOKED_AT = 30


def read(contents: bytes) -> Sheet:
    """Open the first sheet that holds a table. Raises BadValue."""
    try:
        import python_calamine as calamine
    except ImportError as error:
        raise BadValue(f"This installation cannot read workbooks yet. Open it, save it as CSV and choose that file. {NOTHING}") from error
    if _ENCRYPTED in contents:
        raise BadValue(PASSWORD)
    try:
        book = calamine.load_workbook(io.BytesIO(contents))
        sheets = [book.get_sheet_by_name(meta.name) for meta in book.sheets_metadata if _may_hold_a_list(meta)]
    except calamine.PasswordError as error:
        raise BadValue(PASSWORD) from error
    except (calamine.CalamineError, OSError, ValueError) as error:
        raise BadValue(f"The workbook cannot be read. Open it, save it as CSV and choose that file. {NOTHING}") from error
    filled = [sheet for sheet in sheets if sheet.height]
    if not filled:
        raise BadValue(f"The workbook is empty. {NOTHING}")
    chosen = next((sheet for sheet in filled if _has_headings(sheet)), filled[0])
    notes = Notes()
    if len(filled) > 1:
        notes.whole.append(f"The workbook has {len(filled)} sheets; only “{chosen.name}” was read.")
    _refuse_merged(chosen)
    return sheet_of(_rows(chosen), notes, kind="Excel")


def _may_hold_a_list(meta: Any) -> bool:
    return str(meta.typ).endswith("WorkSheet") and str(meta.visible).endswith("Visible")


def _has_headings(sheet: Any) -> bool:
    sample = []
    for row in _rows(sheet):
        sample.append(row)
        if len(sample) == _LOOKED_AT:
            break
    try:
        heading_row(sample)
    except BadValue:
        return False
    return True


def _refuse_merged(sheet: Any) -> None:
    """Merged cells in a title are harmless; in the table they hide whose cell it is."""
    rows = [row for row, _ in zip(_rows(sheet), range(_LOOKED_AT), strict=False)]
    top = rows[heading_row(rows)][0]
    for (first, _), (last, _) in sheet.merged_cell_ranges or ():
        if last + 1 >= top:
            raise BadValue(
                f"The list has merged cells (row {first + 1}), so it is not certain what belongs to whom. "
                f"Unmerge them or save the list as CSV. {NOTHING}"
            )


def _rows(sheet: Any) -> Iterator[Row]:
    first = (sheet.start or (0, 0))[0]
    for number, cells in enumerate(sheet.iter_rows(), start=first + 1):
        texts = [_text(cell) for cell in cells]
        if any(texts):
            yield number, texts


def _text(cell: Any) -> str:
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "Yes" if cell else "No"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else str(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, (time, timedelta)):
        return ""
    return str(cell)
