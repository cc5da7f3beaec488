"""Twitter through tweepy: the only module that imports it, and the place where its errors become ours.

Facts about X's API and the traps of tweepy 4.17 that this module is shaped by: `wait_on_rate_limit` sleeps in the
worker and calls itself without end on a 429 without a reset header; `Client` sets no time-out; both classes name fixed
hosts; at DEBUG tweepy prints keys and bodies (vetting.twitter.http silences it at every level). X offers nothing to
accept or decline a request: that is always done by hand. A follower is removed by blocking and unblocking, where X lets
this connection do so and the school switched it on; otherwise by hand.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlsplit

import requests
import tweepy
from tweepy.parsers import RawParser

from vetting.outbound import explain_tls_failure
from vetting.twitter import answers, manual
from vetting.twitter.http import RebasedSession
from vetting.twitter.port import (
    Ability,
    CapabilityUnavailable,
    Carried,
    ContractViolation,
    FollowersPage,
    Found,
    IncomingList,
    ManualAction,
    Missing,
    Profile,
    ReconnectRequired,
    Relation,
    Transient,
    TwitterError,
)
from vetting.values import BadValue, Handle, TwitterUserId

BATCH = 100
PAGE = 1000
INCOMING_PAGES = 40
USER_FIELDS = [
    "connection_status",
    "created_at",
    "description",
    "id",
    "name",
    "profile_image_url",
    "protected",
    "public_metrics",
    "username",
]


@dataclass(frozen=True, repr=False)
class UserKeys:
    """The four keys of a user context (OAuth 1.0a). They never show in a traceback or a log."""

    consumer_key: str
    consumer_secret: str
    access_token: str
    access_secret: str


class Tokens(Protocol):
    """Where the access token of an OAuth 2.0 connection comes from. Both raise TwitterError where there is none."""

    def current(self) -> str:
        """One that is good for the next call."""
        ...

    def instead_of(self, refused: str) -> str:
        """Another one, after Twitter refused that: renewed, or what somebody else renewed meanwhile."""
        ...


class TweepyTwitter:
    """One school account's Twitter, as the user whose keys or tokens these are.

    With tokens (OAuth 2.0) everything of v2 goes by them; the four keys (OAuth 1.0a) are then only for the list of
    requests, which X serves to no token. `may_remove`: the school switched removal by API on and was granted it.
    """

    def __init__(
        self,
        *,
        base_url: str,
        pages_url: str,
        keys: UserKeys | None = None,
        tokens: Tokens | None = None,
        user_id: TwitterUserId | None = None,
        may_remove: bool = False,
    ) -> None:
        if keys is None and tokens is None:
            raise BadValue("Twitter cannot be asked without keys.")
        self._pages, self._user_id, self._may_remove = pages_url, user_id, may_remove
        self._session = RebasedSession(base_url)
        self._host = urlsplit(base_url).hostname or ""
        self._keys, self._tokens = keys, tokens
        named = keys.__dict__ if keys else {}
        self._v2 = tweepy.Client(
            consumer_key=named.get("consumer_key"),
            consumer_secret=named.get("consumer_secret"),
            access_token=named.get("access_token"),
            access_token_secret=named.get("access_secret"),
            return_type=dict,
            wait_on_rate_limit=False,
        )
        self._v2.session = self._session

    @property
    def rate(self) -> Mapping[str, str]:
        """The x-rate-limit-* headers of the last answer."""
        return self._session.rate

    def whoami(self) -> Profile:
        data = self._ask(Ability.LOOKUP, lambda signed: self._v2.get_me(user_fields=USER_FIELDS, user_auth=signed))
        me = answers.profile(data.get("data"))
        if me is None:
            raise ContractViolation("Twitter's answer about the school's own account could not be understood.")
        self._user_id = me.user_id
        return me

    def lookup(self, *, user_ids: Sequence[TwitterUserId] = (), handles: Sequence[Handle] = ()) -> Found:
        if bool(user_ids) == bool(handles) or max(len(user_ids), len(handles)) > BATCH:
            raise ValueError("Ask for 1 to 100 numbers or for 1 to 100 names.")
        asked = [number.value for number in user_ids] if user_ids else [handle.value for handle in handles]
        which = "ids" if user_ids else "usernames"
        data = self._ask(Ability.LOOKUP, lambda signed: self._v2.get_users(**{which: asked}, user_fields=USER_FIELDS, user_auth=signed))
        profiles = answers.profiles(data)
        for one in profiles:
            if (one.user_id.value if user_ids else one.handle.value) not in asked:
                raise ContractViolation("Twitter answered about somebody nobody asked for.")
        return Found(tuple(profiles), answers.missing(data, set(asked)))

    def relation(self, user_ids: Sequence[TwitterUserId]) -> Found:
        return self.lookup(user_ids=user_ids)

    def list_incoming(self) -> IncomingList:
        numbers: dict[str, None] = {}
        seen, cursor, empty = set[str](), "-1", 0
        for _ in range(INCOMING_PAGES):
            seen.add(cursor)
            page, after = self._incoming_page(cursor)
            numbers.update(dict.fromkeys(page))
            empty = 0 if page else empty + 1
            if after == "0":
                return IncomingList(_as_ids(numbers), complete=True)
            if after in seen:
                return IncomingList(_as_ids(numbers), complete=False, why_not="Twitter sent the same page twice.")
            if empty > 1:
                return IncomingList(_as_ids(numbers), complete=False, why_not="Twitter sent empty pages that name a next one.")
            cursor = after
        return IncomingList(_as_ids(numbers), complete=False, why_not="The list did not come to an end.")

    def _incoming_page(self, cursor: str) -> tuple[list[str], str]:
        v1 = self._v1()
        text = self._ask(Ability.INCOMING, lambda _: v1.incoming_friendships(cursor=cursor, stringify_ids="true"))
        try:
            data = json.loads(text if isinstance(text, str) else text[0])
            listed = data["ids"]
            if not isinstance(listed, list):
                raise TypeError("ids is no list")
            return [TwitterUserId.parse(number).value for number in listed], str(data.get("next_cursor_str") or data["next_cursor"])
        except (ValueError, KeyError, TypeError, IndexError):
            raise ContractViolation("Twitter's list of follow requests could not be understood.") from None

    def _v1(self) -> Any:
        """tweepy's other class. X serves version 1.1 to OAuth 1.0a only."""
        if self._keys is None:
            raise CapabilityUnavailable("Twitter shows the list of follow requests only to a connection with older keys.", Ability.INCOMING)
        keys = self._keys
        auth = tweepy.OAuth1UserHandler(keys.consumer_key, keys.consumer_secret, keys.access_token, keys.access_secret)
        v1 = tweepy.API(auth, parser=RawParser(), wait_on_rate_limit=False)
        v1.session = self._session
        return v1

    def list_followers(self, page: str = "") -> FollowersPage:
        own = self._own_number()
        data = self._ask(
            Ability.FOLLOWERS,
            lambda signed: self._v2.get_users_followers(
                own, max_results=PAGE, pagination_token=page or None, user_fields=USER_FIELDS, user_auth=signed
            ),
        )
        meta = data.get("meta")
        if not isinstance(meta, dict) or not isinstance(meta.get("result_count"), int):
            raise ContractViolation("Twitter's list of followers came without its count.")
        if data.get("errors"):
            raise ContractViolation("Twitter said that something is wrong with its own list of followers.")
        return FollowersPage(tuple(answers.as_follower(one) for one in answers.profiles(data)), str(meta.get("next_token") or ""))

    def _own_number(self) -> str:
        return (self._user_id or self.whoami().user_id).value

    def accept(self, user_id: TwitterUserId | None, handle: Handle) -> ManualAction:
        return manual.accept(self._pages, user_id, handle)

    def deny(self, user_id: TwitterUserId | None, handle: Handle) -> ManualAction:
        return manual.deny(self._pages, user_id, handle)

    def remove_follower(self, user_id: TwitterUserId | None, handle: Handle) -> Carried | ManualAction:
        if user_id is None or not self._may_remove:
            return manual.remove_follower(self._pages, user_id, handle)
        path = f"/2/users/{self._own_number()}/blocking"
        told = self._deed(lambda signed: self._v2.request("POST", path, json={"target_user_id": user_id.value}, user_auth=signed))
        if told is not True:
            raise ContractViolation("Twitter did not say whether the account is blocked now.")
        return Carried()

    def lift_block(self, user_id: TwitterUserId) -> None:
        path = f"/2/users/{self._own_number()}/blocking/{user_id.value}"
        if self._deed(lambda signed: self._v2.request("DELETE", path, user_auth=signed)) is not False:
            raise ContractViolation("Twitter did not say whether the block is lifted now.")

    def _deed(self, call: Callable[[bool], requests.Response]) -> Any:
        """Block or unblock; what Twitter says of the block afterwards."""
        answer = self._ask(Ability.REMOVE, lambda signed: call(signed).json())
        data = answer.get("data")
        return data.get("blocking") if isinstance(data, dict) else None

    def confirm(self, user_id: TwitterUserId) -> Relation | Missing:
        found = self.relation([user_id])
        if user_id.value in found.missing:
            return found.missing[user_id.value]
        if not found.profiles or found.profiles[0].relation is None:
            raise ContractViolation("Twitter did not say where this account stands.")
        return found.profiles[0].relation

    def _ask(self, ability: Ability, call: Callable[[bool], Any]) -> Any:
        """Make one call and give its answer, or one of the port's errors and nothing else.

        `call` is told whether to sign with the four keys. A token that is refused is renewed once.
        """
        if self._tokens is None or ability is Ability.INCOMING:
            return self._once(ability, lambda: call(True))
        self._v2.bearer_token = token = self._tokens.current()
        try:
            return self._once(ability, lambda: call(False))
        except ReconnectRequired:
            if self._session.last is None or self._session.last.status_code != 401:
                raise
            self._v2.bearer_token = self._tokens.instead_of(token)
        return self._once(ability, lambda: call(False))

    def _once(self, ability: Ability, call: Callable[[], Any]) -> Any:
        self._session.last = None
        try:
            answer = call()
        except (tweepy.TweepyException, requests.RequestException, OSError, ValueError, AttributeError, TypeError, KeyError) as error:
            raise self._in_our_words(ability, error) from None
        if ability is not Ability.INCOMING and not isinstance(answer, dict):
            raise ContractViolation(answers.NOT_UNDERSTOOD)
        return answer

    def _in_our_words(self, ability: Ability, error: Exception) -> TwitterError:
        response = self._session.last
        if response is not None and not 200 <= response.status_code < 300:
            return answers.refusal(response, ability)
        if response is not None:
            return ContractViolation("Twitter's answer could not be read.")
        if "SSL" in type(error).__name__ or isinstance(error.__context__, requests.exceptions.SSLError):
            return Transient(explain_tls_failure(self._host))
        return Transient("Twitter could not be reached, or did not answer in time.")


def _as_ids(numbers: Mapping[str, None]) -> tuple[TwitterUserId, ...]:
    return tuple(TwitterUserId(number) for number in numbers)
