"""The clock of matching."""

from celery import shared_task
from django.utils import timezone

from vetting.matching import operations
from vetting.matching.queries import schools_to_rematch
from vetting.school.each import for_each


@shared_task
def rematch() -> int:
    """Every few seconds: schools with new facts. An idle tick is one query."""
    return for_each(schools_to_rematch(), lambda school: operations.rematch(school=school, at=timezone.now()))


@shared_task
def note_new_day() -> None:
    """Soon after midnight: links that began or ended with the day."""
    operations.note_new_day(at=timezone.now())
