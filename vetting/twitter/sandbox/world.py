"""Who exists on Practice Twitter, who asks to follow the school, who follows it, and what is broken at the moment.

Everything is kept in memory and, where a state file is named, written after each change by an atomic rename: a
process killed at any moment loses nothing. The same seed gives the same numbers; tokens are random.
"""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from vetting.twitter.sandbox import state
from vetting.twitter.sandbox.faults import FAULTS, OPERATIONS, Fault
from vetting.twitter.sandbox.ledger import Call, Ledger
from vetting.twitter.sandbox.state import Permission, SandboxProfile, State
from vetting.twitter.sandbox.tokens import Pair, Tokens
from vetting.values import Handle


class NobodyThere(LookupError):
    """No such account in this world."""


class World:
    """The school's account and everybody around it. Safe to use from several threads."""

    def __init__(
        self, *, seed: int = 1, state_file: Path | None = None, handle: str = "stexample", name: str = "St Example Primary"
    ) -> None:
        self._lock = threading.RLock()
        self._quiet = 0
        self._ledger = Ledger()
        self._file = state_file
        if state_file is not None and state_file.exists():
            self._state = state.read(state_file)
            self._tokens = Tokens(self._state)
            return
        self._state = State(seed=seed)
        self._tokens = Tokens(self._state)
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

    def blocked(self) -> list[SandboxProfile]:
        """Whom the school has blocked, in the order of blocking; suspended and deactivated accounts are not shown."""
        return self._present(self._state.blocked)

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
            user_id = facts.pop("user_id", None) or state.number(self._state.seed, self._state.made)
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
            number = self.user(who).user_id
            if number in self._state.blocked:
                return
            for place in (self._state.requests, self._state.followers):
                if number in place:
                    place.remove(number)
            self._state.blocked.append(number)
            self._state.deeds.append({"deed": "block", "user_id": number})

    def unblock(self, who: str) -> None:
        """The school unblocks somebody: they may ask again, but neither request nor following comes back."""
        self._leave("blocked", "unblock", who)

    def rename(self, handle: str, to: str) -> None:
        """They change their name; the number stays."""
        Handle.parse(to)
        with self.at_once():
            self.user(handle).handle = to.removeprefix("@")

    def recycle(self, handle: str, *, name: str = "", **facts: Any) -> SandboxProfile:
        """The holder of a name gives it up for a free one, and a new account takes it."""
        with self.at_once():
            holder = self.user(handle)
            taken, holder.handle = holder.handle, self._free_name(holder.handle)
            return self.add_user(taken, name=name, **facts)

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

    # Who lets the register in.

    @property
    def signed_in(self) -> SandboxProfile:
        """Whose browser it is that grants permission: the school's, unless told otherwise."""
        return self._state.profiles[self._state.signed_in or self._state.me]

    def sign_in_as(self, handle: str) -> None:
        """From now on somebody else's account grants permission: a browser signed in to the wrong account."""
        with self.at_once():
            self._state.signed_in = self.user(handle).user_id

    def set_token_life(self, seconds: int) -> None:
        """How long an access token handed out from now on is good; X's own is two hours."""
        with self.at_once():
            self._state.token_life = seconds

    def issue_tokens(self, scopes: Sequence[str], *, life: int = 7200) -> tuple[str, str]:
        """Access and refresh token for the account that is signed in, without the page; no offline.access, no refresh token.

        Raises:
            ValueError: there is no such scope.
        """
        with self.at_once():
            pair = self._tokens.issue(user_id=self.signed_in.user_id, scopes=scopes, seconds=life)
            return pair.access, pair.refresh

    def grant(self, *, scopes: Sequence[str], challenge: str, redirect_uri: str) -> str:
        """The account that is signed in presses Authorise: the code that goes back to the register."""
        with self.at_once():
            return self._tokens.code(user_id=self.signed_in.user_id, scopes=scopes, challenge=challenge, redirect_uri=redirect_uri)

    def redeem(self, code: str, *, verifier: str, redirect_uri: str) -> Pair:
        """A code against tokens. Raises Refused."""
        with self.at_once():
            return self._tokens.redeem(code, verifier=verifier, redirect_uri=redirect_uri)

    def refresh(self, token: str) -> Pair:
        """A refresh token against a new pair, once. Raises Refused."""
        with self.at_once():
            return self._tokens.refresh(token)

    def allowed_by(self, access: str) -> Permission | None:
        """What an access token allows at this moment."""
        with self._lock:
            return self._tokens.allowed_by(access)

    def revoke(self, token: str) -> None:
        """The register gives one token back."""
        with self.at_once():
            self._tokens.revoke(token)

    def revoke_all(self) -> None:
        """The school removes the app in its settings: no OAuth 2.0 token of it is good any longer."""
        with self.at_once():
            self._tokens.revoke_all()

    # What was asked.

    @property
    def ledger(self) -> list[Call]:
        """The last calls to the API, oldest first."""
        return self._ledger.calls()

    def calls(self, operation: str = "*") -> int:
        """How many calls the ledger holds, of one operation or of all."""
        return len(self._ledger.calls(operation))

    def record_call(self, call: Call) -> None:
        self._ledger.record(call)

    def forget_calls(self) -> None:
        """Count from nought."""
        self._ledger.forget()

    # What goes wrong.

    def allow(self, capability: str, yes: bool = True) -> None:
        """Switch what this world's API offers: "incoming", "followers", "connection_status" or "block"."""
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

    def _free_name(self, near: str) -> str:
        count = 1
        while self.by_handle(name := f"{near[:11]}_{count}") is not None:
            count += 1
        return name

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
        if self._file is not None:
            state.write(self._state, self._file)
