"""When a list of leavers must not go on by itself. Each layer is one small rule with a sentence and its figures. Pure.

A rule gives "" where it has nothing against the list. The numbers are policies; only who is written down twice, or was
foreseen, passes them uncounted.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from vetting.school.limits import SMALLEST_THAT_CANNOT_VANISH, Limits
from vetting.school.summer import YEAR_TURNS_IN

FEWER_BY_PERCENT = 20


@dataclass(frozen=True)
class Shape:
    """The roster in numbers, as those see it who have a reason to follow through it."""

    children: int = 0
    adults: int = 0
    with_address: int = 0
    years: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Tally:
    """The figures of one list.

    `found` and `surprises` count people, following or not; the rest counts followers. `unannounced`: ready to go though their
    last day was not written down before it came, and not with the last year group.
    """

    followers: int = 0
    adults: int = 0
    found: int = 0
    surprises: int = 0
    ready: int = 0
    unexpected: int = 0
    unannounced: int = 0

    @property
    def expected(self) -> int:
        return self.found - self.surprises

    @property
    def share(self) -> float:
        """How many in a hundred followers would go."""
        return round(self.ready * 100 / self.followers, 1) if self.followers else 0.0


def roster_is_old(last_loaded: date | None, day: date, limits: Limits) -> str:
    """Layer 1: a list of families that nobody loaded for long says nothing of today. A roster typed by hand has no age."""
    if last_loaded is None or not limits.list_days or day - last_loaded <= timedelta(days=limits.list_days):
        return ""
    return (
        f"The list of families was last loaded on {say(last_loaded)}, {(day - last_loaded).days} days ago; "
        f"it may be at most {limits.list_days} days old. Load a new one first."
    )


def roster_is_empty(now: Shape, ended: int) -> str:
    """Layer 1: an empty roster is a mishap, never "everybody left"."""
    if now.adults or ended < SMALLEST_THAT_CANNOT_VANISH:
        return ""
    return f"Nobody has a reason to follow any more, though {ended} people had one. The list of families looks empty."


def years_are_missing(was: Shape | None, now: Shape, day: date) -> str:
    """Layer 2: a year group that was there at the last good list and is gone, by name."""
    if was is None:
        return ""
    numbered = list(was.years)
    edges = {numbered[0], numbered[-1]} if numbered and day.month in YEAR_TURNS_IN else set()
    gone = [
        f"{year} had {count} children at the last good list and has none now."
        for year, count in was.years.items()
        if count >= SMALLEST_THAT_CANNOT_VANISH and not now.years.get(year) and year not in edges
    ]
    return " ".join(gone)


def roster_has_shrunk(was: Shape | None, now: Shape, day: date) -> str:
    """Layer 2: children, adults and addresses against the last good list; at the turn of the year schools change by themselves."""
    if was is None or day.month in YEAR_TURNS_IN:
        return ""
    figures = (
        ("children", was.children, now.children),
        ("adults", was.adults, now.adults),
        ("adults with an e-mail address", was.with_address, now.with_address),
    )
    fewer = [f"{word} (was {before}, now {after})" for word, before, after in figures if _fell(before, after)]
    return f"The list of families is much smaller than at the last good list: {', '.join(fewer)}." if fewer else ""


def _fell(before: int, after: int) -> bool:
    lost = before - after
    return lost >= SMALLEST_THAT_CANNOT_VANISH and lost * 100 > before * FEWER_BY_PERCENT


def too_many_surprises(counted: Tally, limits: Limits) -> str:
    """Layer 3: found against foreseen. More unexpected leavers than a school has in one go, among followers or among everybody."""
    allowed = max(limits.unexpected_people, counted.followers * limits.unexpected_percent // 100)
    if counted.unexpected > allowed:
        return (
            f"{counted.unexpected} of {counted.followers} followers would leave unexpectedly; at most {allowed} may. "
            "This usually means that a list was loaded with wrong leaving dates, or without part of the school."
        )
    allowed = max(limits.unexpected_people, counted.adults * limits.unexpected_percent // 100)
    if counted.surprises > allowed:
        return (
            f"{counted.surprises} of {counted.adults} adults would have left unexpectedly, followers or not; at most {allowed} may. "
            f"{counted.expected} were expected, {counted.found} were found."
        )
    return ""


def too_many_at_once(counted: Tally, limits: Limits) -> str:
    """Layer 5: the ceiling. Who was announced, and who leaves with the last year group, does not count."""
    if counted.unannounced * 100 <= counted.followers * limits.ceiling_percent or counted.unannounced <= limits.unexpected_people:
        return ""
    return (
        f"{counted.unannounced} of {counted.followers} followers ({counted.unannounced * 100 // counted.followers}%) would leave at once "
        f"without having been announced; the limit is {limits.ceiling_percent}%."
    )


def stopped_before(before: Collection[int], now: Collection[int], stopped_on: date | None) -> str:
    """Layer 8: never a silent retry. On whom a list stopped, on them it stops again until a person went one of the ways on."""
    still = set(before) & set(now)
    if not still or stopped_on is None:
        return ""
    people = "1 person" if len(still) == 1 else f"{len(still)} people"
    return f"{people} on whom the list of {say(stopped_on)} stopped are still on it, and nobody has said that it is right."


def say(day: date) -> str:
    return f"{day.day} {day:%b %Y}"
