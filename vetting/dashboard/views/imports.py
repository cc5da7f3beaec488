"""Import: a list is uploaded, checked, and only then applied or thrown away."""

from pathlib import Path

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_POST

from vetting.dashboard.forms.imports import UploadForm
from vetting.dashboard.permissions import SchoolRequest, get_row, moment, page
from vetting.roster.models import RosterImport
from vetting.roster.operations import apply_import, discard_import, rehearse_import
from vetting.roster.queries import import_history
from vetting.school.models import Role
from vetting.values import BadValue, Refused

LOADING = (Role.OFFICE, Role.ADMIN, Role.DATA_LEAD)
FILES_TO_TRY = {
    "parents-good": "A good one: a few families more, one changed",
    "parents-broken": "A broken one: what a computer saves when you were signed out",
}
TITLES = {"needs_you": "Needs you", "new": "New", "changed": "Changed", "no_longer_listed": "No longer listed"}


@page(*LOADING)
def imports(request: SchoolRequest) -> HttpResponse:
    """Choose a file; and every list that was checked before."""
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            checked = rehearse_import(
                school=request.school,
                file_name=file.name,
                contents=file.read(),
                kind=form.cleaned_data["kind"],
                by=request.user,
                at=moment(),
            )
        except BadValue as error:
            form.add_error("file", f"{error.sentence} Nothing has changed.")
        else:
            return redirect("import", reference=checked.reference)
    context = {"form": form, "history": import_history(request.school), "files_to_try": FILES_TO_TRY if request.school.is_demo else {}}
    return render(request, "imports/imports.html", context, status=422 if form.errors else 200)


@page(*LOADING)
def file_to_try(request: SchoolRequest, name: str) -> HttpResponse:
    """One of the demo's two lists, to keep and to upload again. Raises Http404 outside the demo."""
    path = Path(settings.DATA_DIR) / "demo-files" / f"{name}.csv"
    if not request.school.is_demo or name not in FILES_TO_TRY or not path.is_file():
        raise Http404
    response = HttpResponse(path.read_bytes(), content_type="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


@page(*LOADING)
def import_page(request: SchoolRequest, reference: str) -> HttpResponse:
    """Check before applying; the same page interrupts when the list was stopped."""
    return _show(request, get_row(request, RosterImport.objects.select_related("by", "applied_by"), reference))


def _show(request: SchoolRequest, found: RosterImport, problem: str = "", status: int = 200) -> HttpResponse:
    lists = [(key, title, found.rehearsal.get(key, [])) for key, title in TITLES.items()]
    columns = found.rehearsal.get("columns", {})
    context = {
        "found": found,
        "says": found.rehearsal,
        "lists": [(key, title, rows) for key, title, rows in lists if rows],
        "kept": columns.get("kept", []),
        "dropped": columns.get("dropped", []),
        "is_open": not found.applied_at and not found.discarded_at,
        "problem": problem,
    }
    return render(request, "imports/stopped.html" if found.stopped_because else "imports/import.html", context, status=status)


@page(*LOADING)
@require_POST
def apply(request: SchoolRequest, reference: str) -> HttpResponse:
    found = get_row(request, RosterImport, reference)
    try:
        apply_import(roster_import=found, by=request.user, at=moment())
    except (BadValue, Refused) as error:
        return _show(request, get_row(request, RosterImport, reference), error.sentence, 409)
    messages.success(request, "The list is loaded. Requests are compared with it within a few seconds.")
    return redirect("import", reference=reference)


@page(*LOADING)
@require_POST
def discard(request: SchoolRequest, reference: str) -> HttpResponse:
    found = get_row(request, RosterImport, reference)
    try:
        discard_import(roster_import=found, by=request.user, at=moment())
    except (BadValue, Refused) as error:
        return _show(request, get_row(request, RosterImport, reference), error.sentence, 409)
    messages.success(request, "Thrown away. Nothing has changed.")
    return redirect("imports")


urlpatterns = [
    path("", imports, name="imports"),
    path("to-try/<slug:name>/", file_to_try, name="file_to_try"),
    path("<slug:reference>/", import_page, name="import"),
    path("<slug:reference>/apply/", apply, name="import_apply"),
    path("<slug:reference>/throw-away/", discard, name="import_discard"),
]
