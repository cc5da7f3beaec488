"""A removal through Twitter, as one recorded job of two halves: block, which ends the follow; lift the block; look again.

That the block must be lifted is written down before it is asked for, and every answer is committed by itself: wherever
a worker dies, `lifting.lift_owed_blocks` finds what is owed. Nobody is blocked blindly: where they stand is read first.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from vetting.audit.events import Event
from vetting.audit.operations import record
from vetting.decisions.models import Decision, QueueItem
from vetting.decisions.moving import SomebodyWasFirst, circumstances, move
from vetting.decisions.setting_aside import lapse, put_on_hold
from vetting.decisions.states import State
from vetting.execution.lifting import TRY_AGAIN_AFTER, WITH_ITS_ITEM, lift_one
from vetting.execution.models import Attempt, OwedLift
from vetting.identities.queries import person_of
from vetting.roster.queries import has_current_basis
from vetting.school.operations import set_policy
from vetting.school.queries import local_day, policy
from vetting.twitter import recording
from vetting.twitter.models import Connection, Sighting, TwitterProfile
from vetting.twitter.port import (
    BadInput,
    BudgetExceeded,
    CapabilityUnavailable,
    ManualAction,
    OutOfCredit,
    RateLimited,
    ReconnectRequired,
    Twitter,
    TwitterError,
)
from vetting.twitter.reaching import LeaseLost, NotNow, OutOfTime, Reach, reaching
from vetting.twitter.removing import block, can_remove, where_they_stand

# A run that has not lifted by then died: it is well beyond the time for which a connection is held.
LIFTED_WITHIN = timedelta(minutes=4)
UNTOLD_AGAIN_AFTER = timedelta(hours=1)
# Twitter's own time counts, but not one that lies days ahead.
WAIT_AT_MOST = timedelta(hours=1)
PAUSED = "All removals are paused."
CAME_BACK = "A removal came back to the admins, because something changed since the answer. Look at it before the rest goes on."
UNTOLD = "Twitter did not say whether they still follow."
# Twitter said no, or was not asked: whatever stood stands. Any other error leaves open whether the block was made.
_NOTHING_WAS_DONE = (RateLimited, OutOfCredit, ReconnectRequired, BudgetExceeded, OutOfTime)
_A_PERSON_MUST = (CapabilityUnavailable, BadInput)


@dataclass(frozen=True)
class _Removal:
    """A claimed removal: its answer, the try, and what is owed."""

    decision: Decision
    attempt: Attempt
    owed: OwedLift

    @property
    def profile(self) -> TwitterProfile:
        return self.decision.item.profile


def remove_through_twitter(*, decision: Decision, twitter: Twitter, at: datetime) -> int:
    """Carry out one decided removal. Returns 1 where it was begun; 0 leaves it for another time.

    It waits while removals are paused, the connection is held, rests or is broken, and goes to a person's hands where the
    connection cannot do it.
    """
    connection = Connection.objects.select_related("school_account__school").get(school_account=decision.item.school_account_id)
    if policy(connection.school_account.school, "removals_paused"):
        return 0
    if decision.item.profile.twitter_user_id is None or not can_remove(connection, at=at):
        return _to_hand(decision, at)
    try:
        with reaching(connection, at=at) as reach:
            removal = _claim(decision, at)
            if removal is not None:
                _carry_out(removal, reach, twitter)
            return int(removal is not None)
    except (NotNow, LeaseLost):
        return 0
    except TwitterError:
        return 1  # written down where it came up


def _to_hand(decision: Decision, at: datetime) -> int:
    try:
        with transaction.atomic():
            move(item=decision.item, to=State.BY_HAND, at=at)
            _say(decision.item, Event.ITEM_SENT_TO_HAND, at, result=Attempt.Result.BY_HAND.label)
    except SomebodyWasFirst:
        return 0
    return 1


def _claim(decision: Decision, at: datetime) -> _Removal | None:
    """Take the removal, and write down in the same transaction that a block will have to be lifted."""
    item = decision.item
    try:
        with transaction.atomic(durable=True):
            if circumstances(item=item, by=None, person=item.person, at=at).needs_lead:
                put_on_hold(item=item, by=None, at=at)
                return None
            move(item=item, to=State.CARRYING_OUT, at=at)
            attempt = Attempt.objects.create(item=item, decision=decision, began_at=at)
            owed = OwedLift.objects.create(item=item, attempt=attempt, owed_since=at, not_before=at + LIFTED_WITHIN)
            return _Removal(decision, attempt, owed)
    except (SomebodyWasFirst, IntegrityError):
        return None  # taken back or held this moment; or a lift is owed from an earlier try and must come first


def _carry_out(removal: _Removal, reach: Reach, twitter: Twitter) -> None:
    try:
        seen = where_they_stand(reach, twitter, removal.profile)
    except TwitterError as error:
        _call_off(removal, error, reach.at)
        raise
    if _is_over_before_it_began(removal, seen, reach):
        return
    try:
        with transaction.atomic():
            reach.keep()
        answer = block(reach, twitter, removal.profile)
    except (*_NOTHING_WAS_DONE, *_A_PERSON_MUST) as error:
        _call_off(removal, error, reach.at)
        raise
    except TwitterError as error:
        _leave_open(removal, error, reach.at)
        raise
    if isinstance(answer, ManualAction):
        _end(removal, Attempt.Result.BY_HAND, State.BY_HAND, reach.at)
        return
    _note_block(removal, reach.at)
    lift_one(OwedLift.objects.select_related(*WITH_ITS_ITEM).get(pk=removal.owed.pk), reach=reach, twitter=twitter)


def _is_over_before_it_began(removal: _Removal, seen: Sighting.Relation | None, reach: Reach) -> bool:
    """Whether nobody is to be blocked after all, as things stand now; then that is written down."""
    at = reach.at
    if seen is None:
        _end(removal, Attempt.Result.LATER, State.DECIDED, at, error=UNTOLD, again=at + UNTOLD_AGAIN_AFTER)
    elif seen is not Sighting.Relation.FOLLOWS:
        # What was seen closes the item (confirm_from_sightings); it stands where it is until then.
        _end(removal, Attempt.Result.DONE, None, at, error="They no longer followed; Twitter was asked for nothing.")
    elif _belongs_again(removal, at):
        _call_off_for_good(removal, at)
    elif why := _changed_since(removal, at):
        _bring_back(removal, why, at)
    elif policy(reach.connection.school_account.school, "removals_paused"):
        _end(removal, Attempt.Result.LATER, State.DECIDED, at, error=PAUSED, again=at)
    else:
        return False
    return True


def _belongs_again(removal: _Removal, at: datetime) -> bool:
    """Whether they were to go only because nothing let them follow, and now something does: read anew, this moment."""
    item = QueueItem.objects.select_related("person__school").get(pk=removal.decision.item_id)
    return item.because_left and item.person is not None and has_current_basis(item.person, local_day(item.person.school, at))


@transaction.atomic
def _call_off_for_good(removal: _Removal, at: datetime) -> None:
    _end(removal, Attempt.Result.FAILED, State.DECIDED, at, error="They have a reason to follow again.", again=at)
    item = QueueItem.objects.select_related("profile", "school_account").get(pk=removal.decision.item_id)
    if item.state == State.DECIDED:
        lapse(item=item, why="they have a reason to follow again.", at=at)


def _changed_since(removal: _Removal, at: datetime) -> str:
    """What a person must look at again before anybody is removed; empty when all is as it was decided on."""
    decision = removal.decision
    profile = TwitterProfile.objects.get(pk=removal.profile.pk)
    item = QueueItem.objects.select_related("person").get(pk=decision.item_id)
    if profile.handle_changed_at is not None and profile.handle_changed_at > decision.at:
        return f"Their Twitter name changed since the answer: it was @{profile.previous_handle}."
    person = person_of(profile)
    if (person.pk if person else None) != item.person_id:
        return "Who this is was answered anew since."
    if item.evidence_changed_at is not None and item.evidence_changed_at > decision.at:
        return "What we know about this changed since the answer."
    return ""


@transaction.atomic
def _bring_back(removal: _Removal, why: str, at: datetime) -> None:
    """To the admins once more. The answer stays on file until somebody gives another."""
    _end(removal, Attempt.Result.FAILED, State.DECIDED, at, error=why, again=at)
    item = QueueItem.objects.select_related("profile", "school").get(pk=removal.decision.item_id)
    said = item.why if item.why.startswith(why) else f"{why} {item.why}"[:300]
    move(item=item, to=State.TO_APPROVE, at=at, evidence_changed_at=at, person=person_of(item.profile), why=said)
    words = {"handle": item.profile.handle, "why": why}
    record(school_id=item.school_id, event=Event.REMOVAL_CAME_BACK, by=None, at=at, subject=item, words=words)
    _stop_the_rest(item, at)


def _stop_the_rest(item: QueueItem, at: datetime) -> None:
    """A surprise in a batch: the removals that wait go on only after a person looked at it and ended the pause."""
    waiting = QueueItem.objects.filter(school_account=item.school_account_id, kind=QueueItem.Kind.REMOVAL, state=State.DECIDED)
    if waiting.exists() and not policy(item.school, "removals_paused"):
        set_policy(school=item.school, key="removals_paused", value=True, by=None, at=at, why=CAME_BACK)


def _call_off(removal: _Removal, error: TwitterError, at: datetime) -> None:
    """Nothing was done on Twitter: a person must do it, or it is tried another time."""
    if isinstance(error, _A_PERSON_MUST):
        _end(removal, Attempt.Result.BY_HAND, State.BY_HAND, at, error=error.sentence)
        return
    reset = error.reset_at if isinstance(error, RateLimited) else None
    again = min(max(reset, at), at + WAIT_AT_MOST) if reset is not None else at + TRY_AGAIN_AFTER
    _end(removal, Attempt.Result.LATER, State.DECIDED, at, error=error.sentence, again=again)


def _leave_open(removal: _Removal, error: TwitterError, at: datetime) -> None:
    """Whether the block was made is not known: it stays owed, and the item where it is, until Twitter is asked again."""
    with transaction.atomic():
        OwedLift.objects.filter(pk=removal.owed.pk).update(not_before=at + timedelta(minutes=1), error=error.sentence[:300])
        _end_attempt(removal, Attempt.Result.LATER, at, error.sentence)
        _say(removal.decision.item, Event.ITEM_TRIED, at, result="the answer was lost")


def _note_block(removal: _Removal, at: datetime) -> None:
    """Twitter said that the block stands. Should the lift have been called off meanwhile (this worker slept), it is owed again."""
    try:
        with transaction.atomic():
            OwedLift.objects.filter(pk=removal.owed.pk).update(blocked_at=at, lifted_at=None, not_needed=False)
            _say_blocked(removal, at)
    except IntegrityError:
        # A later try owes a lift of its own, which stands for both; ours is made at once all the same.
        with transaction.atomic():
            _say_blocked(removal, at)


def _say_blocked(removal: _Removal, at: datetime) -> None:
    item = removal.decision.item
    recording.note_block(school_account=item.school_account, row=removal.profile, blocked=True, may_end=False, at=at)
    record(school_id=item.school_id, event=Event.BLOCK_ASKED, by=None, at=at, subject=item, words={"handle": removal.profile.handle})


def _end(
    removal: _Removal, result: Attempt.Result, to: State | None, at: datetime, *, error: str = "", again: datetime | None = None
) -> None:
    """Nothing is blocked, so nothing is owed. The item goes where `to` says, unless a reading moved it meanwhile."""
    with transaction.atomic():
        OwedLift.objects.filter(pk=removal.owed.pk, lifted_at=None).update(lifted_at=at, not_needed=True)
        _end_attempt(removal, result, at, error, again)
        if again is not None:
            Decision.objects.filter(pk=removal.decision.pk).update(carry_out_from=again)
        item = QueueItem.objects.select_for_update(of=("self",)).select_related("profile").get(pk=removal.decision.item_id)
        if to is not None and item.state == State.CARRYING_OUT:
            move(item=item, to=to, at=at)
        _say(item, Event.ITEM_SENT_TO_HAND if to is State.BY_HAND else Event.ITEM_TRIED, at, result=result.label)


def _end_attempt(removal: _Removal, result: Attempt.Result, at: datetime, error: str, again: datetime | None = None) -> None:
    Attempt.objects.filter(pk=removal.attempt.pk).update(ended_at=at, result=result, error=error[:300], not_before=again)


def _say(item: QueueItem, event: Event, at: datetime, *, result: str) -> None:
    record(
        school_id=item.school_id, event=event, by=None, at=at, subject=item, facts={"result": result}, words={"handle": item.profile.handle}
    )
