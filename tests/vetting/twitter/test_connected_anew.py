"""What a connection made anew must not inherit: somebody else's keys, a reading under way, alarms, a list that names people."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import requests

from tests import given
from tests.given_twitter import AtTwitter, at_twitter
from tests.sandbox import Sandbox
from vetting.school.operations import raise_alarm
from vetting.school.queries import open_alarms
from vetting.twitter.answers import refusal
from vetting.twitter.models import Connection, Follower, FollowRequest, TwitterProfile
from vetting.twitter.operations import connect, disconnect, paste_followers, paste_requests, sync_followers, sync_requests
from vetting.twitter.port import Ability, BadInput, ReconnectRequired
from vetting.twitter.reaching import LeaseLost, NotNow, Reach, reaching

pytestmark = pytest.mark.django_db
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@pytest.fixture
def there(sandbox: Sandbox) -> AtTwitter:
    scene = at_twitter(sandbox)
    scene.follows("dana_hill", "ann")
    scene.asks("bea")
    sync_followers(connection=scene.connection, twitter=scene.twitter, at=given.MONDAY)
    sync_requests(connection=scene.connection, twitter=scene.twitter, at=given.MONDAY)
    return scene


def test_whoever_stands_in_a_pasted_list_is_not_gone_though_their_number_was_seen_long_ago(there: AtTwitter) -> None:
    disconnect(connection=there.connection, by=there.okafor, at=given.MONDAY + MINUTE)
    for days in (2, 3):
        at = given.MONDAY + days * DAY
        paste_followers(school_account=there.account, text="@dana_hill\n@ann\n", by=there.okafor, at=at)
        paste_requests(school_account=there.account, text="@bea\n", by=there.okafor, at=at)
    known = TwitterProfile.objects.filter(twitter_user_id__isnull=False)
    assert Follower.objects.filter(profile__in=known, ended_at=None).count() == 2
    assert FollowRequest.objects.filter(profile__in=known, ended_at=None).count() == 1


def test_new_keys_are_asked_whose_they_are_before_anything_is_read_with_them(there: AtTwitter) -> None:
    keys = {name: getattr(there.sandbox.keys, name) for name in ("consumer_key", "consumer_secret", "access_token", "access_secret")}
    place = {"kind": Connection.Kind.SANDBOX, "base_url": there.sandbox.url, "pages_url": there.sandbox.url}
    connection = connect(school_account=there.account, by=there.okafor, at=given.MONDAY + MINUTE, **place, **keys)
    there.sandbox.world.fault("me", "other_account")
    there.sandbox.world.forget_calls()
    reading = sync_requests(connection=connection, twitter=there.twitter, at=given.MONDAY + MINUTE)
    assert "belong to @somebody_else" in reading.why_not_complete
    assert there.sandbox.world.calls() == there.sandbox.world.calls("me") == 1


def _disconnected_while_reading(there: AtTwitter, then: Callable[[Reach], None]) -> None:
    """A reading has begun; somebody disconnects; then the reading goes on."""
    before = Connection.objects.select_related("school_account__school").get(pk=there.connection.pk)
    with reaching(before, at=given.MONDAY + MINUTE) as reach:
        disconnect(connection=there.connection, by=there.okafor, at=given.MONDAY + MINUTE)
        then(reach)


def _refused() -> None:
    raise ReconnectRequired("Twitter no longer accepts the keys (401).")


def test_a_reading_under_way_writes_nothing_into_a_connection_made_anew(there: AtTwitter) -> None:
    with pytest.raises(ReconnectRequired):
        _disconnected_while_reading(there, lambda reach: _refused())
    assert open_alarms(there.school) == []
    assert Connection.objects.get().broken_because == ""


def test_what_was_begun_before_is_not_written_down_after(there: AtTwitter) -> None:
    with pytest.raises(LeaseLost):
        _disconnected_while_reading(there, lambda reach: reach.keep())


def test_a_row_from_before_is_not_read_by_its_old_keys(there: AtTwitter) -> None:
    old = Connection.objects.select_related("school_account__school").get(pk=there.connection.pk)
    disconnect(connection=there.connection, by=there.okafor, at=given.MONDAY + MINUTE)
    with pytest.raises(NotNow):
        sync_requests(connection=old, twitter=there.twitter, at=given.MONDAY + MINUTE)


def test_alarms_that_only_a_reading_could_clear_end_with_the_connection(there: AtTwitter) -> None:
    for kind in ("twitter-relations", "twitter-account-public"):
        raise_alarm(school=there.school, kind=kind, sentence="Something.", subject=str(there.account.pk), at=given.MONDAY)
    disconnect(connection=there.connection, by=there.okafor, at=given.MONDAY + MINUTE)
    assert open_alarms(there.school) == []


def test_a_person_who_is_not_there_says_nothing_of_what_the_connection_may_do() -> None:
    answer = requests.Response()
    answer.status_code = 404
    answer._content = b'{"title": "Not Found Error", "type": "https://api.twitter.com/2/problems/resource-not-found"}'
    assert isinstance(refusal(answer, Ability.REMOVE), BadInput)
