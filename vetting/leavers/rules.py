"""Who no longer belongs, since when, until when they may stay, and when a whole list must stop. Pure; the numbers are policies.

Absence of data is never a reason here: somebody is a leaver only because a last day was written down and has passed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

# A family that leaves at the end of the school year leaves between these days, both included (month, day).
SUMMER = ((7, 1), (8, 31))


class Group(StrEnum):
    """Where a follower stands on a leaver list."""

    READY = "READY"
    GRACE = "GRACE"
    KEPT = "KEPT"
    PROPOSED = "PROPOSED"
    LEAD = "LEAD"


class Kind(StrEnum):
    """How a reason ends: with whom, and how long after it somebody may stay."""

    FAMILY = "FAMILY"
    STAFF = "STAFF"
    OTHER = "OTHER"


@dataclass(frozen=True)
class Reason:
    """One reason why a person may (or might) follow.

    `says` is the reason in words ("mother of Noah, Year 2"); `top_year`: through a child of the school's last year group;
    `announced`: its last day was written down before it came, or by one named person for this one family.
    """

    kind: Kind
    starts_on: date
    ends_on: date | None
    says: str
    top_year: bool = False
    announced: bool = False

    def holds_on(self, day: date) -> bool:
        return self.starts_on <= day and (self.ends_on is None or day <= self.ends_on)


@dataclass(frozen=True)
class Grace:
    """How long people stay after their last day. Family: days in mid-year, a fixed day after the summer; others: the end of the term."""

    mid_year_days: int
    staff_days: int
    year_end_until: tuple[int, int]
    term_ends: tuple[date, ...] = ()


@dataclass(frozen=True)
class Standing:
    """One identified follower: their reasons, and what keeps a machine's hands off them."""

    reasons: Sequence[Reason]
    with_lead: bool = False
    do_not_contact: bool = False
    proposed: bool = False
    kept_since: date | None = None
    kept_says: str = ""


@dataclass(frozen=True)
class Judgement:
    """Where somebody stands and why, in a sentence the admin reads. `expected`: the school saw this one coming."""

    group: Group
    why: str
    grace_ends_on: date | None = None
    expected: bool = False


@dataclass(frozen=True)
class Limits:
    """When a list stops: unexpected leavers above the larger of people and percent, or more than `ceiling_percent` of the followers."""

    unexpected_people: int
    unexpected_percent: int
    ceiling_percent: int


def judge(standing: Standing, day: date, grace: Grace) -> Judgement | None:
    """Where a follower stands on a day; None when there is nothing to say: they belong, or no last day was ever written down."""
    current = [reason for reason in standing.reasons if reason.holds_on(day)]
    coming = [reason for reason in standing.reasons if reason.starts_on > day]
    past = [reason for reason in standing.reasons if reason.ends_on is not None and reason.ends_on < day]
    if not past:
        return None
    last = max(past, key=lambda reason: (reason.ends_on or day, reason.says))
    ended = last.ends_on or day
    was = f"No longer {last.says}: last day {_day(ended)}."
    if kept := _kept(standing, current, coming, ended):
        return kept
    until = max(grace_ends(reason, grace) for reason in past)
    expected = all(_is_expected(reason) for reason in past if grace_ends(reason, grace) == until)
    if standing.proposed:
        return Judgement(Group.PROPOSED, was, until, expected)
    if day <= until:
        return Judgement(Group.GRACE, f"{was} May stay until {_day(until)}.", until, expected)
    return Judgement(Group.READY, was, until, expected)


def _kept(standing: Standing, current: Sequence[Reason], coming: Sequence[Reason], ended: date) -> Judgement | None:
    """What keeps somebody on the list of followers though a reason of theirs has ended; the first that applies is said."""
    if current:
        return Judgement(Group.KEPT, f"Still {current[0].says}.")
    if coming:
        return Judgement(Group.KEPT, f"From {_day(coming[0].starts_on)} {coming[0].says}.")
    if standing.with_lead:
        return Judgement(Group.LEAD, "This one needs the safeguarding lead.")
    if standing.do_not_contact:
        return Judgement(Group.KEPT, "Marked “do not contact”: only a person decides, nothing is proposed.")
    if standing.kept_since is not None and standing.kept_since >= ended:
        return Judgement(Group.KEPT, standing.kept_says)
    return None


def grace_ends(reason: Reason, grace: Grace) -> date:
    """The last day somebody may stay after a reason that has ended."""
    if reason.ends_on is None:
        raise ValueError("A reason that is still running has no grace.")
    ended = reason.ends_on
    if reason.kind is Kind.STAFF:
        return ended + timedelta(days=grace.staff_days)
    if reason.kind is Kind.OTHER and (ends := [end for end in grace.term_ends if end >= ended]):
        return min(ends)
    usual = ended + timedelta(days=grace.mid_year_days)
    if reason.kind is Kind.FAMILY and in_summer(ended):
        return max(usual, date(ended.year, *grace.year_end_until))
    return usual


def in_summer(day: date) -> bool:
    """Whether a last day is one of the end of the school year."""
    return SUMMER[0] <= (day.month, day.day) <= SUMMER[1]


def _is_expected(reason: Reason) -> bool:
    return reason.announced or _is_year_end(reason)


def _is_year_end(reason: Reason) -> bool:
    return reason.top_year and reason.ends_on is not None and in_summer(reason.ends_on)


@dataclass(frozen=True)
class Tally:
    """The numbers a list is measured by. `at_year_end` counts the ready who left with the top year in summer."""

    followers: int
    ready: int
    unexpected: int
    at_year_end: int


def tally(standings: Sequence[tuple[Standing, Judgement]], followers: int) -> Tally:
    """Count the ready. Those who wait in grace, or are before the admins already, were or will be counted another night."""
    ready = [(standing, judgement) for standing, judgement in standings if judgement.group is Group.READY]
    at_year_end = sum(1 for standing, judgement in ready if judgement.expected and any(_is_year_end(reason) for reason in standing.reasons))
    return Tally(followers, len(ready), sum(1 for _, judgement in ready if not judgement.expected), at_year_end)


def stop_sentence(counted: Tally, limits: Limits) -> str:
    """Why a list must not go on by itself, with its numbers; empty when it is within the limits.

    Families who left with the top year in summer do not count towards the ceiling, so that a normal July never trips it.
    """
    allowed = max(limits.unexpected_people, counted.followers * limits.unexpected_percent // 100)
    if counted.unexpected > allowed:
        return (
            f"Stopped. Nobody was proposed. {counted.unexpected} of {counted.followers} followers would leave unexpectedly; "
            f"at most {allowed} may. This usually means that a list was loaded with wrong leaving dates."
        )
    surprising = counted.ready - counted.at_year_end
    if surprising * 100 > counted.followers * limits.ceiling_percent and surprising > limits.unexpected_people:
        return (
            f"Stopped. Nobody was proposed. {surprising} of {counted.followers} followers "
            f"({surprising * 100 // counted.followers}%) would leave at once; the limit is {limits.ceiling_percent}%."
        )
    return ""


def _day(day: date) -> str:
    return f"{day.day} {day:%b %Y}"
