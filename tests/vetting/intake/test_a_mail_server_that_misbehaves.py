"""Whatever the server does, no message is lost, no password leaves unencrypted, and the sentence says what to do."""

import ipaddress
import socket

import pytest

from tests import given
from tests.dovecot import Dovecot
from tests.given_intake import a_message
from tests.scripted_imap import DIE, DRIP, HANG, ONE_MESSAGE, ScriptedImap, a_scripted_server
from vetting.intake.mailbox import MailboxTrouble
from vetting.intake.mailbox.imap import ImapMailbox
from vetting.intake.mailbox.reaching import may_be_called, reach
from vetting.intake.models import IntakeSource, VerificationEmail
from vetting.intake.operations import add_source, collect, receive_email
from vetting.school.models import School
from vetting.school.queries import open_alarms


def mailbox(server: ScriptedImap, **different: object) -> ImapMailbox:
    plain = {"host": "127.0.0.1", "port": server.port, "security": "LOOPBACK", "username": "office", "password": "secret-word"}
    return ImapMailbox(**{**plain, "folder": "INBOX", "seconds": 0.5, **different})


class OneToken:
    """A token that was just given."""

    def current(self) -> str:
        return "secret-token"

    def instead_of(self, refused: str) -> str | None:
        return None

    def why_refused(self, token: str) -> MailboxTrouble:
        return MailboxTrouble("The token was refused.", lasting=True)


@pytest.mark.parametrize("sign_in", [{}, {"tokens": OneToken()}])
@pytest.mark.parametrize("starttls", [None, b"<tag> NO not today\r\n"])
def test_a_server_without_encryption_hears_neither_password_nor_token(sign_in: dict[str, object], starttls: bytes | None) -> None:
    with a_scripted_server() as server:
        if starttls:
            server.says["CAPABILITY"] = server.says["CAPABILITY"].replace(b"IMAP4rev1", b"IMAP4rev1 STARTTLS")
            server.says["STARTTLS"] = starttls
        with pytest.raises(MailboxTrouble, match="offers no encryption, so nothing was sent") as trouble:
            mailbox(server, security="STARTTLS", **sign_in).__enter__()
        assert trouble.value.lasting
        assert not [line for line in server.heard if line.startswith(("LOGIN", "AUTHENTICATE"))]


def test_a_server_that_takes_us_for_signed_in_before_encryption_is_left() -> None:
    with a_scripted_server(greeting=b"* PREAUTH welcome\r\n") as server:
        server.says["CAPABILITY"] = b"* CAPABILITY IMAP4rev1 STARTTLS\r\n<tag> OK done\r\n"
        with pytest.raises(MailboxTrouble, match="offers no encryption"):
            mailbox(server, security="STARTTLS").__enter__()


def test_a_server_that_does_not_know_the_modern_sign_in_hears_no_token() -> None:
    with a_scripted_server() as server:
        server.says["CAPABILITY"] = b"* CAPABILITY IMAP4rev1\r\n<tag> OK done\r\n"
        with pytest.raises(MailboxTrouble, match="does not offer the modern sign-in"):
            mailbox(server, tokens=OneToken()).__enter__()
        assert not [line for line in server.heard if line.startswith("AUTHENTICATE")]


@pytest.mark.parametrize(
    ("says", "sentence", "lasting"),
    [
        ({"LOGIN": b"<tag> NO [AUTHENTICATIONFAILED] no\r\n"}, "refused the user name or the password", True),
        ({"LOGIN": b"<tag> NO LOGIN failed.\r\n"}, "refused the user name or the password", True),
        ({"LOGIN": b"<tag> NO [ALERT] Your account is not enabled for IMAP use.\r\n"}, "switched off for this mailbox", True),
        ({"LOGIN": b"<tag> NO [UNAVAILABLE] Temporary authentication failure\r\n"}, "tried again later", False),
        ({"LOGIN": b"<tag> NO [LIMIT] Too many connections\r\n"}, "tried again later", False),
        ({"LOGIN": b"* BYE too many connections\r\n" + DIE}, "ended the connection by itself", False),
        ({"LOGIN": HANG}, "did not answer within", False),
        ({"LOGIN": DIE}, "broke the connection off", False),
        ({"EXAMINE": b"<tag> BAD User is authenticated but not connected.\r\n"}, "New-ServicePrincipal.*Add-MailboxPermission", True),
        ({"EXAMINE": b"<tag> NO none\r\n", "LIST": b'* LIST () "/" "Post"\r\n<tag> OK done\r\n'}, "no folder “INBOX”. It has: Post", True),
        ({"EXAMINE": b"* BYE restarting\r\n" + DIE}, "ended the connection by itself", False),
        ({"EXAMINE": b"\x00\xff rubbish\r\n"}, "cannot be understood", False),
    ],
)
def test_each_trouble_at_the_door_has_its_sentence(says: dict[str, bytes], sentence: str, lasting: bool) -> None:
    with a_scripted_server() as server:
        server.says = {**says, **{name: said for name, said in server.says.items() if name not in says}}
        with pytest.raises(MailboxTrouble, match=sentence) as trouble:
            mailbox(server).__enter__()
        assert trouble.value.lasting == lasting


@pytest.mark.parametrize(
    ("greeting", "sentence"),
    [(b"* BYE not now\r\n" + DIE, "ended the connection by itself"), (HANG, "did not answer within"), (DIE, "broke the connection off")],
)
def test_each_greeting_that_is_none_has_its_sentence(greeting: bytes, sentence: str) -> None:
    with a_scripted_server(greeting=greeting) as server, pytest.raises(MailboxTrouble, match=sentence):
        mailbox(server).__enter__()


@pytest.mark.parametrize("moment", ["greeting", "LOGIN", "EXAMINE"])
def test_a_server_that_drips_holds_nobody_for_ever(moment: str) -> None:
    with a_scripted_server(**({"greeting": b"* OK re" + DRIP} if moment == "greeting" else {})) as server:
        if moment != "greeting":
            server.says[moment] = b"* " + DRIP
        with pytest.raises(MailboxTrouble, match="took longer than 1 seconds over one answer"):
            mailbox(server, longest=1.0).__enter__()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        (b"* 2 FETCH (UID 2 BODY[] {70}\r\nFrom: dana@ex" + DIE, "broke the connection off"),
        (b"* 2 FETCH (UID 2 BODY[] {70}\r\nFrom: dana@ex" + HANG, "did not answer within"),
        (b"* BYE shutting down\r\n" + DIE, "ended the connection by itself"),
    ],
)
def test_a_server_that_fails_in_the_middle_loses_nothing(fault: bytes, sentence: str) -> None:
    school = given.a_school()
    with a_scripted_server() as server:
        source = a_source(school, server)
        whole = server.says["UID FETCH 2 (UID BODY"]
        server.says["UID FETCH 2 (UID BODY"] = fault
        assert collect(source=source, mailbox=mailbox(server), at=given.MONDAY) == 1
        assert sentence in source.last_error
        assert (source.last_uid, source.failures, open_alarms(school)) == (1, 1, [])
        server.says["UID FETCH 2 (UID BODY"] = whole
        assert collect(source=source, mailbox=mailbox(server), at=given.MONDAY) == 1
    assert (source.last_error, VerificationEmail.objects.count()) == ("", 2)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "withholds",
    [
        {"UID FETCH 1 (UID BODY": b"<tag> NO not this one\r\n"},
        {"UID FETCH 1 (UID BODY": b"* 1 FETCH (UID 2 BODY[] {5}\r\nwrong)\r\n<tag> NO some could not be fetched\r\n"},
        {"UID FETCH 1,2 (UID RFC822": b"<tag> NO not all of them\r\n", "UID FETCH 1 (UID RFC822": b"<tag> NO not this one\r\n"},
    ],
    ids=["its text", "after the beginning of an answer", "its size"],
)
def test_a_message_the_server_does_not_hand_over_keeps_back_no_other_and_is_asked_for_again(withholds: dict[str, bytes]) -> None:
    school = given.a_school()
    with a_scripted_server() as server:
        source = a_source(school, server)
        usual = dict(server.says)
        usual["UID FETCH 1 (UID RFC822"] = usual["UID FETCH 1,2 (UID RFC822"].partition(b"* 2 ")[0] + b"<tag> OK done\r\n"
        server.says |= withholds
        assert collect(source=source, mailbox=mailbox(server), at=given.MONDAY) == 1
        assert b"@dana_h85" in bytes(VerificationEmail.objects.get().raw)
        assert (source.failures, source.last_ok_at) == (0, given.MONDAY)
        assert [alarm.kind for alarm in open_alarms(school)] == ["mail-withheld"]
        server.says = usual
        assert collect(source=source, mailbox=mailbox(server), at=given.MONDAY) == 1
    assert (VerificationEmail.objects.count(), open_alarms(school)) == (2, [])


@pytest.mark.django_db
def test_a_server_that_only_estimates_sizes_gives_whole_messages() -> None:
    """Exchange does, unless it is told to count (EnableExactRFC822Size)."""
    school = given.a_school()
    with a_scripted_server() as server:
        for command, said in server.says.items():
            server.says[command] = said.replace(b"RFC822.SIZE %d" % len(ONE_MESSAGE), b"RFC822.SIZE %d" % (len(ONE_MESSAGE) + 17))
        collect(source=a_source(school, server), mailbox=mailbox(server), at=given.MONDAY)
    receive_email(school=school, raw=ONE_MESSAGE, received_at=given.MONDAY, at=given.MONDAY)
    assert [email.size for email in VerificationEmail.objects.order_by("pk")] == [len(ONE_MESSAGE)] * 2


@pytest.mark.django_db
def test_an_empty_message_is_recorded_however_the_server_writes_it() -> None:
    school = given.a_school()
    with a_scripted_server() as server:
        server.says["UID FETCH 1 (UID BODY"] = b'* 1 FETCH (UID 1 BODY[] "")\r\n<tag> OK done\r\n'
        assert collect(source=a_source(school, server), mailbox=mailbox(server), at=given.MONDAY) == 2


def a_source(school: School, server: ScriptedImap) -> IntakeSource:
    return add_source(
        school=school, kind=IntakeSource.Kind.IMAP, name="Office", by=None, at=given.MONDAY,
        host="127.0.0.1", port=server.port, security=IntakeSource.Security.LOOPBACK, username="office", password="secret-word",
    )  # fmt: skip


def test_an_untrusted_certificate_is_refused_before_anything_is_said(dovecot: Dovecot) -> None:
    for port, security in ((dovecot.imaps_port, "TLS"), (dovecot.imap_port, "STARTTLS")):
        box = ImapMailbox(host=dovecot.host, port=port, security=security, username=dovecot.user, folder="INBOX", tokens=OneToken())
        with pytest.raises(MailboxTrouble, match="is not trusted by") as trouble:
            box.__enter__()
        assert trouble.value.lasting


def test_a_certificate_for_another_name_is_refused(dovecot: Dovecot, settings: object, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.CA_BUNDLE = str(dovecot.certificate)
    looked_up(monkeypatch, "127.0.0.1")
    box = ImapMailbox(
        host="imap.example.org", port=dovecot.imaps_port, security="TLS", username=dovecot.user, folder="INBOX", password=dovecot.password
    )
    with pytest.raises(MailboxTrouble, match="is not trusted by"):
        box.__enter__()


def test_the_address_that_was_checked_is_the_one_connected_to(dovecot: Dovecot, settings: object, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.CA_BUNDLE = str(dovecot.certificate)
    dovecot.deliver(a_message(), user := dovecot.new_user())
    asked = looked_up(monkeypatch, "127.0.0.1")
    box = ImapMailbox(host="localhost", port=dovecot.imaps_port, security="TLS", username=user, folder="INBOX", password=dovecot.password)
    with box:
        assert box.uids(above=0) == [1]
    assert asked == ["localhost"]


@pytest.mark.parametrize("address", ["10.0.0.5", "192.168.1.1", "169.254.169.254", "127.0.0.1", "::1", "fe80::1", "fd00::1"])
def test_a_server_inside_the_network_is_not_called(address: str, settings: object, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.MAIL_SERVERS_INSIDE = []
    looked_up(monkeypatch, address)
    with pytest.raises(MailboxTrouble, match="MAIL_SERVERS_INSIDE") as trouble:
        reach("imap.example.org", 993, 1.0)
    assert trouble.value.lasting


@pytest.mark.parametrize(
    ("address", "inside", "may"),
    [
        ("93.184.216.34", [], True),
        ("2606:2800:220:1::1", [], True),
        ("10.1.2.3", [], False),
        ("10.1.2.3", ["10.1.0.0/16"], True),
        ("10.2.2.3", ["10.1.0.0/16"], False),
        ("10.1.2.3", ["Mail.Hilltop.Example"], True),
        ("10.1.2.3", ["other.example"], False),
        ("::ffff:10.1.2.3", [], False),
        ("::ffff:10.1.2.3", ["10.1.0.0/16"], True),
        ("2002:0a01:0203::1", [], False),
        ("64:ff9b::10.1.2.3", [], False),
        ("64:ff9b::93.184.216.34", [], True),
        ("224.0.0.1", [], False),
        ("100.64.0.1", [], False),
    ],
)
def test_which_addresses_may_be_called(address: str, inside: list[str], may: bool) -> None:
    assert may_be_called("mail.hilltop.example", ipaddress.ip_address(address), inside) is may


def looked_up(monkeypatch: pytest.MonkeyPatch, address: str) -> list[str]:
    """Let every name lead to one address; returns the names asked for."""
    asked: list[str] = []
    family = socket.AF_INET6 if ":" in address else socket.AF_INET

    def answer(host: str, port: int, **_: object) -> list[object]:
        asked.append(host)
        return [(family, socket.SOCK_STREAM, 6, "", (address, port))]

    monkeypatch.setattr("socket.getaddrinfo", answer)
    return asked
