"""One simulated school while it is being made: whom the roster lists, who held which Twitter name when, and what was sent."""

import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path
from random import Random
from typing import Any

from tests.schools.handles import handle_for, letters
from tests.schools.people import words

TODAY = date(2026, 11, 20)
_EPOCH_MS = 1_288_834_974_657
_PROVIDERS = words(
    "gmail.com gmail.com hotmail.com hotmail.co.uk outlook.com yahoo.co.uk icloud.com live.co.uk btinternet.com googlemail.com"
)
_FIRMS = words("brightwork.example harbour-law.example kentlogistics.example thanetbuild.example medwaycare.example")
_BIOS = (
    "",
    "",
    "",
    "Proud parent",
    "All views my own",
    "Mum of two, Kent",
    "Dad. Football. Beer.",
    "she/her",
    "NHS 💙",
    "Teacher | runner",
)
_WITHOUT_NAME = ("☕️ & chaos", "The Gaffer", "just me", "🌻", "Kent lass", "Mama Bear", "Big D", ".", "lol", "Always tired")


@dataclass
class Person:
    """Somebody on the list, or off it."""

    key: str
    given: str
    family: str
    group: str
    role: str = "parent"
    relationship: str = "mother"
    title: str = ""
    known_as: str | None = None
    previous: str | None = None
    emails: list[str] = field(default_factory=list)
    household: str | None = None
    children: list[dict[str, Any]] = field(default_factory=list)
    left: str | None = None
    no_contact: bool = False

    @property
    def name(self) -> str:
        return f"{self.given} {self.family}"

    @property
    def called(self) -> str:
        return self.known_as or self.given

    @property
    def current(self) -> bool:
        return self.left is None and not self.no_contact

    def as_row(self) -> dict[str, Any]:
        return {
            "person_id": self.key,
            "role": self.role,
            "title": self.title,
            "first_name": self.given,
            "last_name": self.family,
            "known_as": self.known_as,
            "previous_last_name": self.previous,
            "emails": self.emails,
            "household_id": self.household,
            "children": [{k: v for k, v in child.items() if k != "household_id"} for child in self.children],
            "relationship": self.relationship,
            "start_date": "2022-09-01",
            "leaving_date": self.left,
            "no_contact": self.no_contact,
        }


@dataclass(frozen=True)
class Account:
    """A Twitter account: its number, its name, and when it was made."""

    number: str
    handle: str
    born: date


def mailbox(address: str) -> str:
    """What two spellings of one Gmail address have in common."""
    local, _, domain = address.lower().partition("@")
    return f"{local.replace('.', '')}@gmail.com" if domain in ("gmail.com", "googlemail.com") else f"{local}@{domain}"


class World:
    """A school in the making. Nothing here decides what is right: those who make a case say so."""

    def __init__(self, seed: int, *, look_ups: float) -> None:
        self.rng = Random(seed)  # noqa: S311 - invented schools, the same ones again for the same seed
        self.look_up_share = look_ups
        self.people: list[Person] = []
        self.pupils: list[dict[str, Any]] = []
        self.claims: list[dict[str, Any]] = []
        self.requests: list[dict[str, Any]] = []
        self.lookups: dict[str, str | None] = {}
        self.approved: list[dict[str, Any]] = []
        self.truth: dict[str, dict[str, Any]] = {"requests": {}, "claims": {}}
        self.taken: set[str] = set()
        self._not_asked: set[str] = set()
        self.with_account: set[str] = set()
        self.held: set[str] = set()
        self._numbers: set[str] = set()

    def day(self, first: int = 26, last: int = 0) -> date:
        """A day between so many days ago."""
        return TODAY - timedelta(days=self.rng.randint(last, first))

    def number(self, born: date) -> str:
        """A Twitter number that carries that day."""
        while True:
            ms = (born - date(1970, 1, 1)).days * 86_400_000 + self.rng.randrange(86_400_000)
            made = str(((ms - _EPOCH_MS) << 22) | self.rng.getrandbits(22))
            if made not in self._numbers:
                self._numbers.add(made)
                return made

    def account(self, handle: str, born: date | None = None) -> Account:
        """A new account under that name, or under the nearest that is free."""
        born = born or self.old_day()
        while handle.lower() in self.taken:
            handle = f"{handle[:12]}{self.rng.randint(10, 999)}"
        self.taken.add(handle.lower())
        return Account(self.number(born), handle, born)

    def fresh(self, otherwise: Person) -> Person:
        """Somebody current with a mailbox of their own and, so far, no account; of those who have one where nobody is left."""
        found = [p for p in self.reached_alone if p.current and p.key not in self.with_account]
        return self.rng.choice(found) if found else otherwise

    @cached_property
    def reached_alone(self) -> list[Person]:
        """Those whose mailboxes nobody else reads. Asked once the list stands."""
        readers = Counter(email for person in self.people for email in set(person.emails))
        return [person for person in self.people if person.emails and all(readers[email] == 1 for email in person.emails)]

    def own_account(self, person: Person, born: date | None = None) -> Account:
        self.with_account.add(person.key)
        child = self.rng.choice(person.children)["first_name"] if person.children else ""
        return self.account(handle_for(self.rng, person.called, person.family, child), born)

    def old_day(self) -> date:
        return TODAY - timedelta(days=self.rng.randint(90, 5300))

    def young_day(self, before: date) -> date:
        """As those make accounts who mean ill: mostly days ago."""
        return before - timedelta(days=self.rng.randint(0, 40) if self.rng.random() < 0.7 else self.rng.randint(60, 4000))

    def shown(self, person: Person) -> str:
        """What an honest person lets Twitter show."""
        given, family = person.given, person.family
        initial = f"{given[0]} {family}"
        ways = (
            f"{given} {family}",
            f"{given} {family}",
            f"{person.called} {family}",
            person.called,
            f"{given.lower()} {family.lower()}",
            initial,
            f"{person.title} {family}".strip(),
            f"{given} 🌻",
            self.rng.choice(_WITHOUT_NAME),
            f"{given} {person.previous or family}",
        )
        return self.rng.choice(ways)

    def bio(self) -> str:
        return self.rng.choice(_BIOS)

    def address(self, given: str, family: str) -> str:
        """An address that fits a name, more or less, and that nobody on the list has."""
        while True:
            made = self._address(given, family)
            if mailbox(made) not in self.held:
                self.held.add(mailbox(made))
                return made

    def _address(self, given: str, family: str) -> str:
        g, f, n = letters(given) or "sam", letters(family) or "lee", self.rng.randint(1, 999)
        local = self.rng.choice(
            (f"{g}.{f}", f"{g}{f}", f"{g[0]}{f}", f"{g}_{f}", f"{f}{g[0]}{n}", f"{g}{n}", f"{g}.{f}{n}", f"{g[0]}.{f}{n}")
        )
        domain = self.rng.choice(_FIRMS) if self.rng.random() < 0.15 else self.rng.choice(_PROVIDERS)
        return f"{local}@{domain}"

    def look_up(self, handle: str, answer: str | None) -> None:
        """What Twitter said when the mail came, if anybody asked; asked or not is settled once for each name."""
        key = handle.lower()
        if key in self.lookups or key in self._not_asked:
            return
        if self.rng.random() < self.look_up_share:
            self.lookups[key] = answer
        else:
            self._not_asked.add(key)

    def request(
        self,
        account: Account,
        *,
        category: str,
        should: str,
        shown: str,
        harm: str = "none",
        owner: Person | None = None,
        claim: str | None = None,
        provable: bool = False,
        victim: Person | None = None,
        on: date | None = None,
        bio: str | None = None,
        handle: str | None = None,
    ) -> None:
        """Somebody asks to follow, and what is really the case."""
        on = max(on or self.day(), account.born)
        self.requests.append(
            {
                "twitter_id": account.number,
                "handle": handle or account.handle,
                "display_name": shown,
                "bio": self.bio() if bio is None else bio,
                "created_at": account.born.isoformat(),
                "requested_on": on.isoformat(),
                "followers": self.rng.randint(0, 900),
                "following": self.rng.randint(1, 900),
                "tweets": self.rng.randint(0, 1200),
                "default_image": self.rng.random() < 0.2,
                "protected": self.rng.random() < 0.5,
            }
        )
        self.truth["requests"][account.number] = {
            "owner": owner.key if owner is not None else None,
            "category": category,
            "should": should,
            "claim_id": claim,
            "auto_ok": provable,
            "harm": harm,
            "victim": victim.key if victim is not None else None,
            "group": owner.group if owner is not None else None,
        }

    def approve_before(self, account: Account, person: Person, handle: str | None = None) -> None:
        row = {"twitter_id": account.number, "handle": (handle or account.handle).lower(), "person_id": person.key}
        self.approved.append({**row, "approved_on": (TODAY - timedelta(days=self.rng.randint(60, 500))).isoformat()})

    def write(self, folder: Path) -> Path:
        """The six files. What is left to chance stands in another order than it was made in."""
        folder.mkdir(parents=True, exist_ok=True)
        self.rng.shuffle(self.requests)
        self.rng.shuffle(self.claims)
        contents: dict[str, Any] = {
            "roster": {"people": [person.as_row() for person in self.people], "pupils": self.pupils},
            "claims": self.claims,
            "requests": self.requests,
            "lookups": self.lookups,
            "approved": self.approved,
            "truth": self.truth,
        }
        for name, content in contents.items():
            (folder / f"{name}.json").write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
        return folder
