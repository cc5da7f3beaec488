"""The clock of matching."""

from celery import shared_task
from django.utils import timezone

from vetting.matching import checking, operations
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


@shared_task
def check_in_full() -> None:
    """Every ten minutes; each school once a night: what was decided change by change against deciding everything."""
    at = timezone.now()
    for_each(checking.schools_to_check(at), lambda school: int(checking.check_in_full(school=school, at=at) is not None))
