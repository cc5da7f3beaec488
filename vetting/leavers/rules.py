"""Who no longer belongs, since when, and until when they may stay. Pure; the numbers are policies. When a whole list stops: brake.py.

Absence of data is never a reason here: somebody is a leaver only because a last day was written down and has passed.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

# A family that leaves at the end of the school year leaves between these days, both included (month, day).
SUMMER = ((7, 1), (8, 31))
# So long before a last day that is written down somebody "leaves soon".
NOTICE = timedelta(days=31)
SEEN_ONCE = "One complete list was without them; a second one, a day or more later, has to be as well."
NEEDS_THE_LEAD = "This one needs the safeguarding lead."
FROZEN = "In the summer nobody goes unannounced: waits until"


class Group(StrEnum):
    """Where a follower stands on a leaver list."""

    READY = "READY"
    GRACE = "GRACE"
    KEPT = "KEPT"
    PROPOSED = "PROPOSED"
    LEAD = "LEAD"
    SOON = "SOON"


class Kind(StrEnum):
    """How a reason ends: with whom, and how long after it somebody may stay."""

    FAMILY = "FAMILY"
    STAFF = "STAFF"
    OTHER = "OTHER"


@dataclass(frozen=True)
class Reason:
    """One reason why a person may (or might) follow.

    `says` is the reason in words ("mother of Noah, Year 2"); `top_year`: through a child of the school's last year group;
    `announced`: its last day was written down before it came; `said`: by one named person for this one family, before or after;
    `seen_once`: it ended because a list was without it, and only one was.
    """

    kind: Kind
    starts_on: date
    ends_on: date | None
    says: str
    top_year: bool = False
    announced: bool = False
    said: bool = False
    seen_once: bool = False

    def holds_on(self, day: date) -> bool:
        return self.starts_on <= day and (self.ends_on is None or day <= self.ends_on)


@dataclass(frozen=True)
class Grace:
    """How long people stay after their last day. Family: days in mid-year, a fixed day after the summer; others: the end of the term,
    or `other_days` where the school set days. `frozen_until`: the last day of the summer freeze, while it holds."""

    mid_year_days: int
    staff_days: int
    year_end_until: tuple[int, int]
    term_ends: tuple[date, ...] = ()
    other_days: int = 0
    frozen_until: date | None = None


@dataclass(frozen=True)
class Kept:
    """A person's answer that a follower stays: since when, in words for the list.

    `though_left`: it was asked because nothing let them follow any more, so that it answers for every reason there was by then, on
    whatever day that ended. `by_the_lead`: nobody else is to learn of it.
    """

    since: date
    says: str
    though_left: bool = False
    by_the_lead: bool = False

    def answers_for(self, reason: Reason) -> bool:
        if reason.ends_on is not None and reason.ends_on <= self.since:
            return True
        return self.though_left and reason.starts_on < self.since


@dataclass(frozen=True)
class Standing:
    """One identified follower: their reasons, and what keeps a machine's hands off them.

    `held`: their removal waits for the safeguarding lead; `kept`: what a person answered; `namesake`: the reason of somebody of the
    same name in the register whom nothing tells apart from them.
    """

    reasons: Sequence[Reason]
    with_lead: bool = False
    do_not_contact: bool = False
    proposed: bool = False
    held: bool = False
    kept: "Kept | None" = None
    namesake: str = ""


@dataclass(frozen=True)
class Judgement:
    """Where somebody stands and why, in a sentence the admin reads.

    `expected`: the school saw this one coming, or a named person said so of this one family; `announced`: the former alone.
    """

    group: Group
    why: str
    grace_ends_on: date | None = None
    expected: bool = False
    announced: bool = False


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
    if kept := _kept(standing, current, coming, past):
        return kept
    until = max(grace_ends(reason, grace) for reason in past)
    decisive = [reason for reason in past if grace_ends(reason, grace) == until]
    expected = all(_is_foreseen(reason) or reason.said for reason in decisive)
    announced = all(_is_foreseen(reason) for reason in decisive)
    if standing.proposed:
        return Judgement(Group.PROPOSED, was, until, expected, announced)
    if any(reason.seen_once for reason in past):
        return Judgement(Group.GRACE, f"{was} {SEEN_ONCE}", max(until, day), expected=False)
    if not expected and grace.frozen_until is not None and max(until, day) <= grace.frozen_until:
        return Judgement(Group.GRACE, f"{was} {FROZEN} {_day(grace.frozen_until)}.", grace.frozen_until, expected, announced)
    if day <= until:
        return Judgement(Group.GRACE, f"{was} May stay until {_day(until)}.", until, expected, announced)
    return Judgement(Group.READY, was, until, expected, announced)


def leaves_soon(standing: Standing, day: date, grace: Grace) -> Judgement | None:
    """Somebody who belongs today and whose last reason is about to end: with the last year group in summer, or on a day written down."""
    current = [reason for reason in standing.reasons if reason.holds_on(day)]
    if not current or standing.with_lead or any(reason.starts_on > day for reason in standing.reasons):
        return None
    ends = [_ends_soon(reason, day) for reason in current]
    if None in ends:
        return None
    until = max(grace_ends(replace(reason, ends_on=end), grace) for reason, end in zip(current, ends, strict=True) if end is not None)
    last = max(current, key=lambda reason: (reason.ends_on or date.max, reason.says))
    when = f"last day {_day(last.ends_on)}" if last.ends_on else "leaves with the last year group"
    return Judgement(Group.SOON, f"{last.says[:1].upper()}{last.says[1:]}: {when}. May stay until {_day(until)}.", until, True, True)


def _ends_soon(reason: Reason, day: date) -> date | None:
    """The day a running reason ends, where that is written down for the next weeks or follows from the last year group."""
    if reason.ends_on is not None:
        return reason.ends_on if reason.ends_on - day <= NOTICE else None
    return date(day.year, *SUMMER[1]) if reason.top_year and in_summer(day) else None


def _kept(standing: Standing, current: Sequence[Reason], coming: Sequence[Reason], past: Sequence[Reason]) -> Judgement | None:
    """What keeps somebody on the list of followers though a reason of theirs has ended; the first that applies is said."""
    if current:
        return Judgement(Group.KEPT, f"Still {current[0].says}.")
    if coming:
        return Judgement(Group.KEPT, f"From {_day(coming[0].starts_on)} {coming[0].says}.")
    answer = standing.kept if standing.kept and all(standing.kept.answers_for(reason) for reason in past) else None
    if standing.with_lead or standing.held or (answer and answer.by_the_lead):
        return Judgement(Group.LEAD, NEEDS_THE_LEAD)
    if standing.do_not_contact:
        return Judgement(Group.KEPT, "Marked “do not contact”: only a person decides, nothing is proposed.")
    if answer:
        return Judgement(Group.KEPT, answer.says)
    if standing.namesake and not standing.proposed:
        return Judgement(Group.KEPT, f"Somebody of the same name may follow as {standing.namesake}. Look whether they are one person.")
    return None


def may_stay(reason: Reason, day: date, grace: Grace) -> bool:
    """Whether a reason lets somebody stay on a day: it runs, or its grace does."""
    return reason.holds_on(day) or (reason.ends_on is not None and reason.ends_on < day <= grace_ends(reason, grace))


def grace_ends(reason: Reason, grace: Grace) -> date:
    """The last day somebody may stay after a reason that has ended."""
    if reason.ends_on is None:
        raise ValueError("A reason that is still running has no grace.")
    ended = reason.ends_on
    if reason.kind is Kind.STAFF:
        return ended + timedelta(days=grace.staff_days)
    if reason.kind is Kind.OTHER and grace.other_days:
        return ended + timedelta(days=grace.other_days)
    if reason.kind is Kind.OTHER and (ends := [end for end in grace.term_ends if end >= ended]):
        return min(ends)
    usual = ended + timedelta(days=grace.mid_year_days)
    if reason.kind is Kind.FAMILY and in_summer(ended):
        return max(usual, date(ended.year, *grace.year_end_until))
    return usual


def in_summer(day: date) -> bool:
    """Whether a last day is one of the end of the school year."""
    return SUMMER[0] <= (day.month, day.day) <= SUMMER[1]


def _is_foreseen(reason: Reason) -> bool:
    return reason.announced or _is_year_end(reason)


def _is_year_end(reason: Reason) -> bool:
    return reason.top_year and reason.ends_on is not None and in_summer(reason.ends_on)


def _day(day: date) -> str:
    return f"{day.day} {day:%b %Y}"
