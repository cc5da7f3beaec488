"""Faults of Twitter's, met by every drain: what is asked, how long anybody waits, and what a banner says."""

import socket
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import requests
import time_machine

from tests import given
from tests.given_twitter import AtTwitter, at_twitter
from tests.sandbox import Sandbox
from vetting.decisions.models import QueueItem
from vetting.management.examination import examine
from vetting.school.queries import open_alarms
from vetting.twitter import queries, reaching, tasks
from vetting.twitter.http import RebasedSession
from vetting.twitter.models import Connection, Follower, FollowRequest, ListReading
from vetting.twitter.operations import sync_followers, sync_requests, watch
from vetting.twitter.patience import ending_within, seconds_left
from vetting.twitter.reaching import OutOfTime

pytestmark = pytest.mark.django_db
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
DRAINS = (tasks.look_up_claimed_handles, tasks.sync_requests, tasks.sync_followers, tasks.read_watched)
PASSING = ["server_error", "dropped", "broken_body", "half_body", "web_page", "empty_body", "wrong_shape", "errors_only", "redirect"]


@pytest.fixture
def there(sandbox: Sandbox) -> AtTwitter:
    """Somebody asks, somebody follows, a name waits to be looked up, and an answer is watched: every drain has work."""
    there = at_twitter(sandbox)
    there.asks("dana_hill")
    there.follows("sam_fen")
    sync_requests(connection=there.connection, twitter=there.twitter, at=given.MONDAY)
    sync_followers(connection=there.connection, twitter=there.twitter, at=given.MONDAY)
    there.claims("dana_hill")
    watch(school_account=there.account, profile=there.profile("dana_hill"), why="item", at=given.MONDAY, until=given.MONDAY + 9 * HOUR)
    there.sandbox.world.forget_calls()
    return there


def _tick_for(seconds: int, *, since=given.MONDAY + MINUTE, every: int = 5) -> None:
    with time_machine.travel(since, tick=False) as clock:
        for passed in range(0, seconds, every):
            clock.move_to(since + passed * SECOND)
            for drain in DRAINS:
                drain()


def _as_before(there: AtTwitter) -> bool:
    following = {one.profile.handle for one in Follower.objects.filter(ended_at=None)}
    asking = {one.profile.handle for one in FollowRequest.objects.filter(ended_at=None)}
    return (following, asking) == ({"sam_fen"}, {"dana_hill"}) and not Follower.objects.filter(missing_since__isnull=False).exists()


@pytest.mark.parametrize("fault", ["rate_limited_no_reset", "reset_past", "reset_far", "rate_limited"])
@pytest.mark.parametrize("operation", ["*", "users", "incoming", "followers"])
def test_a_rate_limit_is_met_by_at_most_three_calls_in_a_minute(there: AtTwitter, fault: str, operation: str) -> None:
    there.sandbox.world.fault(operation, fault)
    _tick_for(60)
    limited = [call for call in there.sandbox.world.ledger if call.status == 429]
    assert 1 <= len(limited) <= 3
    if operation == "*":
        assert there.sandbox.world.calls() <= 3
    assert _as_before(there)


def test_a_reset_years_ahead_is_waited_for_an_hour_and_one_that_is_past_a_minute(there: AtTwitter) -> None:
    now = datetime.now(UTC)  # the headers tell real time
    for fault, least, most in (("reset_far", HOUR, HOUR), ("reset_past", MINUTE, MINUTE), ("rate_limited_no_reset", MINUTE, MINUTE)):
        Connection.objects.update(not_before=None, failures=0)
        there.sandbox.world.fault("*", fault, times=1)
        sync_requests(connection=there.connection, twitter=there.twitter, at=now)
        there.connection.refresh_from_db()
        assert least <= there.connection.not_before - now <= most, fault


@pytest.mark.parametrize("fault", PASSING)
def test_after_five_failures_in_a_row_a_banner_says_that_decisions_wait(there: AtTwitter, fault: str) -> None:
    there.sandbox.world.fault("*", fault)
    at = given.MONDAY + HOUR
    for place in range(5):
        assert open_alarms(there.school) == [], place
        sync_requests(connection=there.connection, twitter=there.twitter, at=at)
        there.connection.refresh_from_db()
        at = there.connection.not_before
    assert [alarm.sentence for alarm in open_alarms(there.school)] == ["We cannot reach Twitter. Your decisions are safe and will wait."]
    health = queries.connection_health(there.connection, at=at - SECOND)
    assert health.tone == "bad"
    assert health.sentence.startswith("We cannot reach Twitter.")
    assert "It is tried again at 10:" in health.sentence
    there.sandbox.world.clear_faults()
    assert sync_requests(connection=there.connection, twitter=there.twitter, at=at).complete
    assert open_alarms(there.school) == []
    assert _as_before(there)


@pytest.mark.parametrize(
    ("fault", "kind", "words"),
    [
        ("unauthorized", "twitter-reconnect", "must connect it again"),
        ("suspended_keys", "twitter-reconnect", "locked or suspended the school's account"),
        ("out_of_credit", "twitter-credit", "no credit left"),
        ("usage_cap", "twitter-credit", "monthly limit"),
        ("other_account", "twitter-reconnect", "belong to @somebody_else"),
    ],
)
def test_what_only_a_person_can_mend_stops_every_drain_after_one_call(there: AtTwitter, fault: str, kind: str, words: str) -> None:
    there.sandbox.world.fault("*", fault)
    if fault == "other_account":
        sync_followers(connection=there.connection, twitter=there.twitter, at=given.MONDAY + MINUTE)
    _tick_for(120)
    assert there.sandbox.world.calls() == 1
    (alarm,) = open_alarms(there.school)
    assert alarm.kind == kind
    assert words in alarm.sentence
    assert _as_before(there)


@pytest.mark.parametrize("operation", ["users", "incoming", "followers", "*"])
@pytest.mark.parametrize("fault", ["forbidden", "not_in_plan", "not_found"])
def test_what_is_not_offered_is_not_asked_for_at_every_tick(there: AtTwitter, operation: str, fault: str) -> None:
    Connection.objects.update(kind=Connection.Kind.LIVE)
    there.sandbox.world.fault(operation, fault)
    _tick_for(600, every=30)
    refused = [call for call in there.sandbox.world.ledger if call.status in (403, 404)]
    assert len(refused) <= 5, "once for each drain, and the list and the people apart"
    assert _as_before(there)
    assert not QueueItem.objects.exists()


def test_a_job_stops_when_its_time_is_over_and_goes_on_where_it_stood(there: AtTwitter, monkeypatch: pytest.MonkeyPatch) -> None:
    there.follows(*(f"follows_{place}" for place in range(29)))
    there.sandbox.world.set_page_size(10)
    monkeypatch.setattr(reaching, "SECONDS_OF_A_JOB", 1.5)
    monkeypatch.setattr(reaching, "LEAST_SECONDS", 0.8)
    there.sandbox.world.fault("followers", "slow", seconds=0.4)
    at = given.MONDAY + HOUR
    first = sync_followers(connection=there.connection, twitter=there.twitter, at=at)
    assert not first.complete
    assert "answers slowly" in first.why_not_complete
    assert 10 <= first.count < 30
    there.connection.refresh_from_db()
    assert (there.connection.failures, there.connection.not_before) == (0, None), "Twitter answered: nothing is rested for"
    assert queries.followers_due(at) == [there.connection], "it goes on at the next tick"
    there.sandbox.world.clear_faults()
    again = sync_followers(connection=there.connection, twitter=there.twitter, at=at + SECOND)
    assert (again.pk, again.complete, again.count) == (first.pk, True, 30)
    assert ListReading.objects.filter(kind="FOLLOWERS").count() == 2


def test_a_drain_waits_no_longer_than_one_job_however_many_schools_are_due(there: AtTwitter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "SECONDS_OF_A_JOB", 1.0)
    monkeypatch.setattr(tasks, "LEAST_SECONDS", 0.5)
    reached = []

    def slow(connection: Connection) -> int:
        assert seconds_left() <= 1.0
        reached.append(connection)
        time.sleep(0.6)
        return 1

    assert tasks._for_each([there.connection] * 20, slow) == 1
    assert len(reached) == 1


@pytest.fixture
def silent_half_way() -> Iterator[str]:
    """A server that sends its headers and half a body, and then nothing."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        connection, _ = listening.accept()
        connection.recv(65536)
        connection.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\nContent-Type: application/json\r\n\r\n{"data":')
        time.sleep(8)
        connection.close()

    threading.Thread(target=serve, daemon=True).start()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    listening.close()


def test_an_answer_that_falls_silent_half_way_ends_with_the_jobs_time(silent_half_way: str) -> None:
    began = time.monotonic()
    with ending_within(1.0), pytest.raises((requests.RequestException, OSError)):
        RebasedSession(silent_half_way).request("GET", "https://api.x.com/2/users/me")
    assert time.monotonic() - began < 3
    with ending_within(0), pytest.raises(requests.Timeout):
        RebasedSession(silent_half_way).request("GET", "https://api.x.com/2/users/me")


def test_no_call_is_begun_when_little_time_is_left(there: AtTwitter) -> None:
    with ending_within(1):
        reading = sync_requests(connection=there.connection, twitter=there.twitter, at=given.MONDAY + HOUR)
    assert "answers slowly" in reading.why_not_complete
    assert there.sandbox.world.calls() == 0
    assert issubclass(OutOfTime, Exception)


def test_the_doctor_says_what_the_banners_say(there: AtTwitter) -> None:
    (well,) = examine(["twitter"], at=given.MONDAY + MINUTE)
    assert well.well
    assert "$0 of $25" in well.sentence
    there.sandbox.world.allow("incoming", False)
    sync_requests(connection=there.connection, twitter=there.twitter, at=given.MONDAY + MINUTE)
    there.sandbox.world.fault("followers", "empty_page")
    sync_followers(connection=there.connection, twitter=there.twitter, at=given.MONDAY + MINUTE)
    Connection.objects.update(failures=5, last_error="Twitter has a problem of its own at the moment (503).")
    said = examine(["twitter"], at=given.MONDAY + HOUR)
    assert [finding.well for finding in said] == [False, False, True]
    assert "We cannot reach Twitter. Your decisions are safe and will wait." in said[0].sentence
    assert "The last reading of the followers was not whole. Nobody is taken for gone." in said[1].sentence
    assert "only the people we know of were checked" in said[2].sentence
