"""Names that nobody claims by what was written: mentioned, quoted, forwarded, in a signature."""

from vetting.intake.parsing.parsed import ZoneKind

MENTIONED = "mentioned"


def stands_beside(zone: str, rule: str, *, own_forward: bool = False) -> bool:
    """Whether a name that was read is nobody's claim: quoted, forwarded, in a signature or a disclaimer, or not said to be the sender's.

    With `own_forward` a colleague passed the message on, and what is forwarded are the sender's own words. A name without a zone was
    typed, not read.
    """
    return rule == MENTIONED or zone not in _own_words(own_forward=own_forward)


def is_mentioned(zone: str, rule: str, *, own_forward: bool = False) -> bool:
    """Whether a name stands in the sender's own words, who does not say that it is theirs."""
    return rule == MENTIONED and zone in _own_words(own_forward=own_forward)


def _own_words(*, own_forward: bool) -> set[str]:
    return {"", ZoneKind.NEW, ZoneKind.SUBJECT, *((ZoneKind.FORWARDED,) if own_forward else ())}
