"""The thirteen ways in which somebody who belongs to the school comes to ask, each true of somebody in every real office."""

from collections.abc import Callable

from tests.schools.handles import handle_for, letters, mistyped
from tests.schools.mails import as_typed, from_person, send
from tests.schools.people import in_own_letters
from tests.schools.world import Account, Person, World


def _shown(world: World, person: Person) -> str:
    own = in_own_letters(person.given, person.family)
    return own if own and world.rng.random() < 0.4 else world.shown(person)


def exact(world: World, person: Person, category: str = "g_exact") -> Account:
    """The right name from the right address."""
    account = world.own_account(person)
    claim, vouched = from_person(world, person, [as_typed(world, account.handle)], on=world.day(), intended=account.number)
    world.look_up(account.handle, account.number)
    shown = _shown(world, person)
    world.request(account, category=category, should="approve", shown=shown, owner=person, claim=claim, provable=vouched)
    return account


def shared(world: World, person: Person) -> Account | None:
    """From a mailbox that two people read, the account shows whose it is."""
    rng = world.rng
    account = world.account(handle_for(rng, person.called, person.family))
    claim, vouched = from_person(world, person, [as_typed(world, account.handle)], on=world.day(), intended=account.number)
    world.look_up(account.handle, account.number)
    shown = rng.choice((person.name, person.called, f"{person.called} {person.family}"))
    world.request(account, category="g_shared", should="approve", shown=shown, owner=person, claim=claim, provable=vouched)
    return account


def formatted(world: World, person: Person) -> Account:
    """A name with a blank in it, which nobody's name can be."""
    account = world.account(f"{letters(person.called)[:8]}_{world.rng.randint(10, 999)}")
    text = "@" + account.handle.replace("_", " ")
    claim, _ = from_person(world, person, [text], on=world.day(), intended=account.number)
    world.look_up(account.handle, account.number)
    world.look_up(account.handle.replace("_", ""), None)
    world.request(account, category="g_format", should="approve", shown=_shown(world, person), owner=person, claim=claim)
    return account


def slipped(world: World, person: Person) -> Account:
    """A slip of the finger; nobody has the name as written."""
    account = world.own_account(person)
    wrong = mistyped(world.rng, account.handle)
    while wrong.lower() in world.taken:
        wrong = mistyped(world.rng, account.handle)
    claim, _ = from_person(world, person, [f"@{wrong}"], on=world.day(), intended=account.number)
    world.look_up(wrong, None)
    world.request(account, category="g_typo", should="approve", shown=_shown(world, person), owner=person, claim=claim)
    return account


def another_name(world: World, person: Person) -> Account | None:
    """A name that was never theirs; the account itself shows who they are."""
    account = world.own_account(person)
    wrong = (letters(person.given) + letters(person.family))[:15].title()
    if wrong.lower() in world.taken:
        return None
    claim, _ = from_person(world, person, [f"@{wrong}"], on=world.day(), intended=account.number)
    world.look_up(wrong, None)
    shown = world.rng.choice((person.name, f"{person.given[0]} {person.family}", f"{person.called} {person.family}"))
    world.request(account, category="g_wrong", should="approve", shown=shown, owner=person, claim=claim)
    return account


def shown_name(world: World, person: Person) -> Account:
    """Their own name in place of a Twitter name."""
    account = world.own_account(person)
    claim, _ = from_person(world, person, [person.name], on=world.day(), intended=account.number)
    for reading in (letters(person.given) + letters(person.family), f"{letters(person.given)}_{letters(person.family)}"):
        if reading not in world.taken and len(reading) <= 15:
            world.look_up(reading, None)
    world.request(account, category="g_display", should="approve", shown=person.name, owner=person, claim=claim)
    return account


def new_address(world: World, person: Person) -> Account:
    """From an address that the school does not hold."""
    account = world.own_account(person)
    address = world.address(person.given, person.family)
    child = world.rng.choice(person.children)["first_name"] if person.children else None
    claim = send(
        world,
        address=address,
        name=person.name,
        handles=[f"@{account.handle}"],
        on=world.day(),
        child=child,
        sender=person,
        about=person,
        intended=account.number,
        auth={"dmarc": "pass", "spf": "pass", "dkim": "pass"},
    )
    world.look_up(account.handle, account.number)
    world.request(account, category="g_newmail", should="approve", shown=_shown(world, person), owner=person, claim=claim)
    return account


def partner(world: World, person: Person) -> Account | None:
    """From the other parent's mailbox."""
    others = [p for p in world.people if p.household == person.household and p is not person and p.emails and p.current]
    others = [p for p in others if not set(p.emails) & set(person.emails)]
    if not others or person.household is None:
        return None
    account = world.own_account(person)
    writer = others[0]
    says = f"My {'husband' if person.relationship == 'father' else 'partner'} {person.called}'s account is @{account.handle}."
    name = f"{writer.name} (this is {person.called}'s account)" if world.rng.random() < 0.5 else writer.name
    claim, _ = from_person(
        world,
        writer,
        [f"@{account.handle}"],
        on=world.day(),
        about=person,
        intended=account.number,
        name=name,
        says=says,
        from_name=writer.name,
    )
    world.look_up(account.handle, account.number)
    world.request(account, category="g_partner", should="approve", shown=_shown(world, person), owner=person, claim=claim)
    return account


def renamed(world: World, person: Person) -> Account:
    """The same account under another name by the time it asks."""
    account = world.own_account(person)
    claim, vouched = from_person(world, person, [f"@{account.handle}"], on=world.day(26, 10), intended=account.number)
    world.look_up(account.handle, account.number)
    seen = account.handle.lower() in world.lookups
    now = handle_for(world.rng, person.called, person.family)
    while now.lower() in world.taken:
        now = handle_for(world.rng, person.called, person.family)
    world.taken.add(now.lower())
    world.request(
        account,
        category="g_renamed",
        should="approve",
        shown=_shown(world, person),
        owner=person,
        claim=claim,
        provable=vouched and seen,
        handle=now,
        on=world.day(9),
    )
    return account


def second(world: World, person: Person) -> Account:
    """Two accounts in one mail; the second asks."""
    first, other = world.own_account(person), world.own_account(person)
    claim, _ = from_person(world, person, [f"@{first.handle}", f"@{other.handle}"], on=world.day(), intended=first.number)
    for account in (first, other):
        world.look_up(account.handle, account.number)
    world.request(other, category="g_second", should="approve", shown=_shown(world, person), owner=person, claim=claim)
    return first


def known(world: World, person: Person) -> Account:
    """Approved before by its number; it asks again, perhaps under another name."""
    account = world.own_account(person)
    shown = world.rng.choice((person.name, person.called, f"{person.title} {person.family}".strip()))
    before = handle_for(world.rng, person.called, person.family) if world.rng.random() < 0.5 else account.handle
    if before.lower() in world.taken and before != account.handle:
        before = account.handle
    world.taken.add(before.lower())
    world.approve_before(account, person, before)
    world.request(account, category="g_known", should="approve", shown=shown, owner=person, provable=True)
    return account


def silent(world: World, person: Person) -> Account:
    """Belongs here, but nobody wrote."""
    account = world.own_account(person)
    world.request(account, category="g_silent", should="hold", shown=_shown(world, person), owner=person, harm="unverified")
    return account


def off_roster(world: World, person: Person) -> None:
    """A grandparent or an aunt of the same surname, whom nobody listed."""
    given = world.rng.choice(("Carolyn", "Maureen", "Derek", "Pauline", "Stella", "Norman", "Irene"))
    account = world.account(handle_for(world.rng, given, person.family))
    child = world.rng.choice(person.children)["first_name"] if person.children else None
    claim = send(
        world,
        address=world.address(given, person.family),
        name=f"{given} {person.family}",
        handles=[f"@{account.handle}"],
        on=world.day(),
        child=child,
        auth={"dmarc": "pass", "spf": "pass", "dkim": "pass"},
        intended=account.number,
    )
    world.look_up(account.handle, account.number)
    world.request(account, category="g_offroster", should="hold", shown=f"{given} {person.family}", harm="unverified", claim=claim)


WAYS: dict[Callable[[World, Person], Account | None], float] = {
    exact: 54.0,
    shared: 5.0,
    formatted: 1.0,
    slipped: 5.0,
    another_name: 3.0,
    shown_name: 1.5,
    new_address: 6.0,
    partner: 4.0,
    renamed: 3.0,
    second: 2.5,
    known: 6.0,
    silent: 13.0,
}
