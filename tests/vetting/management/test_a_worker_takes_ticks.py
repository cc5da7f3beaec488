"""A real Celery worker on memory://: what the beat publishes reaches the database."""

import time

import pytest
from celery.contrib.testing.worker import start_worker
from django.utils import timezone

from vetting import heartbeat


@pytest.mark.django_db(transaction=True)
def test_a_published_pulse_is_carried_out_by_a_worker() -> None:
    from vetting.celery import app
    from vetting.tasks import pulse

    before = timezone.now()
    with start_worker(app, pool="threads", perform_ping_check=False, shutdown_timeout=20):
        pulse.apply_async(expires=5)
        while heartbeat.last_tick() is None and (timezone.now() - before).total_seconds() < 20:
            time.sleep(0.02)
    tick = heartbeat.last_tick()
    assert tick is not None
    assert tick >= before
