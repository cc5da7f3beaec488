"""The words people read. One place, so that code names and screen words meet here and nowhere else."""

from collections.abc import Mapping
from typing import NamedTuple

from vetting.decisions.states import Owner, State
from vetting.school.models import Role
from vetting.values import Level, Verdict

PRODUCT = "Known Followers"
STRAPLINE = "The school's follower register"
PLATFORM = "Twitter (X)"


class Chip(NamedTuple):
    """A word with its shape and its colour; never the colour alone."""

    word: str
    icon: str
    tone: str


LEVELS: Mapping[Level, Chip] = {
    Level.STRONG: Chip("Strong", "tick", "strong"),
    Level.LIKELY: Chip("Likely", "half", "likely"),
    Level.CHECK: Chip("Needs a look", "question", "check"),
    Level.IMPOSTOR: Chip("Look-alike?", "diamond", "impostor"),
    Level.HOLD: Chip("Hold", "square", "hold"),
    Level.NONE: Chip("No e-mail yet", "dash", "none"),
}

LEVEL_MEANS: Mapping[Level, str] = {
    Level.STRONG: "The Twitter name stands in a checked e-mail from an address the school holds for exactly one current person.",
    Level.LIKELY: "The same proof, with one harmless difference.",
    Level.CHECK: "A plausible person, but no proof yet.",
    Level.IMPOSTOR: "Only resembles somebody the school knows.",
    Level.HOLD: "This one needs the safeguarding lead.",
    Level.NONE: "Nobody has written about this Twitter name.",
}

STATES: Mapping[State, Chip] = {
    State.WAITING: Chip("Waiting for the family", "dash", "none"),
    State.TO_VERIFY: Chip("To verify", "question", "check"),
    State.TO_APPROVE: Chip("To approve", "half", "likely"),
    State.HELD: Chip("With the safeguarding lead", "square", "hold"),
    State.COUNTERSIGN: Chip("Needs a second person", "half", "likely"),
    State.DECIDED: Chip("Waiting to be sent", "clock", "none"),
    State.CARRYING_OUT: Chip("Being sent", "clock", "none"),
    State.BY_HAND: Chip("On To do", "hand", "likely"),
    State.DONE: Chip("Done", "tick", "strong"),
    State.LAPSED: Chip("No longer asked", "dash", "none"),
}

OWNERS: Mapping[Owner, str] = {
    Owner.FAMILY: "the family",
    Owner.OFFICE: "the office",
    Owner.ADMIN: "an admin",
    Owner.LEAD: "the safeguarding lead",
    Owner.SYSTEM: "the register",
    Owner.NOBODY: "nobody",
}

VERDICTS: Mapping[Verdict, Chip] = {
    Verdict.AGREES: Chip("Speaks for it", "tick", "agrees"),
    Verdict.DISAGREES: Chip("Speaks against it", "cross", "disagrees"),
    Verdict.UNKNOWN: Chip("Not known", "dash", "unknown"),
}

ROLE_MAY: Mapping[Role, str] = {
    Role.OFFICE: "Record and verify, ask families, pass to the safeguarding lead, import the list of families.",
    Role.ADMIN: "Approve, decline, remove and tick To do; agree to what another admin decided; settings.",
    Role.LEAD: "See and release holds, answer held requests.",
    Role.READER: "Reports only.",
    Role.DATA_LEAD: "Export, correct, erase, audit.",
    Role.TECHNICIAN: "Connections and people's roles; sees no family's data.",
}

CAPABILITIES: Mapping[str, str] = {
    "lookup": "Look up an account",
    "incoming": "List who asks to follow",
    "followers": "List the followers",
    "connection_status": "See who asks and who follows",
    "remove": "Remove a follower",
}

# Buttons: verbs, one word for one act.
VERIFY = "Verify"
APPROVE = "Approve"
VERIFY_AND_APPROVE = "Verify and approve"
DECLINE = "Decline"
ASK = "Ask"
LATER = "Later"
HOLD = "Pass to safeguarding lead"
RELEASE = "Release"
KEEP = "Keep"
REMOVE = "Remove follower"
UNDO = "Undo"
CHECK_NOW = "Check now"

HOLD_SENTENCE = "This one needs the safeguarding lead."
NOTHING_WAITS = "Nobody is waiting."


def joined(words: list[str]) -> str:
    """`["an admin", "the office"]` -> "an admin or the office"."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"
