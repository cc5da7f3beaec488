"""The clock of decisions."""

from celery import shared_task
from django.utils import timezone

from vetting.decisions import operations
from vetting.school.models import School


@shared_task
def open_or_refresh_items() -> int:
    return sum(operations.open_or_refresh_items(school=school, at=timezone.now()) for school in School.objects.all())
