"""Attacks of our own: what somebody may try who has read how the register works."""

from collections.abc import Callable
from datetime import timedelta

from tests.schools.attacks import Victim
from tests.schools.handles import handle_for, letters, mistyped
from tests.schools.mails import NOTHING, PASSED, as_typed, from_person, send
from tests.schools.people import SHORT
from tests.schools.scripts import full_width, mathematical, turned_round, with_nothing_seen
from tests.schools.world import TODAY, Account, Person, World


def _child(world: World, person: Person) -> str | None:
    return world.rng.choice(person.children)["first_name"] if person.children else None


def _old(world: World, person: Person) -> Account:
    """Whoever plans ahead has an account of some years."""
    return world.account(handle_for(world.rng, person.given, person.family), world.old_day())


def poisoned_first(world: World, victim: Victim) -> None:
    """In two steps: a mail from nowhere makes the account look announced, then one with the parent's address on top names it again."""
    person, account = victim.person, _old(world, victim.person)
    first = world.day(26, 12)
    common = {"handles": [f"@{account.handle}"], "child": _child(world, person), "name": person.name, "intended": account.number}
    send(world, address=world.address(person.given, person.family), on=first, auth=dict(PASSED), **common)
    claim = send(world, address=person.emails[0], on=first + timedelta(days=2), auth=dict(NOTHING), **common)
    world.look_up(account.handle, account.number)
    world.request(account, category="b_two_step", should="reject", shown=person.name, harm="stranger", victim=person, claim=claim)


def older_sibling(world: World, victim: Victim) -> None:
    """A grown-up brother or sister of a pupil, nobody's parent, who writes openly."""
    child = world.rng.choice(world.pupils)
    given = world.rng.choice(("Kyle", "Chelsea", "Jordan", "Paige", "Connor"))
    account = world.account(handle_for(world.rng, given, child["last_name"]))
    claim = send(
        world,
        address=world.address(given, child["last_name"]),
        name=f"{given} {child['last_name']}",
        on=world.day(),
        auth=dict(PASSED),
        handles=[f"@{account.handle}"],
        child=child["first_name"],
        intended=account.number,
    )
    world.look_up(account.handle, account.number)
    world.request(account, category="b_sibling", should="hold", shown=f"{given} {child['last_name']}", harm="unverified", claim=claim)


def childs_mailbox(world: World, victim: Victim) -> None:
    """A child's own school mailbox, which passes every check and stands on no list of parents."""
    person = victim.person
    if not person.children:
        return
    child = world.rng.choice(person.children)
    account = _old(world, person)
    address = f"{letters(child['first_name'])}.{letters(child['last_name'])}@pupils.school.example"
    claim = send(
        world,
        address=address,
        name=person.name,
        on=world.day(),
        auth=dict(PASSED),
        handles=[f"@{account.handle}"],
        child=child["first_name"],
        intended=account.number,
    )
    world.look_up(account.handle, account.number)
    world.request(account, category="b_child_mailbox", should="reject", shown=person.name, harm="pupil", victim=person, claim=claim)


def child_at_parents_mailbox(world: World, victim: Victim) -> None:
    """A child writes from a parent's mailbox and names the child's own account."""
    person = victim.person
    if not person.children:
        return
    child = world.rng.choice(person.children)
    name = f"{child['first_name']} {child['last_name']}"
    account = world.account(handle_for(world.rng, child["first_name"], child["last_name"]), world.young_day(TODAY - timedelta(days=30)))
    claim, _ = from_person(world, person, [f"@{account.handle}"], on=world.day(), intended=account.number)
    world.look_up(account.handle, account.number)
    world.request(account, category="b_child_for_parent", should="reject", shown=name, bio="yr6 🔥", harm="pupil", claim=claim)


def sold(world: World, victim: Victim) -> None:
    """An approved account in other hands: both its names are of something else by now."""
    person = world.fresh(victim.person)
    account = world.own_account(person)
    world.approve_before(account, person)
    handle = f"{world.rng.choice(('bestdeals', 'winbig', 'cryptoking'))}{world.rng.randint(10, 9999)}"
    shown = world.rng.choice(("Best Deals", "Crypto Coins", "Win Big Today"))
    world.request(account, category="b_sold", should="hold", shown=shown, handle=handle, harm="stranger")


def freed_and_taken(world: World, victim: Victim) -> None:
    """The parent's name given up after the mail, and taken by an account that has been there for years."""
    person = world.fresh(victim.person)
    account = world.own_account(person)
    sent = world.day(26, 9)
    claim, _ = from_person(world, person, [f"@{account.handle}"], on=sent, intended=account.number)
    world.look_up(account.handle, account.number)
    taker = Account(world.number(world.old_day()), account.handle, world.old_day())
    world.request(
        taker,
        category="b_freed",
        should="reject",
        shown=person.name,
        harm="stranger",
        victim=person,
        claim=claim,
        on=sent + timedelta(days=5),
    )


def slip_taken(world: World, victim: Victim) -> None:
    """The parent mistyped; somebody registers that very name after the mail."""
    person = world.fresh(victim.person)
    genuine = world.own_account(person)
    wrong = mistyped(world.rng, genuine.handle)
    if wrong.lower() in world.taken:
        return
    sent = world.day(26, 9)
    claim, _ = from_person(world, person, [f"@{wrong}"], on=sent, intended=genuine.number)
    world.look_up(wrong, None)
    taker = world.account(wrong, sent + timedelta(days=2) if world.rng.random() < 0.5 else world.old_day())
    world.request(
        taker,
        category="b_slip_taken",
        should="reject",
        shown=person.name,
        harm="stranger",
        victim=person,
        claim=claim,
        on=sent + timedelta(days=5),
    )


def unseen_letters(world: World, victim: Victim) -> None:
    """The parent's shown name with characters that nobody sees, or in letters of another shape."""
    on = world.day()
    way = world.rng.choice((full_width, mathematical, turned_round, lambda name: with_nothing_seen(world.rng, name)))
    account = world.account(handle_for(world.rng, "sunny", "kent"), world.young_day(on))
    world.request(
        account, category="b_letters", should="reject", shown=way(victim.person.name), harm="stranger", victim=victim.person, on=on
    )


def foreign_domain(world: World, victim: Victim) -> None:
    """A domain whose letters only look Latin, as mail programs show it and as servers write it."""
    person, account = victim.person, _old(world, victim.person)
    local = person.emails[0].partition("@")[0]
    domain = world.rng.choice(("xn--gmil-63d.com", "xn--utlook-uqf.com", "xn--hotmil-4nf.com", "gmail.com.mail-school.example"))
    claim = send(
        world,
        address=f"{local}@{domain}",
        name=person.name,
        on=world.day(),
        auth=dict(PASSED),
        handles=[f"@{account.handle}"],
        child=_child(world, person),
        intended=account.number,
    )
    world.look_up(account.handle, account.number)
    world.request(account, category="b_domain", should="reject", shown=person.name, harm="stranger", victim=person, claim=claim)


def teachers_name(world: World, victim: Victim) -> None:
    """A child under the name of somebody who teaches there."""
    staff = [p for p in world.people if p.role == "staff" and p.current]
    if not staff:
        return
    teacher = world.rng.choice(staff)
    account = world.account(f"mrs{letters(teacher.family)}{world.rng.randint(1, 99)}"[:15], world.young_day(TODAY))
    world.request(account, category="b_teacher", should="reject", shown=f"Mrs {teacher.family}", bio="", harm="pupil")


def ex_partner_at_mailbox(world: World, victim: Victim) -> None:
    """Somebody barred who still knows the password of the other parent's mailbox, and names their own account."""
    pairs = [
        (p, q)
        for p in world.people
        if p.no_contact and p.household
        for q in world.people
        if q.household == p.household and q.current and q.emails
    ]
    if not pairs:
        return
    person, other = world.rng.choice(pairs)
    account = world.account(handle_for(world.rng, person.given, person.family))
    claim, _ = from_person(world, other, [as_typed(world, account.handle)], on=world.day(), intended=account.number)
    world.look_up(account.handle, account.number)
    shown = world.rng.choice((person.name, f"{person.given[0]} {person.family}", person.given))
    world.request(account, category="b_ex_partner", should="reject", shown=shown, harm="blocked", owner=person, claim=claim)


def barred_from_elsewhere(world: World, victim: Victim) -> None:
    """Somebody barred, from a new address, under a short form of the name or a former one."""
    barred = [p for p in world.people if p.no_contact]
    if not barred:
        return
    person = world.rng.choice(barred)
    given = SHORT.get(person.given, person.given)
    name = f"{given} {person.previous or person.family}"
    account = world.account(handle_for(world.rng, given, person.family))
    claim = send(
        world,
        address=world.address(given, person.family),
        name=name,
        on=world.day(),
        auth=dict(PASSED),
        handles=[f"@{account.handle}"],
        child=_child(world, person),
        intended=account.number,
    )
    world.look_up(account.handle, account.number)
    world.request(account, category="b_barred_new", should="reject", shown=name, harm="blocked", owner=person, claim=claim)


def account_of_two(world: World, victim: Victim) -> None:
    """Two families claim one account; only one of them can be right, so neither is offered."""
    current = [p for p in world.people if p.emails and p.current and p.household != victim.person.household]
    other = world.rng.choice(current)
    account = world.own_account(other)
    first, _ = from_person(world, victim.person, [f"@{account.handle}"], on=world.day(), intended=account.number)
    from_person(world, other, [f"@{account.handle}"], on=world.day(), intended=account.number)
    world.look_up(account.handle, account.number)
    world.request(account, category="b_two_claims", should="hold", shown=other.name, harm="unverified", claim=first)


def registered_beforehand(world: World, victim: Victim) -> None:
    """Likely slips of a parent's name lie ready, and the parent mistypes into one of them."""
    person = world.fresh(victim.person)
    genuine = world.own_account(person)
    wrong = mistyped(world.rng, genuine.handle)
    if wrong.lower() in world.taken:
        return
    squat = world.account(wrong, TODAY - timedelta(days=world.rng.randint(27, 60)))
    claim, _ = from_person(world, person, [f"@{squat.handle}"], on=world.day(), intended=genuine.number)
    world.look_up(squat.handle, squat.number)
    world.request(squat, category="b_squat", should="reject", shown=person.name, harm="stranger", victim=person, claim=claim)
    world.request(genuine, category="g_squatted", should="hold", shown=person.name, harm="unverified", owner=person)


WAYS: dict[Callable[[World, Victim], None], float] = {
    poisoned_first: 4.0,
    older_sibling: 4.0,
    childs_mailbox: 3.0,
    child_at_parents_mailbox: 4.0,
    sold: 3.0,
    freed_and_taken: 4.0,
    slip_taken: 4.0,
    unseen_letters: 6.0,
    foreign_domain: 4.0,
    teachers_name: 3.0,
    ex_partner_at_mailbox: 3.0,
    barred_from_elsewhere: 3.0,
    account_of_two: 3.0,
    registered_beforehand: 2.0,
}
