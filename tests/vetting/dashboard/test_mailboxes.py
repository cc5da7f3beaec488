"""Settings, Mailbox: a Technician connects, tests, changes and disconnects; no secret ever comes back."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import User
from tests import given
from tests.dovecot import Dovecot
from tests.given_intake import a_folder_source, a_message
from tests.token_server import CLIENT, TENANT, TokenServer
from vetting.audit.models import AuditEvent
from vetting.intake.models import IntakeSource
from vetting.school.models import Role, School

pytestmark = pytest.mark.django_db
PAGE, CHANGE = "/settings/mailbox/", "/settings/mailbox/change/"
MICROSOFT = {
    "kind": "MICROSOFT", "name": "Office", "folder": "Twitter", "address": "office@hilltop.test",
    "tenant": TENANT, "client_id": CLIENT, "client_secret": "very-secret-value",
}  # fmt: skip


@pytest.fixture
def school() -> School:
    return given.a_school()


@pytest.fixture
def technician(school: School, visit: Callable[[User], Client]) -> Client:
    return visit(given.a_colleague(school, "Tess", Role.TECHNICIAN))


def test_microsoft_365_needs_an_application_and_no_mail_server(technician: Client) -> None:
    assert technician.post(PAGE, {**MICROSOFT, "act": "connect"}).status_code == 302
    source = IntakeSource.objects.get()
    assert (source.sign_in, source.host, source.username, source.folder) == (
        "MICROSOFT", "outlook.office365.com", "office@hilltop.test", "Twitter",
    )  # fmt: skip
    assert (source.tenant, source.client_id, source.client_secret) == (TENANT, CLIENT, "very-secret-value")


def test_google_needs_its_key_file(technician: Client, tokens: TokenServer) -> None:
    facts = {"kind": "GOOGLE", "name": "Office", "folder": "INBOX", "address": "office@hilltop.test", "act": "connect"}
    assert "no JSON" in technician.post(PAGE, facts).content.decode()
    file = SimpleUploadedFile("key.json", tokens.service_account_file().encode())
    assert technician.post(PAGE, {**facts, "key_file": file}).status_code == 302
    source = IntakeSource.objects.get()
    assert (source.host, source.client_id) == ("imap.gmail.com", "112233445566")
    assert "PRIVATE KEY" not in technician.get(PAGE).content.decode()


@pytest.mark.parametrize("act", ["test", "connect"])
def test_no_secret_comes_back_also_when_something_is_wrong(technician: Client, act: str) -> None:
    page = technician.post(PAGE, {**MICROSOFT, "tenant": "wrong", "act": act}).content.decode()
    assert "The tenant is an ID" in page
    assert TENANT not in page
    assert "very-secret-value" not in page
    assert not IntakeSource.objects.exists()


def test_the_test_button_says_what_it_found_and_saves_nothing(technician: Client, dovecot: Dovecot) -> None:
    dovecot.deliver(a_message(), user := dovecot.new_user())
    facts = {
        "kind": "IMAP", "name": "Office", "folder": "INBOX", "host": dovecot.host, "port": dovecot.imap_port,
        "security": "LOOPBACK", "username": user, "password": dovecot.password,
    }  # fmt: skip
    page = technician.post(PAGE, {**facts, "act": "test"}).content.decode()
    assert "“INBOX” holds 1 message." in page
    assert "give yours once more" in page
    assert dovecot.password not in page
    assert not IntakeSource.objects.exists()
    technician.post(PAGE, {**facts, "act": "connect"})
    source = IntakeSource.objects.get()
    answer = technician.post(CHANGE, {"source": source.pk, "act": "test"}, follow=True)
    assert "“INBOX” holds 1 message." in answer.content.decode()


def test_changing_the_name_keeps_the_secret_and_another_secret_replaces_it(technician: Client) -> None:
    technician.post(PAGE, {**MICROSOFT, "act": "connect"})
    source = IntakeSource.objects.get()
    page = technician.get(PAGE).content.decode()
    assert TENANT in page
    assert "very-secret-value" not in page
    save = {**MICROSOFT, "source": source.pk, "act": "save", "client_secret": "", "name": "The office"}
    assert technician.post(CHANGE, save).status_code == 302
    source.refresh_from_db()
    assert (source.name, source.client_secret, source.uidvalidity) == ("The office", "very-secret-value", None)
    IntakeSource.objects.update(access_token="old", uidvalidity=7)
    technician.post(CHANGE, {**save, "client_secret": "a-newer-value"})
    source.refresh_from_db()
    assert (source.client_secret, source.access_token, source.uidvalidity) == ("a-newer-value", "", 7)


def test_from_a_password_to_the_modern_sign_in(technician: Client) -> None:
    facts = {"kind": "IMAP", "name": "Office", "folder": "INBOX", "host": "imap.example.org", "security": "STARTTLS", "username": "office"}
    technician.post(PAGE, {**facts, "password": "very-secret-value", "act": "connect"})
    source = IntakeSource.objects.get()
    page = technician.post(CHANGE, {**MICROSOFT, "client_secret": "", "source": source.pk, "act": "save"}).content.decode()
    assert "Paste the Value of the client secret" in page
    assert technician.post(CHANGE, {**MICROSOFT, "source": source.pk, "act": "save"}).status_code == 302
    source.refresh_from_db()
    assert (source.host, source.port, source.security, source.password) == ("outlook.office365.com", 993, "TLS", "")


def test_the_page_tells_how_it_stands_with_each_folder(school: School, technician: Client) -> None:
    source = a_folder_source(school)
    early = given.MONDAY - timedelta(days=1)
    IntakeSource.objects.update(last_ok_at=early, expected_since=early, last_error="There is no such folder.", messages_on_server=12)
    page = technician.get(PAGE).content.decode()
    for said in (
        "No mail is being read",
        "There is no such folder.",
        "12 there at the last reading, 0 recorded from it",
        "Last good reading",
    ):
        assert said in page
    technician.post(CHANGE, {"source": source.pk, "act": "pause"})
    assert "Paused" in technician.get(PAGE).content.decode()


def test_disconnecting_forgets_the_sign_in_and_is_recorded(school: School, technician: Client) -> None:
    technician.post(PAGE, {**MICROSOFT, "act": "connect"})
    technician.post(CHANGE, {"source": IntakeSource.objects.get().pk, "act": "remove"})
    assert not IntakeSource.objects.exists()
    assert AuditEvent.objects.filter(school_id=school.pk, event="intake.source_removed").count() == 1


def test_another_schools_folder_cannot_be_reached(technician: Client, tmp_path: Path) -> None:
    other = a_folder_source(given.a_school(slug="elm-road"))
    for act in ("test", "save", "pause", "remove", "trust"):
        assert technician.post(CHANGE, {"source": other.pk, "act": act}).status_code == 404
    other.refresh_from_db()
    assert other.active
