"""Gathering what the rules need to know of every identified follower, in a fixed number of queries."""

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import QuerySet

from vetting.decisions.models import Decision, QueueItem
from vetting.decisions.queries import answered_by_the_lead
from vetting.decisions.states import OPEN, State
from vetting.identities.models import Identification
from vetting.leavers.brake import Shape
from vetting.leavers.lists import Told, named_on, told_by_lists, was_seen_once
from vetting.leavers.namesakes import namesakes_of
from vetting.leavers.rules import Grace, Group, Judgement, Kept, Kind, Reason, Standing, judge, leaves_soon, may_stay
from vetting.roster.children import year_number
from vetting.roster.models import Basis, Person, Restriction
from vetting.roster.queries import current_on, describe
from vetting.school.models import School, SchoolAccount
from vetting.school.queries import local_day, policies, terms_of
from vetting.school.summer import frozen_until, goes_with_the_year
from vetting.twitter.models import Follower

_KINDS = {
    Basis.Kind.PARENT_OR_CARER: Kind.FAMILY,
    Basis.Kind.INTRODUCED_BY: Kind.FAMILY,
    Basis.Kind.PUPIL_13_OR_OVER: Kind.FAMILY,
    Basis.Kind.STAFF: Kind.STAFF,
}


# People who do not follow are counted for so long after their grace: the size of a sudden wave, not the school's history.
LATELY = timedelta(days=14)


@dataclass(frozen=True)
class Found:
    """A current follower who is known to be somebody, and where they stand."""

    follower: Follower
    person: Person
    standing: Standing
    judgement: Judgement | None
    soon: Judgement | None = None


def identified_followers(school_account: SchoolAccount, at: datetime, only: Collection[int] | None = None) -> list[Found]:
    """Every current follower with a current Identification, judged; or `only` these. Who is not identified is never on a leaver list."""
    school, day = school_account.school, local_day(school_account.school, at)
    current = Follower.objects.filter(school_account=school_account, ended_at=None).select_related("profile")
    followers = {f.profile_id: f for f in (current if only is None else current.filter(pk__in=only))}
    known = Identification.objects.filter(school=school, until=None, profile_id__in=followers).select_related("person")
    persons = {identification.profile_id: identification.person for identification in known}
    reasons = _reasons(school, {person.pk for person in persons.values()})
    marked = set(Restriction.objects.filter(school=school, lifted_at=None).values_list("person_id", flat=True))
    proposed = dict(_open_removals(school_account).values_list("profile_id", "state"))
    kept = _kept(school_account)
    gone = [person for person in persons.values() if not any(reason.holds_on(day) for reason in reasons[person.pk])]
    grace = grace_rules(school, day)
    namesakes = _reasons_of_namesakes(school, gone, day, grace)
    found = []
    for profile_id, person in sorted(persons.items(), key=lambda entry: (entry[1].family.casefold(), entry[1].given.casefold(), entry[0])):
        standing = Standing(
            reasons=tuple(reasons[person.pk]),
            with_lead=person.pk in marked,
            do_not_contact=person.do_not_contact,
            proposed=profile_id in proposed,
            held=proposed.get(profile_id) == State.HELD,
            kept=kept.get((profile_id, person.pk)),
            namesake=namesakes.get(person.pk, ""),
        )
        found.append(Found(followers[profile_id], person, standing, judge(standing, day, grace), leaves_soon(standing, day, grace)))
    return found


def _reasons_of_namesakes(school: School, gone: Collection[Person], day: date, grace: Grace) -> dict[int, str]:
    """For each of these people the reason, in words, for which somebody who may be they stays: a running one, or one within its grace."""
    alike = namesakes_of(school, gone)
    theirs = _reasons(school, set[int]().union(*alike.values()))
    stay = {pk: next((one.says for one in reasons if may_stay(one, day, grace)), "") for pk, reasons in theirs.items()}
    return {person: next((stay[pk] for pk in sorted(pks) if stay.get(pk)), "") for person, pks in alike.items()}


def others_who_left(school: School, at: datetime, besides: Collection[int]) -> dict[int, Judgement]:
    """People who do not follow and whose last reason ended lately, grace and all: they belong to the size of a wave."""
    day = local_day(school, at)
    ended = Basis.objects.filter(person__school=school, ends_on__lt=day, ends_on__gte=day - timedelta(days=400))
    grace = grace_rules(school, day)
    found = {}
    for person, reasons in _reasons(school, set(ended.values_list("person_id", flat=True)) - set(besides)).items():
        judgement = judge(Standing(tuple(reasons)), day, grace)
        if judgement is None or judgement.group is not Group.READY or judgement.grace_ends_on is None:
            continue
        if judgement.grace_ends_on >= day - LATELY:
            found[person] = judgement
    return found


def shape_of(school: School, day: date) -> Shape:
    """The roster in numbers on a day: who has a reason to follow, through how many children of which year groups."""
    current = Basis.objects.filter(current_on(day), person__school=school)
    children = dict(current.filter(pupil__isnull=False).values_list("pupil_id", "pupil__year"))
    years = Counter(year for year in children.values() if year)
    numbered = sorted(years, key=lambda year: (year_number(year) is None, year_number(year) or 0, year))
    return Shape(
        children=len(children),
        adults=current.values("person_id").distinct().count(),
        with_address=current.filter(person__addresses__until=None, person__addresses__isnull=False).values("person_id").distinct().count(),
        years={year: years[year] for year in numbered},
    )


def people_with_an_ended_reason(school: School, day: date, besides: Collection[int]) -> int:
    ended = Basis.objects.filter(person__school=school, ends_on__lt=day)
    return len(set(ended.values_list("person_id", flat=True)) - set(besides))


def grace_rules(school: School, day: date) -> Grace:
    """The school's periods of grace on a day, from its policies and its terms."""
    rules, terms = policies(school), terms_of(school)
    month, _, day_of_month = str(rules["year_end_grace_until"]).partition("-")
    return Grace(
        mid_year_days=rules["grace_days_mid_year"],
        staff_days=rules["grace_days_staff"],
        other_days=rules["grace_days_others"],
        year_end_until=(int(month), int(day_of_month)),
        term_ends=tuple(ends_on for _, ends_on in terms),
        frozen_until=frozen_until(day, terms) if rules["summer_freeze"] else None,
    )


def _open_removals(school_account: SchoolAccount) -> QuerySet[QueueItem]:
    states = sorted(state.value for state in OPEN)
    return QueueItem.objects.filter(school_account=school_account, kind=QueueItem.Kind.REMOVAL, state__in=states)


def _kept(school_account: SchoolAccount) -> dict[tuple[int, int | None], Kept]:
    """The last answer to a removal of each profile, where it was to keep this person."""
    answers = Decision.objects.filter(item__school_account=school_account, item__kind=QueueItem.Kind.REMOVAL, undone_at=None)
    kept: dict[tuple[int, int | None], Kept] = {}
    for decision in answers.select_related("by", "item").order_by("at", "pk"):
        whose = (decision.item.profile_id, decision.person_id)
        if decision.outcome != Decision.Outcome.KEEP:
            kept.pop(whose, None)
            continue
        day, by_the_lead = local_day(school_account.school, decision.at), answered_by_the_lead(decision.item, decision)
        says = f"{decision.by} decided on {day.day} {day:%b %Y} to keep them."
        kept[whose] = Kept(day, says, though_left=decision.item.because_left, by_the_lead=by_the_lead)
    return kept


def _reasons(school: School, wanted: Collection[int]) -> dict[int, list[Reason]]:
    """Every reason of these people. One by introduction runs no longer than the reasons of the parent who made it."""
    bases = list(Basis.objects.filter(person_id__in=wanted).select_related("pupil", "introduced_by"))
    introducers = {basis.introduced_by_id for basis in bases if basis.introduced_by_id is not None}
    theirs: dict[int, list[Basis]] = defaultdict(list)
    own = Basis.objects.filter(person_id__in=introducers).exclude(kind=Basis.Kind.INTRODUCED_BY)
    for basis in own.select_related("pupil"):
        theirs[basis.person_id].append(basis)
    every = [*bases, *(one for several in theirs.values() for one in several)]
    told, terms = told_by_lists(school, every), terms_of(school)
    reasons: dict[int, list[Reason]] = defaultdict(list)
    for basis in bases:
        source = _carrying(basis, theirs.get(basis.introduced_by_id or 0, []))
        reasons[basis.person_id].append(_reason(school, basis, source, told, terms))
    return reasons


def _reason(school: School, basis: Basis, source: Basis, told: Told, terms: Sequence[tuple[date, date]]) -> Reason:
    """One reason in the terms of the rules; `source` is the row whose last day counts."""
    child, ends_on = source.pupil, source.ends_on
    is_top = child is not None and told.top is not None and year_number(child.year) == told.top
    return Reason(
        kind=_KINDS.get(Basis.Kind(basis.kind), Kind.OTHER),
        starts_on=basis.starts_on,
        ends_on=ends_on if ends_on is None else max(ends_on, basis.starts_on),
        says=describe(basis),
        top_year=is_top and (ends_on is None or goes_with_the_year(ends_on, named_on(school, source, told), terms)),
        announced=_was_announced(school, source),
        said=source.ended_by_id is not None and source.ended_by_import_id is None,
        seen_once=was_seen_once(school, source, told),
    )


def _carrying(basis: Basis, introducers_own: list[Basis]) -> Basis:
    """The row whose last day counts: a reason's own, or, for an introduction, that of the introducer if theirs ends first."""
    if basis.kind != Basis.Kind.INTRODUCED_BY or not introducers_own:
        return basis
    longest = max(introducers_own, key=lambda own: (own.ends_on is None, own.ends_on or date.min))
    if longest.ends_on is None or (basis.ends_on is not None and basis.ends_on <= longest.ends_on):
        return basis
    return longest


def _was_announced(school: School, basis: Basis) -> bool:
    """Whether the last day was written down before it came."""
    if basis.ends_on is None or basis.ended_at is None:
        return False
    return local_day(school, basis.ended_at) <= basis.ends_on
