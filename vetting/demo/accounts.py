"""Accounts on the practice Twitter: names people give themselves, numbers that agree with the day the account was made."""

import random
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from rapidfuzz.distance import OSA

from vetting.demo.names import SHORT_FORMS, letters_of
from vetting.demo.people import Adult, Child
from vetting.twitter.port import Profile
from vetting.values import Handle, TwitterUserId
from vetting.values.handles import HANDLE_MAX

# Twitter's numbers count milliseconds since this moment, shifted by 22 bits.
SNOWFLAKE_EPOCH = 1288834974657
_OLDEST = datetime(2011, 3, 1, tzinfo=UTC)
_BIOS = (
    "",
    "",
    "Tea, dog walks, two kids.",
    "Mum, nurse, gardener when it stops raining.",
    "Northern. Football on Saturdays.",
    "Here for the school photos.",
    "Baker of lopsided cakes.",
    "Dad of a whirlwind. Views my own.",
    "Allotment, crime novels, cats.",
    "Works in logistics, lives for five-a-side.",
    "Just here to read.",
    "Teaching assistant and runner.",
)
_WORDS = ("muddy", "rainy", "sleepy", "happy", "busy", "tiny", "north", "sunny", "quiet", "wonky")
_THINGS = ("boots", "badger", "kettle", "robin", "otter", "acorn", "teapot", "puffin", "biscuit", "wagtail")


class Accounts:
    """Makes accounts, each with a Twitter name nobody else has."""

    def __init__(self, dice: random.Random, now: datetime, pupils: Iterable[Child] = ()) -> None:
        self.dice = dice
        self.pupils = tuple(letters_of(child.given + child.family) for child in pupils)
        self.now = now
        self.taken: set[str] = set()
        self.stems: set[str] = set()

    def of(self, adult: Adult, children: tuple[Child, ...] = ()) -> Profile:
        """The account of somebody the school knows."""
        return self.make(self.a_handle(adult, children), self.a_display_name(adult), bio=self.dice.choice(_BIOS))

    def make(
        self, handle: str, display_name: str, *, bio: str = "", created_at: datetime | None = None, default_picture: bool | None = None
    ) -> Profile:
        """An account with plausible figures; an old one unless told otherwise."""
        made = created_at or _OLDEST + timedelta(
            seconds=self.dice.randrange(int((self.now - timedelta(days=500) - _OLDEST).total_seconds()))
        )
        self.take(handle.lower())
        return Profile(
            user_id=self.number_of(made),
            handle=Handle(handle.lower()),
            display_name=display_name,
            bio=bio,
            created_at=made.replace(microsecond=0),
            protected=self.dice.random() < 0.3,
            default_picture=self.dice.random() < 0.12 if default_picture is None else default_picture,
            followers=self.dice.randint(3, 420),
            following=self.dice.randint(20, 600),
            posts=self.dice.randint(0, 2500),
        )

    def number_of(self, made: datetime) -> TwitterUserId:
        moment = made.replace(microsecond=0) + timedelta(milliseconds=self.dice.randrange(1000))
        return number_for(moment, self.dice.randrange(1 << 22))

    def a_handle(self, adult: Adult, children: tuple[Child, ...]) -> str:
        first, last = letters_of(adult.given), letters_of(adult.family)
        short = letters_of(SHORT_FORMS.get(adult.given, adult.given))
        child = letters_of(children[0].given) if children else ""
        dice, number = self.dice, self.dice.randint(2, 98)
        parent = {"Mother": "mum", "Father": "dad"}.get(adult.relationship, "nan" if adult.relationship == "Grandmother" else "the")
        shapes = [
            f"{first}_{last}",
            f"{first}{last}{number}",
            f"{short}{last}",
            f"{first[0]}_{last}{number}",
            f"{short}_{number}{last[:4]}",
            f"{dice.choice(_WORDS)}_{dice.choice(_THINGS)}{number}",
            f"{last}{first}",
            *([f"{parent}of{child}{number}"] if children else []),
        ]
        dice.shuffle(shapes)
        return next((shape for shape in shapes if self.is_free(shape)), "") or self.nobodys_handle()

    def nobodys_handle(self) -> str:
        """A name that gives nobody away."""
        while True:
            handle = f"{self.dice.choice(_WORDS)}{self.dice.choice(_THINGS)}{self.dice.randint(10, 99)}"
            if self.is_free(handle):
                return handle

    def is_free(self, handle: str) -> bool:
        """Nobody has it, nor one so like it that people could take one for the other, and it holds no pupil's whole name.

        Such things happen in the story on purpose only.
        """
        stem = _stem(handle)
        if any(pupil in stem for pupil in self.pupils):
            return False
        return len(handle) <= HANDLE_MAX and all(OSA.distance(stem, other, score_cutoff=2) > 2 for other in self.stems)

    def take(self, handle: str) -> None:
        """From now on nobody else may have it."""
        self.taken.add(handle)
        self.stems.add(_stem(handle))

    def a_display_name(self, adult: Adult) -> str:
        short = SHORT_FORMS.get(adult.given, adult.given)
        forms = (adult.name, adult.name, adult.name, f"{short} {adult.family}", f"{adult.given} {adult.family[0]}", short)
        return self.dice.choice(forms)

    def a_bot(self, *, oldest_days: int = 90, youngest_days: int = 4) -> Profile:
        """One of those nobody invited."""
        product = self.dice.choice(("crypto", "prize", "bonus", "forex", "meds", "casino", "loans"))
        handle = f"{product}{self.dice.choice(('_', ''))}{self.dice.randint(10000, 99999)}"
        made = self.now - timedelta(days=self.dice.randint(youngest_days, oldest_days), seconds=self.dice.randrange(86400))
        display = self.dice.choice(("Win Big Daily", "Trusted Signals", "Anna ♡ 24", "FREE gift cards", "Deals4U", "Passive Income Coach"))
        return self.make(handle, display, bio="Link in bio. DM for details.", created_at=made, default_picture=self.dice.random() < 0.6)


def number_for(made: datetime, rest: int) -> TwitterUserId:
    """The number Twitter would have given at that moment; `rest` are its last 22 bits."""
    milliseconds = int(made.timestamp()) * 1000 + made.microsecond // 1000
    return TwitterUserId(str((milliseconds - SNOWFLAKE_EPOCH) << 22 | rest))


def written_by_twitter(moment: datetime) -> str:
    """A moment as Twitter's API writes it."""
    return f"{moment:%Y-%m-%dT%H:%M:%S}.000Z"


def _stem(handle: str) -> str:
    """The letters of a Twitter name: numbers and underscores are what imitators change first."""
    return "".join(letter for letter in handle if letter.isalpha())
