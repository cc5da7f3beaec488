"""Marks that a list carries: each new one reaches the safeguarding lead, none is placed twice for the same list, none is lost."""

import pytest

from accounts.models import User
from tests import given
from tests.given_roster import a_checked_list, a_list, a_loaded_list, days_later, everything, the_child
from vetting.audit.models import AuditEvent
from vetting.roster.models import Person, Restriction, RosterImport
from vetting.roster.operations import apply_import, lift_restriction, rehearse_import, roll_back_import
from vetting.roster.queries import open_restriction, restrictions_for_lead
from vetting.school.models import School

pytestmark = pytest.mark.django_db
PLAIN = "1,Ada,Hill,Year 2,9,Dana,Hill,dana@home.test,Mother,No,"
MARKED = PLAIN.replace(",No,", ",Yes,")
NO_COLUMN = "Pupil ID,Pupil Forename,Pupil Surname,Year Group,Contact ID,Contact Forename,Contact Surname,Email"
WITHOUT_COLUMN = a_list("1,Ada,Hill,Year 2,9,Dana,Hill,dana@home.test", headings=NO_COLUMN)


@pytest.fixture
def school() -> School:
    return given.a_school()


@pytest.fixture
def priya(school: School) -> User:
    return given.priya(school)


@pytest.fixture
def reid(school: School) -> User:
    return given.ms_reid(school)


def _lift(school: School, reid: User, day: int) -> None:
    (mark,) = restrictions_for_lead(school)
    lift_restriction(restriction=mark, why="Seen the order.", by=reid, at=days_later(day))


def test_a_mark_that_was_gone_from_the_list_and_is_there_again_is_a_new_mark(school: School, priya: User, reid: User) -> None:
    a_loaded_list(school, a_list(MARKED), priya)
    _lift(school, reid, 1)
    a_loaded_list(school, a_list(PLAIN), priya, at=days_later(2))
    assert restrictions_for_lead(school) == []
    row = a_checked_list(school, a_list(MARKED), priya, at=days_later(3), complete=False)
    assert row.rehearsal["for_lead"] == ["1 new mark comes with this list."]
    apply_import(roster_import=row, by=priya, at=days_later(3))
    assert len(restrictions_for_lead(school)) == 1


def test_a_mark_gone_before_the_lead_lifted_it_is_new_when_it_comes_again(school: School, priya: User, reid: User) -> None:
    a_loaded_list(school, a_list(MARKED), priya)
    a_loaded_list(school, a_list(PLAIN), priya, at=days_later(1))
    _lift(school, reid, 2)
    a_loaded_list(school, a_list(MARKED), priya, at=days_later(3))
    assert len(restrictions_for_lead(school)) == 1


def test_a_mark_the_lead_lifted_with_the_list_before_them_stays_lifted(school: School, priya: User, reid: User) -> None:
    for day, line in ((0, MARKED), (1, PLAIN), (2, MARKED)):
        a_loaded_list(school, a_list(line), priya, at=days_later(day))
    _lift(school, reid, 3)
    before = everything(school)
    for day in (4, 5, 6):
        assert a_loaded_list(school, a_list(MARKED), priya, at=days_later(day)).rehearsal["changes"] == 0
    assert everything(school) == before


def test_a_list_without_a_column_for_marks_says_nothing_of_any(school: School, priya: User, reid: User) -> None:
    a_loaded_list(school, a_list(MARKED), priya)
    _lift(school, reid, 1)
    a_loaded_list(school, WITHOUT_COLUMN, priya, at=days_later(2))
    a_loaded_list(school, a_list("2,Ivo,Hill,Year 4,9,Dana,Hill,dana@home.test,Mother,No,"), priya, at=days_later(3))
    a_loaded_list(school, a_list(MARKED), priya, at=days_later(4))
    assert restrictions_for_lead(school) == []


def _load_as(school: School, source: str, line: str, by: User, day: int) -> None:
    row = rehearse_import(school=school, file_name="x.csv", contents=a_list(line), by=by, at=days_later(day), source=source)
    apply_import(roster_import=row, by=by, at=days_later(day))


def test_another_source_that_never_had_the_mark_does_not_make_it_new(school: School, priya: User, reid: User) -> None:
    _load_as(school, "Arbor", MARKED, priya, 0)
    _lift(school, reid, 1)
    _load_as(school, "Clubs", PLAIN, priya, 2)
    _load_as(school, "Arbor", MARKED, priya, 3)
    assert restrictions_for_lead(school) == []


def test_that_a_mark_is_gone_is_taken_back_with_the_list_that_said_so(school: School, priya: User, reid: User) -> None:
    a_loaded_list(school, a_list(MARKED), priya)
    _lift(school, reid, 1)
    before = list(Restriction.objects.values())
    row = a_loaded_list(school, a_list(PLAIN), priya, at=days_later(2))
    assert a_loaded_list(school, a_list(PLAIN), priya, at=days_later(3)).rehearsal["changes"] == 0
    roll_back_import(roster_import=row, by=reid, at=days_later(3))
    assert list(Restriction.objects.values()) == before


def test_a_mark_beside_a_child_nobody_can_read_is_placed_on_the_adult(school: School, priya: User) -> None:
    a_loaded_list(school, a_list(PLAIN), priya)
    row = a_loaded_list(school, a_list(",,,Year 2,9,Dana,Hill,dana@home.test,Mother,Yes,", PLAIN.replace(",9,Dana", ",8,Sam")), priya)
    assert row.rehearsal["for_lead"] == ["1 new mark comes with this list."]
    (mark,) = restrictions_for_lead(school)
    assert (mark.person.given, mark.pupil) == ("Dana", None)


def test_a_mark_in_a_row_without_a_child_reaches_the_same_adult_of_another_row(school: School, priya: User) -> None:
    a_loaded_list(school, a_list(PLAIN, ",,,Year 2,9,Dana,Hill,dana@home.test,Mother,Yes,"), priya)
    (mark,) = restrictions_for_lead(school)
    assert (mark.person.given, mark.pupil) == ("Dana", None)
    a_loaded_list(school, a_list(PLAIN, ",,,Year 2,9,Dana,Hill,dana@home.test,Mother,Yes,"), priya, at=days_later(1))
    assert Restriction.objects.count() == 1


def test_a_mark_on_an_adult_nobody_knows_and_without_a_child_is_asked_about(school: School, priya: User) -> None:
    contents = a_list(PLAIN, ",,,Year 2,7,Rob,Ward,rob@home.test,Father,Yes,")
    for day in (0, 1):
        row = a_checked_list(school, contents, priya, at=days_later(day), complete=False)
        assert [asked["name"] for asked in row.rehearsal["needs_you"]] == ["Rob Ward"]
        apply_import(roster_import=row, by=priya, at=days_later(day))
    said = "1 entry that needs somebody carries a mark, and no mark is placed until it is said who they are."
    assert row.rehearsal["for_lead"] == [said]
    assert not any("mark" in warning for warning in row.warnings)
    assert not Person.objects.filter(given="Rob").exists()


def test_a_mark_of_somebody_known_is_placed_though_their_child_is_in_question(school: School, priya: User) -> None:
    a_loaded_list(school, a_list(PLAIN, "2,Ava,Ward,Year 4,8,Una,Ward,una@home.test,Mother,No,"), priya)
    row = a_loaded_list(school, a_list("3,Ava,Ward,Year 1,9,Dana,Hill,dana@home.test,Aunt,Yes,"), priya, at=days_later(1))
    assert row.rehearsal["totals"]["needs_you"] == 1
    (mark,) = restrictions_for_lead(school)
    assert (mark.person.given, mark.pupil) == ("Dana", None)
    assert not any("carries a mark" in said for said in row.rehearsal["for_lead"])


def test_marks_that_go_with_a_list_rolled_back_are_in_the_record_as_lifted(school: School, priya: User, reid: User) -> None:
    a_loaded_list(school, a_list(PLAIN), priya)
    row = a_loaded_list(school, a_list(MARKED), priya, at=days_later(1))
    dana = Person.objects.get(given="Dana")
    assert open_restriction(dana) is not None
    roll_back_import(roster_import=row, by=reid, at=days_later(2))
    assert open_restriction(dana) is None
    lifted = AuditEvent.objects.get(event="roster.restriction_lifted")
    assert (lifted.by_id, lifted.subject_id) == (reid.pk, dana.pk)
    assert RosterImport.objects.get(pk=row.pk).rolled_back_by == reid
    assert the_child(school, "Ada").left_on is None


@pytest.mark.parametrize("line", ["1,Ada,Hill,Year 2,Mr & Mrs Hill,x@home.test,Yes", ",,,Year 2,Mr & Mrs Hill,x@home.test,Yes"])
def test_a_mark_beside_a_name_nobody_can_read_is_said_so_that_the_lead_is_told(school: School, priya: User, line: str) -> None:
    headings = "Pupil ID,Pupil Forename,Pupil Surname,Year Group,Parent name,Email,Court Order"
    contents = a_list(line, "2,Ivo,Ward,Year 4,Una Ward,una@home.test,No", headings=headings)
    row = a_checked_list(school, contents, priya, complete=False)
    assert row.rehearsal["for_lead"] == ["1 row carries a mark beside an adult whose name could not be read; it is placed on nobody."]


def test_a_mark_for_one_child_is_new_though_the_lead_lifted_one_for_all(school: School, priya: User, reid: User) -> None:
    a_loaded_list(school, a_list(PLAIN, ",,,Year 2,9,Dana,Hill,dana@home.test,Mother,Yes,"), priya)
    _lift(school, reid, 1)
    a_loaded_list(school, a_list(MARKED), priya, at=days_later(2))
    (mark,) = restrictions_for_lead(school)
    assert mark.pupil == the_child(school, "Ada")
