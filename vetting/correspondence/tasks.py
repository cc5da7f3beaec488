"""The clock of correspondence."""

from celery import shared_task
from django.utils import timezone

from vetting.correspondence import operations


@shared_task
def acknowledge() -> int:
    return operations.acknowledge_due(at=timezone.now())


@shared_task
def send_mail() -> int:
    return operations.send_due(at=timezone.now())


@shared_task
def send_probes() -> int:
    return operations.send_probes(at=timezone.now())
