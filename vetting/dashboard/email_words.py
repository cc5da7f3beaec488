"""The words of the E-mails pages: what became of a message, who sent it, where in it something stands."""

from collections.abc import Mapping
from typing import NamedTuple

from vetting.correspondence.templates import TEMPLATES
from vetting.dashboard.words import Chip

NEEDS_A_LOOK = Chip("Needs a look", "question", "check")
NAME_READ = Chip("Twitter name read", "tick", "strong")
SET_ASIDE = Chip("Set aside", "dash", "none")
BEING_READ = Chip("Being read", "clock", "none")
TRIED_AGAIN = Chip("Tried again soon", "clock", "none")
ERASED = Chip("Text erased", "dash", "none")

FILTERS: Mapping[str, str] = {
    "all": "All",
    "look": "Needs a look",
    "read": "Twitter name read",
    "automatic": "Automatic",
    "aside": "Set aside",
    "unreadable": "Could not be read",
}
EMPTY: Mapping[str, str] = {
    "all": "Messages appear here as soon as the mailbox is read.",
    "look": "Every message from a family became a request, or somebody has said what it is.",
    "read": "No message holds a Twitter name yet.",
    "automatic": "No automatic replies, undeliverable notices or newsletters came.",
    "aside": "Nothing was set aside.",
    "unreadable": "Every message could be read.",
}

SENDERS: Mapping[str, Chip] = {
    "CHECKED": Chip("Checked", "tick", "strong"),
    "PARTLY": Chip("Partly checked", "half", "likely"),
    "NOT_CHECKED": Chip("Not checked", "dash", "none"),
    "SUSPICIOUS": Chip("Suspicious", "alarm", "hold"),
}


class Zone(NamedTuple):
    """A part of a message: its name on the page, and where something in it stands."""

    name: str
    where: str


ZONES: Mapping[str, Zone] = {
    "SUBJECT": Zone("Subject", "in the subject"),
    "NEW": Zone("", "in the sender’s own words"),
    "SIGNATURE": Zone("Signature", "in the signature"),
    "QUOTED": Zone("Quoted from an earlier message", "in text quoted from an earlier message"),
    "FORWARDED_HEADER": Zone("Head of the forwarded message", "in the head of the forwarded message"),
    "FORWARDED": Zone("Forwarded message", "in the forwarded message"),
    "DISCLAIMER": Zone("Small print", "in the small print"),
    "BANNER": Zone("Added by a mail server", "in a line that a mail server added"),
}
NO_ZONE = Zone("", "")

_FOUND_BY: Mapping[str, str] = {
    "profile address": "the address of a Twitter profile",
    "@name": "written with @",
    "cue": "follows words such as “my Twitter name is”",
    "label": "stands beside a label in a form",
    "alone on its line": "stands alone on its line",
    "looks like one": "looks like a Twitter name",
    "mentioned": "mentioned, but not as the sender’s own",
    "by hand": "written down by a colleague",
    "corrected": "corrected by a colleague",
}
_DIFFICULTIES: Mapping[str, str] = {
    "no headers": "It has no sender line, no subject and no date.",
    "more parts than are read": "It has more parts than are read; only the first ones were.",
    "parts nested too deeply": "Its parts are nested too deeply; its words were read as they stand.",
    "a multipart message without its parts": "It says that it has parts and has none; its words were read as they stand.",
    "an attached message is encoded": "A message attached to it is packed in an unusual way and was not read by itself.",
    "more attached messages than are read": "More messages are attached to it than are read; only the first ones were.",
    "a part could not be decoded": "One of its parts is damaged.",
}


def found_by(rule: str) -> str:
    """How a Twitter name was found, in words; a rule without words of its own says so plainly."""
    return _FOUND_BY.get(rule, rule or "read in the text")


def letter(template: str) -> str:
    """A letter's name."""
    return TEMPLATES[template].title if template in TEMPLATES else template.replace("_", " ").capitalize()


def difficulty(defect: str) -> str:
    """What was wrong with a message, in a sentence."""
    plain = defect.partition(" (")[0]
    return _DIFFICULTIES.get(plain, f"{plain[:1].upper()}{plain[1:]}.")
