"""The forty-five who ask now, and why the evidence of each leads to its level."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from vetting.demo.accounts import Accounts
from vetting.demo.letters import a_letter
from vetting.demo.mail import Letter, SenderCheck
from vetting.demo.people import Adult, Child, Family, People, Sort
from vetting.twitter.port import Profile
from vetting.values import Handle, Level


class Rounds:
    """The last days, in which the register reads its mail and Twitter four times. Round 3 is now."""

    DAYS = (6, 3, 1, 0)

    def __init__(self, now: datetime) -> None:
        self.at = tuple(now - timedelta(days=day) for day in self.DAYS)

    def before(self, index: int, dice: random.Random) -> datetime:
        """Some moment shortly before a round, near enough for its look-up to count as made at once."""
        return self.at[index] - timedelta(minutes=dice.randint(8, 900))


@dataclass(frozen=True)
class Request:
    """Somebody who waits. `account` is how it stands when they ask; `earlier` how it stood before, if it had another name."""

    level: Level
    story: str
    account: Profile
    asks_in_round: int
    about: tuple[Adult, ...] = ()
    letters: tuple[Letter, ...] = ()
    earlier: Profile | None = None
    exists_from_round: int = 0


@dataclass
class Drawn:
    """What has been drawn so far."""

    requests: list[Request] = field(default_factory=list)
    bystanders: list[Profile] = field(default_factory=list)


class Waiting:
    """Draws families from the school, each at most once, and builds requests about them."""

    def __init__(self, dice: random.Random, people: People, accounts: Accounts, rounds: Rounds) -> None:
        self.dice = dice
        self.people = people
        self.accounts = accounts
        self.rounds = rounds
        self.drawn = Drawn()
        current = [family for family in people.drawn if not any(child.left for child in family.children)]
        dice.shuffle(current)
        self.alone = (family for family in current if len(family.adults) == 1 and family.adults[0].address)
        self.sharing = (family for family in current if _shares_a_mailbox(family))
        self.without_address = (family for family in current if not family.adults[0].address)

    def all(self) -> Drawn:
        """Forty-five requests, in no order a visitor could guess the level from."""
        times: tuple[tuple[int, Callable[[], None]], ...] = (
            (13, self.strong),
            (2, self.shared_mailbox),
            (2, self.renamed_since),
            (3, self.new_address),
            (1, self.no_address_on_file),
            (2, self.slip_in_the_name),
            (2, self.sender_not_checked),
            (1, self.sam_the_stranger),
            (1, self.look_alike_beside_the_genuine),
            (1, self.look_alike_before_the_genuine),
            (1, self.made_after_the_letter),
            (1, self.forged_sender),
            (1, self.copied_parent),
            (1, self.under_an_order),
            (1, self.mailbox_of_the_restricted),
            (1, self.named_by_two_families),
            (5, self.bot),
            (4, self.silent_parent),
        )
        for count, scene in times:
            for _ in range(count):
                scene()
        self.dice.shuffle(self.drawn.requests)
        return self.drawn

    # What the pieces below share.

    def add(self, level: Level, story: str, account: Profile, round_: int, *letters: Letter, about: tuple[Adult, ...] = ()) -> None:
        self.drawn.requests.append(Request(level, story, account, round_, about, letters))

    def a_parent(self) -> tuple[Adult, tuple[Child, ...]]:
        family = next(self.alone)
        return family.adults[0], family.children

    def some_round(self) -> int:
        return self.dice.choices((0, 1, 2, 3), weights=(1, 2, 4, 6))[0]

    def letter(
        self,
        adult: Adult,
        children: tuple[Child, ...],
        name: Handle,
        round_: int,
        *,
        address: str = "",
        check: SenderCheck = SenderCheck.GENUINE,
    ) -> Letter:
        sent_at = self.rounds.before(round_, self.dice)
        return a_letter(self.dice, adult, children, name.value, sent_at, address=address, check=check)

    # Strong and Likely.

    def strong(self) -> None:
        adult, children = self.a_parent()
        account = self.accounts.of(adult, children)
        written = self.some_round()
        asks = self.dice.choice([index for index in range(4) if index >= written])
        letter = self.letter(adult, children, account.handle, written)
        self.add(Level.STRONG, "own address, right name, looked up at once", account, asks, letter, about=(adult,))

    def shared_mailbox(self) -> None:
        family = next(self.sharing)
        adult, round_ = family.adults[0], self.some_round()
        account = replace(self.accounts.of(adult, family.children), display_name=adult.name)
        letter = self.letter(adult, family.children, account.handle, round_)
        self.add(Level.LIKELY, "a mailbox two current parents share", account, round_, letter, about=family.adults)

    def renamed_since(self) -> None:
        adult, children = self.a_parent()
        before = self.accounts.of(adult, children)
        after = replace(before, handle=Handle(self.accounts.nobodys_handle()))
        self.accounts.take(after.handle.value)
        letter = self.letter(adult, children, before.handle, 0)
        self.drawn.requests.append(
            Request(Level.LIKELY, "took another Twitter name after writing", after, 2, (adult,), (letter,), earlier=before)
        )

    # Needs a look.

    def new_address(self) -> None:
        adult, children = self.a_parent()
        account, round_ = self.accounts.of(adult, children), self.some_round()
        address = f"{adult.address.partition('@')[0]}{self.dice.randint(2, 9)}.home@example.org"
        letter = self.letter(adult, children, account.handle, round_, address=address)
        self.add(Level.CHECK, "writes from an address the school does not hold", account, round_, letter, about=(adult,))

    def no_address_on_file(self) -> None:
        family = next(self.without_address)
        adult, round_ = family.adults[0], self.some_round()
        account = self.accounts.of(adult, family.children)
        address = f"{account.handle.value}.mail@example.com".replace("_", ".")
        letter = self.letter(adult, family.children, account.handle, round_, address=address)
        self.add(Level.CHECK, "the school holds no address for this parent", account, round_, letter, about=(adult,))

    def slip_in_the_name(self) -> None:
        adult, children = self.a_parent()
        account, round_ = replace(self.accounts.of(adult, children), display_name=adult.name), self.some_round()
        letter = self.letter(adult, children, slipped(account.handle, self.accounts.taken), round_)
        self.add(Level.CHECK, "one letter wrong in the e-mail", account, round_, letter, about=(adult,))

    def sender_not_checked(self) -> None:
        adult, children = self.a_parent()
        account, round_ = self.accounts.of(adult, children), self.some_round()
        letter = self.letter(adult, children, account.handle, round_, check=SenderCheck.UNCHECKED)
        self.add(Level.CHECK, "the mail server could not check the sender", account, round_, letter, about=(adult,))

    def sam_the_stranger(self) -> None:
        adult, children = self.a_parent()
        sam = Adult("", "Mr", "Sam", "Fenwick", "sam.fenwick@example.org", Sort.PARENT, "Uncle")
        account = self.accounts.make("samfenwick_uk", "Sam Fenwick", bio="Family first.")
        letter = self.letter(sam, children, account.handle, 3)
        self.add(Level.CHECK, "nobody the school knows, but the child's name is right", account, 3, letter, about=(adult,))

    # Look-alikes.

    def look_alike_beside_the_genuine(self) -> None:
        adult, children, genuine = self.a_name_with("l")
        letter = self.letter(adult, children, genuine.handle, 1)
        self.add(Level.STRONG, "the genuine one of two look-alikes", genuine, 2, letter, about=(adult,))
        fake = self.copy_of(genuine, genuine.handle.value.replace("l", "i"))
        self.add(Level.IMPOSTOR, "a capital I for every l of a name a parent gave", fake, 2, about=(adult,))

    def look_alike_before_the_genuine(self) -> None:
        adult, children, genuine = self.a_name_with("o")
        self.drawn.bystanders.append(genuine)
        letter = self.letter(adult, children, genuine.handle, 2)
        fake = self.copy_of(genuine, genuine.handle.value.replace("o", "0"))
        self.add(Level.IMPOSTOR, "a nought for an o; the genuine account has not asked yet", fake, 3, letter, about=(adult,))

    def made_after_the_letter(self) -> None:
        adult, children = self.a_parent()
        made = self.rounds.at[1] - timedelta(hours=3)
        planned = self.accounts.of(adult, children)
        account = replace(planned, created_at=made.replace(microsecond=0), user_id=self.accounts.number_of(made), followers=0, posts=0)
        letter = self.letter(adult, children, account.handle, 0)
        self.drawn.requests.append(
            Request(Level.IMPOSTOR, "somebody took the name after the letter", account, 1, (adult,), (letter,), exists_from_round=1)
        )

    def forged_sender(self) -> None:
        adult, children = self.a_parent()
        account = self.accounts.make(self.accounts.nobodys_handle(), adult.name, created_at=self.rounds.at[0] - timedelta(days=30))
        letter = self.letter(adult, children, account.handle, 3, check=SenderCheck.FORGED)
        self.add(Level.IMPOSTOR, "the sender's address is forged", account, 3, letter, about=(adult,))

    def copied_parent(self) -> None:
        adult, children = self.a_parent()
        genuine = replace(self.accounts.of(adult, children), display_name=adult.name)
        letter = self.letter(adult, children, genuine.handle, 2)
        self.add(Level.STRONG, "a parent whose profile somebody copied", genuine, 2, letter, about=(adult,))
        fake = self.copy_of(genuine, f"{genuine.handle.value[:13]}_1")
        self.add(Level.IMPOSTOR, "the same name, words and picture as a parent who gave another account", fake, 3, about=(adult,))

    # For the safeguarding lead.

    def under_an_order(self) -> None:
        mother, father = self.people.restricted.adults
        account = self.accounts.make("deancarver77", "Dean Carver", bio="Dad. United till I die.")
        letter = self.letter(father, self.people.restricted.children, account.handle, 2)
        self.add(Level.HOLD, "a contact under an order asks", account, 2, letter, about=(mother, father))

    def mailbox_of_the_restricted(self) -> None:
        mother, father = self.people.restricted.adults
        account = self.accounts.make("jo_carver", "Jo Carver", bio="Two kids, one cat.")
        letter = self.letter(mother, self.people.restricted.children, account.handle, 1)
        self.add(Level.HOLD, "writes from a mailbox shared with a contact under an order", account, 1, letter, about=(mother, father))

    def named_by_two_families(self) -> None:
        adult, children = self.a_parent()
        other, others_children = self.a_parent()
        account = self.accounts.of(adult, children)
        first = self.letter(adult, children, account.handle, 2)
        second = self.letter(other, others_children, account.handle, 3)
        self.add(Level.HOLD, "two families say this account is theirs", account, 3, first, second, about=(adult, other))

    # Nothing known.

    def bot(self) -> None:
        self.add(Level.NONE, "a bot", self.accounts.a_bot(), self.some_round())

    def silent_parent(self) -> None:
        name = self.dice.choice(("Mum of two", "🌻", "J", "busy bee", "me again"))
        self.add(Level.NONE, "asked without writing", self.accounts.make(self.accounts.nobodys_handle(), name), self.some_round())

    def a_name_with(self, letter: str) -> tuple[Adult, tuple[Child, ...], Profile]:
        """A parent whose Twitter name, made of their own, holds `letter`."""
        while True:
            adult, children = self.a_parent()
            account = replace(self.accounts.of(adult, children), display_name=adult.name)
            if letter in account.handle.value and len(account.handle.value) > 7:
                return adult, children, account

    def copy_of(self, genuine: Profile, handle: str) -> Profile:
        made = self.rounds.at[2] - timedelta(days=12, minutes=self.dice.randrange(600))
        return replace(self.accounts.make(handle, genuine.display_name, bio=genuine.bio, created_at=made), followers=2, posts=1)


def slipped(handle: Handle, taken: set[str]) -> Handle:
    """The name as a hurried thumb types it: two neighbours swapped, or one letter left out; never somebody else's name."""
    return next(Handle(slip) for slip in _slips(handle.value) if slip not in taken and slip != handle.value)


def _slips(name: str) -> Iterator[str]:
    for index in range(2, len(name) - 1):
        yield name[:index] + name[index + 1] + name[index] + name[index + 2 :]
    for index in range(2, len(name)):
        yield name[:index] + name[index + 1 :]


def _shares_a_mailbox(family: Family) -> bool:
    addresses = [adult.address for adult in family.adults]
    return len(addresses) == 2 and bool(addresses[0]) and addresses[0] == addresses[1]
