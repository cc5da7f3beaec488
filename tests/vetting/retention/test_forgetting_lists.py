"""Lists of families that were never loaded are forgotten, and in time what the register was before those that were."""

import json

import pytest

from accounts.models import User
from tests import given
from tests.given_roster import BASELINE, a_checked_list, a_list, a_loaded_list, days_later, everything
from vetting.audit.queries import lines
from vetting.retention.models import ErasureRun
from vetting.retention.operations import emails_due, erase_due, erase_due_everywhere
from vetting.roster.models import RosterImport
from vetting.roster.operations import CannotRollBack, ListIsSettled, apply_import, release_import, roll_back_import
from vetting.school.models import School
from vetting.school.operations import set_policy

pytestmark = pytest.mark.django_db
DANA = "1,Ada,Hill,Year 2,9,Dana,Hill,dana@home.test,Mother,No,"
UNCLEAR = "2,Leo,Ward,Year 1,9,Mei,Chaudhry,mei@home.test,Mother,Yes,"


@pytest.fixture
def school() -> School:
    return given.a_school()


@pytest.fixture
def priya(school: School) -> User:
    return given.priya(school)


def _all_that_is_kept() -> str:
    rows = RosterImport.objects.values("rehearsal", "warnings", "answers", "kept_rows", "journal")
    assert not any(row["kept_rows"] or row["journal"] for row in rows)
    return json.dumps([{**row, "kept_rows": "", "journal": ""} for row in rows])


def test_a_list_nobody_loaded_is_forgotten_after_thirty_days_and_its_numbers_stay(school: School, priya: User) -> None:
    row = a_checked_list(school, a_list(DANA, UNCLEAR, "3,Ivy,Bell,Year 2,4,,,una at home,Mother,No,"), priya, complete=False)
    assert erase_due_everywhere(at=days_later(29)) == 0
    assert RosterImport.objects.get().kept_rows
    assert erase_due_everywhere(at=days_later(30)) == 1
    kept = _all_that_is_kept()
    assert not [name for name in ("Dana", "Ada", "Mei", "Leo", "home.test") if name in kept]
    assert RosterImport.objects.get().rehearsal["counts"]["rows"] == 3
    with pytest.raises(ListIsSettled):
        apply_import(roster_import=row, by=priya, at=days_later(30))
    assert lines(school_id=school.pk)[0].sentence.endswith("1 lists never loaded, 0 that can no longer be rolled back.")
    assert erase_due_everywhere(at=days_later(31)) == 0


def test_a_stopped_list_is_forgotten_too_unless_it_was_let_through_lately(school: School) -> None:
    okafor, lane = given.mr_okafor(school), given.mrs_lane(school)
    a_loaded_list(school, BASELINE, okafor, complete=True)
    before = everything(school)
    row = a_checked_list(school, b"".join(BASELINE.splitlines(keepends=True)[:200]), okafor, at=days_later(1))
    release_import(roster_import=row, why="The other site has its own list.", by=lane, at=days_later(20))
    assert emails_due(school=school, at=days_later(31)).lists == []
    assert emails_due(school=school, at=days_later(50)).lists == [row.pk]
    erase_due(school=school, at=days_later(50))
    assert RosterImport.objects.get(pk=row.pk).kept_rows is None
    assert everything(school) == before


def test_what_the_register_was_before_a_list_is_kept_half_a_year(school: School, priya: User) -> None:
    row = a_loaded_list(school, a_list(DANA, "3,Ivy,Bell,Year 2,4,Una,Bell,una at home,Mother,No,"), priya)
    assert row.warnings
    before = everything(school)
    assert erase_due_everywhere(at=days_later(179)) == 0
    assert erase_due_everywhere(at=days_later(180)) == 1
    assert "Dana" not in _all_that_is_kept()
    assert everything(school) == before
    with pytest.raises(CannotRollBack, match="only the last three lists can be rolled back, for 180 days"):
        roll_back_import(roster_import=row, by=priya, at=days_later(180))


def test_a_rehearsal_counts_the_lists_a_run_forgets_and_the_days_are_the_schools(school: School, priya: User) -> None:
    set_policy(school=school, key="unloaded_list_days", value=7, by=None, at=given.MONDAY)
    set_policy(school=school, key="roll_back_days", value=10, by=None, at=given.MONDAY)
    a_loaded_list(school, a_list(DANA), priya)
    a_checked_list(school, a_list(UNCLEAR), priya, complete=False)
    rehearsed = erase_due(school=school, at=days_later(10), rehearsal=True)
    assert (rehearsed.counts["lists"], rehearsed.counts["before_lists"]) == (1, 1)
    assert RosterImport.objects.filter(journal__isnull=False).exists()
    erase_due(school=school, at=days_later(10))
    assert ErasureRun.objects.latest("pk").counts == rehearsed.counts
    _all_that_is_kept()
