"""A confirmation vouches for a mailbox. It counts as a checked e-mail of that mailbox, and for nothing beyond it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client

from accounts.models import User
from tests import given
from tests.given_letters import NEW_ADDRESS, ON_RECORD, asked, dana, told_by_phone, written_from
from tests.given_matching import DANA, MAIL_CAME, a_school, asks, looked_up, named, opinion_of
from tests.given_matching import mail as a_mail
from vetting.correspondence.models import ConfirmationLink
from vetting.intake.claiming import correct_claim, set_aside
from vetting.intake.models import Claim, ClaimReading
from vetting.matching.facts import ClaimFacts, ReadingFacts
from vetting.matching.models import Match
from vetting.matching.operations import rematch
from vetting.roster.models import PersonAddress
from vetting.school.models import School
from vetting.twitter.models import FollowRequest, HandleLookup, TwitterProfile
from vetting.values import Handle, Level, MailAddress

LATER = MAIL_CAME + timedelta(days=1)
CONFIRMED = ClaimFacts(
    pk=1,
    made_at=MAIL_CAME,
    readings=named("danahill7", chosen=True),
    sender=MailAddress("dana.hill@brightwork.example"),
    sender_name="Dana Hill",
    authenticity="CHECKED",
    confirmed_at=LATER,
)


def test_a_confirmed_phone_call_is_as_good_as_a_checked_email() -> None:
    opinion = opinion_of(a_school(claims=(CONFIRMED,)))
    assert (opinion.level, opinion.person) == (Level.STRONG, DANA.pk)
    assert opinion.sentence == "Confirmed on 10 November 2026 through the address we hold for Dana Hill: @danahill7. Mother of Ada (Oak)."
    assert not any("e-mail" in evidence.sentence for evidence in opinion.evidence)


@pytest.mark.parametrize(
    ("change", "level"),
    [
        ({"requests": (asks(number="1150000000000000002"),)}, Level.IMPOSTOR),
        ({"lookups": ()}, Level.CHECK),
        ({"lookups": (looked_up(number=None),)}, Level.CHECK),
        ({"requests": (asks(number=None),)}, Level.CHECK),
        ({"people": (replace(DANA, current=False),)}, Level.HOLD),
        ({"people": (replace(DANA, restricted=True),)}, Level.HOLD),
        ({"people": (DANA, replace(DANA, pk=9, given="Tom"))}, Level.LIKELY),
        ({"people": (replace(DANA, addresses=frozenset()),)}, Level.CHECK),
    ],
)
def test_every_guard_still_stands(change: dict[str, object], level: Level) -> None:
    """Another account, nobody looked in time, no such account then, no number, a leaver, a mark, a shared mailbox, an address not held."""
    assert opinion_of(a_school(claims=(CONFIRMED,), **change)).level == level


def test_a_message_that_first_came_from_an_imitated_address_stays_one() -> None:
    claim = replace(CONFIRMED, came_from=MailAddress("dana.hill@brightw0rk.example"))
    assert opinion_of(a_school(claims=(claim,))).level == Level.IMPOSTOR


def test_resemblance_is_not_lifted_by_a_confirmation() -> None:
    claim = replace(CONFIRMED, readings=named("danahill8", chosen=True))
    assert opinion_of(a_school(claims=(claim,), lookups=())).level == Level.CHECK


def test_who_says_this_was_not_me_makes_it_a_forgery_even_if_told_by_phone() -> None:
    for claim in (a_mail(disowned=True, authenticity="SUSPICIOUS"), replace(a_mail(told="by phone", disowned=True), sender=None)):
        opinion = opinion_of(a_school(claims=(claim,)))
        assert opinion.level == Level.IMPOSTOR
        assert any("this was not them" in evidence.sentence for evidence in opinion.evidence)


def test_another_name_typed_lowers_a_checked_email_until_somebody_chooses() -> None:
    typed = ReadingFacts("@danahill_7", "danahill_7", answered=True)
    opinion = opinion_of(a_school(claims=(a_mail(readings=(*named("danahill7"), typed)),)))
    assert opinion.level == Level.CHECK
    chosen = a_mail(readings=(replace(typed, text="@danahill7", handle="danahill7", chosen=True),))
    assert opinion_of(a_school(claims=(chosen,))).level == Level.LIKELY


def test_a_mailbox_that_is_not_on_the_list_confirms_nothing_that_counts() -> None:
    unknown = a_mail(sender="dana84@elsewhere.example", confirmed_elsewhere=LATER)
    opinion = opinion_of(a_school(claims=(unknown,)))
    assert opinion.level == Level.CHECK
    assert any("not on the school’s list" in evidence.sentence for evidence in opinion.evidence)
    told = replace(a_mail(told="by phone", confirmed_elsewhere=LATER), sender=None)
    assert opinion_of(a_school(claims=(told,))).level == Level.CHECK


# The same through the rows.


@pytest.fixture
def school(db: None, settings: object, time_machine: object) -> School:
    settings.PUBLIC_URL = "http://testserver"
    time_machine.move_to(given.MONDAY + timedelta(minutes=5), tick=False)
    school = given.a_school()
    account = given.an_account(school)
    profile = TwitterProfile.objects.create(
        school=school, twitter_user_id="1100000000000000001", handle="danahill_mum", display_name="Dana H",
        first_seen_at=given.MONDAY, last_seen_at=given.MONDAY,
    )  # fmt: skip
    FollowRequest.objects.create(school_account=account, profile=profile, first_seen_at=given.MONDAY, last_seen_at=given.MONDAY)
    HandleLookup.objects.create(
        school=school,
        handle="danahill_mum",
        asked_at=given.MONDAY,
        outcome=HandleLookup.Outcome.FOUND,
        twitter_user_id="1100000000000000001",
    )
    return school


@pytest.fixture
def priya(school: School) -> User:
    return given.priya(school)


def opinion(school: School) -> Match:
    rematch(school=school, at=given.MONDAY + timedelta(minutes=6))
    return Match.objects.get(school=school, superseded_at=None)


def types(address: str, name: str = "danahill_mum") -> None:
    assert Client().post(address, {"answer": "me", "handle": name}).status_code == 200


def test_told_by_phone_and_confirmed_through_the_address_on_record(school: School, priya: User) -> None:
    person = dana(school, priya)
    claim = told_by_phone(school, priya)
    assert opinion(school).level == Level.CHECK
    types(asked(claim, priya, person)[1])
    match = opinion(school)
    assert (match.level, match.person) == (Level.STRONG, person)
    assert "through the address we hold for Dana Hill" in match.sentence


def test_written_from_a_new_address_and_confirmed_through_the_one_on_record(school: School, priya: User) -> None:
    person = dana(school, priya)
    claim = Claim.objects.get(email=written_from(school))
    assert opinion(school).level == Level.CHECK
    types(asked(claim, priya, person)[1])
    assert (opinion(school).level, opinion(school).person) == (Level.STRONG, person)


def test_confirmed_through_the_unknown_address_itself_stays_a_look(school: School, priya: User) -> None:
    dana(school, priya)
    claim = Claim.objects.get(email=written_from(school))
    link, address = asked(claim, priya)
    assert link.to_address == NEW_ADDRESS
    types(address)
    assert opinion(school).level == Level.CHECK


def test_an_address_that_was_on_record_then_and_no_longer_is_vouches_for_nothing(school: School, priya: User) -> None:
    person = dana(school, priya)
    types(asked(told_by_phone(school, priya), priya, person)[1])
    assert opinion(school).level == Level.STRONG
    PersonAddress.objects.filter(address=ON_RECORD).update(until=given.MONDAY)
    School.objects.filter(pk=school.pk).update(facts_version=99)
    assert opinion(school).level == Level.CHECK


def test_a_name_corrected_afterwards_was_not_confirmed(school: School, priya: User) -> None:
    person = dana(school, priya)
    claim = told_by_phone(school, priya, "danahill_mum2")
    types(asked(claim, priya, person)[1], "danahill_mum2")
    correct_claim(claim=claim, handle=Handle("danahill_mum"), by=priya, at=given.MONDAY)
    assert opinion(school).level == Level.CHECK


def test_the_family_typed_another_name_and_an_admin_still_has_to_look(school: School, priya: User) -> None:
    person = dana(school, priya)
    claim = told_by_phone(school, priya, "danahill_mun")
    link, address = asked(claim, priya, person)
    types(address, "danahill_mum")
    link.refresh_from_db()
    assert link.answer == ConfirmationLink.Answer.ANOTHER_NAME
    assert opinion(school).level == Level.CHECK
    assert claim.readings.get(handle="danahill_mum").use == ClaimReading.Use.OPEN
    assert len(mail.outbox) == 1


def test_setting_a_disowned_message_aside_does_not_take_back_what_the_family_said(school: School, priya: User) -> None:
    person = dana(school, priya)
    email = written_from(school)
    claim = Claim.objects.get(email=email)
    address = asked(claim, priya, person)[1]
    assert Client().post(address, {"answer": "not-me", "sure": "on"}).status_code == 200
    assert opinion(school).level == Level.IMPOSTOR
    set_aside(email=email, by=priya, at=given.MONDAY, why="Not theirs")
    assert opinion(school).level == Level.IMPOSTOR
    told_by_phone(school, priya)
    assert opinion(school).level == Level.IMPOSTOR
    types(asked(told_by_phone(school, priya), priya, person, at=given.MONDAY + timedelta(days=1))[1])
    assert (opinion(school).level, opinion(school).person) == (Level.STRONG, person)
