"""A decision is not an outcome: what Twitter shows closes an item."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction

from tests import given
from tests.given_questions import LATER, a_question, an_opinion, approved, seen, verified
from vetting.audit.queries import check_chain
from vetting.decisions.models import QueueItem
from vetting.decisions.operations import decide, open_or_refresh_items, tick_done, undo
from vetting.decisions.policies import NotNow
from vetting.decisions.states import State
from vetting.execution.models import Attempt
from vetting.execution.operations import carry_out_due, confirm_from_sightings, recover_stuck
from vetting.identities.models import Identification
from vetting.leavers.queries import Audience, follower_audit
from vetting.roster.operations import open_restriction
from vetting.school.models import School, SchoolAccount
from vetting.twitter.models import Capability, Connection, Follower, Sighting
from vetting.twitter.port import Carried, ManualAction, RateLimited
from vetting.twitter.recording import observe
from vetting.values import Handle, Level, TwitterUserId

pytestmark = pytest.mark.django_db
DECIDED_AT = given.MONDAY + 2 * LATER
NEXT_CHECK = DECIDED_AT + LATER


@pytest.fixture
def school() -> School:
    return given.a_school()


@pytest.fixture
def account(school: School) -> SchoolAccount:
    return given.an_account(school)


@pytest.fixture
def connection(account: SchoolAccount) -> Connection:
    return Connection.objects.create(school_account=account, kind=Connection.Kind.LIVE, connected_at=given.MONDAY)


def test_an_approval_is_done_when_twitter_shows_the_follower(school: School, account: SchoolAccount, connection: Connection) -> None:
    item = approved(verified(a_question(account), given.priya(school)), given.mr_okafor(school))
    seen(item, Sighting.Relation.REQUESTS, NEXT_CHECK)
    assert confirm_from_sightings(school_account=account, at=NEXT_CHECK) == 0
    seen(item, Sighting.Relation.FOLLOWS, NEXT_CHECK + LATER)
    assert confirm_from_sightings(school_account=account, at=NEXT_CHECK + LATER) == 1
    item.refresh_from_db()
    assert item.state == State.DONE
    assert Identification.objects.get(profile=item.profile).person == item.person
    assert check_chain(school_id=school.pk).whole


def test_a_sighting_from_before_the_decision_proves_nothing(school: School, account: SchoolAccount, connection: Connection) -> None:
    item = approved(verified(a_question(account), given.priya(school)), given.mr_okafor(school))
    seen(item, Sighting.Relation.FOLLOWS, DECIDED_AT - timedelta(seconds=1))
    assert confirm_from_sightings(school_account=account, at=NEXT_CHECK) == 0


def test_an_approved_request_that_was_withdrawn_lapses(school: School, account: SchoolAccount, connection: Connection) -> None:
    item = approved(verified(a_question(account), given.priya(school)), given.mr_okafor(school))
    seen(item, Sighting.Relation.NEITHER, NEXT_CHECK)
    confirm_from_sightings(school_account=account, at=NEXT_CHECK)
    assert QueueItem.objects.get(pk=item.pk).state == State.LAPSED
    assert not Identification.objects.exists()


def test_a_declined_request_is_done_when_it_is_no_longer_pending(school: School, account: SchoolAccount, connection: Connection) -> None:
    item = a_question(account)
    decide(item=item, seen_version=item.version, outcome="REJECT", by=given.mr_okafor(school), at=DECIDED_AT, reason="A shop.")
    seen(item, Sighting.Relation.NEITHER, NEXT_CHECK)
    confirm_from_sightings(school_account=account, at=NEXT_CHECK)
    assert QueueItem.objects.get(pk=item.pk).state == State.DONE


def test_somebody_declined_who_follows_all_the_same_becomes_a_question_about_removing_them(
    school: School, account: SchoolAccount, connection: Connection
) -> None:
    item = a_question(account, Level.IMPOSTOR)
    decide(item=item, seen_version=item.version, outcome="REJECT", by=given.mr_okafor(school), at=DECIDED_AT, reason="A look-alike.")
    with transaction.atomic():
        observe(school_account=account, row=item.profile, seen=Sighting.Relation.FOLLOWS, source=Sighting.Source.LOOKUP, at=NEXT_CHECK)
    confirm_from_sightings(school_account=account, at=NEXT_CHECK)
    assert QueueItem.objects.get(pk=item.pk).state == State.LAPSED
    removal = QueueItem.objects.get(kind=QueueItem.Kind.REMOVAL)
    assert (removal.profile, removal.state, removal.person) == (item.profile, State.TO_APPROVE, None)
    assert removal.why == "Declined on 9 Nov 2026, yet accepted on Twitter."
    assert [line.sentence for line in follower_audit(account, at=NEXT_CHECK)[Audience.BARRED]] == ["Declined on 9 Nov 2026, yet follows."]


def test_a_tick_is_not_an_outcome_where_twitter_can_be_read(school: School, account: SchoolAccount, connection: Connection) -> None:
    okafor = given.mr_okafor(school)
    item = approved(verified(a_question(account), given.priya(school)), okafor)
    tick_done(item=item, by=okafor, at=DECIDED_AT)
    assert QueueItem.objects.get(pk=item.pk).state == State.BY_HAND


def test_where_twitter_cannot_be_read_a_named_tick_closes_it(school: School, account: SchoolAccount) -> None:
    okafor = given.mr_okafor(school)
    item = approved(verified(a_question(account), given.priya(school)), okafor)
    tick_done(item=item, by=okafor, at=DECIDED_AT)
    item.refresh_from_db()
    assert (item.state, item.ticked_by) == (State.DONE, okafor)
    assert Follower.objects.get(ended_at=None).profile == item.profile
    assert Identification.objects.get(profile=item.profile).person == item.person


def test_somebody_accepted_on_twitter_while_the_lead_holds_the_approval_is_still_known_and_asked_about(
    school: School, account: SchoolAccount, connection: Connection
) -> None:
    okafor, reid = given.mr_okafor(school), given.ms_reid(school)
    item = approved(verified(a_question(account), given.priya(school)), okafor)
    tick_done(item=item, by=okafor, at=DECIDED_AT)
    assert item.person is not None
    open_restriction(person=item.person, reason="court order", by=reid, at=DECIDED_AT + LATER)
    open_or_refresh_items(school=school, at=DECIDED_AT + LATER)
    with transaction.atomic():
        observe(
            school_account=account, row=item.profile, seen=Sighting.Relation.FOLLOWS, source=Sighting.Source.LOOKUP, at=NEXT_CHECK + LATER
        )
    open_or_refresh_items(school=school, at=NEXT_CHECK + LATER)
    item.refresh_from_db()
    assert item.state == State.LAPSED
    assert Identification.objects.get(profile=item.profile, until=None).person == item.person
    removal = QueueItem.objects.get(kind=QueueItem.Kind.REMOVAL)
    assert (removal.profile, removal.state) == (item.profile, State.HELD)
    assert check_chain(school_id=school.pk).whole


class WorkingTwitter:
    """A Twitter that would offer what X does not: each call gives the next prepared answer, and is counted."""

    def __init__(self, *answers: Carried | ManualAction | Exception) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    def accept(self, user_id: TwitterUserId | None, handle: Handle) -> Carried | ManualAction:
        self.asked.append(handle.value)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def _offers_accept(connection: Connection) -> None:
    Capability.objects.create(connection=connection, name="accept", state=Capability.State.YES)


def test_a_decision_waits_out_the_undo_window_then_is_carried_out_once(
    school: School, account: SchoolAccount, connection: Connection
) -> None:
    _offers_accept(connection)
    item = approved(verified(a_question(account), given.priya(school)), given.mr_okafor(school))
    assert item.state == State.DECIDED
    twitter = WorkingTwitter(Carried())
    assert carry_out_due(school_account=account, twitter=twitter, at=DECIDED_AT + timedelta(seconds=59)) == 0
    assert carry_out_due(school_account=account, twitter=twitter, at=DECIDED_AT + timedelta(seconds=60)) == 1
    assert carry_out_due(school_account=account, twitter=twitter, at=DECIDED_AT + timedelta(seconds=61)) == 0
    assert twitter.asked == ["danahill"]
    seen(item, Sighting.Relation.FOLLOWS, NEXT_CHECK)
    confirm_from_sightings(school_account=account, at=NEXT_CHECK)
    assert QueueItem.objects.get(pk=item.pk).state == State.DONE


def test_a_decision_taken_back_in_time_is_never_sent(school: School, account: SchoolAccount, connection: Connection) -> None:
    _offers_accept(connection)
    okafor = given.mr_okafor(school)
    item = approved(verified(a_question(account), given.priya(school)), okafor)
    undo(item=item, by=okafor, at=DECIDED_AT + timedelta(seconds=30))
    twitter = WorkingTwitter()
    assert carry_out_due(school_account=account, twitter=twitter, at=NEXT_CHECK) == 0
    assert twitter.asked == []


def test_a_rate_limit_puts_the_decision_back_until_twitter_allows(school: School, account: SchoolAccount, connection: Connection) -> None:
    _offers_accept(connection)
    item = approved(verified(a_question(account), given.priya(school)), given.mr_okafor(school))
    reset = datetime(2026, 11, 9, 10, 0, tzinfo=UTC)
    twitter = WorkingTwitter(RateLimited("Twitter lets us ask again at 10:00.", reset), Carried())
    carry_out_due(school_account=account, twitter=twitter, at=NEXT_CHECK)
    assert QueueItem.objects.get(pk=item.pk).state == State.DECIDED
    assert carry_out_due(school_account=account, twitter=twitter, at=reset - timedelta(seconds=1)) == 0
    assert carry_out_due(school_account=account, twitter=twitter, at=reset) == 1


def test_where_twitter_offers_no_way_it_goes_to_a_person(school: School, account: SchoolAccount, connection: Connection) -> None:
    _offers_accept(connection)
    item = approved(verified(a_question(account), given.priya(school)), given.mr_okafor(school))
    twitter = WorkingTwitter(ManualAction("https://x.com/intent/user?user_id=700001", "Accept", "Press Accept."))
    carry_out_due(school_account=account, twitter=twitter, at=NEXT_CHECK)
    assert QueueItem.objects.get(pk=item.pk).state == State.BY_HAND


def test_a_worker_that_died_while_asking_is_recovered_after_twenty_minutes(
    school: School, account: SchoolAccount, connection: Connection
) -> None:
    _offers_accept(connection)
    item = approved(verified(a_question(account), given.priya(school)), given.mr_okafor(school))
    with pytest.raises(KeyboardInterrupt):
        carry_out_due(school_account=account, twitter=WorkingTwitter(_Killed()), at=NEXT_CHECK)
    assert QueueItem.objects.get(pk=item.pk).state == State.CARRYING_OUT
    assert recover_stuck(at=NEXT_CHECK + timedelta(minutes=19)) == 0
    assert recover_stuck(at=NEXT_CHECK + timedelta(minutes=20)) == 1
    carry_out_due(school_account=account, twitter=WorkingTwitter(Carried()), at=NEXT_CHECK + timedelta(minutes=21))
    assert list(Attempt.objects.order_by("pk").values_list("result", flat=True)) == ["LATER", "DONE"]
    with pytest.raises(NotNow):
        undo(item=item, by=given.mrs_lane(school), at=NEXT_CHECK + timedelta(minutes=22))


def test_an_approval_is_not_sent_when_a_mark_came_in_the_undo_window(
    school: School, account: SchoolAccount, connection: Connection
) -> None:
    _offers_accept(connection)
    item = approved(verified(a_question(account), given.priya(school)), given.mr_okafor(school))
    assert item.person is not None
    open_restriction(person=item.person, reason="court order", by=given.ms_reid(school), at=DECIDED_AT)
    twitter = WorkingTwitter()
    assert carry_out_due(school_account=account, twitter=twitter, at=NEXT_CHECK) == 0
    assert twitter.asked == []
    assert QueueItem.objects.get(pk=item.pk).state == State.HELD


def test_evidence_that_comes_while_twitter_is_asked_does_not_stop_the_sending(
    school: School, account: SchoolAccount, connection: Connection
) -> None:
    _offers_accept(connection)
    item = approved(verified(a_question(account), given.priya(school)), given.mr_okafor(school))

    class Slow(WorkingTwitter):
        def accept(self, user_id: TwitterUserId | None, handle: Handle) -> Carried | ManualAction:
            an_opinion(account, item.profile, Level.CHECK, item.person, at=NEXT_CHECK)
            open_or_refresh_items(school=school, at=NEXT_CHECK)
            return super().accept(user_id, handle)

    twitter = Slow(ManualAction("https://x.com/intent/user?user_id=700001", "Accept", "Press Accept."))
    assert carry_out_due(school_account=account, twitter=twitter, at=NEXT_CHECK) == 1
    item.refresh_from_db()
    assert (item.state, item.evidence_changed_at) == (State.BY_HAND, NEXT_CHECK)
    assert Attempt.objects.get().ended_at == NEXT_CHECK


class _Killed(KeyboardInterrupt, Exception):
    """The worker dies in the middle of the call."""
