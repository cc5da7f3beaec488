"""Scenes for the stages from matching upwards: an observed request and the machine's opinion of it, as rows.

The journeys build the same through intake, Twitter and matching; here the level is what the scene needs.
"""

import hashlib
from datetime import datetime, timedelta

from accounts.models import User
from tests import given
from vetting.decisions.models import QueueItem, Verification
from vetting.decisions.operations import decide, open_or_refresh_items, verify
from vetting.matching.models import Match
from vetting.roster.models import Basis, Person
from vetting.school.models import School, SchoolAccount
from vetting.twitter.models import FollowRequest, Sighting, TwitterProfile
from vetting.values import Evidence, Level, Verdict

LATER = timedelta(minutes=5)


def a_profile(account: SchoolAccount, handle: str = "danahill", number: int = 700001) -> TwitterProfile:
    return TwitterProfile.objects.create(
        school=account.school, twitter_user_id=str(number), handle=handle, first_seen_at=given.MONDAY, last_seen_at=given.MONDAY
    )


def dana(school: School, name: str = "Dana Hill") -> Person:
    """A parent on the school's list with a current reason to follow."""
    first, _, last = name.partition(" ")
    person = Person.objects.create(school=school, given=first, family=last, added_at=given.MONDAY)
    Basis.objects.create(person=person, kind=Basis.Kind.PARENT_OR_CARER, starts_on=given.MONDAY.date())
    return person


def an_opinion(
    account: SchoolAccount,
    profile: TwitterProfile,
    level: Level,
    person: Person | None,
    at: datetime = given.MONDAY,
    code: str = "SENDER_ON_ROSTER",
) -> Match:
    """A request of `profile` and the machine's opinion of it."""
    request, _ = FollowRequest.objects.get_or_create(
        school_account=account, profile=profile, ended_at=None, defaults={"first_seen_at": at, "last_seen_at": at}
    )
    Match.objects.filter(follow_request=request, superseded_at=None).update(superseded_at=at)
    evidence = Evidence(code, Verdict.AGREES, "The e-mail came from the address we hold.")
    return Match.objects.create(
        school=account.school,
        school_account=account,
        profile=profile,
        follow_request=request,
        person=person,
        level=level.value,
        sentence=evidence.sentence,
        evidence_json=[evidence.as_json()],
        engine_version="scene",
        fingerprint=hashlib.sha256(f"{level}{code}{at}".encode()).hexdigest(),
        made_at=at,
    )


def a_question(
    account: SchoolAccount, level: Level = Level.STRONG, *, number: int = 700001, handle: str = "danahill", person: Person | None = None
) -> QueueItem:
    """An item opened by the clock from a fresh opinion."""
    profile = a_profile(account, handle, number)
    an_opinion(account, profile, level, person or dana(account.school))
    open_or_refresh_items(school=account.school, at=given.MONDAY)
    return QueueItem.objects.get(profile=profile)


def verified(item: QueueItem, by: User, how: Verification.How = Verification.How.EMAIL) -> QueueItem:
    assert item.person is not None
    verify(item=item, seen_version=item.version, person=item.person, how=how, by=by, at=given.MONDAY + LATER)
    return QueueItem.objects.get(pk=item.pk)


def approved(item: QueueItem, by: User) -> QueueItem:
    decide(item=item, seen_version=item.version, outcome="APPROVE", by=by, at=given.MONDAY + 2 * LATER)
    return QueueItem.objects.get(pk=item.pk)


def seen(item: QueueItem, relation: Sighting.Relation, at: datetime) -> None:
    """Twitter showed this, as a reading of the watched would record it."""
    Sighting.objects.create(
        school_account=item.school_account, profile=item.profile, seen_at=at, source=Sighting.Source.LOOKUP, relation=relation
    )
