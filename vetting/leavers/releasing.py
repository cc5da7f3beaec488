"""Letting a stopped list go on: one admin asks and says why, another one who signed in just now agrees."""

from datetime import datetime, timedelta

from django.db import transaction

from accounts.models import User
from vetting.audit.events import Event
from vetting.audit.operations import record
from vetting.leavers.models import LeaverPlan
from vetting.leavers.planning import ALARM, AN_OVERRIDE_LASTS, no_reading
from vetting.leavers.proposing import PlanIsStale, PlanIsStopped
from vetting.leavers.rules import Group
from vetting.roster.models import Basis
from vetting.school.limits import LONE_ADMIN_WAITS
from vetting.school.models import Role
from vetting.school.operations import clear_alarm
from vetting.school.queries import is_only_admin, members, roles_of
from vetting.values import BadValue, Refused

SIGNED_IN_WITHIN = timedelta(minutes=10)


class ReleaseNeedsAnother(Refused):
    """A stopped plan is released by a second admin, whose own list it is not."""


class NeedsFreshSignIn(Refused):
    """Whoever agrees has to give their password once more."""


@transaction.atomic
def ask_release(*, plan: LeaverPlan, why: str, by: User, at: datetime) -> LeaverPlan:
    """An admin says that a stopped list is right, and why; a second admin has to agree.

    Whose own list it is may ask in the place of the one who asked: that one can agree then, and they cannot.

    Raises:
        ReleaseNeedsAnother: not an admin; or somebody asked already.
        PlanIsStopped: it was stopped because the followers were not read; only a reading helps.
        BadValue: no reason was given.
        Refused: there is nothing to release.
    """
    row = _stopped(plan, at)
    if Role.ADMIN not in roles_of(school=row.school, user=by):
        raise ReleaseNeedsAnother("Only an admin may let a stopped list go on.")
    if not why.strip():
        raise BadValue("Write why this list is right.")
    if row.asked_by_id is not None and row.asked_by_id != by.pk and may_agree(row, by):
        raise ReleaseNeedsAnother(f"{row.asked_by} asked already. You can agree instead.")
    if row.asked_by_id != by.pk:
        row.asked_by, row.asked_at = by, at
    row.released_why = why.strip()[:300]
    row.save(update_fields=["asked_by", "asked_at", "released_why"])
    record(school_id=row.school_id, event=Event.PLAN_RELEASE_ASKED, by=by, at=at, subject=row, words={"why": row.released_why})
    return row


@transaction.atomic
def release_plan(*, plan: LeaverPlan, by: User, at: datetime, signed_in_at: datetime | None) -> LeaverPlan:
    """Let a stopped list go on: a second admin looked at it and agrees. Proposing is the next step; the override ends after a week.

    The second admin is not the one who asked, and the list is not their own: see `may_agree`. The only admin of a school agrees to
    their own asking 48 hours later instead.

    Raises:
        ReleaseNeedsAnother, PlanIsStopped, PlanIsStale: see there.
        NeedsFreshSignIn: they signed in too long ago (`signed_in_at`).
        Refused: there is nothing to release.
    """
    row = _stopped(plan, at)
    alone = _check_releaser(row, by, at)
    if signed_in_at is None or at - signed_in_at > SIGNED_IN_WITHIN:
        raise NeedsFreshSignIn("Give your password once more before you agree.")
    row.released_by, row.released_at, row.released_alone = by, at, alone
    row.save(update_fields=["released_by", "released_at", "released_alone"])
    record(school_id=row.school_id, event=Event.PLAN_RELEASED, by=by, at=at, subject=row, words={"why": row.released_why})
    clear_alarm(school=row.school, kind=ALARM, at=at, subject=row.school_account.handle)
    return row


def _stopped(plan: LeaverPlan, at: datetime) -> LeaverPlan:
    rows = LeaverPlan.objects.select_for_update(of=("self",)).select_related("school_account__school", "school", "asked_by")
    row = rows.get(pk=plan.pk)
    if row.verdict != LeaverPlan.Verdict.STOPPED or row.released_at is not None:
        raise Refused("This list is not stopped.")
    if at - row.made_at > AN_OVERRIDE_LASTS:
        raise PlanIsStale("This list is too old to go on. Make a new one.")
    if unread := no_reading(row.school_account, at):
        raise PlanIsStopped(unread)
    return row


def _check_releaser(plan: LeaverPlan, by: User, at: datetime) -> bool:
    """Whether they are the school's only admin; refuses everybody who may not."""
    if Role.ADMIN not in roles_of(school=plan.school, user=by):
        raise ReleaseNeedsAnother("Only an admin may let a stopped list go on.")
    if plan.asked_by_id is None or plan.asked_at is None:
        raise ReleaseNeedsAnother("First an admin has to say why this list is right; then another one agrees.")
    if is_only_admin(plan.school, by):
        if at < plan.asked_at + LONE_ADMIN_WAITS:
            raise ReleaseNeedsAnother("You are the school's only admin. You may agree to your own asking after 48 hours.")
        return True
    if plan.asked_by_id == by.pk:
        raise ReleaseNeedsAnother("You asked for this yourself. Another admin must agree.")
    if not may_agree(plan, by):
        raise ReleaseNeedsAnother(
            "This is your own list: you loaded the families it comes from, or recorded every departure on it. Another admin must agree; "
            "you can say why it is right."
        )
    return False


def may_agree(plan: LeaverPlan, user: User) -> bool:
    """Whether a list is somebody else's work as well: they loaded no list behind it, and others recorded departures on it too.

    Where that holds of no admin at all, each of them is the other's second pair of eyes.
    """
    owners = _owners(plan)
    if user.pk not in owners:
        return True
    admins = {colleague.pk for colleague, roles in members(plan.school) if Role.ADMIN in roles}
    return admins <= owners


def _owners(plan: LeaverPlan) -> set[int]:
    """Who loaded a list behind these departures; and who recorded them all, where it is one person."""
    people = [entry["person"] for entry in plan.rows if entry["group"] == Group.READY]
    ended = Basis.objects.filter(person_id__in=people, ends_on__isnull=False).order_by("ends_on", "pk")
    # The last reason of each decides: what ended before it is no departure.
    departures = {
        person: (by, loaded_by) for person, by, loaded_by in ended.values_list("person_id", "ended_by_id", "ended_by_import__applied_by_id")
    }
    loaded = {loaded_by for _, loaded_by in departures.values() if loaded_by is not None}
    recorded = {by for by, _ in departures.values()}
    return loaded | ({by for by in recorded if by is not None} if len(recorded) == 1 else set())
