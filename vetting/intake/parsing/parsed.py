"""What reading an e-mail gives: plain frozen values that survive a trip through JSON."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class MailClass(StrEnum):
    """Who or what wrote it. Automatic mail is filed under its class and shown, never dropped and never answered."""

    HUMAN = "HUMAN"
    AUTO_REPLY = "AUTO_REPLY"
    BOUNCE = "BOUNCE"
    LIST = "LIST"


class ZoneKind(StrEnum):
    """Which part of the message a stretch of text belongs to. Zones label; they never delete."""

    SUBJECT = "SUBJECT"
    NEW = "NEW"
    SIGNATURE = "SIGNATURE"
    QUOTED = "QUOTED"
    FORWARDED_HEADER = "FORWARDED_HEADER"
    FORWARDED = "FORWARDED"
    DISCLAIMER = "DISCLAIMER"


class Strength(StrEnum):
    """How far a reading may be relied on.

    Strong: written exactly, with an @, a cue or an address, in the sender's own words of a mail that is about this. Weak: written
    exactly, but elsewhere (quoted, in a signature) or without anything that says it is a Twitter name. Guess: made of words that are
    no name as they stand. Unusual: 16 to 20 characters, as only some old accounts have. Look-alike: with letters of other alphabets
    that look like Latin ones. Invalid: cannot be a Twitter name.
    """

    STRONG = "STRONG"
    WEAK = "WEAK"
    GUESS = "GUESS"
    UNUSUAL = "UNUSUAL"
    LOOKALIKE = "LOOKALIKE"
    INVALID = "INVALID"


@dataclass(frozen=True)
class Zone:
    """A stretch of the text, from character `start` up to `end`."""

    kind: ZoneKind
    start: int
    end: int


@dataclass(frozen=True)
class FoundName:
    """A Twitter name somebody wrote: the words as written, the name if they are one, the rule that found it, and where.

    `handle` is lower case and valid, or None: a text that only looks like a Twitter name is kept too. `repaired` marks a name that
    needed guessing ("Jane Smith 84"); such a reading helps a person look, it never proves anything. The span counts characters of
    `ParsedEmail.text`, or of the subject when the zone is SUBJECT.
    """

    written: str
    handle: str | None
    repaired: bool
    rule: str
    zone: ZoneKind
    start: int
    end: int
    strength: Strength = Strength.WEAK


@dataclass(frozen=True)
class ParsedEmail:
    """Everything understood of one message. No text in it holds a NUL or half a surrogate pair.

    `headers` are the top headers as they stood, for judging who sent it; `forwarded_*` is the sender named in a forwarded
    message's own header block, empty when there is none. `attached` says where the messages attached to this one stand among its
    bytes (start, end), and `no_answer_because` why no letter may ever answer it (RFC 3834), empty when one may. `children` are the names of
    children as written, one by one; `child_text` is how the sender wrote the first of them or all together.
    """

    parser_version: int
    mail_class: MailClass
    from_address: str
    from_name: str
    sender_ambiguous: bool
    forwarded_address: str
    forwarded_name: str
    subject: str
    text: str
    zones: tuple[Zone, ...]
    names: tuple[FoundName, ...]
    child_text: str
    class_text: str
    attachments: tuple[str, ...]
    message_id: str
    headers: tuple[tuple[str, str], ...]
    defects: tuple[str, ...]
    truncated: bool
    no_answer_because: str = ""
    attached: tuple[tuple[int, int], ...] = ()
    children: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Everything in plain lists and dicts; quicker than dataclasses.asdict, which copies every value."""
        return {
            **{name: getattr(self, name) for name in self.__dataclass_fields__},
            "zones": [{"kind": zone.kind, "start": zone.start, "end": zone.end} for zone in self.zones],
            "names": [dict(vars(name)) for name in self.names],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "ParsedEmail":
        """The inverse of `as_json`. Raises KeyError or TypeError when `data` is something else."""
        names = (FoundName(**{**name, "zone": ZoneKind(name["zone"]), "strength": Strength(name["strength"])}) for name in data["names"])
        return cls(
            **{
                **data,
                "mail_class": MailClass(data["mail_class"]),
                "zones": tuple(Zone(ZoneKind(zone["kind"]), zone["start"], zone["end"]) for zone in data["zones"]),
                "names": tuple(names),
                "attachments": tuple(data["attachments"]),
                "headers": tuple((name, value) for name, value in data["headers"]),
                "defects": tuple(data["defects"]),
                "attached": tuple((start, end) for start, end in data["attached"]),
                "children": tuple(data["children"]),
            }
        )
