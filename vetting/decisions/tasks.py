"""The clock of decisions."""

from celery import shared_task
from django.utils import timezone

from vetting.decisions import operations
from vetting.school.each import for_each
from vetting.school.models import School


@shared_task
def open_or_refresh_items() -> int:
    return for_each(School.objects.all(), lambda school: operations.open_or_refresh_items(school=school, at=timezone.now()))
