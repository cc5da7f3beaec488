"""The month's budget at Twitter, in calls and money. A job that does not fit what is left is refused before its first call.

Lists may use nine tenths of it. The last tenth is kept for what somebody waits for: the names families wrote, and the
people whose answer is being carried out.
"""

import math
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import F

from vetting.school.queries import policy
from vetting.twitter.models import Budget, Connection
from vetting.twitter.port import BudgetExceeded

# X's prices in thousandths of a US dollar: a user looked up; one of the own followers, read with the own account's keys;
# a block made, and one lifted.
PRICE_OF_A_PROFILE = 10
PRICE_OF_A_FOLLOWER = 1
PRICE_OF_A_BLOCK = 15
PRICE_OF_AN_UNBLOCK = 10
# Practice calls cost nothing and come every few seconds, so a month of them is many times a real one.
PRACTICE_ALLOWANCE = 100
EVERYTHING, LISTS = 100, 90
BATCH, PAGE = 100, 1000


@dataclass(frozen=True)
class Job:
    """What a reading is expected to ask for. `words` begin the sentence of a refusal; `percent` of the month is the most it may use."""

    words: str
    calls: int
    cost: int
    percent: int = EVERYTHING


def looking_up(words: str, people: int, cost: int | None = None) -> Job:
    """A job that asks about so many people, a hundred at a time."""
    return Job(words, max(1, math.ceil(people / BATCH)), PRICE_OF_A_PROFILE * people if cost is None else cost)


def reading_followers(followers: int) -> Job:
    """The whole list of so many followers, and the school's own profile before and after."""
    words = f"Reading {followers:,} followers" if followers else "Reading the followers"
    return Job(words, max(1, math.ceil(followers / PAGE)) + 2, PRICE_OF_A_FOLLOWER * followers + 2 * PRICE_OF_A_PROFILE, LISTS)


def this_month(connection: Connection, at: datetime) -> Budget:
    """The month's row, with the limits as the school's rules are now."""
    calls, dollars = policy(connection.school_account.school, "calls_per_month"), policy(connection.school_account.school, "cost_per_month")
    if connection.kind == Connection.Kind.SANDBOX:
        calls *= PRACTICE_ALLOWANCE
    limits = {"calls_limit": calls, "cost_limit": dollars * 1000}
    budget, _ = Budget.objects.get_or_create(connection=connection, month=month_of(at), defaults=limits)
    if (budget.calls_limit, budget.cost_limit) != (calls, dollars * 1000):
        Budget.objects.filter(pk=budget.pk).update(**limits)
        budget.refresh_from_db()
    return budget


def check_fits(connection: Connection, job: Job, *, at: datetime) -> None:
    """Raises BudgetExceeded, with the figures in a sentence, when a whole job would pass what is left. Nothing is counted."""
    if why_not := _why_it_does_not_fit(connection, job, at):
        raise BudgetExceeded(why_not)


def fits(connection: Connection, job: Job, *, at: datetime) -> bool:
    return not _why_it_does_not_fit(connection, job, at)


def _why_it_does_not_fit(connection: Connection, job: Job, at: datetime) -> str:
    budget = this_month(connection, at)
    cost = 0 if connection.kind == Connection.Kind.SANDBOX else job.cost
    money, calls = _left(budget, job.percent)
    if cost > money:
        figures = f"would cost about {dollars(cost + 9)}; {dollars(money)} of this month's {dollars(budget.cost_limit)} is left"
    elif job.calls > calls:
        took = f"{job.calls:,} call" if job.calls == 1 else f"{job.calls:,} calls"
        figures = f"would take about {took}; {calls:,} of this month's {budget.calls_limit:,} are left"
    else:
        return ""
    all_money, all_calls = _left(budget, EVERYTHING)
    kept = " for lists, since a tenth is kept for looking people up" if cost <= all_money and job.calls <= all_calls else ""
    next_month = (month_of(at) + timedelta(days=32)).replace(day=1)
    or_wait = f"wait until {next_month.day} {next_month:%B}"
    return f"{job.words} {figures}{kept}. It was not begun. Raise the limit in Settings, Rules, or {or_wait}."


def _left(budget: Budget, percent: int) -> tuple[int, int]:
    """Money and calls that are left of so much of the month's limits."""
    money, calls = budget.cost_limit * percent // 100 - budget.cost_used, budget.calls_limit * percent // 100 - budget.calls_used
    return max(money, 0), max(calls, 0)


def reserve(connection: Connection, *, price: int, at: datetime, percent: int = EVERYTHING) -> None:
    """Count a call and its price (thousandths of a dollar) before it is made. Raises BudgetExceeded and counts nothing."""
    budget = this_month(connection, at)
    within = Budget.objects.filter(
        pk=budget.pk,
        calls_used__lte=budget.calls_limit * percent // 100 - 1,
        cost_used__lte=budget.cost_limit * percent // 100 - price,
    )
    if not within.update(calls_used=F("calls_used") + 1, cost_used=F("cost_used") + price):
        reached = f"The school's own limit for Twitter in {budget.month:%B} was reached on the way."
        raise BudgetExceeded(f"{reached} The rest is not read until it is raised in Settings.")


def settle(connection: Connection, *, reserved: int, used: int, at: datetime) -> None:
    """Correct a reservation once it is known what the call really cost."""
    if reserved != used:
        Budget.objects.filter(connection=connection, month=month_of(at)).update(cost_used=F("cost_used") + used - reserved)


def dollars(thousandths: int) -> str:
    """In words, "$25" or "$0.40": whole cents, without what is less than one."""
    whole, cents = divmod(thousandths // 10, 100)
    return f"${whole:,}.{cents:02}" if cents else f"${whole:,}"


def month_of(at: datetime) -> date:
    return at.date().replace(day=1)
