"""Microsoft 365 and Google Workspace: tokens are kept, renewed and given up; what goes wrong is said in a sentence."""

import json
import logging
from datetime import timedelta

import pytest
from django.db import connection

from tests import given
from tests.dovecot import Dovecot
from tests.given_mailboxes import a_google_source, a_mailbox_with_tokens, a_microsoft_source, read
from tests.token_server import CLIENT, TENANT, TokenServer
from vetting.intake import operations as intake
from vetting.intake.mailbox import google, microsoft
from vetting.intake.models import IntakeSource, VerificationEmail
from vetting.intake.operations import add_source, change_source
from vetting.school.queries import open_alarms
from vetting.values import BadValue

pytestmark = pytest.mark.django_db


def test_a_token_is_asked_for_once_and_kept_while_it_is_good(dovecot: Dovecot, tokens: TokenServer) -> None:
    user = a_mailbox_with_tokens(dovecot, tokens)
    source = a_microsoft_source(given.a_school(), dovecot, user, tokens)
    assert (read(source, tokens), read(source, tokens, minutes=10), tokens.asked) == (1, 0, 1)
    assert source.access_token_until == given.MONDAY + timedelta(hours=1)
    assert source.last_error == ""


def test_a_token_that_runs_out_is_renewed_before_it_is_used(dovecot: Dovecot, tokens: TokenServer) -> None:
    user = a_mailbox_with_tokens(dovecot, tokens)
    source = a_microsoft_source(given.a_school(), dovecot, user, tokens)
    read(source, tokens)
    dovecot.deliver(b"Subject: later\r\n\r\nI am @later_on\r\n", user)
    assert (read(source, tokens, minutes=56), tokens.asked) == (1, 2)
    assert source.access_token_until == given.MONDAY + timedelta(minutes=116)


def test_a_token_the_mail_server_finds_expired_is_dropped_and_asked_for_once_more(dovecot: Dovecot, tokens: TokenServer) -> None:
    user = a_mailbox_with_tokens(dovecot, tokens)
    source = a_microsoft_source(given.a_school(), dovecot, user, tokens)
    expired = dovecot.token(user, good_for=-60)
    source.access_token, source.access_token_until = expired, given.MONDAY + timedelta(hours=1)
    source.save()
    assert (read(source, tokens), tokens.asked, source.last_error) == (1, 1, "")
    assert source.access_token not in ("", expired)


def test_a_secret_taken_back_stops_the_reading_with_an_alarm_and_no_storm_of_questions(dovecot: Dovecot, tokens: TokenServer) -> None:
    school = given.a_school()
    source = a_microsoft_source(school, dovecot, a_mailbox_with_tokens(dovecot, tokens), tokens)
    tokens.secret = "another-secret"
    assert read(source, tokens) == 0
    assert source.last_error.startswith("Microsoft 365 refused the client secret")
    (alarm,) = open_alarms(school)
    assert (alarm.kind, tokens.asked, source.not_before) == ("mailbox", 1, given.MONDAY + timedelta(minutes=1))
    change_source(source=source, by=given.priya(school), at=given.MONDAY, client_secret="another-secret")
    source.refresh_from_db()
    assert (read(source, tokens, minutes=2), open_alarms(school)) == (1, [])


def test_a_google_permission_taken_back_raises_the_alarm(dovecot: Dovecot, tokens: TokenServer) -> None:
    school = given.a_school()
    source = a_google_source(school, dovecot, a_mailbox_with_tokens(dovecot, tokens), tokens.user_file())
    tokens.refresh_token = "refresh-9"
    assert read(source, tokens) == 0
    assert "took the permission to read this mailbox back" in source.last_error
    assert [alarm.kind for alarm in open_alarms(school)] == ["mailbox"]


def test_a_refresh_token_that_google_replaces_is_saved_and_used_the_next_time(dovecot: Dovecot, tokens: TokenServer) -> None:
    tokens.rotates = True
    source = a_google_source(given.a_school(), dovecot, a_mailbox_with_tokens(dovecot, tokens), tokens.user_file())
    assert read(source, tokens) == 1
    assert json.loads(source.client_secret)["refresh_token"] == "refresh-2"
    read(source, tokens, minutes=120)
    assert (source.last_error, tokens.asked, json.loads(source.client_secret)["refresh_token"]) == ("", 2, "refresh-3")


def test_a_service_account_reads_the_mailbox_it_acts_for_and_calls_only_google(dovecot: Dovecot, tokens: TokenServer) -> None:
    user = a_mailbox_with_tokens(dovecot, tokens)
    source = a_google_source(given.a_school(), dovecot, user, tokens.service_account_file())
    assert source.client_id == "112233445566"
    # The file names another address to ask; had it been called, nobody would have answered.
    assert (read(source, tokens), tokens.asked) == (1, 1)


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("7000222", "The client secret has expired"),
        ("7000215", "refused the client secret"),
        ("700016", "no application with this client ID"),
        ("65001", "Grant admin consent"),
        ("7000112", "switched off in Microsoft Entra"),
        ("99999", r"refused the registered application \(AADSTS99999\)"),
    ],
)
def test_what_microsoft_refuses_is_said_in_a_sentence(tokens: TokenServer, code: str, sentence: str) -> None:
    tokens.microsoft_refuses = code
    with pytest.raises(microsoft.MailboxTrouble, match=sentence) as trouble:
        microsoft.ask(tenant=TENANT, client_id=CLIENT, client_secret="s", http=tokens.session())
    assert trouble.value.lasting


def test_a_tenant_microsoft_does_not_know(tokens: TokenServer) -> None:
    with pytest.raises(microsoft.MailboxTrouble, match="knows no such tenant"):
        microsoft.ask(tenant="hilltop.example.org", client_id=CLIENT, client_secret="s", http=tokens.session())


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (("unauthorized_client", "Client is unauthorized"), "Domain-wide delegation, and add the client ID 112233445566"),
        (("invalid_grant", "Invalid email or User ID"), "knows no such mailbox"),
        (("invalid_grant", "Invalid JWT: Token must be a short-lived token"), "clock must be right"),
        (("invalid_grant", "Invalid JWT Signature."), "no longer accepts this key"),
        (("admin_policy_enforced", ""), "does not allow this client"),
        (("something_new", ""), "refused the sign-in"),
    ],
)
def test_what_google_refuses_is_said_in_a_sentence(tokens: TokenServer, answer: tuple[str, str], sentence: str) -> None:
    tokens.google_refuses = answer
    key = google.GoogleKey.parse(tokens.service_account_file())
    with pytest.raises(google.MailboxTrouble, match=sentence) as trouble:
        google.ask(key=key, mailbox="office@hilltop.test", http=tokens.session())
    assert trouble.value.lasting


@pytest.mark.parametrize("provider", ["microsoft", "google"])
@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        ({"status": 503}, "is in trouble"),
        ({"status": 429}, "is in trouble"),
        ({"status": 302}, "is in trouble"),
        ({"slow": 1.0}, "did not answer"),
        ({"address": ("127.0.0.1", 1)}, "cannot be reached"),
    ],
)
def test_a_sign_in_server_in_trouble_is_asked_again_later(
    tokens: TokenServer, provider: str, fault: dict[str, object], sentence: str
) -> None:
    for name, value in fault.items():
        setattr(tokens, name, value)
    with pytest.raises(microsoft.MailboxTrouble, match=sentence) as trouble:
        _ask(provider, tokens)
    assert not trouble.value.lasting
    assert tokens.asked <= 1


@pytest.mark.parametrize("provider", ["microsoft", "google"])
def test_no_token_and_no_answer_is_ever_logged(tokens: TokenServer, provider: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    _ask(provider, tokens)
    tokens.body = b"<html>the-secret-value token-for-office@hilltop.test</html>"
    with pytest.raises(microsoft.MailboxTrouble) as trouble:
        _ask(provider, tokens)
    assert trouble.value.__cause__ is None
    for private in (tokens.secret, "token-for", "office@hilltop.test"):
        assert private not in caplog.text


def _ask(provider: str, tokens: TokenServer) -> None:
    if provider == "microsoft":
        microsoft.ask(tenant=TENANT, client_id=CLIENT, client_secret=tokens.secret, http=tokens.session(seconds=0.5))
    else:
        key = google.GoogleKey.parse(tokens.user_file())
        google.ask(key=key, mailbox="office@hilltop.test", http=tokens.session(seconds=0.5))


def test_a_good_token_that_does_not_open_the_mailbox_names_the_commands_for_exchange(dovecot: Dovecot, tokens: TokenServer) -> None:
    school = given.a_school()
    user = a_mailbox_with_tokens(dovecot, tokens)
    source = a_microsoft_source(school, dovecot, user, tokens)
    tokens.issue = lambda _: dovecot.token("somebody.else@school.test", roles=[microsoft.PERMISSION])
    read(source, tokens)
    assert "New-ServicePrincipal" in source.last_error
    assert "Add-MailboxPermission" in source.last_error
    assert tokens.asked == 1


def test_a_token_without_the_permission_names_the_consent(dovecot: Dovecot, tokens: TokenServer) -> None:
    user = a_mailbox_with_tokens(dovecot, tokens)
    source = a_microsoft_source(given.a_school(), dovecot, user, tokens)
    tokens.issue = lambda _: dovecot.token("somebody.else@school.test", roles=[])
    read(source, tokens)
    assert "lacks the permission IMAP.AccessAsApp" in source.last_error


def test_another_reader_who_renewed_the_token_first_wins(dovecot: Dovecot, tokens: TokenServer) -> None:
    source = a_microsoft_source(given.a_school(), dovecot, a_mailbox_with_tokens(dovecot, tokens), tokens)
    theirs = dovecot.token(source.username)

    def meanwhile() -> None:
        IntakeSource.objects.filter(pk=source.pk).update(access_token=theirs, access_token_until=given.MONDAY + timedelta(hours=1))

    tokens.issue = lambda mailbox: dovecot.token(mailbox, good_for=-60)
    assert (read(source, tokens, meanwhile=meanwhile), source.access_token) == (1, theirs)


def test_credentials_changed_while_a_token_was_asked_for_stay_as_they_were_changed(dovecot: Dovecot, tokens: TokenServer) -> None:
    tokens.rotates = True
    school = given.a_school()
    source = a_google_source(school, dovecot, a_mailbox_with_tokens(dovecot, tokens), tokens.user_file())
    newer = json.dumps({"client_id": "c", "client_secret": "another", "refresh_token": "another-1"})

    def meanwhile() -> None:
        change_source(source=source, by=given.priya(school), at=given.MONDAY, client_secret=newer)

    assert read(source, tokens, meanwhile=meanwhile) == 0
    source.refresh_from_db()
    assert (source.client_secret, source.access_token) == (newer, "")


def test_secrets_and_tokens_cannot_be_read_in_the_database(dovecot: Dovecot, tokens: TokenServer) -> None:
    source = a_microsoft_source(given.a_school(), dovecot, a_mailbox_with_tokens(dovecot, tokens), tokens)
    read(source, tokens)
    with connection.cursor() as cursor:
        cursor.execute("SELECT client_secret, access_token FROM vetting_intakesource")
        (row,) = cursor.fetchall()
    assert all(row)
    assert not {tokens.secret, source.access_token} & set(row)


def test_testing_a_source_before_it_is_connected_keeps_nothing(dovecot: Dovecot, tokens: TokenServer) -> None:
    user = a_mailbox_with_tokens(dovecot, tokens, messages=3)
    source = a_microsoft_source(given.a_school(), dovecot, user, tokens)
    source.delete()
    assert intake.test_source(source, http=tokens.session()).sentence == "It works: “INBOX” holds 3 messages."
    assert (IntakeSource.objects.count(), VerificationEmail.objects.count()) == (0, 0)


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({"tenant": "../evil"}, "The tenant is an ID"),
        ({"client_id": "the app"}, "The client ID has the form"),
        ({"client_secret": "two words"}, "without spaces"),
        ({"username": "office"}, "the address of the mailbox"),
        ({"sign_in": "GOOGLE", "client_secret": "no json"}, "it is no JSON"),
        ({"sign_in": "GOOGLE", "client_secret": '{"installed": {}}'}, "only names a client"),
        ({"sign_in": "GOOGLE", "client_secret": '{"type": "service_account", "client_email": "a@b"}'}, "lacks private_key"),
        (
            {"sign_in": "GOOGLE", "client_secret": '{"type": "service_account", "client_email": "a@b", "private_key": "x"}'},
            "cannot be used",
        ),
    ],
)
def test_a_sign_in_that_cannot_be_right_is_refused_with_a_sentence(facts: dict[str, object], sentence: str) -> None:
    right = {"sign_in": "MICROSOFT", "username": "office@hilltop.test", "tenant": TENANT, "client_id": CLIENT, "client_secret": "s"}
    with pytest.raises(BadValue, match=sentence):
        add_source(school=given.a_school(), kind=IntakeSource.Kind.IMAP, name="Office", by=None, at=given.MONDAY, **{**right, **facts})
    assert not IntakeSource.objects.exists()


def test_another_sign_in_never_sends_its_token_to_the_server_of_the_one_before() -> None:
    school = given.a_school()
    source = add_source(
        school=school, kind=IntakeSource.Kind.IMAP, name="Office", by=None, at=given.MONDAY,
        host="imap.example.org", username="office@hilltop.test", password="p",
    )  # fmt: skip
    source = change_source(
        source=source, by=given.priya(school), at=given.MONDAY, sign_in=IntakeSource.SignIn.MICROSOFT,
        tenant=TENANT, client_id=CLIENT, client_secret="s",
    )  # fmt: skip
    assert (source.host, source.password) == ("outlook.office365.com", "")
