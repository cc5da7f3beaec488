"""The headers at the top of a message: bounded reading, and who it is from.

From is read strictly: one header, one mailbox. Lenient readers disagree on `jane@example.org <evil@bad.example>`, and whoever
writes such a line chooses which of them to fool.
"""

import re
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from vetting.intake.parsing.decoding import clean, decode, decode_words
from vetting.values import BadValue, MailAddress

HEADER_BYTES = 256 * 1024
HEADERS = 500
VALUE_CHARACTERS = 8_000

_END = re.compile(rb"\r?\n\r?\n|\r\r")
_BLANK_LINE = re.compile(rb"[ \t]*\r?\n")
# What mail programs leave before the first header: a byte order mark, empty lines.
_LEADING = re.compile(rb"(?:\xef\xbb\xbf)?[\r\n]{0,100}")
_LINE = re.compile(rb"[ \t]|[!-9;-~]{1,100}[ \t]*:")
_FIELD = re.compile(rb"([!-9;-~]{1,100})[ \t]*:(.*)", re.S)
_FOLD = re.compile(rb"\r?\n[ \t]+")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
_COMMENT = re.compile(r"\([^()]*\)")


@dataclass(frozen=True)
class Headers:
    """A message's or a part's own headers in the order they stood, values unfolded and not yet decoded; `end` is where the body begins."""

    items: tuple[tuple[str, str], ...]
    truncated: bool
    end: int

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.items if key.lower() == name] if name in self._firsts else []

    def first(self, name: str) -> str:
        return self._firsts.get(name, "")

    @cached_property
    def _firsts(self) -> dict[str, str]:
        return {key.lower(): value for key, value in reversed(self.items)}


@dataclass(frozen=True)
class Sender:
    """The one mailbox a message is from; ambiguous when there is no such single one, and then without an address."""

    address: str
    name: str
    ambiguous: bool


def read_headers(raw: bytes, start: int = 0, stop: int | None = None) -> Headers:
    """The header block at `start`, within bounds on its size, its number of fields and the length of each."""
    stop = len(raw) if stop is None else stop
    if start == 0:
        leading = _LEADING.match(raw)
        start = leading.end() if leading else 0
    elif blank := _BLANK_LINE.match(raw, start, stop):
        return Headers((), truncated=False, end=blank.end())
    found = _END.search(raw, start, min(stop, start + HEADER_BYTES))
    if found is None:
        return _unended(raw, start, stop)
    items, truncated = _fields(raw[start : found.start()])
    return Headers(items, truncated, found.end())


def _unended(raw: bytes, start: int, stop: int) -> Headers:
    """No blank line ends the headers: they end at the first line that is none, or, past the bound, where the next blank line stands."""
    block = raw[start : min(stop, start + HEADER_BYTES)]
    if stop > start + HEADER_BYTES:
        later = _END.search(raw, start + HEADER_BYTES - 4, stop)
        items, _ = _fields(block)
        return Headers(items, truncated=True, end=later.end() if later else stop)
    end, first = 0, True
    for line in block.split(b"\n"):
        if not (_LINE.match(line) or (first and line.startswith(b"From "))):
            break
        end, first = end + len(line) + 1, False
    items, truncated = _fields(block[:end])
    return Headers(items, truncated, min(start + end, stop))


def _fields(block: bytes) -> tuple[tuple[tuple[str, str], ...], bool]:
    """Cut into lines before decoding: a character that a charset turns into a line end must not begin a header."""
    items = []
    lines = _FOLD.sub(b" ", block).split(b"\n", HEADERS)
    for line in lines[:HEADERS]:
        if match := _FIELD.match(line[: VALUE_CHARACTERS + 100]):
            value = decode(match.group(2)).replace("\n", " ").replace("\t", " ").strip()
            items.append((match.group(1).decode("ascii"), value[:VALUE_CHARACTERS]))
    return tuple(items), len(lines) > HEADERS


def read_sender(headers: Headers) -> Sender:
    values = headers.all("from")
    if len(values) != 1:
        return Sender("", decode_words(values[0])[:300] if values else "", ambiguous=True)
    return sender_in(values[0])


def sender_in(value: str) -> Sender:
    """One mailbox out of one From value, or an ambiguous sender. `Jane Smith <jane@example.org>` and bare addresses are read."""
    bare = _QUOTED.sub(lambda quoted: "q" * len(quoted.group()), value)
    mailboxes = [part for part in _split(value, bare) if "@" in _QUOTED.sub("", part)]
    shown = decode_words(_QUOTED.sub(lambda quoted: quoted.group()[1:-1], value))[:300]
    if len(mailboxes) != 1:
        return Sender("", shown, ambiguous=True)
    if ":" in bare.partition("<")[0] or ";" in bare:
        return Sender("", shown, ambiguous=True)
    display, address = _take_apart(value if "<" in bare else mailboxes[0])
    try:
        mailbox = MailAddress.parse(address)
    except BadValue:
        return Sender("", shown, ambiguous=True)
    name = decode_words(re.sub(r"\\(.)", r"\1", _QUOTED.sub(lambda quoted: quoted.group()[1:-1], display))).strip(" \"'")
    outside = _QUOTED.sub("", display).lower().replace(mailbox.value, "")
    if "@" in outside:
        return Sender("", shown, ambiguous=True)
    return Sender(mailbox.value, name[:300], ambiguous=False)


def _split(value: str, bare: str) -> list[str]:
    """Cut at the commas that stand outside quotes."""
    cuts = [-1, *(place for place, character in enumerate(bare) if character == ","), len(value)]
    return [value[start + 1 : end] for start, end in pairwise(cuts)]


def _take_apart(value: str) -> tuple[str, str]:
    """The display part and the address part; ("", "") when the angle brackets do not make exactly one pair at the end."""
    bare = _COMMENT.sub(lambda comment: "c" * len(comment.group()), _QUOTED.sub(lambda quoted: "q" * len(quoted.group()), value))
    if "<" not in bare:
        comments = _COMMENT.findall(value)
        return (comments[0][1:-1] if comments else "", _COMMENT.sub("", value))
    opened, closed = bare.find("<"), bare.find(">")
    tail = bare[closed + 1 :].strip()
    if bare.count("<") != 1 or bare.count(">") != 1 or closed < opened or tail.strip("c"):
        return "", ""
    return value[:opened], value[opened + 1 : closed]


def message_id(headers: Headers) -> str:
    """A hint for grouping, no key: some mails have none and different mails share one."""
    return clean(headers.first("message-id"))[:300]
