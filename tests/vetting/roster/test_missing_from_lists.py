"""Who is no longer listed: once is a note, twice a day apart ends a reason, and whoever comes back has it again."""

from datetime import date, timedelta

import pytest

from accounts.models import User
from tests import given, given_roster
from tests.given_roster import BASELINE, MID_YEAR, a_checked_list, a_list, a_loaded_list, days_later, everything
from vetting.roster.models import Basis, Person, RosterImport
from vetting.roster.operations import add_basis, answer_questions, apply_import, mark_as_left, roll_back_import
from vetting.roster.queries import current_bases, has_current_basis
from vetting.school.models import School
from vetting.school.operations import set_term

pytestmark = pytest.mark.django_db
THREE = ("Adam Nowak", "Hannah Nowak", "Isla Davies")


@pytest.fixture
def school() -> School:
    return given.a_school()


@pytest.fixture
def priya(school: School) -> User:
    return given.priya(school)


def _families(*names: str, year: str = "Year 4") -> list[str]:
    return [
        f"{name}1,{name},Hill,{year},{name}9,Parent,{name}son,{name.lower()}@home.test,Mother,No,".replace("Parent", f"P{name}")
        for name in names
    ]


TEN = ("Ada", "Ben", "Cleo", "Dev", "Eli", "Fay", "Gus", "Hal", "Ivy", "Jo")


def _without(contents: bytes, *pieces: str) -> bytes:
    lines = contents.decode("utf-8-sig").splitlines(keepends=True)
    return "".join(line for line in lines if not any(piece in line for piece in pieces)).encode()


def _reasons(school: School, name: str, on: date) -> int:
    given_name, _, family = name.partition(" ")
    return len(current_bases(Person.objects.get(school=school, given=given_name, family=family), on))


def test_the_mid_year_list_notes_three_adults_and_ends_nothing(school: School, priya: User) -> None:
    a_loaded_list(school, BASELINE, priya)
    row = a_checked_list(school, MID_YEAR, priya, at=days_later(1))
    assert not row.stopped_because
    assert row.rehearsal["totals"] == {"new": 0, "changed": 0, "no_longer_listed": 3, "needs_you": 0, "kept": 2, "leavers": 0}
    noted = {entry["name"]: entry["sentence"] for entry in row.rehearsal["no_longer_listed"]}
    assert {"Harry Nowak", "Freddie Đỗ", "Luna Davies"} <= noted.keys()
    assert {noted[name] for name in THREE} == {"not listed, no leaving date. First time: waits for one more complete list."}
    assert noted["Priya Đỗ"] == noted["Katie Đỗ"] == "still parent or carer of Sophia Đỗ, Year 5: kept."
    apply_import(roster_import=row, by=priya, at=days_later(1))
    assert not Basis.objects.exclude(ends_on=None).exists()


def test_a_second_complete_list_a_day_later_ends_the_reasons_of_three_and_keeps_two(school: School, priya: User) -> None:
    a_loaded_list(school, BASELINE, priya)
    a_loaded_list(school, MID_YEAR, priya, at=days_later(1), complete=True)
    too_soon = a_loaded_list(school, MID_YEAR, priya, at=days_later(1) + timedelta(hours=23), complete=True)
    assert (too_soon.rehearsal["totals"]["leavers"], too_soon.rehearsal["changes"]) == (0, 0)
    row = a_loaded_list(school, MID_YEAR, priya, at=days_later(8), complete=True)
    assert (row.rehearsal["totals"]["leavers"], row.rehearsal["totals"]["kept"]) == (3, 2)
    assert {_reasons(school, name, date(2026, 11, 11)) for name in THREE} == {0}
    assert _reasons(school, "Priya Đỗ", date(2026, 11, 11)) == 1
    ended = Basis.objects.filter(person__given="Isla", person__family="Davies", ends_on__isnull=False).get()
    assert (ended.ends_on, ended.ended_by_import, ended.missing_since) == (date(2026, 11, 10), row, None)
    third = a_loaded_list(school, MID_YEAR, priya, at=days_later(9), complete=True)
    assert (third.rehearsal["totals"]["leavers"], third.rehearsal["changes"]) == (0, 0)


def test_an_additions_list_never_counts_as_an_absence(school: School, priya: User) -> None:
    a_loaded_list(school, BASELINE, priya)
    before = everything(school)
    for day in (1, 3, 5):
        a_loaded_list(school, MID_YEAR, priya, at=days_later(day))
    assert everything(school) == before


def test_who_is_back_after_one_absence_starts_from_nought(school: School, priya: User) -> None:
    a_loaded_list(school, BASELINE, priya)
    for day, contents in ((1, MID_YEAR), (3, BASELINE), (5, MID_YEAR)):
        a_loaded_list(school, contents, priya, at=days_later(day), complete=True)
    assert not Basis.objects.exclude(ends_on=None).exists()


def test_who_was_missing_twice_and_is_back_has_the_reason_again(school: School, priya: User) -> None:
    a_loaded_list(school, BASELINE, priya)
    for day, contents in ((1, MID_YEAR), (3, MID_YEAR), (20, BASELINE)):
        row = a_loaded_list(school, contents, priya, at=days_later(day), complete=True)
    assert row.rehearsal["totals"]["needs_you"] == 0
    assert {_reasons(school, name, days_later(20).date()) for name in THREE} == {1}


def test_somebody_the_office_added_is_missing_from_no_list(school: School, priya: User) -> None:
    rows = _families(*TEN)
    a_loaded_list(school, a_list(*rows), priya)
    gran = given_roster.a_parent(school, "Ann Foster", "Zoe Foster", "Year 4", by=priya)
    for day in (1, 3):
        row = a_loaded_list(school, a_list(*rows), priya, at=days_later(day), complete=True)
    assert row.rehearsal["totals"]["leavers"] == 0
    assert has_current_basis(gran, days_later(3).date())


def test_a_reason_a_list_once_bore_out_can_be_missing_from_one(school: School, priya: User) -> None:
    rows = _families(*TEN)
    given_roster.a_parent(school, "PAda Adason", "Ada Hill", "Year 4", by=priya, email="ada@home.test")
    a_loaded_list(school, a_list(*rows), priya)
    for day in (1, 3):
        row = a_loaded_list(school, a_list(*rows[1:]), priya, at=days_later(day), complete=True)
    assert row.rehearsal["totals"]["leavers"] == 1


def test_a_governor_whose_child_is_missing_is_kept_and_the_page_says_why(school: School, priya: User) -> None:
    rows = _families(*TEN)
    a_loaded_list(school, a_list(*rows), priya)
    add_basis(person=Person.objects.get(given="PAda"), kind=Basis.Kind.GOVERNOR, by=priya, at=given.MONDAY)
    a_loaded_list(school, a_list(*rows[1:]), priya, at=days_later(1), complete=True)
    row = a_checked_list(school, a_list(*rows[1:]), priya, at=days_later(3))
    assert (row.rehearsal["totals"]["leavers"], row.rehearsal["totals"]["kept"]) == (0, 1)
    assert {"name": "PAda Adason", "sentence": "still governor: kept."} in row.rehearsal["no_longer_listed"]


def test_a_name_that_cannot_be_read_makes_nobody_missing(school: School, priya: User) -> None:
    headings = "Pupil ID,Pupil name,Year,Parent name,Email"
    rows = [f"{name},{name} Hill,4,P{name} {name}son,{name.lower()}@home.test" for name in TEN]
    a_loaded_list(school, a_list(*rows, headings=headings), priya)
    salutation = rows[0].replace("PAda Adason", "Mr & Mrs Adason")
    for day in (1, 3):
        row = a_loaded_list(school, a_list(salutation, *rows[1:], headings=headings), priya, at=days_later(day), complete=True)
    assert (row.rehearsal["totals"]["no_longer_listed"], row.rehearsal["totals"]["leavers"]) == (0, 0)


def test_an_open_question_makes_nobody_missing(school: School, priya: User) -> None:
    rows = _families(*TEN)
    a_loaded_list(school, a_list(*rows), priya)
    unclear = rows[0].replace("Ada9,PAda", "X77,P").replace("ada@home.test", "p@elsewhere.test").replace("Ada1,Ada,", "X11,Zak,")
    for day in (1, 3):
        row = a_loaded_list(school, a_list(unclear, *rows[1:]), priya, at=days_later(day), complete=True)
    assert row.rehearsal["totals"]["needs_you"] == 1
    assert row.rehearsal["totals"]["leavers"] == 0


def test_in_the_summer_break_nobody_is_noted_as_missing(school: School, priya: User) -> None:
    rows = _families(*TEN)
    for name, first, last in (("Summer", date(2027, 4, 12), date(2027, 7, 21)), ("Autumn", date(2027, 9, 2), date(2027, 12, 17))):
        set_term(school=school, name=name, starts_on=first, ends_on=last, by=priya, at=given.MONDAY)
    a_loaded_list(school, a_list(*rows), priya)
    for day in (date(2027, 7, 19), date(2027, 8, 30), date(2027, 9, 16)):
        row = a_loaded_list(school, a_list(*rows[1:]), priya, at=given_roster.nine_on(day), complete=True)
        assert any("summer break" in warning for warning in row.warnings)
    assert not Basis.objects.exclude(missing_since=None).exists()
    for day in (date(2027, 9, 20), date(2027, 9, 27)):
        row = a_loaded_list(school, a_list(*rows[1:]), priya, at=given_roster.nine_on(day), complete=True)
    assert row.rehearsal["totals"]["leavers"] == 1


def test_a_year_six_family_missed_in_autumn_left_with_the_school_year(school: School, priya: User) -> None:
    leaving, staying = _families("Zed", year="Year 6"), _families(*TEN)
    a_loaded_list(school, a_list(*leaving, *staying), priya)
    for day in (date(2027, 9, 20), date(2027, 9, 27)):
        a_loaded_list(school, a_list(*staying), priya, at=given_roster.nine_on(day), complete=True)
    assert Basis.objects.get(person__given="PZed").ends_on == date(2027, 8, 31)


def test_a_whole_year_six_gone_in_autumn_is_expected_and_stops_nothing(school: School, priya: User) -> None:
    year_six = _families(*(f"Six{letter}" for letter in "abcdefgh"), year="Year 6")
    year_five = _families(*(f"Five{letter}" for letter in "abcdefgh"), year="Year 5")
    a_loaded_list(school, a_list(*year_six, *year_five), priya)
    moved_up = [line.replace("Year 5", "Year 6") for line in year_five]
    for day in (date(2027, 9, 20), date(2027, 9, 27)):
        row = a_loaded_list(school, a_list(*moved_up), priya, at=given_roster.nine_on(day), complete=True)
    assert row.rehearsal["totals"]["leavers"] == 8
    assert {basis.ends_on for basis in Basis.objects.filter(person__given__startswith="PSix")} == {date(2027, 8, 31)}


def test_a_leaving_date_taken_back_by_a_complete_list_brings_the_family_back(school: School, priya: User) -> None:
    rows = _families(*TEN)
    a_loaded_list(school, a_list(*rows), priya)
    a_loaded_list(school, a_list(rows[0] + "10/11/2026", *rows[1:]), priya, at=days_later(2), complete=True)
    assert _reasons(school, "PAda Adason", date(2026, 11, 12)) == 0
    row = a_loaded_list(school, a_list(*rows), priya, at=days_later(5), complete=True)
    assert row.rehearsal["totals"]["needs_you"] == 0
    assert _reasons(school, "PAda Adason", days_later(5).date()) == 1


def test_a_leaving_date_a_person_wrote_down_is_taken_back_by_no_list(school: School, priya: User) -> None:
    rows = _families(*TEN)
    a_loaded_list(school, a_list(*rows), priya)
    mark_as_left(person=given_roster.the_child(school, "Ada"), on=given.MONDAY.date(), by=priya, at=given.MONDAY)
    row = a_loaded_list(school, a_list(*rows), priya, at=days_later(5), complete=True)
    assert row.rehearsal["totals"]["needs_you"] == 1
    assert _reasons(school, "PAda Adason", days_later(5).date()) == 0


def test_leavers_by_date_are_counted_and_one_whose_other_child_stays_is_kept(school: School, priya: User) -> None:
    rows = _families(*TEN)
    sibling = rows[0].replace("Ada1,Ada,", "Ida1,Ida,")
    a_loaded_list(school, a_list(*rows, sibling), priya)
    row = a_checked_list(school, a_list(rows[0] + "10/11/2026", rows[1] + "10/11/2026", *rows[2:], sibling), priya, at=days_later(2))
    totals = row.rehearsal["totals"]
    assert (totals["leavers"], totals["kept"], totals["no_longer_listed"]) == (1, 1, 0)


def test_an_unseen_reason_shows_in_no_count_of_the_register(school: School, priya: User) -> None:
    a_loaded_list(school, BASELINE, priya)
    row = a_loaded_list(school, MID_YEAR, priya, at=days_later(1), complete=True)
    assert RosterImport.objects.get(pk=row.pk).rehearsal["after"]["people"] == 243


NO_NUMBERS = "Pupil ID,Pupil Forename,Pupil Surname,Year Group,Contact Forename,Contact Surname,Email,Relationship,Leaving Date"


def _with_danas_line(line: str) -> bytes:
    others = (f"{n},Child{n},Hill,Year 4,Parent{n},Hill{n},parent{n}@home.test,Mother," for n in range(1, 12))
    return a_list(f"0,Ada,Stone,Year 4,{line}", *others, headings=NO_NUMBERS)


def test_a_leaving_date_still_to_come_that_a_complete_list_no_longer_has_is_taken_back(school: School, priya: User) -> None:
    stays, goes = _with_danas_line("Dana,Stone,dana@home.test,Mother,"), _with_danas_line("Dana,Stone,dana@home.test,Mother,18/12/2026")
    a_loaded_list(school, stays, priya, complete=True)
    a_loaded_list(school, goes, priya, at=days_later(7), complete=True)
    assert Basis.objects.get(person__given="Dana").ends_on == date(2026, 12, 18)
    before = everything(school)
    a_loaded_list(school, stays, priya, at=days_later(10))
    assert Basis.objects.get(person__given="Dana").ends_on == date(2026, 12, 18), "additions only take nothing back"
    row = a_checked_list(school, stays, priya, at=days_later(14))
    assert {"name": "Ada Stone", "sentence": "does not leave on 18 Dec 2026 after all."} in row.rehearsal["changed"]
    apply_import(roster_import=row, by=priya, at=days_later(14))
    assert Basis.objects.get(person__given="Dana").ends_on is None
    assert given_roster.the_child(school, "Ada").left_on is None
    assert _reasons(school, "Dana Stone", date(2027, 1, 8)) == 1
    roll_back_import(roster_import=row, by=priya, at=days_later(15))
    assert everything(school) == before


def test_a_leaving_date_that_a_person_wrote_down_is_not_taken_back_by_a_list(school: School, priya: User) -> None:
    stays = _with_danas_line("Dana,Stone,dana@home.test,Mother,")
    a_loaded_list(school, stays, priya, complete=True)
    mark_as_left(person=given_roster.the_child(school, "Ada"), on=date(2026, 12, 18), by=priya, at=days_later(1))
    a_loaded_list(school, stays, priya, at=days_later(7), complete=True)
    assert Basis.objects.get(person__given="Dana").ends_on == date(2026, 12, 18)


@pytest.mark.parametrize("line", ["Dana,Woods,dana@home.test,Mother,", "Dana,Woods,dana@new.test,Mother,"])
def test_who_has_another_surname_in_a_list_without_numbers_is_asked_about_and_nobody_is_missing(
    school: School, priya: User, line: str
) -> None:
    a_loaded_list(school, _with_danas_line("Dana,Stone,dana@home.test,Mother,"), priya, complete=True)
    for days in (7, 14):
        row = a_loaded_list(school, _with_danas_line(line), priya, at=days_later(days), complete=True)
        assert row.rehearsal["totals"]["needs_you"] == 1
    assert Basis.objects.get(person__given="Dana").ends_on is None
    row = a_checked_list(school, _with_danas_line(line), priya, at=days_later(21))
    (asked,) = row.rehearsal["needs_you"]
    assert asked["sentence"] == "Is Dana Woods the same as Dana Stone? They share an e-mail or a child, but not the surname."
    apply_import(
        roster_import=answer_questions(roster_import=row, answers={asked["key"]: "same"}, by=priya, at=days_later(21)),
        by=priya,
        at=days_later(21),
    )
    dana = Person.objects.get(school=school, given="Dana")
    assert (dana.family, dana.previous_family) == ("Woods", "Stone")


def test_another_first_name_with_the_same_child_is_somebody_else(school: School, priya: User) -> None:
    a_loaded_list(school, _with_danas_line("Dana,Stone,dana@home.test,Mother,"), priya, complete=True)
    row = a_checked_list(school, _with_danas_line("Rob,Woods,rob@new.test,Father,"), priya, at=days_later(7))
    assert (row.rehearsal["totals"]["needs_you"], row.rehearsal["totals"]["new"]) == (0, 1)


def test_a_class_that_left_by_two_absences_is_missed_no_longer(school: School, priya: User) -> None:
    lane, nursery = given.mrs_lane(school), _families("Nia", "Nat", "Noa", "Ned", "Nell", year="Nursery")
    others = _families(*TEN, *(f"Kid{letter}" for letter in "abcdefgh"))
    a_loaded_list(school, a_list(*nursery, *others), priya)
    stopped = a_checked_list(school, a_list(*others), priya, at=days_later(1))
    assert "Nursery is missing." in stopped.stopped_because
    for days in (1, 3):
        given_roster.a_list_let_through(school, a_list(*others), priya, admin=lane, at=days_later(days), complete=True)
    for days in (5, 12):
        row = a_checked_list(school, a_list(*others), priya, at=days_later(days))
        assert (row.stopped_because, row.rehearsal["no_longer_listed"]) == ("", [])
        assert {line["year"]: line["was"] for line in row.rehearsal["years"]} == {"Year 4": 18}
    back = a_loaded_list(school, a_list(*nursery, *others), priya, at=days_later(20), complete=True)
    assert back.rehearsal["totals"]["needs_you"] == 0
    assert _reasons(school, "PNia Niason", days_later(20).date()) == 1
