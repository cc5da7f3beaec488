"""The fifteen kinds of request that must not be approved, as any school may meet them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from tests.schools.handles import handle_for, look_alike
from tests.schools.mails import FAILED, NOTHING, PASSED, as_typed, auth_of, from_person, send
from tests.schools.people import GROUPS, group_of_a_family
from tests.schools.scripts import with_cyrillic
from tests.schools.world import TODAY, Account, Person, World


@dataclass(frozen=True)
class Victim:
    """Somebody who may be imitated, with the account that is theirs. `asks`: it waits as well."""

    person: Person
    account: Account
    asks: bool = True


def stranger(world: World, victim: Victim) -> None:
    """Nobody the school knows, of a name as families have."""
    names = GROUPS[group_of_a_family(world.rng)]
    given, family = world.rng.choice(names.mothers + names.fathers), world.rng.choice(names.surnames)
    account = world.account(handle_for(world.rng, given, family))
    shown = world.rng.choice((f"{given} {family}", given, f"{given[0]} {family}"))
    world.request(account, category="b_stranger", should="reject", shown=shown, harm="stranger")


def spam(world: World, victim: Victim) -> None:
    account = world.account(f"{world.rng.choice(('medwayfitness', 'bestdeals', 'kentloans', 'wincash'))}{world.rng.randint(10, 999)}")
    bio = world.rng.choice(("🚀 crypto signals", "DM for promo", "18+ link in bio"))
    world.request(account, category="b_spam", should="reject", shown=account.handle.title(), bio=bio, harm="stranger")


def pupil(world: World, victim: Victim) -> None:
    """A child of the school with an account of their own."""
    child = world.rng.choice(world.pupils)
    name = f"{child['first_name']} {child['last_name']}"
    account = world.account(handle_for(world.rng, child["first_name"], child["last_name"]), world.young_day(TODAY))
    world.request(account, category="b_pupil", should="reject", shown=name, bio=world.rng.choice(("", "yr6 🔥", "⚽️")), harm="pupil")


def _imitated_name(world: World, person: Person) -> str:
    return with_cyrillic(world.rng, person.name) if world.rng.random() < 0.2 else person.name


def lookalike(world: World, victim: Victim) -> None:
    """A name like that of an account which waits as well."""
    on = world.day()
    account = world.account(look_alike(world.rng, victim.account.handle), world.young_day(on))
    category = "b_lookalike" if victim.asks else "b_lookalike_only"
    shown = world.rng.choice((_imitated_name(world, victim.person), world.shown(victim.person)))
    world.request(account, category=category, should="reject", shown=shown, harm="stranger", victim=victim.person, on=on)


def clone(world: World, victim: Victim) -> None:
    """The shown name of somebody whose own account is known, under any Twitter name."""
    on = world.day()
    account = world.account(handle_for(world.rng, victim.person.given, victim.person.family), world.young_day(on))
    shown = _imitated_name(world, victim.person)
    world.request(account, category="b_clone", should="reject", shown=shown, harm="stranger", victim=victim.person, on=on)


def _writes(world: World, victim: Victim, category: str, address: str, auth: dict[str, str], **more: str) -> None:
    """A stranger's mail in a parent's name, and the account that it names."""
    on = world.day()
    person = victim.person
    account = world.account(handle_for(world.rng, person.given, person.family), world.young_day(on))
    child = world.rng.choice(person.children)["first_name"] if person.children else None
    claim = send(
        world,
        address=address,
        name=person.name,
        handles=[f"@{account.handle}"],
        on=on,
        auth=dict(auth),
        child=child,
        intended=account.number,
        **more,
    )
    world.look_up(account.handle, account.number if account.born <= on else None)
    world.request(account, category=category, should="reject", shown=person.name, harm="stranger", victim=person, claim=claim)


def fake_mail(world: World, victim: Victim) -> None:
    """From an address that nobody holds, in the name of a parent."""
    _writes(world, victim, "b_fakemail", world.address(victim.person.given, victim.person.family), PASSED)


def spoof(world: World, victim: Victim) -> None:
    """With the parent's own address written on top."""
    _writes(world, victim, "b_spoof", world.rng.choice(victim.person.emails), world.rng.choice((FAILED, NOTHING)))


def look_alike_address(world: World, victim: Victim) -> None:
    """From an address made to look like the parent's."""
    local, _, domain = world.rng.choice(victim.person.emails).partition("@")
    ways = [
        (local, domain.replace(old, new))
        for old, new in (
            ("gmail.com", "gmai1.com"),
            ("gmail.com", "gmail.co"),
            ("hotmail", "hotmai1"),
            ("outlook", "0utlook"),
            ("icloud", "icl0ud"),
            ("yahoo", "yah00"),
        )
        if old in domain
    ]
    ways += [
        (local.replace(old, new, 1), domain) for old, new in (("o", "0"), ("l", "1"), ("i", "1"), ("m", "rn"), ("e", "3")) if old in local
    ]
    if ways:
        _writes(world, victim, "b_maillook", "@".join(world.rng.choice(ways)), PASSED)


def namesake(world: World, victim: Victim) -> None:
    """Somebody who has the same name by chance and writes for themselves."""
    _writes(world, victim, "b_namesake", world.address(victim.person.given, victim.person.family), PASSED)


def no_contact(world: World, victim: Victim) -> None:
    """Somebody who must not be in touch, from their own mailbox or from one they share."""
    barred = [p for p in world.people if p.no_contact and p.emails]
    if not barred:
        return
    person = world.rng.choice(barred)
    account = world.own_account(person)
    claim, _ = from_person(world, person, [as_typed(world, account.handle)], on=world.day(), intended=account.number)
    world.look_up(account.handle, account.number)
    alone = not any(set(p.emails) & set(person.emails) for p in world.people if p is not person)
    category = "b_nocontact" if alone else "b_nocontact_shared"
    world.request(account, category=category, should="reject", shown=world.shown(person), harm="blocked", owner=person, claim=claim)


def leaver(world: World, victim: Victim) -> None:
    """Somebody who no longer belongs to the school."""
    gone = [p for p in world.people if p.left and p.emails]
    if not gone:
        return
    person = world.rng.choice(gone)
    account = world.own_account(person)
    claim, _ = from_person(world, person, [f"@{account.handle}"], on=world.day(), intended=account.number)
    world.look_up(account.handle, account.number)
    world.request(account, category="b_leaver", should="reject", shown=world.shown(person), harm="blocked", owner=person, claim=claim)


def recycled(world: World, victim: Victim) -> None:
    """The name under which somebody was approved, now of another account."""
    person = world.fresh(victim.person)
    old = world.own_account(person)
    world.approve_before(old, person)
    on = world.day()
    taker = Account(world.number(world.young_day(on)), old.handle, on - timedelta(days=1))
    world.request(taker, category="b_recycled", should="reject", shown=person.name, harm="stranger", victim=person, on=on)


def hijack(world: World, victim: Victim) -> None:
    """The name that a parent wrote, given up after the mail and taken by somebody else."""
    person = world.fresh(victim.person)
    account = world.own_account(person)
    sent = world.day(26, 8)
    auth, _ = auth_of(world)
    claim, _ = from_person(world, person, [f"@{account.handle}"], on=sent, intended=account.number, auth=auth)
    world.look_up(account.handle, account.number)
    # Whoever takes a name over may have had an account for years.
    born = sent + timedelta(days=world.rng.randint(1, 7)) if world.rng.random() < 0.6 else world.old_day()
    taker = Account(world.number(born), account.handle, born)
    world.request(
        taker,
        category="b_hijack",
        should="reject",
        shown=person.name,
        harm="stranger",
        victim=person,
        claim=claim,
        on=sent + timedelta(days=8),
    )


WAYS: dict[Callable[[World, Victim], None], float] = {
    stranger: 34.0,
    spam: 12.0,
    pupil: 7.0,
    lookalike: 22.0,
    clone: 12.0,
    fake_mail: 10.0,
    spoof: 10.0,
    look_alike_address: 10.0,
    namesake: 4.0,
    no_contact: 4.0,
    leaver: 7.0,
    recycled: 3.0,
    hijack: 4.0,
}
