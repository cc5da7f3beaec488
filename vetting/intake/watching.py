"""Is mail really being read? What is judged is the last good reading itself, so that a clock that stands is noticed as well.

The alarm is for the people of the school; the health address and the doctor ask `is_silent` directly, because the alarm needs the clock.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from vetting.intake.models import IntakeSource, MailPosition
from vetting.school.models import Alarm
from vetting.school.operations import clear_alarm, raise_alarm

INTERVALS = {IntakeSource.Kind.IMAP: timedelta(seconds=60), IntakeSource.Kind.FOLDER: timedelta(seconds=5)}
"""How often each kind of source is read. Files given by a colleague are not read by the clock."""
MISSED_INTERVALS = 3
LEAST_SILENCE = timedelta(minutes=30)
ALARM = "mailbox-silent"


@dataclass(frozen=True)
class SourceHealth:
    """How it stands with a source: what a Technician needs to see at a glance."""

    source: IntakeSource
    silent: bool
    # Messages recorded from the folder under its present numbering; those taken out of the folder since are among them.
    recorded: int
    next_try: datetime | None


def longest_silence(source: IntakeSource) -> timedelta:
    """How long a source may go without a good reading: three of its intervals, and at least half an hour."""
    return max(MISSED_INTERVALS * INTERVALS[IntakeSource.Kind(source.kind)], LEAST_SILENCE)


def is_silent(source: IntakeSource, *, at: datetime) -> bool:
    """Whether a source that ought to be read had no good reading for too long. A paused one ought not to be."""
    if not source.active or source.kind not in INTERVALS:
        return False
    moments = [moment for moment in (source.last_ok_at, source.expected_since) if moment is not None]
    return not moments or at - max(moments) > longest_silence(source)


def watched_sources() -> list[IntakeSource]:
    """The sources of all schools that ought to be read."""
    kinds = list(INTERVALS)
    return list(IntakeSource.objects.filter(active=True, kind__in=kinds).select_related("school").order_by("school__slug", "pk"))


def health_of(source: IntakeSource, *, at: datetime) -> SourceHealth:
    recorded = MailPosition.objects.filter(source=source, folder=source.folder, uidvalidity=source.uidvalidity or 0).count()
    return SourceHealth(source, is_silent(source, at=at), recorded, _next_try(source))


def watch_sources(*, at: datetime) -> int:
    """Raise the alarm for every source gone silent, clear it for those read again, paused or removed. Returns how many are silent."""
    silent = {str(source.pk): source for source in watched_sources() if is_silent(source, at=at)}
    for source in silent.values():
        raise_alarm(school=source.school, kind=ALARM, subject=str(source.pk), sentence=_sentence(source), at=at)
    for alarm in Alarm.objects.filter(kind=ALARM, cleared_at=None).exclude(subject__in=silent).select_related("school"):
        clear_alarm(school=alarm.school, kind=ALARM, subject=alarm.subject, at=at)
    return len(silent)


def _sentence(source: IntakeSource) -> str:
    minutes = int(longest_silence(source).total_seconds() // 60)
    since = f"No e-mails could be read from {source.name} for more than {minutes} minutes."
    return f"{since} {source.last_error or 'Nobody has tried: the clock may stand.'} Families' messages wait in the mailbox."


def _next_try(source: IntakeSource) -> datetime | None:
    """When it is read next; None for a paused source, and for one whose turn it is at once."""
    if not source.active or source.kind not in INTERVALS or source.last_tried_at is None:
        return None
    turn = source.last_tried_at + INTERVALS[IntakeSource.Kind(source.kind)]
    return max(turn, source.not_before) if source.not_before else turn
