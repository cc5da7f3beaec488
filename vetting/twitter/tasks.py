"""The clock of the Twitter stage: four drains. Each asks one cheap question first and does nothing when nothing is due.

However many schools are due, a drain waits for Twitter half a minute at most; whoever was not reached is due at the next tick.
"""

from collections.abc import Callable, Iterable, Iterator

from celery import shared_task
from django.utils import timezone

from vetting.school.each import for_each
from vetting.twitter import operations, queries
from vetting.twitter.connecting import client_for
from vetting.twitter.models import Connection
from vetting.twitter.patience import ending_within, seconds_left
from vetting.twitter.reaching import LEAST_SECONDS, SECONDS_OF_A_JOB
from vetting.values import Refused


@shared_task
def look_up_claimed_handles() -> int:
    at = timezone.now()
    return _for_each(
        queries.lookups_due(at),
        lambda one: operations.look_up_claimed_handles(connection=one, twitter=client_for(one), at=at),
    )


@shared_task
def sync_requests() -> int:
    at = timezone.now()
    return _for_each(
        queries.requests_due(at),
        lambda one: operations.sync_requests(connection=one, twitter=client_for(one), at=at).count,
    )


@shared_task
def sync_followers() -> int:
    at = timezone.now()
    return _for_each(
        queries.followers_due(at),
        lambda one: operations.sync_followers(connection=one, twitter=client_for(one), at=at).count,
    )


@shared_task
def read_watched() -> int:
    at = timezone.now()
    return _for_each(
        queries.watches_due(at),
        lambda one: operations.read_watched(connection=one, twitter=client_for(one), at=at),
    )


def _for_each(due: Iterable[Connection], step: Callable[[Connection], int]) -> int:
    def unless_refused(connection: Connection) -> int:
        try:
            return step(connection)
        except Refused:
            return 0  # somebody else reads it, or it rests: it is due again

    with ending_within(SECONDS_OF_A_JOB):
        return for_each(_while_there_is_time(due), unless_refused)


def _while_there_is_time(due: Iterable[Connection]) -> Iterator[Connection]:
    for connection in due:
        if seconds_left() < LEAST_SECONDS:
            return
        yield connection
