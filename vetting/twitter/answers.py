"""What Twitter's answers mean: profiles, who is missing and why, and every refusal in our own words.

The shapes are X's of 2026 (x-openapi 2.167); no field of a user is required there, so each is looked for.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import requests

from vetting.twitter.port import (
    Ability,
    BadInput,
    CapabilityUnavailable,
    ContractViolation,
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

# Codes of a 403 that says the account itself is suspended or locked.
_LOCKED = {64, 326}
_NAMES = {
    Ability.LOOKUP: "looking up accounts",
    Ability.FOLLOWERS: "the list of followers",
    Ability.INCOMING: "the list of follow requests",
    Ability.REMOVE: "removing a follower",
}
NOT_UNDERSTOOD = "Twitter's answer does not have the promised form."


def refusal(response: requests.Response, ability: Ability) -> TwitterError:
    """The meaning of a refusal: by its status first, then by its code or the end of its type."""
    status, codes, words = response.status_code, *_codes_and_words(response)
    if status == 403 and codes & _LOCKED:
        return ReconnectRequired("Twitter has locked or suspended the school's account (403). Sign in to Twitter and see what it asks.")
    if status == 404 and "resource-not-found" in words:
        # About one person: it says nothing of what the connection may do.
        return BadInput("Twitter does not know this person any longer (404).")
    if status in (403, 404):
        reason = "453" if 453 in codes else str(status)
        return CapabilityUnavailable(f"Twitter does not offer {_NAMES[ability]} to this connection ({reason}).", ability)
    if status == 429 and ("usage-capped" in words or "UsageCapExceeded" in words):
        return OutOfCredit("Twitter's monthly limit for this connection is used up (429). When there is room again, press Check now.")
    if status in (408, 425) or status >= 500:
        return Transient(f"Twitter has a problem of its own at the moment ({status}).")
    plain = {
        400: BadInput("Twitter did not accept the question (400)."),
        401: ReconnectRequired("Twitter no longer accepts the keys of this connection (401). A Technician must connect it again."),
        402: OutOfCredit("Twitter says there is no credit left (402). Nothing is read until somebody pays and presses Check now."),
        429: RateLimited("Twitter asks us to wait before the next reading (429).", _reset_of(response)),
    }
    return plain.get(status) or ContractViolation(f"Twitter answered in a way nobody expects ({status}).")


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


def profiles(data: Mapping[str, Any]) -> list[Profile]:
    """Everybody in an answer, each once. Somebody whose name is longer than Twitter allows today is left out.

    Raises:
        ContractViolation: somebody has no number or no name; nothing can be said of such an answer.
    """
    entries = data.get("data", [])
    if not isinstance(entries, list):
        raise ContractViolation(NOT_UNDERSTOOD)
    read = {one.user_id: one for one in map(profile, entries) if one is not None}
    return list(read.values())


def profile(entry: Any) -> Profile | None:
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
    picture, protected, status = entry.get("profile_image_url"), entry.get("protected"), entry.get("connection_status")
    words = status if isinstance(status, list) else []
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
        relation=_relation(words),
        blocked="blocking" in words,
    )


def _relation(words: list[Any]) -> Relation:
    """X leaves the key out where there is no relation, so its absence reads as NEITHER."""
    if "followed_by" in words:
        return Relation.FOLLOWS
    return Relation.REQUESTS if "follow_request_received" in words else Relation.NEITHER


def as_follower(one: Profile) -> Profile:
    """Whoever stands in the list of followers follows."""
    return replace(one, relation=Relation.FOLLOWS)


def _moment(text: Any) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(text).replace("Z", "+00:00"))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _count(metrics: Mapping[str, Any], *names: str) -> int | None:
    return next((metrics[name] for name in names if isinstance(metrics.get(name), int)), None)


def missing(data: Mapping[str, Any], asked: set[str]) -> dict[str, Missing]:
    """Who was asked for and is not there. An error of another kind leaves its account neither found nor missing."""
    errors = data.get("errors", [])
    if not isinstance(errors, list):
        raise ContractViolation(NOT_UNDERSTOOD)
    found = {}
    for error in errors:
        # The host of the type is api.twitter.com in practice and api.x.com in the specification: its end decides.
        if isinstance(error, dict) and str(error.get("type", "")).endswith("resource-not-found"):
            key = str(error.get("value") or error.get("resource_id") or "").lower()
            if key in asked:
                found[key] = Missing.SUSPENDED if error.get("title") == "Forbidden" else Missing.NOT_FOUND
    return found
