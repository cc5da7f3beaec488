"""The Leavers page: removals to answer, the newest list with its groups, and lists that were stopped."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.urls import reverse

from accounts.models import User
from vetting.audit.queries import AuditLine, lines
from vetting.concerns.models import Concern
from vetting.dashboard.presenters import Tab, counted
from vetting.dashboard.reading.memories import MemoryLine, memory_lines
from vetting.dashboard.reading.requests import concerns_about
from vetting.decisions import policies, queries
from vetting.decisions.models import Decision, QueueItem
from vetting.decisions.states import State
from vetting.execution.queries import why_it_waits
from vetting.leavers.models import LeaverPlan
from vetting.leavers.proposing import why_stale
from vetting.leavers.queries import LeaverLine, latest_plan, lines_of, stopped_plans
from vetting.leavers.releasing import may_agree
from vetting.leavers.rules import Group
from vetting.roster.models import Restriction
from vetting.roster.queries import current_bases, describe, restrictions_for_lead
from vetting.school.limits import LONE_ADMIN_WAITS
from vetting.school.models import Role, School, SchoolAccount
from vetting.school.queries import is_only_admin, local_day, pause_of_removals

GROUPS = {
    "answer": "To answer",
    "ready": "Ready",
    "grace": "In grace",
    "soon": "Leaving soon",
    "kept": "Kept",
    "removed": "Removed",
    "stopped": "Stopped runs",
}
_OF_PLAN = {"ready": Group.READY, "grace": Group.GRACE, "soon": Group.SOON, "kept": Group.KEPT}
REMOVED_WITHIN = timedelta(days=90)


@dataclass(frozen=True)
class RemovedLine:
    """Somebody who is gone. What the safeguarding lead answered stays with the lead."""

    item: QueueItem
    name: str
    why: str


@dataclass(frozen=True)
class LeaversPage:
    """One tab of Leavers. Who is with the safeguarding lead stands in no list."""

    tabs: list[Tab]
    tab: str
    account: SchoolAccount | None
    plan: LeaverPlan | None
    lines: list[LeaverLine]
    to_answer: list[QueueItem]
    held: list[QueueItem]
    stopped: list[LeaverPlan]
    removed: list[RemovedLine]
    ready: int
    stale: str
    figures: str
    may_propose: bool

    @property
    def is_stopped(self) -> bool:
        return self.plan is not None and self.plan.verdict == LeaverPlan.Verdict.STOPPED and self.plan.released_at is None


def leavers_page(*, school: School, account: SchoolAccount | None, tab: str, is_lead: bool, at: datetime) -> LeaversPage:
    plan = latest_plan(account) if account else None
    groups: Mapping[Group, list[LeaverLine]] = lines_of(plan) if plan else {group: [] for group in Group}
    removals = queries.removals(school)
    to_answer = queries.for_list(removals.filter(state__in=[State.TO_APPROVE, State.COUNTERSIGN]).order_by("opened_at", "pk"))
    held = queries.for_list(removals.filter(state=State.HELD).order_by("opened_at", "pk"))
    gone = removals.filter(state=State.DONE, closed_at__gte=at - REMOVED_WITHIN).order_by("-closed_at", "-pk")
    stopped = stopped_plans(account) if account else []
    tab = tab if tab in GROUPS else "answer"
    counts = {"answer": len(to_answer) + len(held), "removed": gone.count(), "stopped": len(stopped)}
    counts |= {key: len(groups[group]) for key, group in _OF_PLAN.items()}
    clear = plan is not None and (plan.verdict == LeaverPlan.Verdict.CLEAR or plan.released_at is not None)
    stale = why_stale(plan, at) if plan else ""
    return LeaversPage(
        tabs=[Tab(key, word, f"{reverse('leavers')}?tab={key}", counts[key], key == tab) for key, word in GROUPS.items()],
        tab=tab,
        account=account,
        plan=plan,
        lines=list(groups[_OF_PLAN[tab]]) if tab in _OF_PLAN else [],
        to_answer=to_answer,
        held=held,
        stopped=stopped,
        removed=[_removed(item, is_lead) for item in queries.for_list(gone)] if tab == "removed" else [],
        ready=counts["ready"],
        stale=stale,
        figures=figures_in_words(plan) if plan else "",
        may_propose=clear and not stale and counts["ready"] > 0 and pause_of_removals(school) is None,
    )


def _removed(item: QueueItem, is_lead: bool) -> RemovedLine:
    decision = next(iter(getattr(item, "standing_decisions", ())), None)
    if queries.answered_by_the_lead(item, decision) and not is_lead:
        return RemovedLine(item, "", policies.NEEDS_THE_LEAD)
    return RemovedLine(item, item.person.name if item.person else "", item.why)


def figures_in_words(plan: LeaverPlan) -> str:
    """ "27 expected, 27 found, no surprise." Of people who left, following or not."""
    figures = plan.figures
    if not figures:
        return ""
    surprises = counted(figures["surprises"], "surprise") if figures["surprises"] else "no surprise"
    return f"{figures['expected']} expected, {figures['found']} found, {surprises}."


@dataclass(frozen=True)
class StoppedPage:
    """A stopped list: whom it names, and who may do what about it."""

    lines: list[LeaverLine]
    figures: str
    waits_for_another: bool
    may_agree: bool
    is_alone: bool


def stopped_page(*, plan: LeaverPlan, by: User, at: datetime) -> StoppedPage:
    asked, alone = plan.asked_by_id is not None, is_only_admin(plan.school, by)
    is_over = alone and plan.asked_at is not None and at >= plan.asked_at + LONE_ADMIN_WAITS
    by_another = asked and plan.asked_by_id != by.pk
    agrees = asked and (is_over or (by_another and may_agree(plan, by)))
    return StoppedPage(
        lines=lines_of(plan)[Group.READY],
        figures=figures_in_words(plan),
        waits_for_another=asked and not agrees and not by_another,
        may_agree=agrees,
        is_alone=alone,
    )


@dataclass(frozen=True)
class RemovalDetail:
    """One removal question. `hidden`: everybody but the lead learns one sentence."""

    item: QueueItem
    hidden: bool
    may_remove: bool
    may_keep: bool
    may_undo: bool
    may_release: bool
    paused: bool
    reasons: list[str]
    decision: Decision | None
    waits: str
    memories: list[MemoryLine]
    history: list[AuditLine]
    marks: list[Restriction]
    concerns: list[Concern]


def removal_detail(*, item: QueueItem, by: User, at: datetime) -> RemovalDetail:
    found = queries.detail(item=item, by=by, at=at)
    c, is_lead = found.may, Role.LEAD.value in found.may.roles
    hidden = not is_lead and (c.needs_lead or item.state == State.HELD or queries.answered_by_the_lead(item, found.decision))
    history = [] if hidden else lines(school_id=item.school_id, for_lead=is_lead, subject=item, limit=50)
    today = local_day(item.school, at)
    return RemovalDetail(
        item=item,
        hidden=hidden,
        may_remove=policies.can_answer_removal(c, outcome="REMOVE"),
        may_keep=policies.can_answer_removal(c, outcome="KEEP"),
        may_undo=policies.can_undo(c),
        may_release=policies.can_release(c),
        paused=c.removals_paused,
        reasons=[describe(basis) for basis in current_bases(item.person, today)] if item.person and not hidden else [],
        decision=None if hidden else found.decision,
        waits="" if hidden else why_it_waits(item),
        memories=[] if hidden else memory_lines(item=item, for_lead=is_lead),
        history=history,
        marks=[mark for mark in restrictions_for_lead(item.school) if mark.person_id == item.person_id] if is_lead else [],
        concerns=concerns_about(item) if is_lead else [],
    )
