"""The clock of leavers."""

from celery import shared_task
from django.utils import timezone

from vetting.leavers import operations
from vetting.school.each import for_each
from vetting.school.models import School


@shared_task
def propose_removals() -> int:
    return for_each(School.objects.all(), lambda school: operations.run_night(school=school, at=timezone.now()))
