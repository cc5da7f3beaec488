"""The header block of a message inside a message, and the line "On Monday, Jane wrote:", as mail programs write them.

Whoever a forward is from is read from its own header block and nowhere else; when that names no single address, nobody is named and a
person is asked. The first address in the text would usually be right, and sometimes be one that the colleague typed above.
"""

import re
from dataclasses import dataclass
from enum import Enum

from vetting.intake.parsing import languages
from vetting.intake.parsing.heading import sender_in
from vetting.intake.parsing.vocabulary import any_of

MOST_FIELDS = 12
_MARKS = re.compile(r"(?:\s{0,4}>){1,20}\s?")
_TAGS = re.compile(r"(?:\s*[\[(【][^\])】]{1,30}[\])】])*\s*")
_FORWARD_SUBJECT = re.compile(rf"{any_of(languages.FORWARD_SUBJECTS)}\s?[:：]", re.I)
_REPLY_SUBJECT = re.compile(rf"{any_of(languages.REPLY_SUBJECTS)}\s?(?:\[\d{{1,3}}\])?\s?[:：]", re.I)
_KINDS = {
    "from": languages.FROM,
    "date": languages.DATE,
    "to": languages.TO,
    "subject": languages.SUBJECT,
    "other": languages.OTHER,
}
_FIELD = re.compile(rf"\s{{0,8}}\*?(?P<name>{any_of(frozenset().union(*_KINDS.values()))})\s?\*?\s?[:：]\*?\s*(?P<value>.*)$", re.I)
_FROM_ON_LINE = re.compile(
    rf"\s*\*?{any_of(languages.FROM)}\s?[:：]\*?\s*(?P<value>[^<>\[\]\n]{{0,200}}[<\[][^<>\[\]\n]{{3,254}}[>\]])", re.I
)
_WROTE = re.compile(rf"(?<!\w){any_of(languages.WROTE)}(?!\w)", re.I)
_WROTE_START = re.compile(
    r"\s*(?:on|le|am|el|il|op|em|den|d\.|dne|dnia|w dniu|dana|u|в|на|a|il giorno|at|in|pada|vào|στις|em|pe|\d|\"|„|«|[^\W\d])", re.I
)
_DATED = re.compile(r"\d{1,4}[./\-:年]\s?\d{1,2}|\b(?:19|20)\d\d\b")
_QUOTES = ' "„”“«»'
_IN_BRACKETS = re.compile(r"[<(\[]+(?:mailto:)?([^\s<>()\[\]@]{1,64}@[^\s<>()\[\]@]{3,200})[>)\]]+", re.I)


class _Kind(Enum):
    """What a field of a header block says."""

    FROM = "from"
    DATE = "date"
    TO = "to"
    SUBJECT = "subject"
    OTHER = "other"


_KIND_OF = {name: _Kind(kind) for kind, names in reversed(_KINDS.items()) for name in names}


@dataclass(frozen=True)
class Forwarded:
    """The sender named in the header block of a forwarded message; empty when it names no single address."""

    address: str = ""
    name: str = ""


def bare(line: str) -> str:
    """The line without its quote marks."""
    match = _MARKS.match(line)
    return line[match.end() :] if match else line


def is_forward_subject(subject: str) -> bool:
    """Whether the outermost word before the subject says that this is a forward; "[External]" and such may stand before it."""
    tags = _TAGS.match(subject)
    return bool(_FORWARD_SUBJECT.match(subject, tags.end() if tags else 0))


def is_reply_subject(subject: str) -> bool:
    """Whether the outermost word before the subject says that this is an answer."""
    tags = _TAGS.match(subject)
    return bool(_REPLY_SUBJECT.match(subject, tags.end() if tags else 0))


def header_block(lines: list[str], start: int) -> int:
    """How many lines the block "From: … Sent: … Subject: …" at `start` has (blank lines before it count); 0 when there is none."""
    place = start
    while place < len(lines) and place < start + 3 and not bare(lines[place]).strip():
        place += 1
    if place >= len(lines) or (place > start and start == 0):
        return 0
    kinds: list[_Kind] = []
    while place < len(lines) and len(kinds) < MOST_FIELDS:
        kind = _kind(lines[place])
        if kind is None:
            further = _continued(lines, place) if kinds else 0
            if not further:
                break
            place += further
            continue
        kinds.append(kind)
        place += 1
    told = set(kinds) - {_Kind.OTHER}
    complete = (_Kind.FROM in kinds[:3] and len(told) >= 3) or (_Kind.FROM in kinds[:1] and len(told) >= 2 and len(kinds) >= 3)
    return place - start if complete else 0


def sender_of_block(lines: list[str]) -> Forwarded:
    """Whom the block's From names, with its address on the same line or the next."""
    for number, line in enumerate(lines):
        if _kind(line) is not _Kind.FROM:
            continue
        match = _FIELD.match(bare(line)[:500])
        value = match.group("value") if match else ""
        following = bare(lines[number + 1]).strip() if number + 1 < len(lines) else ""
        if "@" not in value and following and _kind(following) is None:
            value = f"{value} {following}"
        return _mailbox(value)
    return Forwarded()


def sender_of_line(line: str) -> Forwarded:
    """Whom a single line names: "De: Jane <jane@example.org>Para: …" of a program that lost its line ends, or "On …, Jane <…> wrote:"."""
    if match := _FROM_ON_LINE.match(line[:600]):
        return _mailbox(match.group("value"))
    found = {match.group(1).lower(): match for match in _IN_BRACKETS.finditer(line[:600])}
    if len(found) != 1:
        return Forwarded()
    ((address, place),) = found.items()
    name = re.split(r",\s|\bschrieb\b|\bskrev\b|\bheeft\b|пользователь|používateľ|időpontban|\d[\d:.\s]{2,}", line[: place.start()])[-1]
    return _mailbox(f"{name.strip(_QUOTES)} <{address}>")


def attribution(lines: list[str], number: int) -> int:
    """How many lines (up to three: programs break them) "On Monday, Jane wrote:" takes here; 0 when it does not stand here."""
    if not lines[number].strip() or not _WROTE_START.match(lines[number]):
        return 0
    joined = ""
    for count in range(1, 4):
        if number + count > len(lines):
            break
        line = bare(lines[number + count - 1]).strip()
        if not line:
            break
        joined = f"{joined} {line}"
        if len(joined) > 400:
            break
        if joined.endswith((":", "：", ": >", "wrote", "schrieb")) and _says_who_wrote(joined, lines, number + count):
            return count
    return 0


def _says_who_wrote(joined: str, lines: list[str], after: int) -> bool:
    dated = bool(_DATED.search(joined))
    addressed = bool(_IN_BRACKETS.search(joined))
    if _WROTE.search(joined):
        return dated or addressed
    # Another language: a date and an address before a colon, and quoted lines below.
    return dated and addressed and any(line.lstrip().startswith(">") for line in lines[after : after + 3])


def _kind(line: str) -> _Kind | None:
    if ":" not in line and "：" not in line:
        return None
    match = _FIELD.match(bare(line)[:500])
    return _KIND_OF.get(" ".join(match.group("name").lower().split())) if match else None


def _continued(lines: list[str], place: int) -> int:
    """How many lines (up to four) go on with the field before, when another field follows them."""
    for count in range(1, 5):
        if place + count >= len(lines) or not bare(lines[place + count - 1]).strip():
            return 0
        if _kind(lines[place + count]) is not None:
            return count
    return 0


def _mailbox(value: str) -> Forwarded:
    """One mailbox, in the many ways programs write it: `Jane <jane@…>`, `Jane [mailto:jane@…]`, `jane@…<mailto:jane@…>`."""
    value = re.sub(r"[\[<(]\s*mailto:([^\])>\s]+)\s*[\])>]", r"<\1>", value.strip(), flags=re.I)
    value = re.sub(
        r"\[([^\]\s]+@[^\]\s]+)\]|\(<?([^()<>\s]+@[^()<>\s]+?)>?\)", lambda found: f"<{found.group(1) or found.group(2)}>", value
    )
    found = {match.group(1).lower() for match in re.finditer(r"<([^<>\s]+@[^<>\s]+)>", value)}
    if len(found) == 1:
        (address,) = found
        name = re.sub(r"<[^<>]*>?|>", " ", value).strip().strip("\"'").strip()
        outside = name.lower().replace(address, "").strip("\"' ,;")
        if "@" not in outside:
            sender = sender_in(f"<{address}>")
            shown = "" if name.lower() == address else " ".join(name.split())
            return Forwarded(sender.address, shown[:300] if sender.address else "")
        return Forwarded()
    sender = sender_in(value.replace("'", ""))
    return Forwarded(sender.address, sender.name) if not sender.ambiguous else Forwarded()
