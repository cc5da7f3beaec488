"""The People pages: the list by name, and one person with everything the school recorded of them."""

from dataclasses import dataclass
from datetime import date, datetime

from vetting.audit.queries import AuditLine, lines
from vetting.decisions.models import QueueItem
from vetting.decisions.queries import for_list
from vetting.identities.models import Identification
from vetting.identities.queries import profiles_of
from vetting.roster.models import Basis, Person, Pupil, Restriction
from vetting.roster.queries import PAGE, describe, open_restriction, people, restrictions_for_lead
from vetting.school.models import School
from vetting.school.queries import local_day

# Marks are the safeguarding lead's: even that one was placed or lifted is not told to others.


@dataclass(frozen=True)
class PersonRow:
    """One line of the list."""

    person: Person
    reasons: list[str]
    addresses: list[str]


@dataclass(frozen=True)
class PeopleList:
    rows: list[PersonRow]
    older: str


def people_list(*, school: School, search: str, after: str, at: datetime) -> PeopleList:
    """A page of people by surname; `after` is the reference the page before ended with."""
    found = people(school, search, before=after, limit=PAGE + 1)
    today = local_day(school, at)
    rows = [
        PersonRow(
            person,
            [describe(basis) for basis in person.bases.all() if _holds(basis, today)],
            [row.address for row in person.addresses.all()],
        )
        for person in found[:PAGE]
    ]
    return PeopleList(rows, rows[-1].person.reference if len(found) > PAGE else "")


def _holds(basis: Basis, on: date) -> bool:
    return basis.starts_on <= on and (basis.ends_on is None or basis.ends_on >= on)


@dataclass(frozen=True)
class Reason:
    """One reason why somebody may follow, with its days."""

    basis: Basis
    words: str
    holds: bool
    may_end: bool


@dataclass(frozen=True)
class PersonDetail:
    """One person. `marks` is filled for the safeguarding lead alone."""

    person: Person
    reasons: list[Reason]
    children: list[Pupil]
    addresses: list[str]
    accounts: list[Identification]
    requests: list[QueueItem]
    history: list[AuditLine]
    needs_lead: bool
    marks: list[Restriction]

    @property
    def belongs(self) -> bool:
        return any(reason.holds for reason in self.reasons)


def person_detail(*, person: Person, is_lead: bool, at: datetime) -> PersonDetail:
    today = local_day(person.school, at)
    bases = list(person.bases.select_related("pupil", "introduced_by").order_by("-starts_on", "-pk"))
    history = lines(school_id=person.school_id, for_lead=is_lead, subject=person, limit=50)
    return PersonDetail(
        person=person,
        reasons=[Reason(basis, describe(basis), _holds(basis, today), basis.ends_on is None or basis.ends_on > today) for basis in bases],
        children=list(dict.fromkeys(basis.pupil for basis in bases if basis.pupil is not None)),
        addresses=[row.address for row in person.addresses.filter(until=None).order_by("since", "pk")],
        accounts=profiles_of(person),
        requests=for_list(QueueItem.objects.filter(school=person.school, person=person).order_by("-opened_at", "-pk"))[:20],
        history=history,
        needs_lead=open_restriction(person) is not None,
        marks=[mark for mark in restrictions_for_lead(person.school) if mark.person_id == person.pk] if is_lead else [],
    )
