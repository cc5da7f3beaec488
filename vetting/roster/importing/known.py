"""The school's register as plain values, in six queries."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from typing import Any

from django.db.models import Q

from vetting.roster.importing.register import KnownLink, KnownPerson, KnownPupil, Register
from vetting.roster.models import Basis, EndedByList, Person, PersonAddress, Pupil, Restriction
from vetting.school.models import School

FAMILY = Basis.Kind.PARENT_OR_CARER
ENDED_BY_ABSENCE, LEFT_BY_LIST = EndedByList.ABSENCE.value, EndedByList.LEAVING_DATE.value
_NO_CHILDREN: dict[int, KnownLink] = {}
_NO_FORMER: dict[int, bool] = {}
_NO_MARKS: frozenset[int | None] = frozenset()


class _Once(dict[str, str]):
    """Words that stand in many rows, kept in memory once."""

    def of(self, text: str) -> str:
        return self.setdefault(text, text)


def load_register(school: School, on: date) -> Register:
    """The school's children and adults as they stand on a day."""
    children: dict[int, dict[int, KnownLink]] = defaultdict(dict)
    former: dict[int, dict[int, bool]] = defaultdict(dict)
    dated_by_list = _load_reasons(school, on, children, former)
    one = _Once()
    columns = ("pk", "source_id", "given", "family", "year", "class_name", "left_on", "thirteen_on")
    children_of_school = Pupil.objects.filter(school=school).values_list(*columns).iterator(chunk_size=5000)
    pupils = [
        KnownPupil(
            pk,
            number,
            one.of(given),
            one.of(family),
            one.of(year),
            one.of(class_name),
            left_on,
            thirteen_on,
            has_left=left_on is not None and left_on < on,
            left_by_list=pk in dated_by_list,
        )
        for pk, number, given, family, year, class_name, left_on, thirteen_on in children_of_school
    ]
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
            marks.get(pk, _NO_MARKS),
            others.get(pk, ""),
        )
        for pk, number, title, given, family in adults.iterator(chunk_size=5000)
    ]
    return Register(pupils, people)


def _addresses(school: School) -> dict[int, tuple[str, ...]]:
    found: dict[int, tuple[str, ...]] = {}
    current = PersonAddress.objects.filter(school=school, until=None).order_by("pk").values_list("person_id", "address")
    for person, address in current.iterator(chunk_size=5000):
        found[person] = (*found.get(person, ()), address)
    return found


def _load_reasons(school: School, on: date, children: dict[int, dict[int, KnownLink]], former: dict[int, dict[int, bool]]) -> set[int]:
    """Fill in who has which child, now and formerly; returns the children whose last day came with a list."""
    dated_by_list: set[int] = set()
    one, days = _Once(), dict[date, date]()
    bases = Basis.objects.filter(person__school=school, kind=FAMILY, pupil__isnull=False).order_by("pk")
    names = ("person_id", "pupil_id", "pk", "relationship", "roster_import_id", "missing_since", "ends_on", "starts_on")
    why_ended = ("ended_why", "ended_by_import_id")
    rows: Iterator[Any] = bases.values_list(*names, *why_ended).iterator(chunk_size=5000)
    for person, pupil, pk, relationship, from_list, since, ends_on, starts_on, why, by_list in rows:
        if ends_on is None or ends_on >= on:
            began = days.setdefault(starts_on, starts_on)
            children[person][pupil] = KnownLink(pk, one.of(relationship), from_list is not None, since, ends_on, began)
            if person in former:
                former[person].pop(pupil, None)
        elif pupil not in children.get(person, ()):
            former[person][pupil] = by_list is not None and why in (ENDED_BY_ABSENCE, LEFT_BY_LIST)
        if by_list is not None and why == LEFT_BY_LIST:
            dated_by_list.add(pupil)
    return dated_by_list


def _marks(school: School) -> dict[int, frozenset[int | None]]:
    """Who is marked for which child. A mark from a list that the lead lifted stays lifted: the lead has read the same list."""
    found: dict[int, set[int | None]] = defaultdict(set)
    marked = Restriction.objects.filter(school=school).filter(Q(lifted_at=None) | Q(roster_import__isnull=False))
    for person, pupil in marked.values_list("person_id", "pupil_id"):
        found[person].add(pupil)
    return {person: frozenset(pupils) for person, pupils in found.items()}


def _other_reasons(school: School, on: date) -> dict[int, str]:
    """Staff, governors and so on: what they may follow for besides any child, in words."""
    current = Basis.objects.filter(person__school=school, starts_on__lte=on).filter(Q(ends_on=None) | Q(ends_on__gte=on))
    rows = current.exclude(kind=FAMILY).values_list("person_id", "kind", "relationship")
    return {person: (relationship or Basis.Kind(kind).label.lower()) for person, kind, relationship in rows}
