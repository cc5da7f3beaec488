"""A leaving date that was taken back is no news when an old list brings it again, and no date lies a lifetime ahead."""

from datetime import date

import pytest

from accounts.models import User
from tests import given
from tests.given_roster import a_checked_list, a_list, a_loaded_list, days_later, the_child
from vetting.roster.models import Basis, Person
from vetting.roster.operations import mark_as_left, mark_as_returned, roll_back_import
from vetting.roster.queries import has_current_basis
from vetting.school.models import School

pytestmark = pytest.mark.django_db
STAYS = "1,Ada,Hill,Year 2,9,Dana,Hill,dana@home.test,Mother,No,"
LEFT = STAYS + "06/11/2026"
OTHERS = [f"{n},Child{n},Ward,Year 2,{n}0,Par{n},Ward,p{n}@home.test,Mother,No," for n in range(2, 12)]


@pytest.fixture
def school() -> School:
    return given.a_school()


@pytest.fixture
def priya(school: School) -> User:
    return given.priya(school)


def _follows(on: date) -> bool:
    return has_current_basis(Person.objects.get(given="Dana"), on)


def _days(school: School) -> list[tuple[object, ...]]:
    return list(Basis.objects.filter(person__school=school).order_by("pk").values_list("pk", "starts_on", "ends_on", "pupil__left_on"))


def test_an_old_list_does_not_undo_that_a_person_said_a_child_is_back(school: School, priya: User) -> None:
    a_loaded_list(school, a_list(STAYS, *OTHERS), priya)
    a_loaded_list(school, a_list(LEFT, *OTHERS), priya, at=days_later(1))
    assert not _follows(date(2026, 11, 11))
    mark_as_returned(pupil=the_child(school, "Ada"), by=priya, at=days_later(3))
    before = _days(school)
    for days, complete in ((4, False), (6, True)):
        row = a_loaded_list(school, a_list(LEFT, *OTHERS), priya, at=days_later(days), complete=complete)
        assert row.rehearsal["totals"]["leavers"] == 0
        assert row.rehearsal["changes"] == 0
        assert (
            "1 leaving date was taken back before and is not taken again. Who has left all the same is marked as left by hand."
            in row.warnings
        )
    assert _days(school) == before
    assert _follows(days_later(6).date())


def test_an_old_list_does_not_undo_that_a_complete_list_said_a_child_is_back(school: School, priya: User) -> None:
    for days, line in ((0, STAYS), (1, LEFT), (4, STAYS)):
        a_loaded_list(school, a_list(line, *OTHERS), priya, at=days_later(days), complete=True)
    row = a_checked_list(school, a_list(LEFT, *OTHERS), priya, at=days_later(6), complete=True)
    assert {"name": "Ada Hill", "sentence": "the leaving date 6 Nov 2026 was taken back before: not taken again."} in row.rehearsal[
        "changed"
    ]
    a_loaded_list(school, a_list(LEFT, *OTHERS), priya, at=days_later(6), complete=True)
    assert _follows(days_later(6).date())
    assert the_child(school, "Ada").left_on is None


def test_a_date_still_to_come_that_was_taken_back_is_no_news_either_but_another_one_is(school: School, priya: User) -> None:
    for days, line in ((0, STAYS), (1, STAYS + "18/12/2026"), (3, STAYS)):
        a_loaded_list(school, a_list(line, *OTHERS), priya, at=days_later(days), complete=True)
    a_loaded_list(school, a_list(STAYS + "18/12/2026", *OTHERS), priya, at=days_later(4))
    assert Basis.objects.get(person__given="Dana").ends_on is None
    a_loaded_list(school, a_list(STAYS + "04/12/2026", *OTHERS), priya, at=days_later(5))
    assert the_child(school, "Ada").left_on == date(2026, 12, 4)


def test_a_later_date_than_the_one_taken_back_is_news(school: School, priya: User) -> None:
    for days, line in ((0, STAYS), (1, LEFT), (4, STAYS)):
        a_loaded_list(school, a_list(line, *OTHERS), priya, at=days_later(days), complete=True)
    row = a_loaded_list(school, a_list(STAYS + "20/11/2026", *OTHERS), priya, at=days_later(6))
    assert row.rehearsal["totals"]["leavers"] == 1
    assert not _follows(date(2026, 11, 21))
    spells = Basis.objects.filter(person__given="Dana").order_by("pk").values_list("starts_on", "ends_on")
    assert list(spells) == [(date(2026, 11, 9), date(2026, 11, 9)), (date(2026, 11, 13), date(2026, 11, 20))]
    roll_back_import(roster_import=row, by=priya, at=days_later(7))
    assert _follows(date(2026, 11, 21))


def test_a_person_may_write_down_again_the_date_that_was_taken_back(school: School, priya: User) -> None:
    for days, line in ((0, STAYS), (1, LEFT), (4, STAYS)):
        a_loaded_list(school, a_list(line, *OTHERS), priya, at=days_later(days), complete=True)
    mark_as_left(person=the_child(school, "Ada"), on=days_later(6).date(), by=priya, at=days_later(6))
    row = a_loaded_list(school, a_list(LEFT, *OTHERS), priya, at=days_later(8))
    assert row.rehearsal["totals"]["needs_you"] == 0
    assert not _follows(days_later(8).date())


@pytest.mark.parametrize("day", ["31/12/9999", "31/08/2036", "01/01/1900"])
def test_a_date_a_lifetime_away_is_a_warning_and_blinds_no_list_that_lacks_the_family(school: School, priya: User, day: str) -> None:
    far = STAYS + day
    row = a_loaded_list(school, a_list(far, *OTHERS), priya, complete=True)
    assert "1 leaving date lies more than eight years ahead or twenty back: not taken." in row.warnings
    assert the_child(school, "Ada").left_on is None
    assert Basis.objects.get(person__given="Dana").ends_on is None
    assert a_loaded_list(school, a_list(far, *OTHERS), priya, at=days_later(1), complete=True).rehearsal["changes"] == 0
    for days in (2, 4):
        row = a_loaded_list(school, a_list(*OTHERS), priya, at=days_later(days), complete=True)
    assert row.rehearsal["totals"]["leavers"] == 1
    assert not _follows(days_later(4).date())


def test_a_leaving_date_eight_school_years_ahead_may_be_one(school: School, priya: User) -> None:
    a_loaded_list(school, a_list(STAYS + "31/08/2034", *OTHERS), priya)
    assert the_child(school, "Ada").left_on == date(2034, 8, 31)


@pytest.mark.parametrize("born", ["31/12/9999", "31/12/2031"])
def test_a_birthday_that_cannot_be_is_a_warning(school: School, priya: User, born: str) -> None:
    headings = "Pupil ID,Pupil Forename,Pupil Surname,Year Group,DOB,Contact ID,Contact Forename,Contact Surname,Email"
    contents = a_list(
        f"1,Ada,Hill,Year 8,{born},9,Dana,Hill,dana@home.test", "2,Ivo,Hill,Year 9,29/02/2012,9,Dana,Hill,dana@home.test", headings=headings
    )
    row = a_loaded_list(school, contents, priya)
    assert the_child(school, "Ada").thirteen_on is None
    assert the_child(school, "Ivo").thirteen_on == date(2025, 3, 1)
    assert any("a date of birth" in warning.lower() for warning in row.warnings)
