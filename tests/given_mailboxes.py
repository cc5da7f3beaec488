"""Scenes of connecting a mailbox with the modern sign-in: a real IMAP server, and sign-in servers on loopback."""

from collections.abc import Callable
from datetime import timedelta

import requests

from tests import given
from tests.dovecot import Dovecot
from tests.given_intake import a_message
from tests.token_server import CLIENT, TENANT, TokenServer
from vetting.intake.mailbox import connect
from vetting.intake.mailbox.microsoft import PERMISSION
from vetting.intake.models import IntakeSource
from vetting.intake.operations import add_source, collect
from vetting.school.models import School

IMAP, MICROSOFT, GOOGLE = IntakeSource.Kind.IMAP, IntakeSource.SignIn.MICROSOFT, IntakeSource.SignIn.GOOGLE


def a_mailbox_with_tokens(server: Dovecot, tokens: TokenServer, *, messages: int = 1) -> str:
    """A mailbox that its server opens to the tokens which the sign-in servers issue. Returns its address."""
    user = server.new_user()
    for number in range(messages):
        server.deliver(a_message(number=number), user)
    tokens.mailbox = user
    tokens.issue = lambda mailbox: server.token(mailbox, roles=[PERMISSION])
    return user


def a_microsoft_source(school: School, server: Dovecot, user: str, tokens: TokenServer, **different: object) -> IntakeSource:
    plain = {"host": server.host, "port": server.imap_port, "security": "LOOPBACK", "username": user, "sign_in": MICROSOFT}
    credentials = {"tenant": TENANT, "client_id": CLIENT, "client_secret": tokens.secret}
    return add_source(school=school, kind=IMAP, name="Office", by=None, at=given.MONDAY, **{**plain, **credentials, **different})


def a_google_source(school: School, server: Dovecot, user: str, file: str, **different: object) -> IntakeSource:
    plain = {"host": server.host, "port": server.imap_port, "security": "LOOPBACK", "username": user, "sign_in": GOOGLE}
    return add_source(school=school, kind=IMAP, name="Office", by=None, at=given.MONDAY, **{**plain, "client_secret": file, **different})


def read(source: IntakeSource, tokens: TokenServer, *, minutes: int = 0, meanwhile: Callable[[], object] | None = None) -> int:
    """One reading, so many minutes after Monday's beginning; `meanwhile` happens between asking for a token and saving it."""
    at = given.MONDAY + timedelta(minutes=minutes)
    http = tokens.session()

    def answered(answer: requests.Response, **_: object) -> None:
        if meanwhile and answer.request.method == "POST":
            meanwhile()

    http.hooks["response"].append(answered)
    return collect(source=source, mailbox=connect(source, at=at, http=http), at=at)
