"""The clock of intake."""

from celery import shared_task
from django.utils.timezone import now

from vetting.intake import operations


@shared_task
def collect_mail() -> int:
    return operations.collect_due(at=now())


@shared_task
def parse_stored() -> int:
    # As many as a tick can take, so that a morning's flood is read in minutes.
    return operations.parse_stored(at=now(), limit=200)


@shared_task
def judge_stored() -> int:
    return operations.judge_stored(at=now())


@shared_task
def watch_sources() -> int:
    return operations.watch_sources(at=now())
