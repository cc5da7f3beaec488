"""The whole message: its structure, its text, its attachments' names, and what the other modules find in it."""

import contextlib
import re
from collections.abc import Callable, Iterator
from email import message_from_bytes
from email.message import Message
from email.policy import compat32
from email.utils import collapse_rfc2231_value

from vetting.intake.parsing import heading, hints, names, zones
from vetting.intake.parsing.decoding import clean, decode, decode_words
from vetting.intake.parsing.html import html_to_text
from vetting.intake.parsing.parsed import ParsedEmail, ZoneKind

# Raise it when a change would read stored mails differently; mails that could not be read are then tried again.
PARSER_VERSION = 1

RAW_BYTES = 26 * 1024 * 1024
TEXT_CHARACTERS = 100_000
PARTS = 500
_BOUNDARIES = 2_000
_PART_BYTES = 2 * 1024 * 1024
_STUB_CHARACTERS = 40
_SEMICOLONS = re.compile(rb"(?:;[ \t]*){20,}")
_SECOND_TEXT = "\n\nThe formatted version of this e-mail also says:\n"


def parse(raw: bytes) -> ParsedEmail:
    """Read a message. Never raises for what is in it; 0 bytes, cut, enormous and hostile messages give what can be read of them."""
    defects: list[str] = []
    headers = heading.read_headers(raw)
    sender = heading.read_sender(headers)
    subject = decode_words(headers.first("subject"))[:500]
    structure = _structure(raw, defects)
    content_type = _quietly(structure.get_content_type, "text/plain") if structure is not None else "text/plain"
    plain, formatted, attachments, cut = _bodies(structure, defects) if structure is not None else ("", "", (), False)
    if structure is None:
        plain = decode(raw.partition(b"\n\n")[2][:TEXT_CHARACTERS])
    text, html_cut = _text(plain, formatted)
    stretches, forwarded = zones.label(text, subject)
    new = "\n".join(
        text[zone.start : zone.end] for zone in stretches if zone.kind in (ZoneKind.NEW, ZoneKind.FORWARDED, ZoneKind.SIGNATURE)
    )
    if not headers.items:
        defects.append("no headers")
    return ParsedEmail(
        parser_version=PARSER_VERSION,
        mail_class=heading.classify(headers, content_type, sender),
        from_address=sender.address,
        from_name=sender.name,
        sender_ambiguous=sender.ambiguous,
        forwarded_address=forwarded.address,
        forwarded_name=forwarded.name,
        subject=subject,
        text=text,
        zones=stretches,
        names=names.find(text, stretches, subject),
        child_text=hints.child(new) or hints.child(subject),
        class_text=hints.class_name(new) or hints.class_name(subject),
        attachments=attachments,
        message_id=heading.message_id(headers),
        headers=headers.items,
        defects=tuple(dict.fromkeys(defects)),
        truncated=headers.truncated or cut or html_cut or len(raw) > RAW_BYTES,
    )


def _structure(raw: bytes, defects: list[str]) -> Message | None:
    """The tree of parts by the standard library's oldest rules: the newer ones raise on real mail and take quadratic time."""
    raw = raw[:RAW_BYTES]
    head, separator, body = raw.partition(b"\n\n") if b"\r\n\r\n" not in raw[: heading.HEADER_BYTES] else raw.partition(b"\r\n\r\n")
    raw = _SEMICOLONS.sub(b";", head[: heading.HEADER_BYTES]) + separator + body
    place, seen = raw.find(b"\n--"), 0
    while place != -1 and seen < _BOUNDARIES:
        seen += 1
        place = raw.find(b"\n--", place + 3)
    if place != -1:
        raw = raw[:place]
        defects.append("more parts than are read")
    try:
        return message_from_bytes(raw, policy=compat32)
    except (RecursionError, ValueError, LookupError, TypeError, AttributeError, IndexError) as error:
        defects.append(f"structure unreadable ({type(error).__name__})")
        return None


def _bodies(message: Message, defects: list[str]) -> tuple[str, str, tuple[str, ...], bool]:
    plain: list[str] = []
    formatted: list[str] = []
    attachments: list[str] = []
    cut = False
    for count, part in enumerate(_parts(message)):
        if count >= PARTS:
            return "\n".join(plain), "\n".join(formatted), tuple(attachments), True
        kind = _quietly(part.get_content_type, "text/plain")
        name = _file_name(part)
        attached = name or str(part.get("Content-Disposition", "")).lower().lstrip().startswith("attachment")
        if attached or (not kind.startswith("text/") and not part.is_multipart()) or kind == "message/rfc822":
            attachments.append(name or clean(kind)[:200])
        elif kind in ("text/plain", "text/html"):
            body, body_cut = _body(part, defects)
            (formatted if kind == "text/html" else plain).append(body)
            cut = cut or body_cut
    return "\n".join(plain), "\n".join(formatted), tuple(attachments[:50]), cut


def _parts(message: Message) -> Iterator[Message]:
    """The parts in order. What is inside an attached message is not the sender's own words and is left out."""
    stack = [message]
    while stack:
        part = stack.pop()
        yield part
        payload = part.get_payload() if part.is_multipart() else None
        if isinstance(payload, list) and _quietly(part.get_content_maintype, "") == "multipart":
            stack.extend(inner for inner in reversed(payload) if isinstance(inner, Message))


def _body(part: Message, defects: list[str]) -> tuple[str, bool]:
    try:
        data = part.get_payload(decode=True)
    except (ValueError, LookupError, TypeError, AttributeError, AssertionError) as error:
        defects.append(f"a part could not be decoded ({type(error).__name__})")
        data = None
    if not isinstance(data, bytes):
        data = b""
    charset = _quietly(lambda: str(part.get_param("charset", "") or ""), "")
    return decode(data[:_PART_BYTES], charset), len(data) > _PART_BYTES


def _file_name(part: Message) -> str:
    for parameter, header in (("filename", "content-disposition"), ("name", "content-type")):
        with contextlib.suppress(ValueError, LookupError, TypeError, AttributeError, IndexError):
            value = part.get_param(parameter, None, header)
            if value:
                return decode_words(clean(collapse_rfc2231_value(value)))[:200]
    return ""


def _text(plain: str, formatted: str) -> tuple[str, bool]:
    """One text to show and to point into: the plain version, and the formatted one where that says more."""
    plain = _tidy(plain)
    if not formatted:
        return plain[:TEXT_CHARACTERS], len(plain) > TEXT_CHARACTERS
    visible, cut = html_to_text(formatted)
    visible = _tidy(clean(visible))
    if len(plain.strip()) < _STUB_CHARACTERS:
        text = visible if not plain.strip() or plain.strip() in visible else f"{plain}{_SECOND_TEXT}{visible}"
    else:
        known = {name.handle for name in names.find(plain, (), "")}
        more = {name.handle for name in names.find(visible, (), "") if name.handle} - known
        text = f"{plain}{_SECOND_TEXT}{visible}" if more else plain
    return text[:TEXT_CHARACTERS], cut or len(text) > TEXT_CHARACTERS


def _tidy(text: str) -> str:
    return re.sub(r"\n{4,}", "\n\n\n", "\n".join(line.rstrip() for line in text.split("\n"))).strip("\n")


def _quietly(read: Callable[[], str], otherwise: str) -> str:
    """What the standard library says of a part, or `otherwise` where its own parsing of a parameter fails."""
    try:
        return read()
    except (ValueError, LookupError, TypeError, AttributeError, IndexError):
        return otherwise
