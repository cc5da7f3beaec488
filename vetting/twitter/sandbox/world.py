"""Who exists on Practice Twitter, who asks to follow the school, who follows it, and what is broken at the moment.

Everything is kept in memory and, where a state file is named, written after each change by an atomic rename: a
process killed at any moment loses nothing. The same seed gives the same numbers.
"""

import hashlib
import json
import os
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from vetting.values import Handle

FAULTS = (
    "unauthorized",
    "suspended_keys",
    "out_of_credit",
    "forbidden",
    "not_in_plan",
    "not_found",
    "rate_limited",
    "rate_limited_no_reset",
    "usage_cap",
    "server_error",
    "slow",
    "broken_body",
    "web_page",
    "empty_body",
    "wrong_shape",
    "redirect",
    "empty_page",
    "empty_page_with_next",
    "cursor_loop",
    "other_account",
)
OPERATIONS = ("me", "users", "followers", "incoming", "*")


class NobodyThere(LookupError):
    """No such account in this world."""


@dataclass
class SandboxProfile:
    """One invented account."""

    user_id: str
    handle: str
    name: str
    bio: str = ""
    created_at: str = "2019-03-01T09:00:00.000Z"
    default_picture: bool = False
    followers: int = 40
    following: int = 120
    posts: int = 60
    protected: bool = False
    suspended: bool = False
    deactivated: bool = False

    @property
    def present(self) -> bool:
        return not self.suspended and not self.deactivated


@dataclass
class Fault:
    """Something that goes wrong on purpose: on one operation or on all ("*"), a number of times or until cleared."""

    operation: str
    kind: str
    times: int | None = None
    seconds: float = 0.0
    status: int = 500


@dataclass
class _State:
    seed: int
    made: int = 0
    me: str = ""
    profiles: dict[str, SandboxProfile] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    followers: list[str] = field(default_factory=list)
    blocked: list[str] = field(default_factory=list)
    deeds: list[dict[str, str]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    capabilities: dict[str, bool] = field(default_factory=lambda: {"incoming": True, "followers": True, "connection_status": True})
    limits: dict[str, int] = field(default_factory=lambda: {"me": 3000, "users": 9000, "followers": 3000, "incoming": 3000})
    page_size: int = 1000


class World:
    """The school's account and everybody around it. Safe to use from several threads."""

    def __init__(
        self, *, seed: int = 1, state_file: Path | None = None, handle: str = "stexample", name: str = "St Example Primary"
    ) -> None:
        self._lock = threading.RLock()
        self._quiet = 0
        self._file = state_file
        if state_file is not None and state_file.exists():
            self._state = _read(state_file)
            return
        self._state = _State(seed=seed)
        with self.at_once():
            me = self.add_user(handle, name=name, bio="News for our families.", followers=0, following=3)
            me.protected = True
            self._state.me = me.user_id

    # Who there is.

    @property
    def me(self) -> SandboxProfile:
        return self._state.profiles[self._state.me]

    @property
    def page_size(self) -> int:
        return self._state.page_size

    @property
    def limits(self) -> dict[str, int]:
        return self._state.limits

    @property
    def deeds(self) -> list[dict[str, str]]:
        """What people did on the pages or through this object, oldest first."""
        with self._lock:
            return [dict(deed) for deed in self._state.deeds]

    def requests(self) -> list[SandboxProfile]:
        """Who asks to follow, the newest first; suspended and deactivated accounts are not shown."""
        return self._present(self._state.requests)

    def followers(self) -> list[SandboxProfile]:
        """Who follows, the newest first; suspended and deactivated accounts are not shown."""
        return self._present(self._state.followers)

    def by_id(self, user_id: str) -> SandboxProfile | None:
        return self._state.profiles.get(user_id)

    def by_handle(self, handle: str) -> SandboxProfile | None:
        wanted = handle.lower().removeprefix("@")
        with self._lock:
            return next((one for one in self._state.profiles.values() if one.handle.lower() == wanted), None)

    def user(self, handle: str) -> SandboxProfile:
        """Raises NobodyThere."""
        found = self.by_handle(handle) or self.by_id(handle)
        if found is None:
            raise NobodyThere(f"Nobody here is called {handle}.")
        return found

    def relation(self, user_id: str) -> list[str]:
        """The words of X's connection_status, from the school's side; empty when there is none."""
        with self._lock:
            words = []
            if user_id in self._state.followers:
                words.append("followed_by")
            if user_id in self._state.requests:
                words.append("follow_request_received")
            if user_id in self._state.blocked:
                words.append("blocking")
            return words

    # What happens.

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """Several changes, saved together."""
        with self._lock:
            self._quiet += 1
            try:
                yield
            finally:
                self._quiet -= 1
                if not self._quiet:
                    self._save()

    def add_user(self, handle: str, *, name: str = "", **facts: Any) -> SandboxProfile:
        """A new account; `facts` are fields of SandboxProfile.

        Raises:
            BadValue: Twitter could not have this name.
            ValueError: it is taken.
        """
        Handle.parse(handle)
        handle = handle.strip().removeprefix("@")
        with self.at_once():
            if self.by_handle(handle) is not None:
                raise ValueError(f"{handle} is taken.")
            self._state.made += 1
            user_id = facts.pop("user_id", None) or _number(self._state.seed, self._state.made)
            made = SandboxProfile(user_id=user_id, handle=handle, name=name or handle, **facts)
            self._state.profiles[made.user_id] = made
            return made

    def ask_to_follow(self, handle: str) -> SandboxProfile:
        """They press Follow on the school's protected account. Nothing changes for somebody who asks or follows already."""
        with self.at_once():
            asker = self.user(handle)
            known = (*self._state.requests, *self._state.followers, *self._state.blocked)
            if asker.user_id not in known:
                self._state.requests.insert(0, asker.user_id)
            return asker

    def follow(self, handle: str) -> SandboxProfile:
        """They follow already: how a world is set up."""
        with self.at_once():
            follower = self.user(handle)
            if follower.user_id not in self._state.followers:
                self._state.followers.insert(0, follower.user_id)
            return follower

    def withdraw(self, handle: str) -> None:
        """They take their request back."""
        self._leave("requests", "withdraw", handle)

    def unfollow(self, handle: str) -> None:
        """They stop following."""
        self._leave("followers", "unfollow", handle)

    def accept(self, who: str) -> None:
        """The school presses Accept."""
        with self.at_once():
            if self._leave("requests", "accept", who):
                self._state.followers.insert(0, self.user(who).user_id)

    def decline(self, who: str) -> None:
        """The school presses Decline."""
        self._leave("requests", "decline", who)

    def remove(self, who: str) -> None:
        """The school removes a follower."""
        self._leave("followers", "remove", who)

    def block(self, who: str) -> None:
        """The school blocks somebody: they neither ask nor follow any longer."""
        with self.at_once():
            self._leave("requests", "block", who)
            self._leave("followers", "block", who)
            if self.user(who).user_id not in self._state.blocked:
                self._state.blocked.append(self.user(who).user_id)

    def rename(self, handle: str, to: str) -> None:
        """They change their name; the number stays."""
        Handle.parse(to)
        with self.at_once():
            self.user(handle).handle = to.removeprefix("@")

    def suspend(self, handle: str) -> None:
        with self.at_once():
            self.user(handle).suspended = True

    def deactivate(self, handle: str) -> None:
        with self.at_once():
            self.user(handle).deactivated = True

    def restore(self, handle: str) -> None:
        """A suspended or deactivated account comes back."""
        with self.at_once():
            back = self.user(handle)
            back.suspended = back.deactivated = False

    def set_protected(self, protected: bool) -> None:
        """The school's account turns public, or private again."""
        with self.at_once():
            self.me.protected = protected

    # What goes wrong.

    def allow(self, capability: str, yes: bool = True) -> None:
        """Switch what this world's API offers: "incoming", "followers" or "connection_status"."""
        with self.at_once():
            if capability not in self._state.capabilities:
                raise ValueError(f"There is no capability {capability}.")
            self._state.capabilities[capability] = yes

    def allows(self, capability: str) -> bool:
        return self._state.capabilities[capability]

    def fault(self, operation: str, kind: str, *, times: int | None = None, seconds: float = 0.0, status: int = 500) -> None:
        """From now on `operation` fails in the way `kind` names, `times` times or until `clear_faults`."""
        if operation not in OPERATIONS or kind not in FAULTS:
            raise ValueError(f"There is no fault {kind} on {operation}.")
        with self.at_once():
            self._state.faults.append(Fault(operation, kind, times, seconds, status))

    def clear_faults(self) -> None:
        with self.at_once():
            self._state.faults.clear()

    def next_fault(self, operation: str) -> Fault | None:
        """The fault that meets this call, counted as used."""
        with self._lock:
            for fault in self._state.faults:
                if fault.operation in (operation, "*") and (fault.times is None or fault.times > 0):
                    if fault.times is not None:
                        fault.times -= 1
                        self._save()
                    return fault
        return None

    def set_limit(self, operation: str, calls: int) -> None:
        """How many calls a quarter of an hour allows."""
        with self.at_once():
            self._state.limits[operation] = calls

    def set_page_size(self, size: int) -> None:
        """The most people on one page of followers, below X's thousand: short pages."""
        with self.at_once():
            self._state.page_size = max(1, min(size, 1000))

    def as_json(self) -> dict[str, Any]:
        with self._lock:
            return asdict(self._state)

    def _present(self, numbers: list[str]) -> list[SandboxProfile]:
        with self._lock:
            return [one for one in (self._state.profiles[number] for number in numbers) if one.present]

    def _leave(self, place: str, deed: str, who: str) -> bool:
        with self.at_once():
            number = self.user(who).user_id
            numbers: list[str] = getattr(self._state, place)
            if number not in numbers:
                return False
            numbers.remove(number)
            self._state.deeds.append({"deed": deed, "user_id": number})
            return True

    def _save(self) -> None:
        if self._file is None:
            return
        beside = self._file.with_suffix(".new")
        with beside.open("w", encoding="utf-8") as file:
            json.dump(asdict(self._state), file)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(self._file)


def _read(path: Path) -> _State:
    data = json.loads(path.read_text("utf-8"))
    data["profiles"] = {key: SandboxProfile(**value) for key, value in data["profiles"].items()}
    data["faults"] = [Fault(**value) for value in data["faults"]]
    return _State(**data)


def _number(seed: int, count: int) -> str:
    """A number of nineteen digits, as Twitter's are since 2016, the same for the same seed and count."""
    digest = hashlib.sha256(f"practice {seed} {count}".encode()).hexdigest()
    return "1" + re.sub(r"\D", "", str(int(digest, 16)))[:18]
