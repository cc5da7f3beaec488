"""What was asked before, as lines to read: when, what came of it, by whom, and what it has in common with this one."""

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from vetting.dashboard.matching_words import SAME
from vetting.decisions.models import QueueItem
from vetting.decisions.remembering import Memory, remember
from vetting.decisions.states import CLOSED, State


@dataclass(frozen=True)
class MemoryLine:
    """One line. `reason` is empty for whoever may not read it."""

    at: datetime
    handle: str
    address: str
    answer: str
    reason: str
    because: str


def memory_lines(*, item: QueueItem, for_lead: bool) -> list[MemoryLine]:
    """The newest first."""
    return [
        MemoryLine(
            at=one.at,
            handle=one.item.profile.handle,
            address=reverse("removal" if one.item.kind == QueueItem.Kind.REMOVAL else "request", args=[one.item.reference]),
            answer=_answer(one),
            reason=one.reason,
            because=", ".join(SAME[same] for same in one.same),
        )
        for one in remember(item=item, for_lead=for_lead)
    ]


def _answer(memory: Memory) -> str:
    item, decision = memory.item, memory.decision
    state = State(item.state)
    was_held = "; it was held" if memory.held else ""
    if state is State.HELD:
        return "With the safeguarding lead"
    if decision is not None:
        return f"{decision.get_outcome_display()} by {decision.by}{was_held}"
    if item.kind == QueueItem.Kind.REMOVAL:
        return f"{'Removal called off' if state in CLOSED else 'Removal asked for, not answered yet'}{was_held}"
    return f"{'Went away without an answer' if state in CLOSED else 'Asks as well, not answered yet'}{was_held}"
