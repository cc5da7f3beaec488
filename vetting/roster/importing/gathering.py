"""The rows of a list put together: each child once, each adult once, and who belongs to whom. Pure."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date

from vetting.roster.importing.names import compatible, folded
from vetting.roster.importing.register import KnownPerson, KnownPupil
from vetting.roster.importing.rows import ListedRow, is_family
from vetting.values import MailAddress


@dataclass(eq=False, slots=True)
class ListedPupil:
    """A child of the list, and what becomes of it. `unsettled`: the list has an adult of theirs whom we could not read.

    `far_off`, `no_news`, `is_unborn`: dates of the list that were not taken, see dates.py. `asked`: what an answer to the question
    is kept under: each answer is to one question. `stays_left`: somebody said so, whatever the list says.
    """

    row: ListedRow
    known: KnownPupil | None = None
    question: str = ""
    asked: str = ""
    candidate: KnownPupil | None = None
    unsettled: bool = False
    returned: bool = False
    stays_left: bool = False
    far_off: date | None = None
    no_news: date | None = None
    is_unborn: bool = False

    @property
    def name(self) -> str:
        return f"{self.row.pupil_given} {self.row.pupil_family}".strip()

    @property
    def key(self) -> str:
        """What an answer to who this child is, is kept under until the list is applied."""
        row = self.row
        return _key("child", row.pupil_id, row.pupil_given, row.pupil_family, row.year, row.class_name)

    @property
    def key_of_return(self) -> str:
        return _key("back", self.key)

    @property
    def changes(self) -> dict[str, object]:
        """Columns of the register's entry that the list says differently. An empty cell says nothing."""
        known, row = self.known, self.row
        if known is None:
            return {}
        changed: dict[str, object] = {}
        if row.pupil_id and row.pupil_id != known.source_id:
            changed["source_id"] = row.pupil_id
        if says_otherwise(row.pupil_given, known.given):
            changed["given"] = row.pupil_given
        if says_otherwise(row.pupil_family, known.family):
            changed["family"] = row.pupil_family
        if row.year and row.year != known.year:
            changed["year"] = row.year
        if row.class_name and row.class_name != known.class_name:
            changed["class_name"] = row.class_name
        if row.thirteen_on and row.thirteen_on != known.thirteen_on:
            changed["thirteen_on"] = row.thirteen_on
        return changed


@dataclass(eq=False, slots=True)
class Link:
    """One adult and one child of the list."""

    pupil: ListedPupil
    relationship: str
    is_family: bool
    mark: bool | None
    is_new: bool = False
    relationship_changed: bool = False
    is_new_mark: bool = False


@dataclass(eq=False, slots=True)
class ListedPerson:
    """An adult of the list, put together from all its rows, and what becomes of them.

    `mark`: one in a row whose child could not be read. Who stands in such rows only has no links.
    """

    row: ListedRow
    addresses: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()
    other_numbers: tuple[str, ...] = ()
    mark: bool = False
    is_newly_marked: bool = False
    known: KnownPerson | None = None
    question: str = ""
    asked: str = ""
    candidate: KnownPerson | None = None
    changes: dict[str, str] | None = None
    new_addresses: tuple[str, ...] = ()
    old_addresses: tuple[str, ...] = ()
    said: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return f"{self.row.given} {self.row.family}".strip()

    @property
    def full_name(self) -> tuple[str, str]:
        return self.row.given, self.row.family

    @property
    def numbers(self) -> tuple[str, ...]:
        """The one a school's system has for them, or several: some systems count a parent once for each child."""
        return (self.row.contact_id, *self.other_numbers) if self.row.contact_id else self.other_numbers

    @property
    def number(self) -> str:
        """The number to keep: the first that any of the rows has."""
        return self.numbers[0] if self.numbers else ""

    @property
    def is_marked(self) -> bool:
        return self.mark or any(link.mark for link in self.links)

    @property
    def is_changed(self) -> bool:
        return bool(self.said)

    @property
    def key(self) -> str:
        """What an answer to who this adult is, is kept under until the list is applied."""
        row = self.row
        return _key("adult", row.contact_id, row.given, row.family, *self.addresses[:1], row.pupil_given, row.pupil_family)

    def key_of_reason(self, pupil: ListedPupil) -> str:
        return _key("reason", self.key, pupil.key)


@dataclass
class Gathered:
    """The list, put together. `unplaced`: adults whose child could not be read; `unread_marks`: marks of adults who could not be."""

    pupils: list[ListedPupil] = field(default_factory=list)
    people: list[ListedPerson] = field(default_factory=list)
    unplaced: list[tuple[str, str]] = field(default_factory=list)
    unread_marks: int = 0
    rows: int = 0


def says_otherwise(listed: str, known: str) -> bool:
    """Whether a name differs by more than capitals, accents or the kind of apostrophe; a name in capitals gives way to one that is not."""
    if not listed or listed == known:
        return False
    return folded(listed) != folded(known) or (known.isupper() and not listed.isupper())


def mailbox_of(address: str) -> str:
    """MailAddress.mailbox; only Google's have more than one spelling, so that nearly every address is its own."""
    return MailAddress(address).mailbox if "@g" in address else address


def gather(rows: Iterable[ListedRow]) -> Gathered:
    """Rebuild children by number, else by name, year and class; adults by number, else by e-mail and name, else by name and child."""
    found = Gathered()
    pupils: dict[object, ListedPupil] = {}
    adults = _Adults()
    marked: list[ListedRow] = []
    for row in rows:
        found.rows += 1
        is_named = bool(row.given or row.family)
        found.unread_marks += bool(row.mark and not is_named)
        if not (row.pupil_given or row.pupil_family):
            if is_named:
                found.unplaced.append((row.given, row.family))
            if row.mark and is_named:
                marked.append(row)
            continue
        pupil = _pupil_of(row, pupils, found.pupils)
        if not is_named:
            pupil.unsettled = True
            continue
        person = adults.find(row, pupil)
        if row.addresses and row.addresses != person.addresses:
            person.addresses = tuple(dict.fromkeys((*person.addresses, *row.addresses)))
        _add_link(person, pupil, row)
    for row in marked:
        person = adults.find(row, None)
        person.mark = True
        person.addresses = person.addresses or row.addresses
    found.people = adults.people
    return found


def _pupil_of(row: ListedRow, by_key: dict[object, ListedPupil], pupils: list[ListedPupil]) -> ListedPupil:
    key = row.pupil_id or (folded(row.pupil_given), folded(row.pupil_family), row.year, row.class_name)
    pupil = by_key.get(key)
    if pupil is None:
        pupil = by_key[key] = ListedPupil(row)
        pupils.append(pupil)
        return pupil
    first = pupil.row
    if (first.pupil_given, first.pupil_family) != (row.pupil_given, row.pupil_family) and (
        folded(first.pupil_given) != folded(row.pupil_given) or folded(first.pupil_family) != folded(row.pupil_family)
    ):
        pupil.question = f"The number {row.pupil_id} stands for two children in this list."
    if row.left_on and not first.left_on:
        pupil.row = first._replace(left_on=row.left_on)
    return pupil


class _Adults:
    """The adults of a list as they come, found again by number, by mailbox, or by child where they have neither."""

    def __init__(self) -> None:
        self.people: list[ListedPerson] = []
        self._by_number: dict[str, ListedPerson] = {}
        self._by_mailbox: dict[str, list[ListedPerson]] = {}
        self._by_child: dict[int, list[ListedPerson]] = defaultdict(list)

    def find(self, row: ListedRow, pupil: ListedPupil | None) -> ListedPerson:
        numbered = self._by_number.get(row.contact_id) if row.contact_id else None
        if numbered is not None:
            if not (numbered.row.given == row.given and numbered.row.family == row.family) and not compatible(
                numbered.full_name, (row.given, row.family)
            ):
                numbered.question = f"The number {row.contact_id} stands for two people in this list."
            return numbered
        for one in self._candidates(row, pupil):
            if _is_same_adult(one, row, pupil):
                self._number(one, row.contact_id)
                return one
        return self._new(row, pupil)

    def _candidates(self, row: ListedRow, pupil: ListedPupil | None) -> Iterator[ListedPerson]:
        for address in row.addresses:
            yield from self._by_mailbox.get(mailbox_of(address), ())
        if not row.addresses and not row.contact_id:
            yield from self._by_child[id(pupil)]

    def _new(self, row: ListedRow, pupil: ListedPupil | None) -> ListedPerson:
        person = ListedPerson(row)
        self.people.append(person)
        self._number(person, row.contact_id)
        for address in row.addresses:
            self._by_mailbox.setdefault(mailbox_of(address), []).append(person)
        if not row.addresses and not row.contact_id:
            self._by_child[id(pupil)].append(person)
        return person

    def _number(self, person: ListedPerson, number: str) -> None:
        if number:
            if number != person.row.contact_id:
                person.other_numbers = (*person.other_numbers, number)
            self._by_number[number] = person


def _is_same_adult(person: ListedPerson, row: ListedRow, pupil: ListedPupil | None) -> bool:
    """Whether a row with the same mailbox, or for the same child, speaks of the same adult.

    Two numbers are one adult only under the very same name. Without numbers, two names for one child are two adults unless they are equal.
    """
    if person.row.given == row.given and person.row.family == row.family:
        return True
    if not compatible(person.full_name, (row.given, row.family)):
        return False
    same_name = folded(person.row.given) == folded(row.given)
    if pupil is None or (row.contact_id and person.numbers):
        return same_name
    return same_name or all(link.pupil is not pupil for link in person.links)


def _add_link(person: ListedPerson, pupil: ListedPupil, row: ListedRow) -> None:
    for link in person.links:
        if link.pupil is pupil:
            link.mark = row.mark if link.mark is None else link.mark or bool(row.mark)
            link.is_family = link.is_family or is_family(row.relationship)
            return
    person.links = (*person.links, Link(pupil, row.relationship, is_family(row.relationship), row.mark))


def _key(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
