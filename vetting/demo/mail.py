"""E-mails as the demo's mail server hands them over: with its own Received line and its own word on the sender."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from enum import StrEnum
from pathlib import Path

from vetting.demo.place import MAIL_SERVER, SCHOOL_ADDRESS
from vetting.intake.mailbox.folder import drop


class SenderCheck(StrEnum):
    """What the receiving mail server found out about the sender."""

    GENUINE = "GENUINE"
    UNCHECKED = "UNCHECKED"
    FORGED = "FORGED"


@dataclass(frozen=True)
class Letter:
    """An e-mail somebody writes to the school."""

    from_name: str
    from_address: str
    subject: str
    body: str
    sent_at: datetime
    check: SenderCheck = SenderCheck.GENUINE
    extra_headers: Sequence[tuple[str, str]] = ()


def as_email(letter: Letter) -> bytes:
    """The message as it lies in the mailbox.

    The receiving server's lines stand on top, above whatever the sender wrote; a forger's own claim to have passed
    stands below them and must count for nothing (RFC 8601, section 5).
    """
    message = EmailMessage(policy=SMTP)
    local, _, host = letter.from_address.rpartition("@")
    received = letter.sent_at + timedelta(seconds=4)
    message["Return-Path"] = f"<{letter.from_address}>"
    for verdict in _verdict(letter, host):
        message["Authentication-Results"] = verdict
    # 192.0.2.0/24 and 203.0.113.0/24 are reserved for documentation.
    sender = "unknown (unknown [203.0.113.77])" if letter.check is SenderCheck.FORGED else f"out.{host} (out.{host} [192.0.2.25])"
    message["Received"] = (
        f"from {sender} by {MAIL_SERVER} with ESMTPS id {secrets.token_hex(5)} for <{SCHOOL_ADDRESS}>; {format_datetime(received)}"
    )
    if letter.check is SenderCheck.FORGED:
        message["Authentication-Results"] = f"mx.sender.example.net; dmarc=pass header.from={host}"
    message["Message-ID"] = f"<{secrets.token_hex(12)}@{host}>"
    message["Date"] = format_datetime(letter.sent_at)
    message["From"] = Address(letter.from_name, local, host)
    message["To"] = SCHOOL_ADDRESS
    message["Subject"] = letter.subject
    for name, value in letter.extra_headers:
        message[name] = value
    message.set_content(letter.body)
    return message.as_bytes()


def _verdict(letter: Letter, host: str) -> list[str]:
    if letter.check is SenderCheck.UNCHECKED:
        return [f"{MAIL_SERVER}; spf=none smtp.mailfrom={letter.from_address}; dkim=none; dmarc=none header.from={host}"]
    if letter.check is SenderCheck.FORGED:
        return [f"{MAIL_SERVER}; spf=fail smtp.mailfrom={letter.from_address}; dkim=none; dmarc=fail (p=none) header.from={host}"]
    return [
        f"{MAIL_SERVER}; spf=pass smtp.mailfrom={letter.from_address}; dkim=pass header.d={host}; dmarc=pass (p=none) header.from={host}"
    ]


def drop_into(mailbox: Path, letter: Letter) -> Path:
    """Put the message into the folder in one step; its file time is its arrival."""
    mailbox.mkdir(parents=True, exist_ok=True)
    return drop(mailbox, as_email(letter), received_at=letter.sent_at)
