"""An answer covers the question that was asked, a date moves the reason it ended, and a list revives nothing that a person ended."""

from datetime import date

import pytest

from accounts.models import User
from tests import given
from tests.given_roster import HEADINGS, a_checked_list, a_list, a_loaded_list, days_later, everything, the_child
from vetting.roster.models import Basis, Person, RosterImport
from vetting.roster.operations import add_basis, answer_questions, apply_import, end_basis, mark_as_left, roll_back_import
from vetting.roster.queries import has_current_basis
from vetting.school.models import School

pytestmark = pytest.mark.django_db
DANA = "1,Ada,Hill,Year 2,9,Dana,Hill,dana@home.test,Mother,No,"
TOM = "1,Ada,Hill,Year 2,8,Tom,Reed,tom@home.test,Father,No,"
BEN = "2,Ben,Hill,Year 4,9,Dana,Hill,dana@home.test,Mother,No,"
OTHERS = [f"{n},Child{n},Ward,Year 2,{n}0,Par{n},Ward,p{n}@home.test,Mother,No," for n in range(3, 13)]


@pytest.fixture
def school() -> School:
    return given.a_school()


@pytest.fixture
def priya(school: School) -> User:
    return given.priya(school)


def _follows(name: str, day: int) -> bool:
    return has_current_basis(Person.objects.get(given=name), days_later(day).date())


def _end(name: str, by: User, day: int) -> None:
    reason = Basis.objects.get(person__given=name, ends_on=None)
    end_basis(basis=reason, on=days_later(day).date(), by=by, at=days_later(day), why="They told us.")


def _answered(row: RosterImport, by: User, day: int, answer: str = "same") -> RosterImport:
    (question,) = row.rehearsal["needs_you"]
    return answer_questions(roster_import=row, answers={str(question["key"]): answer}, by=by, at=days_later(day))


def test_a_child_whose_row_cannot_be_read_is_not_missing_from_a_parent_who_stands_there_with_another(school: School, priya: User) -> None:
    a_loaded_list(school, a_list(DANA, BEN, *OTHERS), priya, complete=True)
    unread = BEN.replace("2,Ben,Hill", "2,,")
    for day in (1, 3):
        a_loaded_list(school, a_list(DANA, unread, *OTHERS), priya, at=days_later(day), complete=True)
    assert Basis.objects.get(pupil__given="Ben").ends_on is None
    for day in (5, 7):
        a_loaded_list(school, a_list(DANA, *OTHERS), priya, at=days_later(day), complete=True)
    assert Basis.objects.get(pupil__given="Ben").ends_on is not None


def test_a_leaving_date_still_to_come_gives_nobody_a_reason_back_who_was_missing_before(school: School, priya: User) -> None:
    a_loaded_list(school, a_list(DANA, TOM, *OTHERS), priya, complete=True)
    for day in (1, 3):
        a_loaded_list(school, a_list(DANA, *OTHERS), priya, at=days_later(day), complete=True)
    assert not _follows("Tom", 5)
    row = a_loaded_list(school, a_list(DANA + "18/12/2026", *OTHERS), priya, at=days_later(5), complete=True)
    assert not _follows("Tom", 6)
    assert Basis.objects.get(person__given="Dana").ends_on == date(2026, 12, 18)
    roll_back_import(roster_import=row, by=priya, at=days_later(6))
    assert not _follows("Tom", 6)
    assert Basis.objects.get(person__given="Dana").ends_on is None


def test_who_was_missing_and_stands_on_the_list_again_with_a_leaving_date_has_the_reason_until_then(school: School, priya: User) -> None:
    a_loaded_list(school, a_list(DANA, TOM, *OTHERS), priya, complete=True)
    for day in (1, 3):
        a_loaded_list(school, a_list(DANA, *OTHERS), priya, at=days_later(day), complete=True)
    dated = [DANA + "18/12/2026", TOM + "18/12/2026"]
    a_loaded_list(school, a_list(*dated, *OTHERS), priya, at=days_later(5), complete=True)
    assert _follows("Tom", 6)
    assert not has_current_basis(Person.objects.get(given="Tom"), date(2026, 12, 19))


def test_a_new_leaving_date_does_not_revive_the_time_before_one_that_a_person_ended(school: School, priya: User) -> None:
    for day, line in ((0, DANA), (1, DANA + "06/11/2026"), (4, DANA)):
        a_loaded_list(school, a_list(line, *OTHERS), priya, at=days_later(day), complete=True)
    assert _follows("Dana", 4)
    _end("Dana", priya, 5)
    assert not _follows("Dana", 6)
    a_loaded_list(school, a_list(DANA + "18/12/2026", *OTHERS), priya, at=days_later(6), complete=True)
    assert not _follows("Dana", 7)


def test_a_date_that_moves_leaves_an_earlier_time_at_the_school_its_own(school: School, priya: User) -> None:
    for day, line in ((0, DANA), (1, DANA + "06/11/2026"), (4, DANA), (5, DANA + "18/12/2026"), (6, DANA + "11/12/2026")):
        a_loaded_list(school, a_list(line, *OTHERS), priya, at=days_later(day), complete=True)
    spells = Basis.objects.filter(person__given="Dana").order_by("pk").values_list("ends_on", flat=True)
    assert list(spells) == [date(2026, 11, 9), date(2026, 12, 11)]


def test_saying_who_somebody_is_does_not_say_that_they_have_an_ended_reason_again(school: School, priya: User) -> None:
    a_loaded_list(school, a_list(TOM, DANA), priya)
    _end("Tom", priya, 1)
    renumbered = TOM.replace(",8,", ",77,").replace("tom@home.test", "t.reed@work.test").replace("Tom", "T")
    row = a_checked_list(school, a_list(renumbered, DANA), priya, at=days_later(2), complete=False)
    row = _answered(row, priya, 2)
    (question,) = row.rehearsal["needs_you"]
    assert "was ended" in question["sentence"]
    before = everything(school)
    apply_import(roster_import=row, by=priya, at=days_later(2))
    assert everything(school) == before
    assert not _follows("Tom", 3)


def test_an_ended_reason_is_had_again_once_somebody_says_so(school: School, priya: User) -> None:
    a_loaded_list(school, a_list(TOM, DANA), priya)
    _end("Tom", priya, 1)
    row = a_checked_list(school, a_list(TOM, DANA), priya, at=days_later(2), complete=False)
    row = _answered(row, priya, 2)
    apply_import(roster_import=row, by=priya, at=days_later(2))
    assert _follows("Tom", 3)


def test_saying_who_a_child_is_does_not_say_that_the_child_is_back(school: School, priya: User) -> None:
    a_loaded_list(school, a_list(DANA, *OTHERS), priya)
    mark_as_left(person=the_child(school, "Ada"), on=days_later(1).date(), by=priya, at=days_later(1), why="Moved away.")
    other = "55,Ada,Hill,Year 5,66,Kim,Hill,kim@home.test,Mother,No,"
    row = a_checked_list(school, a_list(other, *OTHERS), priya, at=days_later(3), complete=False)
    row = _answered(row, priya, 3)
    (question,) = row.rehearsal["needs_you"]
    assert "is marked as left on" in question["sentence"]
    row = _answered(row, priya, 3)
    assert row.rehearsal["needs_you"] == []
    apply_import(roster_import=row, by=priya, at=days_later(3))
    assert the_child(school, "Ada").left_on is None


def test_a_child_whom_a_complete_list_brings_back_does_not_bring_back_whom_a_person_ended(school: School, priya: User) -> None:
    a_loaded_list(school, a_list(DANA, TOM, *OTHERS), priya, complete=True)
    _end("Tom", priya, 1)
    left = [DANA + "11/11/2026", TOM + "11/11/2026"]
    a_loaded_list(school, a_list(*left, *OTHERS), priya, at=days_later(2), complete=True)
    a_loaded_list(school, a_list(DANA, TOM, *OTHERS), priya, at=days_later(7), complete=True)
    assert _follows("Dana", 7)
    assert not _follows("Tom", 7)


def test_a_leaving_date_years_ahead_does_not_keep_a_family_that_two_lists_lack(school: School, priya: User) -> None:
    a_loaded_list(school, a_list(DANA + "31/08/2031", *OTHERS), priya, complete=True)
    for day in (1, 3):
        row = a_loaded_list(school, a_list(*OTHERS), priya, at=days_later(day), complete=True)
    assert row.rehearsal["totals"]["leavers"] == 1
    assert not _follows("Dana", 4)
    roll_back_import(roster_import=row, by=priya, at=days_later(4))
    assert _follows("Dana", 4)


def test_who_was_missing_before_a_date_years_ahead_has_the_reason_again_when_the_list_has_them(school: School, priya: User) -> None:
    far = DANA + "31/08/2031"
    a_loaded_list(school, a_list(far, *OTHERS), priya, complete=True)
    for day in (1, 3):
        a_loaded_list(school, a_list(*OTHERS), priya, at=days_later(day), complete=True)
    a_loaded_list(school, a_list(far, *OTHERS), priya, at=days_later(5), complete=True)
    assert _follows("Dana", 5)


def test_a_reason_written_down_beside_a_dated_one_does_not_stop_a_list_from_taking_the_date_back(school: School, priya: User) -> None:
    for day, line in ((0, DANA), (1, DANA + "18/12/2026")):
        a_loaded_list(school, a_list(line, *OTHERS), priya, at=days_later(day), complete=True)
    ada = the_child(school, "Ada")
    add_basis(person=Person.objects.get(given="Dana"), kind=Basis.Kind.PARENT_OR_CARER, by=priya, at=days_later(2), pupil=ada)
    a_loaded_list(school, a_list(DANA, *OTHERS), priya, at=days_later(3), complete=True)
    assert the_child(school, "Ada").left_on is None
    assert Basis.objects.filter(person__given="Dana", ends_on=None).count() == 1


def test_who_stood_on_a_list_with_a_question_about_another_child_was_not_missing_in_between(school: School, priya: User) -> None:
    a_loaded_list(school, a_list(DANA, *OTHERS), priya, complete=True)
    a_loaded_list(school, a_list(*OTHERS), priya, at=days_later(1), complete=True)
    asked = "7,Someone,Else,Year 2,9,Dana,Hill,dana@home.test,Mother,No,"
    row = a_loaded_list(school, a_list(DANA, asked, *OTHERS), priya, at=days_later(3), complete=True)
    assert row.rehearsal["totals"]["needs_you"] == 2
    a_loaded_list(school, a_list(*OTHERS), priya, at=days_later(5), complete=True)
    assert _follows("Dana", 5)


def test_a_list_without_a_column_for_leaving_dates_takes_none_back(school: School, priya: User) -> None:
    headings = ",".join(HEADINGS.split(",")[:8])
    plain = [",".join(line.split(",")[:8]) for line in (DANA, *OTHERS)]
    a_loaded_list(school, a_list(*plain, headings=headings), priya)
    a_loaded_list(school, a_list(DANA + "18/12/2026", *OTHERS), priya, at=days_later(1))
    a_loaded_list(school, a_list(*plain, headings=headings), priya, at=days_later(2), complete=True)
    assert the_child(school, "Ada").left_on == date(2026, 12, 18)
    assert Basis.objects.get(person__given="Dana").ends_on == date(2026, 12, 18)
    a_loaded_list(school, a_list(DANA, *OTHERS), priya, at=days_later(3), complete=True)
    assert the_child(school, "Ada").left_on is None


def test_half_the_school_missing_is_a_broken_list_though_every_child_has_a_date_years_ahead(school: School, priya: User) -> None:
    dated = [f"{line}31/08/2031" for line in (DANA, *OTHERS)]
    a_loaded_list(school, a_list(*dated), priya, complete=True)
    assert a_checked_list(school, a_list(*dated[:5]), priya, at=days_later(1)).stopped_because


def test_who_keeps_another_child_is_no_leaver_though_both_have_a_date_years_ahead(school: School, priya: User) -> None:
    a_loaded_list(school, a_list(DANA + "31/08/2031", BEN + "31/08/2029", *OTHERS), priya, complete=True)
    for day in (1, 3):
        row = a_loaded_list(school, a_list(DANA + "31/08/2031", *OTHERS), priya, at=days_later(day), complete=True)
    assert (row.rehearsal["totals"]["leavers"], row.rehearsal["totals"]["kept"]) == (0, 1)
    assert not has_current_basis(Person.objects.get(given="Dana"), date(2031, 9, 1))
    assert Basis.objects.get(pupil__given="Ben").ends_on == days_later(1).date()


def test_each_of_two_ended_reasons_is_asked_about_by_itself(school: School, priya: User) -> None:
    a_loaded_list(school, a_list(DANA, BEN, *OTHERS), priya)
    for reason in Basis.objects.filter(person__given="Dana"):
        end_basis(basis=reason, on=days_later(1).date(), by=priya, at=days_later(1), why="They told us.")
    row = a_checked_list(school, a_list(DANA, BEN, *OTHERS), priya, at=days_later(3), complete=False)
    row = _answered(row, priya, 3)
    assert [line["sentence"] for line in row.rehearsal["needs_you"]] == [
        "Dana Hill's reason through Ben Hill was ended, but they stand on this list together."
    ]


def test_an_ended_reason_that_stays_ended_hides_nobody_who_is_missing_beside_another_child(school: School, priya: User) -> None:
    a_loaded_list(school, a_list(DANA, BEN, *OTHERS), priya, complete=True)
    ada = Basis.objects.get(pupil__given="Ada")
    end_basis(basis=ada, on=days_later(1).date(), by=priya, at=days_later(1), why="They told us.")
    for day in (3, 5):
        row = a_checked_list(school, a_list(DANA, *OTHERS), priya, at=days_later(day))
        row = _answered(row, priya, day, "different")
        assert row.rehearsal["needs_you"] == []
        apply_import(roster_import=row, by=priya, at=days_later(day))
    assert not _follows("Dana", 6)


def test_a_child_who_has_left_all_the_same_gives_nobody_a_reason_and_hides_nobody_who_is_missing(school: School, priya: User) -> None:
    a_loaded_list(school, a_list(DANA, BEN, *OTHERS), priya, complete=True)
    mark_as_left(person=the_child(school, "Ada"), on=days_later(1).date(), by=priya, at=days_later(1), why="Moved away.")
    for day in (3, 5):
        row = a_checked_list(school, a_list(DANA, TOM, *OTHERS), priya, at=days_later(day))
        key = next(line["key"] for line in row.rehearsal["needs_you"])
        row = answer_questions(roster_import=row, answers={key: "different"}, by=priya, at=days_later(day))
        assert row.rehearsal["needs_you"] == []
        apply_import(roster_import=row, by=priya, at=days_later(day))
    assert the_child(school, "Ada").left_on == days_later(1).date()
    assert not _follows("Tom", 6)
    assert not _follows("Dana", 6)
