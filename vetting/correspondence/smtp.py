"""Handing letters to a mail server: Django's SMTP backend with our certificates and, for automatic answers, no return path."""

import ssl
from smtplib import SMTPException, SMTPSenderRefused
from typing import Any

from django.core.mail import EmailMessage
from django.core.mail.backends import smtp
from django.core.mail.message import sanitize_address
from django.utils.functional import cached_property

from vetting.outbound import tls_context


class EmailBackend(smtp.EmailBackend):
    """STARTTLS with the system's certificates or CA_BUNDLE, and never a letter in clear where encryption was asked for."""

    @cached_property
    def ssl_context(self) -> ssl.SSLContext:
        return tls_context()

    def _send(self, email_message: EmailMessage) -> bool:
        """An automatic answer goes without a return path, so that no program can answer it (RFC 3834, 3.3).

        Some servers let nobody send so; they refuse the sender before anything is sent, and the same connection goes on with the usual one.
        """
        if email_message.extra_headers.get("Auto-Submitted") == "auto-replied" and self.connection is not None:
            recipients = [sanitize_address(address, "utf-8") for address in email_message.recipients()]
            try:
                self.connection.sendmail("", recipients, email_message.message().as_bytes(linesep="\r\n"))  # type: ignore[call-arg]  # Django's own
            except SMTPSenderRefused:
                return bool(super()._send(email_message))  # type: ignore[misc]  # the stubs leave this method out
            return True
        return bool(super()._send(email_message))  # type: ignore[misc]  # the stubs leave this method out

    def _close_connection(self, connection: Any) -> None:
        """A server that took the letter and then says goodbye badly, or not at all, took the letter."""
        try:
            connection.quit()
        except (OSError, SMTPException):
            connection.close()
