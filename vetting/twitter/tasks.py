"""The clock of the Twitter stage: four drains. Each asks one cheap question first and does nothing when nothing is due."""

from contextlib import suppress

from celery import shared_task
from django.utils import timezone

from vetting.twitter import operations, queries
from vetting.twitter.connecting import client_for
from vetting.values import Refused


@shared_task
def look_up_claimed_handles() -> int:
    done = 0
    for connection in queries.lookups_due(at := timezone.now()):
        with suppress(Refused):
            done += operations.look_up_claimed_handles(connection=connection, twitter=client_for(connection), at=at)
    return done


@shared_task
def sync_requests() -> int:
    done = 0
    for connection in queries.requests_due(at := timezone.now()):
        with suppress(Refused):
            done += operations.sync_requests(connection=connection, twitter=client_for(connection), at=at).count
    return done


@shared_task
def sync_followers() -> int:
    done = 0
    for connection in queries.followers_due(at := timezone.now()):
        with suppress(Refused):
            done += operations.sync_followers(connection=connection, twitter=client_for(connection), at=at).count
    return done


@shared_task
def read_watched() -> int:
    done = 0
    for connection in queries.watches_due(at := timezone.now()):
        with suppress(Refused):
            done += operations.read_watched(connection=connection, twitter=client_for(connection), at=at)
    return done
