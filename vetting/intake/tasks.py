"""The clock of intake."""

from celery import shared_task
from django.utils.timezone import now

from vetting.intake import operations


@shared_task  # type: ignore[untyped-decorator]  # Celery comes without types
def collect_mail() -> None:
    operations.collect_due(at=now())


@shared_task  # type: ignore[untyped-decorator]  # Celery comes without types
def parse_stored() -> None:
    operations.parse_stored(at=now())
