"""Which column holds which of the few things we keep. Everything else is dropped at the border and named as dropped. Pure."""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from vetting.values import BadValue


class Field(StrEnum):
    """What is kept of a list; nothing else passes (data protection: only what the check needs)."""

    PUPIL_ID = "pupil_id"
    PUPIL_GIVEN = "pupil_given"
    PUPIL_FAMILY = "pupil_family"
    PUPIL_NAME = "pupil_name"
    YEAR = "year"
    CLASS = "class_name"
    LEAVING = "left_on"
    BORN = "born"
    STATUS = "status"
    CONTACT_ID = "contact_id"
    TITLE = "title"
    GIVEN = "given"
    FAMILY = "family"
    NAME = "name"
    EMAIL = "email"
    RELATIONSHIP = "relationship"
    MARK = "mark"


TITLES: Mapping[Field, str] = {
    Field.PUPIL_ID: "child's number",
    Field.PUPIL_GIVEN: "child's first name",
    Field.PUPIL_FAMILY: "child's surname",
    Field.PUPIL_NAME: "child's name",
    Field.YEAR: "year group",
    Field.CLASS: "class",
    Field.LEAVING: "leaving date",
    Field.BORN: "date of birth: only the day a child turns 13 is kept, from Year 7 on",
    Field.STATUS: "on roll or not: read, not kept",
    Field.CONTACT_ID: "adult's number",
    Field.TITLE: "title",
    Field.GIVEN: "adult's first name",
    Field.FAMILY: "adult's surname",
    Field.NAME: "adult's name",
    Field.EMAIL: "e-mail",
    Field.RELATIONSHIP: "relationship",
    Field.MARK: "mark for the safeguarding lead",
}
OF_THE_ADULT = frozenset(
    {Field.CONTACT_ID, Field.TITLE, Field.GIVEN, Field.FAMILY, Field.NAME, Field.EMAIL, Field.RELATIONSHIP, Field.MARK}
)
_NAMES = frozenset({Field.GIVEN, Field.FAMILY, Field.NAME})
# Read for a moment, not kept as they stand: they are told among the dropped.
_PASSING = frozenset({Field.BORN, Field.STATUS})
MOST_CONTACTS = 8

_PUPIL = r"(?:pupil|student|child|learner|legal|preferred|pupil legal|pupil preferred|student legal|childs|pupils)"
_ADULT = (
    r"(?:contact|parent|guardian|carer|parent carer|parent guardian|adult|contacts|parents|primary contact|legal guardian|"
    r"priority contact|mother|father|mum|dad)"
)
_GIVEN = r"(?:forename|first name|firstname|given name|givenname|forename s|forenames|chosen name|first)"
_FAMILY = r"(?:surname|last name|lastname|family name|familyname|second name|last)"
_NUMBER = r"(?:id|number|no|ref|reference|external id|identifier|code|sourcedid|sis id|person id)"
_FULL = r"(?:name|full name|fullname|display name)"
_MAIL = r"(?:e ?mail|e ?mail address(?:es)?)"
_SIDE = r"(?:(?:pupil|student|child) )?"
_KNOWN: tuple[tuple[re.Pattern[str], Field], ...] = tuple(
    (re.compile(pattern), field)
    for pattern, field in (
        (rf"{_PUPIL} {_NUMBER}|adno|admission (?:number|no)", Field.PUPIL_ID),
        (rf"{_PUPIL} {_GIVEN}", Field.PUPIL_GIVEN),
        (rf"{_PUPIL} {_FAMILY}", Field.PUPIL_FAMILY),
        (rf"{_PUPIL}(?: {_FULL})?", Field.PUPIL_NAME),
        (
            rf"(?:{_SIDE}|nc |curriculum )(?:year|year group|yeargroup|yr|nc year|grade|current year)(?: group| taught in)?",
            Field.YEAR,
        ),
        (rf"{_SIDE}(?:class|class name|reg|reg group|registration (?:group|form)|form|tutor group|form group)", Field.CLASS),
        (rf"{_SIDE}(?:leaving date|date of leaving|leave date|date left|dol|end date|leaver date|left on)", Field.LEAVING),
        (rf"{_SIDE}(?:dob|date of birth|birth date|birthdate|birthday|d o b)", Field.BORN),
        (rf"{_SIDE}(?:enrolment status|enrollment status|on roll|roll status|pupil status|student status|status)", Field.STATUS),
        (rf"{_ADULT} {_NUMBER}", Field.CONTACT_ID),
        (rf"(?:{_ADULT} )?title", Field.TITLE),
        (rf"{_ADULT} {_GIVEN}", Field.GIVEN),
        (rf"{_ADULT} {_FAMILY}", Field.FAMILY),
        (rf"{_ADULT}(?: {_FULL})?", Field.NAME),
        (rf"(?:(?:primary|main|home|personal|work|second(?:ary)?|other|default|{_ADULT}) )*{_MAIL}", Field.EMAIL),
        (rf"(?:{_ADULT} )?(?:relationship|relation)(?: type| to (?:pupil|student|child))?", Field.RELATIONSHIP),
        (
            rf"(?:{_ADULT} )?(?:court order(?: restricted access| restriction| in place)?|(?:access|contact) restrict(?:ed|ion)"
            r"|restrict(?:ed|ion))",
            Field.MARK,
        ),
    )
)
# Headings that say no side: the first is the child's, a second the adult's, unless one side has named its own.
_EITHER: tuple[tuple[re.Pattern[str], Field, Field], ...] = (
    (re.compile(_NUMBER), Field.PUPIL_ID, Field.CONTACT_ID),
    (re.compile(_GIVEN), Field.PUPIL_GIVEN, Field.GIVEN),
    (re.compile(_FAMILY), Field.PUPIL_FAMILY, Field.FAMILY),
    (re.compile(_FULL), Field.PUPIL_NAME, Field.NAME),
)
_SEVERAL_COLUMNS = frozenset({Field.EMAIL})
_RELATIVE = re.compile(r"\b(mother|father|mum|dad)\b")
_SAID_OF = {"mother": "Mother", "mum": "Mother", "father": "Father", "dad": "Father"}
Where = Mapping[Field, tuple[int, ...]]


@dataclass(frozen=True)
class Contact:
    """The columns of one adult in a row, and the relationship their headings state ("Mother's e-mail")."""

    where: Where
    says: str = ""


@dataclass(frozen=True)
class Columns:
    """Which column numbers (from 0) serve each field of the child and of each adult, and which headings were dropped."""

    where: Where
    contacts: tuple[Contact, ...]
    kept: tuple[tuple[str, str], ...]
    dropped: tuple[str, ...]

    @property
    def is_wide(self) -> bool:
        return len(self.contacts) > 1

    def has(self, field: Field) -> bool:
        return field in self.where or any(field in contact.where for contact in self.contacts)

    def as_json(self) -> dict[str, list[int]]:
        """{"pupil_id": [0], "name": [3], "name.2": [5], …}: the second adult's fields carry their number."""
        flat = {field.value: list(columns) for field, columns in self.where.items()}
        for number, contact in enumerate(self.contacts, start=1):
            flat |= {_key(field, number): list(columns) for field, columns in contact.where.items()}
        return flat


def _key(field: Field, number: int) -> str:
    return field.value if number == 1 else f"{field.value}.{number}"


def fingerprint(headings: Sequence[str]) -> str:
    """What a school's export is recognised by from one time to the next: its headings, in order."""
    return hashlib.sha256("\n".join(_plain(heading) for heading in headings).encode()).hexdigest()


def find_columns(headings: Sequence[str], unopened: Iterable[str] = ()) -> Columns:
    """Find the columns by their headings, without help. Raises BadValue naming what is missing."""
    where, contacts = _found(headings)
    return _checked(headings, where, contacts, unopened)


def guess_columns(headings: Sequence[str]) -> dict[str, list[int]]:
    """What the headings say, complete or not: {"name": [3], "name.2": [5], …}."""
    where, contacts = _found(headings)
    return Columns(where, tuple(contacts), (), ()).as_json()


def _found(headings: Sequence[str]) -> tuple[dict[Field, tuple[int, ...]], list[Contact]]:
    where: dict[Field, tuple[int, ...]] = {}
    adults: dict[str, dict[Field, tuple[int, ...]]] = {}
    undecided: list[tuple[int, Field, Field]] = []
    for index, heading in enumerate(headings):
        plain, whose = _without_number(heading)
        field = next((field for pattern, field in _KNOWN if pattern.fullmatch(plain)), None)
        if field in OF_THE_ADULT:
            _take(adults.setdefault(whose, {}), field, index)
        elif field is not None:
            _take(where, field, index)
        else:
            undecided += [(index, child, adult) for pattern, child, adult in _EITHER if pattern.fullmatch(plain)]
    contacts = _contacts(adults)
    _decide(undecided, where, contacts[0] if len(contacts) == 1 else {})
    return where, [Contact(contact, _said_of(contact, adults)) for contact in contacts]


def _said_of(contact: Where, adults: Mapping[str, Where]) -> str:
    """The relationship that the headings of an adult state."""
    whose = next((whose for whose, fields in adults.items() if fields is contact), "")
    return _SAID_OF.get(whose, "")


def _decide(
    undecided: Sequence[tuple[int, Field, Field]], where: dict[Field, tuple[int, ...]], adult: dict[Field, tuple[int, ...]]
) -> None:
    for _, child_field, adult_field in _EITHER:
        sides = [(where, child_field), (adult, adult_field)]
        free = [(side, field) for side, field in sides if not _named(side, field)]
        for (side, field), (index, _, _) in zip(free, [entry for entry in undecided if entry[1] == child_field], strict=False):
            _take(side, field, index)


def _contacts(adults: dict[str, dict[Field, tuple[int, ...]]]) -> list[dict[Field, tuple[int, ...]]]:
    """One adult in a row, or several: several only where more than one of them has a name of their own."""
    named = [whose for whose, fields in adults.items() if fields.keys() & _NAMES]
    if len(named) > 1:
        return [adults[whose] for whose in named][:MOST_CONTACTS]
    single: dict[Field, tuple[int, ...]] = {}
    for fields in adults.values():
        for field, columns in fields.items():
            for index in columns:
                _take(single, field, index)
    if len(named) == 1 and len(adults) > 1:
        adults[named[0]] = single
    return [single]


def _without_number(heading: str) -> tuple[str, str]:
    """A heading without the number of the adult it speaks of, and that number (or mother, father): "Parent 2 e-mail" -> "2"."""
    plain = _plain(heading)
    if found := _RELATIVE.search(plain):
        return plain, found[1]
    number = re.search(r"\d+", plain)
    if number is None:
        repeated = re.search(r"\((\d+)\)$", heading)
        return plain, repeated[1] if repeated else "1"
    return " ".join(re.sub(r"\d+", " ", plain).split()), number[0]


def _numbers(headings: Sequence[str], columns: Sequence[int] | str) -> list[int]:
    """Column numbers as they were chosen; a heading stands for its own."""
    if isinstance(columns, str):
        return [[heading.casefold() for heading in headings].index(columns.strip().casefold())]
    return [int(index) for index in columns]


def given_columns(headings: Sequence[str], mapping: Mapping[str, Sequence[int] | str], unopened: Iterable[str] = ()) -> Columns:
    """A mapping that was remembered or chosen. Raises BadValue where it does not fit these headings."""
    where: dict[Field, tuple[int, ...]] = {}
    adults: dict[int, dict[Field, tuple[int, ...]]] = {}
    try:
        for key, columns in mapping.items():
            name, _, number = key.partition(".")
            field, chosen = Field(name), tuple(_numbers(headings, columns))
            if chosen and field in OF_THE_ADULT:
                adults.setdefault(int(number or 1), {})[field] = chosen
            elif chosen:
                where[field] = chosen
    except (ValueError, TypeError) as error:
        raise BadValue("The chosen columns do not fit this file.") from error
    taken = [index for side in (where, *adults.values()) for columns in side.values() for index in columns]
    if any(not 0 <= index < len(headings) for index in taken) or len(taken) != len(set(taken)):
        raise BadValue("The chosen columns do not fit this file.")
    contacts = []
    for _, fields in sorted(adults.items()):
        found = next((found for columns in fields.values() if (found := _RELATIVE.search(_plain(headings[columns[0]])))), None)
        contacts.append(Contact(fields, _SAID_OF[found[1]] if found and len(adults) > 1 else ""))
    return _checked(headings, where, contacts, unopened)


def _checked(headings: Sequence[str], where: Where, contacts: Sequence[Contact], unopened: Iterable[str]) -> Columns:
    missing = []
    if not where.keys() & {Field.PUPIL_NAME, Field.PUPIL_FAMILY}:
        missing.append("the child's name")
    if not contacts or not all(contact.where.keys() & {Field.NAME, Field.FAMILY} for contact in contacts):
        missing.append("the adult's name")
    if missing:
        raise BadValue(f"No column was found for {' and '.join(missing)}. Nothing was changed. The file has: {', '.join(headings)[:300]}.")
    used = {index: TITLES[field] for field, columns in where.items() if field not in _PASSING for index in columns}
    for number, contact in enumerate(contacts, start=1):
        of_whom = f", {_ordinal(number)} adult" if len(contacts) > 1 else ""
        used |= {index: TITLES[field] + of_whom for field, columns in contact.where.items() for index in columns}
    kept = tuple((headings[index], used[index]) for index in sorted(used))
    dropped = tuple(heading for index, heading in enumerate(headings) if index not in used)
    return Columns(where, tuple(contacts), kept, (*dropped, *unopened))


def _ordinal(number: int) -> str:
    return {1: "first", 2: "second", 3: "third"}.get(number, f"{number}th")


def _take(where: dict[Field, tuple[int, ...]], field: Field, index: int) -> None:
    if field not in where or field in _SEVERAL_COLUMNS:
        where[field] = (*where.get(field, ()), index)


def _named(where: Where, field: Field) -> bool:
    """Whether a field, or the full name that makes it superfluous, has a column already."""
    whole = {Field.PUPIL_GIVEN: Field.PUPIL_NAME, Field.PUPIL_FAMILY: Field.PUPIL_NAME, Field.GIVEN: Field.NAME, Field.FAMILY: Field.NAME}
    return field in where or whole.get(field, field) in where


def _plain(heading: str) -> str:
    words = re.sub(r"\(\d+\)$", "", heading.lower().replace("'s ", " ").replace("’s ", " ").replace("'", "").replace("’", ""))
    words = re.sub(r"([a-z])(\d)", r"\1 \2", re.sub(r"[^a-z0-9]+", " ", words))
    return " ".join(words.split())
