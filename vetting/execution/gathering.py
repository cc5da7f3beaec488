"""Gathering what `drift` needs to know of accounts, in a fixed number of queries."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import QuerySet

from vetting.concerns.models import Concern
from vetting.decisions.models import Decision
from vetting.decisions.states import CLOSED, State
from vetting.execution.drift import Account, Answer, Blocked
from vetting.execution.lifting import beyond_patience
from vetting.execution.models import OwedLift
from vetting.identities.models import Identification
from vetting.roster.models import Basis, Person, Restriction
from vetting.roster.queries import current_on
from vetting.school.models import School, SchoolAccount
from vetting.school.queries import local_day
from vetting.twitter.models import Block, Follower, ListReading, TwitterProfile

# An answer counts from the moment it is given; one that waits for a second person or for the lead is none yet.
_ANSWERED = sorted(state.value for state in (CLOSED | {State.DECIDED, State.CARRYING_OUT, State.BY_HAND}))


@dataclass
class Gathered:
    """Accounts by profile, and the person each was vetted as."""

    accounts: dict[int, Account] = field(default_factory=dict)
    persons: dict[int, Person] = field(default_factory=dict)


def gather(school_account: SchoolAccount, at: datetime, profiles: Collection[int] | None = None) -> Gathered:
    """Everybody who follows, was answered or is known here; or only these profiles."""
    followers = _followers(school_account, profiles)
    answers = _answers(school_account, profiles)
    known = _known(school_account, {*followers, *answers, *(profiles or _followed_once(school_account))})
    persons = {profile: one.person for profile, one in known.items()}
    for profile, decision in answers.items():
        # Not of a decline: whom a stranger claimed to be says nothing of the stranger.
        if decision.person is not None and decision.outcome in (Decision.Outcome.APPROVE, Decision.Outcome.REMOVE):
            persons.setdefault(profile, decision.person)
    belong = set(
        Basis.objects.filter(
            current_on(local_day(school_account.school, at)), person_id__in={person.pk for person in persons.values()}
        ).values_list("person_id", flat=True)
    )
    everybody = {*followers, *answers, *known}
    standing = dict(TwitterProfile.objects.filter(pk__in=everybody).values_list("pk", "standing"))
    first_complete = complete_readings(school_account).order_by("ended_at").values_list("ended_at", flat=True).first()
    accounts = {}
    for profile in everybody:
        follower, person, identified = followers.get(profile), persons.get(profile), known.get(profile)
        accounts[profile] = Account(
            first_seen=follower.first_seen_at if follower else None,
            last_seen=follower.last_seen_at if follower else None,
            before_the_register=follower is not None and (first_complete is None or follower.first_seen_at <= first_complete),
            answer=_as_answer(answers.get(profile)),
            known_since=identified.since if identified else None,
            name=person.name if person else "",
            belongs=person is not None and person.pk in belong,
            standing=standing.get(profile, TwitterProfile.Standing.ACTIVE),
        )
    return Gathered(accounts, persons)


def for_the_lead(school: School, persons: Mapping[int, Person], profiles: Collection[int]) -> set[int]:
    """The accounts of people with a mark, and those a concern is open about: nobody but the lead is told whose they are."""
    marked = set(Restriction.objects.filter(school=school, lifted_at=None).values_list("person_id", flat=True))
    worrying = Concern.objects.filter(school=school, closed_at=None)
    marked |= set(worrying.filter(person__isnull=False).values_list("person_id", flat=True))
    themselves = set(worrying.filter(profile__in=profiles).values_list("profile_id", flat=True))
    return themselves | {profile for profile in profiles if profile in persons and persons[profile].pk in marked}


def _followers(school_account: SchoolAccount, profiles: Collection[int] | None) -> dict[int, Follower]:
    rows = Follower.objects.filter(school_account=school_account, ended_at=None)
    return {row.profile_id: row for row in (rows if profiles is None else rows.filter(profile__in=profiles))}


def _answers(school_account: SchoolAccount, profiles: Collection[int] | None) -> dict[int, Decision]:
    """The last standing answer about each profile."""
    rows = Decision.objects.filter(item__school_account=school_account, item__state__in=_ANSWERED, undone_at=None)
    if profiles is not None:
        rows = rows.filter(item__profile__in=profiles)
    return {row.item.profile_id: row for row in rows.select_related("item", "person").order_by("at", "pk")}


def _followed_once(school_account: SchoolAccount) -> set[int]:
    return set(Follower.objects.filter(school_account=school_account).values_list("profile_id", flat=True))


def _known(school_account: SchoolAccount, profiles: Collection[int]) -> dict[int, Identification]:
    """Who is taken for whom. Only of accounts that follow, followed or were answered here: a school may have several."""
    rows = Identification.objects.filter(school_id=school_account.school_id, until=None).select_related("person")
    return {row.profile_id: row for row in rows if row.profile_id in profiles}


def _as_answer(decision: Decision | None) -> Answer | None:
    if decision is None:
        return None
    return Answer(decision.outcome, decision.at, decision.item.closed_at, decision.item.state == State.DONE)


def complete_readings(school_account: SchoolAccount) -> QuerySet[ListReading]:
    return ListReading.objects.filter(school_account=school_account, kind=ListReading.Kind.FOLLOWERS, complete=True, ended_at__isnull=False)


def blocked_now(school_account: SchoolAccount, at: datetime) -> dict[int, Blocked]:
    """Whom the school account blocks, or may block, and nobody is about to unblock any more, by profile."""
    found: dict[int, Blocked] = {}
    patient = OwedLift.objects.filter(item__school_account=school_account, lifted_at=None)
    too_long = {one.item.profile_id: one for one in beyond_patience(school_account, at).select_related("item__profile")}
    in_hand = set(patient.values_list("item__profile_id", flat=True)) - set(too_long)
    for block in Block.objects.filter(school_account=school_account, ended_at=None).exclude(profile__in=in_hand).select_related("profile"):
        found[block.profile_id] = Blocked(block.profile.handle, seen_since=block.first_seen_at)
    for profile, owed in too_long.items():
        found[profile] = Blocked(
            owed.item.profile.handle, removed_at=owed.blocked_at or owed.owed_since, answer_lost=owed.blocked_at is None
        )
    return found
