"""Scenes of storing: the same message as it looks in a mailbox, in files of several programs, and attached to a forward."""

from datetime import datetime, timedelta

from tests import given
from tests.dovecot import Dovecot
from tests.given_intake import a_message
from vetting.intake.mailbox import connect
from vetting.intake.models import IntakeSource
from vetting.intake.operations import add_source, collect
from vetting.school.models import School

ENVELOPE = b"From dana@example.org Mon Nov  9 09:00:00 2026\n"


def an_imap_source(school: School, server: Dovecot, user: str, **different: object) -> IntakeSource:
    plain = {"host": server.host, "port": server.imap_port, "security": "LOOPBACK", "username": user, "password": server.password}
    return add_source(school=school, kind=IntakeSource.Kind.IMAP, name="Twitter folder", by=None, at=given.MONDAY, **{**plain, **different})


def read(source: IntakeSource, *, minutes: int = 0) -> int:
    """The mailbox is read once. Returns how many new e-mails came."""
    return collect(source=source, mailbox=connect(source), at=later(minutes))


def later(minutes: int) -> datetime:
    return given.MONDAY + timedelta(minutes=minutes)


def an_mbox(*messages: bytes) -> bytes:
    """As most programs export: a line before each message, a ">" before lines that look like one, a blank line behind."""
    pieces = []
    for raw in messages:
        lines = raw.replace(b"\r\n", b"\n").split(b"\n")
        body = b"\n".join(b">" + line if line.lstrip(b">").startswith(b"From ") else line for line in lines)
        pieces.append(ENVELOPE + b"Status: RO\nX-Mozilla-Status: 0001\n" + body.rstrip(b"\n") + b"\n\n")
    return b"".join(pieces)


def a_forward(*attached: bytes, sender: str, words: str = "Please see attached.") -> bytes:
    """A forward as an attachment, one part for each message."""
    top = f"From: {sender}\nTo: office@st-example.test\nSubject: Fw: Twitter\nDate: Mon, 9 Nov 2026 10:00:00 +0000\nMessage-ID: <fw@st>\n"
    head = f'{top}MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="=_between"\n\n'.encode()
    parts = [b"Content-Type: text/plain\n\n" + words.encode() + b"\n"]
    parts += [b"Content-Type: message/rfc822\nContent-Disposition: attachment\n\n" + raw for raw in attached]
    return head + b"".join(b"--=_between\n" + part + b"\n" for part in parts) + b"--=_between--\n"


def a_message_with_a_from_line(number: int = 1) -> bytes:
    return a_message("I am @dana_h84.\nFrom next week on I am @dana_h85.\n\nFrom Dana", number=number)
