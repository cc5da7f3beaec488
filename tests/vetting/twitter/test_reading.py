"""Reading Twitter over HTTP: what opens a request, what may end one, and what a failure never does."""

from datetime import timedelta

import pytest

from tests import given
from tests.given_twitter import AtTwitter, at_twitter
from tests.sandbox import Sandbox
from vetting.intake.models import ClaimReading
from vetting.school.models import SchoolAccount
from vetting.school.operations import set_policy
from vetting.school.queries import open_alarms
from vetting.twitter import queries
from vetting.twitter.connecting import client_for
from vetting.twitter.models import (
    Budget,
    Capability,
    Connection,
    Follower,
    FollowRequest,
    HandleLookup,
    ListReading,
    Sighting,
    TwitterProfile,
)
from vetting.twitter.operations import (
    NotNow,
    PracticeOnly,
    ask_for_check,
    connect,
    look_up_claimed_handles,
    paste_requests,
    read_watched,
    sync_followers,
    sync_requests,
    watch,
)
from vetting.values import BadValue

pytestmark = pytest.mark.django_db
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def there(sandbox: Sandbox) -> AtTwitter:
    return at_twitter(sandbox)


def _requests(there: AtTwitter, at=given.MONDAY) -> ListReading:
    return sync_requests(connection=there.connection, twitter=there.twitter, at=at)


def _followers(there: AtTwitter, at=given.MONDAY) -> ListReading:
    return sync_followers(connection=there.connection, twitter=there.twitter, at=at)


def _asking(there: AtTwitter) -> set[str]:
    return {request.profile.handle for request in FollowRequest.objects.filter(school_account=there.account, ended_at=None)}


def _following(there: AtTwitter) -> set[str]:
    return {follower.profile.handle for follower in Follower.objects.filter(school_account=there.account, ended_at=None)}


def test_who_asks_is_seen_with_number_name_and_description(there: AtTwitter) -> None:
    there.asks("Dana_Hill", name="Dana", bio="Mum of Ada", default_picture=True)
    reading = _requests(there)
    assert (reading.complete, reading.count, reading.why_not_complete) == (True, 1, "")
    profile = there.profile("dana_hill")
    assert profile.twitter_user_id == there.sandbox.world.user("dana_hill").user_id
    assert (profile.display_name, profile.bio, profile.default_picture) == ("Dana", "Mum of Ada", True)
    there.account.refresh_from_db()
    assert (there.account.twitter_user_id, there.account.protected) == (there.sandbox.world.me.user_id, True)
    there.school.refresh_from_db()
    assert there.school.facts_version > there.school.matched_version


def test_a_withdrawn_request_ends_and_an_accepted_one_becomes_a_follower(there: AtTwitter) -> None:
    there.asks("withdraws")
    there.asks("accepted")
    there.asks("declined")
    _requests(there)
    there.sandbox.world.withdraw("withdraws")
    there.sandbox.world.accept("accepted")
    there.sandbox.world.decline("declined")
    _requests(there, given.MONDAY + MINUTE)
    assert _asking(there) == set()
    assert _following(there) == {"accepted"}
    last = {sighting.profile.handle: sighting.relation for sighting in Sighting.objects.order_by("pk").select_related("profile")}
    assert last == {"withdraws": "NEITHER", "accepted": "FOLLOWS", "declined": "NEITHER"}


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("unauthorized", "(401)"),
        ("out_of_credit", "(402)"),
        ("rate_limited", "(429)"),
        ("rate_limited_no_reset", "(429)"),
        ("server_error", "(500)"),
        ("broken_body", "could not be understood"),
        ("forbidden", "(403)"),
    ],
)
def test_a_failed_reading_says_why_and_changes_nothing(there: AtTwitter, fault: str, words: str) -> None:
    there.asks("dana_hill")
    there.follows("sam_fen")
    _requests(there)
    _followers(there)
    sightings = Sighting.objects.count()
    there.sandbox.world.fault("*", fault)
    later = given.MONDAY + HOUR
    reading = _requests(there, later)
    there.connection.refresh_from_db()
    assert not reading.complete
    assert words in there.connection.last_error
    assert (_asking(there), _following(there)) == ({"dana_hill"}, {"sam_fen"})
    assert Sighting.objects.count() == sightings
    assert queries.connection_health(there.connection, at=later).sentence.startswith(there.connection.last_error)


@pytest.mark.parametrize(("fault", "alarm"), [("unauthorized", "twitter-reconnect"), ("out_of_credit", "twitter-credit")])
def test_refused_keys_and_empty_credit_stop_everything_until_a_person_asks_again(there: AtTwitter, fault: str, alarm: str) -> None:
    there.sandbox.world.fault("*", fault)
    _requests(there)
    assert [raised.kind for raised in open_alarms(there.school)] == [alarm]
    assert queries.requests_due(given.MONDAY + HOUR) == []
    assert queries.next_check_at(there.connection) is None
    with pytest.raises(NotNow):
        _followers(there, given.MONDAY + HOUR)
    there.sandbox.world.clear_faults()
    ask_for_check(connection=there.connection, by=there.okafor, at=given.MONDAY + HOUR)
    assert queries.followers_due(given.MONDAY + HOUR) == [there.connection]
    assert _requests(there, given.MONDAY + HOUR).complete
    assert open_alarms(there.school) == []


def test_a_rate_limit_is_waited_out(there: AtTwitter) -> None:
    there.sandbox.world.fault("*", "rate_limited_no_reset", times=1)
    _requests(there)
    with pytest.raises(NotNow):
        _requests(there)
    there.connection.refresh_from_db()
    assert there.connection.not_before > given.MONDAY
    assert _requests(there, there.connection.not_before).complete


def test_the_budget_refuses_before_anything_is_asked(there: AtTwitter) -> None:
    set_policy(school=there.school, key="calls_per_month", value=0, by=there.okafor, at=given.MONDAY)
    there.sandbox.world.fault("*", "unauthorized")  # any call that went out would show as refused keys
    reading = _requests(there)
    assert "It was not begun" in reading.why_not_complete
    assert [raised.kind for raised in open_alarms(there.school)] == ["twitter-budget"]
    assert Budget.objects.get().calls_used == 0
    there.connection.refresh_from_db()
    assert there.connection.broken_because == ""


def test_only_one_reading_at_a_time(there: AtTwitter) -> None:
    Connection.objects.filter(pk=there.connection.pk).update(lease_until=given.MONDAY + MINUTE)
    with pytest.raises(NotNow):
        _requests(there)
    there.connection.refresh_from_db()
    assert there.connection.requests_due_at == given.MONDAY, "who did not get to read has not postponed the reading"
    assert _requests(there, given.MONDAY + MINUTE).complete, "a lease that ran out holds nobody up"


def test_where_the_list_is_not_offered_known_people_are_asked_about_by_number(there: AtTwitter) -> None:
    there.sandbox.world.allow("incoming", False)
    there.asks("dana_hill")
    there.asks("stranger")
    there.claims("dana_hill")
    look_up_claimed_handles(connection=there.connection, twitter=there.twitter, at=given.MONDAY)
    reading = _requests(there, given.MONDAY + MINUTE)
    assert _asking(there) == {"dana_hill"}
    assert not reading.complete
    assert "only the people we know of" in reading.why_not_complete
    assert Capability.objects.get(name="incoming").state == Capability.State.NO
    assert not queries.connection_health(there.connection, at=given.MONDAY).sees_everybody
    there.sandbox.world.decline("dana_hill")
    _requests(there, given.MONDAY + HOUR)
    assert _asking(there) == set()


def test_a_written_name_is_looked_up_once_and_the_answer_kept(there: AtTwitter) -> None:
    there.asks("dana_hill")
    there.sandbox.world.add_user("sam_gone")
    there.sandbox.world.suspend("sam_gone")
    for handle in ("dana_hill", "nobody_here", "sam_gone"):
        there.claims(handle)
    assert queries.lookups_due(given.MONDAY) == [there.connection]
    assert look_up_claimed_handles(connection=there.connection, twitter=there.twitter, at=given.MONDAY) == 3
    outcomes = dict(HandleLookup.objects.values_list("handle", "outcome"))
    assert outcomes == {"dana_hill": "FOUND", "nobody_here": "NOT_FOUND", "sam_gone": "SUSPENDED"}
    assert HandleLookup.objects.get(handle="dana_hill").twitter_user_id == there.sandbox.world.user("dana_hill").user_id
    assert set(ClaimReading.objects.values_list("looked_up_at", flat=True)) == {given.MONDAY}
    assert _asking(there) == {"dana_hill"}
    assert queries.lookups_due(given.MONDAY) == []
    assert look_up_claimed_handles(connection=there.connection, twitter=there.twitter, at=given.MONDAY + HOUR) == 0


def test_where_every_follower_is_asked_about_the_schools_own_profile_says_whether_nobody_follows(there: AtTwitter) -> None:
    there.follows("only_one")
    _followers(there)
    watch(school_account=there.account, profile=there.profile("only_one"), why="decision", at=given.MONDAY, until=given.MONDAY + HOUR)
    read_watched(connection=there.connection, twitter=there.twitter, at=given.MONDAY)
    there.sandbox.world.allow("connection_status", False)
    read_watched(connection=there.connection, twitter=there.twitter, at=given.MONDAY + MINUTE)
    assert _following(there) == {"only_one"}
    assert "Nothing is concluded" in open_alarms(there.school)[0].sentence

    there.sandbox.world.remove("only_one")
    read_watched(connection=there.connection, twitter=there.twitter, at=given.MONDAY + 2 * MINUTE)
    assert _following(there) == set(), "the profile says that nobody follows, and nobody else could be shown"


def test_a_rename_keeps_the_number_and_says_what_the_name_was(there: AtTwitter) -> None:
    there.asks("dana_hill")
    _requests(there)
    before = there.profile("dana_hill")
    there.sandbox.world.rename("dana_hill", "dana_moved")
    there.asks("Dana_Hill")
    _requests(there, given.MONDAY + HOUR)
    renamed, newcomer = there.profile("dana_moved"), there.profile("dana_hill")
    assert renamed.pk == before.pk
    assert (renamed.previous_handle, renamed.handle_changed_at) == ("dana_hill", given.MONDAY + HOUR)
    assert newcomer.pk != before.pk
    assert newcomer.twitter_user_id != before.twitter_user_id


def test_somebody_waited_for_is_seen_by_number_each_time(there: AtTwitter) -> None:
    there.asks("dana_hill")
    _requests(there)
    watch(school_account=there.account, profile=there.profile("dana_hill"), why="item", at=given.MONDAY, until=given.MONDAY + HOUR)
    before = Sighting.objects.count()
    assert read_watched(connection=there.connection, twitter=there.twitter, at=given.MONDAY) == 1
    assert read_watched(connection=there.connection, twitter=there.twitter, at=given.MONDAY) == 0, "not before its next time"
    there.sandbox.world.accept("dana_hill")
    assert queries.watches_due(given.MONDAY + MINUTE) == [there.connection]
    read_watched(connection=there.connection, twitter=there.twitter, at=given.MONDAY + MINUTE)
    assert Sighting.objects.count() == before + 2
    assert (_asking(there), _following(there)) == (set(), {"dana_hill"})
    there.sandbox.world.remove("dana_hill")
    read_watched(connection=there.connection, twitter=there.twitter, at=given.MONDAY + 2 * MINUTE)
    assert _following(there) == set()
    assert queries.watches_due(given.MONDAY + HOUR) == [], "nobody waits any longer"


def test_a_pasted_name_becomes_a_person_with_a_number_when_twitter_tells_it(there: AtTwitter) -> None:
    there.asks("dana_hill", name="Dana")
    paste_requests(school_account=there.account, text="Dana\n@dana_hill\nAccept", by=there.okafor, at=given.MONDAY)
    pasted = there.profile("dana_hill")
    assert pasted.twitter_user_id is None
    _requests(there, given.MONDAY + MINUTE)
    known = there.profile("dana_hill")
    assert (known.pk, known.twitter_user_id) == (pasted.pk, there.sandbox.world.user("dana_hill").user_id)
    assert FollowRequest.objects.filter(ended_at=None).count() == 1


def test_a_pasted_new_name_of_somebody_known_is_joined_with_them(there: AtTwitter) -> None:
    there.asks("dana_hill")
    _requests(there)
    there.sandbox.world.rename("dana_hill", "dana_moved")
    paste_requests(school_account=there.account, text="@dana_moved", by=there.okafor, at=given.MONDAY + MINUTE, complete=False)
    assert FollowRequest.objects.filter(ended_at=None).count() == 2
    _requests(there, given.MONDAY + HOUR)
    assert [profile.handle for profile in TwitterProfile.objects.all()] == ["dana_moved"]
    (request,) = FollowRequest.objects.filter(ended_at=None)
    assert request.first_seen_at == given.MONDAY


def test_the_keys_of_another_account_stop_everything(there: AtTwitter) -> None:
    there.asks("dana_hill")
    there.sandbox.world.fault("me", "other_account")
    reading = _requests(there)
    assert "belong to @somebody_else" in reading.why_not_complete
    assert _asking(there) == set()
    there.connection.refresh_from_db()
    assert there.connection.broken_because


def test_practice_twitter_is_for_the_demo_school_on_this_computer_only(there: AtTwitter, sandbox: Sandbox) -> None:
    real = given.an_account(given.a_school())
    with pytest.raises(PracticeOnly):
        sandbox.connect(real, by=None, at=given.MONDAY)
    keys = dict.fromkeys(("consumer_key", "consumer_secret", "access_token", "access_secret"), "x")
    with pytest.raises(PracticeOnly):
        connect(school_account=there.account, kind="LIVE", by=None, at=given.MONDAY, **keys)
    with pytest.raises(BadValue):
        connect(
            school_account=there.account,
            kind="SANDBOX",
            by=None,
            at=given.MONDAY,
            base_url="http://sandbox.example.org",
            pages_url="",
            **keys,
        )
    with pytest.raises(BadValue, match="four keys"):
        connect(school_account=real, kind="LIVE", by=None, at=given.MONDAY, **{**keys, "access_token": " "})
    with pytest.raises(BadValue, match="https"):
        connect(school_account=real, kind="LIVE", by=None, at=given.MONDAY, base_url="http://api.x.com", **keys)


def test_without_keys_nothing_is_due_and_nothing_is_asked() -> None:
    account = given.an_account(given.a_school())
    connection = connect(school_account=account, kind="BY_HAND", by=None, at=given.MONDAY)
    assert queries.requests_due(given.MONDAY) == queries.followers_due(given.MONDAY) == []
    assert queries.connection_health(connection, at=given.MONDAY).tone == "by-hand"
    reading = sync_requests(connection=connection, twitter=client_for(connection), at=given.MONDAY)
    assert not reading.complete
    assert SchoolAccount.objects.get(pk=account.pk).twitter_user_id is None


def test_money_is_counted_before_it_is_spent_and_a_limit_of_nothing_asks_nothing() -> None:
    school = given.a_school()
    account = given.an_account(school)
    keys = dict.fromkeys(("consumer_key", "consumer_secret", "access_token", "access_secret"), "x")
    live = connect(school_account=account, kind="LIVE", by=None, at=given.MONDAY, base_url="https://127.0.0.1:1", **keys)
    reading = sync_requests(connection=live, twitter=client_for(live), at=given.MONDAY)
    assert "could not be reached" in reading.why_not_complete
    assert (Budget.objects.get().calls_used, Budget.objects.get().cost_used) == (1, 10), "a call that failed may still be charged"
    set_policy(school=school, key="cost_per_month", value=0, by=None, at=given.MONDAY)
    reading = sync_requests(connection=live, twitter=client_for(live), at=given.MONDAY + HOUR)
    assert "$0 of this month's $0 is left. It was not begun." in reading.why_not_complete
    assert Budget.objects.get().calls_used == 1
