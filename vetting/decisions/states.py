"""The one state machine: where a question stands, who owns it, and which moves there are. Pure."""

from collections.abc import Mapping
from enum import StrEnum


class State(StrEnum):
    """Where a QueueItem stands."""

    WAITING = "WAITING"
    TO_VERIFY = "TO_VERIFY"
    TO_APPROVE = "TO_APPROVE"
    HELD = "HELD"
    COUNTERSIGN = "COUNTERSIGN"
    DECIDED = "DECIDED"
    CARRYING_OUT = "CARRYING_OUT"
    BY_HAND = "BY_HAND"
    DONE = "DONE"
    LAPSED = "LAPSED"


class Owner(StrEnum):
    """Whose turn it is."""

    FAMILY = "FAMILY"
    OFFICE = "OFFICE"
    ADMIN = "ADMIN"
    LEAD = "LEAD"
    SYSTEM = "SYSTEM"
    NOBODY = "NOBODY"


OWNER: Mapping[State, Owner] = {
    State.WAITING: Owner.FAMILY,
    State.TO_VERIFY: Owner.OFFICE,
    State.TO_APPROVE: Owner.ADMIN,
    State.HELD: Owner.LEAD,
    State.COUNTERSIGN: Owner.ADMIN,
    State.DECIDED: Owner.SYSTEM,
    State.CARRYING_OUT: Owner.SYSTEM,
    State.BY_HAND: Owner.ADMIN,
    State.DONE: Owner.NOBODY,
    State.LAPSED: Owner.NOBODY,
}

_S = State
TRANSITIONS: Mapping[State, frozenset[State]] = {
    _S.WAITING: frozenset({_S.TO_VERIFY, _S.HELD, _S.DECIDED, _S.BY_HAND, _S.LAPSED}),
    _S.TO_VERIFY: frozenset({_S.WAITING, _S.TO_APPROVE, _S.HELD, _S.DECIDED, _S.BY_HAND, _S.LAPSED}),
    _S.TO_APPROVE: frozenset({_S.TO_VERIFY, _S.WAITING, _S.HELD, _S.COUNTERSIGN, _S.DECIDED, _S.BY_HAND, _S.LAPSED}),
    _S.HELD: frozenset({_S.TO_VERIFY, _S.TO_APPROVE, _S.DECIDED, _S.BY_HAND, _S.LAPSED}),
    _S.COUNTERSIGN: frozenset({_S.TO_APPROVE, _S.HELD, _S.DECIDED, _S.BY_HAND, _S.LAPSED}),
    _S.DECIDED: frozenset({_S.TO_APPROVE, _S.HELD, _S.CARRYING_OUT, _S.BY_HAND, _S.LAPSED}),
    _S.CARRYING_OUT: frozenset({_S.DECIDED, _S.BY_HAND, _S.DONE, _S.LAPSED}),
    _S.BY_HAND: frozenset({_S.TO_APPROVE, _S.HELD, _S.DONE, _S.LAPSED}),
    _S.DONE: frozenset(),
    _S.LAPSED: frozenset(),
}

CLOSED = frozenset(state for state, ways_on in TRANSITIONS.items() if not ways_on)
OPEN = frozenset(State) - CLOSED
ANSWERED = frozenset({State.COUNTERSIGN, State.DECIDED, State.CARRYING_OUT, State.BY_HAND, State.DONE})
"""States in which a person's answer stands: a new match may mark them, never move them silently."""

MEANING: Mapping[State, str] = {
    State.WAITING: "A request nobody has vouched for yet, or we asked one question.",
    State.TO_VERIFY: "There is something to check: is this a person the school knows?",
    State.TO_APPROVE: "Checked; an admin must answer. Removals start here.",
    State.HELD: "A restriction, an under-13 sign or a concern: only the safeguarding lead may release or answer.",
    State.COUNTERSIGN: "Policy wants a second, different person.",
    State.DECIDED: "Answered; waiting to be sent (undo window) or for Twitter's limit.",
    State.CARRYING_OUT: "We are asking Twitter now.",
    State.BY_HAND: "Twitter offers no way: it stands on To do, can be undone until ticked, and we watch for the result.",
    State.DONE: "Seen on Twitter; or, only where Twitter cannot be read, ticked by a named person.",
    State.LAPSED: "The question went away: request withdrawn, follower left, account gone.",
}


def can_move(was: State, to: State) -> bool:
    """Whether the table has this pair."""
    return to in TRANSITIONS[was]


def diagram() -> str:
    """The machine as Mermaid text, for docs/states.md."""
    lines = ["stateDiagram-v2"]
    lines += [f"    {state}: {state} ({OWNER[state].lower()})" for state in State]
    lines += [f"    {was} --> {to}" for was in State for to in State if can_move(was, to)]
    return "\n".join(lines)
