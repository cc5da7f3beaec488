"""A mailbox over IMAP, read only: EXAMINE and BODY.PEEK[], so that staff's own unread marks stay as they are.

Message numbers are UIDs; sequence numbers shift when somebody deletes a mail meanwhile. Nothing is ever marked, moved or expunged.
"""

import contextlib
import imaplib
import ipaddress
import re
import socket
import ssl
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self, TypeVar

from imap_tools import BaseMailBox, MailBox, MailBoxStartTls, MailBoxUnencrypted
from imap_tools.errors import ImapToolsError, MailboxFolderSelectError, MailboxLoginError

from vetting.intake.mailbox.port import BEGINNING_BYTES, LARGEST_BYTES, FetchedMail, FolderState, MailboxTrouble
from vetting.outbound import explain_tls_failure, tls_context

TIMEOUT_SECONDS = 20.0
_Answer = TypeVar("_Answer")
_SIZES_AT_ONCE = 100
_UID = re.compile(rb"\bUID (\d+)")
_SIZE = re.compile(rb"\bRFC822\.SIZE (\d+)")
_DATE = re.compile(rb'\bINTERNALDATE "([^"]+)"')
_NO_PASSWORDS_HERE = ("outlook.office365.com", "outlook.office.com", "imap-mail.outlook.com")


def is_this_computer(host: str) -> bool:
    """Whether a host is written as a loopback address. Names are not looked up: what they mean can change."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


class ImapMailbox:
    """One folder on an IMAP server."""

    def __init__(self, *, host: str, port: int, security: str, username: str, password: str, folder: str) -> None:
        self._host, self._port, self._security = host, port, security
        self._username, self._password, self._folder = username, password, folder
        self._box: BaseMailBox | None = None
        self._state = FolderState(uidvalidity=0, messages=0)
        self._entered = 0

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
        for start in range(0, len(uids), _SIZES_AT_ONCE):
            known = self._sizes(uids[start : start + _SIZES_AT_ONCE])
            for uid in uids[start : start + _SIZES_AT_ONCE]:
                if uid not in known:
                    continue
                size, received_at = known[uid]
                raw = self._body(uid, f"BODY.PEEK[]<0.{BEGINNING_BYTES}>" if size > LARGEST_BYTES else "BODY.PEEK[]")
                if raw is not None:
                    yield FetchedMail(uid, raw, received_at, max(size, len(raw)))

    def folders(self) -> list[str]:
        box = self._connected()
        return self._asked(lambda: _folder_names(box))

    def _signed_in(self) -> BaseMailBox:
        box = self._asked(self._new_connection)
        try:
            self._asked(lambda: self._log_in(box))
        except MailboxTrouble:
            _log_out(box)
            raise
        return box

    def _new_connection(self) -> BaseMailBox:
        if self._security == "LOOPBACK":
            if not is_this_computer(self._host):
                raise MailboxTrouble("Without encryption a mailbox is read only on this computer (127.0.0.1). Choose TLS.", lasting=True)
            return MailBoxUnencrypted(self._host, self._port, timeout=TIMEOUT_SECONDS)
        if self._security == "STARTTLS":
            return MailBoxStartTls(self._host, self._port, timeout=TIMEOUT_SECONDS, ssl_context=tls_context())
        return MailBox(self._host, self._port, timeout=TIMEOUT_SECONDS, ssl_context=tls_context())

    def _log_in(self, box: BaseMailBox) -> None:
        if (self._username + self._password).isascii():
            box.login(self._username, self._password, initial_folder=None)
        else:
            box.login_utf8(self._username, self._password, initial_folder=None)

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
        known = {}
        for line in self._fetched(",".join(map(str, uids)), "(UID RFC822.SIZE INTERNALDATE)"):
            head = line[0] if isinstance(line, tuple) else line or b""
            uid, size, date = _UID.search(head), _SIZE.search(head), _DATE.search(head)
            if uid and size:
                known[int(uid.group(1))] = (int(size.group(1)), _moment(date.group(1) if date else b""))
        return known

    def _body(self, uid: int, item: str) -> bytes | None:
        for line in self._fetched(str(uid), f"(UID {item})"):
            # A literal comes as a pair; a flag change that arrives in between does not.
            if isinstance(line, tuple) and b"BODY[]" in line[0]:
                return bytes(line[1])
        return None

    def _fetched(self, uids: str, items: str) -> list[Any]:
        box = self._connected()
        status, lines = self._asked(lambda: box.client.uid("FETCH", uids, items))
        if status != "OK":
            raise MailboxTrouble(f"{self._host} refused to hand over messages.")
        return [line for line in lines if line is not None]

    def _connected(self) -> BaseMailBox:
        if self._box is None:
            raise RuntimeError("A mailbox is used inside its with block.")
        return self._box

    def _close(self) -> None:
        box, self._box, self._entered = self._box, None, 0
        if box is not None:
            _log_out(box)

    def _asked(self, question: Callable[[], _Answer]) -> _Answer:
        """Put every way a server can fail into a sentence for the Technician."""
        where = f"{self._host}:{self._port}"
        try:
            return question()
        except MailboxLoginError as error:
            raise MailboxTrouble(self._refused_password(), lasting=True) from error
        except ssl.SSLCertVerificationError as error:
            raise MailboxTrouble(explain_tls_failure(self._host), lasting=True) from error
        except ssl.SSLError as error:
            raise MailboxTrouble(f"{where} does not answer with TLS. Check the port and the kind of encryption.", lasting=True) from error
        except TimeoutError as error:
            raise MailboxTrouble(f"{where} did not answer within {TIMEOUT_SECONDS:.0f} seconds.") from error
        except ConnectionRefusedError as error:
            raise MailboxTrouble(f"Nothing answers at {where}. The mail server is down, or the port is wrong.") from error
        except socket.gaierror as error:
            raise MailboxTrouble(
                f"There is no mail server called {self._host}, or this computer is not connected.", lasting=True
            ) from error
        except imaplib.IMAP4.abort as error:
            raise MailboxTrouble(f"{self._host} broke the connection off.") from error
        except (imaplib.IMAP4.error, ImapToolsError) as error:
            if "starttls" in str(error).lower() or "TLS not supported" in str(error):
                raise MailboxTrouble(f"{where} offers no encryption, so nothing was sent to it.", lasting=True) from error
            if "AUTHENTICATIONFAILED" in str(error):
                raise MailboxTrouble(self._refused_password(), lasting=True) from error
            raise MailboxTrouble(f"{self._host} gave an answer that cannot be understood.") from error
        except OSError as error:
            raise MailboxTrouble(f"The connection to {where} failed ({error.strerror or type(error).__name__}).") from error

    def _refused_password(self) -> str:
        if self._host.lower() in _NO_PASSWORDS_HERE:
            return "Microsoft 365 no longer accepts a user name and password for reading mail. Ask the Technician for the modern sign-in."
        return f"{self._host} refused the user name or the password. Check both; some providers need an app password."


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
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)
