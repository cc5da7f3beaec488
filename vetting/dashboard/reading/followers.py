"""The Followers page: every current follower in one group, with the sentence that says why."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.urls import reverse

from vetting.dashboard.presenters import Tab
from vetting.leavers.models import FollowerReview
from vetting.leavers.queries import TITLES, Audience, AuditedFollower, follower_audit, last_review, next_review_on
from vetting.roster.queries import open_restriction
from vetting.school.models import School, SchoolAccount
from vetting.twitter.models import Follower

PAGE = 100
NEEDS_LEAD = "This one needs the safeguarding lead."


def accounts_of(school: School) -> list[SchoolAccount]:
    return list(SchoolAccount.objects.filter(school=school).select_related("school").order_by("pk"))


@dataclass(frozen=True)
class FollowerRow:
    """One line. For everybody but the lead, who a held one is stays unsaid."""

    follower: Follower
    name: str
    person_reference: str
    sentence: str


@dataclass(frozen=True)
class FollowerList:
    tabs: list[Tab]
    rows: list[FollowerRow]
    total: int
    page: int
    has_more: bool


def follower_list(*, school: School, group: str, page: int, is_lead: bool, at: datetime) -> FollowerList:
    audits = [follower_audit(account, at=at) for account in accounts_of(school)]
    groups = {audience: [line for audit in audits for line in audit[audience]] for audience in Audience}
    chosen = Audience(group) if group in set(Audience) else _first_worth_a_look(groups)
    start = PAGE * (page - 1)
    shown = groups[chosen][start : start + PAGE]
    return FollowerList(
        tabs=[
            Tab(audience.value, TITLES[audience], f"{reverse('followers')}?group={audience.value}", len(lines), audience is chosen)
            for audience, lines in groups.items()
        ],
        rows=[_row(line, is_lead) for line in shown],
        total=sum(len(lines) for lines in groups.values()),
        page=page,
        has_more=len(groups[chosen]) > start + PAGE,
    )


def _first_worth_a_look(groups: Mapping[Audience, list[AuditedFollower]]) -> Audience:
    return Audience.UNKNOWN if groups[Audience.UNKNOWN] else Audience.KNOWN


def _row(line: AuditedFollower, is_lead: bool) -> FollowerRow:
    secret = line.sentence == NEEDS_LEAD and not is_lead
    person = None if secret else line.person
    return FollowerRow(line.follower, person.name if person else "", person.reference if person else "", line.sentence)


@dataclass(frozen=True)
class ReviewState:
    """The last full look through the followers of an account, and the day of the next."""

    account: SchoolAccount
    last: FollowerReview | None
    next_on: date


def reviews(school: School, at: datetime) -> list[ReviewState]:
    return [ReviewState(account, last_review(account), next_review_on(account, at=at)) for account in accounts_of(school)]


def current_follower(school: School, profile_reference: str) -> Follower | None:
    return (
        Follower.objects.filter(school_account__school=school, profile__reference=profile_reference, ended_at=None)
        .select_related("profile", "school_account__school")
        .first()
    )


def line_of(follower: Follower, *, is_lead: bool, at: datetime) -> FollowerRow | None:
    """Where one follower stands."""
    for lines in follower_audit(follower.school_account, at=at).values():
        for line in lines:
            if line.follower.pk == follower.pk:
                hidden = line.person is not None and open_restriction(line.person) is not None and not is_lead
                return FollowerRow(follower, "", "", NEEDS_LEAD) if hidden else _row(line, is_lead)
    return None
