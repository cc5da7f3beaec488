"""One row of a list, cleaned: the few facts we keep, as values. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any

from vetting.roster.children import year_group
from vetting.roster.importing.mapping import Columns, Field
from vetting.roster.importing.names import split_full_name
from vetting.roster.importing.reading import Sheet
from vetting.values import BadValue, MailAddress

_YES = frozenset({"yes", "y", "t", "true", "1", "x", "✓", "✔", "on"})
_NO = frozenset({"", "no", "n", "f", "false", "0", "✗", "✘", "-", "–", "none", "off"})
# Contacts a school holds who are not family: they are known people, but the list alone gives them no reason to follow.
_NOT_FAMILY = re.compile(r"social worker|doctor|\bgp\b|health|nurse|aide|proctor|teacher|agency|local authority|emergency|neighbour", re.I)
_DAY_FIRST = re.compile(r"(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4})(?: .*)?")
_YEAR_FIRST = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[ T].*)?")
_SERIAL = re.compile(r"\d{5}")
# Day 0 of a spreadsheet's count, which believes 1900 to have been a leap year.
_DAY_ZERO = date(1899, 12, 30)


@dataclass(frozen=True)
class ListedRow:
    """One adult and one child as a line of the list names them."""

    line: int
    pupil_id: str
    pupil_given: str
    pupil_family: str
    year: str
    class_name: str
    left_on: date | None
    contact_id: str
    title: str
    given: str
    family: str
    addresses: tuple[str, ...]
    relationship: str
    mark: bool

    @property
    def is_family(self) -> bool:
        return not _NOT_FAMILY.search(self.relationship)

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "left_on": self.left_on.isoformat() if self.left_on else None, "addresses": list(self.addresses)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "ListedRow":
        left_on = date.fromisoformat(data["left_on"]) if data["left_on"] else None
        return cls(**{**data, "left_on": left_on, "addresses": tuple(data["addresses"])})


def read_rows(sheet: Sheet, columns: Columns) -> tuple[list[ListedRow], list[str]]:
    """Every row that names a child and an adult, and a warning for each cell or row that could not be used."""
    rows, warnings = [], []
    for line, cells in zip(sheet.lines, sheet.rows, strict=True):
        try:
            row, notes = _read_row(line, cells, columns)
        except BadValue as error:
            warnings.append(f"Line {line} was left out: {error.sentence}")
            continue
        rows.append(row)
        warnings += notes
    if not rows:
        raise BadValue("No row of the file names both a child and an adult. Nothing was changed.")
    return rows, warnings


def _read_row(line: int, cells: Sequence[str], columns: Columns) -> tuple[ListedRow, list[str]]:
    def cell(field: Field) -> str:
        where = columns.where.get(field)
        return cells[where[0]] if where else ""

    notes: list[str] = []
    pupil_given, pupil_family = _name(cell(Field.PUPIL_GIVEN), cell(Field.PUPIL_FAMILY), cell(Field.PUPIL_NAME), "child")[1:]
    title, given, family = _name(cell(Field.GIVEN), cell(Field.FAMILY), cell(Field.NAME), "adult")
    addresses = _addresses([cells[index] for index in columns.where.get(Field.EMAIL, ())], line, notes)
    return ListedRow(
        line=line,
        pupil_id=cell(Field.PUPIL_ID)[:60],
        pupil_given=pupil_given[:100],
        pupil_family=pupil_family[:100],
        year=year_group(cell(Field.YEAR)),
        class_name=cell(Field.CLASS)[:40],
        left_on=_day(cell(Field.LEAVING), line, notes),
        contact_id=cell(Field.CONTACT_ID)[:60],
        title=(cell(Field.TITLE) or title)[:20],
        given=given[:100],
        family=family[:100],
        addresses=addresses,
        relationship=cell(Field.RELATIONSHIP)[:60],
        mark=_is_yes(cell(Field.MARK), line, notes),
    ), notes


def _name(given: str, family: str, full: str, whose: str) -> tuple[str, str, str]:
    if given or family:
        return "", given, family
    if not full:
        raise BadValue(f"the {whose}'s name is empty.")
    name = split_full_name(full)
    return name.title, name.given, name.family


def _addresses(cells: Sequence[str], line: int, notes: list[str]) -> tuple[str, ...]:
    found: list[str] = []
    for text in (part for cell in cells for part in re.split(r"[;,\s]+", cell) if part):
        try:
            address = MailAddress.parse(text).value
        except BadValue:
            notes.append(f"Line {line}: the e-mail is not an address; it was left out.")
            continue
        if address not in found:
            found.append(address)
    return tuple(found)


def _day(text: str, line: int, notes: list[str]) -> date | None:
    """A date, day first as schools write it, or a spreadsheet's day number. What cannot be read counts as no date."""
    if not text:
        return None
    try:
        if found := _DAY_FIRST.fullmatch(text):
            return date(int(found[3]), int(found[2]), int(found[1]))
        if found := _YEAR_FIRST.fullmatch(text):
            return date(int(found[1]), int(found[2]), int(found[3]))
        if _SERIAL.fullmatch(text):
            return _DAY_ZERO + timedelta(days=int(text))
    except ValueError:
        pass
    notes.append(f"Line {line}: the leaving date could not be read; it was left out.")
    return None


def _is_yes(text: str, line: int, notes: list[str]) -> bool:
    """Whether a tick is set. Words that are neither yes nor no count as set: stop and ask is the safe side."""
    clean = text.strip().lower()
    if clean in _NO:
        return False
    if clean not in _YES:
        notes.append(f"Line {line}: a mark is written in words; it goes to the safeguarding lead.")
    return True
