"""A message of a simulated school as the bytes that would have arrived, read by the product's own parser."""

from datetime import datetime
from email.header import Header
from email.utils import format_datetime
from typing import Any

from vetting.intake.parsing import MailClass, is_mentioned, parse, stands_beside
from vetting.matching.facts import ClaimFacts, ReadingFacts
from vetting.values import BadValue, MailAddress

RECEIVER = "mx.school.example"


def headers_of(row: dict[str, Any]) -> list[tuple[str, str]]:
    """What the school's mail server wrote on top: its three verdicts, and where the message came in."""
    auth, address = row["auth"], row["from_addr"]
    domain = address.rpartition("@")[2].lower()
    results = (
        f"{RECEIVER}; dmarc={auth['dmarc']} header.from={domain}; spf={auth['spf']} smtp.mailfrom={address}; "
        f"dkim={auth['dkim']} header.d={domain}"
    )
    received = f"from mail.{domain} (mail.{domain} [203.0.113.7]) by {RECEIVER}; Mon, 9 Nov 2026 09:00:00 +0000"
    return [("Authentication-Results", results), ("Received", received), ("From", address)]


def signer_of(row: dict[str, Any]) -> str:
    """The domain whose signature is whole; "" for none.

    The files do not say whose signature it was. Where the envelope passed as well, it is taken for the sender's own, as the product finds
    by checking signatures itself (docs/decisions/0007); a failed verdict is never made up for by it.
    """
    auth = row["auth"]
    return row["from_addr"].rpartition("@")[2].lower() if auth["dkim"] == "pass" and auth["spf"] == "pass" else ""


def message_of(row: dict[str, Any], arrived: datetime) -> bytes:
    """The whole message."""
    name = _one_line(row["from_name"]).replace('"', "")
    sender = f'"{name}"' if name.isascii() else Header(name, "utf-8", maxlinelen=10_000).encode()
    head = [
        *headers_of(row)[:2],
        ("From", f"{sender} <{row['from_addr']}>"),
        ("To", "office@school.example"),
        ("Subject", _subject(row["subject"])),
        ("Date", format_datetime(arrived)),
        ("Message-ID", f"<{row['claim_id']}@mail.example>"),
        ("Content-Type", "text/plain; charset=utf-8"),
        ("Content-Transfer-Encoding", "8bit"),
    ]
    return "".join([*(f"{title}: {_one_line(value)}\r\n" for title, value in head), "\r\n", row["body"]]).encode()


def _subject(text: str | None) -> str:
    line = _one_line(text)
    return line if line.isascii() else Header(line, "utf-8", maxlinelen=10_000).encode()


def _one_line(text: str | None) -> str:
    return " ".join((text or "").split())


def claim_from_text(number: int, row: dict[str, Any], arrived: datetime, authenticity: str) -> ClaimFacts | None:
    """What the register would have written down of this message; None where it waits for a person instead."""
    parsed = parse(message_of(row, arrived))
    if parsed.mail_class is not MailClass.HUMAN or not parsed.names:
        return None
    try:
        sender = MailAddress.parse(parsed.from_address)
    except BadValue:
        sender = None
    return ClaimFacts(
        pk=number,
        made_at=arrived,
        readings=tuple(
            ReadingFacts(
                name.written,
                name.handle,
                name.repaired,
                beside=stands_beside(name.zone, name.rule),
                mentioned=is_mentioned(name.zone, name.rule),
            )
            for name in parsed.names
        ),
        sender=sender,
        sender_name=parsed.from_name,
        child_text=parsed.child_text,
        class_text=parsed.class_text,
        authenticity=authenticity,
    )
