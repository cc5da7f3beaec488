"""Celery: the clock. Only the beat publishes; every task drains rows (docs/decisions/0002)."""

import os

from celery import Celery
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vetting.settings")

app = Celery("known_followers")
app.conf.update(
    broker_url=settings.CELERY_BROKER_URL,
    broker_connection_retry_on_startup=True,
    broker_transport_options=(
        # Above the hard time limit, or a long task would be delivered twice; restore knobs measured (ecosystem, 6).
        {"visibility_timeout": 900, "unacked_restore_interval": 5, "unacked_restore_throttle": 1}
        if settings.REDIS_URL
        else {"polling_interval": 0.05}
    ),
    task_ignore_result=True,
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    task_soft_time_limit=300,
    task_time_limit=600,
    worker_max_tasks_per_child=500,
    worker_hijack_root_logger=False,
    worker_redirect_stdouts=False,
    timezone="Europe/London",
    beat_scheduler="celery.beat:Scheduler",
    imports=["vetting.tasks"],
)
