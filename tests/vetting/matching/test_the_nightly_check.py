"""Every night everything is decided afresh: what was decided change by change must be the same, and a fault is told."""

import logging
from datetime import timedelta

import pytest

from tests import given
from tests.vetting.matching.test_rematching import LATER, a_vouched_request, standing
from vetting.matching import checking, tasks
from vetting.matching.checking import Checked, check_in_full, is_due, schools_to_check
from vetting.matching.models import Match
from vetting.matching.operations import rematch
from vetting.roster.models import Person
from vetting.roster.operations import mark_as_left
from vetting.school.models import Alarm, ChangedFact, School, SchoolAccount
from vetting.school.operations import facts_changed
from vetting.twitter.models import FollowRequest
from vetting.values import Level

pytestmark = pytest.mark.django_db

NIGHT = LATER.replace(hour=3) + timedelta(days=1)


@pytest.fixture
def request_matched() -> FollowRequest:
    school = given.a_school()
    request = a_vouched_request(given.an_account(school))
    rematch(school=school, at=LATER)
    return request


@pytest.fixture
def school(request_matched: FollowRequest) -> School:
    return request_matched.school_account.school


def test_where_nothing_was_missed_nothing_is_written_and_nobody_is_told(school: School) -> None:
    assert check_in_full(school=school, at=NIGHT) == Checked(compared=1, missed=0, written=0)
    assert Match.objects.count() == 1
    assert not Alarm.objects.exists()


def test_a_change_nobody_noted_is_put_right_and_a_technician_told_in_numbers_alone(
    school: School, request_matched: FollowRequest, caplog: pytest.LogCaptureFixture
) -> None:
    Person.objects.update(given="Xenia", family="Quill")
    with caplog.at_level(logging.WARNING):
        assert check_in_full(school=school, at=NIGHT) == Checked(compared=1, missed=1, written=1)
    assert "Xenia Quill" in str(standing(request_matched).evidence_json)
    alarm = Alarm.objects.get(cleared_at=None)
    assert alarm.sentence.startswith("The nightly check put 1 of 1 comparisons of requests and messages right")
    told = caplog.text + alarm.sentence
    assert "found 1 of 1 opinions" in told
    assert not any(word in told for word in ("Xenia", "Quill", "Dana", "dana_h84"))


def test_the_alarm_ends_with_the_next_night_in_which_nothing_was_missed(school: School) -> None:
    Person.objects.update(given="Xenia")
    check_in_full(school=school, at=NIGHT)
    rematch(school=school, at=NIGHT)
    assert check_in_full(school=school, at=NIGHT + timedelta(days=1)) == Checked(compared=1, missed=0, written=0)
    assert not Alarm.objects.filter(cleared_at=None).exists()


def test_after_a_miss_every_process_reads_the_school_anew(school: School, request_matched: FollowRequest) -> None:
    Person.objects.update(given="Xenia")
    check_in_full(school=school, at=NIGHT)
    assert rematch(school=school, at=NIGHT) == 0
    assert "Xenia" in str(standing(request_matched).evidence_json)
    assert check_in_full(school=school, at=NIGHT) == Checked(compared=1, missed=0, written=0)


def test_a_day_that_turned_is_no_miss_and_is_matched_next(school: School, request_matched: FollowRequest) -> None:
    mark_as_left(person=Person.objects.get(), on=LATER.date(), by=None, at=LATER)
    rematch(school=school, at=LATER)
    assert check_in_full(school=school, at=NIGHT) == Checked(compared=1, missed=0, written=0)
    assert standing(request_matched).level == Level.STRONG
    assert rematch(school=school, at=NIGHT) == 1
    assert standing(request_matched).level == Level.HOLD


def test_what_is_still_to_be_matched_is_not_judged(school: School) -> None:
    facts_changed(school.pk)
    assert check_in_full(school=school, at=NIGHT) is None
    school.refresh_from_db()
    assert school.checked_on is None


def test_a_fact_that_changes_meanwhile_puts_the_check_off(school: School, monkeypatch: pytest.MonkeyPatch) -> None:
    Person.objects.update(given="Xenia")
    write = checking.write_opinions

    def and_meanwhile(*found: object) -> int:
        facts_changed(school.pk)
        return write(*found)

    monkeypatch.setattr(checking, "write_opinions", and_meanwhile)
    assert check_in_full(school=school, at=NIGHT) is None
    assert Match.objects.count() == 1
    assert not Alarm.objects.exists()


def test_an_opinion_of_an_older_engine_is_written_anew_and_is_no_miss(school: School, request_matched: FollowRequest) -> None:
    Match.objects.update(engine_version="0.1", fingerprint="of long ago")
    assert check_in_full(school=school, at=NIGHT) == Checked(compared=1, missed=0, written=1)
    assert standing(request_matched).engine_version != "0.1"


def test_it_runs_once_in_each_night_or_as_soon_as_the_computer_is_on(school: School) -> None:
    assert not is_due(school, NIGHT.replace(hour=1))
    assert schools_to_check(NIGHT) == [school]
    check_in_full(school=school, at=NIGHT)
    assert schools_to_check(NIGHT.replace(hour=23)) == []
    assert schools_to_check(NIGHT.replace(hour=9) + timedelta(days=3)) == [school]


def test_the_clock_s_tick_checks_every_school_that_is_due(school: School, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks.timezone, "now", lambda: NIGHT)
    tasks.check_in_full()
    school.refresh_from_db()
    assert school.checked_on == NIGHT.date()


def test_the_old_end_of_the_log_goes_and_what_is_remembered_beyond_it_is_read_anew(
    school: School, request_matched: FollowRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checking, "VERSIONS_KEPT", 0)
    check_in_full(school=school, at=NIGHT)
    assert ChangedFact.objects.filter(what="DAY").count() == ChangedFact.objects.count() == 1
    Person.objects.update(given="Xenia")
    assert rematch(school=school, at=NIGHT) == 1
    assert "Xenia" in str(standing(request_matched).evidence_json)


def test_a_school_without_requests_is_checked_as_well() -> None:
    empty = given.a_school(name="Other Primary", slug="other")
    assert check_in_full(school=empty, at=NIGHT) is None
    rematch(school=empty, at=LATER)
    assert check_in_full(school=empty, at=NIGHT) == Checked(compared=0, missed=0, written=0)
    assert isinstance(given.an_account(empty), SchoolAccount)
