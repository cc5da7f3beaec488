"""After a restore the register only watches: it reads mail and Twitter, and changes nothing outside, until a person lets it act again.

A backup knows nothing of what was done since it was made. What it holds as still to be done may be done, or undone, long ago.
"""

from datetime import datetime

from django.db.models import F, Q, QuerySet

from vetting.audit.events import Event
from vetting.audit.operations import record
from vetting.school.models import School

_OBSERVING = Q(restored_at__isnull=False) & (Q(resumed_at=None) | Q(resumed_at__lt=F("restored_at")))


def observing_schools() -> QuerySet[School]:
    """The schools whose register only watches now."""
    return School.objects.filter(_OBSERVING)


def is_observing(school_id: int) -> bool:
    """Whether this school's register only watches, asked of the database at the moment of acting."""
    return observing_schools().filter(pk=school_id).exists()


def start_observing(*, school: School, backup_of: datetime, at: datetime) -> None:
    """From now on nothing outside is changed; `backup_of` is when the backup was made. Called where a backup is restored."""
    School.objects.filter(pk=school.pk).update(restored_from=backup_of, restored_at=at, resumed_at=None)
    made = f"{backup_of:%d %B %Y, %H:%M} UTC"
    record(school_id=school.pk, event=Event.RESTORED, by=None, at=at, subject=school, facts={"backup_of": made})
