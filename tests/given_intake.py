"""Scenes of intake: messages as families' mail programs write them, and mailboxes that hold them."""

from datetime import datetime
from email.utils import format_datetime
from pathlib import Path

from django.conf import settings

from tests import given
from vetting.intake.mailbox import connect
from vetting.intake.mailbox.folder import drop
from vetting.intake.models import IntakeSource, VerificationEmail
from vetting.intake.operations import add_source, collect, declare_trusted_receiver, parse_stored, receive_email
from vetting.school.models import School

RECEIVER = "mx.st-example.test"


def a_message(
    body: str = "My Twitter name is @dana_h84. I am the parent of Ada Hill (6B).",
    *,
    sender: str = "Dana Hill <dana@example.org>",
    subject: str = "Twitter",
    at: datetime = given.MONDAY,
    top: str = "",
    number: int = 1,
) -> bytes:
    """A plain message; `top` stands above its own headers, as a receiving server writes there."""
    head = (
        f"From: {sender}\nTo: office@st-example.test\nSubject: {subject}\nDate: {format_datetime(at)}\nMessage-ID: <{number}@example.org>\n"
    )
    return f"{top}{head}Content-Type: text/plain; charset=utf-8\n\n{body}\n".encode()


def a_checked_message(body: str = "My Twitter name is @dana_h84. I am the parent of Ada Hill (6B).", **more: object) -> bytes:
    """As the school's mail server hands it over after it checked the sender's domain example.org."""
    top = (
        f"Authentication-Results: {RECEIVER}; dmarc=pass header.from=example.org\n"
        f"Received: from mail.example.org (mail.example.org [203.0.113.7]) by {RECEIVER}; Mon, 9 Nov 2026 09:00:00 +0000\n"
    )
    return a_message(body, top=top, **more)


def a_folder_source(school: School, *, name: str = "The office's folder", trusted: str = RECEIVER) -> IntakeSource:
    folder = Path(settings.DATA_DIR) / "mail" / school.slug
    folder.mkdir(parents=True, exist_ok=True)
    source = add_source(school=school, kind=IntakeSource.Kind.FOLDER, name=name, by=None, at=given.MONDAY, folder=str(folder))
    if trusted:
        declare_trusted_receiver(source=source, receiver=trusted, by=None, at=given.MONDAY)
    return source


def mail_arrives(source: IntakeSource, raw: bytes, *, at: datetime = given.MONDAY) -> VerificationEmail:
    """A message comes into a folder source, is stored and read."""
    drop(Path(source.folder), raw, received_at=at)
    collect(source=source, mailbox=connect(source), at=at)
    parse_stored(at=at)
    return VerificationEmail.objects.filter(school=source.school).latest("pk")


def an_email(school: School, raw: bytes | None = None, *, at: datetime = given.MONDAY) -> VerificationEmail:
    """A message handed over by hand, stored and read; nobody checked its sender."""
    email = receive_email(school=school, raw=a_message() if raw is None else raw, received_at=at, at=at)
    parse_stored(at=at)
    email.refresh_from_db()
    return email
