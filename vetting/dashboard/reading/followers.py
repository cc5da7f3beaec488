"""The Followers page: what does not fit, and every current follower in one group, with the sentence that says why."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.urls import reverse

from vetting.dashboard.presenters import Tab
from vetting.dashboard.reading.connection import pages_url
from vetting.execution.models import Discrepancy
from vetting.execution.queries import Misfit, how_many_do_not_fit, misfits
from vetting.leavers.models import FollowerReview
from vetting.leavers.queries import (
    TITLES,
    Audience,
    AuditedFollower,
    Backlog,
    backlog,
    follower_audit,
    last_review,
    next_review_on,
)
from vetting.roster.models import Person
from vetting.roster.queries import current_bases, describe, open_restriction, people
from vetting.school.models import School, SchoolAccount
from vetting.school.queries import local_day
from vetting.twitter import manual
from vetting.twitter.models import Follower
from vetting.values import Handle, TwitterUserId

PAGE, MOST_FOUND = 100, 8
NEEDS_LEAD = "This one needs the safeguarding lead."
# The tab of what Twitter shows otherwise than the register; the others are the groups of followers.
DOES_NOT_FIT = "DOES_NOT_FIT"


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
    """One tab of the page. `misfits` is None in the groups; there every follower has a row."""

    tabs: list[Tab]
    rows: list[FollowerRow]
    misfits: list[Misfit] | None
    total: int
    page: int
    has_more: bool
    backlogs: list[Backlog]


def follower_list(*, school: School, group: str, page: int, is_lead: bool, at: datetime) -> FollowerList:
    accounts = accounts_of(school)
    audits = [follower_audit(account, at=at) for account in accounts]
    groups = {audience: [line for audit in audits for line in audit[audience]] for audience in Audience}
    unfit = how_many_do_not_fit(school)
    chosen = group if group in {*Audience, DOES_NOT_FIT} else _first_worth_a_look(groups, unfit)
    in_group = groups[Audience(chosen)] if chosen != DOES_NOT_FIT else []
    start = PAGE * (page - 1)
    counted = [(DOES_NOT_FIT, "Does not fit", unfit), *((one.value, TITLES[one], len(lines)) for one, lines in groups.items())]
    return FollowerList(
        tabs=[Tab(key, word, f"{reverse('followers')}?group={key}", count, key == chosen) for key, word, count in counted],
        rows=[_row(line, is_lead) for line in in_group[start : start + PAGE]],
        misfits=misfits(school, is_lead=is_lead, at=at) if chosen == DOES_NOT_FIT else None,
        total=sum(len(lines) for lines in groups.values()),
        page=page,
        has_more=len(in_group) > start + PAGE,
        backlogs=[one for account, audit in zip(accounts, audits, strict=True) if (one := backlog(account, audit, at=at))],
    )


@dataclass(frozen=True)
class GroupCount:
    """One group of followers on Today."""

    word: str
    count: int
    address: str


def group_counts(school: School, *, at: datetime) -> list[GroupCount]:
    """How many followers stand in each group; every follower in exactly one."""
    counts = dict.fromkeys(Audience, 0)
    for account in accounts_of(school):
        for audience, lines in follower_audit(account, at=at).items():
            counts[audience] += len(lines)
    return [GroupCount(TITLES[one], count, f"{reverse('followers')}?group={one}") for one, count in counts.items()]


@dataclass(frozen=True)
class Candidate:
    """Somebody the school knows, and why they may follow."""

    person: Person
    reasons: str


def who_it_may_be(school: School, search: str, at: datetime) -> list[Candidate]:
    """People found by a search, for somebody who says who a follower is."""
    day = local_day(school, at)
    found = people(school, search, limit=MOST_FOUND) if search.strip() else []
    return [Candidate(one, ", ".join(describe(basis) for basis in current_bases(one, day))) for one in found]


def page_on_twitter(row: Discrepancy) -> str:
    """The account's own page there; empty while the school account is not connected."""
    pages, number = pages_url(row.school_account), row.profile.twitter_user_id
    return manual.person_page(pages, TwitterUserId(number) if number else None, Handle(row.profile.handle)) if pages else ""


def _first_worth_a_look(groups: Mapping[Audience, list[AuditedFollower]], unfit: int) -> str:
    if unfit:
        return DOES_NOT_FIT
    return (Audience.UNKNOWN if groups[Audience.UNKNOWN] else Audience.KNOWN).value


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
