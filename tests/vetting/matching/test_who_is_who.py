"""From a decision to "this account is this person", and from there to names that change hands: through operations and rows."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from tests import given
from tests.given_intake import a_checked_message, a_folder_source, mail_arrives
from tests.given_questions import approved, seen, verified
from tests.given_roster import a_parent
from vetting.decisions.models import Decision, QueueItem
from vetting.decisions.operations import open_or_refresh_items
from vetting.execution.operations import confirm_from_sightings
from vetting.identities.models import Identification
from vetting.matching.models import Match
from vetting.matching.next_action import NextAction
from vetting.matching.operations import rematch
from vetting.school.models import School, SchoolAccount
from vetting.school.operations import facts_changed, set_policy
from vetting.twitter.models import Connection, FollowRequest, HandleLookup, Sighting, TwitterProfile
from vetting.values import Level

pytestmark = pytest.mark.django_db

HERS, ANOTHERS = "1100000000000000001", "1150000000000000002"
NEXT_DAY = given.MONDAY + timedelta(days=1)
LATER = given.MONDAY + timedelta(days=30)


@pytest.fixture
def account() -> SchoolAccount:
    account = given.an_account(given.a_school())
    Connection.objects.create(school_account=account, kind=Connection.Kind.LIVE, connected_at=given.MONDAY)
    return account


def looked_up(school: School, handle: str, number: str) -> None:
    HandleLookup.objects.create(school=school, handle=handle, asked_at=given.MONDAY, outcome="FOUND", twitter_user_id=number)
    facts_changed(school.pk)


def asks(account: SchoolAccount, handle: str, number: str, *, name: str = "", bio: str = "", on: object = NEXT_DAY) -> Match:
    """A request seen on a day, and the opinion formed of it."""
    profile, _ = TwitterProfile.objects.update_or_create(
        school=account.school,
        twitter_user_id=number,
        defaults={"handle": handle, "display_name": name, "bio": bio, "first_seen_at": on, "last_seen_at": on},
    )
    request = FollowRequest.objects.create(school_account=account, profile=profile, first_seen_at=on, last_seen_at=on)
    facts_changed(account.school_id)
    rematch(school=account.school, at=on)
    return Match.objects.get(follow_request=request, superseded_at=None)


def dana_is_let_in(account: SchoolAccount) -> QueueItem:
    """Dana wrote, asked, was verified, approved, and was seen to follow; her request is over."""
    a_parent(account.school, email="dana@example.org")
    mail_arrives(a_folder_source(account.school), a_checked_message())
    looked_up(account.school, "dana_h84", HERS)
    match = asks(account, "dana_h84", HERS, name="Dana Hill")
    open_or_refresh_items(school=account.school, at=NEXT_DAY)
    item = QueueItem.objects.get(match=match)
    item = approved(verified(item, given.priya(account.school)), given.mr_okafor(account.school))
    seen(item, Sighting.Relation.FOLLOWS, NEXT_DAY)
    confirm_from_sightings(school_account=account, at=NEXT_DAY)
    FollowRequest.objects.update(ended_at=NEXT_DAY)
    return QueueItem.objects.get(pk=item.pk)


def test_an_opinion_is_kept_with_its_step_its_versions_and_its_workings_and_the_decision_pins_it(account: SchoolAccount) -> None:
    item = dana_is_let_in(account)
    decision = Decision.objects.get(item=item)
    match = decision.match
    assert match is not None
    assert (match.level, match.step) == (Level.STRONG, NextAction.APPROVE)
    assert all((match.engine_version, match.weights_version, match.data_version))
    assert [bar.field for bar in match.worked_out.wrote][:2] == ["LISTED", "ADDRESS"]
    assert not any(guard.ceiling for guard in match.worked_out.guards)
    assert "Dana" not in str(match.workings)


def test_a_decision_binds_the_number_to_the_person(account: SchoolAccount) -> None:
    item = dana_is_let_in(account)
    bound = Identification.objects.get()
    assert (bound.profile.twitter_user_id, bound.person.name, bound.until) == (HERS, "Dana Hill", None)
    assert bound.decision == Decision.objects.get(item=item)


def test_the_same_account_under_a_new_name_is_known_by_its_number(account: SchoolAccount) -> None:
    dana_is_let_in(account)
    match = asks(account, "hill_dana", HERS, name="Dana Hill", on=LATER)
    assert match.person is not None
    assert (match.level, match.person.name) == (Level.LIKELY, "Dana Hill")


def test_another_account_under_the_approved_name_is_an_imitation_whatever_it_shows(account: SchoolAccount) -> None:
    dana_is_let_in(account)
    match = asks(account, "dana_h84", ANOTHERS, name="Dana Hill", on=LATER)
    assert (match.level, match.step) == (Level.IMPOSTOR, NextAction.COMPARE)
    assert {"NAME_TAKEN_OVER", "ANOTHER_ACCOUNT"} <= {one.code for one in match.evidence}


def test_a_message_that_came_before_any_request_is_matched_when_the_request_appears(account: SchoolAccount) -> None:
    a_parent(account.school, email="dana@example.org")
    mail_arrives(a_folder_source(account.school), a_checked_message())
    looked_up(account.school, "dana_h84", HERS)
    assert rematch(school=account.school, at=NEXT_DAY) == 0
    assert not QueueItem.objects.exists()
    match = asks(account, "dana_h84", HERS, on=LATER)
    assert match.level == Level.STRONG
    assert match.claim is not None
    assert open_or_refresh_items(school=account.school, at=LATER) == 1


def test_a_childs_words_hold_even_a_proven_request(account: SchoolAccount) -> None:
    a_parent(account.school, email="dana@example.org")
    mail_arrives(a_folder_source(account.school), a_checked_message())
    looked_up(account.school, "dana_h84", HERS)
    match = asks(account, "dana_h84", HERS, bio="born 2015, Y5")
    open_or_refresh_items(school=account.school, at=NEXT_DAY)
    assert (match.level, match.step) == (Level.HOLD, NextAction.REFER)
    assert QueueItem.objects.get().state == "HELD"


def test_the_schools_rule_about_pupils_addresses_holds_what_comes_from_there(account: SchoolAccount) -> None:
    a_parent(account.school, email="dana@example.org")
    mail_arrives(a_folder_source(account.school), a_checked_message())
    looked_up(account.school, "dana_h84", HERS)
    assert asks(account, "dana_h84", HERS).level == Level.STRONG
    set_policy(school=account.school, key="pupil_mail_domains", value="example.org", by=None, at=NEXT_DAY)
    rematch(school=account.school, at=NEXT_DAY)
    assert Match.objects.get(superseded_at=None).level == Level.HOLD


def test_a_rarer_name_alone_writes_no_new_opinion(account: SchoolAccount) -> None:
    a_parent(account.school, email="dana@example.org")
    mail_arrives(a_folder_source(account.school), a_checked_message())
    looked_up(account.school, "dana_h84", HERS)
    before = asks(account, "dana_h84", HERS)
    for number in range(5):
        a_parent(account.school, f"Robin{number} Fell", f"Kit{number} Fell")
    assert rematch(school=account.school, at=LATER) == 0
    assert Match.objects.get() == before


def test_a_step_that_nobody_knows_cannot_be_kept(account: SchoolAccount) -> None:
    match = asks(account, "dana_h84", HERS)
    with pytest.raises(IntegrityError, match="match_next_action_is_known"), transaction.atomic():
        Match.objects.filter(pk=match.pk).update(next_action="LET_IN")
