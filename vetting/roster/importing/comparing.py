"""The list beside the register: who is new, changed, the same, no longer listed, and where a person must look. Pure.

Who an adult of the list is, in this order: the same number; the same e-mail and a name that agrees; the same name and the
same child. Anything else that resembles somebody we know is a question for a person, never a guess.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from vetting.roster.importing.names import compatible, folded, given_names_agree
from vetting.roster.importing.rows import ListedRow
from vetting.values import MailAddress


@dataclass(frozen=True)
class KnownPupil:
    """A child in the register."""

    pk: int
    source_id: str
    given: str
    family: str
    year: str
    class_name: str
    left_on: date | None
    has_left: bool = False

    @property
    def name(self) -> str:
        return f"{self.given} {self.family}".strip()


@dataclass(frozen=True)
class KnownPerson:
    """An adult in the register: addresses now, children now (and relationship to each), children until some day."""

    pk: int
    source_id: str
    title: str
    given: str
    family: str
    addresses: frozenset[str]
    children: Mapping[int, str]
    former_children: frozenset[int]
    marked_for: frozenset[int | None]

    @property
    def name(self) -> str:
        return f"{self.given} {self.family}".strip()

    @property
    def full_name(self) -> tuple[str, str]:
        return self.given, self.family


@dataclass(frozen=True)
class Register:
    """What we know before the list is read."""

    pupils: Sequence[KnownPupil]
    people: Sequence[KnownPerson]


@dataclass(eq=False)
class ListedPupil:
    """A child of the list, and what becomes of it."""

    row: ListedRow
    known: KnownPupil | None = None
    question: str = ""

    @property
    def name(self) -> str:
        return f"{self.row.pupil_given} {self.row.pupil_family}".strip()

    @property
    def changes(self) -> dict[str, str]:
        """Columns of the register's entry that the list says differently. An empty cell says nothing."""
        if self.known is None:
            return {}
        said = {"source_id": self.row.pupil_id, "given": self.row.pupil_given, "family": self.row.pupil_family}
        said |= {"year": self.row.year, "class_name": self.row.class_name}
        return {name: value for name, value in said.items() if value and value != getattr(self.known, name)}


@dataclass(eq=False)
class Link:
    """One adult and one child of the list."""

    pupil: ListedPupil
    relationship: str
    is_family: bool
    mark: bool
    is_new: bool = False
    relationship_changed: bool = False
    is_new_mark: bool = False


@dataclass(eq=False)
class ListedPerson:
    """An adult of the list, put together from all its rows, and what becomes of them."""

    row: ListedRow
    addresses: list[str] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    known: KnownPerson | None = None
    question: str = ""
    changes: dict[str, str] = field(default_factory=dict)
    new_addresses: list[str] = field(default_factory=list)
    old_addresses: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        return f"{self.row.given} {self.row.family}".strip()

    @property
    def full_name(self) -> tuple[str, str]:
        return self.row.given, self.row.family

    @property
    def is_changed(self) -> bool:
        return bool(self.said)


@dataclass
class Comparison:
    """The list beside the register."""

    pupils: list[ListedPupil]
    people: list[ListedPerson]
    absent_pupils: list[KnownPupil]
    absent_people: list[KnownPerson]

    @property
    def settled(self) -> list[ListedPerson]:
        """Those about whom there is no question."""
        return [person for person in self.people if not person.question]

    @property
    def new_pupils(self) -> list[ListedPupil]:
        return [pupil for pupil in self.pupils if pupil.known is None and not pupil.question]

    @property
    def changed_pupils(self) -> list[ListedPupil]:
        return [pupil for pupil in self.pupils if pupil.known and not pupil.question and (pupil.changes or leaves(pupil))]

    @property
    def new_marks(self) -> int:
        return sum(link.is_new_mark for person in self.settled for link in person.links)

    @property
    def change_count(self) -> int:
        """How many people and children applying the list would add or change. Nought: applying it changes nothing."""
        people = sum(1 for person in self.settled if person.known is None or person.is_changed)
        return people + len(self.new_pupils) + len(self.changed_pupils) + self.new_marks


def leaves(pupil: ListedPupil) -> bool:
    """Whether the list brings a leaving date that the register does not hold."""
    return pupil.row.left_on is not None and (pupil.known is None or pupil.known.left_on != pupil.row.left_on)


def compare(rows: Sequence[ListedRow], register: Register, *, complete: bool) -> Comparison:
    """Set the list beside the register. Only a complete list may say who is absent or that an address is out of date."""
    pupils, pupil_of_row = _gather_pupils(rows)
    _recognise_pupils(pupils, register.pupils)
    people = _gather_people(rows, pupil_of_row)
    _recognise_people(people, register.people)
    for person in people:
        _find_changes(person, complete=complete)
    listed_pupils = {pupil.known.pk for pupil in pupils if pupil.known}
    # Somebody who resembles a person of the list without being settled is not missing: a question is open about them.
    listed_people = {person.known.pk for person in people if person.known}
    asked_about = [person.full_name for person in people if person.question]
    absent_people = [
        known
        for known in register.people
        if known.pk not in listed_people and known.children and not any(compatible(name, known.full_name) for name in asked_about)
    ]
    absent_pupils = [known for known in register.pupils if known.pk not in listed_pupils and not known.has_left]
    return Comparison(pupils, people, absent_pupils if complete else [], absent_people if complete else [])


def _gather_pupils(rows: Sequence[ListedRow]) -> tuple[list[ListedPupil], dict[int, ListedPupil]]:
    by_key: dict[object, ListedPupil] = {}
    of_row: dict[int, ListedPupil] = {}
    for row in rows:
        key = row.pupil_id or (folded(row.pupil_given), folded(row.pupil_family), row.year, row.class_name)
        pupil = by_key.setdefault(key, ListedPupil(row))
        if (folded(pupil.row.pupil_given), folded(pupil.row.pupil_family)) != (folded(row.pupil_given), folded(row.pupil_family)):
            pupil.question = f"The number {row.pupil_id} stands for two children in this list."
        of_row[row.line] = pupil
    return list(by_key.values()), of_row


def _recognise_pupils(pupils: Sequence[ListedPupil], known: Sequence[KnownPupil]) -> None:
    by_id = {pupil.source_id: pupil for pupil in known if pupil.source_id}
    by_name: dict[tuple[str, str], list[KnownPupil]] = defaultdict(list)
    for entry in known:
        by_name[folded(entry.given), folded(entry.family)].append(entry)
    for pupil in pupils:
        pupil.known = by_id.get(pupil.row.pupil_id) if pupil.row.pupil_id else None
        if pupil.known is not None and not (
            given_names_agree(pupil.row.pupil_given, pupil.known.given) or folded(pupil.row.pupil_family) == folded(pupil.known.family)
        ):
            pupil.question = f"The number {pupil.row.pupil_id} belongs to {pupil.known.name} in the register."
    by_number = {pupil.known.pk for pupil in pupils if pupil.known}
    for pupil in pupils:
        if pupil.known is None:
            # A child whom the list names by number elsewhere is not this one too.
            candidates = by_name[folded(pupil.row.pupil_given), folded(pupil.row.pupil_family)]
            _recognise_pupil_by_name(pupil, [entry for entry in candidates if entry.pk not in by_number])
        if pupil.known and pupil.known.left_on and pupil.known.has_left and not pupil.row.left_on and not pupil.question:
            pupil.question = f"{pupil.name} is marked as left on {pupil.known.left_on:%-d %b %Y} but stands on this list."
    _one_each(pupils)


def _recognise_pupil_by_name(pupil: ListedPupil, candidates: Sequence[KnownPupil]) -> None:
    """The one child of that name. Where both have a number and the numbers differ, the class must agree as well."""
    row = pupil.row
    fitting = [
        one for one in candidates if not (row.pupil_id and one.source_id) or (one.year, one.class_name) == (row.year, row.class_name)
    ]
    same_class = [entry for entry in fitting if entry.class_name == row.class_name]
    found = same_class if len(same_class) == 1 else fitting
    if len(found) == 1:
        pupil.known = found[0]
    elif candidates:
        pupil.question = f"Is this the {pupil.name} of the register ({' or '.join(one.year or 'no year' for one in candidates)})?"


def _one_each(listed: Sequence[ListedPupil] | Sequence[ListedPerson]) -> None:
    """Two entries of the list that look like one of the register are a question, for the later of them."""
    first: dict[int, object] = {}
    for one in listed:
        if one.known is not None and first.setdefault(one.known.pk, one) is not one:
            one.question = f"{one.name} and another entry of the list both look like {one.known.name}. Are they the same?"
            one.known = None


def _gather_people(rows: Sequence[ListedRow], pupil_of_row: Mapping[int, ListedPupil]) -> list[ListedPerson]:
    """Rebuild each adult from their rows: by number; without one by e-mail and name, else by name and child."""
    people: list[ListedPerson] = []
    by_key: dict[object, list[ListedPerson]] = defaultdict(list)
    for row in rows:
        pupil = pupil_of_row[row.line]
        keys = _keys_in_list(row, pupil)
        person = next((one for key in keys for one in by_key[key] if _is_same_adult(one, row, pupil)), None)
        if person is None and row.contact_id and by_key[row.contact_id]:
            person = by_key[row.contact_id][0]
            person.question = f"The number {row.contact_id} stands for two people in this list."
        if person is None:
            person = ListedPerson(row)
            people.append(person)
        for key in keys:
            if person not in by_key[key]:
                by_key[key].append(person)
        person.addresses += [address for address in row.addresses if address not in person.addresses]
        _add_link(person, pupil, row)
    return people


def _is_same_adult(person: ListedPerson, row: ListedRow, pupil: ListedPupil) -> bool:
    """Whether a further row speaks of the same adult. Without a number, two names for one child are two adults unless they are equal."""
    if not compatible(person.full_name, (row.given, row.family)):
        return False
    same_child = any(link.pupil is pupil for link in person.links)
    return bool(row.contact_id) or not same_child or folded(person.row.given) == folded(row.given)


def _keys_in_list(row: ListedRow, pupil: ListedPupil) -> list[object]:
    if row.contact_id:
        return [row.contact_id]
    return [("mailbox", MailAddress(address).mailbox) for address in row.addresses] or [("child", id(pupil))]


def _add_link(person: ListedPerson, pupil: ListedPupil, row: ListedRow) -> None:
    for link in person.links:
        if link.pupil is pupil:
            link.mark = link.mark or row.mark
            return
    person.links.append(Link(pupil, row.relationship, row.is_family, row.mark))


def _recognise_people(people: Sequence[ListedPerson], known: Sequence[KnownPerson]) -> None:
    by_id = {person.source_id: person for person in known if person.source_id}
    by_mailbox: dict[str, list[KnownPerson]] = defaultdict(list)
    by_name: dict[str, list[KnownPerson]] = defaultdict(list)
    for entry in known:
        by_name[folded(entry.family)].append(entry)
        for mailbox in _mailboxes(entry.addresses):
            by_mailbox[mailbox].append(entry)
    for person in people:
        numbered = by_id.get(person.row.contact_id) if person.row.contact_id else None
        if numbered is not None and not person.question:
            _recognise_by_number(person, numbered)
    by_number = {person.known.pk for person in people if person.known}
    for person in people:
        if person.known is None and not person.question:
            _recognise_by_likeness(person, by_name.get(folded(person.row.family), ()), by_mailbox, by_number)
    _one_each(people)


def _recognise_by_number(person: ListedPerson, entry: KnownPerson) -> None:
    """A number may be given out again and a surname may change: the first name, or the e-mail with the surname, must stay."""
    person.known = entry
    same_mailbox = bool(_mailboxes(person.addresses) & _mailboxes(entry.addresses))
    if not (given_names_agree(person.row.given, entry.given) or (same_mailbox and folded(person.row.family) == folded(entry.family))):
        number = person.row.contact_id
        person.question = f"The number {number} belongs to {entry.name} in the register; the list says {person.name}."


def _recognise_by_likeness(
    person: ListedPerson, namesakes: Sequence[KnownPerson], by_mailbox: Mapping[str, Sequence[KnownPerson]], by_number: set[int]
) -> None:
    """By e-mail and name, else by name and child. Somebody whom the list names by number elsewhere is at most a question."""
    alike = [one for one in namesakes if compatible(person.full_name, one.full_name)]
    here = {link.pupil.known.pk for link in person.links if link.pupil.known}
    same_mail = [one for one in alike if any(one in by_mailbox.get(mailbox, ()) for mailbox in _mailboxes(person.addresses))]
    same_child = [
        one for one in alike if folded(one.given) == folded(person.row.given) and here & (set(one.children) | one.former_children)
    ]
    found = same_mail or same_child
    if len(found) == 1 and found[0].pk not in by_number:
        person.known = found[0]
    elif found:
        person.question = f"Is {person.name} the same as {found[0].name}? They share an e-mail or a child, but not the number."
    elif unlisted := [one for one in alike if one.pk not in by_number]:
        person.question = f"Is {person.name} the {unlisted[0].name} of the register? Neither the number nor the e-mail and child agree."


def _mailboxes(addresses: Iterable[str]) -> set[str]:
    return {MailAddress(address).mailbox for address in addresses}


def _find_changes(person: ListedPerson, *, complete: bool) -> None:
    known = person.known
    _find_new_links(person)
    if person.question or known is None:
        person.new_addresses = list(person.addresses)
        return
    said = {"source_id": person.row.contact_id, "title": person.row.title, "given": person.row.given, "family": person.row.family}
    person.changes = {name: value for name, value in said.items() if value and value != getattr(known, name)}
    if len(folded(person.row.given)) == 1 < len(folded(known.given)):
        person.changes.pop("given", None)
    person.new_addresses = [address for address in person.addresses if address not in known.addresses]
    if complete and person.addresses:
        person.old_addresses = sorted(known.addresses - set(person.addresses))
    person.said = list(_in_words(person))


def _find_new_links(person: ListedPerson) -> None:
    known = person.known
    for link in person.links:
        child = link.pupil.known.pk if link.pupil.known else None
        if link.pupil.question:
            person.question = person.question or link.pupil.question
        if known is not None and child in known.former_children and link.is_family:
            if not link.pupil.row.left_on:
                ended = f"{person.name}'s reason through {link.pupil.name} was ended, but they stand on this list together."
                person.question = person.question or ended
        elif known is None or child is None or child not in known.children:
            link.is_new = link.is_family
        elif link.relationship and link.relationship != known.children[child]:
            link.relationship_changed = True
        link.is_new_mark = link.mark and (known is None or child is None or not known.marked_for & {child, None})


def _in_words(person: ListedPerson) -> Iterable[str]:
    known = person.known
    if known is None:
        return
    if person.changes.keys() & {"title", "given", "family"}:
        yield f"name: {known.name} → {person.name}"
    if "source_id" in person.changes:
        yield "number in the school's system"
    if person.new_addresses or person.old_addresses:
        yield f"e-mail: {len(person.new_addresses)} new, {len(person.old_addresses)} no longer used"
    for link in person.links:
        if link.is_new:
            yield f"now linked to {link.pupil.name}"
        elif link.relationship_changed:
            yield f"relationship to {link.pupil.name}: {link.relationship}"
