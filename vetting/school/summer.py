"""The turn of the school year: the weeks in which lists are least to be trusted, and who goes with the year. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

BEFORE_THE_END = timedelta(days=2)
INTO_AUTUMN = timedelta(days=14)
# In these months the last year group goes, the first is not there yet, and families change by the dozen.
YEAR_TURNS_IN = range(7, 11)
# Where a school has entered no terms around that summer: (month, day), both included.
USUAL_END, USUAL_START = (7, 20), (9, 4)
# The school year begins here, or with the autumn term where that begins earlier.
YEAR_BEGINS = (9, 1)
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
    starts = [starts_on for starts_on in _autumn_starts(year, terms) if starts_on > end]
    start = min(starts, default=date(year, *USUAL_START))
    return Freeze(end - BEFORE_THE_END, start + INTO_AUTUMN)


def frozen_until(day: date, terms: Sequence[tuple[date, date]]) -> date | None:
    """The last day of the freeze that holds on a day; None outside it."""
    freeze = summer_freeze(day.year, terms)
    return freeze.last if freeze.holds_on(day) else None


def year_began(day: date, terms: Sequence[tuple[date, date]]) -> date:
    """The first day of the school year that a day belongs to."""
    turn = _turn_of(day.year, terms)
    return turn if day >= turn else _turn_of(day.year - 1, terms)


def goes_with_the_year(day: date, named_on: date | None, terms: Sequence[tuple[date, date]]) -> bool:
    """Whether a child of the last year group who is missed on a day is taken to have left with the school year.

    Args:
        named_on: when a list of that school year, or an earlier one, first named the child. Whom a list of the new school year
            has named did not leave with the old one, nor did whom one named after that day.
    """
    if day.month not in YEAR_TURNS_IN:
        return False
    turn = _turn_of(day.year, terms)
    return named_on is None or (named_on <= day if day < turn else named_on < turn)


def _turn_of(year: int, terms: Sequence[tuple[date, date]]) -> date:
    return min((date(year, *YEAR_BEGINS), *_autumn_starts(year, terms)))


def _autumn_starts(year: int, terms: Sequence[tuple[date, date]]) -> list[date]:
    return [starts_on for starts_on, _ in terms if starts_on.year == year and starts_on.month in _AUTUMN_STARTS_IN]
