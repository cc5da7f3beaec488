"""Files a colleague gives: e-mails dragged out of a mail program, or a whole exported folder."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from io import BytesIO

from django.db import transaction

from accounts.models import User
from vetting.audit.events import Event
from vetting.audit.operations import record
from vetting.intake.mailbox.port import FetchedMail
from vetting.intake.mailbox.upload import GivenFile
from vetting.intake.models import IntakeSource, VerificationEmail
from vetting.intake.storing import Position, keep
from vetting.school.models import School
from vetting.values import BadValue

MOST_MESSAGES = 500
MOST_BYTES = 25 * 1024 * 1024
SOURCE_NAME = "Files given by colleagues"
TOO_LARGE = "Together these files are larger than 25 MB. Give fewer at a time, or ask the Technician to load them with import_mail."


@dataclass
class Given:
    """What came of giving files: how many messages were in them, how many of those were new, and all of them as they are stored."""

    messages: int = 0
    new: int = 0
    emails: list[VerificationEmail] = field(default_factory=list)


@transaction.atomic
def give_files(*, school: School, files: Sequence[tuple[str, bytes]], by: User, at: datetime) -> Given:
    """Store the messages in .eml and .mbox files (name, content), all or none. They are read like any other, at the next tick.

    Raises BadValue with a sentence for what is no e-mail, is empty, or is too much at once.
    """
    if not files:
        raise BadValue("Choose one or more .eml or .mbox files.")
    if sum(len(content) for _, content in files) > MOST_BYTES:
        raise BadValue(TOO_LARGE)
    given = Given()
    for name, content in files:
        with GivenFile(name, BytesIO(content)) as mailbox:
            store_given(school=school, mailbox=mailbox, given=given, by=by, at=at, most=MOST_MESSAGES)
    note_given(school=school, given=given, by=by, at=at)
    return given


def store_given(
    *,
    school: School,
    mailbox: GivenFile,
    given: Given,
    by: User | None,
    at: datetime,
    most: int | None = None,
    each: Callable[[VerificationEmail, bool], None] | None = None,
) -> None:
    """Store the messages of one file, each in a transaction of its own unless the caller has one open, and count them in `given`.

    Args:
        most: how many `given` may hold in all; BadValue beyond.
        each: called with each message once it is stored and with whether it is new, instead of keeping it in `given`.
    """
    source = _source(school)
    numbering = mailbox.state().uidvalidity
    for mail in mailbox.fetch(mailbox.uids(above=0)):
        if most is not None and given.messages >= most:
            raise BadValue(f"There are more than {most} e-mails in these files. Ask the Technician to load them with import_mail.")
        email, is_new = _store(school, mail, Position(source, mailbox.form.value, numbering, mail.uid, by=by), at)
        given.messages += 1
        given.new += is_new
        if each is None:
            given.emails.append(email)
        else:
            each(email, is_new)


@transaction.atomic
def note_given(*, school: School, given: Given, by: User | None, at: datetime) -> None:
    """Record once for all files that they were given."""
    facts = {"messages": given.messages, "new": given.new}
    record(school_id=school.pk, event=Event.FILES_GIVEN, by=by, at=at, subject=_source(school), facts=facts)


@transaction.atomic
def _store(school: School, mail: FetchedMail, position: Position, at: datetime) -> tuple[VerificationEmail, bool]:
    """Nobody knows when a message in a file arrived; what counts is when it was given."""
    return keep(school=school, raw=mail.raw, received_at=at, at=at, position=position, size=mail.size)


def _source(school: School) -> IntakeSource:
    """The one place for given files of a school, made on first use. No clock reads it, and nothing vouches for senders there."""
    facts = {"name": SOURCE_NAME, "folder": "", "active": True}
    return IntakeSource.objects.get_or_create(school=school, kind=IntakeSource.Kind.UPLOAD, defaults=facts)[0]
