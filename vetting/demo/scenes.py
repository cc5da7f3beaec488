"""What happens at the demo school, on which day: who was let in earlier, who asks now and why each request is at its level.

Pure. Nothing here says a level to the register: every request is built so that the evidence itself leads there, and a
test asks the real matching engine. `level` is only what that test expects.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from vetting.demo.accounts import Accounts
from vetting.demo.imitated import Imitated
from vetting.demo.letters import a_letter
from vetting.demo.mail import Letter, SenderCheck
from vetting.demo.people import SEED, Adult, Child, Family, People
from vetting.demo.place import DANA_BIO, DANA_HANDLE, DANA_NAME, DANA_SINCE, DANA_USER_ID, SCHOOL_HANDLE
from vetting.demo.waiting import Request, Rounds, Waiting
from vetting.twitter.port import Profile
from vetting.values import Handle

# Days before today on which the office worked through a pile; the first holds everybody who has left since.
WAVES = (150, 75, 30)
LEFT_DAYS_AGO = 45
APPROVED_PARENTS = 92
# Families who followed before the school kept a register; nobody has checked them yet.
NEVER_CHECKED = 40
BOTS_AMONG_FOLLOWERS = 14
UNKNOWN_RELATIVES = 6


@dataclass(frozen=True)
class Admitted:
    """Somebody let in earlier. Without a letter they came to the desk, or work here."""

    adult: Adult
    account: Profile
    asked_at: datetime
    letter: Letter | None


@dataclass(frozen=True)
class Scenes:
    """The whole story, in the order in which it is played."""

    school: Profile
    dana: Profile
    waves: tuple[tuple[Admitted, ...], ...]
    unknown_followers: tuple[Profile, ...]
    waiting: tuple[Request, ...]
    # Accounts somebody named or resembles, which do not ask themselves.
    bystanders: tuple[Profile, ...]
    other_letters: tuple[Letter, ...]


def make_scenes(people: People, *, now: datetime, seed: int = SEED) -> Scenes:
    """The story of `people`, ending at `now`. Two calls with the same arguments are equal."""
    return _Story(people, now, seed).tell()


class _Story:
    def __init__(self, people: People, now: datetime, seed: int) -> None:
        self.dice = random.Random(seed + 1)  # noqa: S311  # invented people, not secrets
        self.people = people
        self.now = now
        self.accounts = Accounts(self.dice, now, people.pupils())
        self.school = replace(self.accounts.make(SCHOOL_HANDLE.value, "Hazelbrook Primary"), protected=True)
        dana = self.accounts.make(DANA_HANDLE.value, DANA_NAME, bio=DANA_BIO, created_at=DANA_SINCE)
        self.undecided: list[tuple[Adult, Family]] = []
        self.dana = replace(dana, user_id=DANA_USER_ID)
        self.imitated = {family.adults[0].number: self.own_account(one) for one, family in people.imitated.items()}

    def tell(self) -> Scenes:
        """Who waits is drawn first, so that the rest of the school is left for those already in."""
        waiting = Waiting(self.dice, self.people, self.accounts, Rounds(self.now)).all()
        copied = self.people.copied.adults[0].number
        others = [account for number, account in self.imitated.items() if number != copied]
        waves = self.earlier({adult.number for request in waiting.requests for adult in request.about})
        never_checked = [self.accounts.of(adult, family.children) for adult, family in self.undecided[:NEVER_CHECKED]]
        relatives = [self.accounts.make(self.accounts.nobodys_handle(), name) for name in _RELATIVES[:UNKNOWN_RELATIVES]]
        # They follow from before the register, so they are older than it.
        bots = [self.accounts.a_bot(youngest_days=200, oldest_days=700) for _ in range(BOTS_AMONG_FOLLOWERS)]
        return Scenes(
            school=self.school,
            dana=self.dana,
            waves=waves,
            unknown_followers=(*bots, *relatives, *never_checked),
            waiting=tuple(waiting.requests),
            bystanders=(*waiting.bystanders, *others),
            other_letters=tuple(self.other_letters()),
        )

    def earlier(self, busy: set[str]) -> tuple[tuple[Admitted, ...], ...]:
        """Families let in wave by wave; whoever left, is kept by a sibling or will be copied in the first."""
        first = [self.people.copied, *(family for family in self.people.families if any(child.left for child in family.children))]
        pairs = [(adult, family) for family in first for adult in family.adults[:1]]
        rest = [
            (adult, family)
            for family in self.people.drawn
            if family not in first
            for adult in family.adults
            if adult.number not in busy and self.may_have_asked(adult, family)
        ]
        self.dice.shuffle(rest)
        current = [pair for pair in pairs if not pair[1].has_left]
        pairs += rest[: APPROVED_PARENTS - len(current)]
        self.undecided = rest[APPROVED_PARENTS - len(current) :]
        workers: list[tuple[Adult, Family | None]] = [(adult, None) for adult in (*self.people.staff, *self.people.governors[:5])]
        everybody: list[tuple[Adult, Family | None]] = [*pairs, *workers]
        third = len(everybody) // len(WAVES)
        cuts = (everybody[: third + 20], everybody[third + 20 : 2 * third + 20], everybody[2 * third + 20 :])
        return tuple(tuple(self.admitted(adult, family, day) for adult, family in cut) for day, cut in zip(WAVES, cuts, strict=True))

    def own_account(self, one: Imitated) -> Profile:
        return self.accounts.make(one.handle.value, one.name, bio=one.bio, created_at=one.since)

    def may_have_asked(self, adult: Adult, family: Family) -> bool:
        """Not those who share a mailbox: they are among the waiting, and their letters would muddle each other."""
        return not adult.address or [other.address for other in family.adults].count(adult.address) == 1

    def admitted(self, adult: Adult, family: Family | None, day: int) -> Admitted:
        children: tuple[Child, ...] = family.children if family else ()
        account = self.imitated.get(adult.number) or self.accounts.of(adult, children)
        asked_at = working_morning(self.now - timedelta(days=day)) - timedelta(minutes=self.dice.randint(10, 1000))
        letter = None
        if family and adult.address and self.dice.random() < 0.6:
            letter = a_letter(self.dice, adult, children, account.handle.value, asked_at)
        return Admitted(adult, account, asked_at, letter)

    def other_letters(self) -> Sequence[Letter]:
        """Post that is no request: what a real mailbox also holds."""
        wrote = [adult for family in self.people.drawn for adult in family.adults if adult.address][60:64]
        minutes = (95, 400, 900, 1250)
        at = [self.now - timedelta(minutes=each) for each in minutes]
        lunch, trip, away, _ = wrote
        return (
            Letter(lunch.name, lunch.address, "Packed lunch on Friday?", f"Hi, is it packed lunch on Friday?\n\n{lunch.given}\n", at[0]),
            Letter(
                trip.name,
                trip.address,
                "twitter",
                f"Hi, I tried to follow the school but I don't know what my name on there is?? It has my face on it.\n\n{trip.given}\n",
                at[1],
            ),
            Letter(
                away.name,
                away.address,
                "Automatic reply: Hazelbrook newsletter",
                "I am on leave and will answer when I am back.\n",
                at[2],
                extra_headers=(("Auto-Submitted", "auto-replied"),),
            ),
            Letter(
                "Mail Delivery System",
                "mailer-daemon@example.net",
                "Undelivered Mail Returned to Sender",
                "Your message could not be delivered: mailbox full.\n",
                at[3],
                check=SenderCheck.UNCHECKED,
                extra_headers=(("Auto-Submitted", "auto-replied"),),
            ),
        )


_RELATIVES = ("Sheila", "Grandad Ron", "Auntie Bev", "Kev", "Nana Pat", "M. Ashworth")


def working_morning(day: datetime) -> datetime:
    """Twenty past ten on that day, or on the Friday before a weekend: when people in a school office press buttons."""
    morning = day.replace(hour=10, minute=20, second=0, microsecond=0)
    return morning - timedelta(days=max(0, morning.weekday() - 4))


def handles_in(scenes: Scenes) -> set[Handle]:
    """Every Twitter name of the story."""
    admitted = {each.account.handle for wave in scenes.waves for each in wave}
    others = {each.handle for each in (*scenes.unknown_followers, *scenes.bystanders, scenes.school, scenes.dana)}
    return admitted | others | {request.account.handle for request in scenes.waiting}
