"""The To do page: what a person must do on Twitter's own pages, what waits for the next check, and what Twitter confirmed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from vetting.dashboard.reading.connection import connection_of
from vetting.decisions import queries
from vetting.decisions.answering import can_be_read
from vetting.decisions.models import Decision, QueueItem, Verification
from vetting.execution.outcomes import contradiction
from vetting.school.models import School
from vetting.twitter import manual
from vetting.twitter.models import WatchedUser
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
    tick_closes_it: bool
    next_check: datetime | None = None
    # What Twitter showed after the tick, where that is not what was decided, and when.
    contradiction: str = ""
    seen_at: datetime | None = None

    @property
    def number(self) -> str:
        return self.item.profile.twitter_user_id or ""


@dataclass(frozen=True)
class Confirmed:
    """What became of an answer: who decided it, when, and how far it was verified."""

    item: QueueItem
    decision: Decision
    sentence: str
    verification: Verification | None

    @property
    def by_tick(self) -> bool:
        """Nothing was seen: a named person's tick closed it."""
        return self.item.ticked_at is not None and self.item.ticked_at == self.item.closed_at


@dataclass(frozen=True)
class ToDo:
    """The whole page."""

    to_do: list[Step]
    ticked: list[Step]
    confirmed: list[Confirmed]

    def after(self, reference: str) -> "Next":
        """Where somebody goes on who has just dealt with this row: the row below, from the last one the first that is left."""
        references = [step.item.reference for step in self.to_do]
        if reference not in references or len(references) == 1:
            return Next("end" if reference in references else "", "Nothing more to do on Twitter." if reference in references else "")
        place = (references.index(reference) + 1) % len(references)
        step = self.to_do[place]
        return Next(step.item.reference, f"Next: @{step.item.profile.handle}, {place + 1} of {len(references)}.")


@dataclass(frozen=True)
class Next:
    """The row to go on with, and how that is said. The reference is "end" after the last one, "" where there is no row to go on from."""

    reference: str
    sentence: str


def to_do(*, school: School, at: datetime) -> ToDo:
    items = [item for item in queries.to_do(school) if _standing(item) is not None]
    due = {
        row.profile_id: row.read_due_at for row in WatchedUser.objects.filter(school_account__school=school, until__gt=at, why="decision")
    }
    return ToDo(
        to_do=[_step(item, due) for item in items if queries.is_undone_work(item)],
        ticked=[_step(item, due) for item in items if not queries.is_undone_work(item)],
        confirmed=_confirmed(queries.just_confirmed(school, at - CONFIRMED_FOR)),
    )


def _standing(item: QueueItem) -> Decision | None:
    standing: list[Decision] = getattr(item, "standing_decisions", [])
    return standing[0] if standing else None


def _step(item: QueueItem, due: dict[int, datetime]) -> Step:
    decision = _standing(item)
    if decision is None:
        raise ValueError("an item stands on To do without a decision")
    connection = connection_of(item.school_account)
    number = TwitterUserId(item.profile.twitter_user_id) if item.profile.twitter_user_id else None
    action = _STEPS[decision.outcome](connection.pages_url if connection else "https://x.com", number, Handle(item.profile.handle))
    seen, seen_at = getattr(item, "seen_since_tick", None), getattr(item, "seen_since_tick_at", None)
    return Step(
        item=item,
        decision=decision,
        action=action,
        tick_closes_it=not can_be_read(item.profile, connection),
        next_check=_next_check(item, due),
        contradiction=contradiction(outcome=decision.outcome, relation=seen) if seen else "",
        seen_at=seen_at,
    )


def _next_check(item: QueueItem, due: dict[int, datetime]) -> datetime | None:
    connection = connection_of(item.school_account)
    usual = next_check_at(connection) if connection else None
    known = [moment for moment in (due.get(item.profile_id), usual) if moment is not None]
    return min(known, default=None)


def _confirmed(items: Sequence[QueueItem]) -> list[Confirmed]:
    verified = {row.item_id: row for row in Verification.objects.filter(item__in=items, undone_at=None).select_related("by", "person")}
    return [
        Confirmed(item, decision, _DONE.get(decision.outcome, ""), verified.get(item.pk))
        for item in items
        if (decision := _standing(item)) is not None
    ]
