"""Writing a comparison into the register, in bulk, and noting what it was before."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db.models import Model

from vetting.audit.events import Event
from vetting.audit.operations import record
from vetting.roster.importing import bulk
from vetting.roster.importing.comparing import Comparison, leaves
from vetting.roster.importing.gathering import ListedPerson, ListedPupil, mailbox_of
from vetting.roster.importing.known import ENDED_BY_ABSENCE, FAMILY, LEFT_BY_LIST, what_ended
from vetting.roster.importing.register import Ended, KnownPupil
from vetting.roster.importing.undoing import Journal
from vetting.roster.models import Basis, Person, PersonAddress, Pupil, Restriction, RosterImport
from vetting.values import new_references

MARK_REASON = "The school's list carries a court-order mark."


@dataclass(frozen=True)
class Applied:
    """What applying a list did."""

    added: int
    changed: int
    pupils_added: int
    marks: int
    ended: int


def write(comparison: Comparison, *, roster_import: RosterImport, on: date, at: datetime) -> tuple[Applied, Journal]:
    """Carry out a comparison. Called inside the transaction of the import; questions are left alone, nobody is removed."""
    return _Writing(comparison, roster_import, on, at).all()


class _Writing:
    """One list on its way into the register."""

    def __init__(self, comparison: Comparison, roster_import: RosterImport, on: date, at: datetime) -> None:
        self._list = comparison
        self._settled = comparison.settled
        self._import = roster_import
        self._school = roster_import.school
        self._on, self._at = on, at
        self._moment = bulk.moment(at)
        self._journal = Journal()
        self._pupils: dict[int, int] = {id(one): one.known.pk for one in comparison.pupils if one.known}
        self._people: dict[int, int] = {id(one): one.known.pk for one in comparison.people if one.known}

    def all(self) -> tuple[Applied, Journal]:
        pupils_added = self._write_pupils()
        added = self._write_people()
        self._write_addresses()
        self._write_reasons()
        self._write_dates_taken_back()
        self._write_reasons_back()
        ended = self._write_leaving_dates() + self._write_absences()
        self._write_marks_gone()
        marks = self._write_marks()
        changed = sum(1 for person in self._settled if person.is_changed)
        return Applied(added, changed, pupils_added, marks, ended), self._journal

    def _change(self, model: type[Model], before: Mapping[int, Mapping[str, Any]], after: dict[int, dict[str, Any]]) -> None:
        self._journal.changed(model, before, after)
        bulk.update(model, after)

    def _write_pupils(self) -> int:
        changed = [one for one in self._list.pupils if one.known and not one.question and (one.returned or one.changes)]
        after = {one.known.pk: one.changes | (_taken_back(one.known) if one.returned else {}) for one in changed if one.known}
        new = [one for one in self._list.pupils if one.known is None and not one.question]
        self._free_numbers(Pupil, (one.row.pupil_id for one in new), after)
        self._change(Pupil, _before(after, changed), _numbers_freed_first(Pupil, after, _before(after, changed)))
        keys = bulk.reserve(Pupil, len(new))
        self._pupils |= {id(one): key for one, key in zip(new, keys, strict=True)}
        bulk.insert(
            Pupil,
            ("id", "school", "source_id", "given", "family", "year", "class_name", "left_on", "thirteen_on"),
            (
                (
                    key,
                    self._school.pk,
                    row.pupil_id,
                    row.pupil_given,
                    row.pupil_family,
                    row.year,
                    row.class_name,
                    row.left_on,
                    row.thirteen_on,
                )
                for key, row in zip(keys, (one.row for one in new), strict=True)
            ),
        )
        self._journal.made(Pupil, keys)
        return len(new)

    def _write_people(self) -> int:
        changed = [one for one in self._settled if one.known and one.changes]
        after: dict[int, dict[str, Any]] = {one.known.pk: dict(one.changes or {}) for one in changed if one.known}
        before = _before(after, changed)
        for one in changed:
            if one.known and one.known.family and "family" in (one.changes or {}):
                after[one.known.pk]["previous_family"] = one.known.family
        names = [pk for pk, values in after.items() if "previous_family" in values]
        former = dict(Person.objects.filter(pk__in=names).values_list("pk", "previous_family")) if names else {}
        for pk, name in former.items():
            before[pk] = {**before[pk], "previous_family": name}
        new = [one for one in self._settled if one.known is None]
        self._free_numbers(Person, (one.number for one in new), after)
        self._change(Person, before, _numbers_freed_first(Person, after, before))
        keys = bulk.reserve(Person, len(new))
        self._people |= {id(one): key for one, key in zip(new, keys, strict=True)}
        by = self._import.applied_by_id
        bulk.insert(
            Person,
            (
                "id",
                "school",
                "reference",
                "source_id",
                "title",
                "given",
                "family",
                "previous_family",
                "do_not_contact",
                "added_at",
                "added_by",
            ),
            (
                (key, self._school.pk, reference, one.number, one.row.title, one.row.given, one.row.family, "", False, self._moment, by)
                for key, reference, one in zip(keys, new_references(len(new)), new, strict=True)
            ),
        )
        self._journal.made(Person, keys)
        return len(new)

    def _free_numbers(self, model: type[Pupil] | type[Person], new: Iterable[str], after: Mapping[int, Mapping[str, Any]]) -> None:
        """Whoever holds a number that the list has for somebody else gives it up: one who is gone, or is said to be another."""
        moved = {pk: str(values["source_id"]) for pk, values in after.items() if "source_id" in values}
        wanted = {number for number in (*new, *moved.values()) if number}
        if not wanted or not model._default_manager.filter(school=self._school).exclude(source_id="").exists():
            return
        for chunk in bulk.in_chunks(sorted(wanted)):
            held = model._default_manager.filter(school=self._school, source_id__in=chunk).values_list("pk", "source_id")
            before = {pk: {"source_id": number} for pk, number in held if pk not in moved}
            self._change(model, before, {pk: {"source_id": ""} for pk in before})

    def _write_addresses(self) -> None:
        over = {}
        for one in self._settled:
            if one.old_addresses and one.known:
                rows = PersonAddress.objects.filter(person_id=one.known.pk, address__in=one.old_addresses, until=None)
                over.update({pk: {"until": self._at} for pk in rows.values_list("pk", flat=True)})
        self._change(PersonAddress, {pk: {"until": None} for pk in over}, over)
        new = [(self._people[id(one)], address) for one in self._settled for address in one.new_addresses]
        keys = bulk.reserve(PersonAddress, len(new))
        bulk.insert(
            PersonAddress,
            ("id", "school", "person", "address", "mailbox", "since"),
            (
                (key, self._school.pk, person, address, mailbox_of(address), self._moment)
                for key, (person, address) in zip(keys, new, strict=True)
            ),
        )
        self._journal.made(PersonAddress, keys)

    def _write_reasons(self) -> None:
        links = [(self._people[id(one)], link) for one in self._settled for link in one.links if id(link.pupil) in self._pupils]
        new = [(person, link) for person, link in links if link.is_new]
        keys = bulk.reserve(Basis, len(new))
        bulk.insert(
            Basis,
            (
                "id",
                "person",
                "kind",
                "pupil",
                "relationship",
                "starts_on",
                "ends_on",
                "ended_why",
                "ended_at",
                "ended_by_import",
                "roster_import",
            ),
            (
                (key, person, FAMILY.value, self._pupils[id(link.pupil)], link.relationship, *self._span(link.pupil), self._import.pk)
                for key, (person, link) in zip(keys, new, strict=True)
            ),
        )
        self._journal.made(Basis, keys)
        before, after = {}, {}
        for one in self._settled:
            for link in one.links:
                if link.relationship_changed and one.known and link.pupil.known:
                    known = one.known.children[link.pupil.known.pk]
                    before[known.basis], after[known.basis] = {"relationship": known.relationship}, {"relationship": link.relationship}
        self._change(Basis, before, after)

    def _span(self, pupil: ListedPupil) -> tuple[date, date | None, str, Any, int | None]:
        """A child who left before the list was read: the reason lasted until then, not from today on."""
        left = pupil.row.left_on
        if left is None:
            return self._on, None, "", None, None
        return min(self._on, left), left, LEFT_BY_LIST, self._moment, self._import.pk

    def _write_dates_taken_back(self) -> None:
        """A leaving date still to come that the list no longer has: the reasons that another list ended by it go on."""
        back = [one.known.pk for one in self._list.pupils if one.known and one.returned and not one.known.has_left]
        goes_on = {"ends_on": None, "ended_why": "", "ended_at": None, "ended_by_import": None}
        after: dict[int, dict[str, Any]] = {}
        for last in _last_reasons(back):
            if last.ended is Ended.BY_DATE and last.ends_on is not None and last.ends_on >= self._on:
                after[last.pk] = dict(goes_on)
        self._change(Basis, dict(_read(Basis, after)), after)

    def _write_reasons_back(self) -> None:
        """A leaving date that is over and was taken back: whoever lost their reason by it has one again, named beside the child or not.

        Who is no longer on the list with that child is missing from the next complete lists, like anybody else.
        """
        back = [one.known.pk for one in self._list.pupils if one.known and one.returned and one.known.has_left]
        over = [last for last in _last_reasons(back) if last.ended is Ended.BY_DATE]
        keys = bulk.reserve(Basis, len(over))
        bulk.insert(
            Basis,
            ("id", "person", "kind", "pupil", "relationship", "starts_on", "ended_why", "roster_import"),
            (
                (key, last.person, last.kind, last.pupil, last.relationship, self._on, "", self._import.pk)
                for key, last in zip(keys, over, strict=True)
            ),
        )
        self._journal.made(Basis, keys)

    def _write_leaving_dates(self) -> int:
        known = [(one.known, one.row.left_on) for one in self._list.pupils if one.known and leaves(one) and not one.question]
        leaving = {pupil.pk: day for pupil, day in known}
        if not leaving:
            return 0
        before = {pupil.pk: {"left_on": pupil.left_on} for pupil, _ in known}
        self._change(Pupil, before, {pk: {"left_on": day} for pk, day in leaving.items()})
        after: dict[int, dict[str, Any]] = {}
        together = {(one.known.pk, link.pupil.known.pk) for one in self._settled for link in one.links if one.known and link.pupil.known}
        for last in _last_reasons(leaving):
            if last.ended is Ended.BY_HAND or (last.ended is Ended.BY_ABSENCE and (last.person, last.pupil) not in together):
                continue
            # Written down only after the child had left: the reason was over on the day it began here.
            day, starts_on = leaving[last.pupil] or last.starts_on, last.starts_on
            if last.ends_on is None or (last.ends_on != day and starts_on <= day):
                after[last.pk] = self._ended(max(day, starts_on), LEFT_BY_LIST)
        self._change(Basis, dict(_read(Basis, after)), after)
        return len(after)

    def _ended(self, day: date, why: str) -> dict[str, Any]:
        return {"ends_on": day, "ended_why": why, "ended_at": self._at, "ended_by_import": self._import.pk, "missing_since": None}

    def _write_absences(self) -> int:
        listed = self._list
        marked = {missing.link.basis: {"missing_since": self._import.uploaded_at} for missing in listed.missing}
        self._change(Basis, {pk: {"missing_since": None} for pk in marked}, marked)
        back = {link.basis: link.missing_since for link in listed.reappeared}
        self._change(Basis, {pk: {"missing_since": since} for pk, since in back.items()}, {pk: {"missing_since": None} for pk in back})
        adopted = {link.basis: {"roster_import": self._import.pk} for link in listed.adopted}
        self._change(Basis, {link.basis: {"roster_import": link.from_list} for link in listed.adopted}, adopted)
        over = {one.link.basis: self._ended(one.ends_on, ENDED_BY_ABSENCE) for one in listed.ending if one.ends_on}
        self._change(Basis, dict(_read(Basis, over)), over)
        return len(over)

    def _write_marks_gone(self) -> None:
        gone, back = self._list.marks_gone, self._list.marks_back
        after: dict[int, dict[str, Any]] = {mark.pk: {"gone_since": self._at} for mark in gone} | {
            mark.pk: {"gone_since": None} for mark in back
        }
        self._change(Restriction, {mark.pk: {"gone_since": mark.gone_since} for mark in (*gone, *back)}, after)

    def _write_marks(self) -> int:
        """One at a time: they are few, and each stands in the record by itself."""
        made = [self._write_mark(one, self._pupils[id(pupil)] if pupil else None) for one, pupil in self._list.marks_to_place()]
        self._journal.made(Restriction, made)
        return len(made)

    def _write_mark(self, person: ListedPerson, pupil: int | None) -> int:
        mark = Restriction.objects.create(
            school=self._school,
            person_id=self._people[id(person)],
            pupil_id=pupil,
            reason=MARK_REASON,
            opened_at=self._at,
            opened_by=self._import.applied_by,
            roster_import=self._import,
        )
        record(
            school_id=self._school.pk,
            event=Event.RESTRICTION_OPENED,
            by=self._import.applied_by,
            at=self._at,
            subject=mark.person,
            words={"name": person.name},
        )
        return mark.pk


class _Reason(NamedTuple):
    pk: int
    person: int
    pupil: int
    starts_on: date
    ends_on: date | None
    ended: Ended | None
    kind: str
    relationship: str


def _last_reasons(pupils: Iterable[int]) -> Iterable[_Reason]:
    """What each adult last had through a child: the reason that runs, else the latest. An earlier time at the school is over."""
    found: dict[tuple[int, int, str], _Reason] = {}
    for chunk in bulk.in_chunks(pupils):
        rows = Basis.objects.filter(pupil_id__in=chunk).order_by("pk")
        names = ("pk", "person_id", "pupil_id", "starts_on", "ends_on", "ended_by_import_id", "ended_why", "kind", "relationship")
        for pk, person, pupil, starts_on, ends_on, by_list, why, kind, relationship in rows.values_list(*names):
            before = found.get((person, pupil, kind))
            if before is None or before.ends_on is not None:
                ended = None if ends_on is None else what_ended(by_list, why)
                found[person, pupil, kind] = _Reason(pk, person, pupil, starts_on, ends_on, ended, kind, relationship)
    return found.values()


def _taken_back(known: KnownPupil) -> dict[str, Any]:
    return {"left_on": None, "taken_back": known.left_on}


def _before(after: Mapping[int, Mapping[str, Any]], changed: Sequence[ListedPupil] | Sequence[ListedPerson]) -> dict[int, dict[str, Any]]:
    known = {one.known.pk: one.known for one in changed if one.known}
    return {pk: {name: getattr(known[pk], name) for name in values} for pk, values in after.items()}


def _read(model: type[Model], wanted: Mapping[int, Mapping[str, Any]]) -> list[tuple[int, dict[str, Any]]]:
    """What the columns about to change hold now."""
    if not wanted:
        return []
    names = list(next(iter(wanted.values())))
    columns = [bulk.field_of(model, name).attname for name in names]
    found = []
    for chunk in bulk.in_chunks(wanted):
        for pk, *values in model._default_manager.filter(pk__in=chunk).values_list("pk", *columns):
            found.append((pk, dict(zip(names, values, strict=True))))
    return found


def _numbers_freed_first(
    model: type[Model], after: dict[int, dict[str, Any]], before: Mapping[int, Mapping[str, Any]]
) -> dict[int, dict[str, Any]]:
    """Numbers that change hands are laid down by all before anybody takes one up: no two ever hold the same."""
    moving = {pk: {"source_id": ""} for pk, values in after.items() if "source_id" in values and before[pk].get("source_id")}
    bulk.update(model, moving)
    return after
