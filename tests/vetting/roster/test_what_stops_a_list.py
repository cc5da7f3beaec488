"""Lists that look whole and are not: they stop with figures, whatever the list before them was allowed to do."""

from datetime import date, timedelta

import pytest

from accounts.models import User
from tests import given
from tests.given_roster import (
    BASELINE,
    a_checked_list,
    a_list,
    a_list_let_through,
    a_loaded_list,
    a_parent,
    days_later,
    exported_again,
    nine_on,
)
from vetting.roster.models import Basis
from vetting.roster.operations import CheckIsOld, answer_questions, apply_import, release_import
from vetting.school.models import School

pytestmark = pytest.mark.django_db
LINES = BASELINE.decode("utf-8-sig").splitlines(keepends=True)


@pytest.fixture
def school() -> School:
    return given.a_school()


@pytest.fixture
def priya(school: School) -> User:
    return given.priya(school)


def _families(count: int, year: str, letter: str) -> list[str]:
    """One child and one adult each; the letter tells the groups apart."""
    return [
        f"{letter}{n},{letter}kid{n},Hill,{year},A{letter}{n},P{letter}{n},Hill{letter}{n},{letter}{n}@home.test,Mother,No,"
        for n in range(count)
    ]


def _moved_up(rows: list[str], year: str) -> list[str]:
    return [",".join([*row.split(",")[:3], year, *row.split(",")[4:]]) for row in rows]


def test_a_list_let_through_once_lets_no_second_broken_one_through(school: School, priya: User) -> None:
    okafor = given.mr_okafor(school)
    a_loaded_list(school, BASELINE, priya, complete=True)
    first, second = "".join(LINES[:200]).encode(), exported_again("".join(LINES[:200]).encode())
    a_list_let_through(school, first, priya, admin=okafor, at=days_later(3), complete=True)
    row = a_checked_list(school, second, priya, at=days_later(10))
    assert "adults" in row.stopped_because
    assert not Basis.objects.exclude(ends_on=None).exists()


def test_the_few_who_were_noted_by_the_first_list_end_by_the_second_without_a_stop(school: School, priya: User) -> None:
    rows = [*_families(12, "Year 2", "b"), *_families(12, "Year 4", "d")]
    a_loaded_list(school, a_list(*rows), priya)
    for day in (1, 8):
        row = a_loaded_list(school, a_list(*rows[3:]), priya, at=days_later(day), complete=True)
    assert row.rehearsal["totals"]["leavers"] == 3


def test_one_child_of_each_family_is_no_complete_list(school: School, priya: User) -> None:
    older = _families(20, "Year 5", "x")
    younger = [row.replace("x", "y", 2).replace("Year 5", "Year 1") for row in older]  # the same adults
    a_loaded_list(school, a_list(*older, *younger, *_families(6, "Year 1", "z")), priya)
    row = a_checked_list(school, a_list(*older, *younger[:6], *_families(6, "Year 1", "z")), priya, at=days_later(7))
    assert "14 of 46 children (30%) are not in this file; your records say 0 should leave now." in row.stopped_because
    assert row.rehearsal["totals"]["no_longer_listed"] == 0


def test_children_the_office_typed_are_missing_from_no_list(school: School, priya: User) -> None:
    rows = _families(12, "Year 2", "b")
    a_loaded_list(school, a_list(*rows), priya)
    for n in range(8):
        a_parent(school, f"Hand{n} Typed{n}", f"Kid{n} Typed{n}", "Year 4" if n < 4 else "Year 5", by=priya)
    assert a_checked_list(school, a_list(*rows), priya, at=days_later(7)).stopped_because == ""


def test_the_last_year_group_that_a_list_of_this_year_named_does_not_leave_in_september(school: School, priya: User) -> None:
    old_six, five, four = _families(8, "Year 6", "s"), _families(8, "Year 5", "f"), _families(8, "Year 4", "v")
    a_loaded_list(school, a_list(*old_six, *five, *four), priya)
    new_six, new_five = _moved_up(five, "Year 6"), _moved_up(four, "Year 5")
    a_loaded_list(school, a_list(*new_six, *new_five), priya, at=nine_on(date(2027, 9, 6)), complete=True)
    row = a_checked_list(school, a_list(*new_five), priya, at=nine_on(date(2027, 9, 20)))
    assert "This file would show 16 of 24 adults (66%) as gone. Your records say 8 should leave now." in row.stopped_because
    assert "Year 6 is missing." in row.stopped_because
    whole = a_loaded_list(school, a_list(*new_six, *new_five), priya, at=nine_on(date(2027, 9, 20)), complete=True)
    assert whole.rehearsal["totals"]["no_longer_listed"] == 8


def test_a_child_of_the_last_year_group_missed_after_a_list_of_this_year_left_on_the_day_they_were_missed(
    school: School, priya: User
) -> None:
    five = _families(8, "Year 5", "f")
    a_loaded_list(school, a_list(*five), priya)
    six = _moved_up(five, "Year 6")
    a_loaded_list(school, a_list(*six), priya, at=nine_on(date(2027, 9, 6)), complete=True)
    for day in (date(2027, 9, 20), date(2027, 9, 27)):
        a_loaded_list(school, a_list(*six[1:]), priya, at=nine_on(day), complete=True)
    assert Basis.objects.get(person__given="Pf0").ends_on == date(2027, 9, 20)


def test_the_first_list_of_a_school_year_notes_whom_it_named_and_the_next_writes_nothing(school: School, priya: User) -> None:
    rows = _families(8, "Year 2", "b")
    a_loaded_list(school, a_list(*rows), priya)
    first = a_loaded_list(school, a_list(*rows), priya, at=nine_on(date(2027, 9, 6)))
    assert set(Basis.objects.values_list("roster_import", flat=True)) == {first.pk}
    assert a_loaded_list(school, a_list(*rows), priya, at=nine_on(date(2027, 9, 13))).journal is None


def test_the_same_file_once_more_a_day_later_is_said_to_be_the_same(school: School, priya: User) -> None:
    rows = _families(12, "Year 2", "b")
    a_loaded_list(school, a_list(*rows), priya)
    once = a_list(*rows[1:])
    loads = []
    for hours in (0, 23, 24):
        row = a_checked_list(school, once, priya, at=days_later(1) + timedelta(hours=hours))
        loads.append(apply_import(roster_import=row, by=priya, at=days_later(1) + timedelta(hours=hours)))
    said = "This very file was loaded before. If the school’s system can give a newer list, load that one."
    assert [said in row.warnings for row in loads] == [False, True, True]
    assert [row.rehearsal["totals"]["leavers"] for row in loads] == [0, 0, 1]


def test_two_lists_are_as_far_apart_as_they_came_in_not_as_they_were_applied(school: School, priya: User) -> None:
    rows = _families(12, "Year 2", "b")
    a_loaded_list(school, a_list(*rows), priya)
    checked = [
        a_checked_list(school, exported_again(a_list(*rows[1:]), times=times), priya, at=days_later(1) + timedelta(hours=times))
        for times in (0, 2)
    ]
    apply_import(roster_import=checked[0], by=priya, at=days_later(1))
    second = apply_import(
        roster_import=answer_questions(roster_import=checked[1], answers={}, by=priya, at=days_later(1) + timedelta(hours=3)),
        by=priya,
        at=days_later(2) + timedelta(hours=1),
    )
    assert second.rehearsal["totals"]["leavers"] == 0
    assert Basis.objects.exclude(missing_since=None).get().missing_since == days_later(1)
    assert not Basis.objects.exclude(ends_on=None).exists()


def test_a_list_checked_more_than_a_day_ago_is_checked_once_more(school: School, priya: User) -> None:
    row = a_checked_list(school, a_list(*_families(3, "Year 2", "b")), priya)
    with pytest.raises(CheckIsOld, match="Choose the file again"):
        apply_import(roster_import=row, by=priya, at=days_later(1) + timedelta(minutes=1))
    assert school.people.count() == 0
    apply_import(roster_import=row, by=priya, at=days_later(1))
    assert school.people.count() == 3


def test_a_list_let_through_may_be_applied_for_a_day_from_then(school: School) -> None:
    okafor = given.mr_okafor(school)
    a_loaded_list(school, BASELINE, okafor, complete=True)
    row = a_checked_list(school, "".join(LINES[:200]).encode(), okafor, at=days_later(3))
    row = release_import(roster_import=row, why="The other site has its own list now.", by=okafor, at=days_later(6))
    with pytest.raises(CheckIsOld):
        apply_import(roster_import=row, by=okafor, at=days_later(8))
    assert apply_import(roster_import=row, by=okafor, at=days_later(7)).applied_at == days_later(7)
