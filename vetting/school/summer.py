"""The summer freeze: the weeks in which lists are least to be trusted, from the school's own terms. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

BEFORE_THE_END = timedelta(days=2)
INTO_AUTUMN = timedelta(days=14)
# In these months the last year group goes, the first is not there yet, and families change by the dozen.
YEAR_TURNS_IN = range(7, 11)
# Where a school has entered no terms around that summer: (month, day), both included.
USUAL_END, USUAL_START = (7, 20), (9, 4)
_SUMMER_ENDS_IN = (6, 7, 8)
_AUTUMN_STARTS_IN = (8, 9)


@dataclass(frozen=True)
class Freeze:
    """From two days before the last day of the summer term to two weeks into autumn, both days included."""

    first: date
    last: date

    def holds_on(self, day: date) -> bool:
        return self.first <= day <= self.last


def summer_freeze(year: int, terms: Sequence[tuple[date, date]]) -> Freeze:
    """The freeze of one calendar year. What the school's terms do not say is taken from the usual dates."""
    ends = [ends_on for _, ends_on in terms if ends_on.year == year and ends_on.month in _SUMMER_ENDS_IN]
    end = max(ends, default=date(year, *USUAL_END))
    starts = [starts_on for starts_on, _ in terms if starts_on.year == year and starts_on.month in _AUTUMN_STARTS_IN and starts_on > end]
    start = min(starts, default=date(year, *USUAL_START))
    return Freeze(end - BEFORE_THE_END, start + INTO_AUTUMN)


def frozen_until(day: date, terms: Sequence[tuple[date, date]]) -> date | None:
    """The last day of the freeze that holds on a day; None outside it."""
    freeze = summer_freeze(day.year, terms)
    return freeze.last if freeze.holds_on(day) else None
