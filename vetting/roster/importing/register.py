"""What we know before a list is read: the register as plain values. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum, auto
from typing import NamedTuple

# Systems write down the end of the last school year for every child. A day so far ahead says nothing of who leaves now.
LONG_AHEAD = timedelta(days=366)


class Ended(Enum):
    """What ended a reason that is over: a complete list without them, a list's leaving date, or a person's word."""

    BY_ABSENCE = auto()
    BY_DATE = auto()
    BY_HAND = auto()


class KnownLink(NamedTuple):
    """Why an adult may follow through one child: the row of the register it stands in, and what lists have said of it.

    `from_list`: the list it came with, or the first of a school year that bore it out; `named_on`: the day that list came in.
    `missing_since`: as the school's clock shows it.
    `runs_on`: nobody has said that it ends soon. Only such a reason can be missing from a list.
    """

    basis: int
    relationship: str
    from_list: int | None
    missing_since: datetime | None
    ends_on: date | None
    starts_on: date
    runs_on: bool
    named_on: date | None = None


@dataclass(frozen=True, slots=True, eq=False)
class KnownPupil:
    """A child in the register.

    `has_left`: by a leaving date that is over, or because lists ended every reason through them. `left_by_list`: the leaving date
    came with a list, not from a person. `taken_back`: the last leaving date that somebody or a complete list took back. `named_on`: the
    first day in the last school year whose lists named the child; none where no list ever did.
    """

    pk: int
    source_id: str
    given: str
    family: str
    year: str
    class_name: str
    left_on: date | None
    thirteen_on: date | None = None
    has_left: bool = False
    left_by_list: bool = False
    taken_back: date | None = None
    named_on: date | None = None

    @property
    def name(self) -> str:
        return f"{self.given} {self.family}".strip()


class KnownMark(NamedTuple):
    """A mark on an adult, for one child or for all; a lifted one only where it came with a list, whose `source` it was.

    `gone_since`: a later list of that source no longer had it.
    """

    pk: int
    pupil: int | None
    is_open: bool
    source: str | None
    gone_since: datetime | None

    def covers(self, child: int | None) -> bool:
        """Whether a list that marks them for a child says nothing new: it is open, or this very one was lifted while lists had it."""
        return self.pupil in (child, None) if self.is_open else self.pupil == child and self.gone_since is None


@dataclass(frozen=True, slots=True, eq=False)
class KnownPerson:
    """An adult in the register: addresses now, children now, children until some day and what ended it."""

    pk: int
    source_id: str
    title: str
    given: str
    family: str
    addresses: tuple[str, ...]
    children: Mapping[int, KnownLink]
    former_children: Mapping[int, Ended]
    marks: tuple[KnownMark, ...]
    other_reason: str = ""

    @property
    def name(self) -> str:
        return f"{self.given} {self.family}".strip()

    def is_marked_for(self, child: int | None) -> bool:
        return any(mark.covers(child) for mark in self.marks)

    @property
    def full_name(self) -> tuple[str, str]:
        return self.given, self.family


@dataclass(frozen=True)
class Register:
    """Everybody we know."""

    pupils: Sequence[KnownPupil]
    people: Sequence[KnownPerson]
