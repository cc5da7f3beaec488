"""A mailbox over IMAP, read only: EXAMINE and BODY.PEEK[], so that staff's own unread marks stay as they are.

Message numbers are UIDs; sequence numbers shift when somebody deletes a mail meanwhile. Nothing is ever marked, moved or expunged.
"""

import contextlib
import imaplib
import re
import ssl
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Protocol, Self, TypeVar

from imap_tools import BaseMailBox
from imap_tools.errors import ImapToolsError, MailboxFolderSelectError

from vetting.intake.mailbox.connection import Encrypted, Patience, Plain
from vetting.intake.mailbox.diagnosis import SignInRefused, Where, explain
from vetting.intake.mailbox.port import (
    BEGINNING_BYTES,
    LARGEST_BYTES,
    FetchedMail,
    FolderState,
    MailboxTrouble,
    MessagesWithheld,
)
from vetting.intake.mailbox.reaching import is_this_computer
from vetting.outbound import explain_tls_failure, tls_context

TIMEOUT_SECONDS = 20.0
# For 25 MB over a slow line, and shorter than a reader keeps the mailbox to itself.
LONGEST_ANSWER_SECONDS = 120.0
_Answer = TypeVar("_Answer")
_SIZES_AT_ONCE = 100
# A server that refuses more than this is in trouble itself.
_MOST_WITHHELD = 50
_UID = re.compile(rb"\bUID (\d+)")
_SIZE = re.compile(rb"\bRFC822\.SIZE (\d+)")
_DATE = re.compile(rb'\bINTERNALDATE "([^"]+)"')
_EMPTY = re.compile(rb'\bBODY\[\] ""')


class Tokens(Protocol):
    """Where the tokens of a modern sign-in (XOAUTH2) come from. Every method raises MailboxTrouble."""

    def current(self) -> str:
        """A token that should be good."""

    def instead_of(self, refused: str) -> str | None:
        """A newer token than one the mail server refused; None when that one was new already."""

    def why_refused(self, token: str) -> MailboxTrouble:
        """What to tell the Technician about a new token that the mail server refused."""


class _NotHandedOver(MailboxTrouble):
    """The server refused what was asked for."""


class _Box(BaseMailBox):
    """imap_tools over a connection of ours."""

    def __init__(self, connection: imaplib.IMAP4) -> None:
        self._connection = connection
        super().__init__()

    def _get_mailbox_client(self) -> imaplib.IMAP4:
        return self._connection


class ImapMailbox:
    """One folder on an IMAP server."""

    def __init__(
        self,
        *,
        host: str,
        port: int,
        security: str,
        username: str,
        folder: str,
        password: str = "",
        tokens: Tokens | None = None,
        seconds: float = TIMEOUT_SECONDS,
        longest: float = LONGEST_ANSWER_SECONDS,
    ) -> None:
        """Nothing is asked yet.

        Args:
            tokens: the modern sign-in, instead of the password.
            seconds: how long the server may be silent; `longest`: how long one answer may take as a whole.
        """
        self._host, self._port, self._security = host, port, security
        self._username, self._password, self._tokens, self._folder = username, password, tokens, folder
        self._seconds, self._longest = seconds, longest
        self._patience = Patience(longest)
        self._box: BaseMailBox | None = None
        self._state = FolderState(uidvalidity=0, messages=0)
        self._entered = 0
        self._withheld: list[int] = []

    def __enter__(self) -> Self:
        if self._box is None:
            self._box = self._signed_in()
            try:
                self._open_folder(self._box)
            except MailboxTrouble:
                self._close()
                raise
        self._entered += 1
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._entered -= 1
        if self._entered == 0:
            self._close()

    def state(self) -> FolderState:
        self._connected()
        return self._state

    def uids(self, *, above: int) -> list[int]:
        box = self._connected()
        found = self._asked(lambda: box.uids(f"UID {above + 1}:*" if above else "ALL", charset=None))
        # "n:*" always names the last message, however low its number.
        return sorted(uid for uid in map(int, found) if uid > above)

    def fetch(self, uids: Sequence[int]) -> Iterator[FetchedMail]:
        self._withheld = []
        for start in range(0, len(uids), _SIZES_AT_ONCE):
            known = self._sizes(uids[start : start + _SIZES_AT_ONCE])
            for uid in uids[start : start + _SIZES_AT_ONCE]:
                if uid in known and (mail := self._mail(uid, *known[uid])) is not None:
                    yield mail
        if self._withheld:
            count = "one of its e-mails" if len(self._withheld) == 1 else f"{len(self._withheld)} of its e-mails"
            raise MessagesWithheld(f"{self._host} does not hand over {count}.", self._withheld)

    def folders(self) -> list[str]:
        box = self._connected()
        return self._asked(lambda: _folder_names(box))

    def _signed_in(self) -> BaseMailBox:
        if self._tokens is None:
            return self._let_in(self._with_password)
        token = self._tokens.current()
        try:
            return self._let_in(lambda box: self._with_token(box, token))
        except SignInRefused:
            newer = self._tokens.instead_of(token)
            if newer is None:
                raise self._tokens.why_refused(token) from None
        try:
            # On a connection of its own: some servers close the one on which they refused.
            return self._let_in(lambda box: self._with_token(box, newer))
        except SignInRefused:
            raise self._tokens.why_refused(newer) from None

    def _let_in(self, sign_in: Callable[[BaseMailBox], None]) -> BaseMailBox:
        box = self._asked(lambda: _Box(self._new_connection()))
        try:
            self._asked(lambda: sign_in(box), signing_in=True)
        except MailboxTrouble:
            _log_out(box)
            raise
        return box

    def _new_connection(self) -> imaplib.IMAP4:
        self._patience = Patience(self._longest)
        if self._security == "TLS":
            return Encrypted(self._host, self._port, seconds=self._seconds, patience=self._patience)
        if self._security == "LOOPBACK" and not is_this_computer(self._host):
            raise MailboxTrouble("Without encryption a mailbox is read only on this computer (127.0.0.1). Choose TLS.", lasting=True)
        connection = Plain(self._host, self._port, seconds=self._seconds, patience=self._patience)
        if self._security == "STARTTLS":
            try:
                # Raises where the server offers none; there is no way on without.
                connection.starttls(tls_context())
            except (OSError, imaplib.IMAP4.error):
                with contextlib.suppress(OSError):
                    connection.shutdown()
                raise
        return connection

    def _with_password(self, box: BaseMailBox) -> None:
        if (self._username + self._password).isascii():
            box.login(self._username, self._password, initial_folder=None)
        else:
            box.login_utf8(self._username, self._password, initial_folder=None)

    def _with_token(self, box: BaseMailBox, token: str) -> None:
        if "AUTH=XOAUTH2" not in box.client.capabilities:
            raise MailboxTrouble(f"{self._host} does not offer the modern sign-in (XOAUTH2). Check the mail server's name.", lasting=True)
        box.xoauth2(self._username, token, initial_folder=None)

    def _open_folder(self, box: BaseMailBox) -> None:
        try:
            self._asked(lambda: box.folder.set(self._folder, readonly=True))
        except MailboxTrouble as trouble:
            if not isinstance(trouble.__cause__, MailboxFolderSelectError):
                raise
            names = ", ".join(self._asked(lambda: _folder_names(box))[:20])
            sentence = f"The mailbox has no folder “{self._folder}”. It has: {names}."
            raise MailboxTrouble(sentence[:450], lasting=True) from trouble
        # From the answer to EXAMINE itself: asking again could speak of another moment.
        self._state = FolderState(uidvalidity=_number(box, "UIDVALIDITY"), messages=_number(box, "EXISTS"))

    def _sizes(self, uids: Sequence[int]) -> dict[int, tuple[int, datetime]]:
        try:
            lines = self._fetched(",".join(map(str, uids)), "(UID RFC822.SIZE INTERNALDATE)")
        except _NotHandedOver as trouble:
            if len(uids) == 1:
                self._withhold(uids[0], trouble)
                return {}
            return {uid: told for one in uids for uid, told in self._sizes([one]).items()}
        known = {}
        for line in lines:
            head = line[0] if isinstance(line, tuple) else line
            uid, size, date = _UID.search(head), _SIZE.search(head), _DATE.search(head)
            if uid and size:
                known[int(uid.group(1))] = (int(size.group(1)), _moment(date.group(1) if date else b""))
        return known

    def _mail(self, uid: int, size: int, received_at: datetime) -> FetchedMail | None:
        """One message, or None where it went away or is withheld. Its size is what came: what servers say of it may be an estimate."""
        is_whole = size <= LARGEST_BYTES
        try:
            raw = self._body(uid, "BODY.PEEK[]" if is_whole else f"BODY.PEEK[]<0.{BEGINNING_BYTES}>")
        except _NotHandedOver as trouble:
            self._withhold(uid, trouble)
            return None
        if raw is None:
            return None
        is_whole = is_whole or len(raw) < BEGINNING_BYTES
        return FetchedMail(uid, raw, received_at, len(raw) if is_whole else max(size, len(raw)))

    def _body(self, uid: int, item: str) -> bytes | None:
        for line in self._fetched(str(uid), f"(UID {item})"):
            # A literal comes as a pair; a flag change that arrives in between does not.
            if isinstance(line, tuple) and b"BODY[]" in line[0]:
                return bytes(line[1])
            if not isinstance(line, tuple) and _EMPTY.search(line):
                return b""
        return None

    def _fetched(self, uids: str, items: str) -> list[Any]:
        box = self._connected()
        status, lines = self._asked(lambda: box.client.uid("FETCH", uids, items))
        if status != "OK":
            # What it said before it refused must not be taken for the next answer.
            box.client.response("FETCH")
            raise _NotHandedOver(f"{self._host} refused to hand over messages.")
        return [line for line in lines if line is not None]

    def _withhold(self, uid: int, trouble: MailboxTrouble) -> None:
        self._withheld.append(uid)
        if len(self._withheld) > _MOST_WITHHELD:
            raise trouble

    def _connected(self) -> BaseMailBox:
        if self._box is None:
            raise RuntimeError("A mailbox is used inside its with block.")
        return self._box

    def _close(self) -> None:
        box, self._box, self._entered = self._box, None, 0
        if box is not None:
            _log_out(box)

    def _asked(self, question: Callable[[], _Answer], *, signing_in: bool = False) -> _Answer:
        """Put every way a server can fail into a sentence for the Technician."""
        try:
            return question()
        except (imaplib.IMAP4.error, ImapToolsError, OSError, UnicodeError) as error:
            if self._patience.ran_out:
                raise MailboxTrouble(
                    f"{self._host} took longer than {self._longest:.0f} seconds over one answer, so it was cut off."
                ) from error
            untrusted = explain_tls_failure(self._host) if isinstance(error, ssl.SSLCertVerificationError) else ""
            raise explain(error, Where(self._host, self._port, self._seconds, signing_in, untrusted)) from error


def _folder_names(box: BaseMailBox) -> list[str]:
    return [info.name for info in box.folder.list() if "\\Noselect" not in info.flags]


def _number(box: BaseMailBox, name: str) -> int:
    values = box.client.response(name)[1]
    return int(values[-1]) if values and values[-1] else 0


def _log_out(box: BaseMailBox) -> None:
    # Whatever happened, the connection is over; a server that does not say goodbye changes nothing.
    with contextlib.suppress(OSError, imaplib.IMAP4.error, ImapToolsError):
        box.logout()


def _moment(text: bytes) -> datetime:
    """The server's date of arrival; the beginning of time when it gives none, so that "now" can replace it."""
    try:
        return datetime.strptime(text.decode("ascii").strip(), "%d-%b-%Y %H:%M:%S %z").astimezone(UTC)
    except (ValueError, OverflowError):
        return datetime.min.replace(tzinfo=UTC)
