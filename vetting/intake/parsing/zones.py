"""Which part of the text is new, signature, quoted or forwarded. Line by line, in one pass; nothing is removed."""

import re
from dataclasses import dataclass

from vetting.intake.parsing.heading import sender_in
from vetting.intake.parsing.parsed import Zone, ZoneKind

_QUOTE_MARK = re.compile(r"\s{0,3}>")
_MARKS = re.compile(r"^(?:\s?>)+\s?")
_FORWARD = re.compile(
    r"[\s>*_\-–—]*(?:begin forwarded message|forwarded message|original message forwarded|weitergeleitete nachricht|message transféré|"
    r"mensaje reenviado|messaggio inoltrato|wiadomość przekazana)\b.{0,40}$",
    re.I,
)
_ORIGINAL = re.compile(
    r"[\s>*]*[-_–—]{2,}\s*(?:original message|ursprüngliche nachricht|message d'origine|mensaje original)\b.{0,40}$", re.I
)
_WROTE = re.compile(
    r"\s*(?:on|le|am|el|il|op|em|dnia|w dniu)\b.{4,250}"
    r"\b(?:wrote|a écrit|schrieb|escribió|ha scritto|schreef|escreveu|napisał\(?a?\)?)\s?:?\s*$",
    re.I,
)
_FIELD = re.compile(r"\s*\*?(from|sent|date|to|cc|subject|reply-to|von|gesendet|an|betreff|de|envoyé|à|objet)\s?:\*?\s*(.*)$", re.I)
_FROM = ("from", "von", "de")
_SIGNATURE = re.compile(
    r"\s*(?:--\s?$|sent from (?:my|outlook|yahoo|samsung|mail for)|get outlook for|sent via |envoyé de mon|"
    r"this (?:e-?mail|message)(?: and any| is intended| may contain|,? including)|disclaimer\b|confidential(?:ity)? notice)",
    re.I,
)
_FORWARD_SUBJECT = re.compile(r"\s*(?:fwd?|wg|tr|enc|i)\s?:", re.I)


@dataclass(frozen=True)
class Forwarded:
    """The sender named in the header block of a forwarded message."""

    address: str = ""
    name: str = ""


def label(text: str, subject: str) -> tuple[tuple[Zone, ...], Forwarded]:
    """The zones, in order and without gaps, and who the forwarded message is from, when one is inside."""
    lines = text.split("\n")
    is_forward = bool(_FORWARD_SUBJECT.match(subject))
    kinds: list[ZoneKind] = []
    state, header_left, forwarded = ZoneKind.NEW, 0, Forwarded()
    for number, line in enumerate(lines):
        if header_left:
            kinds.append(ZoneKind.FORWARDED_HEADER)
            header_left -= 1
            continue
        bare = _MARKS.sub("", line)
        marked = _FORWARD.match(line)
        block = _header_block(lines, number + 1 if marked or _ORIGINAL.match(line) else number)
        if state is not ZoneKind.QUOTED and block and (marked or is_forward):
            forwarded = forwarded if forwarded.address else _sender(lines[number : number + block + 2])
            state, header_left = ZoneKind.FORWARDED, block - (0 if marked or _ORIGINAL.match(line) else 1)
            kinds.append(ZoneKind.FORWARDED_HEADER)
        elif state is not ZoneKind.FORWARDED and (block or _ORIGINAL.match(line)):
            state = ZoneKind.QUOTED
            kinds.append(state)
        elif state is ZoneKind.FORWARDED:
            kinds.append(ZoneKind.SIGNATURE if _SIGNATURE.match(bare) and bare.strip() != "--" else state)
        elif state is not ZoneKind.QUOTED and _wrote(lines, number):
            state = ZoneKind.NEW if _QUOTE_MARK.match(_next_line(lines, number)) else ZoneKind.QUOTED
            kinds.append(ZoneKind.QUOTED)
        elif state is not ZoneKind.QUOTED and _QUOTE_MARK.match(line):
            kinds.append(ZoneKind.QUOTED)
        else:
            state = ZoneKind.SIGNATURE if state is ZoneKind.NEW and _SIGNATURE.match(line) else state
            kinds.append(state)
    return _joined(lines, kinds), forwarded


def zone_at(zones: tuple[Zone, ...], place: int) -> ZoneKind:
    return next((zone.kind for zone in zones if zone.start <= place < zone.end), ZoneKind.NEW)


def _header_block(lines: list[str], start: int) -> int:
    """How many lines the block "From: … Sent: … Subject: …" at `start` has (blank lines before it count); 0 when there is none."""
    place = start
    while place < len(lines) and place < start + 3 and not _MARKS.sub("", lines[place]).strip():
        place += 1
    if place > start and start == 0:
        return 0
    names: list[str] = []
    while place < len(lines) and len(names) < 8:
        field = _FIELD.match(_MARKS.sub("", lines[place])[:500])
        if not field:
            break
        names.append(field.group(1).lower())
        place += 1
    return place - start if len(set(names)) >= 3 and names[0] in _FROM else 0


def _sender(lines: list[str]) -> Forwarded:
    for line in lines:
        field = _FIELD.match(_MARKS.sub("", line)[:500])
        if field and field.group(1).lower() in _FROM:
            value = re.sub(r"[\[<(]\s*mailto:([^\])>\s]+)\s*[\])>]", r"<\1>", field.group(2)).replace("[", "<").replace("]", ">")
            value = re.sub(r"<([^<>]+)>\s*<\1>", r"<\1>", value)
            sender = sender_in(value)
            return Forwarded(sender.address, sender.name) if not sender.ambiguous else Forwarded()
    return Forwarded()


def _wrote(lines: list[str], number: int) -> bool:
    """ "On Monday, Jane wrote:", which mail programs break over up to three lines."""
    return any(_WROTE.match(" ".join(lines[number : number + count])[:600]) for count in (1, 2, 3))


def _next_line(lines: list[str], number: int) -> str:
    return next((line for line in lines[number + 1 : number + 6] if _QUOTE_MARK.match(line)), "")


def _joined(lines: list[str], kinds: list[ZoneKind]) -> tuple[Zone, ...]:
    zones: list[Zone] = []
    place = 0
    for line, kind in zip(lines, kinds, strict=True):
        end = place + len(line) + 1
        if zones and zones[-1].kind is kind:
            zones[-1] = Zone(kind, zones[-1].start, end)
        else:
            zones.append(Zone(kind, place, end))
        place = end
    return tuple(zones)
