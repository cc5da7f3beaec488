"""Why a letter was not taken, in words, and whether trying again helps. Pure."""

import smtplib
import ssl
from dataclasses import dataclass


@dataclass(frozen=True)
class Failure:
    """`for_good`: it would be refused again. `of_the_server`: every other letter would fare the same now."""

    sentence: str
    for_good: bool = False
    of_the_server: bool = False


def explain(error: Exception) -> Failure:
    """What to tell the office. Never repeats what a server said: it may name the address (RFC 5321, 4.2.1: 4yz passes, 5yz stays)."""
    if isinstance(error, smtplib.SMTPRecipientsRefused | smtplib.SMTPDataError):
        return _of_the_letter(error)
    if isinstance(error, smtplib.SMTPException):
        return Failure(_of_the_server(error), of_the_server=True)
    if isinstance(error, ssl.SSLError):
        return Failure("The mail server's certificate is not trusted, so nothing was sent to it.", of_the_server=True)
    if isinstance(error, TimeoutError):
        return Failure("The mail server did not answer in time.", of_the_server=True)
    if isinstance(error, OSError):
        return Failure("The mail server cannot be reached.", of_the_server=True)
    return Failure("This address cannot be written in an e-mail's heading.", for_good=True)


def _of_the_letter(error: smtplib.SMTPRecipientsRefused | smtplib.SMTPDataError) -> Failure:
    if isinstance(error, smtplib.SMTPDataError):
        code, what, advice = error.smtp_code, "this letter", ""
    else:
        code = next((answer[0] for answer in error.recipients.values()), 0)
        what, advice = "this address", " Check that it is written correctly."
    if code >= 500:
        return Failure(f"The mail server refuses {what} ({code}).{advice}", for_good=True)
    return Failure(f"The mail server asks us to try {what} later ({code}).")


def _of_the_server(error: smtplib.SMTPException) -> str:
    match error:
        case smtplib.SMTPSenderRefused():
            return f"The mail server does not let us send as the address in MAIL_FROM ({error.smtp_code})."
        case smtplib.SMTPAuthenticationError():
            return f"The mail server does not accept our user name and password ({error.smtp_code})."
        case smtplib.SMTPNotSupportedError() if "STARTTLS" in str(error):
            return "The mail server offers no encryption (STARTTLS), so nothing was sent to it."
        case smtplib.SMTPServerDisconnected():
            return "The mail server hung up, or did not answer in time."
        case smtplib.SMTPResponseException():
            return f"The mail server turned us away ({error.smtp_code})."
        case _:
            return "The mail server does not offer what we need."
