"""One row of a list, cleaned: the few facts we keep, as values. Pure."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple

from vetting.roster.children import year_group, year_number
from vetting.roster.importing.mapping import Columns, Contact, Field
from vetting.roster.importing.names import split_full_name
from vetting.roster.importing.tables import NOTHING, Notes, Sheet
from vetting.values import BadValue, MailAddress

_NO = frozenset({"", "no", "n", "f", "false", "0", "✗", "✘", "☐", "-", "–", "none", "off"})
# Contacts a school holds who are not family: they are known people, but the list alone gives them no reason to follow.
_NOT_FAMILY = re.compile(
    r"social worker|doctor|\bgp\b|health|nurse|aide|proctor|teacher|agency|local authority|emergency|neighbour|at the school", re.I
)
# Whole words of a status; who "is not left" or "current" beside one of them is on roll: nobody is missing because of a remark.
_NOT_ON_ROLL = re.compile(
    r"(?:not|no longer) (?:on roll|current|active)|(?<!not )(?<!not a )(?<!not an )\b(?:"
    r"applicants?|applied|application|pre ?admissions?|future|enquir(?:y|er|ed|ies)|offer(?:ed|s)?|"
    r"leavers?|left|former|off roll|inactive|withdrawn|tobedeleted)\b"
)
_ON_ROLL = re.compile(r"\b(?:on roll|current|active|enrolled)\b")
_DAY_FIRST = re.compile(r"(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4}|\d{2})(?: .*)?")
_YEAR_FIRST = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[ T].*)?")
_SERIAL = re.compile(r"\d{5}(?:\.\d+)?")
# Day 0 of a spreadsheet's count, which believes 1900 to have been a leap year.
_DAY_ZERO = date(1899, 12, 30)
_LONGEST_CELL = 1000
# Twitter lets nobody under 13 in; younger classes' birthdays are of no use to anybody here.
_FIRST_YEAR_OF_INTEREST, _OLD_ENOUGH = 7, 13
_HELD_CELLS = 50_000
_PLAIN_ADDRESS = re.compile(r"[a-z0-9][a-z0-9._+\-]*@[a-z0-9]+(?:[.\-][a-z0-9]+)*\.[a-z]+")
_LONGEST_ADDRESS = 254
_NO_PUPIL: tuple[Any, ...] = ("", "", "", "", "", None, None)
_NO_ADULT: tuple[Any, ...] = ("", "", "", "", (), "")


class FileIsBroken(BadValue):
    """Not one row is wrong but the file."""


class ListedRow(NamedTuple):
    """One adult and one child as a line of the list names them.

    Where one of the two could not be read the other stands alone: nobody is missing because of a name that could not be read.
    `mark` is None where the list has no column for marks: it says nothing of any.
    """

    line: int
    pupil_id: str
    pupil_given: str
    pupil_family: str
    year: str
    class_name: str
    left_on: date | None
    thirteen_on: date | None
    contact_id: str
    title: str
    given: str
    family: str
    addresses: tuple[str, ...]
    relationship: str
    mark: bool | None

    @property
    def names_both(self) -> bool:
        return bool((self.given or self.family) and (self.pupil_given or self.pupil_family))

    def as_json(self) -> list[Any]:
        days = [day.isoformat() if day else None for day in (self.left_on, self.thirteen_on)]
        return [*self[:6], *days, *self[8:]]

    @classmethod
    def from_json(cls, data: Sequence[Any]) -> "ListedRow":
        days = [date.fromisoformat(day) if day else None for day in data[6:8]]
        return cls._make((*data[:6], *days, *data[8:12], tuple(data[12]), *data[13:]))


def is_family(relationship: str) -> bool:
    return not (relationship and _NOT_FAMILY.search(relationship))


@dataclass
class RowCount:
    """What the checks compare with the last list: complete when the rows have been read."""

    read: int = 0
    left_out: int = 0
    listed: int = 0
    without_mail: int = 0
    without_year: int = 0
    not_on_roll: int = 0


def read_rows(sheet: Sheet, columns: Columns, count: RowCount | None = None) -> Iterator[ListedRow]:
    """Every child and adult that a row names, cleaned; the sheet's notes say what could not be used.

    Raises:
        BadValue: when the rows have been read and not one of them could be used.
    """
    count = count if count is not None else RowCount()
    reader = _RowReader(columns, sheet.notes)
    for line, cells in sheet.rows:
        count.read += 1
        if reader.is_off_roll(cells):
            count.not_on_roll += 1
            continue
        whole = False
        for row in reader.rows(line, cells):
            if row.names_both:
                whole = True
                count.listed += 1
                count.without_mail += not row.addresses
                count.without_year += not row.year
            yield row
        count.left_out += not whole
    if count.not_on_roll:
        rows = "row is of a child who is" if count.not_on_roll == 1 else "rows are of children who are"
        sheet.notes.whole.append(f"{count.not_on_roll} {rows} not on roll (an applicant, a leaver): left out.")
    if not count.listed:
        raise BadValue(f"No row of the file names both a child and an adult. {NOTHING}")


_made = ListedRow._make


class _Cleaned(dict[str, str]):
    """Cells with their spaces put in order. What stands in many cells is cleaned, and kept, once."""

    def __missing__(self, text: str) -> str:
        if len(text) > _LONGEST_CELL:
            raise FileIsBroken(
                f"A cell holds {len(text):,} characters where a name or an address belongs. Export the list once more. {NOTHING}"
            )
        clean = " ".join((_formula_text(text) if text.startswith("=") and len(text) > 1 else text).split())
        if len(self) >= _HELD_CELLS:
            self.clear()
        self[text] = clean = text if clean == text else clean
        return clean


def says_off_roll(status: str) -> bool:
    """Whether a status is that of a child who is not at the school: not yet, or no more."""
    words = " ".join(re.findall(r"[a-z0-9]+", status.lower()))
    rest, found = _NOT_ON_ROLL.subn("", words)
    return found > 0 and not _ON_ROLL.search(rest)


class _OffRoll(dict[str, bool]):
    """A school has few statuses; each is looked at once."""

    def __missing__(self, status: str) -> bool:
        self[status] = found = says_off_roll(status)
        return found


class _RowReader:
    """Cleans rows of one layout."""

    def __init__(self, columns: Columns, notes: Notes) -> None:
        self._columns = columns
        self._notes = notes
        self._cleaned = _Cleaned()
        self._pupil = {field: where[0] for field, where in columns.where.items()}
        self._adults = [({field: where[0] for field, where in contact.where.items()}, contact) for contact in columns.contacts]
        self._off_roll = _OffRoll()
        self._years: dict[str, str] = {}
        self._numbers: dict[str, int | None] = {}
        self._days: dict[str, date | None] = {}

    def is_off_roll(self, cells: Sequence[str]) -> bool:
        index = self._pupil.get(Field.STATUS)
        return index is not None and self._off_roll[cells[index]]

    def rows(self, line: int, cells: Sequence[str]) -> Iterator[ListedRow]:
        try:
            of_pupil = self._of_pupil(line, cells)
        except FileIsBroken:
            raise
        except BadValue as error:
            self._notes.left_out(line, error.sentence)
            yield from self._adults_alone(line, cells)
            return
        empty = 0
        for where, contact in self._adults:
            if self._columns.is_wide and not any(cells[one] for one in where.values()):
                empty += 1
                continue
            try:
                yield _made((*of_pupil, *self._of_adult(line, cells, where, contact)))
            except FileIsBroken:
                raise
            except BadValue as error:
                self._notes.left_out(line, error.sentence)
                yield _made((*of_pupil, *_NO_ADULT, self._mark_alone(cells, where)))
        if empty == len(self._adults):
            self._notes.left_out(line, "no adult is named.")
            yield _made((*of_pupil, *_NO_ADULT, None))

    def _adults_alone(self, line: int, cells: Sequence[str]) -> Iterator[ListedRow]:
        """The adults of a row whose child could not be read: somebody whom the list names is not missing from it."""
        for where, contact in self._adults:
            try:
                yield _made((line, *_NO_PUPIL, *self._of_adult(line, cells, where, contact)))
            except FileIsBroken:
                raise
            except BadValue:
                # Nothing of the row is left but that somebody is marked.
                if self._mark_alone(cells, where):
                    yield _made((line, *_NO_PUPIL, *_NO_ADULT, True))

    def _of_pupil(self, line: int, cells: Sequence[str]) -> tuple[Any, ...]:
        where, clean = self._pupil, self._cleaned
        names = self._name(cells, where, (Field.PUPIL_GIVEN, Field.PUPIL_FAMILY, Field.PUPIL_NAME), "child")
        year = self._year(clean[cells[where[Field.YEAR]]]) if Field.YEAR in where else ""
        return (
            line,
            clean[cells[where[Field.PUPIL_ID]]][:60] if Field.PUPIL_ID in where else "",
            names[1],
            names[2],
            year,
            clean[cells[where[Field.CLASS]]][:40] if Field.CLASS in where else "",
            self._day(clean[cells[where[Field.LEAVING]]], line, "the leaving date") if Field.LEAVING in where else None,
            self._thirteen(cells, year, line) if Field.BORN in where else None,
        )

    def _of_adult(self, line: int, cells: Sequence[str], where: dict[Field, int], contact: Contact) -> tuple[Any, ...]:
        clean = self._cleaned
        title, given, family = self._name(cells, where, (Field.GIVEN, Field.FAMILY, Field.NAME), "adult")
        return (
            clean[cells[where[Field.CONTACT_ID]]][:60] if Field.CONTACT_ID in where else "",
            (clean[cells[where[Field.TITLE]]][:20] if Field.TITLE in where else "") or title,
            given,
            family,
            self._addresses(cells, contact, line) if Field.EMAIL in where else (),
            (clean[cells[where[Field.RELATIONSHIP]]][:60] if Field.RELATIONSHIP in where else "") or contact.says,
            self._is_marked(clean[cells[where[Field.MARK]]]) if Field.MARK in where else None,
        )

    def _mark_alone(self, cells: Sequence[str], where: dict[Field, int]) -> bool:
        """Whether an adult whose name could not be read is marked."""
        try:
            return Field.MARK in where and self._is_marked(self._cleaned[cells[where[Field.MARK]]])
        except FileIsBroken:
            raise
        except BadValue:
            return True  # what cannot be read may be a mark

    def _name(self, cells: Sequence[str], where: dict[Field, int], fields: tuple[Field, Field, Field], whose: str) -> tuple[str, str, str]:
        clean = self._cleaned
        given = clean[cells[where[fields[0]]]] if fields[0] in where else ""
        family = clean[cells[where[fields[1]]]] if fields[1] in where else ""
        if family or given:
            return "", given[:100], family[:100]
        full = clean[cells[where[fields[2]]]] if fields[2] in where else ""
        if not full:
            raise BadValue(f"the {whose}'s name is empty.")
        name = split_full_name(full[:200])
        return name.title, name.given[:100], name.family[:100]

    def _year(self, text: str) -> str:
        found = self._years.get(text)
        if found is None:
            found = self._years[text] = year_group(text)
        return found

    def _addresses(self, cells: Sequence[str], contact: Contact, line: int) -> tuple[str, ...]:
        texts = [cells[index] for index in contact.where.get(Field.EMAIL, ()) if cells[index]]
        if not texts:
            return ()
        if len(texts) == 1 and (plain := _plain_address(texts[0])):
            return (plain,)
        found: list[str] = []
        for part in _parts(texts):
            try:
                address = MailAddress.parse(part).value
            except BadValue:
                self._notes.add(line, "the e-mail is not an address; it was left out.")
                continue
            if address not in found:
                found.append(address)
        return tuple(found)

    def _day(self, text: str, line: int, what: str) -> date | None:
        """A date, day first as schools write it, or a spreadsheet's day number. What cannot be read counts as no date."""
        if not text:
            return None
        if text not in self._days:
            self._days[text] = read_day(text)
        day = self._days[text]
        if day is None:
            self._notes.add(line, f"{what} could not be read; it was left out.")
        return day

    def _thirteen(self, cells: Sequence[str], year: str, line: int) -> date | None:
        """The day a child turns 13; nothing for the younger classes, whose birthdays are not looked at."""
        if year not in self._numbers:
            self._numbers[year] = year_number(year)
        number = self._numbers[year]
        if number is None or number < _FIRST_YEAR_OF_INTEREST:
            return None
        born = self._day(cells[self._pupil[Field.BORN]].strip(), line, "a date of birth")
        if born is not None and born.year > date.max.year - _OLD_ENOUGH:
            self._notes.add(line, "a date of birth cannot be right; it was left out.")
            return None
        return None if born is None else _years_later(born, _OLD_ENOUGH)

    def _is_marked(self, text: str) -> bool:
        """Whether a tick is set. Words that are neither yes nor no count as set: stop and ask is the safe side.

        No note of it: whoever loads the list is told nothing of marks.
        """
        return text.lower() not in _NO


def _plain_address(text: str) -> str:
    """One address and nothing else, as nearly every cell holds it; empty for whatever needs a closer look."""
    value = text.strip().lower()
    return value if len(value) <= _LONGEST_ADDRESS and _PLAIN_ADDRESS.fullmatch(value) else ""


def _parts(texts: Sequence[str]) -> Iterator[str]:
    for text in texts:
        yield from (part for part in re.split(r"[;,\s]+", text) if part)


def _formula_text(text: str) -> str:
    """="0123" is how some programs keep a leading nought; any other formula is nobody's name."""
    if found := re.fullmatch(r'="([^"]*)"', text):
        return found[1]
    raise BadValue("a cell holds a formula.")


def read_day(text: str) -> date | None:
    """A date as schools write it (day first), as computers do, or as a spreadsheet counts days; None for anything else."""
    try:
        if found := _DAY_FIRST.fullmatch(text):
            return date(int(found[3]) + (2000 if len(found[3]) == 2 else 0), int(found[2]), int(found[1]))
        if found := _YEAR_FIRST.fullmatch(text):
            return date(int(found[1]), int(found[2]), int(found[3]))
        if _SERIAL.fullmatch(text):
            return _DAY_ZERO + timedelta(days=int(float(text)))
    except ValueError:
        return None
    return None


def _years_later(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # 29 February
        return date(day.year + years, 3, 1)
