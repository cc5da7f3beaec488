"""What every mailbox promises, asked of a real IMAP server (with a password, with tokens), a folder of .eml files and given files."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.dovecot import Dovecot
from tests.given_intake import a_message
from vetting.intake.mailbox import Mailbox, MailboxTrouble
from vetting.intake.mailbox.folder import FolderMailbox, drop
from vetting.intake.mailbox.imap import ImapMailbox
from vetting.intake.mailbox.port import BEGINNING_BYTES, LARGEST_BYTES
from vetting.intake.mailbox.upload import Form, GivenFile

MESSAGES = [a_message(f"I am @dana_{number}", number=number).replace(b"\n", b"\r\n") for number in range(5)]


@dataclass(frozen=True)
class AMailbox:
    """A mailbox under test, and how a message gets into it."""

    connect: Callable[[], Mailbox]
    put: Callable[[bytes], object]
    # A file does not say when its messages arrived.
    says_when: bool = True
    # The blank line between two messages of a file is counted into one that is too large to be kept whole.
    between: int = 0


class TokensOf:
    """Tokens as a sign-in server gives them: good for an hour."""

    def __init__(self, server: Dovecot, user: str) -> None:
        self._server, self._user = server, user

    def current(self) -> str:
        return self._server.token(self._user)

    def instead_of(self, refused: str) -> str | None:
        return None

    def why_refused(self, token: str) -> MailboxTrouble:
        return MailboxTrouble("The token was refused.", lasting=True)


def _with_a_password(request: pytest.FixtureRequest, tmp_path: Path) -> AMailbox:
    server: Dovecot = request.getfixturevalue("dovecot")
    user = server.new_user()
    return AMailbox(lambda: an_imap_mailbox(server, user), lambda raw: server.deliver(raw, user))


def _with_tokens(request: pytest.FixtureRequest, tmp_path: Path) -> AMailbox:
    server: Dovecot = request.getfixturevalue("dovecot")
    user = server.new_user()
    tokens = TokensOf(server, user)
    return AMailbox(lambda: an_imap_mailbox(server, user, password="", tokens=tokens), lambda raw: server.deliver(raw, user))


def _a_folder(request: pytest.FixtureRequest, tmp_path: Path) -> AMailbox:
    return AMailbox(lambda: FolderMailbox(str(tmp_path), allowed=[tmp_path]), lambda raw: drop(tmp_path, raw))


def _an_mbox_file(request: pytest.FixtureRequest, tmp_path: Path) -> AMailbox:
    file = io.BytesIO()

    def put(raw: bytes) -> None:
        file.seek(0, io.SEEK_END)
        file.write(b"From dana@example.org Mon Nov  9 09:00:00 2026\r\n" + raw + b"\r\n")

    return AMailbox(lambda: GivenFile("given.mbox", file, form=Form.MBOX), put, says_when=False, between=2)


# One line for each port.
PORTS = {
    "IMAP with a password": _with_a_password,
    "IMAP with tokens": _with_tokens,
    "a folder of .eml files": _a_folder,
    "an .mbox file given by a colleague": _an_mbox_file,
}


@pytest.fixture(params=PORTS)
def office(request: pytest.FixtureRequest, tmp_path: Path) -> AMailbox:
    return PORTS[request.param](request, tmp_path)


def an_imap_mailbox(server: Dovecot, user: str, **different: object) -> ImapMailbox:
    plain = {"host": server.host, "port": server.imap_port, "security": "LOOPBACK", "folder": "INBOX"}
    return ImapMailbox(**{**plain, "username": user, "password": server.password, **different})


def everything(mailbox: Mailbox) -> dict[int, bytes]:
    with mailbox:
        return {mail.uid: mail.raw for mail in mailbox.fetch(mailbox.uids(above=0))}


def test_an_empty_mailbox_has_no_messages(office: AMailbox) -> None:
    with office.connect() as mailbox:
        assert mailbox.uids(above=0) == []
        assert mailbox.state().messages == 0


def test_every_message_comes_out_byte_for_byte(office: AMailbox) -> None:
    for raw in MESSAGES:
        office.put(raw)
    assert sorted(everything(office.connect()).values()) == sorted(MESSAGES)
    with office.connect() as mailbox:
        assert mailbox.state().messages == 5


def test_reading_again_finds_the_same_messages_under_the_same_numbers(office: AMailbox) -> None:
    for raw in MESSAGES:
        office.put(raw)
    first = everything(office.connect())
    office.put(a_message("one more", number=9).replace(b"\n", b"\r\n"))
    again = everything(office.connect())
    assert first.items() < again.items()
    assert len(again) == 6


def test_the_numbering_stays_and_a_message_says_when_it_came_and_how_large_it_is(office: AMailbox) -> None:
    office.put(MESSAGES[0])
    with office.connect() as mailbox:
        numbering = mailbox.state().uidvalidity
        (mail,) = mailbox.fetch(mailbox.uids(above=0))
    if office.says_when:
        assert abs((datetime.now(UTC) - mail.received_at).total_seconds()) < 120
    else:
        assert mail.received_at.year == 1
    assert mail.size == len(MESSAGES[0])
    with office.connect() as mailbox:
        assert mailbox.state().uidvalidity == numbering > 0


def test_an_enormous_message_comes_with_its_beginning_and_its_true_size(office: AMailbox) -> None:
    enormous = MESSAGES[0] + b"x" * LARGEST_BYTES + b"\r\n"
    office.put(enormous)
    with office.connect() as mailbox:
        (mail,) = mailbox.fetch(mailbox.uids(above=0))
    assert (mail.raw, mail.size) == (enormous[:BEGINNING_BYTES], len(enormous) + office.between)


def test_a_message_that_went_away_meanwhile_is_left_out(office: AMailbox) -> None:
    office.put(MESSAGES[0])
    with office.connect() as mailbox:
        (uid,) = mailbox.uids(above=0)
        assert [mail.uid for mail in mailbox.fetch([uid + 1, uid])] == [uid]


def test_a_mailbox_may_be_entered_twice_and_closes_with_the_outer_block(office: AMailbox) -> None:
    office.put(MESSAGES[0])
    mailbox = office.connect()
    with mailbox:
        with mailbox:
            assert len(mailbox.uids(above=0)) == 1
        assert len(mailbox.uids(above=0)) == 1


def test_a_file_that_is_still_being_written_waits(tmp_path: Path) -> None:
    (tmp_path / "half.eml").write_bytes(MESSAGES[0][:20])
    assert everything(FolderMailbox(str(tmp_path), allowed=[tmp_path])) == {}


def test_a_folder_outside_the_allowed_places_is_not_read(tmp_path: Path) -> None:
    with pytest.raises(MailboxTrouble, match="Mail is read only from folders inside"), FolderMailbox("/etc", allowed=[tmp_path]):
        pass


def test_only_higher_numbers_are_listed_and_the_last_one_is_not_listed_for_ever(dovecot: Dovecot) -> None:
    user = dovecot.new_user()
    for raw in MESSAGES:
        dovecot.deliver(raw, user)
    with an_imap_mailbox(dovecot, user) as mailbox:
        assert mailbox.uids(above=0) == [1, 2, 3, 4, 5]
        assert mailbox.uids(above=3) == [4, 5]
        assert mailbox.uids(above=5) == []


def test_reading_leaves_every_message_unopened(dovecot: Dovecot) -> None:
    user = dovecot.new_user()
    for raw in MESSAGES:
        dovecot.deliver(raw, user)
    everything(an_imap_mailbox(dovecot, user))
    assert dovecot.flags(user) == [""] * 5


def test_tls_and_starttls_are_used_when_the_certificate_is_trusted(dovecot: Dovecot, settings: object) -> None:
    settings.CA_BUNDLE = str(dovecot.certificate)
    user = dovecot.new_user()
    dovecot.deliver(MESSAGES[0], user)
    assert len(everything(an_imap_mailbox(dovecot, user, port=dovecot.imaps_port, security="TLS"))) == 1
    assert len(everything(an_imap_mailbox(dovecot, user, security="STARTTLS"))) == 1


@pytest.mark.parametrize(
    ("different", "sentence"),
    [
        ({"password": "wrong"}, "refused the user name or the password"),
        ({"password": "fälsch"}, "refused the user name or the password"),
        ({"folder": "Twiter"}, "no folder “Twiter”. It has: INBOX"),
        ({"security": "STARTTLS"}, "CA_BUNDLE"),
        ({"security": "TLS"}, "does not answer with TLS"),
        ({"port": 1}, "Nothing answers"),
        ({"host": "192.0.2.1"}, "only on this computer"),
    ],
)
def test_each_trouble_has_its_sentence(dovecot: Dovecot, different: dict[str, object], sentence: str) -> None:
    with pytest.raises(MailboxTrouble, match=sentence), an_imap_mailbox(dovecot, dovecot.user, **different):
        pass


def test_an_eml_file_given_by_a_colleague_is_one_message() -> None:
    with GivenFile("given.eml", io.BytesIO(MESSAGES[0])) as mailbox:
        assert (mailbox.state().messages, mailbox.uids(above=0), mailbox.uids(above=1)) == (1, [1], [])
        assert [(mail.raw, mail.size) for mail in mailbox.fetch([1])] == [(MESSAGES[0], len(MESSAGES[0]))]
