"""Writes about who belongs to the school: people, their reasons and marks. Loading a list stands in importing/loading.py."""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction
from django.db.models import Q

from accounts.models import User
from vetting.audit.events import Event
from vetting.audit.operations import record
from vetting.roster.children import ChildName, year_group
from vetting.roster.importing.forgetting import forget_lists
from vetting.roster.importing.loading import (
    CannotRollBack,
    CheckIsOld,
    ListIsSettled,
    ListIsStopped,
    RegisterChangedSince,
    ReleaseNeedsAnother,
    answer_questions,
    apply_import,
    discard_import,
    load_list,
    rehearse_import,
    release_import,
    roll_back_import,
)
from vetting.roster.models import Basis, Person, PersonAddress, Pupil, Restriction
from vetting.school.changes import Changed
from vetting.school.models import Role, School
from vetting.school.operations import facts_changed
from vetting.school.queries import local_day, roles_of
from vetting.values import BadValue, MailAddress, PersonName, Refused

__all__ = [
    "AlreadyEnded",
    "AlreadyRecorded",
    "CannotRollBack",
    "CheckIsOld",
    "ChildName",
    "ListIsSettled",
    "ListIsStopped",
    "OnlyTheLead",
    "RegisterChangedSince",
    "ReleaseNeedsAnother",
    "add_basis",
    "add_person",
    "answer_questions",
    "apply_import",
    "correct_person",
    "discard_import",
    "end_basis",
    "forget_lists",
    "lift_restriction",
    "load_list",
    "mark_as_left",
    "mark_as_returned",
    "open_restriction",
    "rehearse_import",
    "release_import",
    "roll_back_import",
]


class AlreadyRecorded(Refused):
    """The person has this reason already."""


class AlreadyEnded(Refused):
    """There is nothing left to end."""


class OnlyTheLead(Refused):
    """A mark is lifted by the safeguarding lead alone."""


@transaction.atomic
def add_person(
    *,
    school: School,
    name: PersonName,
    kind: str,
    by: User | None,
    at: datetime,
    addresses: Sequence[MailAddress] = (),
    child: ChildName | None = None,
    relationship: str = "",
    starts_on: date | None = None,
    introduced_by: Person | None = None,
) -> Person:
    """Somebody the school knows and the reason they may follow, typed in by the office: a list is not needed.

    Raises:
        BadValue: a parent or carer without a child, or an introduction without the parent who made it.
    """
    person = Person.objects.create(
        school=school, title=name.title.strip(), given=name.given.strip(), family=name.family.strip(), added_at=at, added_by=by
    )
    PersonAddress.objects.bulk_create(
        PersonAddress(person=person, school=school, address=one.value, mailbox=one.mailbox, since=at) for one in dict.fromkeys(addresses)
    )
    record(school_id=school.pk, event=Event.PERSON_ADDED, by=by, at=at, subject=person, words={"name": person.name})
    pupil = _find_or_add_pupil(school, child) if child else None
    add_basis(
        person=person, kind=kind, by=by, at=at, pupil=pupil, relationship=relationship, starts_on=starts_on, introduced_by=introduced_by
    )
    return person


@transaction.atomic
def add_basis(
    *,
    person: Person,
    kind: str,
    by: User | None,
    at: datetime,
    pupil: Pupil | None = None,
    child: ChildName | None = None,
    relationship: str = "",
    starts_on: date | None = None,
    ends_on: date | None = None,
    introduced_by: Person | None = None,
) -> Basis:
    """One more reason why a person may follow, from today unless another day is given.

    Raises:
        BadValue: something belonging to the reason is missing, or the days do not fit.
        AlreadyRecorded: they have this reason already.
    """
    reason = Basis.Kind(kind)
    pupil = pupil or (_find_or_add_pupil(person.school, child) if child else None)
    starts_on = starts_on or local_day(person.school, at)
    _check_reason(person, reason, pupil, introduced_by)
    if ends_on is not None and ends_on < starts_on:
        raise BadValue("The last day lies before the first day.")
    if Basis.objects.filter(person=person, kind=reason, pupil=pupil, ends_on=None).exists():
        raise AlreadyRecorded(f"{person.name} is recorded as {reason.label.lower()} already.")
    basis = Basis.objects.create(
        person=person,
        kind=reason,
        pupil=pupil,
        introduced_by=introduced_by,
        relationship=relationship.strip()[:60],
        starts_on=starts_on,
        ends_on=ends_on,
        ended_at=at if ends_on else None,
        ended_by=by if ends_on else None,
    )
    words = {"name": person.name, "kind": reason.label.lower()}
    record(school_id=person.school_id, event=Event.BASIS_ADDED, by=by, at=at, subject=person, words=words)
    facts_changed(person.school_id, Changed.person(person.pk), *([Changed.pupil(pupil.pk)] if pupil is not None else []))
    return basis


def _check_reason(person: Person, reason: Basis.Kind, pupil: Pupil | None, introduced_by: Person | None) -> None:
    if reason == Basis.Kind.PARENT_OR_CARER and pupil is None:
        raise BadValue("Type the child's name: it is the reason why a parent or carer may follow.")
    if reason == Basis.Kind.INTRODUCED_BY and introduced_by is None:
        raise BadValue("Choose the parent who introduces them.")
    if any(other is not None and other.school_id != person.school_id for other in (pupil, introduced_by)):
        raise BadValue("They belong to another school.")
    if introduced_by is not None and introduced_by.pk == person.pk:
        raise BadValue("Nobody can introduce themselves.")


def _find_or_add_pupil(school: School, child: ChildName) -> Pupil:
    """The one child of that name (and class, where given), else a new one."""
    given, family, year = child.given.strip(), child.family.strip(), year_group(child.year)
    same = Pupil.objects.filter(school=school, left_on=None, given__iexact=given, family__iexact=family)
    if child.class_name.strip():
        same = same.filter(Q(class_name__iexact=child.class_name.strip()) | Q(class_name=""))
    found = list(same[:2])
    if len(found) > 1:
        raise BadValue("There are several children of this name. Give the class as well.")
    if found:
        return found[0]
    return Pupil.objects.create(school=school, given=given, family=family, year=year, class_name=child.class_name.strip()[:40])


@transaction.atomic
def end_basis(*, basis: Basis, on: date, by: User | None, at: datetime, why: str = "") -> Basis:
    """Write down the last day of a reason; a later day may be changed to an earlier one. Raises AlreadyEnded and BadValue."""
    row = Basis.objects.select_for_update().select_related("person").get(pk=basis.pk)
    if row.ends_on is not None and row.ends_on <= on:
        raise AlreadyEnded(f"This reason ended on {row.ends_on:%-d %b %Y} already.")
    _end(row, on, by, at, why)
    facts_changed(row.person.school_id, Changed.person(row.person_id))
    return row


def _end(row: Basis, on: date, by: User | None, at: datetime, why: str) -> None:
    if on < row.starts_on:
        raise BadValue("The last day lies before the first day.")
    row.ends_on, row.ended_why, row.ended_at, row.ended_by, row.ended_by_import = on, why.strip()[:200], at, by, None
    row.save(update_fields=["ends_on", "ended_why", "ended_at", "ended_by", "ended_by_import"])
    words = {"name": row.person.name, "kind": row.get_kind_display().lower()}
    record(
        school_id=row.person.school_id,
        event=Event.BASIS_ENDED,
        by=by,
        at=at,
        subject=row.person,
        facts={"day": f"{on:%-d %b %Y}"},
        words={**words, "why": why},
    )


@transaction.atomic
def mark_as_left(*, person: Person | Pupil, on: date, by: User | None, at: datetime, why: str = "") -> None:
    """Everything that lets a person follow ends on that day; for a child, every adult's reason through that child.

    An adult with another child at the school keeps the reasons through that one.

    Raises:
        AlreadyEnded: nothing of theirs is running.
    """
    if isinstance(person, Pupil):
        _pupil_left(person, on, by, at, why)
        return
    running = Basis.objects.select_for_update().filter(person=person).filter(Q(ends_on=None) | Q(ends_on__gt=on))
    rows = list(running.select_related("person"))
    if not rows:
        raise AlreadyEnded(f"{person.name} has no reason to follow that could end.")
    for row in rows:
        _end(row, max(on, row.starts_on), by, at, why)
    _record_left(person, on, by, at, why)
    facts_changed(person.school_id, Changed.person(person.pk))


def _pupil_left(pupil: Pupil, on: date, by: User | None, at: datetime, why: str) -> None:
    row = Pupil.objects.select_for_update().get(pk=pupil.pk)
    if row.left_on is not None and row.left_on <= on:
        raise AlreadyEnded(f"{row.name} is marked as left on {row.left_on:%-d %b %Y} already.")
    row.left_on = on
    row.save(update_fields=["left_on"])
    running = Basis.objects.select_for_update().filter(pupil=row).filter(Q(ends_on=None) | Q(ends_on__gt=on))
    ended = list(running.select_related("person"))
    for basis in ended:
        _end(basis, max(on, basis.starts_on), by, at, why)
    _record_left(row, on, by, at, why)
    facts_changed(row.school_id, Changed.pupil(row.pk), *(Changed.person(basis.person_id) for basis in ended))


def _record_left(subject: Person | Pupil, on: date, by: User | None, at: datetime, why: str) -> None:
    record(
        school_id=subject.school_id,
        event=Event.PERSON_LEFT,
        by=by,
        at=at,
        subject=subject,
        facts={"day": f"{on:%-d %b %Y}"},
        words={"name": subject.name, "why": why},
    )


@transaction.atomic
def mark_as_returned(*, pupil: Pupil, by: User | None, at: datetime) -> int:
    """A child who left is back: the adults whose reason ended on the day they left have it again from today.

    Returns how many adults. Raises AlreadyRecorded.
    """
    row = Pupil.objects.select_for_update().get(pk=pupil.pk)
    if row.left_on is None:
        raise AlreadyRecorded(f"{row.name} is on the roster already.")
    ended = list(Basis.objects.filter(pupil=row, ends_on__gte=row.left_on).select_related("person"))
    row.taken_back, row.left_on = row.left_on, None
    row.save(update_fields=["taken_back", "left_on"])
    has_it = set(Basis.objects.filter(pupil=row, ends_on=None).values_list("person_id", "kind"))
    back = {(basis.person_id, basis.kind): basis for basis in ended if (basis.person_id, basis.kind) not in has_it}
    for basis in back.values():
        add_basis(person=basis.person, kind=basis.kind, by=by, at=at, pupil=row, relationship=basis.relationship)
    facts_changed(row.school_id, Changed.pupil(row.pk))
    return len(back)


@transaction.atomic
def correct_person(
    *,
    person: Person,
    by: User,
    at: datetime,
    name: PersonName | None = None,
    addresses: Sequence[MailAddress] | None = None,
    do_not_contact: bool | None = None,
) -> Person:
    """Put an entry right: the name, the addresses (the whole set), "do not contact". What is None stays."""
    row = Person.objects.select_for_update().get(pk=person.pk)
    if name is not None:
        if name.family.strip() != row.family:
            row.previous_family = row.family
        row.title, row.given, row.family = name.title.strip(), name.given.strip(), name.family.strip()
    if do_not_contact is not None:
        row.do_not_contact = do_not_contact
    row.save(update_fields=["title", "given", "family", "previous_family", "do_not_contact"])
    if addresses is not None:
        wanted = {one.value: one for one in addresses}
        current = PersonAddress.objects.filter(person=row, until=None)
        current.exclude(address__in=wanted).update(until=at)
        held = set(current.values_list("address", flat=True))
        PersonAddress.objects.bulk_create(
            PersonAddress(person=row, school_id=row.school_id, address=value, mailbox=one.mailbox, since=at)
            for value, one in wanted.items()
            if value not in held
        )
    record(school_id=row.school_id, event=Event.PERSON_CORRECTED, by=by, at=at, subject=row, words={"name": row.name})
    facts_changed(row.school_id, Changed.person(row.pk))
    return row


@transaction.atomic
def open_restriction(*, person: Person, reason: str, by: User | None, at: datetime, pupil: Pupil | None = None) -> Restriction:
    """Put a mark on a person, for one child or for all. From now on only the safeguarding lead may answer for them.

    Raises BadValue without a reason.
    """
    if not reason.strip():
        raise BadValue("Write the reason; only the safeguarding lead can read it.")
    mark = Restriction.objects.create(
        school_id=person.school_id, person=person, pupil=pupil, reason=reason.strip(), opened_at=at, opened_by=by
    )
    record(school_id=person.school_id, event=Event.RESTRICTION_OPENED, by=by, at=at, subject=person, words={"name": person.name})
    facts_changed(person.school_id, Changed.person(person.pk))
    return mark


@transaction.atomic
def lift_restriction(*, restriction: Restriction, why: str, by: User, at: datetime) -> None:
    """Take a mark away again. Raises OnlyTheLead, BadValue without a reason, and AlreadyEnded when somebody was first."""
    if Role.LEAD not in roles_of(school=restriction.school, user=by):
        raise OnlyTheLead("Only the safeguarding lead lifts a mark.")
    if not why.strip():
        raise BadValue("Write why the mark is lifted.")
    row = Restriction.objects.select_for_update().select_related("person").get(pk=restriction.pk)
    if row.lifted_at is not None:
        raise AlreadyEnded("This mark was lifted already.")
    row.lifted_at, row.lifted_by, row.lifted_why = at, by, why.strip()
    row.save(update_fields=["lifted_at", "lifted_by", "lifted_why"])
    record(school_id=row.school_id, event=Event.RESTRICTION_LIFTED, by=by, at=at, subject=row.person, words={"name": row.person.name})
    facts_changed(row.school_id, Changed.person(row.person_id))
