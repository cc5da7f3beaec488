"""The clock of leavers."""

from celery import shared_task
from django.utils import timezone

from vetting.leavers import operations
from vetting.school.models import School


@shared_task
def propose_removals() -> int:
    return sum(operations.run_night(school=school, at=timezone.now()) for school in School.objects.all())
