"""Import: a list is uploaded, checked, and only then applied or thrown away."""

from json import dumps, loads
from pathlib import Path

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_POST

from vetting.dashboard.forms.imports import ColumnsForm, LetThroughForm, UploadForm
from vetting.dashboard.permissions import SchoolRequest, get_row, holds, moment, page, refusal
from vetting.roster.importing.rehearsing import propose_columns
from vetting.roster.models import RosterImport
from vetting.roster.operations import (
    answer_questions,
    apply_import,
    discard_import,
    rehearse_import,
    release_import,
    roll_back_import,
)
from vetting.roster.queries import import_history, may_go_back, names_of_sources
from vetting.school.models import Role
from vetting.values import BadValue, Refused

LOADING = (Role.OFFICE, Role.ADMIN, Role.DATA_LEAD)
FILES_TO_TRY = {
    "parents-good": "A good one: a few families more, one changed",
    "parents-broken": "A broken one: what a computer saves when you were signed out",
}
TITLES = {"needs_you": "Needs you", "new": "New", "changed": "Changed", "no_longer_listed": "No longer listed"}


@page(*LOADING, Role.LEAD)
def imports(request: SchoolRequest) -> HttpResponse:
    """Choose a file; and every list that was checked before. The safeguarding lead looks, and loads none."""
    may_load = holds(request, *LOADING)
    if request.method == "POST" and not may_load:
        return refusal(request, "Lists are loaded by the office, an admin or the data lead.")
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        contents = form.cleaned_data["file"].read()
        try:
            return redirect("import", reference=_checked(request, form, contents, None).reference)
        except BadValue as error:
            if asked := _columns_to_choose(form, contents):
                return _ask_for_columns(request, asked, error.sentence)
            form.add_error("file", error.sentence if "Nothing was changed." in error.sentence else f"{error.sentence} Nothing was changed.")
    context = {
        "form": form,
        "may_load": may_load,
        "history": import_history(request.school),
        "files_to_try": FILES_TO_TRY if request.school.is_demo and may_load else {},
        "sources": names_of_sources(request.school),
    }
    return render(request, "imports/imports.html", context, status=422 if form.errors else 200)


def _checked(request: SchoolRequest, form: UploadForm, contents: bytes, mapping: dict[str, list[int]] | None) -> RosterImport:
    return rehearse_import(
        school=request.school,
        file_name=form.cleaned_data["file"].name,
        contents=contents,
        kind=form.cleaned_data["kind"],
        source=form.cleaned_data["source"],
        mapping=mapping,
        by=request.user,
        at=moment(),
    )


def _columns_to_choose(form: UploadForm, contents: bytes) -> ColumnsForm | None:
    """Where the file is a table whose headings do not say enough: the choice of columns. None where it is no table."""
    try:
        headings, chosen = propose_columns(contents)
    except BadValue:
        return None
    kept = {name: form.cleaned_data[name] for name in ("kind", "source")}
    return ColumnsForm(headings=headings, chosen=chosen, initial=kept)


def _ask_for_columns(request: SchoolRequest, form: ColumnsForm, problem: str = "") -> HttpResponse:
    context = {"form": form, "problem": problem, "headings": dumps(list(form.headings))}
    return render(request, "imports/columns.html", context, status=422 if problem or form.errors else 200)


@page(*LOADING)
def columns(request: SchoolRequest) -> HttpResponse:
    """Say which column is what: after an upload whose headings did not, or to change what was taken of a list."""
    before = RosterImport.objects.filter(school=request.school, reference=request.GET.get("of", "")).defer("kept_rows", "journal").first()
    if request.method != "POST":
        headings = before.rehearsal.get("columns", {}).get("headings", []) if before else []
        if before is None or not headings:
            return redirect("imports")
        return _ask_for_columns(
            request, ColumnsForm(headings=headings, chosen=before.mapping, initial={"kind": before.kind, "source": before.source})
        )
    form = ColumnsForm(request.POST, request.FILES, headings=_headings_sent(request))
    if form.is_valid():
        contents = form.cleaned_data["file"].read()
        try:
            if form.is_of(propose_columns(contents)[0]):
                return redirect("import", reference=_checked(request, form, contents, form.mapping()).reference)
            form.add_error("file", "This is another file: its headings are not those below. Go back and start with it.")
        except BadValue as error:
            form.add_error(None, error.sentence)
    return _ask_for_columns(request, form)


def _headings_sent(request: SchoolRequest) -> list[str]:
    try:
        sent = loads(request.POST.get("headings", "[]"))
    except ValueError:
        return []
    return [str(heading)[:90] for heading in sent][:200] if isinstance(sent, list) else []


@page(*LOADING)
def file_to_try(request: SchoolRequest, name: str) -> HttpResponse:
    """One of the demo's two lists, to keep and to upload again. Raises Http404 outside the demo."""
    path = Path(settings.DATA_DIR) / "demo-files" / f"{name}.csv"
    if not request.school.is_demo or name not in FILES_TO_TRY or not path.is_file():
        raise Http404
    response = HttpResponse(path.read_bytes(), content_type="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


@page(*LOADING, Role.LEAD)
def import_page(request: SchoolRequest, reference: str) -> HttpResponse:
    """Check before applying; the same page interrupts when the list was stopped."""
    return _show(
        request, get_row(request, RosterImport.objects.select_related("by", "applied_by", "rolled_back_by", "released_by"), reference)
    )


def _show(
    request: SchoolRequest, found: RosterImport, problem: str = "", status: int = 200, form: LetThroughForm | None = None
) -> HttpResponse:
    is_open = not found.applied_at and not found.discarded_at
    may_answer = is_open and holds(request, *LOADING)
    questions = [row for row in found.rehearsal.get("needs_you", []) if row.get("key")] if may_answer else []
    lists = [(key, title, [row for row in found.rehearsal.get(key, []) if row not in questions]) for key, title in TITLES.items()]
    columns_of_list = found.rehearsal.get("columns", {})
    context = {
        "found": found,
        "says": found.rehearsal,
        "lists": [(key, title, rows) for key, title, rows in lists if rows],
        "questions": questions,
        "kept": columns_of_list.get("kept", []),
        "dropped": columns_of_list.get("dropped", []),
        "is_open": is_open,
        "may_load": holds(request, *LOADING),
        "for_lead": found.rehearsal.get("for_lead", []) if Role.LEAD in request.roles else [],
        "may_go_back": may_go_back(found),
        "may_let_through": Role.ADMIN in request.roles,
        "form": form or LetThroughForm(),
        "problem": problem,
    }
    is_stopped = found.stopped_because and not found.released_at
    return render(request, "imports/stopped.html" if is_stopped else "imports/import.html", context, status=status)


def _refused(request: SchoolRequest, reference: str, sentence: str) -> HttpResponse:
    return _show(request, get_row(request, RosterImport, reference), sentence, 409)


@page(*LOADING)
@require_POST
def answer(request: SchoolRequest, reference: str) -> HttpResponse:
    """Same or different: what somebody says of the entries that need a person."""
    found = get_row(request, RosterImport, reference)
    answers = {name.removeprefix("is_"): value for name, value in request.POST.items() if name.startswith("is_") and isinstance(value, str)}
    try:
        answer_questions(roster_import=found, answers=answers, by=request.user, at=moment())
    except (BadValue, Refused) as error:
        return _refused(request, reference, error.sentence)
    return redirect("import", reference=reference)


@page(*LOADING)
@require_POST
def apply(request: SchoolRequest, reference: str) -> HttpResponse:
    found = get_row(request, RosterImport, reference)
    try:
        apply_import(roster_import=found, by=request.user, at=moment())
    except (BadValue, Refused) as error:
        return _refused(request, reference, error.sentence)
    messages.success(request, "The list is loaded. Requests are compared with it within a few seconds.")
    return redirect("import", reference=reference)


@page(*LOADING)
@require_POST
def discard(request: SchoolRequest, reference: str) -> HttpResponse:
    found = get_row(request, RosterImport, reference)
    try:
        discard_import(roster_import=found, by=request.user, at=moment())
    except (BadValue, Refused) as error:
        return _refused(request, reference, error.sentence)
    messages.success(request, "Thrown away. Nothing has changed.")
    return redirect("imports")


@page(*LOADING, Role.LEAD)
@require_POST
def roll_back(request: SchoolRequest, reference: str) -> HttpResponse:
    """The register as it was before a list."""
    found = get_row(request, RosterImport, reference)
    try:
        roll_back_import(roster_import=found, by=request.user, at=moment())
    except (BadValue, Refused) as error:
        return _refused(request, reference, error.sentence)
    messages.success(request, "Rolled back. The register is what it was before this list.")
    return redirect("import", reference=reference)


@page(Role.ADMIN)
@require_POST
def let_through(request: SchoolRequest, reference: str) -> HttpResponse:
    """A stopped list that another admin has looked at."""
    found = get_row(request, RosterImport, reference)
    form = LetThroughForm(request.POST)
    if not form.is_valid():
        return _show(request, found, status=422, form=form)
    try:
        release_import(roster_import=found, why=form.cleaned_data["why"], by=request.user, at=moment(), seen=form.cleaned_data["seen"])
    except (BadValue, Refused) as error:
        return _refused(request, reference, error.sentence)
    messages.success(request, "Let through. Look at it once more, then apply it.")
    return redirect("import", reference=reference)


urlpatterns = [
    path("", imports, name="imports"),
    path("columns/", columns, name="import_columns"),
    path("to-try/<slug:name>/", file_to_try, name="file_to_try"),
    path("<slug:reference>/", import_page, name="import"),
    path("<slug:reference>/answers/", answer, name="import_answers"),
    path("<slug:reference>/roll-back/", roll_back, name="import_roll_back"),
    path("<slug:reference>/let-through/", let_through, name="import_let_through"),
    path("<slug:reference>/apply/", apply, name="import_apply"),
    path("<slug:reference>/throw-away/", discard, name="import_discard"),
]
