"""Forgetting what may no longer be kept. A rehearsal lists exactly what the real run erases, because both ask the same question."""

from datetime import datetime

from django.db import connection, transaction

from accounts.models import User
from vetting.audit.events import Event
from vetting.audit.forgetting import forget_words
from vetting.audit.operations import record
from vetting.correspondence.operations import forget_letters
from vetting.intake.operations import forget_emails, forget_told
from vetting.matching.operations import forget_opinions
from vetting.retention.due import Due, counted, emails_due
from vetting.retention.models import ErasureRun
from vetting.roster.operations import forget_lists
from vetting.school.each import for_each
from vetting.school.models import School

__all__ = ["Due", "emails_due", "erase_due", "erase_due_everywhere", "overwrite_freed_pages"]


@transaction.atomic
def erase_due(*, school: School, at: datetime, by: User | None = None, rehearsal: bool = False) -> ErasureRun:
    """Erase the e-mails whose time has come, and count them. A rehearsal counts and names the same ones and erases nothing.

    After a decision an e-mail's bytes and text go, with the letters about it and the sentences drawn from it; its date, its sender,
    its Twitter name and the verdict stay, as the reason for the decision. Of an e-mail that came to nothing only the fact that it
    came stays. What colleagues wrote down of a call, a letter or a visit goes by the same days, and so do letters about no message.
    Open requests, holds and open concerns keep everything they speak of. Lists of families that were never loaded lose rows and names,
    and old ones what the register was before them.
    """
    due = emails_due(school=school, at=at)
    counts = {**counted(due), "emails": [email.reference for email in due.emails]}
    run = ErasureRun.objects.create(school=school, at=at, by=by, rehearsal=rehearsal, counts=counts)
    if rehearsal:
        record(school_id=school.pk, event=Event.ERASURE_REHEARSED, by=by, at=at, subject=run, facts={"count": len(due.emails)})
        return run
    if due.anything:
        said = f"{len(due.decided)} e-mails after their decision, {len(due.unmatched)} that came to nothing"
        if due.told or due.letters:
            said = f"{said}, {len(due.told)} told otherwise, {len(due.letters)} letters by themselves"
        if due.lists or due.before_lists:
            said = f"{said}, {len(due.lists)} lists never loaded, {len(due.before_lists)} that can no longer be rolled back"
        record(school_id=school.pk, event=Event.ERASED, by=by, at=at, subject=run, facts={"counts": said})
        _erase(school, due, at)
    return run


def _erase(school: School, due: Due, at: datetime) -> None:
    forget_lists(school=school, unloaded=due.lists, loaded=due.before_lists, at=at)
    claims = due.claims
    forget_letters(claims=[claim.pk for claim in claims], emails=[email.pk for email in due.emails], letters=due.letters, at=at)
    forget_opinions(claims=claims)
    gone = [email.pk for email in due.unmatched]
    forget_emails(school=school, emails=[email.pk for email in due.decided], at=at, everything=False)
    forget_emails(school=school, emails=gone, at=at, everything=True)
    told_for_nothing = [claim.pk for claim in due.told_unmatched]
    forget_told(school=school, claims=[claim.pk for claim in due.told_decided], at=at, everything=False)
    forget_told(school=school, claims=told_for_nothing, at=at, everything=True)
    forget_words(school_id=school.pk, kind="verificationemail", subjects=gone)
    nothing = [claim.pk for claim in claims if claim.email_id in set(gone)] + told_for_nothing
    forget_words(school_id=school.pk, kind="claim", subjects=nothing)


def erase_due_everywhere(*, at: datetime) -> int:
    """Erase for every school where something is due, and where nothing is write nothing. Returns how much went."""

    def erase(school: School) -> int:
        due = emails_due(school=school, at=at)
        if not due.anything:
            return 0
        erase_due(school=school, at=at)
        return len(due.emails) + len(due.told) + len(due.letters) + len(due.lists) + len(due.before_lists)

    gone = for_each(School.objects.order_by("pk"), erase)
    if gone:
        overwrite_freed_pages()
    return gone


def overwrite_freed_pages() -> None:
    """On SQLite: bring what was erased from the write-ahead log into the file, where freed pages are overwritten, and empty the log.

    PostgreSQL does this in its own time (autovacuum); backups are the operator's, see docs/security.md.
    """
    if connection.vendor == "sqlite" and not connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
