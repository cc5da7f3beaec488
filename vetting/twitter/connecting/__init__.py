"""From a stored connection to the port that speaks for it."""

from collections.abc import Callable
from datetime import datetime

from django.utils import timezone

from vetting.twitter.by_hand import ByHand
from vetting.twitter.connecting.tokens import StoredTokens
from vetting.twitter.models import Connection, TokenPair
from vetting.twitter.port import Twitter
from vetting.twitter.removing import can_remove
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
    signed_in = TokenPair.objects.filter(connection=connection).exists()
    number = connection.school_account.twitter_user_id
    return TweepyTwitter(
        base_url=connection.base_url,
        pages_url=connection.pages_url,
        keys=keys,
        tokens=StoredTokens(connection, clock=clock) if signed_in or keys is None else None,
        user_id=TwitterUserId(number) if number else None,
        may_remove=can_remove(connection, at=clock()),
    )


def _keys_of(connection: Connection) -> UserKeys | None:
    keys = UserKeys(connection.consumer_key, connection.consumer_secret, connection.access_token, connection.access_secret)
    return keys if all(keys.__dict__.values()) else None
