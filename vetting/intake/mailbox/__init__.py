"""Ports to a mailbox. Fetch, store, and leave everything as it was."""

from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.utils.timezone import now

from vetting.intake.mailbox.folder import FolderMailbox
from vetting.intake.mailbox.imap import ImapMailbox
from vetting.intake.mailbox.port import FetchedMail, FolderState, Mailbox, MailboxTrouble, MessagesWithheld
from vetting.intake.mailbox.token_http import TokenSession
from vetting.intake.mailbox.tokens import SourceTokens
from vetting.intake.models import IntakeSource

__all__ = ["FetchedMail", "FolderState", "Mailbox", "MailboxTrouble", "MessagesWithheld", "connect", "mail_places"]


def mail_places() -> list[Path]:
    """Where folders of .eml files may lie: the data folder, and what MAIL_FOLDERS names."""
    return [Path(settings.DATA_DIR), *(Path(place) for place in settings.MAIL_FOLDERS)]


def connect(source: IntakeSource, *, at: datetime | None = None, http: TokenSession | None = None) -> Mailbox:
    """The mailbox of a source. It connects when its with block is entered.

    Args:
        at: the time by which a kept token is judged; None: what the clock says when it is used.
        http: how the sign-in servers of Microsoft and Google are asked.
    """
    if source.kind == IntakeSource.Kind.FOLDER:
        return FolderMailbox(source.folder, allowed=mail_places())
    modern = source.sign_in != IntakeSource.SignIn.PASSWORD
    return ImapMailbox(
        host=source.host,
        port=source.port or (143 if source.security == IntakeSource.Security.STARTTLS else 993),
        security=source.security,
        username=source.username,
        password=source.password,
        tokens=SourceTokens(source, clock=(lambda: at) if at else now, http=http) if modern else None,
        folder=source.folder,
    )
