"""The number is the account: renamed, a name that is another's now, suspended and gone are four things with four sentences."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from tests import given, given_roster
from tests.given_twitter import AtTwitter, at_twitter
from tests.sandbox import Sandbox
from vetting.audit.queries import lines
from vetting.decisions import policies
from vetting.decisions.models import QueueItem, Verification
from vetting.decisions.moving import circumstances
from vetting.decisions.operations import open_or_refresh_items, verify
from vetting.decisions.states import State
from vetting.identities.models import Identification
from vetting.leavers.queries import Audience, follower_audit
from vetting.matching.operations import rematch
from vetting.roster.models import Person
from vetting.school.models import School
from vetting.twitter.models import Connection, Follower, FollowRequest, HandleLookup, TwitterProfile
from vetting.twitter.operations import look_up_claimed_handles, sync_followers, sync_requests
from vetting.twitter.queries import notes_on_names

pytestmark = pytest.mark.django_db
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def there(sandbox: Sandbox) -> AtTwitter:
    return at_twitter(sandbox)


def _read(there: AtTwitter, at) -> None:
    """One round of the clock: names, requests, opinions, questions."""
    look_up_claimed_handles(connection=there.connection, twitter=there.twitter, at=at)
    sync_requests(connection=there.connection, twitter=there.twitter, at=at)
    there.school.refresh_from_db()
    rematch(school=there.school, at=at)
    open_or_refresh_items(school=there.school, at=at)


def _page(there: AtTwitter, item: QueueItem, by: User | None = None) -> str:
    client = Client()
    client.force_login(by or there.okafor, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client.get(reverse("request", args=[item.reference])).content.decode()


def _item(there: AtTwitter, handle: str) -> QueueItem:
    return QueueItem.objects.get(profile=there.profile(handle), kind="APPROVAL")


def _known_as(there: AtTwitter, handle: str, person: Person) -> None:
    Identification.objects.create(school=there.school, person=person, profile=there.profile(handle), since=given.MONDAY)


def _dana(school: School) -> Person:
    return given_roster.a_parent(school, "Dana Hill", "Ada Hill", "Year 4")


def test_a_renamed_account_is_the_same_one_and_the_page_says_what_it_was_called(there: AtTwitter) -> None:
    there.asks("dana_hill")
    there.claims("dana_hill")
    _read(there, given.MONDAY)
    there.sandbox.world.rename("dana_hill", "dana_moved")
    _read(there, given.MONDAY + DAY)
    page = _page(there, _item(there, "dana_moved"))
    assert "It was called @dana_hill until 10 November 2026; by its number it is the same account." in page
    assert "The e-mail named @dana_hill; that same account is now called @dana_moved." in page
    assert "different account" not in page


def test_a_name_that_somebody_else_took_is_asked_about_again_and_said_of_both(there: AtTwitter) -> None:
    there.asks("dana_hill")
    there.claims("dana_hill")
    _read(there, given.MONDAY)
    there.sandbox.world.rename("dana_hill", "dana_moved")
    there.sandbox.world.add_user("dana_hill")
    _read(there, given.MONDAY + DAY)
    _read(there, given.MONDAY + DAY + MINUTE)
    assert HandleLookup.objects.filter(handle="dana_hill").values("twitter_user_id").distinct().count() == 2
    page = _page(there, _item(there, "dana_moved"))
    assert "@dana_hill belongs to a different account now." in page
    assert "@dana_hill belongs to a different account now; this one is known by its number." in page
    said = notes_on_names(there.school, ["dana_hill"], since=given.MONDAY)
    assert said == {"dana_hill": "@dana_hill belongs to a different account now."}
    there.sandbox.world.ask_to_follow("dana_hill")
    _read(there, given.MONDAY + 2 * DAY)
    assert "@dana_hill was a different account when the e-mail came on 9 November 2026." in _page(there, _item(there, "dana_hill"))


def test_an_account_that_took_the_name_after_the_message_is_said_to_have_been_called_otherwise(there: AtTwitter) -> None:
    there.asks("old_name")
    _read(there, given.MONDAY - DAY)
    there.claims("dana_hill")
    _read(there, given.MONDAY)
    there.sandbox.world.rename("old_name", "dana_hill")
    _read(there, given.MONDAY + DAY)
    page = _page(there, _item(there, "dana_hill"))
    assert "No account was called @dana_hill when the e-mail came; this one took the name later." in page
    assert "This account was still called @old_name when the e-mail came; it took this name on 10 November 2026." in page


def test_a_name_that_was_suspended_when_the_message_came_proves_nothing_later(there: AtTwitter) -> None:
    there.sandbox.world.add_user("dana_hill")
    there.sandbox.world.suspend("dana_hill")
    there.claims("dana_hill")
    _read(there, given.MONDAY)
    assert notes_on_names(there.school, ["dana_hill"], since=given.MONDAY) == {
        "dana_hill": "Twitter had suspended @dana_hill on 9 November 2026."
    }
    there.sandbox.world.restore("dana_hill")
    there.sandbox.world.ask_to_follow("dana_hill")
    _read(there, given.MONDAY + DAY)
    item = _item(there, "dana_hill")
    page = _page(there, item)
    assert "Twitter had suspended @dana_hill when the e-mail came, so nobody could see whose account that was." in page
    assert item.level == "CHECK"


@pytest.mark.parametrize(
    ("what", "sentence", "refusal"),
    [
        (
            "suspend",
            "Twitter has suspended @dana_hill. It may come back, and is the same account then.",
            "Twitter has suspended this account.",
        ),
        ("deactivate", "@dana_hill is no longer on Twitter: deleted, or switched off by its owner", "no longer on Twitter"),
    ],
)
def test_an_account_that_goes_away_is_noticed_within_a_day_said_on_the_page_and_cannot_be_approved(
    there: AtTwitter, what: str, sentence: str, refusal: str
) -> None:
    there.sandbox.world.allow("connection_status", False)
    there.asks("dana_hill")
    dana = _dana(there.school)
    _read(there, given.MONDAY)
    item = _item(there, "dana_hill")
    priya = given.priya(there.school)
    verify(item=item, seen_version=item.version, person=dana, how=Verification.How.IN_PERSON, by=priya, at=given.MONDAY)
    getattr(there.sandbox.world, what)("dana_hill")
    sync_requests(connection=there.connection, twitter=there.twitter, at=given.MONDAY + DAY)
    item.refresh_from_db()
    # The freshest standing counts, before anything else has drawn its conclusion from it.
    assert item.state == State.TO_APPROVE
    c = circumstances(item=item, by=there.okafor, person=dana, at=given.MONDAY + DAY)
    with pytest.raises(policies.NotNow, match=refusal):
        policies.check_can_approve(c)
    assert sentence in _page(there, item)
    open_or_refresh_items(school=there.school, at=given.MONDAY + DAY)
    item.refresh_from_db()
    assert item.state == State.LAPSED
    record = " ".join(line.sentence for line in lines(school_id=there.school.pk, for_lead=True, subject=item))
    assert "the request is no longer there" not in record
    assert ("Twitter suspended the account" in record) or ("no longer on Twitter" in record)


def test_whoever_comes_back_is_active_again_and_is_still_who_they_were(there: AtTwitter) -> None:
    there.follows("dana_hill", "sam_fen")
    sync_followers(connection=there.connection, twitter=there.twitter, at=given.MONDAY)
    dana = _dana(there.school)
    _known_as(there, "dana_hill", dana)
    there.sandbox.world.suspend("dana_hill")
    for hours in (1, 2, 3):
        sync_followers(connection=there.connection, twitter=there.twitter, at=given.MONDAY + hours * HOUR)
    assert there.profile("dana_hill").standing == TwitterProfile.Standing.SUSPENDED
    (line,) = follower_audit(there.account, at=given.MONDAY + 3 * HOUR)[Audience.CHANGED]
    assert line.sentence == "Twitter has suspended @dana_hill. It may come back, and is the same account then. Dana Hill."
    there.sandbox.world.restore("dana_hill")
    sync_followers(connection=there.connection, twitter=there.twitter, at=given.MONDAY + 4 * HOUR)
    assert there.profile("dana_hill").standing == TwitterProfile.Standing.ACTIVE
    assert Identification.objects.get(until=None).person == dana
    assert Follower.objects.get(profile__handle="dana_hill").ended_at is None
    (line,) = follower_audit(there.account, at=given.MONDAY + 4 * HOUR)[Audience.KNOWN]
    assert line.sentence.startswith("Dana Hill")


def test_a_follower_whose_old_name_is_anothers_now_is_listed_as_changed(there: AtTwitter) -> None:
    there.follows("dana_hill", "sam_fen")
    sync_followers(connection=there.connection, twitter=there.twitter, at=given.MONDAY)
    _known_as(there, "dana_hill", _dana(there.school))
    there.sandbox.world.rename("dana_hill", "dana_moved")
    there.asks("dana_hill")
    sync_followers(connection=there.connection, twitter=there.twitter, at=given.MONDAY + DAY)
    sync_requests(connection=there.connection, twitter=there.twitter, at=given.MONDAY + DAY)
    (line,) = follower_audit(there.account, at=given.MONDAY + DAY)[Audience.CHANGED]
    assert line.sentence == "Was @dana_hill until 10 Nov 2026; Dana Hill. @dana_hill belongs to a different account now."


def test_the_numbers_behind_written_names_are_looked_at_again_each_day_also_where_the_list_is_offered(there: AtTwitter) -> None:
    Connection.objects.update(kind=Connection.Kind.LIVE)
    there.sandbox.world.add_user("dana_hill")
    there.claims("dana_hill")
    _read(there, given.MONDAY)
    there.sandbox.world.suspend("dana_hill")
    _read(there, given.MONDAY + HOUR)
    assert there.profile("dana_hill").standing == TwitterProfile.Standing.ACTIVE, "once a day is enough"
    _read(there, given.MONDAY + DAY)
    assert there.profile("dana_hill").standing == TwitterProfile.Standing.SUSPENDED
    assert notes_on_names(there.school, ["dana_hill"], since=given.MONDAY)["dana_hill"].startswith("Twitter has suspended @dana_hill.")
    assert not FollowRequest.objects.exists()


def test_whoever_takes_a_name_within_the_day_after_the_message_is_not_taken_for_its_sender(there: AtTwitter) -> None:
    there.claims("dana_hill")
    _read(there, given.MONDAY)
    there.asks("dana_hill")
    _read(there, given.MONDAY + 23 * HOUR)
    assert HandleLookup.objects.filter(handle="dana_hill", outcome="FOUND").exists()
    assert "No account was called @dana_hill when the e-mail came" in _page(there, _item(there, "dana_hill"))


def test_a_name_nobody_had_is_asked_about_again_the_next_day(there: AtTwitter) -> None:
    there.claims("dana_hill")
    _read(there, given.MONDAY)
    assert notes_on_names(there.school, ["dana_hill"], since=given.MONDAY) == {
        "dana_hill": "No account was called @dana_hill on 9 November 2026."
    }
    there.sandbox.world.add_user("dana_hill")
    _read(there, given.MONDAY + DAY)
    assert HandleLookup.objects.filter(handle="dana_hill", outcome="FOUND").exists()
