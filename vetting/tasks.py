"""Every stage's tasks, for Celery, and the clock's own pulse."""

from celery import shared_task
from django.utils import timezone

from vetting import heartbeat


@shared_task
def pulse() -> None:
    """Proof that a tick went from the beat through the broker to a worker."""
    heartbeat.tick(at=timezone.now())
