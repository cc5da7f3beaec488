"""Gathering what the rules need to know of every identified follower, in a fixed number of queries."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import QuerySet

from vetting.decisions.models import Decision, QueueItem
from vetting.decisions.states import OPEN
from vetting.identities.models import Identification
from vetting.leavers.rules import Grace, Judgement, Kind, Limits, Reason, Standing, judge
from vetting.roster.children import year_number
from vetting.roster.models import Basis, Person, Pupil, Restriction
from vetting.roster.queries import describe
from vetting.school.models import CalendarEntry, School, SchoolAccount
from vetting.school.queries import local_day, policies
from vetting.twitter.models import Follower

_KINDS = {
    Basis.Kind.PARENT_OR_CARER: Kind.FAMILY,
    Basis.Kind.INTRODUCED_BY: Kind.FAMILY,
    Basis.Kind.PUPIL_13_OR_OVER: Kind.FAMILY,
    Basis.Kind.STAFF: Kind.STAFF,
}


@dataclass(frozen=True)
class Found:
    """A current follower who is known to be somebody, and where they stand."""

    follower: Follower
    person: Person
    standing: Standing
    judgement: Judgement | None


def identified_followers(school_account: SchoolAccount, at: datetime) -> list[Found]:
    """Every current follower with a current Identification, judged. Who is not identified is never on a leaver list."""
    school, day = school_account.school, local_day(school_account.school, at)
    followers = {f.profile_id: f for f in Follower.objects.filter(school_account=school_account, ended_at=None).select_related("profile")}
    known = Identification.objects.filter(school=school, until=None, profile_id__in=followers).select_related("person")
    persons = {identification.profile_id: identification.person for identification in known}
    reasons = _reasons(school, persons.values())
    marked = set(Restriction.objects.filter(school=school, lifted_at=None).values_list("person_id", flat=True))
    proposed = set(_open_removals(school_account).values_list("profile_id", flat=True))
    kept = _kept(school_account)
    grace = grace_rules(school)
    found = []
    for profile_id, person in sorted(persons.items(), key=lambda entry: (entry[1].family.casefold(), entry[1].given.casefold(), entry[0])):
        kept_since, kept_says = kept.get(profile_id, (None, ""))
        standing = Standing(
            reasons=tuple(reasons[person.pk]),
            with_lead=person.pk in marked,
            do_not_contact=person.do_not_contact,
            proposed=profile_id in proposed,
            kept_since=kept_since,
            kept_says=kept_says,
        )
        found.append(Found(followers[profile_id], person, standing, judge(standing, day, grace)))
    return found


def grace_rules(school: School) -> Grace:
    """The school's periods of grace, from its policies and its terms."""
    rules = policies(school)
    month, _, day = str(rules["year_end_grace_until"]).partition("-")
    terms = CalendarEntry.objects.filter(school=school, kind=CalendarEntry.Kind.TERM).order_by("ends_on")
    return Grace(
        mid_year_days=rules["grace_days_mid_year"],
        staff_days=rules["grace_days_staff"],
        year_end_until=(int(month), int(day)),
        term_ends=tuple(terms.values_list("ends_on", flat=True)),
    )


def limits_of(school: School) -> Limits:
    """The numbers at which a leaver list stops, from the school's policies."""
    rules = policies(school)
    return Limits(rules["unexpected_leavers_people"], rules["unexpected_leavers_percent"], rules["leaver_ceiling_percent"])


def _open_removals(school_account: SchoolAccount) -> QuerySet[QueueItem]:
    states = sorted(state.value for state in OPEN)
    return QueueItem.objects.filter(school_account=school_account, kind=QueueItem.Kind.REMOVAL, state__in=states)


def _kept(school_account: SchoolAccount) -> dict[int, tuple[date, str]]:
    """Profiles that somebody decided to keep: when, and the words for the list."""
    decisions = Decision.objects.filter(
        item__school_account=school_account, item__kind=QueueItem.Kind.REMOVAL, outcome=Decision.Outcome.KEEP, undone_at=None
    )
    kept = {}
    for decision in decisions.select_related("by", "item").order_by("at", "pk"):
        day = local_day(school_account.school, decision.at)
        kept[decision.item.profile_id] = (day, f"{decision.by} decided on {day.day} {day:%b %Y} to keep them.")
    return kept


def _reasons(school: School, persons: Iterable[Person]) -> dict[int, list[Reason]]:
    """Every reason of these people. One by introduction runs no longer than the reasons of the parent who made it."""
    wanted = {person.pk for person in persons}
    bases = list(Basis.objects.filter(person_id__in=wanted).select_related("person", "pupil", "introduced_by"))
    introducers = {basis.introduced_by_id for basis in bases if basis.introduced_by_id is not None}
    theirs: dict[int, list[Basis]] = defaultdict(list)
    for basis in Basis.objects.filter(person_id__in=introducers).exclude(kind=Basis.Kind.INTRODUCED_BY):
        theirs[basis.person_id].append(basis)
    top = _top_year(school)
    reasons: dict[int, list[Reason]] = defaultdict(list)
    for basis in bases:
        source = _carrying(basis, theirs.get(basis.introduced_by_id or 0, []))
        reasons[basis.person_id].append(
            Reason(
                kind=_KINDS.get(Basis.Kind(basis.kind), Kind.OTHER),
                starts_on=basis.starts_on,
                ends_on=source.ends_on if source.ends_on is None else max(source.ends_on, basis.starts_on),
                says=describe(basis),
                top_year=basis.pupil is not None and top is not None and year_number(basis.pupil.year) == top,
                announced=_was_announced(school, source),
            )
        )
    return reasons


def _carrying(basis: Basis, introducers_own: list[Basis]) -> Basis:
    """The row whose last day counts: a reason's own, or, for an introduction, that of the introducer if theirs ends first."""
    if basis.kind != Basis.Kind.INTRODUCED_BY or not introducers_own:
        return basis
    longest = max(introducers_own, key=lambda own: (own.ends_on is None, own.ends_on or date.min))
    if longest.ends_on is None or (basis.ends_on is not None and basis.ends_on <= longest.ends_on):
        return basis
    return longest


def _was_announced(school: School, basis: Basis) -> bool:
    """Whether the last day was written down before it came, or by a named person for this one family."""
    if basis.ends_on is None or basis.ended_at is None:
        return False
    by_a_person = basis.ended_by_id is not None and basis.ended_by_import_id is None
    return by_a_person or local_day(school, basis.ended_at) <= basis.ends_on


def _top_year(school: School) -> int | None:
    """The school's last year group, as its own children show it."""
    years = (year_number(year) for year in Pupil.objects.filter(school=school).values_list("year", flat=True).distinct())
    return max((year for year in years if year is not None), default=None)
