"""What the register asks of Twitter, and every way the answer can fail. Pure; the adapter and the by-hand road both keep to it.

X cannot accept, decline or list requests for us (x-api.md, section 0): where a connection cannot do a thing it says so
with `CapabilityUnavailable` or a `ManualAction`, never with an empty answer.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from vetting.values import Handle, TwitterUserId


class Ability(StrEnum):
    """What a connection may or may not allow. Accepting and declining are not here: X lets no program do either."""

    LOOKUP = "lookup"
    RELATIONS = "connection_status"
    INCOMING = "incoming"
    FOLLOWERS = "followers"
    REMOVE = "remove"


class Relation(StrEnum):
    """Where somebody stands towards the school account."""

    REQUESTS = "REQUESTS"
    FOLLOWS = "FOLLOWS"
    NEITHER = "NEITHER"


class Missing(StrEnum):
    """Why a looked-up account was not there."""

    NOT_FOUND = "NOT_FOUND"
    SUSPENDED = "SUSPENDED"


@dataclass(frozen=True)
class Profile:
    """One account as Twitter showed it. `relation` is None when the answer did not tell."""

    user_id: TwitterUserId
    handle: Handle
    display_name: str = ""
    bio: str = ""
    created_at: datetime | None = None
    protected: bool | None = None
    default_picture: bool | None = None
    followers: int | None = None
    following: int | None = None
    posts: int | None = None
    relation: Relation | None = None
    # The school account blocks them.
    blocked: bool = False


@dataclass(frozen=True)
class Found:
    """A look-up's whole answer: who was there, who was not and why. Keys of `missing` are the ids or handles asked for."""

    profiles: tuple[Profile, ...]
    missing: dict[str, Missing] = field(default_factory=dict)


@dataclass(frozen=True)
class IncomingList:
    """The numbers of everybody with a pending request. Only `complete` lists may say that somebody is gone."""

    user_ids: tuple[TwitterUserId, ...]
    complete: bool
    why_not: str = ""


@dataclass(frozen=True)
class FollowersPage:
    """One page of followers. `next_page` empty means the end was reached."""

    profiles: tuple[Profile, ...]
    next_page: str = ""


@dataclass(frozen=True)
class ManualAction:
    """What a person must do on Twitter's own page, because the API offers no way."""

    link: str
    button: str
    sentence: str


@dataclass(frozen=True)
class Carried:
    """The API did it. After `remove_follower` the account is still blocked: `lift_block` is owed."""


class Twitter(Protocol):
    """One school account's Twitter. Calls are remote: never make one inside a transaction."""

    def whoami(self) -> Profile: ...
    def lookup(self, *, user_ids: Sequence[TwitterUserId] = (), handles: Sequence[Handle] = ()) -> Found:
        """At most 100 of either, never both."""
        ...

    def relation(self, user_ids: Sequence[TwitterUserId]) -> Found:
        """Where these stand now; the same answer as lookup, with `relation` set on every profile."""
        ...

    def list_incoming(self) -> IncomingList: ...
    def list_followers(self, page: str = "") -> FollowersPage: ...
    def accept(self, user_id: TwitterUserId | None, handle: Handle) -> Carried | ManualAction: ...
    def deny(self, user_id: TwitterUserId | None, handle: Handle) -> Carried | ManualAction: ...
    def remove_follower(self, user_id: TwitterUserId | None, handle: Handle) -> Carried | ManualAction:
        """Where it is allowed: block, which ends the follow. Write down that the block must be lifted before you call."""
        ...

    def lift_block(self, user_id: TwitterUserId) -> None:
        """The second half of a removal. Lifting a block that is not there changes nothing."""
        ...

    def confirm(self, user_id: TwitterUserId) -> Relation | Missing: ...


class TwitterError(Exception):
    """Something kept Twitter from answering. `sentence` is for the screen; it holds no token and no body."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class ReconnectRequired(TwitterError):
    """401: the keys are no longer accepted. Everything automatic stops until a Technician reconnects."""


class CapabilityUnavailable(TwitterError):
    """403, 453 or 404 on a path: this connection does not offer the operation, one of `Ability`."""

    def __init__(self, sentence: str, operation: str) -> None:
        super().__init__(sentence)
        self.operation = operation


class RateLimited(TwitterError):
    """429: ask again at `reset_at` (None when Twitter did not say)."""

    def __init__(self, sentence: str, reset_at: datetime | None) -> None:
        super().__init__(sentence)
        self.reset_at = reset_at


class OutOfCredit(TwitterError):
    """402, or a monthly cap: everything stops until somebody pays."""


class BudgetExceeded(TwitterError):
    """Our own monthly limit would be passed; nothing was asked."""


class BadInput(TwitterError):
    """400: an item of ours Twitter does not accept."""


class Transient(TwitterError):
    """5xx, network, time-out: try again later."""


class ContractViolation(TwitterError):
    """An answer that does not have the promised shape. Nothing may be concluded from it."""
