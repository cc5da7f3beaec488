"""Concerns: what colleagues passed to the safeguarding lead, and what came of it. For the lead alone."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_POST

from vetting.concerns.models import Concern
from vetting.concerns.operations import close_concern
from vetting.concerns.queries import open_concerns
from vetting.dashboard.forms.concerns import CloseForm
from vetting.dashboard.permissions import SchoolRequest, get_row, moment, page
from vetting.decisions.queries import live_item
from vetting.school.models import Role
from vetting.values import BadValue, Refused


@page(Role.LEAD)
def concerns(request: SchoolRequest) -> HttpResponse:
    """Every open concern, the oldest first, with the question it holds up if there is one."""
    return _show(request)


@page(Role.LEAD)
@require_POST
def close(request: SchoolRequest, reference: str) -> HttpResponse:
    """The lead writes what came of it. A request it holds stays held until the lead releases or declines it there."""
    concern = get_row(request, Concern, reference)
    form = CloseForm(request.POST)
    if form.is_valid():
        try:
            close_concern(concern=concern, outcome=form.cleaned_data["outcome"], by=request.user, at=moment())
        except (BadValue, Refused) as error:
            form.add_error("outcome", error.sentence)
        else:
            messages.success(request, "The concern is closed.")
            return redirect("concerns")
    return _show(request, mistaken=form, about=reference, status=422)


def _show(request: SchoolRequest, *, mistaken: CloseForm | None = None, about: str = "", status: int = 200) -> HttpResponse:
    rows = [
        (
            concern,
            live_item(concern.profile) if concern.profile is not None else None,
            mistaken if mistaken is not None and concern.reference == about else CloseForm(auto_id=f"{concern.reference}_%s"),
        )
        for concern in open_concerns(request.school)
    ]
    return render(request, "concerns/concerns.html", {"rows": rows}, status=status)


urlpatterns = [
    path("", concerns, name="concerns"),
    path("<slug:reference>/close/", close, name="concern_close"),
]
