"""Writes about leavers: the nightly plan, the removals it proposes and takes back, the release of a stopped plan, the full review.

Nothing here removes anybody: a proposal is a question to the admins.
"""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import User
from vetting.audit.events import Event
from vetting.audit.operations import record
from vetting.leavers.models import FollowerQuestion, FollowerReview, LeaverPlan
from vetting.leavers.planning import draft_plan, no_reading, plan_removals
from vetting.leavers.proposing import PlanIsStale, PlanIsStopped, RemovalsArePaused, propose_removals, why_stale, withdraw_removals
from vetting.leavers.releasing import NeedsFreshSignIn, ReleaseNeedsAnother, ask_release, release_plan
from vetting.leavers.rules import Group
from vetting.school.models import School, SchoolAccount
from vetting.school.observing import is_observing
from vetting.school.queries import local_day, policy
from vetting.twitter.following import ask_for_followers
from vetting.twitter.models import Connection, Follower, ListReading
from vetting.values import BadValue

__all__ = [
    "NeedsFreshSignIn",
    "PlanIsStale",
    "PlanIsStopped",
    "ReleaseNeedsAnother",
    "RemovalsArePaused",
    "ask_around",
    "ask_release",
    "complete_review",
    "draft_plan",
    "plan_removals",
    "propose_removals",
    "release_plan",
    "run_night",
    "withdraw_removals",
]
NIGHTLY_AT = time(2, 30)
# So long before the night's list the followers are read anew where it would otherwise be refused for an old reading.
READ_BEFORE = timedelta(hours=2)
# Before anybody is proposed the followers are read, where that can be done; a list waits no longer than this for it.
READ_WITHIN, WAIT_FOR_A_READING = timedelta(days=1), timedelta(hours=3)


def run_night(*, school: School, at: datetime) -> int:
    """What is due of a school's leavers at a moment: taking back at once, planning and proposing once a night from 02:30 on.

    The followers are read first: before a list that would rest on an old reading, and before somebody is proposed. A list that
    somebody made by a press of the button is not the clock's to propose from.

    Returns how many questions were opened or taken back.
    """
    count = 0
    if is_observing(school.pk):
        return count
    for account in SchoolAccount.objects.filter(school=school).select_related("school"):
        count += withdraw_removals(school_account=account, at=at)
        _have_followers_read(account, at)
        last = LeaverPlan.objects.filter(school_account=account, made_by=None).order_by("-made_at", "-pk").defer("rows").first()
        plan = plan_removals(school_account=account, at=at) if _is_due(account, last, at) else last
        if plan is None or plan.verdict != LeaverPlan.Verdict.CLEAR or plan.proposed_at is not None:
            continue
        if not policy(school, "removals_paused") and not _waits_for_a_reading(plan, at):
            count += _propose(plan, at)
    return count


def _propose(plan: LeaverPlan, at: datetime) -> int:
    try:
        return propose_removals(plan=plan, at=at)
    except (PlanIsStale, RemovalsArePaused):
        # A pause was set, or a list of families loaded, this moment: the next tick sees it as it is then.
        return 0


def _is_due(account: SchoolAccount, last: LeaverPlan | None, at: datetime) -> bool:
    """Once a day from 02:30 on; again when a plan that wanted a reading of the followers was followed by a complete one, and when a
    plan that nobody was proposed from yet became older than the newest list of families."""
    night = _night(account, local_day(account.school, at))
    if last is None or (at >= night > last.made_at):
        return at >= night
    if last.verdict == LeaverPlan.Verdict.CLEAR or last.released_at is not None:
        return last.proposed_at is None and bool(why_stale(last, at))
    if not last.figures.get("unread", True):
        return False  # a new reading changes nothing about whom it stopped on
    return _readings(account).filter(complete=True, ended_at__gt=last.made_at, ended_at__lte=at).exists()


def _night(account: SchoolAccount, day: date) -> datetime:
    return datetime.combine(day, NIGHTLY_AT, tzinfo=ZoneInfo(account.school.time_zone))


def _readings(account: SchoolAccount) -> QuerySet[ListReading]:
    return ListReading.objects.filter(school_account=account, kind=ListReading.Kind.FOLLOWERS)


def _have_followers_read(account: SchoolAccount, at: datetime) -> None:
    """In the two hours before a night's list that would be refused for an old reading: ask for one, until one was tried."""
    today = local_day(account.school, at)
    night = next(moment for moment in (_night(account, today), _night(account, today + timedelta(days=1))) if moment >= at)
    since = night - READ_BEFORE
    if at >= since and no_reading(account, night) and not _readings(account).filter(began_at__gte=since).exists():
        ask_for_followers(school_account=account, at=at)


def _waits_for_a_reading(plan: LeaverPlan, at: datetime) -> bool:
    """Whether somebody is to be proposed from a reading older than a day, and a new one is still to be had.

    It is asked for here; once it was tried, or three hours are over, the list goes on with what it may rest on.
    """
    account = plan.school_account
    if at >= plan.made_at + WAIT_FOR_A_READING or all(entry["group"] != Group.READY for entry in plan.rows):
        return False
    if not Connection.objects.filter(school_account=account).exclude(kind=Connection.Kind.BY_HAND).exists():
        return False
    fresh = _readings(account).filter(complete=True, ended_at__gte=plan.made_at - READ_WITHIN)
    if fresh.exists() or _readings(account).filter(began_at__gte=plan.made_at).exists():
        return False
    ask_for_followers(school_account=account, at=at)
    return True


@transaction.atomic
def ask_around(*, follower: Follower, note: str, by: User, at: datetime) -> FollowerQuestion:
    """Somebody asked who a follower is, and writes down whom. It sends nothing and decides nothing. Raises BadValue without a note."""
    if not note.strip():
        raise BadValue("Write whom you asked.")
    asked = FollowerQuestion.objects.create(follower=follower, by=by, at=at, note=note.strip()[:300])
    words = {"handle": follower.profile.handle, "note": asked.note}
    record(school_id=follower.school_account.school_id, event=Event.FOLLOWER_ASKED_ABOUT, by=by, at=at, subject=asked, words=words)
    return asked


@transaction.atomic
def complete_review(*, school_account: SchoolAccount, by: User, at: datetime, note: str = "") -> FollowerReview:
    """Somebody looked through all followers, as the guidance asks for regularly."""
    review = FollowerReview.objects.create(school_account=school_account, by=by, at=at, note=note.strip()[:500])
    followers = school_account.followers.filter(ended_at=None).count()
    record(
        school_id=school_account.school_id,
        event=Event.REVIEW_COMPLETED,
        by=by,
        at=at,
        subject=review,
        facts={"followers": followers},
        words={"note": review.note},
    )
    return review
