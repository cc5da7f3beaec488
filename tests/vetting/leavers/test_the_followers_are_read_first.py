"""A leaver list rests on who follows today: the followers are read before the night's list, and before anybody is proposed."""

from datetime import UTC, date, datetime, timedelta

import pytest

from tests import given
from tests.given_leavers import a_follower, followers_read, left
from tests.given_roster import a_parent
from vetting.decisions.models import QueueItem
from vetting.leavers.models import LeaverPlan
from vetting.leavers.operations import run_night
from vetting.school.models import SchoolAccount
from vetting.school.operations import set_policy
from vetting.twitter.models import Connection
from vetting.twitter.operations import connect

pytestmark = pytest.mark.django_db
NIGHT = datetime(2026, 11, 17, 2, 30, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
NEXT_WEEK = NIGHT + 7 * DAY


@pytest.fixture
def account() -> SchoolAccount:
    account = given.an_account(given.a_school())
    keys = dict.fromkeys(("consumer_key", "consumer_secret", "access_token", "access_secret"), "x")
    connect(school_account=account, kind="LIVE", by=None, at=given.MONDAY, **keys)
    Connection.objects.update(followers_due_at=NEXT_WEEK)
    return account


def _asked_at(account: SchoolAccount) -> datetime:
    return Connection.objects.get(school_account=account).followers_due_at


def test_two_hours_before_a_list_that_would_be_refused_for_an_old_reading_one_is_asked_for(account: SchoolAccount) -> None:
    followers_read(account, NIGHT - 9 * DAY)
    run_night(school=account.school, at=NIGHT - 3 * HOUR)
    run_night(school=account.school, at=NIGHT - 2 * HOUR)
    assert _asked_at(account) == NIGHT - 2 * HOUR
    followers_read(account, NIGHT - 110 * MINUTE)
    Connection.objects.update(followers_due_at=NEXT_WEEK)
    run_night(school=account.school, at=NIGHT)
    assert LeaverPlan.objects.latest("made_at").verdict == LeaverPlan.Verdict.CLEAR
    assert _asked_at(account) == NEXT_WEEK


def test_a_reading_that_failed_is_left_to_its_own_next_try(account: SchoolAccount) -> None:
    followers_read(account, NIGHT - 9 * DAY)
    followers_read(account, NIGHT - HOUR, complete=False)
    run_night(school=account.school, at=NIGHT - 30 * MINUTE)
    assert _asked_at(account) == NEXT_WEEK


def test_where_the_last_reading_still_holds_nothing_is_asked_for(account: SchoolAccount) -> None:
    followers_read(account, NIGHT - 5 * DAY)
    run_night(school=account.school, at=NIGHT - HOUR)
    assert _asked_at(account) == NEXT_WEEK


def _somebody_to_propose(account: SchoolAccount) -> None:
    dana = a_parent(account.school)
    for name in range(40):
        a_follower(account, a_parent(account.school, f"Parent{name} Fen", f"Child{name} Fen"))
    a_follower(account, dana)
    left(dana, date(2026, 10, 1), at=datetime(2026, 9, 1, 9, tzinfo=UTC))


def test_before_somebody_is_proposed_the_followers_are_read(account: SchoolAccount) -> None:
    followers_read(account, NIGHT - 5 * DAY)
    _somebody_to_propose(account)
    run_night(school=account.school, at=NIGHT)
    assert not QueueItem.objects.exists()
    assert _asked_at(account) == NIGHT
    followers_read(account, NIGHT + 5 * MINUTE)
    run_night(school=account.school, at=NIGHT + 6 * MINUTE)
    assert QueueItem.objects.filter(kind="REMOVAL").count() == 1


def test_a_list_does_not_wait_for_ever_for_a_reading(account: SchoolAccount) -> None:
    followers_read(account, NIGHT - 5 * DAY)
    _somebody_to_propose(account)
    run_night(school=account.school, at=NIGHT)
    run_night(school=account.school, at=NIGHT + 3 * HOUR)
    assert QueueItem.objects.filter(kind="REMOVAL").count() == 1


def test_a_school_that_pastes_its_lists_waits_for_nothing(account: SchoolAccount) -> None:
    connect(school_account=account, kind="BY_HAND", by=None, at=given.MONDAY)
    followers_read(account, NIGHT - 5 * DAY)
    _somebody_to_propose(account)
    set_policy(school=account.school, key="removals_paused", value=False, by=None, at=given.MONDAY)
    run_night(school=account.school, at=NIGHT)
    assert QueueItem.objects.filter(kind="REMOVAL").count() == 1
