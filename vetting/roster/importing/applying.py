"""Writing a comparison into the register, in bulk: a list of 400 rows costs a handful of statements."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import F, Q

from vetting.audit.events import Event
from vetting.audit.operations import record
from vetting.roster.importing.comparing import Comparison, KnownPerson, KnownPupil, ListedPerson, ListedPupil, Register, leaves
from vetting.roster.models import Basis, Person, PersonAddress, Pupil, Restriction, RosterImport
from vetting.school.models import School
from vetting.values import MailAddress

MARK_REASON = "The school's list carries a court-order mark."
LEFT_BY_LIST = "Leaving date in the school's list."
_FAMILY = Basis.Kind.PARENT_OR_CARER


@dataclass(frozen=True)
class Applied:
    """What applying a list did."""

    added: int
    changed: int
    pupils_added: int
    marks: int


def load_register(school: School, on: date) -> Register:
    """The school's children and adults as they stand on a day, in five queries."""
    pupils = [
        KnownPupil(p.pk, p.source_id, p.given, p.family, p.year, p.class_name, p.left_on, has_left=p.left_on is not None and p.left_on < on)
        for p in Pupil.objects.filter(school=school)
    ]
    addresses: dict[int, set[str]] = defaultdict(set)
    for person_id, address in PersonAddress.objects.filter(school=school, until=None).values_list("person_id", "address"):
        addresses[person_id].add(address)
    children: dict[int, dict[int, str]] = defaultdict(dict)
    former: dict[int, set[int]] = defaultdict(set)
    bases = Basis.objects.filter(person__school=school, kind=_FAMILY, pupil__isnull=False)
    for person_id, pupil_id, relationship, ends_on in bases.values_list("person_id", "pupil_id", "relationship", "ends_on"):
        if ends_on is None or ends_on >= on:
            children[person_id][pupil_id] = relationship
        else:
            former[person_id].add(pupil_id)
    marks: dict[int, set[int | None]] = defaultdict(set)
    # A mark from a list that the lead lifted stays lifted: the lead has read the same list.
    marked = Restriction.objects.filter(school=school).filter(Q(lifted_at=None) | Q(roster_import__isnull=False))
    for person_id, pupil_id in marked.values_list("person_id", "pupil_id"):
        marks[person_id].add(pupil_id)
    people = [
        KnownPerson(
            person.pk,
            person.source_id,
            person.title,
            person.given,
            person.family,
            frozenset(addresses[person.pk]),
            children[person.pk],
            frozenset(former[person.pk] - children[person.pk].keys()),
            frozenset(marks[person.pk]),
        )
        for person in Person.objects.filter(school=school)
    ]
    return Register(pupils, people)


def write(comparison: Comparison, *, roster_import: RosterImport, on: date, at: datetime) -> Applied:
    """Carry out a comparison. Called inside the transaction of apply_import; questions are left alone, nobody is removed."""
    school = roster_import.school
    pupil_ids, pupils_added = _write_pupils(comparison.pupils, school)
    person_ids, added = _write_people(comparison.settled, school, roster_import, at)
    _write_addresses(comparison.settled, person_ids, school, at)
    _write_bases(comparison.settled, (person_ids, pupil_ids), roster_import, on, at)
    _write_leaving_dates(comparison.pupils, pupil_ids, roster_import, at)
    marks = _write_marks(comparison.settled, person_ids, pupil_ids, roster_import, at)
    return Applied(added, sum(1 for person in comparison.settled if person.is_changed), pupils_added, marks)


def _write_pupils(pupils: Sequence[ListedPupil], school: School) -> tuple[dict[int, int], int]:
    new = [pupil for pupil in pupils if pupil.known is None and not pupil.question]
    made = Pupil.objects.bulk_create(
        Pupil(
            school=school,
            source_id=pupil.row.pupil_id,
            given=pupil.row.pupil_given,
            family=pupil.row.pupil_family,
            year=pupil.row.year,
            class_name=pupil.row.class_name,
        )
        for pupil in new
    )
    ids = {id(pupil): row.pk for pupil, row in zip(new, made, strict=True)}
    ids |= {id(pupil): pupil.known.pk for pupil in pupils if pupil.known}
    changes = {pupil.known.pk: pupil.changes for pupil in pupils if pupil.known and not pupil.question and pupil.changes}
    _update(Pupil.objects.filter(pk__in=changes), changes)
    return ids, len(made)


def _write_people(people: Sequence[ListedPerson], school: School, roster_import: RosterImport, at: datetime) -> tuple[dict[int, int], int]:
    new = [person for person in people if person.known is None]
    made = Person.objects.bulk_create(
        Person(
            school=school,
            source_id=person.row.contact_id,
            title=person.row.title,
            given=person.row.given,
            family=person.row.family,
            added_at=at,
            added_by=roster_import.applied_by,
        )
        for person in new
    )
    ids = {id(person): row.pk for person, row in zip(new, made, strict=True)}
    ids |= {id(person): person.known.pk for person in people if person.known}
    changes = {}
    for person in people:
        if person.known and person.changes:
            changes[person.known.pk] = dict(person.changes)
            if "family" in person.changes:
                changes[person.known.pk]["previous_family"] = person.known.family
    _update(Person.objects.filter(pk__in=changes), changes)
    return ids, len(made)


def _update(rows: Iterable[Pupil] | Iterable[Person], changes: dict[int, dict[str, str]]) -> None:
    for row in rows:
        for name, value in changes[row.pk].items():
            setattr(row, name, value)
        row.save(update_fields=list(changes[row.pk]))


def _write_addresses(people: Sequence[ListedPerson], person_ids: dict[int, int], school: School, at: datetime) -> None:
    for person in people:
        if person.old_addresses:
            PersonAddress.objects.filter(person_id=person_ids[id(person)], address__in=person.old_addresses, until=None).update(until=at)
    PersonAddress.objects.bulk_create(
        PersonAddress(school=school, person_id=person_ids[id(person)], address=address, mailbox=MailAddress(address).mailbox, since=at)
        for person in people
        for address in person.new_addresses
    )


def _write_bases(
    people: Sequence[ListedPerson], ids: tuple[dict[int, int], dict[int, int]], roster_import: RosterImport, on: date, at: datetime
) -> None:
    person_ids, pupil_ids = ids
    links = [(person_ids[id(person)], link) for person in people for link in person.links if id(link.pupil) in pupil_ids]
    Basis.objects.bulk_create(
        Basis(
            person_id=person_id,
            kind=_FAMILY,
            pupil_id=pupil_ids[id(link.pupil)],
            relationship=link.relationship,
            # A child who left before the list was read: the reason lasted until then, not from today on.
            starts_on=min(on, link.pupil.row.left_on or on),
            ends_on=link.pupil.row.left_on,
            ended_why=LEFT_BY_LIST if link.pupil.row.left_on else "",
            ended_at=at if link.pupil.row.left_on else None,
            ended_by_import=roster_import if link.pupil.row.left_on else None,
            roster_import=roster_import,
        )
        for person_id, link in links
        if link.is_new
    )
    for person_id, link in links:
        if link.relationship_changed:
            current = Basis.objects.filter(person_id=person_id, kind=_FAMILY, pupil_id=pupil_ids[id(link.pupil)], ends_on=None)
            current.update(relationship=link.relationship)


def _write_leaving_dates(pupils: Sequence[ListedPupil], pupil_ids: dict[int, int], roster_import: RosterImport, at: datetime) -> None:
    for pupil in pupils:
        if not leaves(pupil) or pupil.question:
            continue
        pk, day = pupil_ids[id(pupil)], pupil.row.left_on
        Pupil.objects.filter(pk=pk).update(left_on=day)
        running = Basis.objects.filter(pupil_id=pk).filter(Q(ends_on=None) | Q(ended_by_import__isnull=False))
        ended = {"ended_why": LEFT_BY_LIST, "ended_at": at, "ended_by_import": roster_import}
        running.filter(starts_on__lte=day).exclude(ends_on=day).update(ends_on=day, **ended)
        # Written down only after the child had left: the reason was over on the day it began here.
        running.filter(starts_on__gt=day, ends_on=None).update(ends_on=F("starts_on"), **ended)


def _write_marks(
    people: Sequence[ListedPerson], person_ids: dict[int, int], pupil_ids: dict[int, int], roster_import: RosterImport, at: datetime
) -> int:
    """One at a time: they are few, and each stands in the record by itself."""
    count = 0
    for person in people:
        for link in person.links:
            if not link.is_new_mark:
                continue
            mark = Restriction.objects.create(
                school=roster_import.school,
                person_id=person_ids[id(person)],
                pupil_id=pupil_ids.get(id(link.pupil)),
                reason=MARK_REASON,
                opened_at=at,
                opened_by=roster_import.applied_by,
                roster_import=roster_import,
            )
            record(
                school_id=roster_import.school_id,
                event=Event.RESTRICTION_OPENED,
                by=roster_import.applied_by,
                at=at,
                subject=mark.person,
                words={"name": person.name},
            )
            count += 1
    return count
