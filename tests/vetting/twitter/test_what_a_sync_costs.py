"""What a reading costs: calls, counted at Practice Twitter itself, and money, refused before it is spent."""

import math
from datetime import timedelta

import pytest
import time_machine

from tests import given
from tests.given_twitter import AtTwitter, at_twitter
from tests.sandbox import Sandbox
from vetting.intake.models import ClaimReading
from vetting.school.operations import set_policy
from vetting.school.queries import open_alarms
from vetting.twitter import queries, reaching, tasks
from vetting.twitter.budget import PRICE_OF_A_BLOCK, PRICE_OF_AN_UNBLOCK
from vetting.twitter.looking import seating
from vetting.twitter.models import Budget, Connection, Follower, FollowRequest, ListReading, Sighting, TwitterProfile
from vetting.twitter.operations import look_up_claimed_handles, read_watched, sync_followers, sync_requests, watch

pytestmark = pytest.mark.django_db
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
SIZES = [(0, 0), (1, 0), (0, 1), (99, 1), (100, 999), (101, 1001), pytest.param(250, 2500, marks=pytest.mark.slow)]


@pytest.fixture
def there(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> AtTwitter:
    """Calls are counted here, not seconds: a busy machine must not break a reading off half way."""
    for clock in (tasks, reaching):
        monkeypatch.setattr(clock, "SECONDS_OF_A_JOB", math.inf)
    return at_twitter(sandbox)


def _ask(there: AtTwitter, count: int) -> list[str]:
    names = [f"asks_{place}" for place in range(count)]
    with there.sandbox.world.at_once():
        for name in names:
            there.asks(name)
    return names


def _sync(there: AtTwitter, at) -> tuple[ListReading, ListReading]:
    """Requests and followers, as the clock comes round; the calls are counted from nought."""
    there.sandbox.world.forget_calls()
    with time_machine.travel(at, tick=False):
        for drain in (tasks.sync_requests, tasks.sync_followers, tasks.sync_requests):
            drain()
    read = ListReading.objects.order_by("-pk")
    return read.filter(kind="REQUESTS")[0], read.filter(kind="FOLLOWERS")[0]


def _promised(there: AtTwitter, verifications: int, followers: int) -> int:
    return math.ceil(verifications / 100) + math.ceil(followers / 1000) + 2 + there.sandbox.world.calls("incoming")


@pytest.mark.parametrize(("verifications", "followers"), SIZES)
def test_a_sync_takes_no_more_calls_than_promised(there: AtTwitter, verifications: int, followers: int) -> None:
    _ask(there, verifications)
    there.follows(*(f"follows_{place}" for place in range(followers)))
    requests, whole = _sync(there, given.MONDAY)
    assert (requests.complete, requests.count, whole.complete, whole.count) == (True, verifications, True, followers)
    assert there.sandbox.world.calls() <= _promised(there, verifications, followers)
    _sync(there, given.MONDAY + DAY)
    assert there.sandbox.world.calls() <= _promised(there, verifications, followers)
    assert FollowRequest.objects.filter(ended_at=None).count() == verifications
    assert Follower.objects.filter(ended_at=None).count() == followers


@pytest.mark.parametrize("verifications", [0, 1, 100, 101, pytest.param(250, marks=pytest.mark.slow)])
def test_where_the_list_is_not_offered_the_promise_holds_as_well(there: AtTwitter, verifications: int) -> None:
    there.sandbox.world.allow("incoming", False)
    there.follows("sam_fen", "ada_fen", "tom_fen", "kim_fen")
    for name in _ask(there, verifications):
        there.claims(name)
    while ClaimReading.objects.filter(looked_up_at=None).exists():
        look_up_claimed_handles(connection=there.connection, twitter=there.twitter, at=given.MONDAY)
    _sync(there, given.MONDAY + HOUR)
    for later in (2 * HOUR, 3 * HOUR, 4 * HOUR):
        _sync(there, given.MONDAY + later)
        assert there.sandbox.world.calls() <= _promised(there, verifications, 4)
    assert FollowRequest.objects.filter(ended_at=None).count() == verifications


def test_between_two_readings_of_the_followers_a_check_is_one_call_for_each_hundred(there: AtTwitter) -> None:
    there.sandbox.world.allow("incoming", False)
    _ask(there, 3)
    for name in ("asks_0", "asks_1", "asks_2"):
        there.claims(name)
    look_up_claimed_handles(connection=there.connection, twitter=there.twitter, at=given.MONDAY)
    sync_requests(connection=there.connection, twitter=there.twitter, at=given.MONDAY + MINUTE)
    there.sandbox.world.forget_calls()
    sync_requests(connection=there.connection, twitter=there.twitter, at=given.MONDAY + HOUR)
    assert (there.sandbox.world.calls(), there.sandbox.world.calls("users")) == (1, 1)


@pytest.mark.parametrize("wanted", [*range(8), 95, 96, 97, 98, 99, 100, 101, 196, 199, 200, 201, 250, 297, 300])
@pytest.mark.parametrize("in_doubt", [False, True])
def test_known_followers_and_our_own_number_never_cost_a_call_of_their_own(wanted: int, in_doubt: bool) -> None:
    people = [str(number) for number in range(1, wanted + 1)]
    batches = seating(people, own="own", witnesses=["w1", "w2", "w3"], in_doubt=in_doubt)
    assert len(batches) == max(math.ceil(wanted / 100), 1)
    assert all(0 < len(batch) <= 100 for batch in batches)
    asked = [one for batch in batches for one in batch if one.isdigit()]
    assert asked == people[: len(asked)], "whoever waits is who was looked at last"
    assert len(asked) >= wanted - 1 - (3 * len(batches) if in_doubt else 0)
    assert sum("own" in batch for batch in batches) == 1
    if in_doubt and wanted:
        assert all({"w1", "w2", "w3"} <= set(batch) for batch in batches)


def test_a_reading_that_does_not_fit_the_month_is_refused_before_its_first_call(there: AtTwitter) -> None:
    live = _as_if_real(there)
    _known_followers(there, 1840)
    _spent(live, 24_600)
    reading = sync_followers(connection=live, twitter=there.twitter, at=given.MONDAY)
    (alarm,) = open_alarms(there.school)
    assert alarm.kind == "twitter-budget"
    assert alarm.sentence.startswith("Reading 1,840 followers would cost about $1.86; $0 of this month's $25 is left. It was not begun.")
    assert reading.why_not_complete == alarm.sentence
    assert there.sandbox.world.calls() == 0
    assert Budget.objects.get().calls_used == 0
    assert Follower.objects.filter(ended_at=None).count() == 1840


def test_a_list_leaves_the_last_tenth_of_the_month_to_those_who_are_waited_for(there: AtTwitter) -> None:
    live = _as_if_real(there)
    there.asks("dana_hill")
    there.claims("dana_hill")
    _spent(live, 22_499)
    reading = sync_followers(connection=live, twitter=there.twitter, at=given.MONDAY)
    assert "is left for lists, since a tenth is kept for looking people up" in reading.why_not_complete
    assert look_up_claimed_handles(connection=live, twitter=there.twitter, at=given.MONDAY) == 1
    dana = there.profile("dana_hill")
    watch(school_account=there.account, profile=dana, why="item", at=given.MONDAY, until=given.MONDAY + HOUR)
    assert read_watched(connection=live, twitter=there.twitter, at=given.MONDAY) == 1
    assert Sighting.objects.filter(profile=dana).exists()
    assert [alarm.kind for alarm in open_alarms(there.school)] == ["twitter-budget"], "a small job that fits does not take the banner down"
    set_policy(school=there.school, key="cost_per_month", value=60, by=there.okafor, at=given.MONDAY)
    assert sync_followers(connection=live, twitter=there.twitter, at=given.MONDAY + HOUR).complete
    assert open_alarms(there.school) == []


def test_a_list_that_turns_out_dearer_than_expected_stops_at_the_limit_and_ends_nobody(there: AtTwitter) -> None:
    live = _as_if_real(there)
    there.follows(*(f"follows_{place}" for place in range(30)))
    sync_followers(connection=live, twitter=there.twitter, at=given.MONDAY)
    there.sandbox.world.set_page_size(10)
    set_policy(school=there.school, key="calls_per_month", value=8, by=there.okafor, at=given.MONDAY)
    reading = sync_followers(connection=live, twitter=there.twitter, at=given.MONDAY + HOUR)
    assert "was reached on the way" in reading.why_not_complete
    assert Budget.objects.get().calls_used == 7
    assert Follower.objects.filter(ended_at=None, missing_since=None).count() == 30


def test_names_that_do_not_fit_the_month_wait_an_hour_and_lists_do_not_wait_for_them(there: AtTwitter) -> None:
    live = _as_if_real(there)
    there.claims("dana_hill")
    _spent(live, 24_995)
    assert look_up_claimed_handles(connection=live, twitter=there.twitter, at=given.MONDAY) == 0
    assert queries.lookups_due(given.MONDAY + MINUTE) == [], "it is not tried at every tick"
    assert queries.lookups_due(given.MONDAY + HOUR) == [live]
    assert "Looking up a Twitter name would cost about $0.01; $0 of this month's $25 is left." in open_alarms(there.school)[0].sentence
    live.refresh_from_db()
    assert live.not_before is None


def test_what_a_reading_really_cost_is_what_counts(there: AtTwitter) -> None:
    live = _as_if_real(there)
    there.follows(*(f"follows_{place}" for place in range(12)))
    sync_followers(connection=live, twitter=there.twitter, at=given.MONDAY)
    assert (Budget.objects.get().calls_used, Budget.objects.get().cost_used) == (3, 12 + 2 * 10)
    health = queries.connection_health(live, at=given.MONDAY)
    assert (health.money_used, health.money_limit, health.money_left) == ("$0.03", "$25", "$24.96")
    assert (health.calls_used, health.calls_limit) == (3, 20_000)
    assert (PRICE_OF_A_BLOCK, PRICE_OF_AN_UNBLOCK) == (15, 10)


def _as_if_real(there: AtTwitter) -> Connection:
    """The same connection with real prices: the practice one costs nothing."""
    Connection.objects.filter(pk=there.connection.pk).update(kind=Connection.Kind.LIVE)
    return Connection.objects.select_related("school_account__school").get(pk=there.connection.pk)


def _spent(connection: Connection, thousandths: int) -> None:
    month = given.MONDAY.date().replace(day=1)
    Budget.objects.create(connection=connection, month=month, calls_limit=20_000, cost_limit=25_000, cost_used=thousandths)


def _known_followers(there: AtTwitter, count: int) -> None:
    seen = {"first_seen_at": given.MONDAY, "last_seen_at": given.MONDAY}
    rows = [TwitterProfile(school=there.school, twitter_user_id=str(500 + n), handle=f"known_{n}", **seen) for n in range(count)]
    TwitterProfile.objects.bulk_create(rows)
    Follower.objects.bulk_create(Follower(school_account=there.account, profile=row, **seen) for row in rows)
