"""Ports to a mailbox. Fetch, store, and leave everything as it was."""

from pathlib import Path

from django.conf import settings

from vetting.intake.mailbox.folder import FolderMailbox
from vetting.intake.mailbox.imap import ImapMailbox
from vetting.intake.mailbox.port import FetchedMail, FolderState, Mailbox, MailboxTrouble
from vetting.intake.models import IntakeSource

__all__ = ["FetchedMail", "FolderState", "Mailbox", "MailboxTrouble", "connect", "mail_places"]


def mail_places() -> list[Path]:
    """Where folders of .eml files may lie: the data folder, and what MAIL_FOLDERS names."""
    return [Path(settings.DATA_DIR), *(Path(place) for place in settings.MAIL_FOLDERS)]


def connect(source: IntakeSource) -> Mailbox:
    """The mailbox of a source. It connects when its with block is entered."""
    if source.kind == IntakeSource.Kind.FOLDER:
        return FolderMailbox(source.folder, allowed=mail_places())
    return ImapMailbox(
        host=source.host,
        port=source.port or (143 if source.security == IntakeSource.Security.STARTTLS else 993),
        security=source.security,
        username=source.username,
        password=source.password,
        folder=source.folder,
    )
