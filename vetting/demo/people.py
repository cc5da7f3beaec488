"""The people of the demo school, made from a seed: pure, and the same for ever for the same seed.

210 pupils in seven years of thirty, and 240 adults: 212 parents and carers, 20 staff, 8 governors. On top, four pupils
who have since left: three whose families nobody else keeps at the school, and one with a brother still there.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from vetting.demo.imitated import IMITATED, SIMONE, Imitated
from vetting.demo.names import COMMUNITIES, ENGLISH, Community, letters_of

SEED = 20261
CLASS_SIZE = 30
PARENTS = 212
STAFF = 20
GOVERNORS = 8
CLASSES = {
    "Reception": "Willow",
    "Year 1": "Hazel",
    "Year 2": "Rowan",
    "Year 3": "Birch",
    "Year 4": "Maple",
    "Year 5": "Beech",
    "Year 6": "Oak",
}
YEARS = tuple(CLASSES)
# Dana, the family with the order, and those a stranger imitates.
_WITH_A_PART = 2 + len(IMITATED)
_MAIL_HOSTS = ("example.com", "example.com", "example.com", "example.net", "example.net", "example.org")


class Sort(StrEnum):
    """Why the school knows an adult."""

    PARENT = "PARENT"
    STAFF = "STAFF"
    GOVERNOR = "GOVERNOR"


@dataclass(frozen=True)
class Child:
    """A pupil as the school list shows one."""

    number: str
    given: str
    family: str
    year: str
    left: bool = False

    @property
    def class_name(self) -> str:
        return CLASSES[self.year]


@dataclass(frozen=True)
class Adult:
    """Somebody the school knows. `address` may be empty, or shared with another adult."""

    number: str
    title: str
    given: str
    family: str
    address: str
    sort: Sort
    relationship: str = ""
    lives_with_child: bool = True
    court_order: bool = False

    @property
    def name(self) -> str:
        return f"{self.given} {self.family}"


@dataclass(frozen=True)
class Family:
    """The children of one family and the adults on record for them."""

    children: tuple[Child, ...]
    adults: tuple[Adult, ...]

    @property
    def has_left(self) -> bool:
        """Whether no child of theirs is at the school any more."""
        return all(child.left for child in self.children)


@dataclass(frozen=True)
class People:
    """Everybody. The first families have a part of their own and are always the same; the rest is drawn."""

    families: tuple[Family, ...]
    staff: tuple[Adult, ...]
    governors: tuple[Adult, ...]

    @property
    def dana(self) -> Family:
        """The mother whose phone the visitor holds."""
        return self.families[0]

    @property
    def restricted(self) -> Family:
        """The family with the one contact under a court order; the mother still writes from the mailbox they once shared."""
        return self.families[1]

    @property
    def imitated(self) -> dict[Imitated, Family]:
        """Those whom a stranger tries to pass for on the practice phone. Nothing else happens to them in the story."""
        return dict(zip(IMITATED, self.families[2:_WITH_A_PART], strict=True))

    @property
    def copied(self) -> Family:
        """The one of them who was let in long ago."""
        return self.imitated[SIMONE]

    @property
    def drawn(self) -> tuple[Family, ...]:
        """Everybody without a part of their own."""
        return self.families[_WITH_A_PART:]

    def pupils(self) -> Iterator[Child]:
        """Those on roll today."""
        return (child for family in self.families for child in family.children if not child.left)

    def parents(self) -> Iterator[Adult]:
        """Everybody on record for a pupil on roll."""
        return (adult for family in self.families if not family.has_left for adult in family.adults)

    def adults(self) -> Iterator[Adult]:
        yield from self.parents()
        yield from self.staff
        yield from self.governors

    def leavers(self) -> list[Family]:
        return [family for family in self.families if family.has_left]


def make_people(seed: int = SEED) -> People:
    """The whole school. Two calls with one seed are equal."""
    return _Maker(seed).make()


class _Maker:
    """Holds the dice and what is taken already while the school is made."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)  # noqa: S311  # invented people, not secrets
        self.addresses: set[str] = set()
        self.names: set[tuple[str, str]] = set()
        self.free = dict.fromkeys(YEARS, CLASS_SIZE)
        self.children = 0
        self.contacts = 0

    def make(self) -> People:
        families = [self.dana(), self.separated_by_an_order(), *(self.imitated(each) for each in IMITATED)]
        while any(self.free.values()):
            families.append(self.family(self.years_of_siblings()))
        families += [self.family([], gone=[year]) for year in ("Year 3", "Year 5", "Year 1")]
        families = self.with_second_adults(families)
        staff = tuple(self.worker(Sort.STAFF, index) for index in range(STAFF))
        governors = tuple(self.worker(Sort.GOVERNOR, index) for index in range(GOVERNORS))
        return People(tuple(families), staff, governors)

    def dana(self) -> Family:
        child = self.child("Ada", "Hill", "Year 2")
        return Family((child,), (self.parent("Dana", "Hill", "Mother", "dana.hill@example.com"),))

    def separated_by_an_order(self) -> Family:
        children = (self.child("Theo", "Carver", "Year 3"), self.child("Elsie", "Carver", "Reception"))
        mother = self.parent("Joanne", "Carver", "Mother", "thecarvers@example.net")
        father = self.parent("Dean", "Carver", "Father", "thecarvers@example.net")
        return Family(children, (mother, replace(father, court_order=True, lives_with_child=False)))

    def imitated(self, one: Imitated) -> Family:
        return Family((self.child(one.child, one.family, one.year),), (self.parent(one.given, one.family, one.relationship, one.address),))

    def years_of_siblings(self) -> list[str]:
        """The years of one family's children: one mostly, sometimes two or three, rarely twins."""
        first = self.dice.choices(YEARS, weights=[self.free[year] for year in YEARS])[0]
        years = [first]
        self.free[first] -= 1
        more = self.dice.choices((0, 1, 2), weights=(48, 39, 13))[0]
        for _ in range(more):
            gap = self.dice.choices((0, 1, 2, 3, 4), weights=(3, 14, 40, 30, 13))[0]
            index = YEARS.index(first) + gap * self.dice.choice((-1, 1))
            if 0 <= index < len(YEARS) and self.free[YEARS[index]]:
                years.append(YEARS[index])
                self.free[YEARS[index]] -= 1
        for year in years:
            self.free[year] += 1  # child() takes the place
        return years

    def family(self, years: list[str], gone: Sequence[str] = ()) -> Family:
        community = self.dice.choices(COMMUNITIES, weights=[each.share for each in COMMUNITIES])[0]
        surname = self.dice.choice(community.surnames)
        mother = self.dice.random() < 0.86
        # One parent in nine goes by another surname than the child's.
        own_surname = self.dice.choice(community.surnames) if self.dice.random() < 0.11 else surname
        given = self.unused(*_grown_up(community, woman=mother), own_surname)
        children = [self.sibling(community, surname, year) for year in years]
        children += [self.sibling(community, surname, year, left=True) for year in gone]
        relationship = "Mother" if mother else "Father"
        if self.dice.random() < 0.03:
            relationship = "Grandmother" if mother else "Foster Carer"
        address = "" if self.dice.random() < 0.07 else self.address(given, own_surname)
        return Family(tuple(children), (self.parent(given, own_surname, relationship, address),))

    def with_second_adults(self, families: list[Family]) -> list[Family]:
        """Add second contacts until the school has its number: mostly at one address, some separated, some sharing a mailbox.

        The first of the larger families also loses a child to another school, so that somebody is kept by a sibling.
        """
        current = [index for index, family in enumerate(families) if not family.has_left]
        wanted = PARENTS - sum(len(families[index].adults) for index in current)
        for count, index in enumerate(self.dice.sample(current[_WITH_A_PART:], wanted)):
            families[index] = self.second_adult(families[index], separated=count % 4 == 3, shares_mailbox=count % 9 == 1)
        larger = next(index for index in current[_WITH_A_PART:] if len(families[index].children) > 1 and families[index].adults[0].address)
        family = families[larger]
        elder = Child(self.next_child(), "Martha", family.children[0].family, "Year 6", left=True)
        families[larger] = replace(family, children=(*family.children, elder))
        return families

    def second_adult(self, family: Family, *, separated: bool, shares_mailbox: bool) -> Family:
        first = family.adults[0]
        community = next(c for c in COMMUNITIES if family.children[0].family in c.surnames)
        first_is_mother = first.given in community.women + ENGLISH.women
        surname = self.dice.choice(community.surnames) if separated else family.children[0].family
        given = self.unused(*_grown_up(community, woman=not first_is_mother), surname)
        address = self.address(given, surname) if self.dice.random() > 0.08 else ""
        if shares_mailbox and not separated:
            address = self.claimed(f"the{letters_of(surname)}s@{self.dice.choice(_MAIL_HOSTS)}")
            first = replace(first, address=address)
        second = self.parent(given, surname, "Father" if first_is_mother else "Mother", address)
        return replace(family, adults=(first, replace(second, lives_with_child=not separated)))

    def worker(self, sort: Sort, index: int) -> Adult:
        community = self.dice.choices((ENGLISH, *COMMUNITIES), weights=(70, *(each.share for each in COMMUNITIES)))[0]
        woman = self.dice.random() < (0.8 if sort is Sort.STAFF else 0.5)
        surname = self.dice.choice(community.surnames)
        given = self.unused(*_grown_up(community, woman=woman), surname)
        address = self.claimed(f"{letters_of(given)[0]}.{letters_of(surname)}@hazelbrook.example.org")
        if sort is Sort.GOVERNOR:
            address = self.address(given, surname)
        title = self.dice.choice(("Mrs", "Miss", "Ms")) if woman else "Mr"
        number = f"{'S' if sort is Sort.STAFF else 'G'}{index + 1:03}"
        return Adult(number, title, given, surname, address, sort)

    def parent(self, given: str, family: str, relationship: str, address: str) -> Adult:
        self.names.add((given, family))
        if address:
            self.addresses.add(address)
        self.contacts += 1
        title = {"Mother": "Mrs", "Grandmother": "Mrs", "Father": "Mr"}.get(relationship, "")
        return Adult(f"C{self.contacts:04}", title, given, family, address, Sort.PARENT, relationship)

    def child(self, given: str, family: str, year: str) -> Child:
        self.free[year] -= 1
        return Child(self.next_child(), given, family, year)

    def next_child(self) -> str:
        self.children += 1
        return f"P{self.children:04}"

    def sibling(self, community: Community, surname: str, year: str, *, left: bool = False) -> Child:
        girl = self.dice.random() < 0.5
        names = (community.girls, ENGLISH.girls) if girl else (community.boys, ENGLISH.boys)
        given = self.unused(*names, surname)
        if left:
            return Child(self.next_child(), given, surname, year, left=True)
        return self.child(given, surname, year)

    def unused(self, names: Sequence[str], otherwise: Sequence[str], surname: str) -> str:
        """A first name nobody with this surname has yet: a child with an adult's whole name would look like that adult."""
        fresh = [name for name in names if (name, surname) not in self.names]
        given = self.dice.choice(fresh or [name for name in otherwise if (name, surname) not in self.names])
        self.names.add((given, surname))
        return given

    def address(self, given: str, family: str) -> str:
        first, last, year = letters_of(given), letters_of(family), self.dice.randint(78, 97)
        local = self.dice.choice(
            (f"{first}.{last}", f"{first}.{last}", f"{first}{last}{year}", f"{first[0]}{last}{year}", f"{first}_{last}")
        )
        return self.claimed(f"{local}@{self.dice.choice(_MAIL_HOSTS)}")

    def claimed(self, address: str) -> str:
        """The address, or the next free one like it."""
        local, _, host = address.partition("@")
        candidate, count = address, 2
        while candidate in self.addresses:
            candidate, count = f"{local}{count}@{host}", count + 1
        self.addresses.add(candidate)
        return candidate


def _grown_up(community: Community, *, woman: bool) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """First names to draw from, and those to fall back on when every one of them is taken."""
    return (community.women, ENGLISH.women) if woman else (community.men, ENGLISH.men)
