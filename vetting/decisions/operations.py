"""All writes of this stage, by name. `move` is the only one that writes a state."""

from vetting.decisions.answering import (
    ask_once_more,
    could_not_find,
    countersign,
    decide,
    finish,
    tick_done,
    undo,
    verify,
    verify_and_decide,
)
from vetting.decisions.moving import MoveNotAllowed, SomebodyWasFirst, move
from vetting.decisions.opening import is_behind, open_or_refresh_items, open_removal
from vetting.decisions.setting_aside import NobodyToAsk, ask, hold, lapse, let_go, release, snooze, take

__all__ = [
    "MoveNotAllowed",
    "NobodyToAsk",
    "SomebodyWasFirst",
    "ask",
    "ask_once_more",
    "could_not_find",
    "countersign",
    "decide",
    "finish",
    "hold",
    "is_behind",
    "lapse",
    "let_go",
    "move",
    "open_or_refresh_items",
    "open_removal",
    "release",
    "snooze",
    "take",
    "tick_done",
    "undo",
    "verify",
    "verify_and_decide",
]
