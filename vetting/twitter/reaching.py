"""How a remote reading is fenced: one at a time, within the month's budget, and never on while something is broken.

The lease, the budget and the breaker are database rows changed by conditional UPDATEs, so that any number of workers
agree. Nothing here holds a transaction while Twitter is asked.
"""

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import TypeVar

from django.db import transaction
from django.db.models import F

from vetting.school.operations import clear_alarm, raise_alarm
from vetting.school.queries import policy
from vetting.twitter.models import Budget, Capability, Connection
from vetting.twitter.port import (
    BudgetExceeded,
    CapabilityUnavailable,
    OutOfCredit,
    RateLimited,
    ReconnectRequired,
    TwitterError,
)
from vetting.values import Refused

T = TypeVar("T")
LEASE = timedelta(seconds=120)
# X's prices in thousandths of a US dollar: a user looked up; one of the own followers, read with the own account's keys.
PRICE_OF_A_PROFILE = 10
PRICE_OF_A_FOLLOWER = 1
# Practice calls cost nothing and come every few seconds, so a month of them is many times a real one.
PRACTICE_ALLOWANCE = 100
RECONNECT, OUT_OF_CREDIT, BUDGET = "twitter-reconnect", "twitter-credit", "twitter-budget"
RECHECK_A_NO = timedelta(days=7)


class NotNow(Refused):
    """Nothing is asked at the moment: somebody else is asking, Twitter told us to wait, or the connection is broken."""


class LeaseLost(Refused):
    """We took too long and another worker reads now; what we have is not written down."""


class Reach:
    """A held connection: asks Twitter, one call at a time, and knows whether it still may."""

    def __init__(self, connection: Connection, version: int, at: datetime) -> None:
        self.connection = connection
        self.at = at
        self._version = version
        self._began = time.monotonic()

    @property
    def is_practice(self) -> bool:
        return self.connection.kind == Connection.Kind.SANDBOX

    def ask(self, operation: str, call: Callable[[], T], *, price: int = 0) -> T:
        """Reserve one call and its price, make it, and learn from the answer what the connection allows.

        Raises:
            BudgetExceeded: before anything was asked.
            TwitterError: as the port says.
        """
        reserve(self.connection, price=0 if self.is_practice else price, at=self.at)
        try:
            answer = call()
        except CapabilityUnavailable as error:
            learn(self.connection, operation, yes=False, evidence=error.sentence, at=self.at)
            raise
        learn(self.connection, operation, yes=True, evidence="Twitter answered.", at=self.at)
        return answer

    def give_back(self, price: int) -> None:
        """Return the part of a reservation that was not used."""
        if price > 0 and not self.is_practice:
            Budget.objects.filter(connection=self.connection, month=_month(self.at)).update(cost_used=F("cost_used") - price)

    def keep(self) -> None:
        """Prolong the lease. Call it first in every transaction that writes what was read. Raises LeaseLost."""
        now = self.at + timedelta(seconds=time.monotonic() - self._began)
        held = Connection.objects.filter(pk=self.connection.pk, lease_version=self._version)
        if not held.update(lease_until=now + LEASE):
            raise LeaseLost("Another reading has taken over.")


@contextmanager
def reaching(connection: Connection, *, at: datetime) -> Iterator[Reach]:
    """Hold a connection for one reading, and write down how it went.

    Raises:
        NotNow: it is held, resting or broken.
        TwitterError: what stopped the reading, already noted in the connection's health.
    """
    connection.refresh_from_db()
    if connection.broken_because:
        raise NotNow(connection.broken_because)
    if connection.not_before is not None and connection.not_before > at:
        raise NotNow("Twitter is left alone for a while after the last problem.")
    version = connection.lease_version
    free = Connection.objects.filter(pk=connection.pk, lease_version=version).exclude(lease_until__gt=at)
    if not free.update(lease_version=version + 1, lease_until=at + LEASE):
        raise NotNow("Another reading is under way.")
    reach = Reach(connection, version + 1, at)
    try:
        yield reach
    except TwitterError as error:
        _went_wrong(connection, error, at)
        raise
    else:
        _went_well(connection, at)
    finally:
        Connection.objects.filter(pk=connection.pk, lease_version=version + 1).update(lease_until=None)
        connection.refresh_from_db()


def reserve(connection: Connection, *, price: int, at: datetime) -> None:
    """Count a call and its price (thousandths of a dollar) before it is made. Raises BudgetExceeded and counts nothing."""
    school = connection.school_account.school
    calls, dollars = policy(school, "calls_per_month"), policy(school, "cost_per_month")
    if connection.kind == Connection.Kind.SANDBOX:
        calls *= PRACTICE_ALLOWANCE
    month = _month(at)
    limits = {"calls_limit": calls, "cost_limit": dollars * 1000}
    budget, _ = Budget.objects.get_or_create(connection=connection, month=month, defaults=limits)
    if (budget.calls_limit, budget.cost_limit) != (calls, dollars * 1000):
        Budget.objects.filter(pk=budget.pk).update(**limits)
    within = Budget.objects.filter(pk=budget.pk, calls_used__lte=F("calls_limit") - 1, cost_used__lte=F("cost_limit") - price)
    if not within.update(calls_used=F("calls_used") + 1, cost_used=F("cost_used") + price):
        raise BudgetExceeded(
            f"The school's own limit for Twitter in {month:%B} is reached. Nothing is read until it is raised in Settings."
        )


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


def _went_well(connection: Connection, at: datetime) -> None:
    health = {"last_ok_at": at, "last_error": "", "broken_because": "", "failures": 0, "not_before": None}
    with transaction.atomic():
        Connection.objects.filter(pk=connection.pk).update(**health)
        for kind in (RECONNECT, OUT_OF_CREDIT, BUDGET):
            clear_alarm(school=connection.school_account.school, kind=kind, subject=str(connection.pk), at=at)


def _went_wrong(connection: Connection, error: TwitterError, at: datetime) -> None:
    """Health, breaker and rest. A thing the connection does not offer is no failure of its own."""
    school, subject = connection.school_account.school, str(connection.pk)
    health: dict[str, object] = {"last_error": error.sentence}
    if not isinstance(error, CapabilityUnavailable):
        health |= {"failures": F("failures") + 1, "not_before": rest_until(connection, error, at)}
    alarm = {ReconnectRequired: RECONNECT, OutOfCredit: OUT_OF_CREDIT, BudgetExceeded: BUDGET}.get(type(error))
    if alarm in (RECONNECT, OUT_OF_CREDIT):
        health["broken_because"] = error.sentence[:300]
    with transaction.atomic():
        Connection.objects.filter(pk=connection.pk).update(**health)
        if alarm is not None:
            raise_alarm(school=school, kind=alarm, sentence=error.sentence, at=at, subject=subject)


def rest_until(connection: Connection, error: TwitterError, at: datetime) -> datetime:
    """When to ask again: at Twitter's own time, never sooner than a minute nor later than an hour; else ever longer waits."""
    floor, ceiling = (5, 60) if connection.kind == Connection.Kind.SANDBOX else (60, 3600)
    if isinstance(error, BudgetExceeded):
        return at + timedelta(seconds=ceiling)
    seconds = floor * math.pow(2, min(connection.failures, 10))
    if isinstance(error, RateLimited) and error.reset_at is not None and error.reset_at > at:
        seconds = (error.reset_at - at).total_seconds() + 1
        ceiling = 3600
    return at + timedelta(seconds=max(floor, min(seconds, ceiling)))


def _month(at: datetime) -> date:
    return at.date().replace(day=1)
