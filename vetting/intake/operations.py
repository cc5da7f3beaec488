"""Writes of intake. Mail is stored exactly as it came before anything else is done with it; understanding it is a second step.

The operations about sources and about claims stand in modules of their own and are offered here, so that callers know one door.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.db.models import F, Q

from vetting.audit.events import Event
from vetting.audit.operations import record
from vetting.intake.claiming import (
    claim_without_name,
    correct_claim,
    enter_claim_by_hand,
    enter_claim_from_email,
    retry_parsing,
    set_aside,
    use_reading,
    withdraw_claim,
)
from vetting.intake.fingerprint import fingerprint
from vetting.intake.forgetting import forget_email, forget_emails, forget_told
from vetting.intake.giving import Given, give_files
from vetting.intake.judging import judge_stored
from vetting.intake.mailbox import FetchedMail, FolderState, Mailbox, MailboxTrouble, MessagesWithheld, connect
from vetting.intake.models import IntakeSource, MailPosition
from vetting.intake.sources import SourceReport, add_source, change_source, declare_trusted_receiver, remove_source, test_source
from vetting.intake.storing import Position, keep, receive_email
from vetting.intake.understanding import parse_stored
from vetting.intake.watching import INTERVALS, watch_sources
from vetting.school.each import for_each
from vetting.school.operations import clear_alarm, raise_alarm
from vetting.values import Refused

__all__ = [
    "Given",
    "LeaseLost",
    "Position",
    "SourceReport",
    "add_source",
    "change_source",
    "claim_without_name",
    "collect",
    "collect_due",
    "correct_claim",
    "declare_trusted_receiver",
    "enter_claim_by_hand",
    "enter_claim_from_email",
    "forget_email",
    "forget_emails",
    "forget_told",
    "give_files",
    "judge_stored",
    "parse_stored",
    "receive_email",
    "remove_source",
    "retry_parsing",
    "set_aside",
    "test_source",
    "use_reading",
    "watch_sources",
    "withdraw_claim",
]

# Held anew with every message, so a reader that was killed keeps others away for minutes, not longer.
LEASE = timedelta(minutes=3)
MOST_AT_ONCE = 500
LONGEST_WAIT = timedelta(minutes=30)
FAILURES_UNTIL_ALARM = 3


class LeaseLost(Refused):
    """Another reader took the mailbox over; what this one had not stored yet, that one will."""


def collect_due(*, at: datetime) -> int:
    """Read every source whose turn it is. Returns how many new e-mails were stored.

    A source that fails is noted on the source and holds up no other.
    """
    return for_each(due_sources(at=at), lambda source: collect(source=source, mailbox=connect(source, at=at), at=at))


def due_sources(*, at: datetime) -> list[IntakeSource]:
    """The active sources whose interval has passed and which are not waiting after a failure, longest waiting first."""
    turn = Q(last_tried_at=None)
    for kind, interval in INTERVALS.items():
        turn |= Q(kind=kind, last_tried_at__lte=at - interval)
    waiting = Q(not_before=None) | Q(not_before__lte=at)
    return list(
        IntakeSource.objects.filter(turn, waiting, active=True, kind__in=list(INTERVALS))
        .select_related("school")
        .order_by(F("last_tried_at").asc(nulls_first=True))
    )


@dataclass
class _Reading:
    """One look at one mailbox: who holds it, when it began, how many are left for the next, and up to which number it got.

    `hole`: the number of a message that is left for the end, because the reading broke off at it more than once.
    """

    source: IntakeSource
    lease: int
    at: datetime
    state: FolderState = field(default_factory=lambda: FolderState(uidvalidity=0, messages=0))
    stored: int = 0
    left: int = 0
    highest: int = 0
    hole: int | None = None
    began: float = field(default_factory=time.monotonic)

    def hold(self, **changes: object) -> bool:
        """Change the source while this reading has it; False when another one took it over."""
        return bool(IntakeSource.objects.filter(pk=self.source.pk, lease_version=self.lease).update(**changes))

    def lease_end(self) -> datetime:
        return self.at + timedelta(seconds=time.monotonic() - self.began) + LEASE


def collect(*, source: IntakeSource, mailbox: Mailbox, at: datetime) -> int:
    """Store every message of the source that was not seen before, at most 500. Returns how many new e-mails there were.

    Only one reader has a source at a time; a second one returns 0 at once. Trouble with the mailbox is not raised but noted on the
    source, with an alarm when it lasts; what was stored before it stays stored. Where more wait than one reading takes, an alarm says
    so and the next tick goes on.
    """
    lease = _take_lease(source, at)
    if lease is None:
        return 0
    reading = _Reading(source, lease, at)
    try:
        with mailbox:
            reading.state = mailbox.state()
            for mail in _unseen(reading, mailbox):
                reading.stored += _store(reading, mail)
    except MessagesWithheld as withheld:
        reading.highest = min(reading.highest, *(uid - 1 for uid in withheld.uids))
        _note_success(reading, withheld=withheld.sentence)
    except MailboxTrouble as trouble:
        _note_failure(reading, trouble)
    except LeaseLost:
        # The one that took over notes how it went.
        return reading.stored
    else:
        _note_success(reading)
    finally:
        reading.hold(lease_until=None)
        source.refresh_from_db()
    return reading.stored


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


def _unseen(reading: _Reading, mailbox: Mailbox) -> Iterator[FetchedMail]:
    """The messages that were not seen at their place before, lowest number first, at most 500 at a time."""
    source, state = reading.source, reading.state
    if source.uidvalidity != state.uidvalidity:
        _begin_numbering(reading)
    if source.kind == IntakeSource.Kind.IMAP and not state.uidvalidity:
        # A server without a numbering may give an old number to a new message: only the bytes tell (RFC 3501, 2.3.1.1).
        return mailbox.fetch(mailbox.uids(above=0))
    # Once a day everything is compared, which heals any hole; otherwise only what is new.
    first_today = source.last_ok_at is None or source.last_ok_at.astimezone(UTC).date() != reading.at.astimezone(UTC).date()
    above = 0 if first_today else source.last_uid
    seen = MailPosition.objects.filter(source=source, folder=source.folder, uidvalidity=state.uidvalidity)
    if source.kind == IntakeSource.Kind.IMAP:
        seen = seen.filter(uid__gt=above)
    known = set(seen.values_list("uid", flat=True))
    there = mailbox.uids(above=above)
    new = [uid for uid in there if uid not in known]
    reading.highest = max(there, default=source.last_uid)
    reading.left = max(len(new) - MOST_AT_ONCE, 0)
    if source.failures > 1 and len(new) > 1:
        # It broke off again and again, perhaps because of the message it stood at: now from the other end, so that none waits for it.
        reading.hole, new = new[0], new[::-1]
    return mailbox.fetch(new[:MOST_AT_ONCE])


@transaction.atomic
def _store(reading: _Reading, mail: FetchedMail) -> bool:
    """The bytes, where they stood and how far the reading got, in one transaction. True when they are new. Raises LeaseLost."""
    source = reading.source
    received_at = mail.received_at if mail.received_at.year > 1 else reading.at
    position = Position(source, source.folder, _numbering(reading, mail), mail.uid)
    _, is_new = keep(school=source.school, raw=mail.raw, received_at=received_at, at=reading.at, position=position, size=mail.size)
    # They come in ascending order: everything up to this one is stored, also where an older hole was just filled.
    last_uid = mail.uid if reading.hole is None else min(mail.uid, reading.hole - 1)
    if not reading.hold(last_uid=last_uid, lease_until=reading.lease_end()):
        raise LeaseLost("Another reader took this mailbox over.")
    return is_new


def _numbering(reading: _Reading, mail: FetchedMail) -> int:
    """What makes the number of a message unique: the server's UIDVALIDITY; where it has none, the content, as a negative number."""
    if reading.state.uidvalidity:
        return reading.state.uidvalidity
    return -1 - (int(fingerprint(mail.raw, size=mail.size)[:15], 16))


@transaction.atomic
def _begin_numbering(reading: _Reading) -> None:
    """Start at the beginning: the folder is new to us, or the server numbered it anew. The bytes tell what was stored already."""
    source = reading.source
    renumbered = source.uidvalidity is not None
    source.uidvalidity, source.last_uid = reading.state.uidvalidity, 0
    if not reading.hold(uidvalidity=source.uidvalidity, last_uid=0):
        raise LeaseLost("Another reader took this mailbox over.")
    if renumbered:
        words = {"name": source.name}
        record(school_id=source.school_id, event=Event.SOURCE_RENUMBERED, by=None, at=reading.at, subject=source, words=words)


@transaction.atomic
def _note_success(reading: _Reading, *, withheld: str = "") -> None:
    """The mailbox was read. `withheld`: the sentence about messages that were not handed over; they are asked for at every look."""
    source, at = reading.source, reading.at
    changes: dict[str, object] = {"last_error": "", "failures": 0, "not_before": None, "messages_on_server": reading.state.messages}
    # The rest is due at once, and the day's comparison is not over before everything was looked at; but silent it is not.
    changes |= {"last_tried_at": None, "expected_since": at} if reading.left else {"last_ok_at": at}
    if withheld or not reading.left:
        changes["last_uid"] = reading.highest
    if not reading.hold(**changes):
        return
    if source.failures:
        clear_alarm(school=source.school, kind="mailbox", subject=str(source.pk), at=at)
    if reading.left:
        more = f"{source.name} holds {reading.left:,} more new e-mails than are read at once."
        sentence = f"{more} They are read {MOST_AT_ONCE} at a time; none is lost."
        raise_alarm(school=source.school, kind="mail-flood", sentence=sentence, at=at, subject=str(source.pk))
    else:
        clear_alarm(school=source.school, kind="mail-flood", subject=str(source.pk), at=at)
    if withheld:
        sentence = (
            f"{withheld} All others in {source.name} are read. It is asked for at every look; meanwhile read it in the mailbox itself."
        )
        raise_alarm(school=source.school, kind="mail-withheld", sentence=sentence, at=at, subject=str(source.pk))
    elif not reading.left:
        clear_alarm(school=source.school, kind="mail-withheld", subject=str(source.pk), at=at)


@transaction.atomic
def _note_failure(reading: _Reading, trouble: MailboxTrouble) -> None:
    """Wait 1, 2, 4 … 30 minutes, and say so where people look: at once when waiting will not help, else at the third failure."""
    source, at = reading.source, reading.at
    failures = source.failures + 1
    wait = min(timedelta(minutes=2 ** min(failures - 1, 10)), LONGEST_WAIT)
    held = reading.hold(last_error=trouble.sentence[:500], failures=failures, not_before=at + wait)
    if held and (trouble.lasting or failures >= FAILURES_UNTIL_ALARM):
        sentence = f"No e-mails are being read from {source.name}. {trouble.sentence}"
        raise_alarm(school=source.school, kind="mailbox", sentence=sentence, at=at, subject=str(source.pk))
