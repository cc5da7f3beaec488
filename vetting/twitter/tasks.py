"""The clock of the Twitter stage: four drains. Each asks one cheap question first and does nothing when nothing is due."""

from contextlib import suppress

from celery import shared_task
from django.utils import timezone

from vetting.twitter import operations, queries
from vetting.twitter.connecting import client_for
from vetting.values import Refused


@shared_task
def look_up_claimed_handles() -> None:
    for connection in queries.lookups_due(at := timezone.now()):
        with suppress(Refused):
            operations.look_up_claimed_handles(connection=connection, twitter=client_for(connection), at=at)


@shared_task
def sync_requests() -> None:
    for connection in queries.requests_due(at := timezone.now()):
        with suppress(Refused):
            operations.sync_requests(connection=connection, twitter=client_for(connection), at=at)


@shared_task
def sync_followers() -> None:
    for connection in queries.followers_due(at := timezone.now()):
        with suppress(Refused):
            operations.sync_followers(connection=connection, twitter=client_for(connection), at=at)


@shared_task
def read_watched() -> None:
    for connection in queries.watches_due(at := timezone.now()):
        with suppress(Refused):
            operations.read_watched(connection=connection, twitter=client_for(connection), at=at)
