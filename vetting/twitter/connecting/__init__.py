"""From a stored connection to the port that speaks for it."""

from vetting.twitter.by_hand import ByHand
from vetting.twitter.models import Connection
from vetting.twitter.port import Twitter
from vetting.twitter.removing import may_remove
from vetting.twitter.tweepy_client import TweepyTwitter, UserKeys
from vetting.values import TwitterUserId


def client_for(connection: Connection) -> Twitter:
    """Tweepy for LIVE and SANDBOX, a person for BY_HAND. No call is made yet."""
    if connection.kind == Connection.Kind.BY_HAND:
        return ByHand(pages_url=connection.pages_url)
    keys = UserKeys(connection.consumer_key, connection.consumer_secret, connection.access_token, connection.access_secret)
    number = connection.school_account.twitter_user_id
    return TweepyTwitter(
        base_url=connection.base_url,
        pages_url=connection.pages_url,
        keys=keys,
        user_id=TwitterUserId(number) if number else None,
        may_remove=may_remove(connection),
    )
