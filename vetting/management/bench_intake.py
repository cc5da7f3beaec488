"""How long mail takes from the server into the register: fetched from a real mail server, recorded and read."""

import importlib
import itertools
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Any

from vetting.intake.mailbox import connect
from vetting.intake.models import IntakeSource, VerificationEmail
from vetting.intake.operations import add_source, collect, parse_stored
from vetting.management.benches import Bench, NotHere, Way
from vetting.school.models import School
from vetting.school.operations import create_school

AT = datetime(2026, 11, 9, 9, 0, tzinfo=UTC)
_WORDS = "We are looking forward to the assembly on Friday and hope to see the pictures of it.\n"


def from_server_to_register(mails: int) -> Bench:
    """Half of so many mails, and all of them. Raises NotHere without Dovecot."""
    opened = ExitStack()
    try:
        tests = importlib.import_module("tests.dovecot")
        server = opened.enter_context(tests.a_server())
    except ModuleNotFoundError as absent:
        raise NotHere("The mail server for tests is not part of this installation.") from absent
    except RuntimeError as absent:
        raise NotHere(str(absent)) from absent
    numbers = itertools.count(1)
    boxes = {count: _filled(server, count) for count in (mails // 2, mails)}

    def read_all(count: int) -> None:
        """One whole mailbox into a school of its own."""
        school = create_school(slug=f"bench-{next(numbers)}", name="Bench", at=AT)
        source = _source(school, server, boxes[count])
        while collect(source=source, mailbox=connect(source), at=AT):
            parse_stored(at=AT, limit=1000)
        read = VerificationEmail.objects.filter(school=school, parsed_at__isnull=False).count()
        if read != count:
            raise RuntimeError(f"{read} of {count} mails were recorded and read.")

    return Bench(
        f"intake: {mails:,} mails",
        Way(f"{mails // 2:,} mails", lambda: read_all(mails // 2)),
        Way(f"{mails:,} mails", lambda: read_all(mails)),
        2.6,
        "fetched from Dovecot, recorded and read: twice as many, about twice the time",
        most_rounds=1 if mails > 1000 else 3,
        after=opened.close,
    )


def _filled(server: Any, count: int) -> str:
    """A mailbox with so many mails, as families write them, half a KB to 4 KB each. Returns whose it is."""
    user = str(server.new_user())
    for number in range(count):
        head = f"From: Parent {number} <parent{number}@example.org>\r\nTo: office@school.test\r\nSubject: Twitter\r\n"
        head += f"Date: Mon, 9 Nov 2026 09:00:00 +0000\r\nMessage-ID: <{number}@example.org>\r\n"
        head += f"Received: from mail.example.org by mx.school.test; id {number}\r\n" * 3
        body = f"My Twitter name is @parent_{number}. I am the mother of Ada Hill in 6B.\n\n{_WORDS * (number % 20 * 2 + 4)}"
        server.deliver(f"{head}Content-Type: text/plain; charset=utf-8\r\n\r\n".encode() + body.replace("\n", "\r\n").encode(), user)
    return user


def _source(school: School, server: Any, user: str) -> IntakeSource:
    return add_source(
        school=school,
        kind=IntakeSource.Kind.IMAP,
        name="Bench",
        by=None,
        at=AT,
        host=server.host,
        port=server.imap_port,
        security=IntakeSource.Security.LOOPBACK,
        username=user,
        password=server.password,
    )
