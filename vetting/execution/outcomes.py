"""What a sighting says of a decision. Pure."""

from dataclasses import dataclass
from enum import StrEnum


class Reading(StrEnum):
    """The world agrees, does not (yet), the question went away, or somebody did the opposite."""

    AGREES = "AGREES"
    NOT_YET = "NOT_YET"
    WENT_AWAY = "WENT_AWAY"
    OPPOSITE = "OPPOSITE"


@dataclass(frozen=True)
class OutcomeReading:
    outcome: Reading
    sentence: str


_TABLE: dict[tuple[str, str], OutcomeReading] = {
    ("APPROVE", "FOLLOWS"): OutcomeReading(Reading.AGREES, "seen as a follower on Twitter."),
    ("APPROVE", "NEITHER"): OutcomeReading(Reading.WENT_AWAY, "the request is no longer there on Twitter."),
    ("APPROVE", "GONE"): OutcomeReading(Reading.WENT_AWAY, "the account is no longer on Twitter."),
    ("APPROVE", "SUSPENDED"): OutcomeReading(Reading.WENT_AWAY, "Twitter suspended the account."),
    # Twitter does not say who ended a request, so our record does not either (house, the state machine).
    ("REJECT", "NEITHER"): OutcomeReading(Reading.AGREES, "no longer pending on Twitter."),
    ("REJECT", "GONE"): OutcomeReading(Reading.AGREES, "no longer pending: the account is no longer on Twitter."),
    ("REJECT", "SUSPENDED"): OutcomeReading(Reading.AGREES, "no longer pending: Twitter suspended the account."),
    ("REJECT", "FOLLOWS"): OutcomeReading(Reading.OPPOSITE, "declined here, yet accepted on Twitter."),
    ("REMOVE", "NEITHER"): OutcomeReading(Reading.AGREES, "no longer follows."),
    ("REMOVE", "REQUESTS"): OutcomeReading(Reading.AGREES, "no longer follows, and asks again."),
    ("REMOVE", "GONE"): OutcomeReading(Reading.AGREES, "no longer follows: the account is no longer on Twitter."),
    ("REMOVE", "SUSPENDED"): OutcomeReading(Reading.AGREES, "no longer follows: Twitter suspended the account."),
}
_NOT_YET = OutcomeReading(Reading.NOT_YET, "Twitter does not show it yet.")


def read_outcome(*, outcome: str, relation: str) -> OutcomeReading:
    """What Twitter showing `relation` means for a decision with `outcome`."""
    return _TABLE.get((outcome, relation), _NOT_YET)


# For each answer: what Twitter shows while nothing changed, and what it shows when something else happened.
_INSTEAD: dict[tuple[str, str], str] = {
    ("APPROVE", "REQUESTS"): "Twitter still shows this request as waiting",
    ("APPROVE", "NEITHER"): "Twitter shows neither a request nor a follower instead",
    ("REJECT", "REQUESTS"): "Twitter still shows this request as waiting, not declined",
    ("REJECT", "FOLLOWS"): "Twitter shows them as a follower instead",
    ("REMOVE", "FOLLOWS"): "Twitter still shows them as a follower",
}
_WHATEVER = {
    "GONE": "Twitter shows no such account instead",
    "SUSPENDED": "Twitter shows the account as suspended instead",
}


def contradiction(*, outcome: str, relation: str) -> str:
    """What to say to somebody who ticked a decision as done when Twitter then shows `relation`; "" where it agrees.

    Without a full stop: the time it was seen follows.
    """
    if read_outcome(outcome=outcome, relation=relation).outcome is Reading.AGREES:
        return ""
    return _INSTEAD.get((outcome, relation)) or _WHATEVER.get(relation, "Twitter does not show it yet")
