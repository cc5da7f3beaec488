"""What a list leaves behind that names people, and forgetting it when nobody needs it any more."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q, QuerySet

from vetting.roster.importing.keeping import numbers_of
from vetting.roster.models import RosterImport
from vetting.school.models import School

_SAYS_SOMETHING = ~Q(warnings=[])


def lists_never_loaded(school: School, *, came_in_by: datetime) -> QuerySet[RosterImport]:
    """Lists that were checked, stopped or let through, came to nothing, and still hold rows, names or notes."""
    rows = RosterImport.objects.filter(school=school, applied_at=None, uploaded_at__lte=came_in_by)
    lately_let_through = Q(released_at__gt=came_in_by)
    return rows.filter(Q(discarded_at=None) | _SAYS_SOMETHING).exclude(lately_let_through).order_by("pk")


def lists_beyond_roll_back(school: School, *, loaded_by: datetime) -> QuerySet[RosterImport]:
    """Loaded lists that still hold what the register was before them, or notes about their lines."""
    rows = RosterImport.objects.filter(school=school, applied_at__lte=loaded_by)
    return rows.filter(Q(journal__isnull=False) | _SAYS_SOMETHING).order_by("pk")


def forget_lists(*, school: School, unloaded: Sequence[int], loaded: Sequence[int], at: datetime) -> None:
    """Rows, names, answers and notes of lists go, and what the register was before them; that they came, by whom, and numbers stay."""
    for row in RosterImport.objects.select_for_update().filter(school=school, pk__in=unloaded, applied_at=None):
        row.rehearsal, row.kept_rows, row.answers, row.warnings = numbers_of(row.rehearsal), None, {}, []
        row.discarded_at = row.discarded_at or at
        row.save(update_fields=["rehearsal", "kept_rows", "answers", "warnings", "discarded_at"])
    RosterImport.objects.filter(school=school, pk__in=loaded).update(journal=None, warnings=[])
