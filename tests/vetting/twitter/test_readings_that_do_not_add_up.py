"""Lists that do not add up: a partial, empty, old or doubled answer adds facts and takes nobody away."""

from datetime import timedelta

import pytest

from tests import given
from tests.given_twitter import AtTwitter, at_twitter
from tests.sandbox import Sandbox
from tests.scripted_twitter import ScriptedTwitter
from vetting.school.queries import open_alarms
from vetting.twitter.following import does_not_add_up
from vetting.twitter.models import Connection, Follower, FollowRequest, HandleLookup, ListReading, Sighting, TwitterProfile
from vetting.twitter.operations import look_up_claimed_handles, read_watched, sync_followers, sync_requests, watch

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


@pytest.mark.parametrize("fault", ["empty_page", "cursor_loop", "empty_page_with_next"])
def test_a_list_that_leaves_people_out_ends_nobody(there: AtTwitter, fault: str) -> None:
    there.asks("first")
    there.asks("second")
    _requests(there)
    there.sandbox.world.fault("incoming", fault)
    reading = _requests(there, given.MONDAY + MINUTE)
    assert not reading.complete
    assert reading.why_not_complete
    assert _asking(there) == {"first", "second"}


@pytest.mark.parametrize("fault", ["empty_page", "empty_page_with_next", "cursor_loop", "server_error", "broken_body", "not_found"])
def test_a_partial_list_of_followers_never_says_that_somebody_left(there: AtTwitter, fault: str) -> None:
    there.follows("stays", "stays_too")
    _followers(there)
    for hours in (1, 2, 3):
        there.sandbox.world.fault("followers", fault)
        there.sandbox.world.unfollow("stays_too")
        reading = _followers(there, given.MONDAY + hours * HOUR)
        assert not reading.complete
        assert reading.why_not_complete
    assert _following(there) == {"stays", "stays_too"}
    assert not Follower.objects.filter(missing_since__isnull=False).exists()


def test_a_follower_is_gone_after_two_complete_readings_a_quarter_of_an_hour_apart(there: AtTwitter) -> None:
    there.follows("stays", "leaves")
    _followers(there)
    there.sandbox.world.unfollow("leaves")
    for minutes, still in ((10, 2), (20, 2), (26, 1)):
        assert _followers(there, given.MONDAY + minutes * MINUTE).complete
        assert len(_following(there)) == still, minutes
    assert Sighting.objects.filter(profile__handle="leaves").latest("pk").relation == "NEITHER"


def test_a_suspended_follower_is_not_taken_for_one_who_left(there: AtTwitter) -> None:
    there.follows("stays", "suspended")
    _followers(there)
    there.sandbox.world.suspend("suspended")
    for minutes in (10, 30, 50):
        _followers(there, given.MONDAY + minutes * MINUTE)
    assert _following(there) == {"stays", "suspended"}
    assert there.profile("suspended").standing == TwitterProfile.Standing.SUSPENDED


def test_the_first_reading_of_a_new_account_may_be_empty(there: AtTwitter) -> None:
    reading = _followers(there)
    assert (reading.complete, reading.count) == (True, 0)


def test_followers_are_read_over_short_pages_and_taken_up_where_a_failure_stopped_them(there: AtTwitter) -> None:
    there.follows(*(f"follows_{place}" for place in range(25)))
    there.sandbox.world.set_page_size(10)
    there.sandbox.world.fault("followers", "slow", times=2)
    there.sandbox.world.fault("followers", "server_error", times=1)
    first = _followers(there)
    assert (first.complete, first.ended_at, first.count) == (False, None, 20)
    there.connection.refresh_from_db()
    second = _followers(there, there.connection.not_before)
    assert (second.pk, second.complete, second.count) == (first.pk, True, 25)
    assert len(_following(there)) == 25


def test_when_twitter_stops_telling_where_people_stand_nobody_is_taken_for_gone(there: AtTwitter) -> None:
    there.follows("known_one", "known_two")
    there.asks("dana_asks")
    _requests(there)
    _followers(there)
    asking = there.profile("dana_asks")
    watch(school_account=there.account, profile=asking, why="decision", at=given.MONDAY, until=given.MONDAY + HOUR)
    there.sandbox.world.allow("connection_status", False)
    read_watched(connection=there.connection, twitter=there.twitter, at=given.MONDAY + MINUTE)
    assert _asking(there) == {"dana_asks"}
    assert not Sighting.objects.filter(profile=asking, relation=Sighting.Relation.NEITHER).exists()
    assert "Nothing is concluded" in open_alarms(there.school)[0].sentence

    there.sandbox.world.allow("connection_status", True)
    there.sandbox.world.decline("dana_asks")
    read_watched(connection=there.connection, twitter=there.twitter, at=given.MONDAY + 2 * MINUTE)
    assert _asking(there) == set()
    assert open_alarms(there.school) == []


def test_where_twitter_does_not_say_where_people_stand_a_written_name_ends_nothing(there: AtTwitter) -> None:
    there.sandbox.world.allow("connection_status", False)
    there.follows("dana_follows")
    there.asks("dana_asks")
    _requests(there)
    _followers(there)
    there.claims("dana_follows")
    there.claims("dana_asks")
    look_up_claimed_handles(connection=there.connection, twitter=there.twitter, at=given.MONDAY + MINUTE)
    assert HandleLookup.objects.count() == 2
    assert (_following(there), _asking(there)) == ({"dana_follows"}, {"dana_asks"})


@pytest.mark.parametrize(
    ("count", "before", "after", "words"),
    [
        (100, 100, 100, ""),
        (95, 100, 100, ""),
        (94, 100, 100, "The list has 94 followers, the profile says 100."),
        (1980, 2000, 2000, ""),
        (1979, 2000, 2000, "The list has 1979 followers, the profile says 2000."),
        (0, 3, 3, "Twitter sent an empty list, though the profile says 3 followers."),
        (0, 0, 3, "Twitter sent an empty list, though the profile says 3 followers."),
        (0, 0, 0, ""),
        (10, None, 10, "Twitter did not say how many followers there are, so the list could not be checked."),
        (10, 10, None, "Twitter did not say how many followers there are, so the list could not be checked."),
    ],
)
def test_a_list_is_compared_with_what_the_profile_says_before_and_after(count: int, before: int, after: int, words: str) -> None:
    assert does_not_add_up(count, before, after) == words


@pytest.mark.parametrize("fault", ["empty_page", "errors_only"])
def test_the_very_first_reading_is_not_believed_to_be_empty_where_the_profile_counts_followers(there: AtTwitter, fault: str) -> None:
    there.follows("sam_fen")
    there.sandbox.world.fault("followers", fault)
    assert not _followers(there).complete


def test_somebody_listed_twice_is_counted_once(there: AtTwitter) -> None:
    there.follows("sam_fen", "dana_hill")
    there.sandbox.world.fault("followers", "twice")
    reading = _followers(there)
    assert (reading.complete, reading.count, Follower.objects.count()) == (True, 2, 2)


@pytest.mark.parametrize("fault", ["data_and_errors", "errors_only", "half_body"])
def test_a_page_that_comes_with_errors_is_no_page(there: AtTwitter, fault: str) -> None:
    there.follows("sam_fen", "dana_hill")
    _followers(there)
    there.sandbox.world.unfollow("dana_hill")
    for hours in (1, 2, 3):
        there.sandbox.world.fault("followers", fault)
        assert not _followers(there, given.MONDAY + hours * HOUR).complete
    assert _following(there) == {"sam_fen", "dana_hill"}
    assert not Follower.objects.filter(missing_since__isnull=False).exists()


def test_keys_that_change_hands_while_the_list_is_read_stop_everything(there: AtTwitter) -> None:
    there.follows("sam_fen", "dana_hill")
    _followers(there)
    there.sandbox.world.unfollow("dana_hill")
    there.sandbox.world.fault("me", "slow", times=1)
    there.sandbox.world.fault("me", "other_account", times=1)
    reading = _followers(there, given.MONDAY + HOUR)
    assert not reading.complete
    assert "belong to @somebody_else" in reading.why_not_complete
    assert not Follower.objects.filter(missing_since__isnull=False).exists()
    there.connection.refresh_from_db()
    assert there.connection.broken_because


def test_an_old_list_of_requests_does_not_end_a_following(there: AtTwitter) -> None:
    there.asks("dana_hill")
    there.follows("sam_fen")
    _requests(there)
    there.sandbox.world.accept("dana_hill")
    _followers(there, given.MONDAY + MINUTE)
    old = ScriptedTwitter(followers=_numbers(there, "dana_hill", "sam_fen"), old_requests=_numbers(there, "dana_hill"))
    old.fail("incoming", "stale", 1)
    sync_requests(connection=there.connection, twitter=old, at=given.MONDAY + HOUR)
    assert FollowRequest.objects.filter(ended_at=None).count() == 0
    assert Follower.objects.filter(ended_at=None).count() == 2


def _numbers(there: AtTwitter, *handles: str) -> set[str]:
    return {there.profile(handle).twitter_user_id or "" for handle in handles}


def test_where_relations_are_not_told_a_list_ends_somebody_only_if_its_figures_leave_nobody_over(there: AtTwitter) -> None:
    there.sandbox.world.allow("connection_status", False)
    there.follows("stays", "left_out", "suspended")
    _followers(there)
    there.sandbox.world.fault("followers", "stale")  # the list leaves out its newest entry, the profile counts them
    for minutes in (20, 40, 60):
        assert _followers(there, given.MONDAY + minutes * MINUTE).complete
    assert len(_following(there)) == 3
    there.sandbox.world.clear_faults()
    there.sandbox.world.unfollow("left_out")
    for minutes in (80, 100):
        _followers(there, given.MONDAY + minutes * MINUTE)
    assert _following(there) == {"stays", "suspended"}


def test_a_full_batch_without_a_known_follower_in_it_ends_nobody_and_the_next_one_has_room_for_some(there: AtTwitter) -> None:
    there.follows("sam_fen", "ada_fen", "tom_fen")
    _followers(there)
    Connection.objects.update(kind=Connection.Kind.LIVE)
    with there.sandbox.world.at_once():
        for place in range(99):
            there.asks(f"asks_{place}")
    there.connection.refresh_from_db()
    _requests(there, given.MONDAY + MINUTE)
    assert len(_asking(there)) == 99
    there.sandbox.world.allow("incoming", False)
    there.sandbox.world.allow("connection_status", False)
    _requests(there, given.MONDAY + HOUR)
    assert len(_asking(there)) == 99
    assert [alarm.kind for alarm in open_alarms(there.school)] == ["twitter-relations"]
    there.sandbox.world.allow("connection_status", True)
    for place in range(99):
        there.sandbox.world.decline(f"asks_{place}")
    _requests(there, given.MONDAY + 2 * HOUR)
    assert len(_asking(there)) == 3, "three waited for the next check, so that known followers had seats"
    _requests(there, given.MONDAY + 3 * HOUR)
    assert _asking(there) == set()
    assert open_alarms(there.school) == []
