"""Followers who are somebody we know, as rows: what the journeys build through requests, decisions and readings."""

from datetime import date, datetime, timedelta

from accounts.models import User
from tests import given, given_roster
from vetting.identities.models import Identification
from vetting.leavers.models import LeaverPlan
from vetting.leavers.operations import plan_removals
from vetting.roster.models import Person
from vetting.roster.operations import mark_as_left
from vetting.school.models import SchoolAccount
from vetting.twitter.models import Follower, ListReading, TwitterProfile


def a_follower(account: SchoolAccount, person: Person | None = None, handle: str = "") -> Follower:
    """Somebody who follows; with `person`, identified as them."""
    number = 800001 + TwitterProfile.objects.count()
    profile = TwitterProfile.objects.create(
        school=account.school,
        twitter_user_id=str(number),
        handle=handle or f"follower{number}",
        first_seen_at=given.MONDAY,
        last_seen_at=given.MONDAY,
    )
    if person is not None:
        Identification.objects.create(school=account.school, person=person, profile=profile, since=given.MONDAY)
    return Follower.objects.create(school_account=account, profile=profile, first_seen_at=given.MONDAY, last_seen_at=given.MONDAY)


def followers_read(account: SchoolAccount, at: datetime, *, complete: bool = True) -> ListReading:
    return ListReading.objects.create(
        school_account=account,
        kind=ListReading.Kind.FOLLOWERS,
        source=ListReading.Source.API,
        began_at=at - timedelta(minutes=1),
        ended_at=at,
        complete=complete,
    )


def parents_who_follow(account: SchoolAccount, count: int, *, year: str = "Year 4") -> list[Person]:
    """Parents of one child each; they all follow."""
    parents = [given_roster.a_parent(account.school, f"Parent{n} {year}", f"Child{n} {year}", year) for n in range(count)]
    for parent in parents:
        a_follower(account, parent)
    return parents


def left(person: Person, on: date, *, by: User | None = None, at: datetime | None = None) -> None:
    mark_as_left(person=person, on=on, by=by, at=at or given_roster.nine_on(on) + timedelta(days=1))


def a_plan(account: SchoolAccount, at: datetime) -> LeaverPlan:
    """The night's list after a complete reading of the followers."""
    followers_read(account, at)
    return plan_removals(school_account=account, at=at)


def groups(plan: LeaverPlan) -> dict[str, list[str]]:
    """Who stands where on a plan, by name."""
    names = dict(Person.objects.values_list("pk", "given"))
    found: dict[str, list[str]] = {}
    for row in plan.rows:
        found.setdefault(row["group"], []).append(names[row["person"]])
    return found
