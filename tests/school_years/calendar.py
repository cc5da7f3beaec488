"""The school year and the days of grace, written down once more from the rules and not taken from the product. Pure."""

from datetime import date, timedelta
from typing import NamedTuple


class Year(NamedTuple):
    """One school year, named by the calendar year in which it begins."""

    begins_in: int

    @property
    def terms(self) -> list[tuple[str, date, date]]:
        first, second = self.begins_in, self.begins_in + 1
        return [
            (f"Autumn {first}", date(first, 9, 3), date(first, 12, 18)),
            (f"Spring {second}", date(second, 1, 5), date(second, 3, 27)),
            (f"Summer {second}", date(second, 4, 13), date(second, 7, 21)),
        ]

    @property
    def last_day(self) -> date:
        return self.terms[-1][2]


def year_of(day: date) -> Year:
    return Year(day.year if day.month >= 9 else day.year - 1)


def freeze_of(year: int) -> tuple[date, date]:
    """From two days before the last day of the summer term to two weeks into autumn."""
    return Year(year - 1).last_day - timedelta(days=2), Year(year).terms[0][1] + timedelta(days=14)


def is_frozen(day: date) -> bool:
    first, last = freeze_of(day.year)
    return first <= day <= last


def family_stays_until(last_day: date) -> date:
    usual = last_day + timedelta(days=14)
    return max(usual, date(last_day.year, 9, 30)) if last_day.month in (7, 8) else usual


def governor_stays_until(last_day: date) -> date:
    return min(end for near in (-1, 0, 1) for _, _, end in Year(last_day.year + near).terms if end >= last_day)


def year_name(number: int) -> str:
    return "Reception" if number == 0 else f"Year {number}"
