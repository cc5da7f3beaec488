"""Writes of intake. Mail is stored exactly as it came before anything else is done with it; understanding it is a second step.

The operations about sources and about claims stand in modules of their own and are offered here, so that callers know one door.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.db.models import F, Q

from vetting.audit.events import Event
from vetting.audit.operations import record
from vetting.intake.claiming import (
    correct_claim,
    enter_claim_by_hand,
    enter_claim_from_email,
    forget_email,
    retry_parsing,
    set_aside,
    use_reading,
    withdraw_claim,
)
from vetting.intake.fingerprint import fingerprint
from vetting.intake.judging import judge_stored
from vetting.intake.mailbox import FetchedMail, FolderState, Mailbox, MailboxTrouble, connect
from vetting.intake.mailbox.port import BEGINNING_BYTES, LARGEST_BYTES
from vetting.intake.models import IntakeSource, MailPosition, VerificationEmail
from vetting.intake.sources import SourceReport, add_source, change_source, declare_trusted_receiver, test_source
from vetting.intake.understanding import parse_stored
from vetting.school.each import for_each
from vetting.school.models import School
from vetting.school.operations import clear_alarm, raise_alarm
from vetting.values import Refused

__all__ = [
    "LeaseLost",
    "Position",
    "SourceReport",
    "add_source",
    "change_source",
    "collect",
    "collect_due",
    "correct_claim",
    "declare_trusted_receiver",
    "enter_claim_by_hand",
    "enter_claim_from_email",
    "forget_email",
    "judge_stored",
    "parse_stored",
    "receive_email",
    "retry_parsing",
    "set_aside",
    "test_source",
    "use_reading",
    "withdraw_claim",
]

LEASE = timedelta(minutes=10)
MOST_AT_ONCE = 1_000
INTERVALS = {IntakeSource.Kind.IMAP: timedelta(seconds=60), IntakeSource.Kind.FOLDER: timedelta(seconds=5)}
LONGEST_WAIT = timedelta(minutes=30)
FAILURES_UNTIL_ALARM = 3


class LeaseLost(Refused):
    """Another reader took the mailbox over; what this one had not stored yet, that one will."""


@dataclass(frozen=True)
class Position:
    """Where a message was seen."""

    source: IntakeSource
    folder: str
    uidvalidity: int
    uid: int


@transaction.atomic
def receive_email(
    *, school: School, raw: bytes, received_at: datetime, at: datetime, position: Position | None = None, size: int | None = None
) -> VerificationEmail:
    """Store a message exactly as it came, once however often and wherever it is seen.

    Args:
        position: where it was seen; noted beside it. None for a message given by hand.
        size: its full size in bytes when `raw` is only its beginning.

    A message over 25 MB is kept with its first 64 KB, so that somebody can see that it came.
    """
    return _keep(school=school, raw=raw, received_at=received_at, at=at, position=position, size=size)[0]


def _keep(
    *, school: School, raw: bytes, received_at: datetime, at: datetime, position: Position | None, size: int | None
) -> tuple[VerificationEmail, bool]:
    """The stored message, and whether it is new."""
    if position is not None:
        seen = MailPosition.objects.select_related("email").filter(
            source=position.source, folder=position.folder, uidvalidity=position.uidvalidity, uid=position.uid
        )
        if known := seen.first():
            return known.email, False
    size = len(raw) if size is None else size
    kept = raw[:BEGINNING_BYTES] if size > LARGEST_BYTES else raw
    email, is_new = VerificationEmail.objects.get_or_create(
        school=school,
        fingerprint=fingerprint(kept, size=size),
        defaults={
            "sha256": hashlib.sha256(kept).hexdigest(),
            "raw": kept,
            "size": size,
            "received_at": min(received_at, at),
            "stored_at": at,
        },
    )
    if position is not None:
        MailPosition.objects.create(
            email=email,
            source=position.source,
            folder=position.folder,
            uidvalidity=position.uidvalidity,
            uid=position.uid,
            seen_at=at,
        )
    return email, is_new


def collect_due(*, at: datetime) -> int:
    """Read every source whose turn it is. Returns how many new e-mails were stored.

    A source that fails is noted on the source and holds up no other.
    """
    return for_each(due_sources(at=at), lambda source: collect(source=source, mailbox=connect(source), at=at))


def due_sources(*, at: datetime) -> list[IntakeSource]:
    """The active sources whose interval has passed and which are not waiting after a failure, longest waiting first."""
    turn = Q(last_tried_at=None)
    for kind, interval in INTERVALS.items():
        turn |= Q(kind=kind, last_tried_at__lte=at - interval)
    waiting = Q(not_before=None) | Q(not_before__lte=at)
    return list(
        IntakeSource.objects.filter(turn, waiting, active=True).select_related("school").order_by(F("last_tried_at").asc(nulls_first=True))
    )


def collect(*, source: IntakeSource, mailbox: Mailbox, at: datetime) -> int:
    """Store every message of the source that was not seen before. Returns how many new e-mails there were.

    Only one reader has a source at a time; a second one returns 0 at once. Trouble with the mailbox is not raised but noted on the
    source, with an alarm when it lasts; what was stored before it stays stored.
    """
    lease = _take_lease(source, at)
    if lease is None:
        return 0
    stored = 0
    try:
        with mailbox:
            state = mailbox.state()
            for mail in _unseen(source, lease, mailbox, state, at):
                stored += _store(source, lease, mail, state, at)
    except MailboxTrouble as trouble:
        _note_failure(source, lease, trouble, at)
    except LeaseLost:
        # The one that took over notes how it went.
        return stored
    else:
        _note_success(source, lease, state, at)
    finally:
        IntakeSource.objects.filter(pk=source.pk, lease_version=lease).update(lease_until=None)
        source.refresh_from_db()
    return stored


def _take_lease(source: IntakeSource, at: datetime) -> int | None:
    """The version of the lease now held, or None when somebody else holds it."""
    free = Q(lease_until=None) | Q(lease_until__lte=at)
    taken = IntakeSource.objects.filter(free, pk=source.pk, active=True).update(
        lease_until=at + LEASE, lease_version=F("lease_version") + 1, last_tried_at=at
    )
    if not taken:
        return None
    source.refresh_from_db()
    return source.lease_version


def _unseen(source: IntakeSource, lease: int, mailbox: Mailbox, state: FolderState, at: datetime) -> Iterator[FetchedMail]:
    """The messages that were not seen at their place before, at most a thousand at a time."""
    if source.uidvalidity != state.uidvalidity:
        _begin_numbering(source, lease, state, at)
    # Once a day everything is compared, which heals any hole; otherwise only what is new.
    first_today = source.last_ok_at is None or source.last_ok_at.astimezone(UTC).date() != at.astimezone(UTC).date()
    above = 0 if first_today else source.last_uid
    seen = MailPosition.objects.filter(source=source, folder=source.folder, uidvalidity=state.uidvalidity)
    if source.kind == IntakeSource.Kind.IMAP:
        seen = seen.filter(uid__gt=above)
    known = set(seen.values_list("uid", flat=True))
    new = [uid for uid in mailbox.uids(above=above) if uid not in known]
    return mailbox.fetch(new[:MOST_AT_ONCE])


@transaction.atomic
def _store(source: IntakeSource, lease: int, mail: FetchedMail, state: FolderState, at: datetime) -> bool:
    """The bytes, where they stood and how far the reading got, in one transaction. True when they are new. Raises LeaseLost."""
    received_at = mail.received_at if mail.received_at.year > 1 else at
    position = Position(source, source.folder, state.uidvalidity, mail.uid)
    _, is_new = _keep(school=source.school, raw=mail.raw, received_at=received_at, at=at, position=position, size=mail.size)
    source.last_uid = max(source.last_uid, mail.uid)
    if not IntakeSource.objects.filter(pk=source.pk, lease_version=lease).update(last_uid=source.last_uid):
        raise LeaseLost("Another reader took this mailbox over.")
    return is_new


@transaction.atomic
def _begin_numbering(source: IntakeSource, lease: int, state: FolderState, at: datetime) -> None:
    """Start at the beginning: the folder is new to us, or the server numbered it anew. The bytes tell what was stored already."""
    renumbered = source.uidvalidity is not None
    source.uidvalidity, source.last_uid = state.uidvalidity, 0
    if not IntakeSource.objects.filter(pk=source.pk, lease_version=lease).update(uidvalidity=state.uidvalidity, last_uid=0):
        raise LeaseLost("Another reader took this mailbox over.")
    if renumbered:
        record(school_id=source.school_id, event=Event.SOURCE_RENUMBERED, by=None, at=at, subject=source, words={"name": source.name})


@transaction.atomic
def _note_success(source: IntakeSource, lease: int, state: FolderState, at: datetime) -> None:
    healthy = IntakeSource.objects.filter(pk=source.pk, lease_version=lease).update(
        last_ok_at=at, last_error="", failures=0, not_before=None, messages_on_server=state.messages
    )
    if healthy and source.failures:
        clear_alarm(school=source.school, kind="mailbox", subject=str(source.pk), at=at)


@transaction.atomic
def _note_failure(source: IntakeSource, lease: int, trouble: MailboxTrouble, at: datetime) -> None:
    """Wait 1, 2, 4 … 30 minutes, and say so where people look: at once when waiting will not help, else at the third failure."""
    failures = source.failures + 1
    wait = min(timedelta(minutes=2 ** min(failures - 1, 10)), LONGEST_WAIT)
    held = IntakeSource.objects.filter(pk=source.pk, lease_version=lease).update(
        last_error=trouble.sentence[:500], failures=failures, not_before=at + wait
    )
    if held and (trouble.lasting or failures >= FAILURES_UNTIL_ALARM):
        sentence = f"No e-mails are being read from {source.name}. {trouble.sentence}"
        raise_alarm(school=source.school, kind="mailbox", sentence=sentence, at=at, subject=str(source.pk))
