"""A removal through Twitter: block, lift the block, look again. Wherever it breaks off, nobody stays blocked."""

from datetime import datetime, timedelta

import pytest

from tests import given
from tests.given_removals import (
    DECIDED_AT,
    DUE,
    MINUTE,
    Dying,
    Killed,
    a_decided_removal,
    a_question_of_removal,
    fresh,
    sent,
    the_clock_runs,
    the_clock_runs_until_it_is_done,
    where_removal_is_allowed,
)
from tests.given_twitter import AtTwitter
from tests.sandbox import Sandbox
from vetting.audit.events import Event
from vetting.audit.models import AuditEvent
from vetting.audit.queries import check_chain
from vetting.concerns.models import Concern
from vetting.concerns.operations import raise_concern
from vetting.decisions.models import QueueItem
from vetting.decisions.operations import decide, open_or_refresh_items, undo
from vetting.decisions.policies import NotNow
from vetting.decisions.states import State
from vetting.execution.models import Attempt, Discrepancy, OwedLift
from vetting.execution.operations import confirm_from_sightings, lift_owed_blocks, recover_stuck
from vetting.school.operations import set_policy
from vetting.school.queries import open_alarms
from vetting.twitter.models import Block, Budget, Capability, Connection, TokenPair
from vetting.twitter.port import Carried, Transient
from vetting.twitter.reaching import reaching
from vetting.values import Handle, TwitterUserId

pytestmark = pytest.mark.django_db


@pytest.fixture
def there(sandbox: Sandbox) -> AtTwitter:
    return where_removal_is_allowed(sandbox)


def _deeds(there: AtTwitter) -> list[str]:
    return [deed["deed"] for deed in there.sandbox.world.deeds if deed["deed"] in ("block", "unblock")]


def _follows(there: AtTwitter, handle: str = "dana_hill") -> bool:
    return handle in {one.handle for one in there.sandbox.world.followers()}


def _nobody_is_blocked(there: AtTwitter) -> bool:
    return not there.sandbox.world.blocked() and not OwedLift.objects.filter(lifted_at=None).exists()


def test_a_decided_removal_blocks_unblocks_and_is_done_when_twitter_shows_it(there: AtTwitter) -> None:
    item = a_decided_removal(there)
    assert item.state == State.DECIDED
    assert sent(there, DUE - timedelta(seconds=1)) == 0
    assert sent(there) == 1
    assert _deeds(there) == ["block", "unblock"]
    assert fresh(item).state == State.CARRYING_OUT
    assert confirm_from_sightings(school_account=there.account, at=DUE) == 1
    assert fresh(item).state == State.DONE
    assert not _follows(there)
    owed = OwedLift.objects.get()
    assert (owed.owed_since, owed.blocked_at, owed.lifted_at, owed.not_needed) == (DUE, DUE, DUE, False)
    assert Attempt.objects.get().result == Attempt.Result.DONE
    assert not Block.objects.filter(ended_at=None).exists()
    events = set(AuditEvent.objects.values_list("event", flat=True))
    assert {Event.BLOCK_ASKED, Event.BLOCK_LIFTED, Event.ITEM_CONFIRMED} <= events
    assert check_chain(school_id=there.school.pk).whole


def test_each_half_is_paid_for_and_the_second_is_never_refused_for_the_budget(there: AtTwitter) -> None:
    connection = Connection.objects.get()
    Connection.objects.update(kind=Connection.Kind.LIVE)
    a_decided_removal(there)
    before = Budget.objects.get().cost_used
    set_policy(school=there.school, key="calls_per_month", value=Budget.objects.get().calls_used + 2, by=None, at=DUE)
    sent(there)
    budget = Budget.objects.get()
    assert budget.cost_used - before == 15 + 10
    assert budget.calls_used == budget.calls_limit + 1, "looked, blocked, and lifted beyond the limit; the second look was refused"
    assert _deeds(there) == ["block", "unblock"]
    assert connection.pk == Connection.objects.get().pk


@pytest.mark.parametrize("after", [False, True], ids=["before it", "after it"])
@pytest.mark.parametrize("call", [1, 2, 3, 4], ids=["the look", "the block", "the lift", "the second look"])
def test_a_worker_that_dies_at_any_call_leaves_nobody_blocked_and_loses_no_decision(there: AtTwitter, call: int, after: bool) -> None:
    item = a_decided_removal(there)
    dying = Dying(there.twitter, call=call, after=after)
    with pytest.raises(Killed):
        sent(there, twitter=dying)
    assert dying.calls == ["relation", "remove_follower", "lift_block", "relation"][:call]
    at = DUE + 4 * MINUTE
    lift_owed_blocks(school_account=there.account, twitter=there.twitter, at=at)
    assert _nobody_is_blocked(there), "one pass lifts what is owed"
    the_clock_runs_until_it_is_done(there, item, at)
    assert fresh(item).state == State.DONE
    assert not _follows(there)
    assert _deeds(there) == ["block", "unblock"], "removed once"
    assert _nobody_is_blocked(there)
    assert check_chain(school_id=there.school.pk).whole


@pytest.mark.parametrize(
    "fault", ["dropped", "done_then_dropped", "server_error", "rate_limited", "rate_limited_no_reset", "broken_body", "unauthorized"]
)
@pytest.mark.parametrize("operation", ["users", "block", "unblock"])
def test_whatever_goes_wrong_once_the_removal_comes_to_its_end_and_happens_once(there: AtTwitter, operation: str, fault: str) -> None:
    item = a_decided_removal(there)
    there.sandbox.world.fault(operation, fault, times=1)
    sent(there)
    if fault == "unauthorized":
        Connection.objects.update(broken_because="", not_before=None)
    the_clock_runs_until_it_is_done(there, item, DUE)
    assert fresh(item).state == State.DONE
    assert not _follows(there)
    assert _deeds(there) == ["block", "unblock"]
    assert _nobody_is_blocked(there)
    assert not [alarm for alarm in open_alarms(there.school) if alarm.kind == "removal-still-blocked"]


def test_an_answer_that_was_lost_is_looked_into_before_anything_is_tried_again(there: AtTwitter) -> None:
    a_decided_removal(there)
    there.sandbox.world.fault("block", "dropped", times=1)
    sent(there)
    there.sandbox.world.forget_calls()
    for minute in (2, 4, 6):
        the_clock_runs(there, DUE + minute * MINUTE)
    lifted_and_looked = [call.operation for call in there.sandbox.world.ledger][:2]
    assert lifted_and_looked == ["unblock", "users"]
    assert there.sandbox.world.calls("block") == 0, "they still follow: asked again five minutes later, not at once"
    the_clock_runs(there, DUE + 8 * MINUTE)
    assert there.sandbox.world.calls("block") == 1


@pytest.mark.parametrize("fault", ["forbidden", "not_in_plan", "not_found"])
def test_where_twitter_refuses_the_block_it_goes_to_a_persons_hands_and_so_do_the_next(there: AtTwitter, fault: str) -> None:
    item, next_one = a_decided_removal(there), a_question_of_removal(there, "ann_lee")
    there.sandbox.world.fault("block", fault)
    sent(there)
    assert fresh(item).state == State.BY_HAND
    owed = OwedLift.objects.get()
    assert (owed.not_needed, owed.blocked_at) == (True, None)
    assert there.sandbox.world.calls("unblock") == 0
    assert Capability.objects.get(name="remove").state == Capability.State.NO
    decide(item=next_one, seen_version=next_one.version, outcome="REMOVE", reason="Left.", by=there.okafor, at=DUE)
    assert fresh(next_one).state == State.BY_HAND
    later = a_question_of_removal(there, "bea_low")
    a_week_on = DUE + timedelta(days=8)
    decide(item=later, seen_version=later.version, outcome="REMOVE", reason="Left.", by=there.okafor, at=a_week_on)
    assert fresh(later).state == State.DECIDED, "after a week it may be tried again"


def test_where_twitter_refuses_the_lift_the_alarm_rings_at_once_and_the_list_says_whom_to_unblock(there: AtTwitter) -> None:
    item = a_decided_removal(there)
    there.sandbox.world.fault("unblock", "forbidden")
    sent(there)
    (alarm,) = open_alarms(there.school)
    assert alarm.sentence.startswith("A follower was removed, and the account is still blocked on Twitter.")
    assert "dana" not in alarm.sentence
    the_clock_runs(there, DUE + MINUTE)
    listed = Discrepancy.objects.get(kind=Discrepancy.Kind.STILL_BLOCKED)
    assert (listed.profile, listed.ended_at) == (item.profile, None)
    there.sandbox.world.unblock("dana_hill")
    the_clock_runs_until_it_is_done(there, item, DUE)
    assert _nobody_is_blocked(there)
    assert open_alarms(there.school) == []
    listed.refresh_from_db()
    assert listed.ended_at is not None
    assert fresh(item).state == State.DONE


def test_a_lift_that_keeps_failing_waits_ever_longer_and_becomes_an_alarm_after_three(there: AtTwitter) -> None:
    a_decided_removal(there)
    there.sandbox.world.fault("unblock", "server_error")
    waits, at = [], DUE
    sent(there)
    for _ in range(6):
        owed = OwedLift.objects.get()
        waits.append((owed.not_before - at) // MINUTE)
        assert bool(open_alarms(there.school)) is (owed.tries >= 3)
        at = owed.not_before
        Connection.objects.update(not_before=None)
        lift_owed_blocks(school_account=there.account, twitter=there.twitter, at=at)
    assert waits == [1, 2, 4, 8, 16, 30]
    there.sandbox.world.clear_faults()
    lift_owed_blocks(school_account=there.account, twitter=there.twitter, at=OwedLift.objects.get().not_before + 60 * MINUTE)
    assert _nobody_is_blocked(there)
    assert open_alarms(there.school) == []


def test_a_connection_that_breaks_between_the_halves_is_an_alarm_after_half_an_hour(there: AtTwitter) -> None:
    a_decided_removal(there)
    there.sandbox.world.fault("unblock", "unauthorized")
    sent(there)
    assert [alarm.kind for alarm in open_alarms(there.school)] == ["twitter-reconnect"]
    lift_owed_blocks(school_account=there.account, twitter=there.twitter, at=DUE + 30 * MINUTE)
    assert {alarm.kind for alarm in open_alarms(there.school)} == {"twitter-reconnect", "removal-still-blocked"}


def test_whoever_left_before_is_not_blocked_and_the_item_closes_on_what_was_seen(there: AtTwitter) -> None:
    item = a_decided_removal(there)
    there.sandbox.world.unfollow("dana_hill")
    sent(there)
    assert there.sandbox.world.calls("block") == 0
    assert OwedLift.objects.get().not_needed
    confirm_from_sightings(school_account=there.account, at=DUE)
    assert fresh(item).state == State.DONE


@pytest.mark.parametrize("what", ["suspend", "deactivate"])
def test_an_account_that_is_gone_is_not_blocked(there: AtTwitter, what: str) -> None:
    item = a_decided_removal(there)
    getattr(there.sandbox.world, what)("dana_hill")
    sent(there)
    assert there.sandbox.world.calls("block") == 0
    confirm_from_sightings(school_account=there.account, at=DUE)
    assert fresh(item).state == State.DONE


def test_a_changed_name_comes_back_for_a_person_to_look_and_the_next_answer_goes_on(there: AtTwitter) -> None:
    item = a_decided_removal(there)
    there.sandbox.world.rename("dana_hill", "somebody_new")
    sent(there)
    item = fresh(item)
    assert there.sandbox.world.calls("block") == 0
    assert (item.state, item.evidence_changed_at) == (State.TO_APPROVE, DUE)
    assert item.why == "Their Twitter name changed since the answer: it was @dana_hill. Left the school."
    assert AuditEvent.objects.filter(event=Event.REMOVAL_CAME_BACK).exists()
    decide(item=item, seen_version=item.version, outcome="REMOVE", reason="The same family.", by=there.okafor, at=DUE + MINUTE)
    sent(there, DUE + 3 * MINUTE)
    assert _deeds(there) == ["block", "unblock"]
    assert not _follows(there, "somebody_new")


def test_the_name_that_somebody_else_took_over_is_never_acted_on(there: AtTwitter) -> None:
    item = a_decided_removal(there)
    there.sandbox.world.rename("dana_hill", "dana_hill_2")
    there.follows("dana_hill")
    sent(there)
    assert there.sandbox.world.blocked() == []
    assert _follows(there)
    assert fresh(item).state == State.TO_APPROVE


def test_a_pause_set_while_twitter_is_asked_stops_the_removal_before_the_block(there: AtTwitter) -> None:
    item = a_decided_removal(there)

    class PausedMeanwhile(Dying):
        def __getattr__(self, name: str) -> object:
            if name == "relation":
                set_policy(school=there.school, key="removals_paused", value=True, by=there.okafor, at=DUE)
            return super().__getattr__(name)

    sent(there, twitter=PausedMeanwhile(there.twitter, call=0, after=False))
    assert there.sandbox.world.calls("block") == 0
    assert fresh(item).state == State.DECIDED
    assert Attempt.objects.get().error == "All removals are paused."
    assert sent(there, DUE + MINUTE) == 0
    set_policy(school=there.school, key="removals_paused", value=False, by=there.okafor, at=DUE + 2 * MINUTE)
    sent(there, DUE + 3 * MINUTE)
    assert not _follows(there)


def test_while_the_connection_is_broken_or_rests_it_stays_decided_and_can_be_taken_back(there: AtTwitter) -> None:
    item = a_decided_removal(there)
    Connection.objects.update(broken_because="Twitter no longer accepts the keys of this connection (401).")
    assert sent(there) == 0
    Connection.objects.update(broken_because="", not_before=DUE + MINUTE)
    assert sent(there) == 0
    assert fresh(item).state == State.DECIDED
    undo(item=item, by=there.okafor, at=DUE)
    assert fresh(item).state == State.TO_APPROVE
    assert sent(there, DUE + 5 * MINUTE) == 0


def test_once_twitter_is_asked_it_is_too_late_to_take_it_back(there: AtTwitter) -> None:
    item = a_decided_removal(there)
    with pytest.raises(Killed):
        sent(there, twitter=Dying(there.twitter, call=1, after=False))
    with pytest.raises(NotNow):
        undo(item=item, by=there.okafor, at=DUE)


def test_a_worker_that_slept_through_its_lease_blocks_nobody(there: AtTwitter) -> None:
    item = a_decided_removal(there)

    class Sleeping(Dying):
        def __getattr__(self, name: str) -> object:
            if name == "relation":
                Connection.objects.update(lease_until=None)
                with reaching(Connection.objects.get(), at=DUE + 5 * MINUTE):
                    pass
            return super().__getattr__(name)

    assert sent(there, twitter=Sleeping(there.twitter, call=0, after=False)) == 0
    assert there.sandbox.world.calls("block") == 0
    the_clock_runs_until_it_is_done(there, item, DUE + 4 * MINUTE)
    assert fresh(item).state == State.DONE
    assert _deeds(there) == ["block", "unblock"]


def test_a_block_that_comes_after_its_lift_was_called_off_is_lifted_all_the_same(there: AtTwitter) -> None:
    """A worker slept between asking and being answered, and the owed lift was drained meanwhile."""
    item = a_decided_removal(there)

    class Late(Dying):
        def remove_follower(self, user_id: TwitterUserId, handle: Handle) -> object:
            OwedLift.objects.update(lifted_at=DUE)
            return there.twitter.remove_follower(user_id, handle)

        def lift_block(self, user_id: TwitterUserId) -> None:
            raise Transient("Twitter could not be reached.")

    sent(there, twitter=Late(there.twitter, call=0, after=False))
    assert [one.handle for one in there.sandbox.world.blocked()] == ["dana_hill"]
    the_clock_runs(there, DUE + 2 * MINUTE)
    assert _nobody_is_blocked(there)
    confirm_from_sightings(school_account=there.account, at=DUE + 3 * MINUTE)
    assert fresh(item).state == State.DONE


def test_two_workers_at_once_remove_once(there: AtTwitter) -> None:
    a_decided_removal(there)

    class Meanwhile(Dying):
        def __getattr__(self, name: str) -> object:
            if name == "remove_follower":
                assert sent(there) == 0
                assert lift_owed_blocks(school_account=there.account, twitter=there.twitter, at=DUE) == 0
            return super().__getattr__(name)

    assert sent(there, twitter=Meanwhile(there.twitter, call=0, after=False)) == 1
    assert _deeds(there) == ["block", "unblock"]


def test_nothing_is_concluded_while_twitter_does_not_tell_relations(there: AtTwitter) -> None:
    item = a_decided_removal(there)
    there.sandbox.world.allow("connection_status", False)
    sent(there)
    assert there.sandbox.world.calls("block") == 0
    assert fresh(item).state == State.DECIDED
    assert Attempt.objects.get().error == "Twitter did not say whether they still follow."


def test_a_removal_that_twitter_does_not_show_is_asked_again_only_after_a_look(there: AtTwitter) -> None:
    item = a_decided_removal(there)

    class Nothing(Dying):
        def remove_follower(self, user_id: TwitterUserId, handle: Handle) -> Carried:
            return Carried()

    sent(there, twitter=Nothing(there.twitter, call=0, after=False))
    assert recover_stuck(at=DUE + 20 * MINUTE) == 0, "nobody looked since"
    the_clock_runs_until_it_is_done(there, item, DUE)
    assert fresh(item).state == State.DONE
    assert not _follows(there)


# Where a removal goes.


def test_without_the_schools_rule_a_person_does_it(there: AtTwitter) -> None:
    set_policy(school=there.school, key="remove_by_api", value=False, by=there.okafor, at=given.MONDAY + MINUTE)
    assert a_decided_removal(there).state == State.BY_HAND


def test_a_rule_switched_off_in_the_undo_window_sends_it_to_a_person(there: AtTwitter) -> None:
    item = a_decided_removal(there)
    set_policy(school=there.school, key="remove_by_api", value=False, by=there.okafor, at=DECIDED_AT)
    sent(there)
    assert fresh(item).state == State.BY_HAND
    assert there.sandbox.world.calls("block") == 0


@pytest.mark.parametrize(
    ("scopes", "state"),
    [("users.read tweet.read follows.read block.read block.write", State.DECIDED), ("users.read tweet.read follows.read", State.BY_HAND)],
)
def test_a_sign_in_removes_only_with_the_right_to_block(there: AtTwitter, scopes: str, state: State) -> None:
    connection = Connection.objects.get()
    Connection.objects.update(auth=Connection.Auth.SIGN_IN)
    times = {"obtained_at": given.MONDAY, "expires_at": given.MONDAY + timedelta(hours=2)}
    TokenPair.objects.create(connection=connection, access_token="a", scopes=scopes, **times)
    assert a_decided_removal(there).state == state


def test_a_broken_connection_a_name_without_a_number_and_a_pasted_list_go_to_a_person(there: AtTwitter) -> None:
    Connection.objects.update(broken_because="No credit.")
    assert a_decided_removal(there).state == State.BY_HAND
    Connection.objects.update(broken_because="")
    item = a_question_of_removal(there, "ann_lee")
    type(item.profile).objects.filter(pk=item.profile_id).update(twitter_user_id=None, school_account=there.account)
    decide(item=fresh(item), seen_version=item.version, outcome="REMOVE", reason="Left.", by=there.okafor, at=DECIDED_AT)
    assert fresh(item).state == State.BY_HAND
    Connection.objects.update(kind=Connection.Kind.BY_HAND)
    assert a_decided_removal(there, "bea_low").state == State.BY_HAND


def test_the_leads_removal_of_a_held_follower_is_not_held_again_and_goes_by_hand_under_a_pause(there: AtTwitter) -> None:
    reid = given.ms_reid(there.school)
    item, second = _held(there, "dana_hill", reid), _held(there, "ann_lee", reid)
    decide(item=item, seen_version=item.version, outcome="REMOVE", reason="The order.", by=reid, at=DECIDED_AT)
    open_or_refresh_items(school=there.school, at=DECIDED_AT)
    assert fresh(item).state == State.DECIDED
    sent(there)
    assert not _follows(there)
    set_policy(school=there.school, key="removals_paused", value=True, by=there.okafor, at=DUE)
    decide(item=second, seen_version=second.version, outcome="REMOVE", reason="The order.", by=reid, at=DUE)
    open_or_refresh_items(school=there.school, at=DUE)
    assert fresh(second).state == State.BY_HAND


def test_a_concern_that_comes_in_the_undo_window_stops_the_removal_for_the_lead(there: AtTwitter) -> None:
    item = a_decided_removal(there)
    reid = given.ms_reid(there.school)
    raise_concern(
        school=there.school, category=Concern.Category.CONTACT, words="Wait for me.", by=reid, at=DECIDED_AT, profile=item.profile
    )
    assert sent(there) == 0
    assert there.sandbox.world.calls("block") == 0
    assert fresh(item).state == State.HELD


def _held(there: AtTwitter, handle: str, reid: object, at: datetime = given.MONDAY) -> QueueItem:
    item = a_question_of_removal(there, handle, at)
    raise_concern(school=there.school, category=Concern.Category.CONTACT, words="Must go.", by=reid, at=at, profile=item.profile)
    open_or_refresh_items(school=there.school, at=at)
    item = fresh(item)
    assert item.state == State.HELD
    return item
