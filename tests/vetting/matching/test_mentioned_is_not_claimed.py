"""From the mailbox to the opinion: a Twitter name that a parent only mentions lets nobody in."""

from datetime import timedelta

import pytest

from tests import given
from tests.given_intake import a_checked_message, a_folder_source, mail_arrives
from tests.given_roster import a_parent
from vetting.intake.models import ClaimReading
from vetting.intake.operations import use_reading
from vetting.matching.models import Match
from vetting.matching.operations import rematch
from vetting.school.models import School, SchoolAccount
from vetting.school.operations import facts_changed
from vetting.twitter.models import FollowRequest, HandleLookup, TwitterProfile
from vetting.values import Level

pytestmark = pytest.mark.django_db

LATER = given.MONDAY + timedelta(days=1)
WARNING = "My Twitter name is @dana_h84. I am the parent of Ada Hill (6B). Please do not accept @sam_1, that is not me."


@pytest.fixture
def school() -> School:
    return given.a_school()


@pytest.fixture
def account(school: School) -> SchoolAccount:
    return given.an_account(school)


def asks(account: SchoolAccount, handle: str, number: str) -> FollowRequest:
    """Looked up when the e-mail came, and seen asking the next day."""
    school = account.school
    HandleLookup.objects.create(school=school, handle=handle, asked_at=given.MONDAY, outcome="FOUND", twitter_user_id=number)
    profile = TwitterProfile.objects.create(
        school=school, twitter_user_id=number, handle=handle, display_name="", first_seen_at=given.MONDAY, last_seen_at=LATER
    )
    facts_changed(school.pk)
    return FollowRequest.objects.create(school_account=account, profile=profile, first_seen_at=LATER, last_seen_at=LATER)


def level_of(request: FollowRequest) -> str:
    rematch(school=request.school_account.school, at=LATER)
    return Match.objects.get(follow_request=request, superseded_at=None).level


def test_whom_a_parent_warns_of_is_not_vouched_for_by_the_warning(school: School, account: SchoolAccount) -> None:
    a_parent(school, email="dana@example.org")
    mail_arrives(a_folder_source(school), a_checked_message(WARNING))
    danas, sams = asks(account, "dana_h84", "1100000000000000001"), asks(account, "sam_1", "1150000000000000002")
    assert level_of(danas) == Level.STRONG
    assert level_of(sams) == Level.CHECK


def test_what_one_family_says_of_an_account_makes_a_colleague_look_at_what_another_claims(school: School, account: SchoolAccount) -> None:
    a_parent(school, email="dana@example.org")
    a_parent(school, "Rob Marsh", "Kim Marsh", email="rob@example.org")
    inbox = a_folder_source(school)
    mail_arrives(inbox, a_checked_message("My Twitter name is @dana_h84."))
    request = asks(account, "dana_h84", "1100000000000000001")
    assert level_of(request) == Level.STRONG
    warning = a_checked_message("I do not think that @dana_h84 on Twitter is Dana.", sender="Rob Marsh <rob@example.org>", number=2)
    mail_arrives(inbox, warning)
    facts_changed(school.pk)
    assert level_of(request) == Level.CHECK


def test_a_colleague_who_read_the_mail_may_say_that_the_mentioned_name_is_meant(school: School, account: SchoolAccount) -> None:
    a_parent(school, email="dana@example.org")
    mail_arrives(a_folder_source(school), a_checked_message("A strange account of mine, @dana_h84, asks to follow you on Twitter."))
    danas = asks(account, "dana_h84", "1100000000000000001")
    assert level_of(danas) == Level.CHECK
    reading = ClaimReading.objects.get(handle="dana_h84")
    use_reading(reading=reading, use=ClaimReading.Use.THIS, by=given.priya(school), at=LATER)
    assert level_of(danas) == Level.STRONG
