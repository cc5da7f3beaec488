"""Every stage's tasks, for Celery, and the clock's own pulse."""

from celery import shared_task
from django.utils import timezone

from vetting import heartbeat
from vetting.correspondence import tasks as correspondence
from vetting.decisions import tasks as decisions
from vetting.intake import tasks as intake
from vetting.leavers import tasks as leavers
from vetting.matching import tasks as matching
from vetting.retention import tasks as retention
from vetting.twitter import tasks as twitter

__all__ = ["correspondence", "decisions", "intake", "leavers", "matching", "pulse", "retention", "twitter"]


@shared_task
def pulse() -> None:
    """Proof that a tick went from the beat through the broker to a worker."""
    heartbeat.tick(at=timezone.now())
