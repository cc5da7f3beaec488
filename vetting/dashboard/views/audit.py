"""The record: everything that happened, who did it and when, and whether anybody touched it since."""

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path, reverse

from vetting.audit.queries import check_chain, lines
from vetting.dashboard.permissions import RECORD, SchoolRequest, page
from vetting.dashboard.presenters import Slice
from vetting.school.models import Role

ROWS = 50


@page(*RECORD)
def audit(request: SchoolRequest) -> HttpResponse:
    """The newest first; `before` is the number of the last entry already seen. `check` recomputes the whole chain."""
    before = request.GET.get("before", "")
    last_seen = int(before) if before.isdigit() else None
    rows = lines(school_id=request.school.pk, for_lead=Role.LEAD in request.roles, before=last_seen, limit=ROWS)
    own = reverse("audit")
    more = len(rows) == ROWS and rows[-1].sequence > 1
    some = Slice(rows, older=f"{own}?before={rows[-1].sequence}" if more else "", newer=own if before.isdigit() else "")
    check = check_chain(school_id=request.school.pk) if "check" in request.GET else None
    return render(request, "pages/audit.html", {"some": some, "check": check})


urlpatterns = [path("", audit, name="audit")]
