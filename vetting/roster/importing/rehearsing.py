"""From an uploaded file to what would change: the pure steps in order, over one school's register."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from vetting.roster.importing.applying import load_register
from vetting.roster.importing.checks import rehearsal, stop_sentence, warnings_of
from vetting.roster.importing.comparing import Comparison, compare
from vetting.roster.importing.mapping import Columns, find_columns, fingerprint, given_columns
from vetting.roster.importing.reading import read_sheet
from vetting.roster.importing.rows import ListedRow, read_rows
from vetting.roster.models import RosterImport
from vetting.school.models import School

_OTHER_HEADINGS = "The headings differ from the last list. Look at the columns before you apply it."


@dataclass(frozen=True)
class FileRead:
    """What was kept of a file."""

    rows: list[ListedRow]
    columns: Columns
    fingerprint: str
    warnings: list[str]


@dataclass(frozen=True)
class Outlook:
    """What applying the rows would do now."""

    comparison: Comparison
    summary: dict[str, Any]
    stopped_because: str
    warnings: list[str]


def read_file(school: School, contents: bytes, mapping: Mapping[str, Sequence[int]] | None) -> FileRead:
    """Read what is kept of a file; the columns of a list with the same headings are remembered.

    Raises BadValue with a sentence for whatever is not a list of contacts.
    """
    sheet = read_sheet(contents)
    print_of_headings = fingerprint(sheet.headings)
    applied = RosterImport.objects.filter(school=school, applied_at__isnull=False).order_by("-applied_at")
    known = applied.filter(heading_fingerprint=print_of_headings).first()
    chosen = mapping or (known.mapping if known else None)
    columns = given_columns(sheet.headings, chosen) if chosen else find_columns(sheet.headings)
    rows, notes = read_rows(sheet, columns)
    warnings = [*sheet.warnings, *notes]
    if known is None and mapping is None and applied.exists():
        warnings.insert(0, _OTHER_HEADINGS)
    return FileRead(rows, columns, print_of_headings, warnings)


def look_ahead(school: School, rows: Sequence[ListedRow], kind: str, on: date) -> Outlook:
    """Compare with the register as it stands; nothing is written."""
    register = load_register(school, on)
    complete = kind == RosterImport.Kind.COMPLETE
    comparison = compare(rows, register, complete=complete)
    stopped = stop_sentence(comparison, register) if complete else ""
    return Outlook(comparison, rehearsal(comparison, register, rows), stopped, warnings_of(comparison))


def likeness(summary: Mapping[str, Any]) -> str:
    """What two rehearsals with the same outcome have in common."""
    lists = {name: summary[name] for name in ("new", "changed", "needs_you", "marks", "changes")}
    return hashlib.sha256(json.dumps(lists, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
