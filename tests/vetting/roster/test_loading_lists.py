"""The school's list, checked and loaded: nothing happens before Apply, nothing happens twice, nobody is lost."""

import time
from datetime import date
from typing import Any

import pytest

from accounts.models import User
from tests import given, given_roster
from tests.given_roster import BASELINE, MID_YEAR, a_list, a_loaded_list, everything, the_child
from vetting.audit.queries import check_chain, lines
from vetting.roster.models import Basis, Person, PersonAddress, Restriction, RosterImport
from vetting.roster.operations import (
    ListIsSettled,
    ListIsStopped,
    RegisterChangedSince,
    apply_import,
    correct_person,
    discard_import,
    end_basis,
    lift_restriction,
    mark_as_left,
    rehearse_import,
)
from vetting.roster.queries import current_bases, has_current_basis, open_restriction, restrictions_for_lead
from vetting.school.models import School
from vetting.values import BadValue, MailAddress

pytestmark = pytest.mark.django_db
COMPLETE = RosterImport.Kind.COMPLETE
TODAY = given.MONDAY.date()


@pytest.fixture
def school() -> School:
    return given.a_school()


@pytest.fixture
def priya(school: School) -> User:
    return given.priya(school)


def _rehearse(school: School, by: User, contents: bytes, kind: str = RosterImport.Kind.ADDITIONS) -> RosterImport:
    return rehearse_import(school=school, file_name="contacts.csv", contents=contents, by=by, at=given.MONDAY, kind=kind)


def _asked(row: RosterImport) -> list[tuple[str, str]]:
    return [(entry["name"], entry["sentence"]) for entry in row.rehearsal["needs_you"]]


def test_a_rehearsal_counts_everything_and_changes_nothing(school: School, priya: User) -> None:
    row = _rehearse(school, priya, BASELINE)
    assert not any(everything(school).values())
    assert row.rehearsal["counts"] == {"rows": 371, "pupils": 210, "people": 243, "addresses": 225, "emails": 232}
    assert row.rehearsal["before"] == {"pupils": 0, "people": 0, "addresses": 0}
    assert row.rehearsal["after"] == {"pupils": 210, "people": 243, "addresses": 232}
    assert row.rehearsal["years"][0] == {"year": "Reception", "was": 0, "now": 30}
    assert "DOB" in row.rehearsal["columns"]["dropped"]
    assert "7 e-mail addresses belong to more than one person. That is normal." in row.warnings


def test_a_list_of_400_rows_is_a_handful_of_statements_and_less_than_a_second_of_work(
    school: School, priya: User, django_assert_max_num_queries: Any
) -> None:
    row = _rehearse(school, priya, BASELINE)
    began = time.process_time()
    with django_assert_max_num_queries(55):
        apply_import(roster_import=row, by=priya, at=given.MONDAY)
    assert time.process_time() - began < 1
    assert (school.people.count(), school.pupils.count()) == (243, 210)


def test_a_list_in_the_register_makes_families(school: School, priya: User) -> None:
    a_loaded_list(school, BASELINE, priya)
    lucy = Person.objects.get(school=school, source_id="C0001")
    assert {(basis.pupil.given, basis.relationship) for basis in current_bases(lucy, TODAY)} == {
        ("Reggie", "Mother"),
        ("Ella", "Mother"),
        ("Sophia", "Mother"),
    }
    shared = PersonAddress.objects.filter(school=school, mailbox="hannah.nowak59@example.com", until=None)
    assert [row.person.given for row in shared.order_by("person_id")] == ["Hannah", "Adam"]


def test_a_social_worker_is_known_but_has_no_reason_to_follow(school: School, priya: User) -> None:
    a_loaded_list(school, a_list("1,Ada,Hill,Year 2,9,Jo,Field,jo@council.test,Social Worker,No,"), priya)
    assert not has_current_basis(Person.objects.get(school=school), TODAY)


def test_the_same_file_twice_changes_nothing(school: School, priya: User) -> None:
    a_loaded_list(school, BASELINE, priya)
    before = everything(school)
    for complete in (False, True):
        row = a_loaded_list(school, BASELINE, priya, at=given_roster.days_later(1), complete=complete)
        assert (row.rehearsal["changes"], row.rehearsal["same"]) == (0, 243)
    assert everything(school) == before


def test_an_additions_list_never_says_who_is_missing(school: School, priya: User) -> None:
    a_loaded_list(school, BASELINE, priya)
    row = _rehearse(school, priya, MID_YEAR)
    assert row.rehearsal["no_longer_listed"] == []
    assert row.rehearsal["changes"] == 0


def test_a_complete_list_without_a_year_group_is_stopped_and_recorded(school: School, priya: User) -> None:
    a_loaded_list(school, BASELINE, priya)
    before = everything(school)
    text = BASELINE.decode("utf-8-sig").splitlines(keepends=True)
    row = _rehearse(school, priya, "".join(line for line in text if ",Year 6," not in line).encode(), COMPLETE)
    assert row.stopped_because == (
        "Stopped. Nothing has changed. This file would show 27 of 237 adults (11%) as gone. Your records say 0 should leave now. "
        "Year 6 is missing. This usually means the report was filtered or cut short: export the whole list again."
    )
    with pytest.raises(ListIsStopped):
        apply_import(roster_import=row, by=priya, at=given.MONDAY)
    assert everything(school) == before
    assert lines(school_id=school.pk)[0].sentence == f"The list contacts.csv was stopped: {row.stopped_because}"


def test_a_complete_list_of_one_year_group_names_the_share_it_would_lose(school: School, priya: User) -> None:
    a_loaded_list(school, BASELINE, priya)
    text = BASELINE.decode("utf-8-sig").splitlines(keepends=True)
    row = _rehearse(school, priya, "".join([text[0], *(line for line in text if ",Year 6," in line)]).encode(), COMPLETE)
    assert "adults (7" in row.stopped_because
    assert "Reception, Year 1, Year 2, Year 3, Year 4 and Year 5 are missing." in row.stopped_because


@pytest.mark.parametrize("contents", [given_roster.LOGIN_PAGE, a_list(), b""])
def test_what_is_not_a_list_stores_nothing(school: School, priya: User, contents: bytes) -> None:
    a_loaded_list(school, BASELINE, priya)
    before = everything(school)
    with pytest.raises(BadValue):
        _rehearse(school, priya, contents, COMPLETE)
    assert everything(school) == before
    assert RosterImport.objects.filter(school=school).count() == 1


def test_a_leaving_date_in_the_list_ends_the_reason_on_that_day(school: School, priya: User) -> None:
    family = [
        "1,Ada,Hill,Year 2,9,Dana,Hill,dana@home.test,Mother,No,",
        "2,Ivo,Hill,Year 4,9,Dana,Hill,dana@home.test,Mother,No,",
        "1,Ada,Hill,Year 2,8,Sam,Hill,sam@home.test,Father,No,",
    ]
    a_loaded_list(school, a_list(*family), priya, at=given_roster.nine_on(date(2026, 9, 7)))
    leaving = [family[0] + "06/11/2026", family[1], family[2] + "06/11/2026"]
    row = a_loaded_list(school, a_list(*leaving), priya)
    dana, sam = Person.objects.get(source_id="9"), Person.objects.get(source_id="8")
    assert has_current_basis(dana, TODAY)
    assert has_current_basis(sam, date(2026, 11, 6))
    assert not has_current_basis(sam, date(2026, 11, 7))
    assert the_child(school, "Ada").left_on == date(2026, 11, 6)
    assert Basis.objects.get(person=sam).ended_by_import == row
    assert a_loaded_list(school, a_list(*leaving), priya, at=given_roster.days_later(1)).rehearsal["changes"] == 0


def test_a_leaving_date_that_comes_after_the_fact_ends_the_reason_all_the_same(school: School, priya: User) -> None:
    row = "1,Ada,Hill,Year 2,9,Dana,Hill,dana@home.test,Mother,No,"
    a_loaded_list(school, a_list(row), priya)
    a_loaded_list(school, a_list(row + "06/11/2026"), priya, at=given_roster.days_later(1))
    assert current_bases(Person.objects.get(source_id="9"), date(2026, 11, 10)) == []


def test_a_leaving_date_still_to_come_raises_no_question(school: School, priya: User) -> None:
    row = "1,Ada,Hill,Year 6,9,Dana,Hill,dana@home.test,Mother,No,"
    a_loaded_list(school, a_list(row + "31/08/2027"), priya)
    dana = Person.objects.get(source_id="9")
    assert has_current_basis(dana, date(2027, 8, 31))
    assert not has_current_basis(dana, date(2027, 9, 1))
    again = a_loaded_list(school, a_list(row), priya, at=given_roster.days_later(7))
    assert (again.rehearsal["totals"]["needs_you"], again.rehearsal["changes"]) == (0, 0)


def test_a_new_school_year_moves_children_up_and_says_how_many(school: School, priya: User) -> None:
    row = "1,Ada,Hill,{},9,Dana,Hill,dana@home.test,Mother,No,"
    a_loaded_list(school, a_list(row.format("Y2")), priya)
    moved = a_loaded_list(school, a_list(row.format("Year 3")), priya)
    assert moved.rehearsal["children"] == {"new": 0, "changed": 1}
    assert the_child(school, "Ada").year == "Year 3"


def test_somebody_marked_as_left_does_not_slip_back_in_with_the_next_list(school: School, priya: User) -> None:
    a_loaded_list(school, BASELINE, priya)
    isla = Person.objects.get(school=school, source_id="C0034")
    mark_as_left(person=isla, on=TODAY, by=priya, at=given.MONDAY)
    row = a_loaded_list(school, BASELINE, priya, at=given_roster.days_later(2))
    assert row.rehearsal["totals"]["needs_you"] == 1
    assert not has_current_basis(isla, date(2026, 11, 12))


def test_new_numbers_after_a_change_of_system_find_the_same_people(school: School, priya: User) -> None:
    a_loaded_list(school, BASELINE, priya)
    moved = BASELINE.decode("utf-8-sig").replace(",C0", ",X9").replace("P0", "Q7")
    row = _rehearse(school, priya, moved.encode(), COMPLETE)
    assert row.rehearsal["new"] == []
    assert row.rehearsal["no_longer_listed"] == []
    apply_import(roster_import=row, by=priya, at=given.MONDAY)
    assert (school.people.count(), school.pupils.count()) == (243, 210)


def test_a_number_given_to_somebody_else_is_a_question(school: School, priya: User) -> None:
    a_loaded_list(school, a_list("1,Ada,Hill,Year 2,9,Dana,Hill,dana@home.test,Mother,No,"), priya)
    row = a_loaded_list(school, a_list("2,Leo,Chaudhry,Year 1,9,Mei,Chaudhry,mei@home.test,Mother,No,"), priya)
    assert row.rehearsal["totals"] == {
        "new": 0,
        "changed": 0,
        "no_longer_listed": 0,
        "needs_you": 1,
        "kept": 0,
        "leavers": 0,
    }
    assert [person.name for person in school.people.all()] == ["Dana Hill"]


def test_a_mark_on_somebody_who_needs_a_look_is_never_passed_over_in_silence(school: School, priya: User) -> None:
    a_loaded_list(school, a_list("1,Ada,Hill,Year 2,9,Dana,Hill,dana@home.test,Mother,No,"), priya)
    row = a_loaded_list(school, a_list("2,Leo,Chaudhry,Year 1,9,Mei,Chaudhry,mei@home.test,Mother,Yes,"), priya)
    assert restrictions_for_lead(school) == []
    assert row.rehearsal["for_lead"] == ["1 entry that needs somebody carries a mark, and no mark is placed until it is said who they are."]
    assert not any("mark" in warning or "lead" in warning for warning in row.warnings)


def test_the_same_name_with_other_child_and_other_address_is_a_question(school: School, priya: User) -> None:
    headings = "Pupil name,Year,Parent name,Email"
    a_loaded_list(school, a_list("Ada Hill,2,Jo Smith,jo@home.test", headings=headings), priya)
    row = _rehearse(school, priya, a_list("Leo Ward,1,J Smith,other@home.test", headings=headings))
    assert _asked(row) == [("J Smith", "Is J Smith the Jo Smith of the register? Neither the number nor the e-mail and child agree.")]


def test_a_second_child_of_the_same_name_is_a_child_of_their_own(school: School, priya: User) -> None:
    first = "1,Ava,Smith,Year 2,9,Dana,Smith,dana@home.test,Mother,No,"
    second = "2,Ava,Smith,Year 5,8,Mei,Smith,mei@home.test,Mother,No,"
    a_loaded_list(school, a_list(first), priya)
    a_loaded_list(school, a_list(second, first), priya)
    assert sorted(school.pupils.values_list("source_id", "year")) == [("1", "Year 2"), ("2", "Year 5")]
    third = "3,Ava,Smith,Year 6,7,Una,Smith,una@home.test,Mother,No,"
    row = _rehearse(school, priya, a_list(third))
    assert _asked(row) == [("Una Smith", "Is this the Ava Smith of the register (Year 2 or Year 5)?")]


def test_two_adults_behind_one_address_and_one_initial_are_a_question_whatever_their_order(school: School, priya: User) -> None:
    john = "1,Ada,Smith,Year 2,9,John,Smith,smiths@home.test,Father,No,"
    initial = "1,Ada,Smith,Year 2,8,J,Smith,smiths@home.test,Mother,No,"
    a_loaded_list(school, a_list(john), priya)
    for order in ((john, initial), (initial, john)):
        row = _rehearse(school, priya, a_list(*order))
        assert [entry["name"] for entry in row.rehearsal["needs_you"]] == ["J Smith"]
        assert row.rehearsal["same"] == 1


def test_without_numbers_two_names_for_one_child_stay_two_people(school: School, priya: User) -> None:
    headings = "Pupil name,Year,Parent name,Email"
    rows = ("Ada Smith,2,Jo Smith,smiths@home.test", "Ada Smith,2,J Smith,smiths@home.test")
    assert _rehearse(school, priya, a_list(*rows, headings=headings)).rehearsal["counts"]["people"] == 2


def test_somebody_with_a_surname_only_is_the_same_person_next_time(school: School, priya: User) -> None:
    row = "1,Ada,Hill,Year 2,9,,Hill,,Mother,No,"
    a_loaded_list(school, a_list(row), priya)
    assert _rehearse(school, priya, a_list(row)).rehearsal["same"] == 1


def test_an_adult_typed_once_for_each_child_is_one_person(school: School, priya: User) -> None:
    headings = "Pupil name,Year,Parent name,Email"
    a_loaded_list(school, a_list("Ada Hill,2,Dana Hill,dana@home.test", "Ivo Hill,4,DANA HILL,Dana@Home.test", headings=headings), priya)
    dana = Person.objects.get(school=school)
    assert len(current_bases(dana, TODAY)) == 2


def held(school: School) -> set[str]:
    return set(PersonAddress.objects.filter(school=school, until=None).values_list("mailbox", flat=True))


def test_only_a_complete_list_takes_an_old_address_off(school: School, priya: User) -> None:
    row = "1,Ada,Hill,Year 2,9,Dana,Hill,{},Mother,No,"
    a_loaded_list(school, a_list(row.format("dana@old.test")), priya)
    a_loaded_list(school, a_list(row.format("dana@new.test")), priya)
    assert held(school) == {"dana@old.test", "dana@new.test"}
    a_loaded_list(school, a_list(row.format("")), priya, complete=True)
    assert held(school) == {"dana@old.test", "dana@new.test"}
    a_loaded_list(school, a_list(row.format("dana@new.test")), priya, complete=True)
    assert held(school) == {"dana@new.test"}


def test_a_court_order_mark_reaches_the_lead_and_nobody_else(school: School, priya: User) -> None:
    row = _rehearse(school, priya, BASELINE)
    assert row.rehearsal["for_lead"] == ["2 new marks come with this list."]
    assert not any("mark" in warning or "lead" in warning for warning in row.warnings)
    apply_import(roster_import=row, by=priya, at=given.MONDAY)
    marks = restrictions_for_lead(school)
    assert {(mark.person.name, mark.pupil.given, mark.reason) for mark in marks} == {
        ("Sam Ahmed", "Archie", "The school's list carries a court-order mark."),
        ("Sam Ahmed", "Alfie", "The school's list carries a court-order mark."),
    }
    assert open_restriction(marks[0].person) is not None
    row.refresh_from_db()
    row.rehearsal.pop("columns")
    shown = f"{row.rehearsal} {row.warnings} {[line.sentence for line in lines(school_id=school.pk)]}"
    assert "court" not in shown.lower()
    assert row.kept_rows is None


def test_a_mark_the_lead_lifted_is_not_put_back_by_the_same_list(school: School, priya: User) -> None:
    a_loaded_list(school, BASELINE, priya)
    reid = given.ms_reid(school)
    for mark in restrictions_for_lead(school):
        lift_restriction(restriction=mark, why="Seen the order; it does not concern the school.", by=reid, at=given.MONDAY)
    a_loaded_list(school, BASELINE, priya, at=given_roster.days_later(1))
    assert restrictions_for_lead(school) == []
    assert Restriction.objects.filter(school=school).count() == 2


def test_a_list_is_applied_once_and_only_as_it_was_shown(school: School, priya: User) -> None:
    row = _rehearse(school, priya, BASELINE)
    apply_import(roster_import=row, by=priya, at=given.MONDAY)
    with pytest.raises(ListIsSettled):
        apply_import(roster_import=row, by=priya, at=given.MONDAY)
    later = _rehearse(school, priya, BASELINE)
    lucy = Person.objects.get(school=school, source_id="C0001")
    correct_person(person=lucy, by=priya, at=given.MONDAY, addresses=[MailAddress("lucy@new.test")])
    with pytest.raises(RegisterChangedSince):
        apply_import(roster_import=later, by=priya, at=given.MONDAY)
    discard_import(roster_import=later, by=priya, at=given.MONDAY)
    later.refresh_from_db()
    assert later.kept_rows is None
    assert check_chain(school_id=school.pk).whole


def test_other_headings_than_last_time_are_pointed_out(school: School, priya: User) -> None:
    a_loaded_list(school, BASELINE, priya)
    row = _rehearse(school, priya, a_list("1,Ada,Hill,Year 2,9,Dana,Hill,dana@home.test,Mother,No,"))
    assert row.warnings[0] == "The headings differ from the last list. Look at the columns before you apply it."


def test_columns_a_person_chose_are_remembered_for_the_same_headings(school: School, priya: User) -> None:
    contents = a_list("Dana Hill,Ada Hill,dana@home.test", headings="Who,Whose,Where")
    with pytest.raises(BadValue):
        _rehearse(school, priya, contents)
    chosen = {"name": [0], "pupil_name": [1], "email": [2]}
    row = rehearse_import(school=school, file_name="x.csv", contents=contents, by=priya, at=given.MONDAY, mapping=chosen)
    apply_import(roster_import=row, by=priya, at=given.MONDAY)
    assert _rehearse(school, priya, contents).rehearsal["same"] == 1


def test_two_schools_lists_never_meet(school: School, priya: User) -> None:
    other = given.a_school(name="Other Primary", slug="other")
    a_loaded_list(school, BASELINE, priya)
    row = a_loaded_list(other, BASELINE, given.a_colleague(other, "Pat"))
    assert row.rehearsal["totals"]["new"] == 243
    assert school.people.count() == other.people.count() == 243


def test_a_reason_that_was_ended_by_hand_stays_ended(school: School, priya: User) -> None:
    a_loaded_list(school, BASELINE, priya)
    basis = Basis.objects.get(person__source_id="C0003")
    end_basis(basis=basis, on=TODAY, by=priya, at=given.MONDAY, why="No longer a contact")
    a_loaded_list(school, BASELINE, priya, at=given_roster.days_later(3))
    assert not has_current_basis(basis.person, date(2026, 11, 12))
