"""Removing a follower through Twitter, in two calls: block, which ends the follow; then lift the block.

Whether a connection may is learnt from a real removal that an admin decided, never by blocking somebody to see.
"""

from datetime import datetime

from django.db.models import F

from vetting.school.queries import policy
from vetting.twitter import scopes
from vetting.twitter.budget import PRICE_OF_A_BLOCK, PRICE_OF_AN_UNBLOCK, month_of
from vetting.twitter.models import Budget, Connection, Sighting, TokenPair, TwitterProfile
from vetting.twitter.patience import ending_within
from vetting.twitter.port import Ability, CapabilityUnavailable, Carried, ManualAction, Twitter
from vetting.twitter.reaching import LEAST_SECONDS, Reach, is_refused, learn
from vetting.twitter.reading import know_ourselves, look_at
from vetting.values import Handle, TwitterUserId


def may_remove(connection: Connection) -> bool:
    """Whether the school switched removal by API on, and its keys or tokens could do it."""
    if connection.kind == Connection.Kind.BY_HAND or not policy(connection.school_account.school, "remove_by_api"):
        return False
    if connection.auth == Connection.Auth.SIGN_IN:
        tokens = TokenPair.objects.filter(connection=connection).first()
        return tokens is not None and scopes.LETS_REMOVE in scopes.read(tokens.scopes)
    return all((connection.consumer_key, connection.consumer_secret, connection.access_token, connection.access_secret))


def can_remove(connection: Connection, *, at: datetime) -> bool:
    """The same, and Twitter did not refuse it within the last week. Not known yet counts as worth a try."""
    return may_remove(connection) and not is_refused(connection, Ability.REMOVE, at=at)


def where_they_stand(reach: Reach, twitter: Twitter, profile: TwitterProfile) -> Sighting.Relation | None:
    """Look somebody up by number, write down what is seen, and say it; None when Twitter did not tell."""
    know_ourselves(reach, twitter)
    look_at(reach, twitter, [profile.twitter_user_id], always=True)
    seen = Sighting.objects.filter(
        school_account=reach.connection.school_account, profile=profile, seen_at=reach.at, source=Sighting.Source.LOOKUP
    )
    newest = seen.order_by("-pk").first()
    return Sighting.Relation(newest.relation) if newest is not None else None


def block(reach: Reach, twitter: Twitter, profile: TwitterProfile) -> Carried | ManualAction:
    """The first half. Its price covers the second, so that no limit of ours can keep a block from being lifted."""
    number, handle = TwitterUserId(profile.twitter_user_id or ""), Handle(profile.handle)
    both = PRICE_OF_A_BLOCK + PRICE_OF_AN_UNBLOCK
    return reach.ask(Ability.REMOVE, lambda: twitter.remove_follower(number, handle), price=both)


def lift(reach: Reach, twitter: Twitter, profile: TwitterProfile) -> None:
    """The second half, counted but never refused for the month's limit: nobody may stay blocked for a budget."""
    Budget.objects.filter(connection=reach.connection, month=month_of(reach.at)).update(calls_used=F("calls_used") + 1)
    try:
        with ending_within(LEAST_SECONDS):
            twitter.lift_block(TwitterUserId(profile.twitter_user_id or ""))
    except CapabilityUnavailable as error:
        learn(reach.connection, Ability.REMOVE, yes=False, evidence=error.sentence, at=reach.at)
        raise
