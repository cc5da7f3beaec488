"""The same port without any keys: nothing can be read, and everything is done by a person on Twitter's pages."""

from collections.abc import Sequence
from typing import NoReturn

from vetting.twitter import manual
from vetting.twitter.port import CapabilityUnavailable, FollowersPage, Found, IncomingList, ManualAction, Missing, Profile, Relation
from vetting.values import Handle, TwitterUserId


class ByHand:
    """A school that pastes Twitter's lists. Reading says so instead of giving an empty answer."""

    def __init__(self, *, pages_url: str = "https://x.com") -> None:
        self._pages = pages_url

    def whoami(self) -> Profile:
        self._cannot("lookup")

    def lookup(self, *, user_ids: Sequence[TwitterUserId] = (), handles: Sequence[Handle] = ()) -> Found:
        self._cannot("lookup")

    def relation(self, user_ids: Sequence[TwitterUserId]) -> Found:
        self._cannot("lookup")

    def list_incoming(self) -> IncomingList:
        self._cannot("incoming")

    def list_followers(self, page: str = "") -> FollowersPage:
        self._cannot("followers")

    def accept(self, user_id: TwitterUserId | None, handle: Handle) -> ManualAction:
        return manual.accept(self._pages, user_id, handle)

    def deny(self, user_id: TwitterUserId | None, handle: Handle) -> ManualAction:
        return manual.deny(self._pages, user_id, handle)

    def remove_follower(self, user_id: TwitterUserId | None, handle: Handle) -> ManualAction:
        return manual.remove_follower(self._pages, user_id, handle)

    def lift_block(self, user_id: TwitterUserId) -> None:
        self._cannot("remove")

    def confirm(self, user_id: TwitterUserId) -> Relation | Missing:
        self._cannot("lookup")

    @staticmethod
    def _cannot(operation: str) -> NoReturn:
        raise CapabilityUnavailable("This school reads Twitter by hand: paste the list from Twitter's own page.", operation)
