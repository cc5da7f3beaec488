"""Celery: the clock. Only the beat publishes; every task drains rows (docs/decisions/0002)."""

import os
from typing import Any

from celery import Celery, Task
from django.conf import settings
from django.core.cache import cache

from vetting.schedule import beat_schedule

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vetting.settings")


class OneAtATime(Task):  # type: ignore[misc]  # celery ships no types
    """A drain that still runs when its next tick arrives is not begun again: slow mail must not fill every thread.

    This saves work, it guards nothing: rows are claimed by conditional updates, so two at once do no harm, and after a
    minute (a killed worker never lets go) the next tick begins regardless.
    """

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        mark = f"running:{self.name}"
        if not cache.add(mark, True, timeout=60):
            return None
        try:
            return super().__call__(*args, **kwargs)
        finally:
            cache.delete(mark)


app = Celery("known_followers", task_cls=OneAtATime)
app.conf.update(
    beat_schedule=beat_schedule(),
    # The demo and a school may share one Redis and still never take each other's ticks.
    task_default_queue="demo" if settings.DEMO else "register",
    broker_url=settings.CELERY_BROKER_URL,
    broker_connection_retry_on_startup=True,
    broker_transport_options=(
        # Above the hard time limit, or a long task would be delivered twice; restore knobs measured.
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
