"""A Twitter for generated tests: a world in memory behind the port itself, which fails as it is told.

Everything that is to be shown over HTTP runs against Practice Twitter; this is for thousands of schedules in a minute.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from vetting.twitter.port import (
    CapabilityUnavailable,
    ContractViolation,
    FollowersPage,
    Found,
    IncomingList,
    Missing,
    OutOfCredit,
    Profile,
    RateLimited,
    ReconnectRequired,
    Relation,
    Transient,
)
from vetting.values import Handle, TwitterUserId

OPERATIONS = ("me", "users", "followers", "incoming", "*")
ERRORS = ("transient", "contract", "limited", "unauthorized", "credit", "not offered")
BENT = ("empty", "empty with next", "loop", "repeat", "short", "without count", "stale", "nobody told", "other account", "all missing")
FAULTS = (*ERRORS, *BENT)
ME = TwitterUserId("999")


@dataclass
class ScriptedTwitter:
    """`followers` and `requests` are the truth; what is served may be cut short, old or refused."""

    followers: set[str] = field(default_factory=set)
    tells_relations: bool = True
    page_size: int = 1000
    requests: set[str] = field(default_factory=set)
    away: dict[str, str] = field(default_factory=dict)
    renames: dict[str, int] = field(default_factory=dict)
    faults: list[list[object]] = field(default_factory=list)
    # When each person last stopped following.
    left_at: dict[str, datetime] = field(default_factory=dict)
    old_followers: set[str] = field(default_factory=set)
    old_requests: set[str] = field(default_factory=set)

    def follow(self, who: str) -> None:
        self._remember_the_old()
        self.requests.discard(who)
        self.followers.add(who)

    def leave(self, who: str, *, at: datetime) -> None:
        self._remember_the_old()
        if who in self.followers:
            self.left_at[who] = at
        self.followers.discard(who)
        self.requests.discard(who)

    def ask(self, who: str) -> None:
        if who not in self.followers:
            self._remember_the_old()
            self.requests.add(who)

    def take_away(self, who: str, why: str) -> None:
        if why:
            self.away[who] = why
        else:
            self.away.pop(who, None)

    def rename(self, who: str) -> None:
        self.renames[who] = self.renames.get(who, 0) + 1

    def fail(self, operation: str, fault: str, times: int) -> None:
        self.faults.append([operation, fault, times])

    def mend(self) -> None:
        self.faults.clear()

    def _remember_the_old(self) -> None:
        self.old_followers, self.old_requests = set(self.followers), set(self.requests)

    # The port.

    def whoami(self) -> Profile:
        fault = self._next("me")
        if fault == "other account":
            return Profile(TwitterUserId("998"), Handle("somebody_else"), followers=0, protected=True)
        shown = len(self._present(self.followers))
        return Profile(ME, Handle("stexample"), followers=None if fault == "without count" else shown, protected=True)

    def lookup(self, *, user_ids: Sequence[TwitterUserId] = (), handles: Sequence[Handle] = ()) -> Found:
        fault = self._next("users")
        found = [self._profile(number.value, told=fault != "nobody told") for number in user_ids if self._is_there(number.value)]
        missing = {number.value: Missing(self.away[number.value]) for number in user_ids if number.value in self.away}
        if fault == "all missing":
            return Found((), {number.value: Missing.NOT_FOUND for number in user_ids})
        return Found(tuple(found), missing)

    def relation(self, user_ids: Sequence[TwitterUserId]) -> Found:
        return self.lookup(user_ids=user_ids)

    def list_incoming(self) -> IncomingList:
        fault = self._next("incoming")
        people = sorted(self._present(self.old_requests if fault == "stale" else self.requests))
        if fault in ("empty", "all missing"):
            people = []
        whole = fault not in ("empty with next", "loop", "short", "repeat")
        listed = people if whole else people[: len(people) // 2]
        return IncomingList(tuple(TwitterUserId(one) for one in listed), complete=whole, why_not="" if whole else "Cut short.")

    def list_followers(self, page: str = "") -> FollowersPage:
        fault, start = self._next("followers"), int(page or 0)
        people = sorted(self._present(self.old_followers if fault == "stale" else self.followers))
        if fault in ("empty", "empty with next", "all missing"):
            return FollowersPage((), "7" if fault == "empty with next" else "")
        size = self.page_size if fault != "short" else max(self.page_size // 2, 1)
        shown = people[start : start + size]
        after = str(start + size) if start + size < len(people) else ""
        if fault == "loop":
            after = str(start)
        profiles = [self._profile(one, told=True, relation=Relation.FOLLOWS) for one in shown]
        return FollowersPage(tuple(profiles + profiles[:1] if fault == "repeat" else profiles), "" if fault == "without count" else after)

    def _profile(self, number: str, *, told: bool, relation: Relation | None = None) -> Profile:
        name = Handle(f"p{number[-9:]}_{self.renames.get(number, 0)}")
        if relation is None:
            relation = Relation.NEITHER
            if told and self.tells_relations:
                relation = Relation.FOLLOWS if number in self.followers else Relation.NEITHER
                relation = Relation.REQUESTS if number in self.requests else relation
        return Profile(TwitterUserId(number), name, relation=relation)

    def _is_there(self, number: str) -> bool:
        return number not in self.away and number != ME.value

    def _present(self, people: set[str]) -> set[str]:
        return {one for one in people if one not in self.away}

    def _next(self, operation: str) -> str:
        for entry in self.faults:
            if entry[0] in (operation, "*") and entry[2] > 0:
                entry[2] -= 1
                self._raise(str(entry[1]), operation)
                return str(entry[1])
        return ""

    @staticmethod
    def _raise(fault: str, operation: str) -> None:
        named = {"users": "lookup", "me": "lookup"}.get(operation, operation)
        errors = {
            "transient": Transient("Down."),
            "contract": ContractViolation("Not understood."),
            "limited": RateLimited("Wait.", None),
            "unauthorized": ReconnectRequired("Refused."),
            "credit": OutOfCredit("Empty."),
            "not offered": CapabilityUnavailable("Not offered.", named),
        }
        if fault in errors:
            raise errors[fault]
