"""What is so at a school, whatever its office knows: children on roll, adults and their reasons, day by day. Pure."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from tests.school_years.calendar import family_stays_until, governor_stays_until, year_of

STAYS_ON_THE_LIST = timedelta(days=30)


class RoleKind(StrEnum):
    STAFF = "STAFF"
    GOVERNOR = "GOVERNOR"


@dataclass
class Spell:
    """A stretch of days, both included. `written_on`: when the school's own system learns the last day; None: never."""

    starts_on: date
    ends_on: date | None = None
    written_on: date | None = None

    def holds_on(self, day: date) -> bool:
        return self.starts_on <= day and (self.ends_on is None or day <= self.ends_on)


@dataclass
class Child:
    """`cohort`: the calendar year in which its year group began Reception."""

    number: int
    given: str
    family: str
    cohort: int
    spells: list[Spell] = field(default_factory=list)

    def year_on(self, day: date) -> int:
        return year_of(day).begins_in - self.cohort

    def on_roll(self, day: date) -> bool:
        return any(spell.holds_on(day) for spell in self.spells)

    def stands_on_a_list(self, day: date) -> bool:
        """On roll, or gone and still in the report with a leaving date, or gone and the system does not know yet."""
        last = self.spells[-1]
        if self.on_roll(day) or last.ends_on is None or last.written_on is None:
            return self.on_roll(day)
        return last.starts_on <= day <= max(last.ends_on, last.written_on) + STAYS_ON_THE_LIST

    def leaving_date(self, day: date) -> date | None:
        last = self.spells[-1]
        return last.ends_on if last.written_on is not None and last.written_on <= day else None


@dataclass
class Tie:
    """One adult, one child."""

    child: Child
    relationship: str
    spell: Spell


@dataclass
class Role:
    kind: RoleKind
    spell: Spell


@dataclass(eq=False)
class Adult:
    """Somebody with a reason to follow, once."""

    number: int
    given: str
    family: str
    addresses: tuple[str, ...]
    ties: list[Tie] = field(default_factory=list)
    roles: list[Role] = field(default_factory=list)
    former_families: list[str] = field(default_factory=list)
    marked_on: date | None = None
    introduced_by: "Adult | None" = None
    would_follow: bool = False

    @property
    def name(self) -> str:
        return f"{self.given} {self.family}"

    @property
    def names(self) -> list[str]:
        return [f"{self.given} {family}" for family in (self.family, *self.former_families)]

    def belongs(self, day: date) -> bool:
        if self.introduced_by is not None:
            return self.introduced_by.belongs(day)
        if any(role.spell.holds_on(day) for role in self.roles):
            return True
        return any(tie.spell.holds_on(day) and tie.child.on_roll(day) for tie in self.ties)

    def stays_until(self, day: date) -> date:
        """The last day of grace of every reason that is over."""
        if self.introduced_by is not None:
            one = self.introduced_by
            over = [*one.family_ends(day), *(last for _, last in one.role_ends(day))]
            return family_stays_until(max(over)) if over else date.min
        families = [family_stays_until(last) for last in self.family_ends(day)]
        roles = [last if kind is RoleKind.STAFF else governor_stays_until(last) for kind, last in self.role_ends(day)]
        return max([*families, *roles], default=date.min)

    def family_ends(self, day: date) -> list[date]:
        """The last days, before this one, of what let them follow through a child."""
        ends = [
            min(last for last in (spell.ends_on, tie.spell.ends_on) if last is not None)
            for tie in self.ties
            for spell in tie.child.spells
            if (spell.ends_on or tie.spell.ends_on) is not None and tie.spell.starts_on <= (spell.ends_on or day)
        ]
        return [last for last in ends if last < day]

    def role_ends(self, day: date) -> list[tuple[RoleKind, date]]:
        ended = [(role.kind, role.spell.ends_on) for role in self.roles]
        return [(kind, last) for kind, last in ended if last is not None and last < day]

    def is_gone(self, day: date) -> bool:
        """Whether nothing lets them follow any more, grace and all."""
        return not self.belongs(day) and day > self.stays_until(day)


@dataclass
class Family:
    adults: list[Adult]
    children: list[Child]
    moved_away_on: date | None = None

    def on_roll(self, day: date) -> list[Child]:
        return [child for child in self.children if child.on_roll(day)]

    @property
    def stays(self) -> bool:
        return not any(child.spells[-1].ends_on for child in self.children)


@dataclass
class Line:
    """One row of the school's list: this adult, this child."""

    adult: Adult
    child: Child
    relationship: str
    left_on: date | None
    marked: bool


@dataclass
class Truth:
    """One school. `first_year` and `top_year` are its year groups (0: Reception); `dates`: how its system is kept."""

    first_year: int
    top_year: int
    dates: str
    today: date
    families: list[Family] = field(default_factory=list)
    others: list[Adult] = field(default_factory=list)

    @property
    def adults(self) -> list[Adult]:
        return [*(adult for family in self.families for adult in family.adults), *self.others]

    @property
    def children(self) -> list[Child]:
        return [child for family in self.families for child in family.children]

    def lines(self, day: date) -> list[Line]:
        """The list as the school's system would print it on a day, if nothing went wrong."""
        found = [
            Line(adult, tie.child, tie.relationship, tie.child.leaving_date(day), adult.marked_on is not None and adult.marked_on <= day)
            for family in self.families
            for adult in family.adults
            for tie in adult.ties
            if tie.spell.holds_on(day) and tie.child.stands_on_a_list(day)
        ]
        return sorted(found, key=lambda line: (line.child.number, line.adult.number))
