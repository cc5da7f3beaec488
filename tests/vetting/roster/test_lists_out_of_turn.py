"""Lists that are applied out of turn: an older one says nothing against what a newer one has told since."""

from datetime import UTC, date, datetime, timedelta

import pytest

from accounts.models import User
from tests import given
from tests.given_leavers import a_follower, a_plan, groups
from tests.given_roster import a_checked_list, a_list, a_loaded_list, days_later, exported_again
from vetting.leavers.rules import Group
from vetting.roster.models import Basis, Person, Pupil
from vetting.roster.operations import RegisterChangedSince, answer_questions, apply_import, load_list
from vetting.school.models import School

pytestmark = pytest.mark.django_db
HILL, BELL = "1,Ada,Hill,Year 2,1,Dana,Hill,d@home.test,Mother,No,", "2,Ivy,Bell,Year 3,2,Una,Bell,u@home.test,Mother,No,"


@pytest.fixture
def school() -> School:
    return given.a_school()


@pytest.fixture
def priya(school: School) -> User:
    return given.priya(school)


def _danas(school: School) -> Basis:
    return Basis.objects.get(person__school=school, person__given="Dana")


def test_a_list_checked_before_a_newer_one_named_somebody_does_not_count_as_the_first_without_them(school: School, priya: User) -> None:
    a_loaded_list(school, a_list(HILL, BELL), priya, complete=True)
    old = a_checked_list(school, a_list(BELL), priya, at=days_later(2))
    a_loaded_list(school, a_list(HILL.replace("d@", "dana@")), priya, at=days_later(2) + timedelta(hours=6))
    with pytest.raises(RegisterChangedSince):
        apply_import(roster_import=old, by=priya, at=days_later(2) + timedelta(hours=8))
    # Looked at again it is an old list, and says so.
    old = answer_questions(roster_import=old, answers={}, by=priya, at=days_later(2) + timedelta(hours=8))
    assert "A newer list was loaded since this one came in: who is missing from this one is not noted." in old.warnings
    apply_import(roster_import=old, by=priya, at=days_later(2) + timedelta(hours=8))
    a_loaded_list(school, a_list(BELL), priya, at=days_later(3) + timedelta(hours=4), complete=True)
    assert _danas(school).ends_on is None


def test_a_newer_list_that_held_nothing_new_counts_as_well(school: School, priya: User) -> None:
    a_loaded_list(school, a_list(HILL, BELL), priya, complete=True)
    old = a_checked_list(school, a_list(BELL), priya, at=days_later(2))
    newer = exported_again(a_list(HILL, BELL), times=3)
    load_list(
        school=school, file_name="l.csv", contents=newer, by=priya, at=days_later(2) + timedelta(hours=6), apply=True, kind="COMPLETE"
    )
    with pytest.raises(RegisterChangedSince):
        apply_import(roster_import=old, by=priya, at=days_later(2) + timedelta(hours=8))
    assert _danas(school).missing_since is None


def test_an_older_list_takes_back_no_leaving_date_that_a_newer_one_brought(school: School, priya: User) -> None:
    a_loaded_list(school, a_list(HILL, BELL), priya, complete=True)
    old = a_checked_list(school, a_list(HILL, BELL.replace("Year 3", "Year 4")), priya, at=days_later(2))
    a_loaded_list(school, a_list(f"{HILL}13/11/2026", BELL), priya, at=days_later(2) + timedelta(hours=6), complete=True)
    eight = days_later(2) + timedelta(hours=8)
    apply_import(roster_import=answer_questions(roster_import=old, answers={}, by=priya, at=eight), by=priya, at=eight)
    ada = Pupil.objects.get(school=school, given="Ada")
    assert (ada.left_on, ada.taken_back) == (date(2026, 11, 13), None)
    assert _danas(school).ends_on == date(2026, 11, 13)


def test_the_first_list_without_somebody_is_of_the_day_it_was_at_the_school(school: School, priya: User) -> None:
    School.objects.filter(pk=school.pk).update(time_zone="America/Toronto")
    school.refresh_from_db()
    account = given.an_account(school)
    a_loaded_list(school, a_list(HILL, BELL), priya, complete=True)
    a_follower(account, Person.objects.get(school=school, given="Dana"))
    for day in (12, 14):  # in the evening there, after midnight in Greenwich
        a_loaded_list(school, a_list(BELL), priya, at=datetime(2026, 11, day, 2, tzinfo=UTC), complete=True)
    assert _danas(school).ends_on == date(2026, 11, 11)
    assert groups(a_plan(account, days_later(60))) == {Group.READY: ["Dana"]}


def test_somebody_added_after_the_first_list_without_them_came_in_is_a_leaver_all_the_same(school: School, priya: User) -> None:
    a_loaded_list(school, a_list(BELL), priya, complete=True)
    naming = a_checked_list(school, a_list(HILL, BELL), priya, at=days_later(1), complete=False)
    without = a_checked_list(school, a_list(BELL), priya, at=days_later(1) + timedelta(hours=2))
    apply_import(roster_import=naming, by=priya, at=days_later(2))
    a_follower(given.an_account(school), Person.objects.get(school=school, given="Dana"))
    at = days_later(2) + timedelta(hours=1)
    apply_import(roster_import=answer_questions(roster_import=without, answers={}, by=priya, at=at), by=priya, at=at)
    a_loaded_list(school, a_list(BELL), priya, at=days_later(4), complete=True)
    assert _danas(school).ends_on == days_later(2).date()
    assert groups(a_plan(school.school_accounts.get(), days_later(60))) == {Group.READY: ["Dana"]}
