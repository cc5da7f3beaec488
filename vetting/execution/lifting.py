"""The second half of a removal: lifting the block, however often it takes, and saying so where somebody may still be blocked."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet

from vetting.audit.events import Event
from vetting.audit.operations import record
from vetting.decisions.answering import WATCH_FOR, WATCH_REASON
from vetting.decisions.models import Decision, QueueItem
from vetting.decisions.moving import move
from vetting.decisions.states import State
from vetting.execution.models import Attempt, OwedLift
from vetting.school.models import SchoolAccount
from vetting.school.observing import is_observing
from vetting.school.operations import clear_alarm, raise_alarm
from vetting.twitter import recording
from vetting.twitter.models import Block, Connection, Sighting, TwitterProfile
from vetting.twitter.operations import watch
from vetting.twitter.patience import ending_within, seconds_left
from vetting.twitter.port import CapabilityUnavailable, RateLimited, Twitter, TwitterError
from vetting.twitter.reaching import LEAST_SECONDS, SECONDS_OF_A_JOB, LeaseLost, NotNow, Reach, reaching
from vetting.twitter.removing import lift, where_they_stand

WITH_ITS_ITEM = ("attempt", "item__school_account__school", "item__profile")
# A removal whose block stands longer than this, or was not lifted so many times, is a person's business as well.
PATIENCE = timedelta(minutes=30)
PATIENT_TRIES = 3
LONGEST_WAIT = timedelta(minutes=30)
# What did not come about is tried again no sooner than this.
TRY_AGAIN_AFTER = timedelta(minutes=5)
STILL_BLOCKED = "removal-still-blocked"


def lift_owed_blocks(*, school_account: SchoolAccount, twitter: Twitter, at: datetime, limit: int = 20) -> int:
    """Lift what is owed and due: after a crash, a lost answer, a refusal. Returns how many were lifted.

    Lifting twice is harmless. A block that was perhaps never made is lifted too; then where they stand is read, before
    anything is tried again.
    """
    if is_observing(school_account.school_id):
        return 0
    owed = OwedLift.objects.filter(item__school_account=school_account, lifted_at=None, not_before__lte=at)
    lifted = 0
    with ending_within(SECONDS_OF_A_JOB):
        for one in owed.select_related(*WITH_ITS_ITEM).order_by("not_before", "pk")[:limit]:
            if seconds_left() < LEAST_SECONDS:
                break
            lifted += _try(one, twitter, at)
    say_who_stays_blocked(school_account=school_account, at=at)
    return lifted


def _try(owed: OwedLift, twitter: Twitter, at: datetime) -> int:
    connection = Connection.objects.filter(school_account=owed.item.school_account_id).select_related("school_account__school").first()
    if connection is None or connection.kind == Connection.Kind.BY_HAND:
        return 0  # only a person can lift it now; the alarm and the list say so
    try:
        with reaching(connection, at=at) as reach:
            if owed.tries and _is_free_already(owed, reach, twitter):
                return 1
            lift_one(owed, reach=reach, twitter=twitter)
    except (NotNow, LeaseLost):
        return 0
    except TwitterError:
        return int(OwedLift.objects.filter(pk=owed.pk, lifted_at__isnull=False).exists())
    return 1


def lift_one(owed: OwedLift, *, reach: Reach, twitter: Twitter) -> None:
    """Lift the block of somebody who was removed, and look at them again. Raises what Twitter raises, after noting it."""
    item = owed.item
    try:
        lift(reach, twitter, item.profile)
    except TwitterError as error:
        _put_off(owed, error, reach.at)
        raise
    _note_lifted(owed, reach.at, "")
    _settle(owed, where_they_stand(reach, twitter, item.profile), reach.at)


def _is_free_already(owed: OwedLift, reach: Reach, twitter: Twitter) -> bool:
    """A person may have unblocked them on Twitter's own page, or the account is gone: then nothing is owed."""
    item = owed.item
    seen = where_they_stand(reach, twitter, item.profile)
    blocked = Block.objects.filter(school_account=item.school_account, profile=item.profile, ended_at=None).exists()
    is_gone = seen is Sighting.Relation.GONE
    if seen is None or seen is Sighting.Relation.SUSPENDED or (blocked and not is_gone):
        return False
    # A closed account can come back for a month, and comes back blocked: its block stays on file, watched and listed.
    how = "The account is no longer on Twitter." if is_gone else "Twitter shows no block any longer."
    _note_lifted(owed, reach.at, how, is_seen=not is_gone)
    _settle(owed, seen, reach.at)
    return True


def _note_lifted(owed: OwedLift, at: datetime, how: str, *, is_seen: bool = True) -> None:
    """Nothing is owed any longer. `is_seen`: the block itself is over, too."""
    item = owed.item
    with transaction.atomic():
        if not OwedLift.objects.filter(pk=owed.pk, lifted_at=None).update(lifted_at=at, error=how):
            return
        recording.note_block(school_account=item.school_account, row=item.profile, blocked=False, may_end=is_seen, at=at)
        if QueueItem.objects.filter(pk=item.pk, state=State.CARRYING_OUT).exists():
            watch(school_account=item.school_account, profile=item.profile, why=WATCH_REASON, at=at, until=at + WATCH_FOR)
        record(school_id=item.school_id, event=Event.BLOCK_LIFTED, by=None, at=at, subject=item, words={"handle": item.profile.handle})
        _end_attempt(owed, Attempt.Result.DONE, at)


def _settle(owed: OwedLift, seen: Sighting.Relation | None, at: datetime) -> None:
    """After a lost answer: whoever still follows is asked about again; everybody else's item closes on what was seen."""
    owed.refresh_from_db()
    if owed.blocked_at is not None or seen is not Sighting.Relation.FOLLOWS:
        return
    with transaction.atomic():
        item = QueueItem.objects.select_for_update(of=("self",)).get(pk=owed.item_id)
        if item.state == State.CARRYING_OUT:
            Decision.objects.filter(pk=owed.attempt.decision_id).update(carry_out_from=at + TRY_AGAIN_AFTER)
            move(item=item, to=State.DECIDED, at=at)
            Attempt.objects.filter(pk=owed.attempt_id).update(result=Attempt.Result.LATER, error="They still follow.")


def _end_attempt(owed: OwedLift, result: Attempt.Result, at: datetime) -> None:
    Attempt.objects.filter(pk=owed.attempt_id, ended_at=None).update(ended_at=at, result=result)


def _put_off(owed: OwedLift, error: TwitterError, at: datetime) -> None:
    """Ever longer waits, or Twitter's own time. What it refuses to do at all a person must do at once."""
    tries = owed.tries + 1
    wait = min(timedelta(minutes=2 ** min(owed.tries, 10)), LONGEST_WAIT)
    again = at + wait
    if isinstance(error, RateLimited) and error.reset_at is not None and error.reset_at > at:
        again = min(error.reset_at, at + timedelta(hours=1))
    if isinstance(error, CapabilityUnavailable):
        tries, again = max(tries, PATIENT_TRIES), at + LONGEST_WAIT
    OwedLift.objects.filter(pk=owed.pk, lifted_at=None).update(tries=tries, not_before=again, error=error.sentence[:300])
    say_who_stays_blocked(school_account=owed.item.school_account, at=at)


def beyond_patience(school_account: SchoolAccount, at: datetime) -> QuerySet[OwedLift]:
    """Lifts that are owed for too long: somebody who was removed may still be blocked."""
    long_ago = Q(owed_since__lte=at - PATIENCE) | Q(tries__gte=PATIENT_TRIES)
    return OwedLift.objects.filter(long_ago, item__school_account=school_account, lifted_at=None)


def say_who_stays_blocked(*, school_account: SchoolAccount, at: datetime) -> None:
    """Raise or clear the alarm. It names nobody: the list under Followers does."""
    count, subject = beyond_patience(school_account, at).count(), str(school_account.pk)
    if not count:
        clear_alarm(school=school_account.school, kind=STILL_BLOCKED, subject=subject, at=at)
        return
    who = "A follower was removed, and the account is" if count == 1 else f"{count} followers were removed, and the accounts are"
    read = Connection.objects.filter(school_account=school_account).exclude(kind=Connection.Kind.BY_HAND).exists()
    again = "It is tried again by itself; Followers" if read else "Followers"
    sentence = f"{who} still blocked on Twitter. {again} → “Does not fit” says whom to unblock by hand."
    raise_alarm(school=school_account.school, kind=STILL_BLOCKED, subject=subject, sentence=sentence, at=at)


def taken_as_lifted(*, profile: TwitterProfile, school_account: SchoolAccount, at: datetime) -> None:
    """A named person said that they unblocked somebody on Twitter, where Twitter cannot be read."""
    owed = OwedLift.objects.filter(item__school_account=school_account, item__profile=profile, lifted_at=None)
    for one in owed.select_related(*WITH_ITS_ITEM):
        _note_lifted(one, at, "A person's word; Twitter could not be read.")
    recording.note_block(school_account=school_account, row=profile, blocked=False, may_end=True, at=at)
    say_who_stays_blocked(school_account=school_account, at=at)
