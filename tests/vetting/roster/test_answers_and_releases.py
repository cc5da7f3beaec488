"""Answers to a list's questions stand in the record, and a stopped list goes through only for what it was let through for."""

import pytest

from accounts.models import User
from tests import given
from tests.given_roster import a_checked_list, a_list, a_loaded_list, days_later, everything
from vetting.audit.models import AuditEvent
from vetting.audit.queries import lines
from vetting.roster.models import Person, RosterImport
from vetting.roster.operations import ListIsStopped, RegisterChangedSince, answer_questions, apply_import, release_import
from vetting.school.models import School
from vetting.values import Refused

pytestmark = pytest.mark.django_db
HERE = [f"{n},Child{n},Ward,Year 2,{n}0,Par{n},Ward{n},p{n}@home.test,Mother,No," for n in range(1, 13)]
# Half the school is gone, and one adult has another surname and nothing else that fits.
HALF = [*HERE[:6], "99,Leo,Long,Year 1,X1,P,Ward7,elsewhere@home.test,Mother,No,"]


@pytest.fixture
def school() -> School:
    return given.a_school()


@pytest.fixture
def priya(school: School) -> User:
    return given.priya(school)


@pytest.fixture
def stopped(school: School, priya: User) -> RosterImport:
    a_loaded_list(school, a_list(*HERE), priya, complete=True)
    row = a_checked_list(school, a_list(*HALF), priya, at=days_later(1))
    assert row.stopped_because
    return row


def _key(row: RosterImport) -> str:
    (question,) = row.rehearsal["needs_you"]
    return str(question["key"])


def test_a_list_that_was_let_through_is_stopped_again_when_answers_change_what_it_would_do(
    school: School, priya: User, stopped: RosterImport
) -> None:
    lane = given.mrs_lane(school)
    release_import(roster_import=stopped, why="Six families moved.", by=lane, at=days_later(1))
    before = everything(school)
    row = answer_questions(roster_import=stopped, answers={_key(stopped): "different"}, by=priya, at=days_later(1))
    assert (row.released_at, row.released_by, row.released_why) == (None, None, "")
    assert row.stopped_because.endswith("It was let through before the answers changed what it would do: it has to be let through again.")
    with pytest.raises(ListIsStopped):
        apply_import(roster_import=row, by=priya, at=days_later(1))
    assert everything(school) == before
    release_import(roster_import=row, why="Still right.", by=lane, at=days_later(1))
    apply_import(roster_import=row, by=priya, at=days_later(1))
    assert Person.objects.filter(school=school, given="P").exists()


def test_an_answer_that_changes_nothing_leaves_the_list_let_through(school: School, priya: User, stopped: RosterImport) -> None:
    row = answer_questions(roster_import=stopped, answers={_key(stopped): "different"}, by=priya, at=days_later(1))
    release_import(roster_import=row, why="Six families moved.", by=given.mrs_lane(school), at=days_later(1))
    row = answer_questions(roster_import=row, answers=dict(row.answers), by=priya, at=days_later(1))
    assert row.released_at is not None
    apply_import(roster_import=row, by=priya, at=days_later(1))


def test_an_admin_lets_through_only_what_they_have_seen(school: School, priya: User, stopped: RosterImport) -> None:
    seen = stopped.rehearsal["outcome"]
    row = answer_questions(roster_import=stopped, answers={_key(stopped): "different"}, by=priya, at=days_later(1))
    with pytest.raises(Refused, match="looked at again since you opened this page"):
        release_import(roster_import=row, why="Six families moved.", by=given.mrs_lane(school), at=days_later(1), seen=seen)
    row.refresh_from_db()
    assert row.released_at is None


def test_a_list_let_through_is_not_applied_when_something_else_would_stop_it_now(
    school: School, priya: User, stopped: RosterImport
) -> None:
    release_import(roster_import=stopped, why="Six families moved.", by=given.mrs_lane(school), at=days_later(1))
    assert a_loaded_list(school, a_list(*HERE[:6]).replace(b"Year 2", b"Year 3"), priya, at=days_later(1)).applied_at
    with pytest.raises(RegisterChangedSince):
        apply_import(roster_import=stopped, by=priya, at=days_later(1))


def test_answers_are_in_the_record_with_a_name_and_a_number_and_no_word_about_anybody(
    school: School, priya: User, stopped: RosterImport
) -> None:
    answer_questions(roster_import=stopped, answers={_key(stopped): "same"}, by=priya, at=days_later(1))
    assert lines(school_id=school.pk)[0].sentence == "Priya answered questions about the list contacts.csv: 1 same, 0 different."
    entry = AuditEvent.objects.latest("sequence")
    assert entry.facts == {"same": 1, "different": 0}
    count = AuditEvent.objects.count()
    answer_questions(roster_import=stopped, answers={"unheard-of": "perhaps"}, by=priya, at=days_later(1))
    assert AuditEvent.objects.count() == count


def test_a_list_that_an_answer_puts_right_is_stopped_no_longer(school: School, priya: User) -> None:
    rows = [f"{n},Child{n},Ward,Year 2,{n}0,Par{n},Ward{n},p{n}@home.test,Mother,No," for n in range(1, 26)]
    a_loaded_list(school, a_list(*rows), priya, complete=True)
    # Four adults are called otherwise and have other addresses: their number says who they may be.
    renamed = [row.replace(f"Ward{n},p{n}@", f"Long{n},q{n}@") for n, row in enumerate(rows, start=1)]
    others = [row.replace("Par", "Zed") for row in renamed[:6]]
    row = a_checked_list(school, a_list(*others, *rows[6:]), priya, at=days_later(1))
    assert "carry a number that belongs to somebody else" in row.stopped_because
    for question in list(row.rehearsal["needs_you"]):
        row = answer_questions(roster_import=row, answers={question["key"]: "same"}, by=priya, at=days_later(1))
    assert row.stopped_because == ""
    apply_import(roster_import=row, by=priya, at=days_later(1))
    assert Person.objects.filter(school=school, given__startswith="Zed").count() == 6
