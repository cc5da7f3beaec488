"""Putting leavers before the admins, and taking back who belongs again. Nothing here removes anybody: a proposal is a question."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from accounts.models import User
from vetting.audit.events import Event
from vetting.audit.operations import record
from vetting.decisions.models import QueueItem
from vetting.decisions.operations import SomebodyWasFirst, lapse, open_removal
from vetting.decisions.states import State
from vetting.leavers.facts import Found, identified_followers
from vetting.leavers.lists import lists_loaded
from vetting.leavers.models import LeaverPlan
from vetting.leavers.rules import Group
from vetting.roster.queries import has_current_basis
from vetting.school.models import School, SchoolAccount
from vetting.school.observing import is_observing
from vetting.school.queries import local_day, policy
from vetting.values import Refused

# A list is good for so long; then only a new one says who may be put before the admins.
GOOD_FOR = timedelta(days=1)
_TAKEN_BACK = (State.TO_APPROVE, State.COUNTERSIGN, State.DECIDED, State.BY_HAND)


class PlanIsStopped(Refused):
    """The plan went beyond a limit and nobody has released it."""


class PlanIsStale(Refused):
    """The plan is older than a day, or than the newest list of families."""


class RemovalsArePaused(Refused):
    """The school has paused all removals."""


def propose_removals(*, plan: LeaverPlan, at: datetime, by: User | None = None) -> int:
    """Put those of a plan who are still ready before the admins, one question each, in batches. Doing it twice asks nothing new.

    Each is read anew from the register just before their question is opened: who has a reason again, has a mark, is kept or has left
    Twitter since is not proposed. Each batch is a transaction, and a pause or a newer list of families takes effect before the next.

    Returns:
        How many questions were opened.

    Raises:
        PlanIsStopped, PlanIsStale, RemovalsArePaused
    """
    row = LeaverPlan.objects.select_related("school_account__school").get(pk=plan.pk)
    check_may_propose(row, at)
    opened = 0
    waiting = [entry["follower"] for entry in row.rows if entry["group"] == Group.READY]
    try:
        for batch in _batches(waiting, max(1, policy(row.school, "removal_batch"))):
            opened += _propose_batch(row, batch, at, by)
    except (PlanIsStale, RemovalsArePaused):
        if not opened:
            raise
    return opened


def _batches(waiting: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    yield from (waiting[start : start + size] for start in range(0, max(len(waiting), 1), size))


def check_may_propose(plan: LeaverPlan, at: datetime) -> None:
    """Raises PlanIsStopped, PlanIsStale or RemovalsArePaused."""
    if is_observing(plan.school_id):
        raise RemovalsArePaused("The register was restored from a backup and only watches. Nobody was proposed.")
    if policy(plan.school, "removals_paused"):
        raise RemovalsArePaused("All removals are paused. Nobody was proposed.")
    if plan.verdict == LeaverPlan.Verdict.STOPPED and plan.released_at is None:
        raise PlanIsStopped(plan.verdict_sentence)
    if stale := why_stale(plan, at):
        raise PlanIsStale(stale)


def why_stale(plan: LeaverPlan, at: datetime) -> str:
    """Why a plan no longer says what is so; empty while it does."""
    if at - plan.made_at > GOOD_FOR:
        return "This list is older than a day. Make a new one; nobody was proposed."
    # Read anew: the plan may have been read before. What came out of a backup knows nothing of what was done since.
    restored_at = School.objects.values_list("restored_at", flat=True).get(pk=plan.school_id)
    if restored_at is not None and plan.made_at < restored_at:
        return "The register was restored from a backup since this list was made. Make a new one; nobody was proposed."
    # Not by the clock: a list may have begun to load before this one was made, and be there only now.
    if plan.figures.get("lists") != lists_loaded(plan.school_id):
        return "A list of families was loaded or rolled back since this list was made. Make a new one; nobody was proposed."
    return ""


@transaction.atomic
def _propose_batch(plan: LeaverPlan, batch: Sequence[int], at: datetime, by: User | None) -> int:
    row = LeaverPlan.objects.select_for_update(of=("self",)).select_related("school_account__school").get(pk=plan.pk)
    check_may_propose(row, at)
    opened = 0
    for entry in row.rows:
        if entry["follower"] in batch and not entry.get("item"):
            check_may_propose(row, at)
            opened += _propose(row.school_account, entry, at, by)
    if row.proposed_at is None or opened:
        row.proposed_at = row.proposed_at or at
        row.save(update_fields=["rows", "proposed_at"])
    if opened:
        record(school_id=row.school_id, event=Event.REMOVALS_PROPOSED, by=by, at=at, subject=row, facts={"count": opened})
    return opened


def _propose(account: SchoolAccount, entry: dict[str, Any], at: datetime, by: User | None) -> int:
    one = _as_of_now(account, entry["follower"], at)
    if one is None or one.judgement is None or one.judgement.group is not Group.READY or one.person.pk != entry["person"]:
        return 0
    item = open_removal(
        school_account=account, follower=one.follower, person=one.person, why=one.judgement.why, by=by, at=at, because_left=True
    )
    entry["item"] = item.pk
    return 1


def _as_of_now(account: SchoolAccount, follower: int, at: datetime) -> Found | None:
    """One follower as the database has them this moment: reasons, marks, questions, following."""
    return next(iter(identified_followers(account, at, only=[follower])), None)


def withdraw_removals(*, school_account: SchoolAccount, at: datetime) -> int:
    """Take back proposals about people who have a reason to follow again. Returns how many.

    Only what was asked because they had left is taken back, never a removal somebody asked for on other grounds, and not what
    was ticked as done already: there the world answers.
    """
    day, count = local_day(school_account.school, at), 0
    waiting = QueueItem.objects.filter(
        school_account=school_account,
        kind=QueueItem.Kind.REMOVAL,
        because_left=True,
        state__in=[state.value for state in _TAKEN_BACK],
        ticked_at=None,
    )
    items = list(waiting.select_related("person", "profile", "school_account"))
    for item in items:
        if item.person is None or not has_current_basis(item.person, day):
            continue
        try:
            lapse(item=item, why="they have a reason to follow again.", at=at)
        except SomebodyWasFirst:
            continue
        count += 1
    return count
