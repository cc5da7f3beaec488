"""How the school reaches Twitter, as far as a page must know it."""

from dataclasses import dataclass
from datetime import datetime

from vetting.school.models import School, SchoolAccount
from vetting.twitter import scopes
from vetting.twitter.connecting.provider import scopes_of
from vetting.twitter.models import Connection, TokenPair


@dataclass(frozen=True)
class SigningIn:
    """What a person must know to sign in at Twitter for the school. `callback` is what its developer page asks for."""

    place: str
    callback: str
    asks: list[str]
    has_app: bool


@dataclass(frozen=True)
class SignedIn:
    """What came of it: what was granted and when it was last renewed. `lacks_removing`: the rule was switched on since."""

    granted: list[str]
    renewed_at: datetime
    lacks_removing: bool


def signing_in(school: School, connection: Connection | None, *, callback: str) -> SigningIn:
    place = "Practice Twitter" if school.is_demo else "Twitter"
    return SigningIn(place, callback, scopes.in_words(scopes_of(school)), connection is not None and bool(connection.client_id))


def signed_in(connection: Connection) -> SignedIn | None:
    """None where nobody signed in: lists are pasted, or there are keys."""
    pair = TokenPair.objects.filter(connection=connection).only("scopes", "obtained_at").first()
    if pair is None:
        return None
    granted = scopes.read(pair.scopes)
    lacks = not set(scopes_of(connection.school_account.school)) <= granted
    return SignedIn(scopes.in_words(granted), pair.obtained_at, lacks)


def connection_of(school_account: SchoolAccount) -> Connection | None:
    """None while the account is not connected at all."""
    return getattr(school_account, "connection", None)


def pages_url(school_account: SchoolAccount) -> str:
    """Where Twitter's own pages stand for this account; empty while it is not connected. Reads none of its keys."""
    return Connection.objects.filter(school_account=school_account).values_list("pages_url", flat=True).first() or ""
