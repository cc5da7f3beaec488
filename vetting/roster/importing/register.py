"""What we know before a list is read: the register as plain values. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple


class KnownLink(NamedTuple):
    """Why an adult may follow through one child: the row of the register it stands in, and what lists have said of it."""

    basis: int
    relationship: str
    from_list: bool
    missing_since: datetime | None
    ends_on: date | None
    starts_on: date


@dataclass(frozen=True, slots=True, eq=False)
class KnownPupil:
    """A child in the register. `left_by_list`: the leaving date came with a list, not from a person."""

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

    @property
    def name(self) -> str:
        return f"{self.given} {self.family}".strip()


@dataclass(frozen=True, slots=True, eq=False)
class KnownPerson:
    """An adult in the register: addresses now, children now, children until some day (True: a list ended it)."""

    pk: int
    source_id: str
    title: str
    given: str
    family: str
    addresses: tuple[str, ...]
    children: Mapping[int, KnownLink]
    former_children: Mapping[int, bool]
    marked_for: frozenset[int | None]
    other_reason: str = ""

    @property
    def name(self) -> str:
        return f"{self.given} {self.family}".strip()

    @property
    def full_name(self) -> tuple[str, str]:
        return self.given, self.family


@dataclass(frozen=True)
class Register:
    """Everybody we know."""

    pupils: Sequence[KnownPupil]
    people: Sequence[KnownPerson]
