"""Pasting Twitter's lists: for whom it is offered, and what a text would do before it is taken in."""

from dataclasses import dataclass
from datetime import datetime

from vetting.dashboard.reading.connection import connection_of
from vetting.school.models import School, SchoolAccount
from vetting.twitter.models import Connection, Follower, FollowRequest
from vetting.twitter.operations import only_pasting_tells
from vetting.twitter.pasted import Listed, PastedList
from vetting.twitter.queries import connection_health


@dataclass(frozen=True)
class Pasting:
    """The school's accounts whose lists may be pasted."""

    # Read by hand alone, or not connected yet: both lists are pasted.
    by_hand: list[SchoolAccount]
    # Read by itself, but Twitter does not list who asks: people nobody told us of are seen only in a pasted waiting list.
    unseen: list[SchoolAccount]

    def accounts(self, of: Listed) -> list[SchoolAccount]:
        return [*self.by_hand, *self.unseen] if of is Listed.REQUESTS else self.by_hand


def pasting(school: School, *, at: datetime) -> Pasting:
    by_hand: list[SchoolAccount] = []
    unseen: list[SchoolAccount] = []
    for account in SchoolAccount.objects.filter(school=school).select_related("school", "connection").order_by("pk"):
        connection = connection_of(account)
        if connection is None or connection.kind == Connection.Kind.BY_HAND:
            by_hand.append(account)
        elif not connection_health(connection, at=at).sees_everybody:
            unseen.append(account)
    return Pasting(by_hand, unseen)


@dataclass(frozen=True)
class Understood:
    """What a text says, before anything is taken in. `not_named`: how many there now it leaves out, where it is the whole list."""

    account: SchoolAccount
    of: Listed
    pasted: PastedList
    complete: bool
    not_named: int

    @property
    def is_requests(self) -> bool:
        return self.of is Listed.REQUESTS


def understood(*, account: SchoolAccount, of: Listed, pasted: PastedList, complete: bool) -> Understood:
    whole = complete and not pasted.unread
    there = (FollowRequest if of is Listed.REQUESTS else Follower).objects.filter(school_account=account, ended_at=None)
    left_out = there.filter(only_pasting_tells(account)).exclude(profile__handle__in=[one.handle.value for one in pasted.profiles])
    return Understood(account, of, pasted, whole, left_out.count() if whole else 0)
