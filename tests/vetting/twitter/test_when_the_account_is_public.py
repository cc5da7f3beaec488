"""The school's own account, private or public: the alarm, and the mode in which being public is meant."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from tests import given, given_roster
from tests.given_twitter import AtTwitter, at_twitter
from tests.sandbox import Sandbox
from vetting.audit.queries import lines
from vetting.decisions import policies
from vetting.decisions.models import QueueItem, Verification
from vetting.decisions.operations import open_or_refresh_items, verify
from vetting.decisions.states import State
from vetting.leavers.queries import Audience, follower_audit
from vetting.matching.operations import rematch
from vetting.school.operations import set_policy
from vetting.school.queries import open_alarms
from vetting.twitter.models import Follower, ListReading
from vetting.twitter.operations import look_up_claimed_handles, sync_followers, sync_requests
from vetting.twitter.queries import connection_health

pytestmark = pytest.mark.django_db
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
REFUSAL = "The school's account is public on purpose: nobody is approved, followers are only watched."
LINE = "@stexample is public on purpose: nobody is approved, and its followers are watched."


@pytest.fixture
def there(sandbox: Sandbox) -> AtTwitter:
    return at_twitter(sandbox)


def _requests(there: AtTwitter, at=given.MONDAY) -> ListReading:
    return sync_requests(connection=there.connection, twitter=there.twitter, at=at)


def _followers(there: AtTwitter, at=given.MONDAY) -> ListReading:
    return sync_followers(connection=there.connection, twitter=there.twitter, at=at)


def _on_purpose(there: AtTwitter) -> None:
    there.sandbox.world.set_protected(False)
    set_policy(school=there.school, key="account_is_public", value=True, by=there.okafor, at=given.MONDAY)


def _see(there: AtTwitter, name: str, *args: str) -> str:
    client = Client()
    client.force_login(there.okafor, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client.get(reverse(name, args=args)).content.decode()


def test_turning_public_raises_the_alarm_at_the_next_check_of_the_requests_without_a_call_of_its_own(there: AtTwitter) -> None:
    there.asks("dana_hill")
    there.sandbox.world.allow("incoming", False)
    _requests(there)
    _followers(there)
    there.claims("dana_hill")
    look_up_claimed_handles(connection=there.connection, twitter=there.twitter, at=given.MONDAY)
    there.sandbox.world.set_protected(False)
    there.sandbox.world.forget_calls()
    sync_requests(connection=there.connection, twitter=there.twitter, at=given.MONDAY + 20 * MINUTE)
    (alarm,) = open_alarms(there.school)
    assert alarm.kind == "twitter-account-public"
    assert "Requests that were waiting may have been let in or lost." in alarm.sentence
    assert there.sandbox.world.calls("me") == 0
    assert alarm.sentence in connection_health(there.connection, at=given.MONDAY).warnings
    there.sandbox.world.set_protected(True)
    _requests(there, given.MONDAY + HOUR)
    assert open_alarms(there.school) == []


def test_where_nobody_waits_one_call_looks_at_the_account_itself(there: AtTwitter) -> None:
    _requests(there)
    _followers(there)
    there.sandbox.world.set_protected(False)
    there.sandbox.world.forget_calls()
    sync_requests(connection=there.connection, twitter=there.twitter, at=given.MONDAY + 20 * MINUTE)
    before = there.sandbox.world.calls("users")
    there.connection.followers_due_at = given.MONDAY + HOUR
    there.connection.save()
    sync_requests(connection=there.connection, twitter=there.twitter, at=given.MONDAY + 40 * MINUTE)
    assert there.sandbox.world.calls("users") - before == 1
    assert [alarm.kind for alarm in open_alarms(there.school)] == ["twitter-account-public"]


def test_a_public_account_that_should_be_private_can_still_be_worked_on_under_a_banner(there: AtTwitter) -> None:
    there.asks("dana_hill")
    _requests(there)
    rematch(school=there.school, at=given.MONDAY)
    open_or_refresh_items(school=there.school, at=given.MONDAY)
    there.sandbox.world.set_protected(False)
    _followers(there, given.MONDAY + MINUTE)
    item = QueueItem.objects.get()
    dana = given_roster.a_parent(there.school, "Dana Hill", "Ada Hill", "Year 4")
    verify(item=item, seen_version=item.version, person=dana, how=Verification.How.IN_PERSON, by=given.priya(there.school), at=given.MONDAY)
    page = _see(there, "request", item.reference)
    assert "everybody can read it and nobody needs to ask" in page
    assert "Approve" in page


def test_public_on_purpose_approves_nobody_and_raises_no_alarm(there: AtTwitter) -> None:
    there.asks("dana_hill")
    _requests(there)
    rematch(school=there.school, at=given.MONDAY)
    open_or_refresh_items(school=there.school, at=given.MONDAY)
    item = QueueItem.objects.get()
    dana, priya = given_roster.a_parent(there.school, "Dana Hill", "Ada Hill", "Year 4"), given.priya(there.school)
    _on_purpose(there)
    _followers(there, given.MONDAY + MINUTE)
    assert open_alarms(there.school) == []
    with pytest.raises(policies.NotSafe, match=REFUSAL):
        verify(item=item, seen_version=item.version, person=dana, how=Verification.How.IN_PERSON, by=priya, at=given.MONDAY)
    for place, arguments in (("today", ()), ("requests", ()), ("request", (item.reference,))):
        page = _see(there, place, *arguments)
        assert LINE in page, place
        assert "Public on purpose" in page
    assert "Anyone can read it. Protect it" not in _see(there, "settings_twitter")
    health = connection_health(there.connection, at=given.MONDAY)
    assert (health.warnings, health.notes) == ((), (LINE,))


def test_public_on_purpose_reads_no_requests_and_lets_nobody_in_without_us(there: AtTwitter) -> None:
    there.asks("dana_hill")
    _requests(there)
    rematch(school=there.school, at=given.MONDAY)
    open_or_refresh_items(school=there.school, at=given.MONDAY)
    _on_purpose(there)
    there.sandbox.world.accept("dana_hill")
    there.asks("sam_fen")
    there.sandbox.world.forget_calls()
    reading = _requests(there, given.MONDAY + HOUR)
    assert there.sandbox.world.calls("incoming") == 0
    assert (reading.complete, reading.count) == (False, 0)
    assert "public on purpose" in reading.why_not_complete
    open_or_refresh_items(school=there.school, at=given.MONDAY + HOUR)
    assert QueueItem.objects.get().state == State.LAPSED
    record = " ".join(line.sentence for line in lines(school_id=there.school.pk, for_lead=True, subject=QueueItem.objects.get()))
    assert "without an answer here" not in record
    assert "so they follow without asking" in record


def test_public_on_purpose_still_watches_followers(there: AtTwitter) -> None:
    _on_purpose(there)
    there.follows("dana_hill", "sam_fen")
    assert _followers(there).complete
    assert {line.follower.profile.handle for line in follower_audit(there.account)[Audience.UNKNOWN]} == {"dana_hill", "sam_fen"}
    assert Follower.objects.filter(ended_at=None).count() == 2


def test_a_rule_that_says_public_while_twitter_shows_the_account_as_protected_is_pointed_out(there: AtTwitter) -> None:
    _followers(there)
    set_policy(school=there.school, key="account_is_public", value=True, by=there.okafor, at=given.MONDAY)
    assert "but Twitter shows it as protected. Nobody is approved until the rule is changed." in _see(there, "today")


def test_an_account_that_turned_public_raises_an_alarm_until_it_is_private_again(there: AtTwitter) -> None:
    there.sandbox.world.set_protected(False)
    _followers(there)
    assert [alarm.kind for alarm in open_alarms(there.school)] == ["twitter-account-public"]
    there.sandbox.world.set_protected(True)
    _followers(there, given.MONDAY + HOUR)
    assert open_alarms(there.school) == []
