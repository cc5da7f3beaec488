"""Finding the Twitter names in what a parent wrote: candidates with the rule that found them, never a silent choice.

Twitter names match [A-Za-z0-9_]{1,15}. A name that is written exactly is read exactly; a name with a space, a dot or a hyphen in it is
only guessed at and marked repaired; a text with a letter Twitter does not know is kept without a name, never shortened to the part
before that letter. Of 8,867 ordinary mails an unbounded "@name" fires in 4,824 and this bounded one in 127.
"""

import re
from typing import NamedTuple

from vetting.intake.parsing import cues
from vetting.intake.parsing.forwards import is_forward_subject, is_reply_subject
from vetting.intake.parsing.mentions import MENTIONED
from vetting.intake.parsing.owning import is_said_to_be_own
from vetting.intake.parsing.parsed import FoundName, Strength, Zone, ZoneKind
from vetting.intake.parsing.readings import Reading, readings
from vetting.intake.parsing.zones import zone_at

MOST_NAMES = 12
_SHORT = 400
_RANK = (
    ZoneKind.NEW,
    ZoneKind.FORWARDED,
    ZoneKind.SUBJECT,
    ZoneKind.SIGNATURE,
    ZoneKind.QUOTED,
    ZoneKind.FORWARDED_HEADER,
    ZoneKind.DISCLAIMER,
)
_OWN_WORDS = (ZoneKind.NEW, ZoneKind.FORWARDED, ZoneKind.SUBJECT)
_UNSURE = ("alone on its line", "looks like one")
_LOOKALIKE_SCRIPTS = re.compile("[\u0370-\u03ff\u0400-\u052f\u0530-\u058f\u13a0-\u13ff\u1f00-\u1fff\ua4d0-\ua4ff]")


class _Words(NamedTuple):
    """Where names are looked for, the name of whoever writes, and what else the message says."""

    text: str
    sender: str
    about: str


def handles(text: str) -> set[str]:
    """The names written in a text, wherever they stand."""
    return {reading.handle for reading in readings(text, alone=False) if reading.handle}


def find(text: str, zones: tuple[Zone, ...], subject: str, *, by_a_person: bool = True, sender: str = "") -> tuple[FoundName, ...]:
    """Every Twitter name in the text and the subject, best first; each name once, where it stands best.

    Args:
        by_a_person: False for automatic mail and lists: nothing in it is anybody's word, so nothing is strong.
        sender: the name the message shows as its sender's.
    """
    in_subject, in_text = cues.may_have(subject), cues.may_have(text)
    if not in_subject and not in_text:
        return ()
    said_above = cues.says_twitter(subject)
    said = said_above or cues.says_twitter(text) or (not text.isascii() and bool(cues.FOREIGN_WORD.search(text)))
    about_it = said or cues.speaks_of_following(subject) or cues.speaks_of_following(text)
    about = by_a_person and (about_it or _is_short(text, zones))
    above, below = _Words(subject, sender, text), _Words(text, sender, "")
    found = [_placed(reading, above, ZoneKind.SUBJECT, about) for reading in readings(subject, alone=False)] if in_subject else []
    if in_text or about_it:
        found += [_placed(reading, below, zone_at(zones, reading.start), about) for reading in readings(text, alone=about_it)]
    if is_forward_subject(subject) or is_reply_subject(subject):
        # Whoever began the conversation wrote it.
        found = [_spoken_of(name) if name.zone is ZoneKind.SUBJECT else name for name in found]
    if said_above:
        found = [_sure_by_subject(name) for name in found]
    found.sort(
        key=lambda name: (
            name.rule == "looks like one",
            name.repaired,
            name.handle is None,
            _RANK.index(name.zone),
            name.rule in _UNSURE or name.rule == MENTIONED,
            name.start,
        )
    )
    return tuple(_each_once(found)[:MOST_NAMES])


def _each_once(found: list[FoundName]) -> list[FoundName]:
    kept: list[FoundName] = []
    exact = {name.handle for name in found if name.handle and not name.repaired}
    for name in found:
        # What only looks like a name is of use where nothing says plainly which it is.
        if name.rule == "looks like one" and any(other.handle and other.rule != name.rule for other in kept):
            continue
        if name.repaired and name.handle in exact:
            continue
        same = (other for other in kept if (other.zone is ZoneKind.SUBJECT) is (name.zone is ZoneKind.SUBJECT) and _overlap(other, name))
        overlapped = next(same, None)
        if any(other.handle == name.handle and (name.handle or other.written == name.written) for other in kept):
            continue
        # The same words read twice: an exact reading makes guesses at them, and the bare words, superfluous.
        if overlapped and (name.handle is None or not overlapped.repaired):
            continue
        kept.append(name)
    return kept


def _overlap(one: FoundName, other: FoundName) -> bool:
    return one.start < other.end and other.start < one.end


def _is_short(text: str, zones: tuple[Zone, ...]) -> bool:
    """A few lines of the sender's own: what stands in them is what the mail is for."""
    return (
        sum(zone.end - zone.start for zone in zones if zone.kind in (ZoneKind.NEW, ZoneKind.FORWARDED)) <= _SHORT
        if zones
        else len(text) <= _SHORT
    )


def _placed(reading: Reading, words: _Words, zone: ZoneKind, about: bool) -> FoundName:
    text = words.text
    written = " ".join(text[reading.start : reading.end].split())[:200]
    strength = _strength(reading, written, zone, about and not cues.EXAMPLE.search(text[max(0, reading.start - 20) : reading.start]))
    name = FoundName(written, reading.handle, reading.repaired, reading.rule, zone, reading.start, reading.end, strength)
    alone = _is_alone(text, reading)
    is_own = is_said_to_be_own(text, reading.start, reading.end, alone=alone, sender=words.sender, about=words.about)
    return name if is_own else _spoken_of(name)


def _is_alone(text: str, reading: Reading) -> bool:
    """Whether nothing but the name stands on its line."""
    line_starts = text.rfind("\n", 0, reading.start) + 1
    line_ends = text.find("\n", reading.end)
    around = text[line_starts : reading.start] + text[reading.end : line_ends if line_ends >= 0 else len(text)]
    return not re.search(r"\w", around)


def _spoken_of(name: FoundName) -> FoundName:
    """A name that is not said to be the sender's."""
    strength = Strength.WEAK if name.strength is Strength.STRONG else name.strength
    return FoundName(**{**vars(name), "rule": MENTIONED, "strength": strength})


def _strength(reading: Reading, written: str, zone: ZoneKind, about: bool) -> Strength:
    if reading.handle is None:
        if _LOOKALIKE_SCRIPTS.search(written):
            return Strength.LOOKALIKE
        return Strength.UNUSUAL if reading.unusual else Strength.INVALID
    if reading.repaired:
        return Strength.GUESS
    if zone in _OWN_WORDS and about and reading.rule not in _UNSURE:
        return Strength.STRONG
    return Strength.WEAK


def _sure_by_subject(name: FoundName) -> FoundName:
    """A name alone on its line below a subject that asks for it."""
    if name.rule != "alone on its line" or name.zone not in _OWN_WORDS:
        return name
    return FoundName(**{**vars(name), "strength": Strength.STRONG})
