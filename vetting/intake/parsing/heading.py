"""The headers at the top of a message: bounded reading, and who it is from.

From is read strictly: one header, one mailbox. Lenient readers disagree on `jane@example.org <evil@bad.example>`, and whoever
writes such a line chooses which of them to fool.
"""

import re
from dataclasses import dataclass
from itertools import pairwise

from vetting.intake.parsing.decoding import clean, decode, decode_words
from vetting.intake.parsing.parsed import MailClass
from vetting.values import BadValue, MailAddress

HEADER_BYTES = 256 * 1024
HEADERS = 500
VALUE_CHARACTERS = 8_000

_END = re.compile(rb"\r?\n\r?\n|\r\r")
_FIELD = re.compile(r"([!-9;-~]{1,100})[ \t]*:(.*)", re.S)
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
_COMMENT = re.compile(r"\([^()]*\)")
_ROBOT = re.compile(r"(?:mailer-daemon|postmaster|mail-?delivery(?:-subsystem)?)$")
_BOUNCE_SUBJECT = re.compile(
    r"undeliver(?:able|ed)|delivery (?:status notification|failure|has failed)|returned mail"
    r"|mail delivery (?:failed|failure)|failure notice",
    re.I,
)
_AUTO_SUBJECT = re.compile(r"(?:automatic reply|auto(?:matic)?[- ]?(?:reply|response|answer)|out of (?:the )?office)\b", re.I)


@dataclass(frozen=True)
class Headers:
    """A message's own headers in the order they stood, values unfolded and not yet decoded."""

    items: tuple[tuple[str, str], ...]
    truncated: bool

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.items if key.lower() == name]

    def first(self, name: str) -> str:
        return next(iter(self.all(name)), "")


@dataclass(frozen=True)
class Sender:
    """The one mailbox a message is from; ambiguous when there is no such single one, and then without an address."""

    address: str
    name: str
    ambiguous: bool


def read_headers(raw: bytes) -> Headers:
    """The header block, within bounds on its size, its number of fields and the length of each."""
    end = _END.search(raw, 0, HEADER_BYTES)
    block = decode(raw[: end.start() if end else HEADER_BYTES])
    fields: list[str] = []
    for line in block.split("\n"):
        if line[:1] in (" ", "\t") and fields:
            if len(fields[-1]) < VALUE_CHARACTERS:
                fields[-1] += " " + line.strip()
        elif len(fields) < HEADERS:
            fields.append(line)
    items = []
    for field in fields:
        match = _FIELD.match(field[: VALUE_CHARACTERS + 100])
        if match:
            items.append((match.group(1), match.group(2).strip()[:VALUE_CHARACTERS]))
    return Headers(tuple(items), truncated=(end is None and len(raw) > HEADER_BYTES) or len(fields) >= HEADERS)


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


def classify(headers: Headers, content_type: str, sender: Sender) -> MailClass:
    """Bounce, automatic reply, list or person. `Auto-Submitted: no` is a person; X-Auto-Response-Suppress proves nothing."""
    subject = decode_words(headers.first("subject"))
    local = sender.address.partition("@")[0]
    null_path = headers.first("return-path").replace(" ", "") == "<>"
    report = content_type == "multipart/report" or bool(headers.all("x-failed-recipients"))
    if report or _ROBOT.match(local) or (null_path and _BOUNCE_SUBJECT.search(subject)):
        return MailClass.BOUNCE
    automatic = headers.first("auto-submitted").partition(";")[0].strip().lower()
    precedence = headers.first("precedence").strip().lower()
    auto_headers = ("x-autoreply", "x-autorespond", "x-autogenerated", "x-auto-reply-from", "x-mail-autoreply")
    if automatic not in ("", "no") or precedence in ("auto_reply", "auto-reply") or any(headers.all(name) for name in auto_headers):
        return MailClass.AUTO_REPLY
    if null_path or _AUTO_SUBJECT.match(subject):
        return MailClass.AUTO_REPLY
    if headers.all("list-id") or headers.all("list-unsubscribe") or precedence in ("list", "bulk", "junk"):
        return MailClass.LIST
    return MailClass.HUMAN


def message_id(headers: Headers) -> str:
    """A hint for grouping, no key: some mails have none and different mails share one."""
    return clean(headers.first("message-id"))[:300]
