"""The To do page: what a person must do on Twitter's own pages, what waits for the next check, and what Twitter confirmed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from vetting.dashboard.reading.connection import connection_of
from vetting.decisions import queries
from vetting.decisions.models import Decision, QueueItem, Verification
from vetting.execution.outcomes import Reading, read_outcome
from vetting.school.models import School
from vetting.twitter import manual
from vetting.twitter.models import Sighting, WatchedUser
from vetting.twitter.port import ManualAction
from vetting.twitter.queries import next_check_at
from vetting.values import Handle, TwitterUserId

CONFIRMED_FOR = timedelta(days=7)
_STEPS = {"APPROVE": manual.accept, "REJECT": manual.deny, "REMOVE": manual.remove_follower}
_DONE = {"APPROVE": "follows the school now", "REJECT": "no longer asks to follow", "REMOVE": "no longer follows"}


@dataclass(frozen=True)
class Step:
    """One thing to do on Twitter, or one that was done and waits to be seen."""

    item: QueueItem
    decision: Decision
    action: ManualAction
    next_check: datetime | None = None
    still_pending: datetime | None = None


@dataclass(frozen=True)
class Confirmed:
    """What Twitter showed of an answer: who decided it, when, and why."""

    item: QueueItem
    decision: Decision
    sentence: str
    verification: Verification | None


@dataclass(frozen=True)
class ToDo:
    """The whole page."""

    to_do: list[Step]
    ticked: list[Step]
    confirmed: list[Confirmed]


def to_do(*, school: School, at: datetime) -> ToDo:
    items = [item for item in queries.to_do(school) if _standing(item) is not None]
    due = {
        row.profile_id: row.read_due_at for row in WatchedUser.objects.filter(school_account__school=school, until__gt=at, why="decision")
    }
    ticked = [item for item in items if item.ticked_at is not None]
    pending = _still_pending(ticked)
    return ToDo(
        to_do=[_step(item) for item in items if item.ticked_at is None],
        ticked=[_step(item, _next_check(item, due), pending.get(item.pk)) for item in ticked],
        confirmed=_confirmed(queries.just_confirmed(school, at - CONFIRMED_FOR)),
    )


def _standing(item: QueueItem) -> Decision | None:
    standing: list[Decision] = getattr(item, "standing_decisions", [])
    return standing[0] if standing else None


def _step(item: QueueItem, next_check: datetime | None = None, still_pending: datetime | None = None) -> Step:
    decision = _standing(item)
    if decision is None:
        raise ValueError("an item stands on To do without a decision")
    connection = connection_of(item.school_account)
    number = TwitterUserId(item.profile.twitter_user_id) if item.profile.twitter_user_id else None
    action = _STEPS[decision.outcome](connection.pages_url if connection else "https://x.com", number, Handle(item.profile.handle))
    return Step(item, decision, action, next_check, still_pending)


def _next_check(item: QueueItem, due: dict[int, datetime]) -> datetime | None:
    connection = connection_of(item.school_account)
    usual = next_check_at(connection) if connection else None
    known = [moment for moment in (due.get(item.profile_id), usual) if moment is not None]
    return min(known, default=None)


def _still_pending(ticked: Sequence[QueueItem]) -> dict[int, datetime]:
    """For each ticked item that Twitter showed unchanged after the tick: when."""
    seen = Sighting.objects.filter(profile__in=[item.profile_id for item in ticked]).order_by("seen_at", "pk")
    newest = {(row.school_account_id, row.profile_id): row for row in seen}
    found: dict[int, datetime] = {}
    for item in ticked:
        row, decision = newest.get((item.school_account_id, item.profile_id)), _standing(item)
        if row is None or decision is None or item.ticked_at is None or row.seen_at <= item.ticked_at:
            continue
        if read_outcome(outcome=decision.outcome, relation=row.relation).outcome is Reading.NOT_YET:
            found[item.pk] = row.seen_at
    return found


def _confirmed(items: Sequence[QueueItem]) -> list[Confirmed]:
    verified = {row.item_id: row for row in Verification.objects.filter(item__in=items, undone_at=None).select_related("by", "person")}
    return [
        Confirmed(item, decision, _DONE.get(decision.outcome, ""), verified.get(item.pk))
        for item in items
        if (decision := _standing(item)) is not None
    ]
