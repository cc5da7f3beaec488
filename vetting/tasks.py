"""Every stage's tasks, for Celery, and the clock's own pulse."""

from celery import shared_task
from django.utils import timezone

from vetting import heartbeat
from vetting.matching.tasks import note_new_day, rematch

__all__ = ["note_new_day", "pulse", "rematch"]


@shared_task
def pulse() -> None:
    """Proof that a tick went from the beat through the broker to a worker."""
    heartbeat.tick(at=timezone.now())
