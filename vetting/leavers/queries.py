"""Reading leavers: the lists of the Leavers screen, and where every follower stands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from django.utils import timezone

from vetting.decisions.models import Decision, QueueItem
from vetting.decisions.states import CLOSED, State
from vetting.leavers.brake import say
from vetting.leavers.facts import Found, identified_followers
from vetting.leavers.models import FollowerQuestion, FollowerReview, LeaverPlan
from vetting.leavers.rules import Group
from vetting.roster.models import Person
from vetting.school.models import School, SchoolAccount
from vetting.school.queries import Calendar, local_day, policy
from vetting.twitter import naming
from vetting.twitter.models import Follower, ListReading, TwitterProfile
from vetting.twitter.queries import names_of_others


class Audience(StrEnum):
    """Where a current follower stands."""

    KNOWN = "KNOWN"
    EXCEPTION = "EXCEPTION"
    UNKNOWN = "UNKNOWN"
    BARRED = "BARRED"
    LEAVER = "LEAVER"
    CHANGED = "CHANGED"


# So many followers can be looked at in a day without hurry.
LOOKED_AT_IN_A_DAY = 25
TITLES: Mapping[Audience, str] = {
    Audience.KNOWN: "Known",
    Audience.EXCEPTION: "Known exception",
    Audience.UNKNOWN: "Nobody we know",
    Audience.BARRED: "Should not follow",
    Audience.LEAVER: "Leaver",
    Audience.CHANGED: "Account changed",
}
_ACCOUNT_IS_AWAY = {TwitterProfile.Standing.SUSPENDED: naming.suspended, TwitterProfile.Standing.GONE: naming.gone}


@dataclass(frozen=True)
class AuditedFollower:
    """One current follower, where they stand, and the sentence that says why."""

    follower: Follower
    person: Person | None
    audience: Audience
    sentence: str


@dataclass(frozen=True)
class LeaverLine:
    """One line of the Leavers screen."""

    follower: Follower
    person: Person
    group: Group
    why: str
    grace_ends_on: date | None
    expected: bool


def follower_audit(school_account: SchoolAccount, *, at: datetime | None = None) -> dict[Audience, list[AuditedFollower]]:
    """Every current follower in exactly one group, with a sentence; each group by handle. At now unless a moment is given."""
    at = at or timezone.now()
    day = local_day(school_account.school, at)
    known = {one.follower.pk: one for one in identified_followers(school_account, at)}
    refused, asked = _refused(school_account), _asked(school_account)
    groups: dict[Audience, list[AuditedFollower]] = {audience: [] for audience in Audience}
    followers = list(
        Follower.objects.filter(school_account=school_account, ended_at=None).select_related("profile").order_by("profile__handle", "pk")
    )
    renamed = [follower.profile for follower in followers if follower.profile.previous_handle]
    taken = names_of_others(renamed, [profile.previous_handle for profile in renamed])
    for follower in followers:
        line = _audited(follower, known.get(follower.pk), refused, day)
        was = follower.profile.previous_handle
        if line.audience is Audience.CHANGED and (follower.profile_id, was) in taken:
            line = replace(line, sentence=f"{line.sentence} {naming.name_is_anothers(was)}")
        if line.audience is Audience.UNKNOWN and follower.pk in asked:
            line = replace(line, sentence=f"{line.sentence} {asked[follower.pk]}")
        groups[line.audience].append(line)
    return groups


@dataclass(frozen=True)
class Backlog:
    """Those who followed before the register was there: how many, how many of them somebody has looked at."""

    total: int
    left: int
    finished_by: date | None

    @property
    def done(self) -> int:
        return self.total - self.left


def backlog(school_account: SchoolAccount, groups: Mapping[Audience, Sequence[AuditedFollower]], *, at: datetime) -> Backlog | None:
    """How far the first look through the followers is; None where nobody is left, or the followers were not read yet."""
    readings = ListReading.objects.filter(school_account=school_account, kind=ListReading.Kind.FOLLOWERS, complete=True)
    first = readings.filter(ended_at__lte=at).order_by("ended_at").values_list("ended_at", flat=True).first()
    if first is None:
        return None
    from_before = Follower.objects.filter(school_account=school_account, first_seen_at__lte=first)
    asked = set(_asked(school_account)) | set(
        QueueItem.objects.filter(school_account=school_account, kind=QueueItem.Kind.REMOVAL).values_list("follower_id", flat=True)
    )
    unknown = [line.follower for line in groups[Audience.UNKNOWN]]
    left = sum(1 for follower in unknown if follower.first_seen_at <= first and follower.pk not in asked)
    return Backlog(from_before.count(), left, _finished_by(school_account, left, at)) if left else None


def _finished_by(school_account: SchoolAccount, left: int, at: datetime) -> date:
    """The school day on which the last is looked at, at so many a day from today on."""
    calendar, day = Calendar(school_account.school), local_day(school_account.school, at)
    for _ in range(400):
        left -= LOOKED_AT_IN_A_DAY * calendar.is_school_day(day)
        if left <= 0:
            break
        day += timedelta(days=1)
    return day


def _asked(school_account: SchoolAccount) -> dict[int, str]:
    """Of followers somebody asked around about: the last time, in a sentence."""
    rows = FollowerQuestion.objects.filter(follower__school_account=school_account, follower__ended_at=None).select_related("by")
    school = school_account.school
    return {row.follower_id: f"{row.by} asked on {say(local_day(school, row.at))}: {row.note}" for row in rows.order_by("at", "pk")}


def _audited(follower: Follower, found: Found | None, refused: Mapping[int, Decision], day: date) -> AuditedFollower:
    """The first group that applies, worst first."""
    decision = refused.get(follower.profile_id)
    if found is not None and found.standing.with_lead:
        audience, sentence = Audience.BARRED, "This one needs the safeguarding lead."
    elif decision is not None and decision.at < follower.last_seen_at:
        audience, sentence = Audience.BARRED, f"{decision.get_outcome_display()} on {decision.at:%-d %b %Y}, yet follows."
    elif follower.profile.standing in _ACCOUNT_IS_AWAY:
        says = _ACCOUNT_IS_AWAY[TwitterProfile.Standing(follower.profile.standing)]
        audience, sentence = Audience.CHANGED, says(follower.profile.handle) + (f" {found.person.name}." if found else "")
    elif found is None:
        audience, sentence = Audience.UNKNOWN, "Nobody has said yet who this is."
    else:
        audience, sentence = _identified(follower, found, day)
    return AuditedFollower(follower, found.person if found else None, audience, sentence)


def _identified(follower: Follower, found: Found, day: date) -> tuple[Audience, str]:
    name, profile = found.person.name, follower.profile
    current = next((reason for reason in found.standing.reasons if reason.holds_on(day)), None)
    if current is not None and profile.handle_changed_at is not None and profile.handle_changed_at > follower.first_seen_at:
        return Audience.CHANGED, f"Was @{profile.previous_handle} until {profile.handle_changed_at:%-d %b %Y}; {name}."
    if current is not None:
        return Audience.KNOWN, f"{name}, {current.says}."
    if found.judgement is None:
        return Audience.UNKNOWN, f"{name}, but no reason to follow is recorded."
    if found.judgement.group in (Group.READY, Group.GRACE, Group.PROPOSED):
        return Audience.LEAVER, found.judgement.why
    return Audience.EXCEPTION, found.judgement.why


def _refused(school_account: SchoolAccount) -> dict[int, Decision]:
    """The last answer about each profile whose question is closed, where it was that they may not follow."""
    closed = sorted(state.value for state in CLOSED)
    answers = Decision.objects.filter(item__school_account=school_account, item__state__in=closed, undone_at=None)
    # A removal that was taken back, because they have a reason again, speaks against nobody.
    answers = answers.exclude(outcome=Decision.Outcome.REMOVE, item__state=State.LAPSED)
    needed = answers.select_related("item").only("outcome", "at", "item__profile_id").order_by("at", "pk")
    last = {decision.item.profile_id: decision for decision in needed}
    against = (Decision.Outcome.REJECT, Decision.Outcome.REMOVE)
    return {profile: decision for profile, decision in last.items() if decision.outcome in against}


def latest_plan(school_account: SchoolAccount) -> LeaverPlan | None:
    return LeaverPlan.objects.filter(school_account=school_account).order_by("-made_at", "-pk").first()


def how_many_leave_soon(school: School) -> int:
    """As the newest list of each account has it."""
    plans = (latest_plan(account) for account in SchoolAccount.objects.filter(school=school))
    return sum(1 for plan in plans if plan is not None for entry in plan.rows if entry["group"] == Group.SOON)


def stopped_plans(school_account: SchoolAccount, limit: int = 20) -> list[LeaverPlan]:
    """Lists that a limit stopped, newest first, with who let them go on."""
    found = LeaverPlan.objects.filter(school_account=school_account, verdict=LeaverPlan.Verdict.STOPPED)
    return list(found.select_related("released_by", "asked_by").defer("rows").order_by("-made_at", "-pk")[:limit])


def lines_of(plan: LeaverPlan) -> dict[Group, list[LeaverLine]]:
    """A plan as the Leavers screen shows it: Proposed, Ready, Grace, Kept (with why), with the lead. Who no longer follows is left out."""
    entries = {entry["follower"]: entry for entry in plan.rows}
    followers = Follower.objects.filter(school_account=plan.school_account, pk__in=entries, ended_at=None).select_related("profile")
    here = {follower.pk: follower for follower in followers}
    persons = Person.objects.filter(school=plan.school).in_bulk([entry["person"] for entry in plan.rows])
    lines: dict[Group, list[LeaverLine]] = {group: [] for group in Group}
    for entry in plan.rows:
        if entry["follower"] in here and entry["person"] in persons:
            lines[_shown_group(entry)].append(_line(entry, here[entry["follower"]], persons[entry["person"]]))
    return lines


def _shown_group(entry: Mapping[str, object]) -> Group:
    return Group.PROPOSED if entry.get("item") else Group(str(entry["group"]))


def _line(entry: Mapping[str, object], follower: Follower, person: Person) -> LeaverLine:
    until = entry["grace_ends_on"]
    return LeaverLine(
        follower=follower,
        person=person,
        group=_shown_group(entry),
        why=str(entry["why"]),
        grace_ends_on=date.fromisoformat(str(until)) if until else None,
        expected=bool(entry["expected"]),
    )


def last_review(school_account: SchoolAccount) -> FollowerReview | None:
    return FollowerReview.objects.filter(school_account=school_account).select_related("by").order_by("-at", "-pk").first()


def next_review_on(school_account: SchoolAccount, *, at: datetime) -> date:
    """The day the next full review is due: today when there was none yet."""
    last = last_review(school_account)
    if last is None:
        return local_day(school_account.school, at)
    return local_day(school_account.school, last.at) + timedelta(days=policy(school_account.school, "review_every_days"))
