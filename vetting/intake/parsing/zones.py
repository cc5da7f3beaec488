"""Which part of the text is new, signature, quoted, forwarded or a disclaimer. Line by line, in one pass; nothing is removed."""

import re
from dataclasses import dataclass

from vetting.intake.parsing import languages
from vetting.intake.parsing.forwards import (
    Forwarded,
    attribution,
    bare,
    header_block,
    is_forward_subject,
    is_reply_subject,
    sender_of_block,
    sender_of_line,
)
from vetting.intake.parsing.parsed import Zone, ZoneKind
from vetting.intake.parsing.vocabulary import any_of

_QUOTE_MARK = re.compile(r"\s{0,3}>")
_FORWARD = re.compile(
    rf"[\s>*_\-–—=]*(?:\S{{1,20}}\s?[/|]\s?)?{any_of(languages.FORWARDED_MESSAGE)}(?:\s?[/\-–—]{{1,5}}\s?(?:fwd\.msg|forwarded message))?"
    r"\s?(?:(?:from|de|von)\b.{0,60})?[\s:：\-–—=_*>]{0,30}(?P<rest>.*)$",
    re.I,
)
_ORIGINAL = re.compile(rf"[\s>*]*[-_–—=]{{2,}}\s*{any_of(languages.ORIGINAL_MESSAGE)}\b.{{0,40}}$", re.I)
_LINE_ABOVE = re.compile(r"[\s>*]*[_\-–—]{10,}\s*$")
_DASHES = re.compile(r"(?:--|—|__)\s?$")
_MOBILE = re.compile(rf"\s*[\[(<*]?\s*{any_of(languages.MOBILE_SIGNATURES)}\b.{{0,120}}$", re.I)
_BANNER = re.compile(
    r"[\s*>\[(|!⚠️_=\-]*(?:caution|external|warning|attention|achtung|attenzione|atención|note|important|vorsicht|extern(?:e"
    r"|er)?)\b[\s*\])!:.\-–—]{1,12}.{0,60}"
    r"\b(?:external|outside|originated|unknown|extern\w*|externo|esterno|außerhalb|sender|click|links?)\b"
    r"|[\s*>\[(|]*(?:this (?:e-?mail|message) (?:originated|came|was sent|is) from (?:an? )?(?:external|outside|someone outside)"
    r"|you don['’]t often get e-?mail from|some people who received this message don['’]t often get"
    r"|\[?external(?: e-?mail| sender| message)?\]?\s*[:!]?\s*$)",
    re.I,
)
_DISCLAIMER = re.compile(
    r"[\s*_]*(?:(?:this|the information (?:contained )?in this|the contents? of this|any views).{0,60}(?:e-?mails?|messages?"
    r"|communications?)\b.{0,200}"
    r"\b(?:confidential|intended|privileged|virus|addressee|recipient|necessarily)"
    r"|disclaimer\b|confidentiality(?: notice)?\b|legal notice|data protection:|privacy notice"
    r"|(?:please )?(?:consider|think (?:of|about)) the environment|please don['’]t print|scanned (?:by|for)"
    r"|this e-?mail has been (?:scanned|checked)"
    r"|virus-free|diese e-?mail (?:enthält|ist vertraulich)|ce (?:message|courriel|mail).{0,80}confidentiel|este (?:mensaje|correo"
    r"|e-?mail|mensagem).{0,80}confidencial"
    r"|(?:il presente|questo) messaggio.{0,80}riservat|dit (?:bericht|e-?mail).{0,80}vertrouwelijk|if you (?:are not"
    r"|have received this).{0,80}(?:intended|in error|by mistake)"
    r"|registered (?:office|charity|in england|company)|to unsubscribe\b|unsubscribe from)",
    re.I,
)
_LONGEST_MOBILE = 150
_BEGINNINGS = frozenset("-_–—=*>")
_CLOSING = (":", "：", "wrote", "schrieb")
_BANNER_WORDS = ("extern", "outside", "originat", "often get", "unknown", "esterno", "außerhalb", "caution", "warning")
_DISCLAIMER_WORDS = (
    *("confiden", "intended", "privilege", "disclaimer", "legal", "environment", "print", "scan", "virus", "vertraulich", "riservat"),
    *(
        "vertrouwelijk",
        "registered",
        "unsubscribe",
        "error",
        "mistake",
        "addressee",
        "data protection",
        "privacy",
        "necessarily",
        "recipient",
    ),
)
_LETTER = re.compile(r"[^\W\d_]")


def label(text: str, subject: str) -> tuple[tuple[Zone, ...], Forwarded]:
    """The zones, in order and without gaps, and who the forwarded message is from, when one is inside."""
    lines = text.split("\n")
    reader = _Reader(lines, forward_subject=is_forward_subject(subject), reply_subject=is_reply_subject(subject))
    number = 0
    while number < len(lines):
        number += reader.take(number)
    return _joined(lines, reader.kinds), reader.forwarded or Forwarded()


def zone_at(zones: tuple[Zone, ...], place: int) -> ZoneKind:
    return next((zone.kind for zone in zones if zone.start <= place < zone.end), ZoneKind.NEW)


@dataclass
class _Reader:
    """Goes down the lines. `state` is what an ordinary line is here."""

    lines: list[str]
    forward_subject: bool
    reply_subject: bool

    def __post_init__(self) -> None:
        self.own_words = False
        # Most lines begin nothing; what cannot begin anything is seen without a pattern.
        self.closes = [line.rstrip("> \t").endswith(_CLOSING) for line in self.lines]
        self.state = ZoneKind.NEW
        self.kinds: list[ZoneKind] = []
        self.forwarded: Forwarded | None = None
        self.in_paragraph: ZoneKind | None = None

    def take(self, number: int) -> int:
        """Label the line, and those that belong to it. Returns how many were labelled."""
        line = self.lines[number]
        if not _LETTER.search(line) and not (line and (_LINE_ABOVE.match(line) or _DASHES.match(line))):
            self.in_paragraph = None if not line.strip() else self.in_paragraph
            quoted = self.state is ZoneKind.NEW and _QUOTE_MARK.match(line)
            return self._put(1, ZoneKind.QUOTED if quoted else self.in_paragraph or self.state)
        if taken := self._message_within(number, line):
            return taken
        if self.state is ZoneKind.QUOTED:
            return self._put(1, ZoneKind.QUOTED)
        if self.state is not ZoneKind.FORWARDED and _QUOTE_MARK.match(line):
            return self._put(1, ZoneKind.QUOTED)
        return self._own_line(bare(line))

    def _message_within(self, number: int, line: str) -> int:
        """A forward's or a quote's beginning: its mark, its header block, or "On Monday, Jane wrote:". 0 when there is none here."""
        first = line.lstrip()[:1]
        if ":" not in line and "：" not in line and first not in _BEGINNINGS:
            return self._attributed(number)
        forward = self.state is not ZoneKind.QUOTED and _FORWARD.match(line[:300])
        original = first in _BEGINNINGS and _ORIGINAL.match(line)
        if forward and (
            forward.group("rest") or header_block(self.lines, number + 1) or self.forward_subject or self._stands_alone(number)
        ):
            return self._begin_forward(number, rest=forward.group("rest"))
        lead = 1 if original or _LINE_ABOVE.match(line) else 0
        block = header_block(self.lines, number + lead)
        if block:
            if self._passes_on() and self.forwarded is None and self.state is not ZoneKind.QUOTED:
                return self._begin_forward(number, rest="", lead=lead)
            if self.state is ZoneKind.FORWARDED:
                return self._put(lead + block, ZoneKind.FORWARDED_HEADER)
            self.state = ZoneKind.QUOTED
            return self._put(lead + block, ZoneKind.QUOTED)
        if original and self.state is not ZoneKind.FORWARDED:
            self.state = ZoneKind.QUOTED
            return self._put(1, ZoneKind.QUOTED)
        return self._attributed(number)

    def _attributed(self, number: int) -> int:
        if self.state in (ZoneKind.QUOTED, ZoneKind.FORWARDED) or not any(self.closes[number : number + 3]):
            return 0
        taken = attribution(self.lines, number)
        if not taken:
            return 0
        following = next((line for line in self.lines[number + taken : number + taken + 5] if line.strip()), "")
        if (
            (self.forward_subject or (self._passes_on() and not self.own_words))
            and self.forwarded is None
            and not _QUOTE_MARK.match(following)
        ):
            self.forwarded = sender_of_line(" ".join(self.lines[number : number + taken]))
            self.state = ZoneKind.FORWARDED
            return self._put(taken, ZoneKind.FORWARDED_HEADER)
        self.state = ZoneKind.NEW if _QUOTE_MARK.match(following) else ZoneKind.QUOTED
        return self._put(taken, ZoneKind.QUOTED)

    def _begin_forward(self, number: int, *, rest: str, lead: int = 1) -> int:
        self.state = ZoneKind.FORWARDED
        self.in_paragraph = None
        block = header_block(self.lines, number + lead)
        if self.forwarded is None:
            self.forwarded = sender_of_line(rest) if rest.strip() else sender_of_block(self.lines[number + lead : number + lead + block])
        return self._put(lead + block, ZoneKind.FORWARDED_HEADER)

    def _passes_on(self) -> bool:
        """Whether a message below is passed on rather than answered: the subject says so, or says nothing and no words stand above."""
        return self.forward_subject or not (self.reply_subject or self.own_words)

    def _stands_alone(self, number: int) -> bool:
        """Whether the mark is a line of its own with dashes or a colon, as mail programs write it, and not words in a sentence."""
        line = bare(self.lines[number]).strip()
        return line.endswith((":", "-", "–", "—")) or line.startswith(("-", "–", "—"))

    def _own_line(self, line: str) -> int:
        """A line of whoever wrote this part: a banner of the mail server, a signature, a disclaimer, or their words."""
        lowered = line[:300].lower()
        if any(word in lowered for word in _BANNER_WORDS) and _BANNER.match(line[:300]):
            self.in_paragraph = ZoneKind.DISCLAIMER
            return self._put(1, ZoneKind.DISCLAIMER)
        if self.in_paragraph is not None:
            return self._put(1, self.in_paragraph)
        if any(word in lowered for word in _DISCLAIMER_WORDS) and _DISCLAIMER.match(line[:300]):
            self.in_paragraph = ZoneKind.DISCLAIMER
            self.state = self.state if self.state is ZoneKind.FORWARDED else ZoneKind.SIGNATURE
            return self._put(1, ZoneKind.DISCLAIMER)
        if self.state is ZoneKind.NEW and _DASHES.match(line):
            self.state = ZoneKind.SIGNATURE
        kind = ZoneKind.SIGNATURE if len(line) < _LONGEST_MOBILE and _MOBILE.match(line) else self.state
        self.own_words = self.own_words or kind is ZoneKind.NEW
        return self._put(1, kind)

    def _put(self, count: int, kind: ZoneKind) -> int:
        self.kinds += [kind] * count
        return count


def _joined(lines: list[str], kinds: list[ZoneKind]) -> tuple[Zone, ...]:
    zones: list[Zone] = []
    place = 0
    for line, kind in zip(lines, kinds, strict=False):
        end = place + len(line) + 1
        if zones and zones[-1].kind is kind:
            zones[-1] = Zone(kind, zones[-1].start, end)
        else:
            zones.append(Zone(kind, place, end))
        place = end
    return tuple(zones)
