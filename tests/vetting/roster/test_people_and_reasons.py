"""People typed in by the office, and the reasons that begin and end."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError

from tests import given, given_roster
from tests.given_roster import a_parent, the_child
from vetting.audit.queries import lines
from vetting.roster.children import ChildName, year_group
from vetting.roster.models import Basis
from vetting.roster.operations import (
    AlreadyEnded,
    AlreadyRecorded,
    OnlyTheLead,
    add_basis,
    add_person,
    correct_person,
    end_basis,
    lift_restriction,
    mark_as_left,
    mark_as_returned,
    open_restriction,
)
from vetting.roster.queries import (
    current_bases,
    describe,
    has_current_basis,
    people,
    person_by_reference,
    pupils,
)
from vetting.roster.queries import (
    open_restriction as restriction_of,
)
from vetting.values import BadValue, MailAddress, PersonName

pytestmark = pytest.mark.django_db
TODAY = given.MONDAY.date()
TOMORROW = TODAY + timedelta(days=1)


def test_a_parent_is_added_at_the_desk_with_the_child_as_the_reason() -> None:
    school = given.a_school()
    priya = given.priya(school)
    version = school.facts_version
    dana = a_parent(school, email="dana@home.test", by=priya)
    school.refresh_from_db()
    assert [describe(basis) for basis in current_bases(dana, TODAY)] == ["parent or carer of Ada Hill, Year 2"]
    assert school.facts_version > version
    assert [line.sentence for line in lines(school_id=school.pk)][:2] == [
        "Priya recorded Dana Hill as parent or carer.",
        "Priya added Dana Hill.",
    ]


def test_two_parents_of_one_child_share_the_child() -> None:
    school = given.a_school()
    a_parent(school, "Dana Hill")
    a_parent(school, "Sam Hill")
    assert [pupil.name for pupil in pupils(school)] == ["Ada Hill"]


def test_a_parent_without_a_child_and_an_introduction_without_a_parent_are_refused() -> None:
    school = given.a_school()
    for kind in (Basis.Kind.PARENT_OR_CARER, Basis.Kind.INTRODUCED_BY):
        with pytest.raises(BadValue):
            add_person(school=school, name=PersonName("Dana", "Hill"), kind=kind, by=None, at=given.MONDAY)
    assert school.people.count() == 0


def test_the_last_day_counts_and_the_next_does_not() -> None:
    dana = a_parent(given.a_school())
    mark_as_left(person=dana, on=TODAY, by=None, at=given.MONDAY)
    assert has_current_basis(dana, TODAY)
    assert not has_current_basis(dana, TOMORROW)
    with pytest.raises(AlreadyEnded):
        mark_as_left(person=dana, on=TODAY, by=None, at=given.MONDAY)


def test_when_a_child_leaves_the_parent_of_a_sibling_stays() -> None:
    school = given.a_school()
    dana, sam = a_parent(school, "Dana Hill"), a_parent(school, "Sam Hill")
    add_basis(person=dana, kind=Basis.Kind.PARENT_OR_CARER, by=None, at=given.MONDAY, child=ChildName("Noah", "Hill", "Y2"))
    mark_as_left(person=the_child(school, "Ada"), on=TODAY, by=None, at=given.MONDAY)
    assert [describe(basis) for basis in current_bases(dana, TOMORROW)] == ["parent or carer of Noah Hill, Year 2"]
    assert not has_current_basis(sam, TOMORROW)
    assert has_current_basis(dana, TOMORROW)


def test_a_child_who_returns_brings_the_reasons_back() -> None:
    school = given.a_school()
    dana, sam = a_parent(school, "Dana Hill"), a_parent(school, "Sam Hill")
    ada = the_child(school, "Ada")
    mark_as_left(person=ada, on=TODAY, by=None, at=given.MONDAY)
    assert mark_as_returned(pupil=ada, by=None, at=given_roster.days_later(30)) == 2
    assert has_current_basis(dana, date(2026, 12, 9))
    assert has_current_basis(sam, date(2026, 12, 9))


def test_a_member_of_staff_who_is_also_a_parent_stays_as_a_parent() -> None:
    school = given.a_school()
    dana = a_parent(school)
    job = add_basis(person=dana, kind=Basis.Kind.STAFF, by=None, at=given.MONDAY)
    with pytest.raises(AlreadyRecorded):
        add_basis(person=dana, kind=Basis.Kind.STAFF, by=None, at=given.MONDAY)
    end_basis(basis=job, on=TODAY, by=None, at=given.MONDAY)
    assert [basis.kind for basis in current_bases(dana, TOMORROW)] == [Basis.Kind.PARENT_OR_CARER]


def test_an_introduction_ends_with_the_reason_of_the_parent_who_made_it() -> None:
    school = given.a_school()
    dana = a_parent(school)
    gran = add_person(
        school=school, name=PersonName("Ann", "Hill"), kind=Basis.Kind.INTRODUCED_BY, by=None, at=given.MONDAY, introduced_by=dana
    )
    assert has_current_basis(gran, TOMORROW)
    mark_as_left(person=dana, on=TODAY, by=None, at=given.MONDAY)
    assert has_current_basis(gran, TODAY)
    assert not has_current_basis(gran, TOMORROW)


def test_a_reason_cannot_end_before_it_began() -> None:
    dana = a_parent(given.a_school())
    with pytest.raises(BadValue):
        end_basis(basis=dana.bases.get(), on=date(2020, 1, 1), by=None, at=given.MONDAY)
    with pytest.raises(IntegrityError, match="basis_ends_after_it_starts"):
        dana.bases.update(ends_on=date(2020, 1, 1))


def test_a_mark_needs_a_reason_and_is_lifted_once() -> None:
    school = given.a_school()
    reid, dana = given.ms_reid(school), a_parent(school)
    with pytest.raises(BadValue):
        open_restriction(person=dana, reason=" ", by=reid, at=given.MONDAY)
    mark = open_restriction(person=dana, reason="An order of 3 May.", by=reid, at=given.MONDAY)
    assert restriction_of(dana) == mark
    with pytest.raises(OnlyTheLead):
        lift_restriction(restriction=mark, why="It is fine.", by=given.mr_okafor(school), at=given.MONDAY)
    lift_restriction(restriction=mark, why="The order ended.", by=reid, at=given.MONDAY)
    assert restriction_of(dana) is None
    with pytest.raises(AlreadyEnded):
        lift_restriction(restriction=mark, why="Again.", by=reid, at=given.MONDAY)
    assert not any("order" in line.sentence for line in lines(school_id=school.pk))


def test_a_correction_replaces_addresses_and_remembers_the_former_surname() -> None:
    school = given.a_school()
    priya, dana = given.priya(school), a_parent(school, email="dana@old.test")
    name, addresses = PersonName("Dana", "Field"), [MailAddress("dana@new.test")]
    correct_person(person=dana, by=priya, at=given.MONDAY, name=name, addresses=addresses, do_not_contact=True)
    again = person_by_reference(school, dana.reference)
    assert again is not None
    assert (again.name, again.previous_family, again.do_not_contact) == ("Dana Field", "Hill", True)
    assert [address.address for address in again.addresses.all()] == ["dana@new.test"]


def test_people_are_found_by_name_address_or_child_and_paged_by_surname() -> None:
    school = given.a_school()
    for name, child in (("Dana Hill", "Ada Hill"), ("Sam Ward", "Leo Ward"), ("Una Bell", "Ivy Bell")):
        a_parent(school, name, child, email=f"{name.split()[0].lower()}@home.test")
    a_parent(given.a_school(name="Other", slug="other"), "Dana Hill")
    assert [person.name for person in people(school)] == ["Una Bell", "Dana Hill", "Sam Ward"]
    assert [person.name for person in people(school, "leo")] == ["Sam Ward"]
    assert [person.name for person in people(school, "dana@")] == ["Dana Hill"]
    first = people(school, limit=1)
    assert [person.name for person in people(school, before=first[0].reference)] == ["Dana Hill", "Sam Ward"]


@pytest.mark.parametrize(
    ("written", "year"),
    [("Y4", "Year 4"), ("4", "Year 4"), ("Yr 10", "Year 10"), ("Rec", "Reception"), ("R", "Reception"), ("N2", "Nursery"), ("Oak", "Oak")],
)
def test_year_groups_have_one_spelling(written: str, year: str) -> None:
    assert year_group(written) == year
