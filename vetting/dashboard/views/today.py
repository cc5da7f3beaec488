"""Today: who waits for whom, what is to do, and whether all is well."""

from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.timezone import localdate

from vetting.audit.queries import lines
from vetting.correspondence.queries import failed_lately
from vetting.dashboard.permissions import DECIDING, EVERY_ROLE, FAMILY_DATA, RECORD, SchoolRequest, holds, moment, page
from vetting.dashboard.presenters import counted
from vetting.dashboard.reading.followers import group_counts
from vetting.dashboard.reading.pasting import pasting
from vetting.decisions.queries import Counts, counts
from vetting.decisions.states import State
from vetting.execution.queries import how_many_do_not_fit
from vetting.leavers.queries import how_many_leave_soon
from vetting.reporting import queries as reporting
from vetting.reporting.checklist import checklist
from vetting.school.models import Role
from vetting.school.queries import running_jobs

LAST_EVENTS = 8


@dataclass(frozen=True)
class Turn:
    """Whose turn it is, for what, how many and since when."""

    who: str
    what: str
    count: int
    oldest: str


def _turns(count: Counts, oldest: dict[State, int]) -> list[Turn]:
    rows = [
        ("The office", "to verify", count.to_verify, State.TO_VERIFY),
        ("An admin", "to approve or decline", count.to_approve, State.TO_APPROVE),
        ("A second admin", "to agree", count.to_countersign, State.COUNTERSIGN),
        ("The safeguarding lead", "to release or decline", count.held, State.HELD),
        ("Whoever has the phone", "to do on Twitter", count.to_do, State.BY_HAND),
        ("Families", "to write to us", count.waiting, State.WAITING),
    ]
    return [Turn(who, what, number, _waited(oldest.get(state))) for who, what, number, state in rows if number]


def _waited(days: int | None) -> str:
    if days is None:
        return ""
    return "since today" if days == 0 else f"for {counted(days, 'school day')}"


@page(*EVERY_ROLE)
def today(request: SchoolRequest) -> HttpResponse:
    at, on = moment(), localdate()
    count = counts(request.school, on)
    steps = checklist(request.school)
    sees_families = holds(request, *FAMILY_DATA)
    return render(
        request,
        "pages/today.html",
        {
            "counts": count,
            "turns": _turns(count, reporting.oldest_waits_school_days(request.school, at)),
            "nobody_waits": not (count.requests or count.to_do or count.removals),
            "followers": reporting.follower_count(request.school),
            "leaving_soon": how_many_leave_soon(request.school) if sees_families else 0,
            "groups": group_counts(request.school, at=at) if sees_families else [],
            "reach": reporting.reach(request.school, on),
            "review": reporting.review_state(request.school, on),
            "jobs": running_jobs(request.school),
            "misfits": how_many_do_not_fit(request.school) if sees_families else 0,
            "letters_failed": failed_lately(request.school, at) if sees_families else 0,
            "steps": steps,
            "steps_done": sum(step.done for step in steps),
            "decides": holds(request, *DECIDING),
            "sees_families": sees_families,
            "may_ask_for_check": holds(request, Role.OFFICE, Role.ADMIN, Role.TECHNICIAN),
            "pasting": pasting(request.school, at=at) if holds(request, Role.OFFICE, Role.ADMIN) else None,
            "sees_record": holds(request, *RECORD),
            "events": lines(school_id=request.school.pk, for_lead=Role.LEAD in request.roles, limit=LAST_EVENTS) if sees_families else [],
        },
    )


urlpatterns = [path("", today, name="today")]
