"""Writes about leavers: the nightly plan, the removals it proposes and takes back, the release of a stopped plan, the full review.

Nothing here removes anybody: a proposal is a question to the admins.
"""

import hashlib
import json
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import User
from vetting.audit.events import Event
from vetting.audit.operations import record
from vetting.decisions.models import QueueItem
from vetting.decisions.operations import SomebodyWasFirst, lapse, open_removal
from vetting.decisions.states import State
from vetting.leavers.facts import Found, identified_followers, limits_of
from vetting.leavers.models import FollowerReview, LeaverPlan
from vetting.leavers.rules import Group, stop_sentence, tally
from vetting.roster.models import Basis
from vetting.roster.queries import has_current_basis
from vetting.school.models import Membership, Role, School, SchoolAccount
from vetting.school.observing import is_observing
from vetting.school.operations import clear_alarm, raise_alarm
from vetting.school.queries import local_day, policy, roles_of
from vetting.twitter.following import ask_for_followers
from vetting.twitter.models import Connection, ListReading
from vetting.values import Refused

NIGHTLY_AT = time(2, 30)
# A list of followers is read weekly; a day more leaves room for one late reading.
READING_DAYS = 8
# So long before the night's list the followers are read anew where it would otherwise be refused for an old reading.
READ_BEFORE = timedelta(hours=2)
# Before anybody is proposed the followers are read, where that can be done; a list waits no longer than this for it.
READ_WITHIN, WAIT_FOR_A_READING = timedelta(days=1), timedelta(hours=3)
# Where a school has one admin, this delay stands in for the second person.
LONE_ADMIN_WAITS = timedelta(hours=48)
ALARM = "leavers_stopped"
_TAKEN_BACK = (State.TO_APPROVE, State.COUNTERSIGN, State.DECIDED, State.BY_HAND)


class PlanIsStopped(Refused):
    """The plan went beyond a limit and nobody has released it."""


class RemovalsArePaused(Refused):
    """The school has paused all removals."""


class ReleaseNeedsAnother(Refused):
    """A stopped plan is released by an admin who did not record the departures in it."""


@transaction.atomic
def plan_removals(*, school_account: SchoolAccount, at: datetime) -> LeaverPlan:
    """List the followers who no longer belong, with reasons, and say whether the list is believable. Proposes nothing."""
    school = school_account.school
    found = identified_followers(school_account, at)
    followers = school_account.followers.filter(ended_at=None).count()
    counted = tally([(one.standing, one.judgement) for one in found if one.judgement], followers)
    stopped = _no_reading(school_account, at) or stop_sentence(counted, limits_of(school))
    rows = [_row(one) for one in found if one.judgement]
    plan = LeaverPlan.objects.create(
        school=school,
        school_account=school_account,
        made_at=at,
        hash=hashlib.sha256(json.dumps([rows, followers], sort_keys=True).encode()).hexdigest(),
        rows=rows,
        followers_count=followers,
        verdict=LeaverPlan.Verdict.STOPPED if stopped else LeaverPlan.Verdict.CLEAR,
        verdict_sentence=stopped[:500],
    )
    facts = {"ready": counted.ready, "kept": sum(1 for row in rows if row["group"] == Group.KEPT), "followers": followers}
    if stopped:
        record(school_id=school.pk, event=Event.PLAN_STOPPED, by=None, at=at, subject=plan, facts={**facts, "why": stopped})
    else:
        record(school_id=school.pk, event=Event.PLAN_MADE, by=None, at=at, subject=plan, facts=facts)
    if stopped and counted.ready:
        raise_alarm(school=school, kind=ALARM, sentence=stopped, at=at, subject=school_account.handle)
    else:
        clear_alarm(school=school, kind=ALARM, at=at, subject=school_account.handle)
    return plan


def _row(found: Found) -> dict[str, object]:
    judgement = found.judgement
    if judgement is None:
        raise ValueError("Somebody who simply belongs has no line on a leaver list.")
    return {
        "profile": found.follower.profile_id,
        "follower": found.follower.pk,
        "person": found.person.pk,
        "why": judgement.why,
        "grace_ends_on": judgement.grace_ends_on.isoformat() if judgement.grace_ends_on else None,
        "group": judgement.group.value,
        "expected": judgement.expected,
    }


def _no_reading(school_account: SchoolAccount, at: datetime) -> str:
    """Why nothing may be proposed from what we hold of the followers; empty when a complete list was read lately."""
    complete = ListReading.objects.filter(
        school_account=school_account, kind=ListReading.Kind.FOLLOWERS, complete=True, ended_at__isnull=False, ended_at__lte=at
    )
    last = complete.order_by("-ended_at").first()
    if last is None or last.ended_at is None:
        return "Stopped. Nobody was proposed: the followers have not been read completely yet."
    if last.ended_at < at - timedelta(days=READING_DAYS):
        day = local_day(school_account.school, last.ended_at)
        return f"Stopped. Nobody was proposed: the followers were last read completely on {day.day} {day:%b %Y}, too long ago."
    return ""


@transaction.atomic
def propose_removals(*, plan: LeaverPlan, at: datetime, by: User | None = None) -> int:
    """Put those of a plan who are still ready before the admins, one question each. Doing it twice asks nothing new.

    Everybody is judged again first: who has a reason again, is kept or has left Twitter since is not proposed.

    Returns:
        How many questions were opened.

    Raises:
        PlanIsStopped, RemovalsArePaused
    """
    row = LeaverPlan.objects.select_for_update().select_related("school_account__school").get(pk=plan.pk)
    account, school = row.school_account, row.school
    if policy(school, "removals_paused"):
        raise RemovalsArePaused("All removals are paused. Nobody was proposed.")
    if row.verdict == LeaverPlan.Verdict.STOPPED and row.released_at is None:
        raise PlanIsStopped(row.verdict_sentence)
    ready = {one.follower.pk: one for one in identified_followers(account, at) if one.judgement and one.judgement.group is Group.READY}
    opened = 0
    for entry in row.rows:
        one = ready.get(entry["follower"])
        if entry["group"] != Group.READY or one is None or one.judgement is None:
            continue
        item = open_removal(school_account=account, follower=one.follower, person=one.person, why=one.judgement.why, by=by, at=at)
        entry["item"] = item.pk
        opened += 1
    if row.proposed_at is None or opened:
        row.proposed_at = row.proposed_at or at
        row.save(update_fields=["rows", "proposed_at"])
    if opened:
        record(school_id=school.pk, event=Event.REMOVALS_PROPOSED, by=by, at=at, subject=row, facts={"count": opened})
    return opened


@transaction.atomic
def release_plan(*, plan: LeaverPlan, why: str, by: User, at: datetime) -> LeaverPlan:
    """Let a plan that a limit stopped go on: a second admin looked at it and says why. Proposing is the next step.

    The second admin is one who recorded none of the departures in the plan; the only admin of a school may do it
    48 hours after the stop instead.

    Raises:
        ReleaseNeedsAnother: not an admin, or one who recorded a departure in it.
        PlanIsStopped: it was stopped because the followers were not read; only a reading helps.
        Refused: there is nothing to release, or no reason was given.
    """
    row = LeaverPlan.objects.select_for_update().select_related("school_account__school").get(pk=plan.pk)
    if row.verdict != LeaverPlan.Verdict.STOPPED or row.released_at is not None:
        raise Refused("This list is not stopped.")
    if not why.strip():
        raise Refused("Write why this list is right.")
    if unread := _no_reading(row.school_account, at):
        raise PlanIsStopped(unread)
    _check_releaser(row, by, at)
    row.released_by, row.released_at, row.released_why = by, at, why.strip()[:300]
    row.save(update_fields=["released_by", "released_at", "released_why"])
    record(school_id=row.school_id, event=Event.PLAN_RELEASED, by=by, at=at, subject=row, words={"why": row.released_why})
    clear_alarm(school=row.school, kind=ALARM, at=at, subject=row.school_account.handle)
    return row


def _check_releaser(plan: LeaverPlan, by: User, at: datetime) -> None:
    if Role.ADMIN not in roles_of(school=plan.school, user=by):
        raise ReleaseNeedsAnother("Only an admin may let a stopped list go on.")
    people = [entry["person"] for entry in plan.rows if entry["group"] == Group.READY]
    ended = Basis.objects.filter(person_id__in=people, ends_on__isnull=False)
    recorded = ended.filter(ended_by=by).exists() or ended.filter(ended_by_import__applied_by=by).exists()
    if not recorded:
        return
    alone = not Membership.objects.filter(school=plan.school, role=Role.ADMIN, until=None).exclude(user=by).exists()
    if not alone:
        raise ReleaseNeedsAnother("You recorded departures on this list yourself. Another admin must let it go on.")
    if at < plan.made_at + LONE_ADMIN_WAITS:
        raise ReleaseNeedsAnother("You are the only admin and recorded departures on this list. You may let it go on after 48 hours.")


def withdraw_removals(*, school_account: SchoolAccount, at: datetime) -> int:
    """Take back proposals about people who have a reason to follow again. Returns how many.

    Only what a plan proposed is taken back, never a removal somebody asked for on other grounds, and not what was ticked
    as done already: there the world answers.
    """
    day, count = local_day(school_account.school, at), 0
    for item in _proposed_items(school_account):
        if item.person is None or not has_current_basis(item.person, day):
            continue
        try:
            lapse(item=item, why="they have a reason to follow again.", at=at)
        except SomebodyWasFirst:
            continue
        count += 1
    return count


def _proposed_items(school_account: SchoolAccount) -> Sequence[QueueItem]:
    waiting = list(
        QueueItem.objects.filter(
            school_account=school_account, kind=QueueItem.Kind.REMOVAL, state__in=[state.value for state in _TAKEN_BACK], ticked_at=None
        ).select_related("person", "profile", "school_account")
    )
    if not waiting:
        return []
    since = min(item.opened_at for item in waiting)
    plans = LeaverPlan.objects.filter(school_account=school_account, proposed_at__gte=since).values_list("rows", flat=True)
    proposed = {entry.get("item") for rows in plans for entry in rows}
    return [item for item in waiting if item.pk in proposed]


def run_night(*, school: School, at: datetime) -> int:
    """What is due of a school's leavers at a moment: taking back at once, planning and proposing once a night from 02:30 on.

    The followers are read first: before a list that would rest on an old reading, and before somebody is proposed.

    Returns how many questions were opened or taken back.
    """
    count = 0
    if is_observing(school.pk):
        return count
    for account in SchoolAccount.objects.filter(school=school).select_related("school"):
        count += withdraw_removals(school_account=account, at=at)
        _have_followers_read(account, at)
        last = LeaverPlan.objects.filter(school_account=account).order_by("-made_at", "-pk").defer("rows").first()
        plan = plan_removals(school_account=account, at=at) if _is_due(account, last, at) else last
        if plan is None or plan.verdict != LeaverPlan.Verdict.CLEAR or plan.proposed_at is not None:
            continue
        if not policy(school, "removals_paused") and not _waits_for_a_reading(plan, at):
            count += propose_removals(plan=plan, at=at)
    return count


def _is_due(account: SchoolAccount, last: LeaverPlan | None, at: datetime) -> bool:
    """Once a day from 02:30 on; again when a stopped plan was followed by a new complete reading of the followers."""
    night = _night(account, local_day(account.school, at))
    if last is None or (at >= night > last.made_at):
        return at >= night
    if last.verdict == LeaverPlan.Verdict.CLEAR or last.released_at is not None:
        return False
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
    if at >= since and _no_reading(account, night) and not _readings(account).filter(began_at__gte=since).exists():
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
