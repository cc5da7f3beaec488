"""A number, an initial, the order of the rows: none of them makes one person of the list another of the register."""

import pytest

from accounts.models import User
from tests import given
from tests.given_roster import a_checked_list, a_list, a_loaded_list, days_later, everything, the_child, the_whole_database
from vetting.audit.models import AuditEvent, AuditHead, AuditText
from vetting.roster.importing.rows import says_off_roll
from vetting.roster.models import Person, Pupil, RosterImport
from vetting.roster.operations import apply_import
from vetting.school.models import School

pytestmark = pytest.mark.django_db
JOHN = "1,Ada,Hill,Year 2,9,John,Hill,john@home.test,Father,No,"
JANE = "1,Ada,Hill,Year 2,8,Jane,Hill,jane@home.test,Mother,No,"
OTHER_JANE = "2,Ivo,Hill,Year 4,8,Jane,Hill,jane@home.test,Mother,No,"
RECORD = (RosterImport, AuditEvent, AuditText, AuditHead)


@pytest.fixture
def school() -> School:
    return given.a_school()


@pytest.fixture
def priya(school: School) -> User:
    return given.priya(school)


def _asked(row: RosterImport) -> list[str]:
    return [entry["name"] for entry in row.rehearsal["needs_you"]]


@pytest.mark.parametrize(
    ("johns", "janes"),
    [
        (JOHN, OTHER_JANE),  # two families of one surname
        (JOHN, JANE),  # two parents of one child
    ],
)
@pytest.mark.parametrize("line", ["3,Leo,Ward,Year 1,9,J,Hill,,Aunt,No,", "1,Ada,Hill,Year 2,9,J,Hill,,Mother,No,"])
def test_a_number_and_an_initial_are_a_question_and_nobody(school: School, priya: User, johns: str, janes: str, line: str) -> None:
    if "Ada" in line and janes == OTHER_JANE:
        line = line.replace("1,Ada,Hill,Year 2", "3,Leo,Ward,Year 1")
    a_loaded_list(school, a_list(johns, janes), priya)
    before = everything(school)
    row = a_checked_list(school, a_list(line), priya, at=days_later(1), complete=False)
    assert _asked(row) == ["J Hill"]
    apply_import(roster_import=row, by=priya, at=days_later(1))
    assert [everything(school)[name] for name in ("people", "addresses", "bases")] == [
        before[name] for name in ("people", "addresses", "bases")
    ]


def test_swapped_numbers_beside_initials_find_each_by_their_own_e_mail(school: School, priya: User) -> None:
    a_loaded_list(school, a_list(JOHN, JANE), priya)
    john, jane = Person.objects.get(given="John").pk, Person.objects.get(given="Jane").pk
    swapped = a_list(JOHN.replace(",9,John", ",8,J"), JANE.replace(",8,Jane", ",9,J"))
    row = a_loaded_list(school, swapped, priya, at=days_later(1))
    assert row.rehearsal["totals"]["needs_you"] == 0
    assert dict(Person.objects.values_list("pk", "source_id")) == {john: "8", jane: "9"}
    assert dict(Person.objects.values_list("pk", "addresses__address")) == {john: "john@home.test", jane: "jane@home.test"}


@pytest.mark.parametrize(
    "line",
    [
        "1,Ada,Hill,Year 2,9,J,Hill,john@home.test,Father,No,",  # the e-mail bears it out
        "1,Ada,Hill,Year 2,9,J,Hill,,Father,No,",  # the child does
        "3,Leo,Ward,Year 1,9,JOHN,Hill,,Uncle,No,",  # the first name is the same
        "3,Leo,Ward,Year 1,9,John Paul,Hill,,Uncle,No,",
    ],
)
def test_a_number_with_the_same_first_name_or_something_that_bears_it_out_is_the_same_person(
    school: School, priya: User, line: str
) -> None:
    a_loaded_list(school, a_list(JOHN, OTHER_JANE), priya)
    row = a_checked_list(school, a_list(line), priya, at=days_later(1), complete=False)
    assert (row.rehearsal["totals"]["needs_you"], row.rehearsal["totals"]["new"]) == (0, 0)


def test_twins_with_swapped_numbers_and_initials_are_a_question(school: School, priya: User) -> None:
    a_loaded_list(school, a_list(JOHN, JOHN.replace("1,Ada,", "2,Abe,")), priya)
    row = a_checked_list(school, a_list("1,A,Hill,Year 2,9,John,Hill,john@home.test,Father,No,"), priya, at=days_later(1), complete=False)
    assert row.rehearsal["needs_you"][0]["sentence"] == "The number 1 belongs to Ada Hill in the register."
    assert row.rehearsal["children"] == {"new": 0, "changed": 0}


def test_an_only_child_written_with_an_initial_is_still_the_same_child(school: School, priya: User) -> None:
    a_loaded_list(school, a_list(JOHN), priya)
    row = a_loaded_list(school, a_list(JOHN.replace("1,Ada,", "1,A,")), priya, at=days_later(1))
    assert row.rehearsal["totals"]["needs_you"] == 0
    assert Pupil.objects.count() == 1


@pytest.mark.parametrize("order", [1, -1])
def test_a_list_in_which_one_row_of_somebody_has_no_number_writes_nothing_the_second_time(school: School, priya: User, order: int) -> None:
    rows = (JOHN.replace(",9,", ",,"), JOHN.replace("1,Ada,", "2,Ivo,"))[::order]
    a_loaded_list(school, a_list(*rows), priya)
    assert Person.objects.get().source_id == "9"
    before = the_whole_database(but=RECORD)
    for days, again in ((1, rows), (2, rows[::-1])):
        row = a_loaded_list(school, a_list(*again), priya, at=days_later(days))
        assert row.rehearsal["changes"] == 0
    assert the_whole_database(but=RECORD) == before


STATUS = "Pupil ID,Pupil Forename,Pupil Surname,Status,Contact ID,Contact Forename,Contact Surname,Email"


@pytest.mark.parametrize(
    "status", ["On roll", "Current - offered a place elsewhere", "Not left", "Leftwich House", "Formerly at Oak Park", "Current"]
)
def test_a_child_on_roll_stays_on_the_list_whatever_letters_the_status_holds(school: School, priya: User, status: str) -> None:
    assert not says_off_roll(status)
    a_loaded_list(school, a_list(f"1,Ada,Hill,{status},9,Dana,Hill,dana@home.test", headings=STATUS), priya)
    assert the_child(school, "Ada").left_on is None


NOT_YET = ("Applicant", "Applied", "Pre-Admission", "Future", "Offer accepted", "Enquiry")
NO_MORE = ("Left", "LEAVER", "Left 12/07/2026", "Leaver - July 2026", "Former pupil", "Withdrawn", "Off-roll", "Not on roll", "tobedeleted")


@pytest.mark.parametrize("status", [*NOT_YET, *NO_MORE, "Inactive"])
def test_a_child_who_is_not_on_roll_is_left_out(school: School, priya: User, status: str) -> None:
    assert says_off_roll(status)
    here = "2,Ivo,Hill,On roll,9,Dana,Hill,dana@home.test"
    a_loaded_list(school, a_list(f"1,Ada,Hill,{status},9,Dana,Hill,dana@home.test", here, headings=STATUS), priya)
    assert [child.given for child in Pupil.objects.all()] == ["Ivo"]
