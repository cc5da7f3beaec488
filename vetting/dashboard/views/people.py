"""People: who belongs to the school and why, and everything that may be written about one person."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_POST

from vetting.dashboard.forms import people as forms
from vetting.dashboard.forms.requests import SearchForm
from vetting.dashboard.permissions import DECIDING, FAMILY_DATA, SchoolRequest, get_row, holds, moment, page
from vetting.dashboard.reading.people import PersonDetail, people_list, person_detail
from vetting.roster import operations
from vetting.roster.models import Basis, Person, Restriction
from vetting.roster.queries import count_people
from vetting.school.models import Role
from vetting.school.queries import local_day
from vetting.values import BadValue, PersonName, Refused

SEARCH_KEY = "people_search"
WRITING = (Role.OFFICE, Role.ADMIN, Role.DATA_LEAD)
Act = Callable[[Person, dict[str, Any], datetime], object]


@page(*FAMILY_DATA)
def people(request: SchoolRequest) -> HttpResponse:
    """The list. What somebody searched for is kept in their session: a name never stands in an address."""
    if request.method == "POST":
        form = SearchForm(request.POST)
        request.session[SEARCH_KEY] = form.cleaned_data["search"] if form.is_valid() else ""
        return redirect("people")
    search = request.session.get(SEARCH_KEY, "")
    listed = people_list(school=request.school, search=search, after=request.GET.get("after", ""), at=moment())
    context = {
        "list": listed,
        "search": search,
        "count": count_people(request.school),
        "may_write": holds(request, *WRITING),
        "is_later_page": "after" in request.GET,
    }
    return render(request, "people/people.html", context)


@page(*WRITING)
def add(request: SchoolRequest) -> HttpResponse:
    """Somebody the school knows; with `introduced_by`, somebody a parent vouches for."""
    introducer = _introducer(request)
    form = forms.AddPersonForm(request.POST or None, introduced=introducer is not None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            person = operations.add_person(
                school=request.school,
                name=data["name"],
                kind=Basis.Kind.INTRODUCED_BY if introducer else data["kind"],
                addresses=data["addresses"],
                child=data["child"],
                relationship=data["relationship"],
                starts_on=data["starts_on"],
                introduced_by=introducer,
                by=request.user,
                at=moment(),
            )
        except (BadValue, Refused) as error:
            form.add_error(None, error.sentence)
        else:
            messages.success(request, f"Added {person.name}.")
            return redirect("person", reference=person.reference)
    context = {"form": form, "introducer": introducer}
    return render(request, "people/add.html", context, status=422 if form.errors else 200)


def _introducer(request: SchoolRequest) -> Person | None:
    reference = request.GET.get("introduced_by", "")
    return get_row(request, Person, reference) if reference else None


@page(*FAMILY_DATA)
def person_page(request: SchoolRequest, reference: str) -> HttpResponse:
    return _show(request, get_row(request, Person, reference), {})


def _show(request: SchoolRequest, person: Person, bound: Mapping[str, Form], *, problem: str = "", status: int = 200) -> HttpResponse:
    at, is_lead = moment(), holds(request, Role.LEAD)
    detail = person_detail(person=person, is_lead=is_lead, at=at)
    context = {
        "detail": detail,
        "person": person,
        "problem": problem,
        "is_lead": is_lead,
        "may_write": holds(request, *WRITING),
        "may_tell": holds(request, Role.OFFICE, Role.ADMIN),
        "may_open_requests": holds(request, *DECIDING),
        **_forms(request, person, detail, at),
        **bound,
    }
    return render(request, "people/person.html", context, status=status)


def _forms(request: SchoolRequest, person: Person, detail: PersonDetail, at: datetime) -> dict[str, Form]:
    return {
        "left_form": forms.LeftForm(today=local_day(request.school, at)),
        "reason_form": forms.ReasonForm(),
        "correct_form": forms.CorrectForm.of(person, detail.addresses),
        "mark_form": forms.MarkForm(children=detail.children),
        "lift_form": forms.LiftForm(),
    }


def _act(request: SchoolRequest, reference: str, form: Form, name: str, act: Act, said: str) -> HttpResponse:
    """One entry about a person; what is missing or refused is said on the same page, with what was typed."""
    person = get_row(request, Person, reference)
    if not form.is_valid():
        return _show(request, person, {name: form}, problem="Nothing was saved yet. Look at the marked fields.", status=422)
    try:
        act(person, form.cleaned_data, moment())
    except BadValue as error:
        return _show(request, person, {name: form}, problem=error.sentence, status=422)
    except Refused as error:
        return _show(request, person, {name: form}, problem=error.sentence, status=409)
    messages.success(request, said)
    return redirect("person", reference=reference)


@page(*WRITING)
@require_POST
def left(request: SchoolRequest, reference: str) -> HttpResponse:
    """Everything that lets them follow ends on that day."""

    def act(person: Person, data: dict[str, Any], at: datetime) -> None:
        operations.mark_as_left(person=person, on=data["on"], why=data["why"], by=request.user, at=at)

    form = forms.LeftForm(request.POST, today=local_day(request.school, moment()))
    return _act(request, reference, form, "left_form", act, "Marked as left. If they follow, they come up under Leavers in time.")


@page(*WRITING)
@require_POST
def add_reason(request: SchoolRequest, reference: str) -> HttpResponse:
    def act(person: Person, data: dict[str, Any], at: datetime) -> None:
        operations.add_basis(
            person=person,
            kind=data["kind"],
            child=data["child"],
            relationship=data["relationship"],
            starts_on=data["starts_on"],
            ends_on=data["ends_on"],
            by=request.user,
            at=at,
        )

    return _act(request, reference, forms.ReasonForm(request.POST), "reason_form", act, "Recorded.")


@page(*WRITING)
@require_POST
def end_reason(request: SchoolRequest, reference: str, number: int) -> HttpResponse:
    """The last day of one reason; the others stay."""

    def act(person: Person, data: dict[str, Any], at: datetime) -> None:
        basis = Basis.objects.filter(person=person, pk=number).first()
        if basis is None:
            raise Http404("This person has no such reason.")
        operations.end_basis(basis=basis, on=data["on"], why=data["why"], by=request.user, at=at)

    form = forms.LeftForm(request.POST, today=local_day(request.school, moment()))
    return _act(request, reference, form, "left_form", act, "Ended.")


@page(*WRITING)
@require_POST
def correct(request: SchoolRequest, reference: str) -> HttpResponse:
    def act(person: Person, data: dict[str, Any], at: datetime) -> None:
        operations.correct_person(
            person=person,
            name=PersonName(data["given"], data["family"], data["title"]),
            addresses=data["addresses"],
            do_not_contact=data["do_not_contact"],
            by=request.user,
            at=at,
        )

    return _act(request, reference, forms.CorrectForm(request.POST), "correct_form", act, "Corrected.")


@page(Role.LEAD)
@require_POST
def place_mark(request: SchoolRequest, reference: str) -> HttpResponse:
    """From now on only the safeguarding lead answers for this person."""
    detail = person_detail(person=get_row(request, Person, reference), is_lead=True, at=moment())

    def act(person: Person, data: dict[str, Any], at: datetime) -> None:
        pupil = next((child for child in detail.children if str(child.pk) == data["pupil"]), None)
        operations.open_restriction(person=person, reason=data["reason"], pupil=pupil, by=request.user, at=at)

    form = forms.MarkForm(request.POST, children=detail.children)
    return _act(request, reference, form, "mark_form", act, "Marked. What is open about this person comes to you.")


@page(Role.LEAD)
@require_POST
def lift_mark(request: SchoolRequest, reference: str, number: int) -> HttpResponse:
    def act(person: Person, data: dict[str, Any], at: datetime) -> None:
        mark = Restriction.objects.filter(person=person, school=request.school, pk=number).first()
        if mark is None:
            raise Http404("This person has no such mark.")
        operations.lift_restriction(restriction=mark, why=data["why"], by=request.user, at=at)

    return _act(request, reference, forms.LiftForm(request.POST), "lift_form", act, "Lifted.")


urlpatterns = [
    path("", people, name="people"),
    path("add/", add, name="person_add"),
    path("<slug:reference>/", person_page, name="person"),
    path("<slug:reference>/left/", left, name="person_left"),
    path("<slug:reference>/reasons/", add_reason, name="person_add_reason"),
    path("<slug:reference>/reasons/<int:number>/end/", end_reason, name="person_end_reason"),
    path("<slug:reference>/correct/", correct, name="person_correct"),
    path("<slug:reference>/marks/", place_mark, name="person_place_mark"),
    path("<slug:reference>/marks/<int:number>/lift/", lift_mark, name="person_lift_mark"),
]
