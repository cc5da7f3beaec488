"""Making Twitter agree with what people decided, and believing only what Twitter shows.

`carry_out_due` commits its claim before it calls and records the answer after: no transaction is open while Twitter is asked.
"""

from datetime import datetime, timedelta

from django.db import transaction

from vetting.audit.events import Event
from vetting.audit.operations import record
from vetting.decisions.models import Decision, QueueItem
from vetting.decisions.moving import SomebodyWasFirst, circumstances, move, standing_decision
from vetting.decisions.operations import finish, lapse, open_removal
from vetting.decisions.setting_aside import put_on_hold
from vetting.decisions.states import State
from vetting.execution.discrepancies import find_discrepancies, look_for_discrepancies, note_discrepancy, say_unblocked
from vetting.execution.lifting import TRY_AGAIN_AFTER, lift_owed_blocks
from vetting.execution.models import Attempt, OwedLift
from vetting.execution.outcomes import Reading, read_outcome
from vetting.execution.pacing import may_begin
from vetting.execution.removing import remove_through_twitter
from vetting.identities.queries import person_of
from vetting.school.models import SchoolAccount
from vetting.school.observing import is_observing
from vetting.school.queries import local_day, policy
from vetting.twitter.models import Follower, Sighting
from vetting.twitter.patience import ending_within, seconds_left
from vetting.twitter.port import CapabilityUnavailable, Carried, ManualAction, RateLimited, Twitter, TwitterError
from vetting.twitter.reaching import LEAST_SECONDS, SECONDS_OF_A_JOB
from vetting.values import Handle, TwitterUserId

__all__ = [
    "carry_out_due",
    "confirm_from_sightings",
    "find_discrepancies",
    "lift_owed_blocks",
    "look_for_discrepancies",
    "note_discrepancy",
    "recover_stuck",
    "say_unblocked",
]
STUCK_AFTER = timedelta(minutes=20)
ONE_RUN = timedelta(days=1)


def carry_out_due(*, school_account: SchoolAccount, twitter: Twitter, at: datetime, limit: int = 20) -> int:
    """Send the decisions whose undo window is over. Returns how many were sent.

    Each is claimed and committed first, then Twitter is called outside any transaction, then the answer is recorded.
    A worker that dies in between leaves an item CARRYING_OUT, which `recover_stuck` returns. A removal is a job of two
    halves (see removing).
    """
    sent = 0
    if is_observing(school_account.school_id):
        return sent
    with ending_within(SECONDS_OF_A_JOB):
        for decision in _due(school_account, at)[:limit]:
            if seconds_left() < LEAST_SECONDS:
                break  # a slow Twitter holds no worker: the rest goes at the next tick
            sent += _carry_out(decision, twitter, at)
    return sent


def _carry_out(decision: Decision, twitter: Twitter, at: datetime) -> int:
    if decision.outcome == Decision.Outcome.REMOVE:
        return remove_through_twitter(decision=decision, twitter=twitter, at=at)
    attempt = _claim(decision, at)
    return _ask_twitter(attempt, twitter, at) if attempt is not None else 0


def _due(school_account: SchoolAccount, at: datetime) -> list[Decision]:
    """What may go now, the oldest first. Removals that wait for the end of a pause, or for those before them to be seen on Twitter,
    keep nobody else from their turn."""
    due = Decision.objects.filter(item__school_account=school_account, item__state=State.DECIDED, undone_at=None, carry_out_from__lte=at)
    if policy(school_account.school, "removals_paused"):
        due = due.exclude(outcome=Decision.Outcome.REMOVE)
    with_all = due.select_related("person", "item__profile", "item__school", "item__school_account", "item__person", "item__match__claim")
    decisions = list(with_all.order_by("carry_out_from", "pk"))
    removals = [decision for decision in decisions if decision.outcome == Decision.Outcome.REMOVE]
    waiting = {decision.pk for decision in removals[_removals_that_may_begin(school_account, at) :]} if removals else set()
    return [decision for decision in decisions if decision.pk not in waiting]


def _removals_that_may_begin(school_account: SchoolAccount, at: datetime) -> int:
    """Through Twitter, in one run: what was sent and seen within a day belongs together."""
    items = QueueItem.objects.filter(school_account=school_account, kind=QueueItem.Kind.REMOVAL)
    sent_and_seen = items.filter(state=State.DONE, closed_at__gt=at - ONE_RUN, attempts__result=Attempt.Result.DONE)
    return may_begin(
        in_flight=items.filter(state=State.CARRYING_OUT).count(),
        read_back=sent_and_seen.distinct().count(),
        first=policy(school_account.school, "removal_first"),
        batch=policy(school_account.school, "removal_batch"),
    )


def _claim(decision: Decision, at: datetime) -> Attempt | None:
    """Take a decision for sending; None when somebody was first, or when the safeguarding lead must look before anybody is let in."""
    try:
        with transaction.atomic(durable=True):
            if decision.outcome == Decision.Outcome.APPROVE and _needs_the_lead(decision, at):
                put_on_hold(item=decision.item, by=None, at=at)
                return None
            move(item=decision.item, to=State.CARRYING_OUT, at=at)
            return Attempt.objects.create(item=decision.item, decision=decision, began_at=at)
    except SomebodyWasFirst:
        return None


def _needs_the_lead(decision: Decision, at: datetime) -> bool:
    return circumstances(item=decision.item, by=None, person=decision.person, at=at).needs_lead


def _ask_twitter(attempt: Attempt, twitter: Twitter, at: datetime) -> int:
    try:
        answer = _act(attempt, twitter)
    except CapabilityUnavailable as error:
        return _record(attempt, Attempt.Result.BY_HAND, State.BY_HAND, at, error=error.sentence)
    except RateLimited as error:
        return _record(attempt, Attempt.Result.LATER, State.DECIDED, at, error=error.sentence, again=error.reset_at or at + TRY_AGAIN_AFTER)
    except TwitterError as error:
        return _record(attempt, Attempt.Result.LATER, State.DECIDED, at, error=error.sentence, again=at + TRY_AGAIN_AFTER)
    if isinstance(answer, ManualAction):
        return _record(attempt, Attempt.Result.BY_HAND, State.BY_HAND, at)
    return _record(attempt, Attempt.Result.DONE, None, at)


def _act(attempt: Attempt, twitter: Twitter) -> Carried | ManualAction:
    profile = attempt.item.profile
    user_id = TwitterUserId(profile.twitter_user_id) if profile.twitter_user_id else None
    handle = Handle(profile.handle)
    if attempt.decision.outcome == Decision.Outcome.APPROVE:
        return twitter.accept(user_id, handle)
    return twitter.deny(user_id, handle)


def _record(
    attempt: Attempt, result: Attempt.Result, to: State | None, at: datetime, *, error: str = "", again: datetime | None = None
) -> int:
    with transaction.atomic():
        # As it is now: new evidence may have come, or a reading may have closed it, while Twitter was asked.
        item = QueueItem.objects.select_for_update(of=("self",)).select_related("profile").get(pk=attempt.item_id)
        Attempt.objects.filter(pk=attempt.pk).update(ended_at=at, result=result, error=error[:300], not_before=again)
        if again is not None:
            Decision.objects.filter(pk=attempt.decision_id).update(carry_out_from=again)
        if to is not None and item.state == State.CARRYING_OUT:
            move(item=item, to=to, at=at)
        event = Event.ITEM_SENT_TO_HAND if to is State.BY_HAND else Event.ITEM_TRIED
        record(
            school_id=item.school_id,
            event=event,
            by=None,
            at=at,
            subject=item,
            facts={"result": result.label},
            words={"handle": item.profile.handle},
        )
    return 1


def confirm_from_sightings(*, school_account: SchoolAccount, at: datetime) -> int:
    """Close what Twitter shows as done, and say so where it shows something else. Returns how many items closed."""
    closed = 0
    waiting = QueueItem.objects.filter(school_account=school_account, state__in=[State.CARRYING_OUT, State.BY_HAND])
    for item in waiting.select_related("school", "school_account", "profile", "person"):
        try:
            closed += _confirm(item, at)
        except SomebodyWasFirst:
            continue  # ticked, undone or held this moment; the next tick sees it as it is then
    return closed


@transaction.atomic
def _confirm(item: QueueItem, at: datetime) -> int:
    decision = standing_decision(item)
    if decision is None:
        return 0
    sighting = (
        Sighting.objects.filter(school_account=item.school_account, profile=item.profile, seen_at__gt=decision.at)
        .order_by("-seen_at", "-pk")
        .first()
    )
    if sighting is None:
        return 0
    reading = read_outcome(outcome=decision.outcome, relation=sighting.relation)
    if reading.outcome is Reading.AGREES:
        finish(item=item, at=at, what=reading.sentence)
        return 1
    if reading.outcome is Reading.WENT_AWAY:
        lapse(item=item, why=reading.sentence, at=at)
        return 1
    if reading.outcome is Reading.OPPOSITE:
        lapse(item=item, why=reading.sentence, at=at)
        _ask_for_removal(item, decision, at)
        return 1
    return 0


def _ask_for_removal(item: QueueItem, decision: Decision, at: datetime) -> None:
    """Somebody who was declined follows all the same: the admins are asked whether they must go."""
    follower = Follower.objects.filter(school_account=item.school_account, profile=item.profile, ended_at=None).first()
    if follower is not None:
        why = f"Declined on {local_day(item.school, decision.at):%-d %b %Y}, yet accepted on Twitter."
        open_removal(school_account=item.school_account, follower=follower, person=person_of(item.profile), why=why, at=at)


def recover_stuck(*, at: datetime) -> int:
    """Return items whose sending never came to an end (a worker died) to DECIDED, to be asked again.

    Asking twice is harmless: accepting or declining what is so already changes nothing, and the item closes on what Twitter
    shows, never on our wish. A removal comes back only when nothing is owed for it any longer and Twitter was seen to show
    the follower since: nobody is blocked a second time blindly.
    """
    recovered = 0
    stuck = QueueItem.objects.filter(state=State.CARRYING_OUT, state_since__lte=at - STUCK_AFTER)
    for item in stuck.select_related("profile"):
        if not _may_be_asked_again(item):
            continue
        try:
            with transaction.atomic():
                move(item=item, to=State.DECIDED, at=at)
                Attempt.objects.filter(item=item, ended_at=None).update(
                    ended_at=at, result=Attempt.Result.LATER, error="No answer was recorded within 20 minutes."
                )
                record(
                    school_id=item.school_id,
                    event=Event.ITEM_TRIED,
                    by=None,
                    at=at,
                    subject=item,
                    facts={"result": "no answer recorded; asked again"},
                    words={"handle": item.profile.handle},
                )
                recovered += 1
        except SomebodyWasFirst:
            continue  # it moved on by itself
    return recovered


def _may_be_asked_again(item: QueueItem) -> bool:
    owed = OwedLift.objects.filter(item=item).order_by("-owed_since", "-pk").first()
    if owed is None:
        return True
    if owed.lifted_at is None:
        return False
    seen = Sighting.objects.filter(school_account=item.school_account_id, profile=item.profile_id, seen_at__gt=owed.lifted_at)
    newest = seen.order_by("-seen_at", "-pk").first()
    return newest is not None and newest.relation == Sighting.Relation.FOLLOWS
