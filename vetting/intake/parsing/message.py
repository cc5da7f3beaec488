"""The whole message: its structure, its text, its attachments' names, and what the other modules find in it."""

from dataclasses import dataclass, field

from vetting.intake.parsing import cues, heading, hints, names, structure, zones
from vetting.intake.parsing.classing import classify, no_answer_because
from vetting.intake.parsing.decoding import clean, decode, decode_words
from vetting.intake.parsing.forwards import Forwarded
from vetting.intake.parsing.heading import Headers
from vetting.intake.parsing.html import html_to_text
from vetting.intake.parsing.parsed import MailClass, ParsedEmail, Zone, ZoneKind
from vetting.intake.parsing.structure import Part

# Raise it when a change would read stored mails differently; mails that could not be read are then tried again.
PARSER_VERSION = 4

RAW_BYTES = 26 * 1024 * 1024
TEXT_CHARACTERS = 100_000
SUBJECT_CHARACTERS = 500
_ATTACHMENTS = 50
_PART_BYTES = 2 * 1024 * 1024
_STUB_CHARACTERS = 40
_SECOND_TEXT = "\n\nThe formatted version of this e-mail also says:\n"
_OWN_WORDS = (ZoneKind.NEW, ZoneKind.FORWARDED, ZoneKind.SIGNATURE)


@dataclass
class _Bodies:
    """What the parts hold: text, formatted text, the names of what is attached."""

    plain: list[str] = field(default_factory=list)
    formatted: list[str] = field(default_factory=list)
    attachments: list[str] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    cut: bool = False


def parse(raw: bytes) -> ParsedEmail:
    """Read a message. Never raises for what is in it; 0 bytes, cut, enormous and hostile messages give what can be read of them."""
    defects: list[str] = []
    whole = len(raw)
    raw = raw[:RAW_BYTES]
    headers = heading.read_headers(raw)
    if not headers.items:
        defects.append("no headers")
    sender = heading.read_sender(headers)
    subject = decode_words(headers.first("subject"))[:SUBJECT_CHARACTERS]
    bodies = _bodies(raw, headers, defects)
    kind, parameters = structure.content_type(headers)
    mail_class = classify(headers, kind, parameters.get("report-type", ""), sender)
    text, text_cut = _text("\n".join(bodies.plain), "\n".join(bodies.formatted))
    stretches, forwarded = zones.label(text, subject)
    attached = structure.attached_messages(bodies.parts, defects)
    if len(attached) == 1 and not forwarded.address and mail_class is MailClass.HUMAN:
        forwarded = _attached_sender(raw, attached[0])
    new = _own_words(text, stretches)
    child, children = hints.children(new)
    if not child:
        child, children = hints.children(subject)
    return ParsedEmail(
        parser_version=PARSER_VERSION,
        mail_class=mail_class,
        from_address=sender.address,
        from_name=sender.name,
        sender_ambiguous=sender.ambiguous,
        forwarded_address=forwarded.address,
        forwarded_name=forwarded.name,
        subject=subject,
        text=text,
        zones=stretches,
        names=names.find(text, stretches, subject, by_a_person=mail_class is MailClass.HUMAN, sender=f"{sender.name} {forwarded.name}"),
        child_text=child,
        class_text=hints.class_name(new) or hints.class_name(subject),
        attachments=tuple(bodies.attachments[:_ATTACHMENTS]),
        message_id=heading.message_id(headers),
        headers=headers.items,
        defects=tuple(dict.fromkeys(defects)),
        truncated=headers.truncated or bodies.cut or text_cut or whole > RAW_BYTES,
        no_answer_because=no_answer_because(headers, mail_class, sender),
        attached=attached,
        children=children,
    )


def formatted_part(raw: bytes) -> str:
    """The HTML of a message as it stands and so unsafe: for cleaning and showing on request."""
    raw = raw[:RAW_BYTES]
    return "\n".join(_bodies(raw, heading.read_headers(raw), []).formatted)


def _own_words(text: str, stretches: tuple[Zone, ...]) -> str:
    return "\n".join(text[zone.start : zone.end] for zone in stretches if zone.kind in _OWN_WORDS)


def _attached_sender(raw: bytes, span: tuple[int, int]) -> Forwarded:
    """Who wrote the one message that is attached."""
    sender = heading.read_sender(heading.read_headers(raw[span[0] : span[1]]))
    return Forwarded(sender.address, sender.name) if sender.address else Forwarded()


def _bodies(raw: bytes, headers: Headers, defects: list[str]) -> _Bodies:
    bodies = _Bodies()
    others: list[Part] = []
    for part in structure.parts(raw, headers, defects):
        bodies.parts.append(part)
        if part.attached or not part.kind.startswith("text/") or (part.file_name and (bodies.plain or bodies.formatted)):
            bodies.attachments.append(part.file_name or clean(part.kind)[:200])
        elif part.kind in ("text/plain", "text/html"):
            _take(raw, part, bodies, defects)
        else:
            bodies.attachments.append(part.file_name or clean(part.kind)[:200])
            others.append(part)
    only = bodies.parts[0] if len(bodies.parts) == 1 else None
    if not bodies.plain and not bodies.formatted:
        # A text of a kind we do not know, or one that calls itself an attachment and is all there is.
        alone = [only] if only is not None and only.kind.startswith("text/") else []
        for part in (others or alone)[:1]:
            _take(raw, part, bodies, defects)
    bodies.cut = bodies.cut or "more parts than are read" in defects
    return bodies


def _take(raw: bytes, part: Part, bodies: _Bodies, defects: list[str]) -> None:
    data, cut = structure.body(raw, part, _PART_BYTES)
    if not data and part.end > part.start + 10 and part.encoding not in ("", "7bit", "8bit", "binary"):
        defects.append("a part could not be decoded")
    bodies.cut = bodies.cut or cut
    (bodies.formatted if part.kind == "text/html" else bodies.plain).append(decode(data, part.charset))


def _text(plain: str, formatted: str) -> tuple[str, bool]:
    """One text to show and to point into: the plain version as it is, and the formatted one where that says more."""
    plain = plain.rstrip()
    is_stub = len(plain.strip()) < _STUB_CHARACTERS
    if not formatted or (not is_stub and not cues.may_have(formatted)):
        return plain[:TEXT_CHARACTERS], len(plain) > TEXT_CHARACTERS
    visible, cut = html_to_text(formatted)
    visible = clean(visible)
    if is_stub:
        said = " ".join(plain.split())
        text = visible if not said or said in " ".join(visible.split()) else f"{plain}{_SECOND_TEXT}{visible}"
    else:
        # A name that only the formatted version has is a word that only it has.
        new_words = set(visible.split()) - set(plain.split())
        more = new_words and cues.may_have(visible) and names.handles(visible) - names.handles(plain)
        text = f"{plain}{_SECOND_TEXT}{visible}" if more else plain
    return text[:TEXT_CHARACTERS], cut or len(text) > TEXT_CHARACTERS
