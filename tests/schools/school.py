"""A whole simulated school from a seed."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import TypeVar

from tests.schools import attacks, genuine, loose_words, more_attacks, roster
from tests.schools.attacks import Victim
from tests.schools.world import Person, World

W = TypeVar("W")
# In a school of 250 families about 130 people ask who may be let in, and 300 who may not.
_ASK_OF_A_FAMILY = 0.64
_ATTACKS_OF_A_FAMILY = 0.9


@dataclass(frozen=True)
class Kind:
    """What a school is like. `own`: how much of the attacks are our own ideas."""

    families: int = 250
    attack: float = 1.0
    look_ups: float = 0.92
    own: float = 0.25


def make(seed: int, kind: Kind) -> World:
    """A school; the same seed and kind give the same school."""
    world = World(seed, look_ups=kind.look_ups)
    roster.fill(world, kind.families)
    victims = _those_who_belong(world, round(kind.families * _ASK_OF_A_FAMILY))
    for _ in range(round(kind.families * 0.015) + 1):
        genuine.off_roster(world, world.rng.choice(victims).person)
    _those_who_do_not(world, victims, round(kind.families * _ATTACKS_OF_A_FAMILY * kind.attack), kind.own)
    return world


def write(seed: int, kind: Kind, folder: Path) -> Path:
    return make(seed, kind).write(folder)


def _reading_together(world: World, person: Person) -> list[Person]:
    return [p for p in world.people if set(p.emails) & set(person.emails)]


def _those_who_belong(world: World, wanted: int) -> list[Victim]:
    """Some of the roster ask, each once; a few others gave their account's name long ago and do not ask now."""
    rng = world.rng
    can_write = [p for p in world.people if p.emails and all(q.current for q in _reading_together(world, p))]
    rng.shuffle(can_write)
    found: list[Victim] = []
    for person in can_write[:wanted]:
        way = genuine.shared if person not in world.reached_alone else _drawn(rng, _without(genuine.WAYS, genuine.shared))
        account = way(world, person)
        if account is not None and way in (genuine.exact, genuine.shared):
            found.append(Victim(person, account))
    for person in can_write[wanted : wanted + max(2, wanted // 6)]:
        found.append(_known_but_not_asking(world, person))
    return found


def _known_but_not_asking(world: World, person: Person) -> Victim:
    account = genuine.exact(world, person)
    del world.truth["requests"][account.number]
    world.requests = [row for row in world.requests if row["twitter_id"] != account.number]
    return Victim(person, account, asks=False)


def _those_who_do_not(world: World, victims: list[Victim], wanted: int, own: float) -> None:
    ours = more_attacks.WAYS | loose_words.WAYS
    alone = [v for v in victims if v.person in world.reached_alone]
    for _ in range(wanted):
        way = _drawn(world.rng, ours if world.rng.random() < own else attacks.WAYS)
        # Who writes in these on a parent's behalf must be one person: two mails of one mailbox would be another story.
        way(world, world.rng.choice(alone if way in ours else victims))


def _without(ways: dict[W, float], one: W) -> dict[W, float]:
    return {way: weight for way, weight in ways.items() if way is not one}


def _drawn(rng: Random, ways: dict[Callable[..., object], float]) -> Callable[..., object]:
    return rng.choices(list(ways), weights=list(ways.values()))[0]
