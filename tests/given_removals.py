"""Scenes of removals: Practice Twitter that lets the school block, a follower an admin decided to remove, a worker that dies."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from tests import given
from tests.given_twitter import AtTwitter, at_twitter
from tests.sandbox import Sandbox
from vetting.decisions.models import QueueItem
from vetting.decisions.operations import decide, open_or_refresh_items, open_removal
from vetting.execution.models import OwedLift
from vetting.execution.operations import carry_out_due, confirm_from_sightings, lift_owed_blocks, look_for_discrepancies, recover_stuck
from vetting.identities.queries import person_of
from vetting.school.operations import set_policy
from vetting.twitter.models import Follower
from vetting.twitter.operations import NotNow, read_watched, sync_followers
from vetting.twitter.port import Twitter

MINUTE = timedelta(minutes=1)
DECIDED_AT = given.MONDAY + 10 * MINUTE
DUE = DECIDED_AT + MINUTE
WITNESSES = ("ann_lee", "bea_low", "cem_kaya")


def where_removal_is_allowed(sandbox: Sandbox) -> AtTwitter:
    """A school that removes through Twitter, whose followers were read once. Dana follows, and three more."""
    there = at_twitter(sandbox)
    sandbox.world.allow("block")
    set_policy(school=there.school, key="remove_by_api", value=True, by=there.okafor, at=given.MONDAY)
    there.follows("dana_hill", *WITNESSES)
    followers_are_read(there, given.MONDAY)
    return there


def followers_are_read(there: AtTwitter, at: datetime) -> None:
    assert sync_followers(connection=there.connection, twitter=there.twitter, at=at).complete


def a_question_of_removal(there: AtTwitter, handle: str = "dana_hill", at: datetime = DECIDED_AT) -> QueueItem:
    follower = Follower.objects.select_related("profile").get(school_account=there.account, profile__handle=handle, ended_at=None)
    person = person_of(follower.profile)
    return open_removal(school_account=there.account, follower=follower, person=person, why="Left the school.", at=at)


def a_decided_removal(there: AtTwitter, handle: str = "dana_hill", at: datetime = DECIDED_AT) -> QueueItem:
    item = a_question_of_removal(there, handle, at)
    decide(item=item, seen_version=item.version, outcome="REMOVE", reason="Moved away.", by=there.okafor, at=at)
    return fresh(item)


def fresh(item: QueueItem) -> QueueItem:
    return QueueItem.objects.select_related("school", "school_account", "profile", "person").get(pk=item.pk)


def sent(there: AtTwitter, at: datetime = DUE, twitter: Twitter | None = None) -> int:
    return carry_out_due(school_account=there.account, twitter=twitter or there.twitter, at=at)


def the_clock_runs(there: AtTwitter, at: datetime) -> None:
    """Every drain of this stage once, and the watched looked at, as the beat does. Dead workers' leases run out by themselves."""
    recover_stuck(at=at)
    sent(there, at)
    lift_owed_blocks(school_account=there.account, twitter=there.twitter, at=at)
    with suppress(NotNow):  # held or resting: the next tick reads
        read_watched(connection=there.connection, twitter=there.twitter, at=at)
    open_or_refresh_items(school=there.school, at=at)
    confirm_from_sightings(school_account=there.account, at=at)
    look_for_discrepancies(school_account=there.account, at=at)


def the_clock_runs_until_it_is_done(there: AtTwitter, item: QueueItem, since: datetime, *, minutes: int = 100) -> None:
    """Every few minutes, until the item is closed and nothing is owed."""
    for minute in range(1, minutes, 4):
        the_clock_runs(there, since + minute * MINUTE)
        if fresh(item).closed_at is not None and not OwedLift.objects.filter(lifted_at=None).exists():
            return


class Killed(KeyboardInterrupt, Exception):
    """The worker dies."""


class Dying:
    """Twitter as it is, asked by a worker that dies at one edge: before or after its n-th call."""

    def __init__(self, twitter: Twitter, *, call: int, after: bool) -> None:
        self._twitter, self._call, self._after = twitter, call, after
        self.calls: list[str] = []

    def __getattr__(self, name: str) -> Callable[..., Any]:
        really = getattr(self._twitter, name)

        def asked(*args: Any, **named: Any) -> Any:
            self.calls.append(name)
            if len(self.calls) == self._call and not self._after:
                raise Killed
            answer = really(*args, **named)
            if len(self.calls) == self._call:
                raise Killed
            return answer

        return asked
