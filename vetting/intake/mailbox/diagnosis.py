"""Every way a mail server can fail, as a sentence for the person who can do something about it. Pure.

What the server itself wrote is recognised but never repeated: it may hold addresses, and it is seldom understood.
"""

import imaplib
import re
import socket
import ssl
from dataclasses import dataclass

from imap_tools.errors import ImapToolsError, MailboxLoginError

from vetting.intake.mailbox.port import MailboxTrouble

NO_PASSWORDS_HERE = ("outlook.office365.com", "outlook.office.com", "imap-mail.outlook.com")
_IMAP_IS_OFF = re.compile(
    r"not enabled for imap|imap access is disabled|imap is disabled|imap4? (?:is )?not (?:allowed|enabled)", re.IGNORECASE
)
# RFC 5530: not a refusal of who we are, but of the moment.
_NOT_NOW = re.compile(r"\[(?:UNAVAILABLE|LIMIT|INUSE|SERVERBUG)\]|too many|temporary", re.IGNORECASE)
_REFUSED = re.compile(r"AUTHENTICATIONFAILED|AUTHENTICATE failed|LOGIN failed|invalid credentials|authentication failed", re.IGNORECASE)


class SignInRefused(MailboxTrouble):
    """The server did not let us in with what it was given."""


@dataclass(frozen=True)
class Where:
    """The server that was asked, how long it was waited for, and whether it was asked to let us in."""

    host: str
    port: int
    seconds: float
    signing_in: bool = False
    untrusted: str = ""


def no_right_to_the_mailbox(host: str) -> MailboxTrouble:
    """Microsoft 365's "User is authenticated but not connected"."""
    return MailboxTrouble(
        f"{host} knows the registered application but does not let it into this mailbox. Check the mailbox's address and that IMAP is on "
        "for it. Then run in Exchange Online PowerShell: New-ServicePrincipal with the object id of the Enterprise application (not that "
        "of the app registration), and Add-MailboxPermission with FullAccess for this mailbox. It can take half an hour to work.",
        lasting=True,
    )


def refused_password(host: str) -> SignInRefused:
    if host.lower() in NO_PASSWORDS_HERE:
        sentence = "Microsoft 365 no longer accepts a user name and password for reading mail. Choose the sign-in “Microsoft 365”."
    else:
        sentence = f"{host} refused the user name or the password. Check both; some providers need an app password."
    return SignInRefused(sentence, lasting=True)


def explain(error: Exception, where: Where) -> MailboxTrouble:
    """The sentence for an exception of the mail library or of the network below it."""
    at = f"{where.host}:{where.port}"
    text = str(error)
    if isinstance(error, ssl.SSLCertVerificationError):
        return MailboxTrouble(where.untrusted, lasting=True)
    if isinstance(error, ssl.SSLError):
        return MailboxTrouble(f"{at} does not answer with TLS. Check the port and the kind of encryption.", lasting=True)
    if isinstance(error, TimeoutError):
        return MailboxTrouble(f"{at} did not answer within {where.seconds:.0f} seconds.")
    if isinstance(error, ConnectionRefusedError):
        return MailboxTrouble(f"Nothing answers at {at}. The mail server is down, or the port is wrong.")
    if isinstance(error, (socket.gaierror, UnicodeError)):
        return MailboxTrouble(f"There is no mail server called {where.host}, or this computer is not connected.", lasting=True)
    if isinstance(error, (imaplib.IMAP4.error, ImapToolsError)):
        return _said_by_the_server(error, text, where, at)
    if isinstance(error, OSError):
        return MailboxTrouble(f"The connection to {at} failed ({error.strerror or type(error).__name__}).")
    return MailboxTrouble(f"{where.host} gave an answer that cannot be understood.")


def _said_by_the_server(error: Exception, text: str, where: Where, at: str) -> MailboxTrouble:
    if "TLS not supported" in text or "starttls" in text.lower() or "TLS session" in text:
        return MailboxTrouble(f"{at} offers no encryption, so nothing was sent to it.", lasting=True)
    if "authenticated but not connected" in text.lower():
        return no_right_to_the_mailbox(where.host)
    if _IMAP_IS_OFF.search(text):
        return MailboxTrouble(
            f"{where.host} says that reading by programs (IMAP) is switched off for this mailbox. "
            "Whoever manages the mail system switches it on.",
            lasting=True,
        )
    if _NOT_NOW.search(text):
        return _not_now(where.host)
    if isinstance(error, MailboxLoginError) or _REFUSED.search(text):
        return refused_password(where.host)
    if isinstance(error, imaplib.IMAP4.abort):
        if "EOF" in text or "socket error" in text:
            return MailboxTrouble(f"{where.host} broke the connection off. What was not read is read the next time.")
        if "unexpected response" in text:
            return MailboxTrouble(f"{where.host} gave an answer that cannot be understood.")
        return _not_now(where.host)
    if "* BYE" in text:
        return _not_now(where.host)
    if where.signing_in:
        return refused_password(where.host)
    return MailboxTrouble(f"{where.host} gave an answer that cannot be understood.")


def _not_now(host: str) -> MailboxTrouble:
    return MailboxTrouble(
        f"{host} ended the connection by itself: it restarts, is too busy, or has too many readers of this mailbox. "
        "It is tried again later."
    )
