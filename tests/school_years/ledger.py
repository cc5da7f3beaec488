"""What the office's good lists and entries have told, and from which night on somebody is to be proposed for it. Pure.

By the rules as they are written (decision 14), not by what the product made of them: a reason is over by a leaving date in
a list, or when two complete lists outside the summer lack it; then the days of grace run.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from tests.school_years.calendar import family_stays_until, freeze_of, governor_stays_until, is_frozen
from tests.school_years.truth import Adult, Line, RoleKind

ONE_DAY = timedelta(days=1)
YEAR_END = (7, 8, 9, 10)


@dataclass
class Told:
    """One adult and one child as the lists have told of them."""

    year: int = 0
    names: frozenset[str] = frozenset()
    absent_since: date | None = None
    over_on: date | None = None
    known_on: date | None = None


class Ledger:
    """Kept by the simulation beside the product: for every adult, what is known of each child of theirs."""

    def __init__(self, top_year: int) -> None:
        self._top = top_year
        self._told: defaultdict[int, dict[int, Told]] = defaultdict(dict)

    def a_good_list(
        self, lines: Iterable[Line], day: date, *, complete: bool, unsettled: Collection[str], seen_before: bool = False
    ) -> None:
        """`unsettled`: surnames about which the office left a question open; nobody of that name counts as missing.

        `seen_before`: byte for byte a file that was loaded already. It may note somebody as missing, and bears no other list out.
        """
        listed = {(line.adult.number, line.child.number): line for line in lines}
        for (adult, child), line in listed.items():
            told = self._told[adult].setdefault(child, Told())
            told.names = told.names | {line.adult.family, line.child.family}
            told.absent_since, told.year = None, line.child.year_on(min(line.left_on or day, day))
            told.over_on = line.left_on
            told.known_on = (told.known_on or day) if line.left_on else None
        if not complete or is_frozen(day):
            return
        for adult, children in self._told.items():
            for child, told in children.items():
                if (adult, child) not in listed and told.over_on is None and not told.names & set(unsettled):
                    self._is_missing(told, day, seen_before=seen_before)

    def _is_missing(self, told: Told, day: date, *, seen_before: bool) -> None:
        first = told.absent_since
        if first is None:
            told.absent_since = day
            return
        if seen_before:
            return
        told.over_on, told.known_on = first, day
        if told.year == self._top and first.month in YEAR_END:
            told.over_on = min(first, date(first.year, 8, 31))

    def said_by_hand(self, child: int, on: date, day: date) -> None:
        """The office marked a child as left."""
        for told in (children[child] for children in self._told.values() if child in children):
            if told.over_on is None:
                told.over_on, told.known_on = on, day

    def a_wrong_list_was_loaded(self) -> None:
        """It may have named who is gone: the count begins anew."""
        for told in (told for children in self._told.values() for told in children.values()):
            told.absent_since = told.over_on = told.known_on = None

    def due_on(self, adult: Adult, day: date) -> date | None:
        """The first night on which a follower whom the register knows to be gone may be proposed; None while it does not know."""
        ends: list[tuple[date, date]] = []
        source = adult.introduced_by or adult
        for told in self._told[source.number].values():
            if told.over_on is None or told.known_on is None:
                return None
            ends.append((family_stays_until(told.over_on), told.known_on))
        for role in source.roles:
            over, written = role.spell.ends_on, role.spell.written_on
            if over is None or written is None or written > day:
                return None
            stays = over if role.kind is RoleKind.STAFF else governor_stays_until(over)
            ends.append((family_stays_until(over) if adult.introduced_by else stays, written))
        if not ends:
            return None
        due = max(max(until, known) + ONE_DAY for until, known in ends)
        first, last = freeze_of(due.year)
        return last + ONE_DAY if first <= due <= last else due
