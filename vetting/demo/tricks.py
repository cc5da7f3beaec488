"""Try to trick it: what Sam, a stranger, does on the practice phone to be taken for a parent.

Every trick is real: true accounts on the practice Twitter, true e-mails in the mailbox. The register is told nothing of it.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from vetting.demo.accounts import number_for, written_by_twitter
from vetting.demo.imitated import GARETH, HEATHER, NICOLA, SIMONE, Imitated
from vetting.demo.mail import Letter, SenderCheck, drop_into
from vetting.demo.people import CLASSES
from vetting.demo.place import SCHOOL_HANDLE
from vetting.twitter.sandbox import SandboxProfile, World
from vetting.values import BadValue

# An account nobody has just made raises no eyebrow.
PREPARED = timedelta(days=12)
# Mail, reading and look-up each take a few seconds of the demo's clock.
LOOKED_UP_WITHIN = timedelta(seconds=15)


@dataclass(frozen=True)
class Trick:
    """One way to pass for a parent: what Sam does, what the register answers, and the account Sam asks with.

    `says` is the register's own sentence; "…" stands for what differs from day to day. `waits` says what is awaited where a
    trick takes two presses, and `second` is what its button says then.
    """

    key: str
    name: str
    victim: Imitated
    handle: str
    does: str
    says: str
    button: str
    second: str = ""
    waits: str = ""


TRICKS = (
    Trick(
        key="double",
        name="An l for an I",
        victim=NICOLA,
        handle="nicoIahepworth",
        does="Nicola Hepworth tells the school her Twitter name. Sam opens an account with a capital I where she has an l, "
        "and takes her name and her words.",
        says="@nicoiahepworth looks like @nicolahepworth (i for l), which is a different account.",
        button="Ask as the double",
    ),
    Trick(
        key="forged",
        name="A forged sender",
        victim=GARETH,
        handle="gareth_toby_dad",
        does="Sam writes to the school with Gareth Penrose’s address in the From line, and names an account of Sam’s own.",
        says="The e-mail shows the address of Gareth Penrose but failed its check: it may be forged.",
        button="Send the forged e-mail",
    ),
    Trick(
        key="later",
        name="An account opened after the e-mail",
        victim=HEATHER,
        handle="heather_ainsly",
        does="Heather Ainsley leaves an e out of her own Twitter name. Nobody is called that, until Sam takes the name.",
        says="@heather_ainsly was only made on …, after the e-mail that names it.",
        button="Send Heather’s e-mail",
        second="Take the name she wrote",
        waits="Her e-mail is sent. Give the register a quarter of a minute to look the name up, then take it.",
    ),
    Trick(
        key="copied",
        name="A copied display name",
        victim=SIMONE,
        handle="late_bus_again",
        does="Simone Hartnell follows the school already. Sam copies the name and the words her account shows, and writes nothing.",
        says="Shows the name of Simone Hartnell, whose own account is @simonehartnell: a different one.",
        button="Ask as the copy",
    ),
)
BY_KEY = {trick.key: trick for trick in TRICKS}


@dataclass(frozen=True)
class Shown:
    """A trick as the page shows it now: its button, or that there is nothing left to press."""

    trick: Trick
    button: str
    stands: str = ""


class Stranger:
    """Sam, with four accounts to try. What he waits for is remembered as long as the process lasts; the rest stands on Twitter."""

    def __init__(self, world: World, mailbox: Path) -> None:
        self.world = world
        self.mailbox = mailbox
        self.wrote_at: datetime | None = None
        self._begin: dict[str, Callable[[Trick, datetime], str]] = {
            "double": self.ask_as_double,
            "forged": self.write_as_another,
            "later": self.take_the_name,
            "copied": self.ask_as_copy,
        }

    def try_it(self, key: str, at: datetime) -> str:
        """Do what the button says; the sentence that says what was done.

        Raises BadValue where it cannot be done: too early, blocked by the school, or nobody left to imitate.
        """
        trick = BY_KEY[key]
        account = self._account(trick)
        if account is None:
            return self._begin[key](trick, at)
        relation = self.world.relation(account.user_id)
        if "blocking" in relation:
            raise BadValue(f"{SCHOOL_HANDLE} has blocked @{trick.handle}, so Sam cannot ask again.")
        if relation:
            return _how_it_stands(trick, relation)
        self.world.ask_to_follow(trick.handle)
        return f"Sam asks again as @{trick.handle}."

    def shown(self) -> list[Shown]:
        return [self._shown(trick) for trick in TRICKS]

    # The tricks. Each begins with nothing but the parent's own account, and returns what was done.

    def ask_as_double(self, trick: Trick, at: datetime) -> str:
        own = self._own_account(trick.victim)
        drop_into(self.mailbox, _letter(trick.victim, own.handle, at))
        self._open_account(trick, own, at - PREPARED)
        return f"Nicola’s true e-mail names @{own.handle}. Sam asked to follow as @{trick.handle}."

    def write_as_another(self, trick: Trick, at: datetime) -> str:
        self._open_account(trick, self._own_account(trick.victim), at - PREPARED)
        drop_into(self.mailbox, _letter(trick.victim, trick.handle, at, check=SenderCheck.FORGED))
        return f"Sam’s e-mail pretends to be {trick.victim.address} and names @{trick.handle}. That account asked to follow."

    def take_the_name(self, trick: Trick, at: datetime) -> str:
        """Two presses: the account must be younger than the e-mail."""
        if self.wrote_at is None:
            drop_into(self.mailbox, _letter(trick.victim, trick.handle, at))
            self.wrote_at = at
            return f"Heather’s e-mail names @{trick.handle}, which is nobody’s yet. In a quarter of a minute Sam can take it."
        if at - self.wrote_at < LOOKED_UP_WITHIN:
            raise BadValue("The register is still looking the name up. Press again in a quarter of a minute.")
        self._open_account(trick, self._own_account(trick.victim), at)
        self.wrote_at = None
        return f"Sam opened @{trick.handle} just now and asked to follow."

    def ask_as_copy(self, trick: Trick, at: datetime) -> str:
        own = self.world.by_handle(trick.victim.handle.value)
        if own is None or "followed_by" not in self.world.relation(own.user_id):
            raise BadValue(f"{trick.victim.name} does not follow the school any more, so there is nobody to copy.")
        self._open_account(trick, own, at - PREPARED)
        return f"Sam asked to follow as @{trick.handle}, which shows the name “{own.name}”."

    # What they share.

    def _account(self, trick: Trick) -> SandboxProfile | None:
        """Sam's account of this trick. Raises BadValue when the name is somebody else's."""
        found = self.world.by_handle(trick.handle)
        if found is not None and found.name != trick.victim.name:
            raise BadValue(f"@{trick.handle} belongs to somebody else on Practice Twitter, so Sam cannot have it.")
        return found

    def _own_account(self, victim: Imitated) -> SandboxProfile:
        found = self.world.by_handle(victim.handle.value)
        return found or self.world.add_user(
            victim.handle.value, name=victim.name, bio=victim.bio, created_at=written_by_twitter(victim.since)
        )

    def _open_account(self, trick: Trick, like: SandboxProfile, made: datetime) -> None:
        """An account that shows what another one shows, asking to follow."""
        with self.world.at_once():
            self.world.add_user(
                trick.handle,
                name=trick.victim.name,
                user_id=number_for(made, secrets.randbelow(1 << 22)).value,
                bio=like.bio,
                created_at=written_by_twitter(made),
                followers=2,
                posts=1,
            )
            self.world.ask_to_follow(trick.handle)

    def _shown(self, trick: Trick) -> Shown:
        account = self.world.by_handle(trick.handle)
        relation = self.world.relation(account.user_id) if account is not None else []
        if relation and "blocking" not in relation:
            return Shown(trick, "", _how_it_stands(trick, relation))
        if trick.second and account is None and self.wrote_at is not None:
            return Shown(trick, trick.second, trick.waits)
        return Shown(trick, "Ask again" if account is not None else trick.button)


def _how_it_stands(trick: Trick, relation: list[str]) -> str:
    if "followed_by" in relation:
        return f"Somebody let Sam in: @{trick.handle} follows {SCHOOL_HANDLE}."
    return f"Sam asks as @{trick.handle}. The school has not answered yet."


def _letter(victim: Imitated, handle: str, at: datetime, *, check: SenderCheck = SenderCheck.GENUINE) -> Letter:
    """The e-mail a parent would write."""
    role = "dad" if victim.relationship == "Father" else "mum"
    body = (
        f"Hello,\n\nI'd like to follow the school on Twitter. My Twitter name is @{handle}. "
        f"I'm {victim.child}'s {role} ({victim.year}, {CLASSES[victim.year]} class).\n\nThanks,\n{victim.given}\n"
    )
    return Letter(victim.name, victim.address, "Following the school on Twitter", body, at, check=check)
