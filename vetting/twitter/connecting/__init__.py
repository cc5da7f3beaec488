"""From a stored connection to the port that speaks for it."""

from collections.abc import Callable
from datetime import datetime

from django.utils import timezone

from vetting.school.queries import policy
from vetting.twitter import reaching
from vetting.twitter.by_hand import ByHand
from vetting.twitter.connecting import scopes
from vetting.twitter.connecting.tokens import StoredTokens
from vetting.twitter.models import Connection, TokenPair
from vetting.twitter.port import Ability, Twitter
from vetting.twitter.tweepy_client import TweepyTwitter, UserKeys
from vetting.values import TwitterUserId


def client_for(connection: Connection, *, clock: Callable[[], datetime] = timezone.now) -> Twitter:
    """Tweepy for LIVE and SANDBOX, a person for BY_HAND. No call is made yet.

    A sign-in's tokens read and remove; the four keys do where there are none, and beside tokens they read the list of
    requests, which X shows to no token. A connection with neither says so at its first call.
    """
    if connection.kind == Connection.Kind.BY_HAND:
        return ByHand(pages_url=connection.pages_url)
    keys = _keys_of(connection)
    pair = TokenPair.objects.filter(connection=connection).only("scopes").first()
    number = connection.school_account.twitter_user_id
    return TweepyTwitter(
        base_url=connection.base_url,
        pages_url=connection.pages_url,
        keys=keys,
        tokens=StoredTokens(connection, clock=clock) if pair is not None or keys is None else None,
        user_id=TwitterUserId(number) if number else None,
        may_remove=_may_remove(connection, pair, clock()),
    )


def _keys_of(connection: Connection) -> UserKeys | None:
    keys = UserKeys(connection.consumer_key, connection.consumer_secret, connection.access_token, connection.access_secret)
    return keys if all(keys.__dict__.values()) else None


def _may_remove(connection: Connection, pair: TokenPair | None, at: datetime) -> bool:
    """The school wants it, the connection was granted it, and Twitter did not refuse it within the last week."""
    if not policy(connection.school_account.school, "remove_by_api"):
        return False
    granted = pair is None or scopes.LETS_REMOVE in scopes.read(pair.scopes)
    return granted and not reaching.is_refused(connection, Ability.REMOVE, at=at)
