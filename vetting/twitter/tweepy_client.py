"""Twitter through tweepy: the only module that imports it, and the place where its errors become ours.

Facts about X's API and the traps of tweepy 4.17 that this module is shaped by: `wait_on_rate_limit` sleeps in the
worker and calls itself without end on a 429 without a reset header; `Client` sets no time-out; both classes name fixed
hosts; at DEBUG tweepy prints keys and bodies (settings.LOGGING keeps it silent). X offers nothing to accept or decline
a request, and removing by block and unblock is not offered to schools: those are always done by hand.
"""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import requests
import tweepy
from tweepy.parsers import RawParser

from vetting.outbound import explain_tls_failure, http_session
from vetting.twitter import manual
from vetting.twitter.port import (
    BadInput,
    CapabilityUnavailable,
    ContractViolation,
    FollowersPage,
    Found,
    IncomingList,
    ManualAction,
    Missing,
    OutOfCredit,
    Profile,
    RateLimited,
    ReconnectRequired,
    Relation,
    Transient,
    TwitterError,
)
from vetting.values import BadValue, Handle, TwitterUserId

CONNECT_SECONDS, READ_SECONDS, WHOLE_SECONDS = 5, 20, 25
MAX_BODY = 16 * 1024 * 1024
BATCH = 100
PAGE = 1000
INCOMING_PAGES = 40
LOOPBACK = ("127.0.0.1", "localhost", "::1")
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
_LOCKED = {64, 326}


@dataclass(frozen=True, repr=False)
class UserKeys:
    """The four keys of a user context (OAuth 1.0a). They never show in a traceback or a log."""

    consumer_key: str
    consumer_secret: str
    access_token: str
    access_secret: str


class RebasedSession(requests.Session):
    """Sends tweepy's requests to the configured server, within time, without redirects, and remembers the last answer.

    The address is changed before the request is signed, so the signature fits the server that is asked.
    """

    def __init__(self, base_url: str) -> None:
        super().__init__()
        parts = urlsplit(base_url)
        if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
            raise BadValue("Twitter is asked over https only; plain http is for this computer itself.")
        http_session(self)
        self.trust_env = parts.hostname not in LOOPBACK
        self._scheme, self._netloc = parts.scheme, parts.netloc
        self.last: requests.Response | None = None
        self.rate: dict[str, str] = {}

    def request(self, method: str | bytes, url: str | bytes, *args: Any, **kwargs: Any) -> requests.Response:
        self.last = None
        kwargs.update(timeout=(CONNECT_SECONDS, READ_SECONDS), allow_redirects=False, stream=True)
        kwargs.pop("proxies", None)
        until = time.monotonic() + WHOLE_SECONDS
        there = urlsplit(str(url))._replace(scheme=self._scheme, netloc=self._netloc).geturl()
        response = super().request(method, there, *args, **kwargs)
        _read_within(response, until)
        self.last = response
        self.rate = {name.lower(): value for name, value in response.headers.items() if name.lower().startswith("x-rate-limit-")}
        return response


def _read_within(response: requests.Response, until: float) -> None:
    """Read the whole body before a moment; a server that drips a byte a second does not hold a worker."""
    body = bytearray()
    while piece := response.raw.read1(65536, decode_content=True):
        body += piece
        if time.monotonic() > until or len(body) > MAX_BODY:
            response.close()
            raise requests.Timeout("The answer took too long or was too long.")
    response._content, response._content_consumed = bytes(body), True  # type: ignore[attr-defined]  # what requests itself sets after reading


class TweepyTwitter:
    """One school account's Twitter, as the user whose keys these are."""

    def __init__(self, *, base_url: str, pages_url: str, keys: UserKeys, user_id: TwitterUserId | None = None) -> None:
        self._pages = pages_url
        self._user_id = user_id
        self._session = RebasedSession(base_url)
        self._host = urlsplit(base_url).hostname or ""
        self._v2 = tweepy.Client(
            consumer_key=keys.consumer_key,
            consumer_secret=keys.consumer_secret,
            access_token=keys.access_token,
            access_token_secret=keys.access_secret,
            return_type=dict,
            wait_on_rate_limit=False,
        )
        self._v2.session = self._session
        auth = tweepy.OAuth1UserHandler(keys.consumer_key, keys.consumer_secret, keys.access_token, keys.access_secret)
        self._v1 = tweepy.API(auth, parser=RawParser(), wait_on_rate_limit=False)
        self._v1.session = self._session

    @property
    def rate(self) -> Mapping[str, str]:
        """The x-rate-limit-* headers of the last answer."""
        return self._session.rate

    def whoami(self) -> Profile:
        data = self._ask("lookup", lambda: self._v2.get_me(user_fields=USER_FIELDS, user_auth=True))
        me = _profile(data.get("data"))
        if me is None:
            raise ContractViolation("Twitter's answer about the school's own account could not be understood.")
        self._user_id = me.user_id
        return me

    def lookup(self, *, user_ids: Sequence[TwitterUserId] = (), handles: Sequence[Handle] = ()) -> Found:
        if bool(user_ids) == bool(handles) or max(len(user_ids), len(handles)) > BATCH:
            raise ValueError("Ask for 1 to 100 numbers or for 1 to 100 names.")
        if user_ids:
            asked = [number.value for number in user_ids]
            data = self._ask("lookup", lambda: self._v2.get_users(ids=asked, user_fields=USER_FIELDS, user_auth=True))
        else:
            asked = [handle.value for handle in handles]
            data = self._ask("lookup", lambda: self._v2.get_users(usernames=asked, user_fields=USER_FIELDS, user_auth=True))
        profiles = _profiles(data, "data")
        for one in profiles:
            if (one.user_id.value if user_ids else one.handle.value) not in asked:
                raise ContractViolation("Twitter answered about somebody nobody asked for.")
        return Found(tuple(profiles), _missing(data, set(asked)))

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
        text = self._ask("incoming", lambda: self._v1.incoming_friendships(cursor=cursor, stringify_ids="true"))
        try:
            data = json.loads(text if isinstance(text, str) else text[0])
            numbers = [TwitterUserId.parse(number).value for number in data["ids"]]
            after = str(data.get("next_cursor_str") or data["next_cursor"])
        except (ValueError, KeyError, TypeError, IndexError):
            raise ContractViolation("Twitter's list of follow requests could not be understood.") from None
        if not isinstance(data["ids"], list):
            raise ContractViolation("Twitter's list of follow requests could not be understood.")
        return numbers, after

    def list_followers(self, page: str = "") -> FollowersPage:
        own = self._user_id or self.whoami().user_id
        data = self._ask(
            "followers",
            lambda: self._v2.get_users_followers(
                own.value, max_results=PAGE, pagination_token=page or None, user_fields=USER_FIELDS, user_auth=True
            ),
        )
        meta = data.get("meta")
        if not isinstance(meta, dict) or not isinstance(meta.get("result_count"), int):
            raise ContractViolation("Twitter's list of followers came without its count.")
        return FollowersPage(tuple(_follows(one) for one in _profiles(data, "data")), str(meta.get("next_token") or ""))

    def accept(self, user_id: TwitterUserId | None, handle: Handle) -> ManualAction:
        return manual.accept(self._pages, user_id, handle)

    def deny(self, user_id: TwitterUserId | None, handle: Handle) -> ManualAction:
        return manual.deny(self._pages, user_id, handle)

    def remove_follower(self, user_id: TwitterUserId | None, handle: Handle) -> ManualAction:
        return manual.remove_follower(self._pages, user_id, handle)

    def confirm(self, user_id: TwitterUserId) -> Relation | Missing:
        found = self.relation([user_id])
        if user_id.value in found.missing:
            return found.missing[user_id.value]
        if not found.profiles or found.profiles[0].relation is None:
            raise ContractViolation("Twitter did not say where this account stands.")
        return found.profiles[0].relation

    def _ask(self, operation: str, call: Callable[[], Any]) -> Any:
        """Make one call and give its answer, or one of the port's errors and nothing else."""
        self._session.last = None
        try:
            answer = call()
        except (tweepy.TweepyException, requests.RequestException, OSError, ValueError, AttributeError, TypeError, KeyError) as error:
            raise self._in_our_words(operation, error) from None
        if operation != "incoming" and not isinstance(answer, dict):
            raise ContractViolation("Twitter's answer does not have the promised form.")
        return answer

    def _in_our_words(self, operation: str, error: Exception) -> TwitterError:
        response = self._session.last
        if response is not None and not 200 <= response.status_code < 300:
            return _by_status(response, operation)
        if response is not None:
            return ContractViolation("Twitter's answer could not be read.")
        if "SSL" in type(error).__name__ or isinstance(error.__context__, requests.exceptions.SSLError):
            return Transient(explain_tls_failure(self._host))
        return Transient("Twitter could not be reached, or did not answer in time.")


def _by_status(response: requests.Response, operation: str) -> TwitterError:
    """The meaning of a refusal: by its status first, then by its code or the end of its type."""
    status, codes, words = response.status_code, *_codes_and_words(response)
    refusals = {
        400: BadInput("Twitter did not accept the question (400)."),
        401: ReconnectRequired("Twitter no longer accepts the keys of this connection (401). A Technician must connect it again."),
        402: OutOfCredit("Twitter says there is no credit left (402). Nothing is read until somebody pays."),
        429: RateLimited("Twitter asks us to wait before the next reading (429).", _reset_of(response)),
    }
    if status == 403 and codes & _LOCKED:
        return ReconnectRequired("Twitter has locked or suspended the school's account (403). Sign in to Twitter and see what it asks.")
    if status in (403, 404):
        reason = "453" if 453 in codes else str(status)
        return CapabilityUnavailable(f"Twitter does not offer {_NAMES[operation]} to this connection ({reason}).", operation)
    if status == 429 and ("usage-capped" in words or "UsageCapExceeded" in words):
        return OutOfCredit("Twitter's monthly limit for this connection is used up (429).")
    if status in (408, 425) or status >= 500:
        return Transient(f"Twitter has a problem of its own at the moment ({status}).")
    return refusals.get(status) or ContractViolation(f"Twitter answered in a way nobody expects ({status}).")


_NAMES = {"lookup": "looking up accounts", "followers": "the list of followers", "incoming": "the list of follow requests"}


def _codes_and_words(response: requests.Response) -> tuple[set[int], str]:
    try:
        data = response.json()
    except ValueError:
        return set(), ""
    if not isinstance(data, dict):
        return set(), ""
    errors = data.get("errors")
    entries = [entry for entry in errors if isinstance(entry, dict)] if isinstance(errors, list) else []
    codes = {entry["code"] for entry in entries if isinstance(entry.get("code"), int)}
    return codes, " ".join(str(data.get(key, "")) for key in ("title", "type"))


def _reset_of(response: requests.Response) -> datetime | None:
    text = response.headers.get("x-rate-limit-reset", "")
    try:
        return datetime.fromtimestamp(int(text), UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _profiles(data: dict[str, Any], key: str) -> list[Profile]:
    """Everybody in an answer, each once. Somebody whose name is longer than Twitter allows today is left out."""
    entries = data.get(key, [])
    if not isinstance(entries, list):
        raise ContractViolation("Twitter's answer does not have the promised form.")
    read = {one.user_id: one for one in map(_profile, entries) if one is not None}
    return list(read.values())


def _profile(entry: Any) -> Profile | None:
    """One account. None when its name is one of the very old ones of more than 15 characters.

    Raises:
        ContractViolation: without a number and a name nothing can be said.
    """
    if not isinstance(entry, dict) or not isinstance(entry.get("username"), str):
        raise ContractViolation("Twitter described an account without its name.")
    try:
        number = TwitterUserId.parse(entry.get("id") or "")
    except BadValue:
        raise ContractViolation("Twitter described an account without its number.") from None
    try:
        handle = Handle.parse(entry["username"])
    except BadValue:
        return None
    metrics = entry.get("public_metrics")
    metrics = metrics if isinstance(metrics, dict) else {}
    picture = entry.get("profile_image_url")
    protected = entry.get("protected")
    return Profile(
        user_id=number,
        handle=handle,
        display_name=str(entry.get("name") or "")[:200],
        bio=str(entry.get("description") or "")[:500],
        created_at=_moment(entry.get("created_at")),
        protected=protected if isinstance(protected, bool) else None,
        default_picture="default_profile" in picture if isinstance(picture, str) else None,
        followers=_count(metrics, "followers_count"),
        following=_count(metrics, "following_count"),
        # The specification renamed the field in 2026; samples still show the old name.
        posts=_count(metrics, "post_count", "tweet_count"),
        relation=_relation(entry.get("connection_status")),
    )


def _relation(words: Any) -> Relation:
    """X leaves the key out where there is no relation, so its absence reads as NEITHER."""
    words = words if isinstance(words, list) else []
    if "followed_by" in words:
        return Relation.FOLLOWS
    return Relation.REQUESTS if "follow_request_received" in words else Relation.NEITHER


def _follows(one: Profile) -> Profile:
    """Whoever stands in the list of followers follows."""
    return Profile(**{**one.__dict__, "relation": Relation.FOLLOWS})


def _moment(text: Any) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(text).replace("Z", "+00:00"))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _count(metrics: dict[str, Any], *names: str) -> int | None:
    return next((metrics[name] for name in names if isinstance(metrics.get(name), int)), None)


def _missing(data: dict[str, Any], asked: set[str]) -> dict[str, Missing]:
    """Who was asked for and is not there. An error of another kind leaves its account neither found nor missing."""
    errors = data.get("errors", [])
    if not isinstance(errors, list):
        raise ContractViolation("Twitter's answer does not have the promised form.")
    missing = {}
    for error in errors:
        if isinstance(error, dict) and str(error.get("type", "")).endswith("resource-not-found"):
            key = str(error.get("value") or error.get("resource_id") or "").lower()
            if key in asked:
                missing[key] = Missing.SUSPENDED if error.get("title") == "Forbidden" else Missing.NOT_FOUND
    return missing


def _as_ids(numbers: Mapping[str, None]) -> tuple[TwitterUserId, ...]:
    return tuple(TwitterUserId(number) for number in numbers)
