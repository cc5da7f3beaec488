"""The clock of retention: once an hour, so that nothing outlives its day by much."""

from celery import shared_task
from django.utils.timezone import now

from vetting.retention import operations


@shared_task
def erase_due() -> int:
    return operations.erase_due_everywhere(at=now())
