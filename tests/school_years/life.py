"""How a school's truth goes on: families come and go, part, marry, move their e-mail; roles begin and end. Seeded and pure."""

from datetime import date, timedelta
from random import Random

from tests.school_years.calendar import year_of
from tests.school_years.names import FAMILIES, GIVEN
from tests.school_years.truth import Adult, Child, Family, Role, RoleKind, Spell, Tie, Truth

SCHOOLS = {"primary": (0, 6), "infant": (0, 2), "junior": (3, 6), "secondary": (7, 13)}
LONG_AGO = date(2020, 9, 1)
# How often the system learns a leaving date before it comes, and how often at all.
DATES = {"kept": (0.7, 1.0), "loose": (0.3, 0.6), "none": (0.0, 0.0)}


class Life:
    """Draws what happens; everything it changes is in the truth."""

    def __init__(self, kind: str, seed: int, start: date, *, families: int, dates: str) -> None:
        self.draw = Random(seed)  # noqa: S311  # a seed repeats a history; nothing is secret
        self.truth = Truth(*SCHOOLS[kind], dates=dates, today=start)
        self._numbers = 0
        years = range(self.truth.first_year, self.truth.top_year + 1)
        for index in range(families):
            self._a_family([years[index % len(years)]], since=LONG_AGO)
        for kind_of_role, count in ((RoleKind.STAFF, max(2, families // 12)), (RoleKind.GOVERNOR, 4)):
            for _ in range(count):
                self.somebody_takes_a_role(kind_of_role)
        for _ in range(max(1, families // 20)):
            self.a_grandparent_is_introduced()

    # Who there is.

    def _number(self) -> int:
        self._numbers += 1
        return self._numbers

    def _adult(self, family: str) -> Adult:
        number, given = self._number(), self.draw.choice(GIVEN)
        mail = f"{given}.{family}{number}@home.test".lower().replace(" ", "").replace("'", "").replace("’", "")
        addresses = (mail,) if mail.isascii() and self.draw.random() > 0.06 else ()
        return Adult(number, given, family, addresses, would_follow=self.draw.random() < 0.6)

    def _a_family(self, years: list[int], since: date) -> Family:
        name = self.draw.choice(FAMILIES)
        adults = [self._adult(name)]
        if self.draw.random() < 0.7:
            other = self._adult(name if self.draw.random() < 0.7 else self.draw.choice(FAMILIES))
            if self.draw.random() < 0.12:
                other.addresses = adults[0].addresses
            adults += [other] if other.given != adults[0].given else []
        family = Family(adults, [])
        self.truth.families.append(family)
        if self.draw.random() < 0.35 and years[0] > self.truth.first_year:
            years = [*years, self.draw.randrange(self.truth.first_year, years[0])]
        for year in years:
            self._a_child(family, year, since)
        return family

    def _a_child(self, family: Family, year: int, since: date) -> None:
        taken = {child.given for child in family.children}
        given = self.draw.choice([name for name in GIVEN if name not in taken])
        child = Child(self._number(), given, family.adults[0].family, year_of(self.truth.today).begins_in - year, [Spell(since)])
        family.children.append(child)
        sides = ("Mother", "Father") if self.draw.random() < 0.9 else ("Carer", "Step-parent")
        for adult, relationship in zip(family.adults, sides, strict=False):
            if not any(tie.spell.ends_on for tie in adult.ties):
                adult.ties.append(Tie(child, relationship, Spell(since)))

    def _here(self) -> list[Family]:
        return [family for family in self.truth.families if family.on_roll(self.truth.today)]

    def _staying(self) -> list[Family]:
        return [family for family in self._here() if family.stays]

    # What a day brings.

    def a_day_passes(self) -> None:
        self.truth.today += timedelta(days=1)
        day, holidays = self.truth.today, self.truth.today.month in (7, 8)
        if (day.month, day.day) == (9, 1):
            self._the_new_ones_come()
        if day == year_of(day).last_day:
            self._the_school_year_ends()
        here = len(self._here())
        for a_year, happens, in_holidays in (
            (0.05, self.a_family_moves_away, True),
            (0.05, self.a_family_arrives, False),
            (0.01, self.a_family_comes_back, False),
            (0.02, self.one_child_leaves, False),
            (0.02, self.a_family_stays_after_all, True),
            (0.03, self.parents_part, True),
            (0.03, self.somebody_changes_surname, True),
            (0.08, self.somebody_changes_mail, True),
            (0.05, self.somebody_gives_up_a_role, True),
            (0.05, self.somebody_takes_a_role, True),
            (0.01, self.a_grandparent_is_introduced, True),
            (0.004, self.a_mark_appears, True),
        ):
            if self.draw.random() < a_year * here / 365 and (in_holidays or not holidays):
                happens()

    def _leaves(self, child: Child, on: date) -> None:
        """The last day, and whether the system ever learns of it: before, after, or not at all."""
        before, ever = DATES[self.truth.dates]
        chance, spell = self.draw.random(), child.spells[-1]
        if spell.ends_on is not None:
            return
        spell.ends_on = on
        if chance < before:
            spell.written_on = max(self.truth.today, on - timedelta(days=self.draw.randrange(40)))
        elif chance < ever:
            spell.written_on = on + timedelta(days=self.draw.randrange(1, 20))

    def _the_school_year_ends(self) -> None:
        """The last year group goes, in a sixth-form school a part of Year 11 too, and a few others for the summer."""
        day, top = self.truth.today, self.truth.top_year
        last_day = date(day.year, 8, 31) if self.draw.random() < 0.5 else day
        for family in self._here():
            for child in family.on_roll(day):
                year = child.year_on(day)
                if year >= top or (year == 11 and self.draw.random() < 0.4) or self.draw.random() < 0.01:
                    self._leaves(child, last_day)

    def _the_new_ones_come(self) -> None:
        """A new first year group (a junior school's come from the infants together), some of them younger brothers and sisters."""
        truth, today = self.truth, self.truth.today
        groups = truth.top_year - truth.first_year + 1
        wanted = max(2, sum(len(family.on_roll(today)) for family in self._here()) // max(groups - 1, 1))
        older = self._staying()
        self.draw.shuffle(older)
        for index in range(wanted):
            if older and index % 5 < 2:
                self._a_child(older.pop(), truth.first_year, today)
            else:
                self._a_family([truth.first_year], today)

    def a_family_moves_away(self, *, in_days: int | None = None) -> None:
        if families := self._staying():
            family = self.draw.choice(families)
            family.moved_away_on = self.truth.today + timedelta(days=self.draw.randrange(45) if in_days is None else in_days)
            for child in family.on_roll(self.truth.today):
                self._leaves(child, family.moved_away_on)

    def a_family_stays_after_all(self) -> None:
        """The move is off, and the leaving date is taken out of the system three weeks before it comes."""
        soon = self.truth.today + timedelta(days=21)
        for family in self._here():
            ends = [child.spells[-1].ends_on for child in family.on_roll(self.truth.today)]
            if family.moved_away_on is not None and all(end is not None and end >= soon for end in ends):
                family.moved_away_on = None
                for child in family.on_roll(self.truth.today):
                    child.spells[-1].ends_on = child.spells[-1].written_on = None
                return

    def one_child_leaves(self) -> None:
        families = [one for one in self._staying() if len(one.on_roll(self.truth.today)) > 1]
        if families and self.truth.today.month != 9:
            child = self.draw.choice(self.draw.choice(families).on_roll(self.truth.today))
            self._leaves(child, self.truth.today + timedelta(days=self.draw.randrange(20)))

    def a_family_arrives(self) -> None:
        self._a_family([self.draw.randrange(self.truth.first_year, self.truth.top_year + 1)], self.truth.today)

    def a_family_comes_back(self) -> None:
        """After a year or so, to the year groups the children belong to by then."""
        today = self.truth.today
        long_gone = [one for one in self.truth.families if one.moved_away_on and one.moved_away_on < today - timedelta(days=330)]
        back = [one for one in long_gone if all(child.year_on(today) <= self.truth.top_year for child in one.children)]
        if back:
            family = self.draw.choice(back)
            family.moved_away_on = None
            for child in family.children:
                child.spells.append(Spell(today))

    def parents_part(self) -> None:
        """Another address, perhaps another name; one in three is off the school's list for good some weeks later."""
        pairs = [one for one in self._here() if len([adult for adult in one.adults if not adult.ties[0].spell.ends_on]) == 2]
        if not pairs:
            return
        family = self.draw.choice(pairs)
        self._new_mail(family.adults[1])
        if self.draw.random() < 0.3:
            self._new_surname(family.adults[0])
        if self.draw.random() < 0.33:
            over = self.truth.today + timedelta(days=self.draw.randrange(60))
            for tie in family.adults[1].ties:
                tie.spell.ends_on = over

    def somebody_changes_surname(self) -> None:
        if families := self._here():
            self._new_surname(self.draw.choice(families).adults[0])

    def somebody_changes_mail(self) -> None:
        if families := self._here():
            self._new_mail(self.draw.choice(self.draw.choice(families).adults))

    def _new_surname(self, adult: Adult) -> None:
        adult.former_families.append(adult.family)
        adult.family = self.draw.choice([name for name in FAMILIES if name != adult.family])

    def _new_mail(self, adult: Adult) -> None:
        adult.addresses = (f"moved{self._number()}@moved.test",)

    def a_mark_appears(self) -> None:
        if families := self._here():
            adult = self.draw.choice(self.draw.choice(families).adults)
            adult.marked_on = adult.marked_on or self.truth.today

    def somebody_gives_up_a_role(self) -> None:
        """Told before, or some days late. Staff who are parents stay parents."""
        staff = [role for adult in self.truth.adults for role in adult.roles if role.kind is RoleKind.STAFF and role.spell.ends_on is None]
        if len(staff) > 2:
            spell, today = self.draw.choice(staff).spell, self.truth.today
            spell.ends_on = max(spell.starts_on, today + timedelta(days=self.draw.randrange(10)))
            spell.written_on = max(today, spell.ends_on + timedelta(days=self.draw.randrange(-9, 15)))

    def somebody_takes_a_role(self, kind: RoleKind | None = None) -> None:
        """Half of the staff and governors are parents as well; the rest only that. A governor's last day is known from the first."""
        today = self.truth.today
        kind = kind or self.draw.choice([RoleKind.STAFF, RoleKind.STAFF, RoleKind.GOVERNOR])
        parents = [adult for adult in self.truth.adults if adult.ties and adult.belongs(today) and not adult.roles]
        if parents and self.draw.random() < 0.5:
            adult = self.draw.choice(parents)
        else:
            adult = self._adult(self.draw.choice(FAMILIES))
            self.truth.others.append(adult)
        spell = Spell(today)
        if kind is RoleKind.GOVERNOR:
            spell.ends_on, spell.written_on = today + timedelta(days=self.draw.randrange(200, 700)), today
        adult.roles.append(Role(kind, spell))

    def a_grandparent_is_introduced(self) -> None:
        parents = [adult for one in self._staying() for adult in one.adults if adult.belongs(self.truth.today) and not adult.roles]
        if parents:
            adult = self._adult(self.draw.choice(FAMILIES))
            adult.introduced_by = self.draw.choice(parents)
            self.truth.others.append(adult)
