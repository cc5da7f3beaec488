"""How a remote reading is fenced: one at a time, within the month's budget and its own time, and never on while something is broken.

The lease, the budget and the breaker are database rows changed by conditional UPDATEs, so that any number of workers
agree. Nothing here holds a transaction while Twitter is asked.
"""

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TypeVar

from django.db import transaction
from django.db.models import F

from vetting.school.models import Alarm
from vetting.school.operations import clear_alarm, raise_alarm
from vetting.twitter.budget import (
    EVERYTHING,
    Job,
    check_fits,
    fits,
    reading_followers,
    reserve,
    settle,
)
from vetting.twitter.models import Capability, Connection, Follower
from vetting.twitter.patience import ending_within, seconds_left
from vetting.twitter.port import (
    BudgetExceeded,
    CapabilityUnavailable,
    ContractViolation,
    OutOfCredit,
    RateLimited,
    ReconnectRequired,
    Transient,
    TwitterError,
)
from vetting.values import Refused

T = TypeVar("T")
# More than twice what one job may spend; a killed worker holds nobody up for longer. Practice answers at once.
LEASE, LEASE_IN_PRACTICE = timedelta(seconds=60), timedelta(seconds=30)
RECONNECT, OUT_OF_CREDIT, BUDGET, UNREACHABLE = "twitter-reconnect", "twitter-credit", "twitter-budget", "twitter-unreachable"
RECHECK_A_NO = timedelta(days=7)
# What one job may spend waiting for Twitter altogether, and the least that is worth beginning a call for.
SECONDS_OF_A_JOB, LEAST_SECONDS = 25, 5
FAILURES_UNTIL_ALARM = 5
CANNOT_REACH = "We cannot reach Twitter. Your decisions are safe and will wait."
_FLOOR, _CEILING = 60, 3600


class NotNow(Refused):
    """Nothing is asked at the moment: somebody else is asking, Twitter told us to wait, or the connection is broken."""


class LeaseLost(Refused):
    """We took too long and another worker reads now; what we have is not written down."""


class OutOfTime(TwitterError):
    """Twitter answered, but slowly, and the job's time is over. What was read is kept; the rest follows soon."""


class Reach:
    """A held connection: asks Twitter, one call at a time, and knows whether it still may."""

    def __init__(self, connection: Connection, version: int, at: datetime, percent: int = EVERYTHING) -> None:
        self.connection = connection
        self.at = at
        self._version = version
        self._percent = percent
        self._began = time.monotonic()
        self._seconds = float(SECONDS_OF_A_JOB)

    @property
    def is_practice(self) -> bool:
        return self.connection.kind == Connection.Kind.SANDBOX

    def ask(self, operation: str, call: Callable[[], T], *, price: int = 0) -> T:
        """Reserve one call and its price, make it, and learn from the answer what the connection allows.

        Raises:
            BudgetExceeded, OutOfTime: before anything was asked.
            TwitterError: as the port says.
        """
        left = min(self._seconds, seconds_left())
        if left < LEAST_SECONDS:
            raise OutOfTime("Twitter answers slowly. What it showed so far is kept; the rest is read at the next check.")
        reserve(self.connection, price=0 if self.is_practice else price, at=self.at, percent=self._percent)
        asked_at = time.monotonic()
        try:
            with ending_within(left):
                answer = call()
        except (CapabilityUnavailable, RateLimited, OutOfCredit, ReconnectRequired) as error:
            self.settle(reserved=price, used=0)  # what is refused is not sold
            if isinstance(error, CapabilityUnavailable):
                learn(self.connection, operation, yes=False, evidence=error.sentence, at=self.at)
            raise
        finally:
            self._seconds -= time.monotonic() - asked_at
        learn(self.connection, operation, yes=True, evidence="Twitter answered.", at=self.at)
        return answer

    def check_fits(self, job: Job) -> None:
        """Ask again whether the rest fits the month, once more is known of it. Raises BudgetExceeded."""
        check_fits(self.connection, job, at=self.at)

    def settle(self, *, reserved: int, used: int) -> None:
        """Correct a reservation once it is known what the call really cost."""
        if not self.is_practice:
            settle(self.connection, reserved=reserved, used=used, at=self.at)

    def keep(self) -> None:
        """Prolong the lease. Call it first in every transaction that writes what was read. Raises LeaseLost."""
        now = self.at + timedelta(seconds=time.monotonic() - self._began)
        held = Connection.objects.filter(pk=self.connection.pk, lease_version=self._version)
        if not held.update(lease_until=now + lease_of(self.connection)):
            raise LeaseLost("Another reading has taken over.")


def lease_of(connection: Connection) -> timedelta:
    """For how long a connection is held before whoever holds it must say that they are still there."""
    return LEASE_IN_PRACTICE if connection.kind == Connection.Kind.SANDBOX else LEASE


@contextmanager
def reaching(connection: Connection, *, at: datetime, job: Job | None = None) -> Iterator[Reach]:
    """Hold a connection for one reading, and write down how it went.

    Raises:
        NotNow: it is held, resting or broken.
        BudgetExceeded: the job as a whole does not fit the month; nothing was asked.
        TwitterError: what stopped the reading, already noted in the connection's health.
    """
    was = connection.kind
    connection.refresh_from_db()
    if connection.kind == Connection.Kind.BY_HAND != was:
        raise NotNow("Twitter is read by hand since.")
    if connection.broken_because:
        raise NotNow(connection.broken_because)
    if connection.not_before is not None and connection.not_before > at:
        raise NotNow("Twitter asked us to wait a little.")
    version = connection.lease_version
    free = Connection.objects.filter(pk=connection.pk, lease_version=version).exclude(lease_until__gt=at)
    if not free.update(lease_version=version + 1, lease_until=at + lease_of(connection)):
        raise NotNow("Another reading is under way.")
    reach = Reach(connection, version + 1, at, job.percent if job else EVERYTHING)
    try:
        if job is not None:
            check_fits(connection, job, at=at)
        yield reach
    except TwitterError as error:
        _went_wrong(connection, version + 1, error, at)
        raise
    else:
        _went_well(connection, version + 1, at)
    finally:
        Connection.objects.filter(pk=connection.pk, lease_version=version + 1).update(lease_until=None)
        connection.refresh_from_db()


def learn(connection: Connection, name: str, *, yes: bool, evidence: str, at: datetime) -> None:
    """Note what the connection was seen to allow; a row is written when it changes, or a refusal is seen again."""
    state = Capability.State.YES if yes else Capability.State.NO
    known = Capability.objects.filter(connection=connection, name=name).first()
    if known is not None and known.state == state and yes:
        return
    Capability.objects.update_or_create(
        connection=connection, name=name, defaults={"state": state, "evidence": evidence[:300], "checked_at": at}
    )


def is_refused(connection: Connection, name: str, *, at: datetime) -> bool:
    """Whether the connection was seen to refuse this within the last week; after that it is tried again."""
    return Capability.objects.filter(connection=connection, name=name, state=Capability.State.NO, checked_at__gt=at - RECHECK_A_NO).exists()


def is_allowed(connection: Connection, name: str) -> bool:
    return Capability.objects.filter(connection=connection, name=name, state=Capability.State.YES).exists()


def _went_well(connection: Connection, version: int, at: datetime) -> None:
    """Written down by whoever still holds the connection; it may have been connected anew meanwhile."""
    school, subject = connection.school_account.school, str(connection.pk)
    health = {"last_ok_at": at, "last_error": "", "broken_because": "", "failures": 0, "not_before": None}
    refused = Alarm.objects.filter(school=school, kind=BUDGET, subject=subject, cleared_at=None).exists()
    # The dearest job stands for all: that a small one fitted does not yet mean that there is room again.
    followers = Follower.objects.filter(school_account=connection.school_account, ended_at=None).count() if refused else 0
    is_enough = not refused or fits(connection, reading_followers(followers), at=at)
    with transaction.atomic():
        if not Connection.objects.filter(pk=connection.pk, lease_version=version).update(**health):
            return
        for kind in (RECONNECT, OUT_OF_CREDIT, UNREACHABLE, *([BUDGET] if is_enough else [])):
            clear_alarm(school=school, kind=kind, subject=subject, at=at)


def _went_wrong(connection: Connection, version: int, error: TwitterError, at: datetime) -> None:
    """Health, breaker and rest, by whoever still holds the connection.

    What the connection does not offer, what our own limit refused and what only ran out of time is no failure, and makes
    nobody else wait: the job that met it says when it tries again.
    """
    health: dict[str, object] = {"last_error": error.sentence}
    if not isinstance(error, CapabilityUnavailable | BudgetExceeded | OutOfTime):
        health |= {"failures": F("failures") + 1, "not_before": rest_until(connection, error, at)}
    if isinstance(error, ReconnectRequired | OutOfCredit):
        health["broken_because"] = error.sentence[:300]
    with transaction.atomic():
        if not Connection.objects.filter(pk=connection.pk, lease_version=version).update(**health):
            return
        connection.refresh_from_db()
        if (alarm := _alarm_for(connection, error)) is not None:
            kind, sentence = alarm
            raise_alarm(school=connection.school_account.school, kind=kind, sentence=sentence, at=at, subject=str(connection.pk))


def _alarm_for(connection: Connection, error: TwitterError) -> tuple[str, str] | None:
    """What a banner says of it, if anything: a failure of the passing kind only when it was one of many in a row."""
    kind = {ReconnectRequired: RECONNECT, OutOfCredit: OUT_OF_CREDIT, BudgetExceeded: BUDGET}.get(type(error))
    if kind is not None:
        return kind, error.sentence
    if isinstance(error, Transient | ContractViolation) and connection.failures >= FAILURES_UNTIL_ALARM:
        return UNREACHABLE, CANNOT_REACH
    return None


def rest_until(connection: Connection, error: TwitterError, at: datetime) -> datetime:
    """When to ask again: at Twitter's own time, never sooner than a minute nor later than an hour; else ever longer waits.

    Practice Twitter is asked again sooner where nothing but chance failed, so that a demo goes on.
    """
    is_quick = connection.kind == Connection.Kind.SANDBOX and not isinstance(error, RateLimited)
    floor, ceiling = (5, 60) if is_quick else (_FLOOR, _CEILING)
    seconds = floor * math.pow(2, min(connection.failures, 10))
    if isinstance(error, RateLimited) and error.reset_at is not None and error.reset_at > at:
        seconds = (error.reset_at - at).total_seconds() + 1
    return at + timedelta(seconds=max(floor, min(seconds, ceiling)))
