"""What lists of families have told, and what of it still stands: the facts behind a reason that a list ended."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Max

from vetting.roster.children import year_number
from vetting.roster.importing.comparing import BETWEEN_TWO_LISTS
from vetting.roster.models import Basis, EndedByList, Pupil, RosterImport
from vetting.roster.queries import last_loaded_at
from vetting.school.models import School
from vetting.school.queries import local_day


def last_loaded_on(school: School) -> date | None:
    """The day the newest list of families was loaded, be it one that held nothing new; None where every family was typed."""
    newest = last_loaded_at(school)
    return local_day(school, newest) if newest else None


def lists_loaded(school: int) -> str:
    """What was loaded and rolled back of lists of families by now, whatever the time of it: it differs as soon as that changes."""
    lists = RosterImport.objects.filter(school=school, applied_at__isnull=False)
    counted = lists.aggregate(loaded=Count("pk"), newest=Max("applied_at"), back=Count("rolled_back_at"))
    return f"{counted['loaded']} loaded, {counted['back']} rolled back, newest {counted['newest']}"


@dataclass(frozen=True)
class Told:
    """What lists of families have told: when each came in, which were complete, and when one last named a child."""

    top: int | None
    loaded: Mapping[int, datetime]
    complete: Sequence[datetime]
    named: Mapping[int, datetime]


def told_by_lists(school: School, bases: Sequence[Basis]) -> Told:
    rows = list(RosterImport.objects.filter(school=school, applied_at__isnull=False).values_list("pk", "uploaded_at", "kind"))
    loaded = {pk: uploaded_at for pk, uploaded_at, _ in rows}
    complete = [loaded[pk] for pk, _, kind in rows if kind == RosterImport.Kind.COMPLETE]
    named: dict[int, datetime] = {}
    children = {basis.pupil_id for basis in bases if basis.pupil_id is not None and basis.ended_by_import_id is not None}
    for child, by_list in Basis.objects.filter(pupil_id__in=children, roster_import__isnull=False).values_list(
        "pupil_id", "roster_import_id"
    ):
        if child is not None and by_list in loaded:
            named[child] = max(named.get(child, loaded[by_list]), loaded[by_list])
    return Told(_top_year(school), loaded, complete, named)


def named_on(school: School, basis: Basis, told: Told) -> date | None:
    """The day of the newest list that is known to have named a child whom others then missed; of a leaving date it says nothing."""
    named = told.named.get(basis.pupil_id or 0)
    return local_day(school, named) if named is not None and basis.ended_why == EndedByList.ABSENCE else None


def was_seen_once(school: School, basis: Basis, told: Told) -> bool:
    """Whether a list without a leaving date ended a reason, and no other complete list, a day or more before, can have been without it.

    The last day is that of the first list without them, so a list between it and the one that ended the reason has to be there; a
    reason that was only written down after that list had come in ended on the day it began, and any list before counts.
    """
    ended = told.loaded.get(basis.ended_by_import_id or 0)
    if (
        ended is None
        or basis.pupil is None
        or basis.pupil.left_on is not None
        or basis.ends_on is None
        or basis.ended_why == EndedByList.LEAVING_DATE
    ):
        return False
    before = (loaded for loaded in told.complete if loaded <= ended - BETWEEN_TWO_LISTS)
    first = basis.ends_on if basis.ends_on > basis.starts_on else date.min
    return not any(local_day(school, loaded) >= first for loaded in before)


def _top_year(school: School) -> int | None:
    """The school's last year group, as its own children show it."""
    years = (year_number(year) for year in Pupil.objects.filter(school=school).values_list("year", flat=True).distinct())
    return max((year for year in years if year is not None), default=None)
