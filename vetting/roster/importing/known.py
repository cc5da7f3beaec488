"""The school's register as plain values, in seven queries."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q

from vetting.roster.importing.register import LONG_AHEAD, Ended, KnownLink, KnownMark, KnownPerson, KnownPupil, Register
from vetting.roster.models import Basis, EndedByList, Person, PersonAddress, Pupil, Restriction, RosterImport
from vetting.school.models import School
from vetting.school.queries import local_day

FAMILY = Basis.Kind.PARENT_OR_CARER
ENDED_BY_ABSENCE, LEFT_BY_LIST = EndedByList.ABSENCE.value, EndedByList.LEAVING_DATE.value
_NO_CHILDREN: dict[int, KnownLink] = {}
_NO_FORMER: dict[int, Ended] = {}
_BY_LIST = {ENDED_BY_ABSENCE: Ended.BY_ABSENCE, LEFT_BY_LIST: Ended.BY_DATE}


class _Once(dict[str, str]):
    """Words that stand in many rows, kept in memory once."""

    def of(self, text: str) -> str:
        return self.setdefault(text, text)


def load_register(school: School, on: date) -> Register:
    """The school's children and adults as they stand on a day."""
    children: dict[int, dict[int, KnownLink]] = defaultdict(dict)
    former: dict[int, dict[int, Ended]] = defaultdict(dict)
    dated_by_list, gone = _load_reasons(school, on, children, former)
    named_on = _named_on(children)
    one = _Once()
    pupils = _pupils(school, on, one, dated_by_list=dated_by_list, gone=gone, named_on=named_on)
    addresses = _addresses(school)
    marks, others = _marks(school), _other_reasons(school, on)
    adults = Person.objects.filter(school=school).order_by("pk").values_list("pk", "source_id", "title", "given", "family")
    people = [
        KnownPerson(
            pk,
            number,
            one.of(title),
            one.of(given),
            one.of(family),
            addresses.get(pk, ()),
            children.get(pk, _NO_CHILDREN),
            former.get(pk, _NO_FORMER),
            marks.get(pk, ()),
            others.get(pk, ""),
        )
        for pk, number, title, given, family in adults.iterator(chunk_size=5000)
    ]
    return Register(pupils, people)


def _pupils(
    school: School, on: date, one: _Once, *, dated_by_list: set[int], gone: set[int], named_on: dict[int, date]
) -> list[KnownPupil]:
    columns = ("pk", "source_id", "given", "family", "year", "class_name", "left_on", "thirteen_on", "taken_back")
    children_of_school = Pupil.objects.filter(school=school).values_list(*columns).iterator(chunk_size=5000)
    return [
        KnownPupil(
            pk,
            number,
            one.of(given),
            one.of(family),
            one.of(year),
            one.of(class_name),
            left_on,
            thirteen_on,
            has_left=pk in gone or (left_on is not None and left_on < on),
            left_by_list=pk in dated_by_list,
            taken_back=taken_back,
            named_on=named_on.get(pk),
        )
        for pk, number, given, family, year, class_name, left_on, thirteen_on, taken_back in children_of_school
    ]


def _addresses(school: School) -> dict[int, tuple[str, ...]]:
    found: dict[int, tuple[str, ...]] = {}
    current = PersonAddress.objects.filter(school=school, until=None).order_by("pk").values_list("person_id", "address")
    for person, address in current.iterator(chunk_size=5000):
        found[person] = (*found.get(person, ()), address)
    return found


def _load_reasons(
    school: School, on: date, children: dict[int, dict[int, KnownLink]], former: dict[int, dict[int, Ended]]
) -> tuple[set[int], set[int]]:
    """Fill in who has which child, now and formerly.

    Returns the children whose last day came with a list, and those whom lists no longer have: nobody has a reason through them.
    """
    dated_by_list, absent = set[int](), set[int]()
    one, days = _Once(), dict[date, date]()
    bases = Basis.objects.filter(person__school=school, kind=FAMILY, pupil__isnull=False).order_by("pk")
    names = ("person_id", "pupil_id", "pk", "relationship", "roster_import_id", "missing_since", "ends_on", "starts_on")
    why_ended = ("ended_why", "ended_by_import_id")
    came_in, zone = _days_of_lists(school), ZoneInfo(school.time_zone)
    rows: Iterator[Any] = bases.values_list(*names, *why_ended).iterator(chunk_size=5000)
    for person, pupil, pk, relationship, from_list, since, ends_on, starts_on, why, by_list in rows:
        if ends_on is None or ends_on >= on:
            began = days.setdefault(starts_on, starts_on)
            named_on, runs_on = came_in.get(from_list), ends_on is None or ends_on > on + LONG_AHEAD
            noted = since.astimezone(zone) if since else None
            children[person][pupil] = KnownLink(pk, one.of(relationship), from_list, noted, ends_on, began, runs_on, named_on)
            if person in former:
                former[person].pop(pupil, None)
        elif pupil not in children.get(person, ()):
            former[person][pupil] = what_ended(by_list, why)
            if former[person][pupil] is Ended.BY_ABSENCE:
                absent.add(pupil)
        if by_list is not None and why == LEFT_BY_LIST:
            dated_by_list.add(pupil)
    return dated_by_list, absent - {child for theirs in children.values() for child in theirs} if absent else absent


def what_ended(by_list: int | None, why: str) -> Ended:
    return _BY_LIST.get(why, Ended.BY_HAND) if by_list is not None else Ended.BY_HAND


def _days_of_lists(school: School) -> dict[int, date]:
    """The day on which each loaded list came in."""
    loaded = RosterImport.objects.filter(school=school, applied_at__isnull=False).values_list("pk", "uploaded_at")
    return {pk: local_day(school, at) for pk, at in loaded}


def _named_on(children: dict[int, dict[int, KnownLink]]) -> dict[int, date]:
    """For each child the newest day that any of their adults' reasons carries."""
    found: dict[int, date] = {}
    for links in children.values():
        for pupil, link in links.items():
            if link.named_on is not None:
                found[pupil] = max(found.get(pupil, link.named_on), link.named_on)
    return found


def _marks(school: School) -> dict[int, tuple[KnownMark, ...]]:
    """Who is marked for which child: what is open, and what a list brought and the lead lifted."""
    found: dict[int, tuple[KnownMark, ...]] = {}
    marked = Restriction.objects.filter(school=school).filter(Q(lifted_at=None) | Q(roster_import__isnull=False)).order_by("pk")
    names = ("person_id", "pk", "pupil_id", "lifted_at", "roster_import__source", "gone_since")
    for person, pk, pupil, lifted_at, source, gone_since in marked.values_list(*names):
        found[person] = (*found.get(person, ()), KnownMark(pk, pupil, lifted_at is None, source, gone_since))
    return found


def _other_reasons(school: School, on: date) -> dict[int, str]:
    """Staff, governors and so on: what they may follow for besides any child, in words."""
    current = Basis.objects.filter(person__school=school, starts_on__lte=on).filter(Q(ends_on=None) | Q(ends_on__gte=on))
    rows = current.exclude(kind=FAMILY).values_list("person_id", "kind", "relationship")
    return {person: (relationship or Basis.Kind(kind).label.lower()) for person, kind, relationship in rows}
