"""The list of a simulated school: families as they are, staff, those who left, and those who must not be in touch."""

from random import Random
from typing import Any

from tests.schools.handles import letters
from tests.schools.people import GROUPS, SHORT, group_of_a_family
from tests.schools.world import Person, World

_CLASSES = ("Oak", "Elm", "Willow", "Maple", "Beech", "Rowan")


def fill(world: World, families: int) -> None:
    """Everybody on the list."""
    for number in range(1, families + 1):
        _family(world, f"H{number:07}")
    for number in range(max(3, families // 25)):
        _colleague(world, number)


def _key(world: World) -> str:
    return f"P{len(world.people) + 1:07}"


def _family(world: World, household: str) -> None:
    rng = world.rng
    group = group_of_a_family(rng)
    names = GROUPS[group]
    father_family = rng.choice(names.surnames)
    mother_family, previous = _mother_name(rng, names.surnames, father_family)
    child_family = mother_family if rng.random() < 0.25 else father_family
    children = [_child(world, household, rng.choice(names.children), child_family) for _ in range(rng.choice((1, 1, 2, 2, 3)))]
    adults = [("mother", "Mrs", rng.choice(names.mothers), mother_family, previous)]
    if rng.random() < 0.8:
        adults.append(("father", "Mr", rng.choice(names.fathers), father_family, None))
    if rng.random() < 0.2:
        rng.shuffle(adults)
        adults = adults[:1]
    if rng.random() < 0.06:
        other = rng.choice(names.surnames)
        adults.append((rng.choice(("stepfather", "carer", "grandmother")), "", rng.choice(names.fathers), other, None))
    gone = "2026-07-20" if rng.random() < 0.05 else None
    found = []
    for relationship, title, given, family, before in adults:
        known = SHORT.get(given) if rng.random() < 0.3 else None
        person = Person(_key(world), given, family, group, "parent", relationship, title, known, before, [], household, children, gone)
        world.people.append(person)
        found.append(person)
    _mailboxes(world, found)
    if gone is None and rng.random() < 0.03:
        rng.choice(found).no_contact = True


def _mother_name(rng: Random, surnames: tuple[str, ...], father: str) -> tuple[str, str | None]:
    """Married, double-barrelled, or her own; and the name she had before where it is known."""
    own = rng.choice(surnames)
    way = rng.random()
    if way < 0.55:
        return father, own if rng.random() < 0.3 else None
    return (f"{own}-{father}", None) if way < 0.67 else (own, None)


def _child(world: World, household: str, given: str, family: str) -> dict[str, Any]:
    year = world.rng.randint(0, 6)
    row = {
        "pupil_id": f"K{len(world.pupils) + 1:07}",
        "first_name": given,
        "known_as": None,
        "last_name": family,
        "year": str(year) if year else "R",
        "class_name": world.rng.choice(_CLASSES),
        "household_id": household,
    }
    world.pupils.append(row)
    return row


def _mailboxes(world: World, adults: list[Person]) -> None:
    rng = world.rng
    if len(adults) > 1 and rng.random() < 0.12:
        name = letters(adults[0].family) or "home"
        shared = rng.choice((f"{name}family{rng.randint(1, 99)}@gmail.com", f"the.{name}s{rng.randint(1, 99)}@btinternet.com"))
        for person in adults:
            person.emails = [shared]
        return
    for person in adults:
        if rng.random() < 0.95:
            person.emails = [world.address(person.given, person.family)]
            if rng.random() < 0.08:
                person.emails.append(world.address(person.given, person.family))


def _colleague(world: World, number: int) -> None:
    rng = world.rng
    group = rng.choices(("en_GB", "en_IN", "pl_PL"), weights=(8, 1, 1))[0]
    names = GROUPS[group]
    given, family = rng.choice(names.mothers + names.fathers), rng.choice(names.surnames)
    role = "governor" if number % 4 == 3 else "staff"
    emails = [f"{letters(given)[0]}.{letters(family)}{number}@school.example"]
    if rng.random() < 0.5:
        emails.append(world.address(given, family))
    left = "2025-08-26" if number % 3 == 0 else None
    world.people.append(Person(_key(world), given, family, group, role, role, "Mx", None, None, emails, None, [], left))
