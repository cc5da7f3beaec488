"""Which column holds which of the few things we keep. Everything else is dropped at the border and named as dropped. Pure."""

import hashlib
import re
from collections.abc import Mapping, Sequence
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
    Field.CONTACT_ID: "adult's number",
    Field.TITLE: "title",
    Field.GIVEN: "adult's first name",
    Field.FAMILY: "adult's surname",
    Field.NAME: "adult's name",
    Field.EMAIL: "e-mail",
    Field.RELATIONSHIP: "relationship",
    Field.MARK: "mark for the safeguarding lead",
}

_PUPIL = r"(?:pupil|student|child|learner|legal|preferred|pupil legal|pupil preferred|student legal|childs|pupils)"
_ADULT = r"(?:contact|parent|guardian|carer|parent carer|parent guardian|adult|contacts|parents|primary contact|legal guardian)"
_GIVEN = r"(?:forename|first name|firstname|given name|forename s|chosen name)"
_FAMILY = r"(?:surname|last name|lastname|family name|second name)"
_NUMBER = r"(?:id|number|no|ref|reference|external id|identifier|code|sourcedid|sis id)"
_FULL = r"(?:name|full name|fullname|display name)"
_MAIL = r"(?:e ?mail|e ?mail address(?:es)?)(?: [12])?"
_KNOWN: tuple[tuple[re.Pattern[str], Field], ...] = tuple(
    (re.compile(pattern), field)
    for pattern, field in (
        (rf"{_PUPIL} {_NUMBER}|adno|admission (?:number|no)", Field.PUPIL_ID),
        (rf"{_PUPIL} {_GIVEN}", Field.PUPIL_GIVEN),
        (rf"{_PUPIL} {_FAMILY}", Field.PUPIL_FAMILY),
        (rf"{_PUPIL}(?: {_FULL})?", Field.PUPIL_NAME),
        (r"(?:(?:pupil|student|child|nc|curriculum) )?(?:year|year group|yeargroup|yr|nc year|grade)(?: group| taught in)?", Field.YEAR),
        (
            r"(?:(?:pupil|student|child) )?(?:class|class name|reg|reg group|registration (?:group|form)|form|tutor group|form group)",
            Field.CLASS,
        ),
        (
            r"(?:(?:pupil|student|child) )?(?:leaving date|date of leaving|leave date|date left|dol|end date|leaver date|left on)",
            Field.LEAVING,
        ),
        (rf"{_ADULT} {_NUMBER}", Field.CONTACT_ID),
        (rf"(?:{_ADULT} )?title", Field.TITLE),
        (rf"{_ADULT} {_GIVEN}", Field.GIVEN),
        (rf"{_ADULT} {_FAMILY}", Field.FAMILY),
        (rf"{_ADULT}(?: {_FULL})?", Field.NAME),
        (rf"(?:(?:primary|main|home|personal|work|second(?:ary)?|other|default|{_ADULT}) )*{_MAIL}", Field.EMAIL),
        (rf"(?:{_ADULT} )?(?:relationship|relation)(?: type| to (?:pupil|student|child))?", Field.RELATIONSHIP),
        (r"court order(?: restricted access| restriction| in place)?|(?:access|contact) restrict(?:ed|ion)|restrict(?:ed|ion)", Field.MARK),
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


@dataclass(frozen=True)
class Columns:
    """Which column numbers (from 0) serve each field, and which headings were dropped."""

    where: Mapping[Field, tuple[int, ...]]
    kept: tuple[tuple[str, str], ...]
    dropped: tuple[str, ...]

    def as_json(self) -> dict[str, list[int]]:
        return {field.value: list(columns) for field, columns in self.where.items()}


def fingerprint(headings: Sequence[str]) -> str:
    """What a school's export is recognised by from one time to the next: its headings, in order."""
    return hashlib.sha256("\n".join(_plain(heading) for heading in headings).encode()).hexdigest()


def find_columns(headings: Sequence[str]) -> Columns:
    """Find the columns by their headings, without help. Raises BadValue naming what is missing."""
    where: dict[Field, tuple[int, ...]] = {}
    undecided: list[tuple[int, Field, Field]] = []
    for index, heading in enumerate(headings):
        plain = _plain(heading)
        field = next((field for pattern, field in _KNOWN if pattern.fullmatch(plain)), None)
        if field is not None:
            _take(where, field, index)
            continue
        undecided += [(index, child, adult) for pattern, child, adult in _EITHER if pattern.fullmatch(plain)]
    for _, child, adult in _EITHER:
        free = [field for field in (child, adult) if not _named(where, field)]
        for field, (index, _, _) in zip(free, [entry for entry in undecided if entry[1] == child], strict=False):
            _take(where, field, index)
    return _checked(headings, where)


def given_columns(headings: Sequence[str], mapping: Mapping[str, Sequence[int]]) -> Columns:
    """A mapping that was remembered or chosen. Raises BadValue where it does not fit these headings."""
    try:
        where = {Field(name): tuple(int(index) for index in columns) for name, columns in mapping.items() if columns}
    except ValueError as error:
        raise BadValue("The chosen columns do not fit this file.") from error
    taken = [index for columns in where.values() for index in columns]
    if any(not 0 <= index < len(headings) for index in taken) or len(taken) != len(set(taken)):
        raise BadValue("The chosen columns do not fit this file.")
    return _checked(headings, where)


def _checked(headings: Sequence[str], where: dict[Field, tuple[int, ...]]) -> Columns:
    missing = []
    if not where.keys() & {Field.PUPIL_NAME, Field.PUPIL_FAMILY}:
        missing.append("the child's name")
    if not where.keys() & {Field.NAME, Field.FAMILY}:
        missing.append("the adult's name")
    if missing:
        raise BadValue(f"No column was found for {' and '.join(missing)}. Nothing was changed. The file has: {', '.join(headings)[:300]}.")
    used = {index: field for field, columns in where.items() for index in columns}
    kept = tuple((headings[index], TITLES[used[index]]) for index in sorted(used))
    return Columns(where, kept, tuple(heading for index, heading in enumerate(headings) if index not in used))


def _take(where: dict[Field, tuple[int, ...]], field: Field, index: int) -> None:
    if field not in where or field in _SEVERAL_COLUMNS:
        where[field] = (*where.get(field, ()), index)


def _named(where: Mapping[Field, tuple[int, ...]], field: Field) -> bool:
    """Whether a field, or the full name that makes it superfluous, has a column already."""
    whole = {Field.PUPIL_GIVEN: Field.PUPIL_NAME, Field.PUPIL_FAMILY: Field.PUPIL_NAME, Field.GIVEN: Field.NAME, Field.FAMILY: Field.NAME}
    return field in where or whole.get(field, field) in where


def _plain(heading: str) -> str:
    return " ".join(re.sub(r"[^a-z0-9]+", " ", re.sub(r"\(\d+\)$", "", heading.lower().replace("'", "").replace("’", ""))).split())
