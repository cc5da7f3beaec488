"""From a real e-mail, a real list and what Twitter showed to a row that somebody reads."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests import given
from tests.given_intake import a_checked_message, a_folder_source, mail_arrives
from tests.given_roster import a_parent
from vetting.concerns.models import Concern
from vetting.concerns.operations import raise_concern
from vetting.intake.models import Claim
from vetting.intake.operations import correct_claim, enter_claim_by_hand, set_aside, withdraw_claim
from vetting.matching import queries, tasks
from vetting.matching.models import Match
from vetting.matching.operations import note_new_day, rematch
from vetting.roster.operations import mark_as_left, open_restriction
from vetting.school.models import School, SchoolAccount
from vetting.school.operations import facts_changed
from vetting.twitter.models import FollowRequest, HandleLookup, TwitterProfile
from vetting.values import Handle, Level

pytestmark = pytest.mark.django_db

LATER = given.MONDAY + timedelta(days=1)
NUMBER = "1100000000000000001"


@pytest.fixture
def school() -> School:
    return given.a_school()


@pytest.fixture
def account(school: School) -> SchoolAccount:
    return given.an_account(school)


def twitter_shows(account: SchoolAccount, handle: str = "dana_h84", number: str = NUMBER, name: str = "Dana Hill") -> FollowRequest:
    """What the twitter stage leaves: the look-up made with the e-mail, and the request seen the next day."""
    school = account.school
    HandleLookup.objects.create(school=school, handle=handle, asked_at=given.MONDAY, outcome="FOUND", twitter_user_id=number)
    profile = TwitterProfile.objects.create(
        school=school, twitter_user_id=number, handle=handle, display_name=name, first_seen_at=given.MONDAY, last_seen_at=LATER
    )
    request = FollowRequest.objects.create(school_account=account, profile=profile, first_seen_at=LATER, last_seen_at=LATER)
    facts_changed(school.pk)
    return request


def a_vouched_request(account: SchoolAccount) -> FollowRequest:
    """Dana is on the list, wrote a checked e-mail, and asks."""
    a_parent(account.school, email="dana@example.org")
    mail_arrives(a_folder_source(account.school), a_checked_message())
    return twitter_shows(account)


def standing(request: FollowRequest) -> Match:
    return Match.objects.get(follow_request=request, superseded_at=None)


def test_a_checked_email_from_the_list_makes_a_strong_match(school: School, account: SchoolAccount) -> None:
    request = a_vouched_request(account)
    assert rematch(school=school, at=LATER) == 1
    match = standing(request)
    assert match.level == Level.STRONG
    assert match.sentence.startswith("Checked e-mail from Dana Hill’s address names @dana_h84; the same account since 9 November 2026.")
    assert match.person is not None
    assert match.person.name == "Dana Hill"
    assert match.claim is not None
    assert match.evidence[0].sentence == match.sentence


def test_the_same_facts_leave_no_new_row(school: School, account: SchoolAccount) -> None:
    a_vouched_request(account)
    assert rematch(school=school, at=LATER) == 1
    assert rematch(school=school, at=LATER) == 0
    facts_changed(school.pk)
    assert rematch(school=school, at=LATER + timedelta(hours=5)) == 0
    assert Match.objects.count() == 1


def test_an_idle_tick_asks_the_database_once(school: School, account: SchoolAccount) -> None:
    rematch(school=school, at=LATER)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert rematch(school=school, at=LATER) == 0
    assert len(asked) == 1
    with CaptureQueriesContext(connection) as asked:
        tasks.rematch()
    assert len(asked) == 1


def test_the_number_of_queries_does_not_grow_with_the_school(school: School, account: SchoolAccount) -> None:
    a_vouched_request(account)
    with CaptureQueriesContext(connection) as small:
        rematch(school=school, at=LATER)
    for number in range(20):
        a_parent(school, f"Person{number} Name{number}", f"Kid{number} Name{number}", email=f"p{number}@example.org")
        twitter_shows(account, f"p{number}", str(1_200_000_000_000_000_000 + number), "Somebody")
    with CaptureQueriesContext(connection) as large:
        assert rematch(school=school, at=LATER) == 20
    assert len(large) <= len(small) + 1


def test_a_restriction_supersedes_the_opinion_and_keeps_the_old_row(school: School, account: SchoolAccount) -> None:
    request = a_vouched_request(account)
    rematch(school=school, at=LATER)
    before = standing(request)
    assert before.person is not None
    open_restriction(person=before.person, reason="a court order", by=None, at=LATER)
    assert rematch(school=school, at=LATER + timedelta(minutes=1)) == 1
    match = standing(request)
    assert (match.level, match.sentence) == (Level.HOLD, "This one needs the safeguarding lead.")
    assert "court" not in str(match.evidence_json)
    before.refresh_from_db()
    assert before.superseded_at == LATER + timedelta(minutes=1)
    assert before.level == Level.STRONG


def test_a_concern_about_the_account_goes_to_the_lead(school: School, account: SchoolAccount) -> None:
    request = a_vouched_request(account)
    raise_concern(
        school=school,
        category=Concern.Category.CONTACT,
        words="Writes to pupils.",
        by=given.priya(school),
        at=LATER,
        profile=request.profile,
    )
    rematch(school=school, at=LATER)
    assert standing(request).level == Level.HOLD


def test_somebody_who_left_is_no_longer_vouched_for_once_the_day_has_turned(school: School, account: SchoolAccount) -> None:
    request = a_vouched_request(account)
    rematch(school=school, at=LATER)
    person = standing(request).person
    assert person is not None
    mark_as_left(person=person, on=LATER.date(), by=None, at=LATER)
    rematch(school=school, at=LATER)
    assert standing(request).level == Level.STRONG
    morning = LATER + timedelta(days=1)
    assert note_new_day(at=morning) == 1
    assert rematch(school=school, at=morning) == 1
    assert standing(request).level == Level.HOLD
    assert standing(request).sentence == "Conflict: this is Dana Hill, who has no current link with the school since 10 November 2026."
    assert LATER.date() == date(2026, 11, 10)


def test_what_was_told_at_the_desk_needs_a_look(school: School, account: SchoolAccount) -> None:
    request = twitter_shows(account)
    enter_claim_by_hand(
        school=school, handle=Handle.parse("dana_h84"), name="Dana Hill", channel=Claim.Channel.DESK, by=given.priya(school), at=LATER
    )
    rematch(school=school, at=LATER)
    match = standing(request)
    assert (match.level, match.sentence) == (Level.CHECK, "Told at the desk, written down by Priya: Dana Hill is @dana_h84.")


def test_a_corrected_name_is_never_strong(school: School, account: SchoolAccount) -> None:
    a_parent(school, email="dana@example.org")
    mail_arrives(a_folder_source(school), a_checked_message("My Twitter name is @dana_h85. I am the parent of Ada Hill (6B)."))
    request = twitter_shows(account)
    correct_claim(claim=Claim.objects.get(), handle=Handle.parse("dana_h84"), by=given.priya(school), at=LATER)
    rematch(school=school, at=LATER)
    match = standing(request)
    assert (match.level, match.sentence) == (Level.LIKELY, "A colleague wrote @dana_h84 beside this e-mail, and that is this account.")


def test_a_withdrawn_claim_vouches_for_nobody(school: School, account: SchoolAccount) -> None:
    request = a_vouched_request(account)
    rematch(school=school, at=LATER)
    withdraw_claim(claim=Claim.objects.get(), by=given.priya(school), at=LATER, why="The parent asked.")
    rematch(school=school, at=LATER)
    assert (standing(request).level, standing(request).sentence) == (Level.NONE, "No e-mail names @dana_h84 yet.")


def test_another_school_s_facts_are_never_read(school: School, account: SchoolAccount) -> None:
    elsewhere = given.a_school(name="Other Primary", slug="other")
    a_parent(elsewhere, email="dana@example.org")
    mail_arrives(a_folder_source(elsewhere), a_checked_message())
    request = twitter_shows(account)
    rematch(school=elsewhere, at=LATER)
    rematch(school=school, at=LATER)
    assert standing(request).level == Level.NONE
    assert not Match.objects.filter(school=elsewhere).exists()


def test_facts_that_change_while_matching_are_matched_again(
    school: School, account: SchoolAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = a_vouched_request(account)
    from vetting.matching import operations

    read = operations.read_facts

    def and_meanwhile(**more: object) -> object:
        facts = read(**more)
        facts_changed(school.pk)
        return facts

    monkeypatch.setattr(operations, "read_facts", and_meanwhile)
    rematch(school=school, at=LATER)
    assert queries.schools_to_rematch() == [school]
    monkeypatch.undo()
    rematch(school=school, at=LATER)
    assert queries.schools_to_rematch() == []
    assert Match.objects.filter(follow_request=request).count() == 1


def test_of_two_runs_at_once_one_writes(school: School, account: SchoolAccount, monkeypatch: pytest.MonkeyPatch) -> None:
    a_vouched_request(account)
    from vetting.matching import operations

    read = operations.read_facts

    def while_another_finishes(**more: object) -> object:
        facts = read(**more)
        monkeypatch.undo()
        assert rematch(school=school, at=LATER) == 1
        return facts

    monkeypatch.setattr(operations, "read_facts", while_another_finishes)
    assert rematch(school=school, at=LATER) == 0
    assert Match.objects.count() == 1


def test_an_email_that_is_set_aside_vouches_for_nobody_any_more(school: School, account: SchoolAccount) -> None:
    request = a_vouched_request(account)
    rematch(school=school, at=LATER)
    email = Claim.objects.get().email
    assert email is not None
    set_aside(email=email, by=given.priya(school), at=LATER, why="Sent by mistake.")
    assert rematch(school=school, at=LATER) == 1
    assert standing(request).level == Level.NONE
