"""Attacks through a parent's own mail: another account's name stands in it, and is not meant as the sender's.

Whoever filled in the fields by hand left that name out; a program that reads the text has to.
"""

from collections.abc import Callable
from pathlib import Path

from tests.schools.attacks import Victim
from tests.schools.handles import handle_for, letters
from tests.schools.mails import from_person
from tests.schools.world import Account, World

# Ways to write a name without saying that it is one's own.
_SENTENCES = (Path(__file__).resolve().parents[1] / "data" / "mentioned.txt").read_text("utf-8").splitlines()[1:]


def _bystander(world: World) -> Account:
    return world.account(handle_for(world.rng, world.rng.choice(("Sam", "Robin", "Alex")), world.rng.choice(("Marsh", "Stone", "Field"))))


def _mail(world: World, victim: Victim, other: Account, category: str, **parts: str) -> None:
    """The parent's own name stands in the mail as well, except where `alone` is said."""
    person = world.fresh(victim.person)
    alone = parts.pop("alone", "")
    own = world.own_account(person)
    claim, _ = from_person(world, person, [] if alone else [f"@{own.handle}"], on=world.day(), intended=own.number, **parts)
    if not alone:
        world.look_up(own.handle, own.number)
        # Where another name stands in the mail, a person has to say which one is meant: worth offering, not demanded.
        world.request(own, category="g_beside", should="approve", shown=person.name, owner=person, claim=claim)
    world.look_up(other.handle, other.number)
    shown = world.rng.choice(("Sam Marsh", "🌻", "Robin Stone"))
    world.request(other, category=category, should="reject", shown=shown, harm="stranger")


def quoted(world: World, victim: Victim) -> None:
    """An earlier mail of somebody else stands below the answer."""
    other = _bystander(world)
    after = (
        f"\nOn Mon, 2 Nov 2026 at 10:12, Sam Marsh <sam.marsh@gmail.com> wrote:\n> Hi, my Twitter name is @{other.handle}.\n> Thanks, Sam\n"
    )
    _mail(world, victim, other, "b_quoted", after=after, subject="Re: Twitter")


def forwarded(world: World, victim: Victim) -> None:
    """A parent forwards somebody else's mail."""
    other = _bystander(world)
    after = (
        "\n---------- Forwarded message ---------\nFrom: Sam Marsh <sam.marsh@gmail.com>\nDate: Mon, 2 Nov 2026\nSubject: Twitter\n"
        f"To: <parent@mail.example>\n\nMy Twitter name is @{other.handle}.\nThanks, Sam\n"
    )
    _mail(world, victim, other, "b_forwarded", after=after, says="Please see below.", alone="yes", subject="Fwd: Twitter")


def in_the_signature(world: World, victim: Victim) -> None:
    """Several names in one signature: the firm's and a club's."""
    other = _bystander(world)
    after = f"\n-- \n{victim.person.name}\nHead of Sales, Brightwork Ltd\nTwitter: @{other.handle}\n"
    _mail(world, victim, other, "b_signature", after=after)


def warned_of(world: World, victim: Victim) -> None:
    """A parent warns of an account, or asks about it."""
    other = _bystander(world)
    says = world.rng.choice(
        (
            "My twitter name is @{own}. Please do not accept @{other}, that is not me.",
            "I am @{own} on Twitter. Is @{other} one of yours? I do not know them.",
            "My account is @{own}. My ex uses @{other}, please keep him out.",
        )
    )
    person = world.fresh(victim.person)
    own = world.own_account(person)
    text = says.format(own=own.handle, other=other.handle)
    claim, _ = from_person(world, person, [f"@{own.handle}"], on=world.day(), intended=own.number, says=text)
    for account in (own, other):
        world.look_up(account.handle, account.number)
    world.request(own, category="g_beside", should="approve", shown=person.name, owner=person, claim=claim)
    world.request(other, category="b_warned", should="reject", shown=f"{letters(person.family).title()} x", harm="stranger")


def told_of(world: World, victim: Victim) -> None:
    """A parent writes about an account, in words that say neither that it is theirs nor that it is not."""
    other = _bystander(world)
    sentence = world.rng.choice(_SENTENCES).replace("zed_kane", other.handle)
    _mail(world, victim, other, "b_told_of", says=f"{sentence}.", alone="yes")


WAYS: dict[Callable[[World, Victim], None], float] = {quoted: 3.0, forwarded: 3.0, in_the_signature: 3.0, warned_of: 3.0, told_of: 6.0}
