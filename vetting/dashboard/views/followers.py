"""Followers: what does not fit, who follows now, whom nobody knows, full reviews."""

from collections.abc import Mapping
from types import MappingProxyType

from django.contrib import messages
from django.db import transaction
from django.forms import Form
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_POST

from vetting.dashboard.forms import followers as forms
from vetting.dashboard.forms.requests import SearchForm
from vetting.dashboard.permissions import DECIDING, FAMILY_DATA, SchoolRequest, get_row, holds, moment, page
from vetting.dashboard.reading.connection import pages_url
from vetting.dashboard.reading.followers import (
    DOES_NOT_FIT,
    NEEDS_LEAD,
    accounts_of,
    current_follower,
    follower_list,
    line_of,
    page_on_twitter,
    reviews,
    who_it_may_be,
)
from vetting.dashboard.reading.pasting import pasting
from vetting.dashboard.views.pasting import paste
from vetting.decisions.operations import open_removal, recognise_follower
from vetting.execution.models import Discrepancy
from vetting.execution.operations import note_discrepancy, say_unblocked
from vetting.execution.queries import Misfit, whom_it_is_about
from vetting.leavers.operations import ask_around, complete_review
from vetting.roster.models import Basis, Person
from vetting.roster.operations import add_person
from vetting.school.models import Role
from vetting.twitter.models import Follower
from vetting.values import BadValue, PersonName, Refused


@page(*FAMILY_DATA)
def followers(request: SchoolRequest) -> HttpResponse:
    return _list(request, request.GET.get("group", ""))


def _list(
    request: SchoolRequest, group: str, status: int = 200, refused: Mapping[str, forms.MisfitForm] = MappingProxyType({})
) -> HttpResponse:
    """`refused`: a note that was not taken, with its words and what is wrong with them, by the row's reference."""
    at, number = moment(), request.GET.get("page", "1")
    listed = follower_list(
        school=request.school,
        group=group,
        page=max(1, int(number)) if number.isdecimal() and len(number) < 6 else 1,
        is_lead=holds(request, Role.LEAD),
        at=at,
    )
    context = {
        "list": listed,
        "group": next((tab.key for tab in listed.tabs if tab.current), ""),
        "reviews": reviews(request.school, at),
        "review_form": forms.ReviewForm(),
        "may_review": holds(request, Role.ADMIN),
        "may_note": holds(request, Role.ADMIN, Role.LEAD),
        "may_ask": holds(request, *DECIDING),
        "may_paste": holds(request, Role.OFFICE, Role.ADMIN) and bool(pasting(request.school, at=at).by_hand),
        "misfits": _with_their_forms(listed.misfits, refused),
    }
    return render(request, "followers/followers.html", context, status=status)


Row = tuple[Misfit, forms.MisfitForm, str]


def _with_their_forms(misfits: list[Misfit] | None, refused: Mapping[str, forms.MisfitForm]) -> list[Row] | None:
    """Each with the form to note it, and the address of the account's own page on Twitter."""
    if misfits is None:
        return None
    return [(one, refused.get(one.row.reference) or _note_form(one.row.reference), page_on_twitter(one.row)) for one in misfits]


def _note_form(reference: str, data: QueryDict | None = None) -> forms.MisfitForm:
    return forms.MisfitForm(data, auto_id=f"misfit_{reference}_%s")


@page(Role.ADMIN, Role.LEAD)
@require_POST
def note_misfit(request: SchoolRequest, reference: str) -> HttpResponse:
    """Somebody looked at what does not fit, and says why it may stand."""
    row = get_row(request, Discrepancy.objects.select_related("profile"), reference, school="school_account__school")
    form = _note_form(reference, request.POST)
    if not form.is_valid():
        return _list(request, DOES_NOT_FIT, status=422, refused={reference: form})
    try:
        note_discrepancy(discrepancy=row, note=form.cleaned_data["note"], by=request.user, at=moment())
    except (BadValue, Refused) as error:
        messages.error(request, error.sentence)
        return _list(request, DOES_NOT_FIT, status=422 if isinstance(error, BadValue) else 409, refused={reference: form})
    messages.success(request, f"Noted about @{row.profile.handle}. It no longer counts as open.")
    return redirect(f"{reverse('followers')}?group={DOES_NOT_FIT}")


@page(Role.ADMIN, Role.LEAD)
@require_POST
def unblocked(request: SchoolRequest, reference: str) -> HttpResponse:
    """ "I unblocked them on Twitter." """
    row = get_row(request, Discrepancy.objects.select_related("profile"), reference, school="school_account__school")
    try:
        say_unblocked(discrepancy=row, by=request.user, at=moment())
    except Refused as error:
        messages.error(request, error.sentence)
        return _list(request, DOES_NOT_FIT, status=409)
    messages.success(request, f"Written down: you unblocked @{row.profile.handle} on Twitter.")
    return redirect(f"{reverse('followers')}?group={DOES_NOT_FIT}")


@page(*FAMILY_DATA)
def follower(request: SchoolRequest, reference: str) -> HttpResponse:
    return _show(request, _follower(request, reference), forms.RemovalForm())


def _follower(request: SchoolRequest, reference: str) -> Follower:
    found = current_follower(request.school, reference)
    if found is None:
        raise Http404("Nobody follows under this reference.")
    return found


def _show(request: SchoolRequest, found: Follower, form: Form, *, search: str = "", status: int = 200, **bound: Form) -> HttpResponse:
    at, is_lead = moment(), holds(request, Role.LEAD)
    line = line_of(found, is_lead=is_lead, at=at)
    context = {
        "follower": found,
        "profile": found.profile,
        "line": line,
        "removal_form": form,
        "may_say_who": holds(request, *DECIDING) and line is not None and (is_lead or line.sentence != NEEDS_LEAD),
        "search": search,
        "candidates": who_it_may_be(request.school, search, at),
        "who_form": forms.WhoForm(),
        "organisation_form": forms.OrganisationForm(),
        "asked_form": forms.AskedForm(),
        **bound,
        "may_ask": holds(request, *DECIDING),
        "may_write_down": holds(request, Role.OFFICE, Role.ADMIN),
        "pages_url": pages_url(found.school_account),
    }
    return render(request, "followers/follower.html", context, status=status)


@page(*DECIDING)
@require_POST
def find_who(request: SchoolRequest, reference: str) -> HttpResponse:
    """Search the school's people for who this may be. A name never stands in an address."""
    found, form = _follower(request, reference), SearchForm(request.POST)
    return _show(request, found, forms.RemovalForm(), search=form.cleaned_data["search"] if form.is_valid() else "")


@page(*DECIDING)
@require_POST
def say_who(request: SchoolRequest, reference: str) -> HttpResponse:
    """ "This follower is Dana Hill": a colleague's word, with how they know."""
    found, form = _follower(request, reference), forms.WhoForm(request.POST)
    search = request.POST.get("search", "")[:100]
    if not form.is_valid():
        return _show(request, found, forms.RemovalForm(), search=search, status=422, who_form=form)
    data, person = form.cleaned_data, get_row(request, Person, form.cleaned_data["person"])
    try:
        recognise_follower(follower=found, person=person, how=data["how"], note=data["note"], by=request.user, at=moment())
    except (BadValue, Refused) as error:
        form.add_error(None, error.sentence)
        return _show(request, found, forms.RemovalForm(), search=search, status=409, who_form=form)
    messages.success(request, f"Written down: @{found.profile.handle} is {person.name}.")
    return redirect("follower", reference=reference)


@page(Role.OFFICE, Role.ADMIN)
@require_POST
def say_organisation(request: SchoolRequest, reference: str) -> HttpResponse:
    """This follower is an organisation the school knows: it is put on record, and linked."""
    found, form = _follower(request, reference), forms.OrganisationForm(request.POST)
    if not form.is_valid():
        return _show(request, found, forms.RemovalForm(), status=422, organisation_form=form)
    data, at = form.cleaned_data, moment()
    try:
        with transaction.atomic():
            organisation = add_person(
                school=request.school,
                name=PersonName("", data["name"]),
                kind=Basis.Kind.ORGANISATION,
                relationship=f"organisation, {data['contact']}",
                by=request.user,
                at=at,
            )
            recognise_follower(follower=found, person=organisation, how=data["how"], by=request.user, at=at)
    except (BadValue, Refused) as error:
        form.add_error(None, error.sentence)
        return _show(request, found, forms.RemovalForm(), status=409, organisation_form=form)
    messages.success(request, f"Written down: @{found.profile.handle} is {organisation.name}.")
    return redirect("follower", reference=reference)


@page(*DECIDING)
@require_POST
def asked(request: SchoolRequest, reference: str) -> HttpResponse:
    """ "I asked the Year 2 teacher": for the colleagues. It sends nothing."""
    found, form = _follower(request, reference), forms.AskedForm(request.POST)
    if not form.is_valid():
        return _show(request, found, forms.RemovalForm(), status=422, asked_form=form)
    ask_around(follower=found, note=form.cleaned_data["note"], by=request.user, at=moment())
    messages.success(request, f"Noted that you asked who @{found.profile.handle} is.")
    return redirect("follower", reference=reference)


@page(*DECIDING)
@require_POST
def ask_removal(request: SchoolRequest, reference: str) -> HttpResponse:
    """Put before the admins whether this follower should go. Removes nobody."""
    found, form = _follower(request, reference), forms.RemovalForm(request.POST)
    if not form.is_valid():
        return _show(request, found, form, status=422)
    try:
        item = open_removal(
            school_account=found.school_account,
            follower=found,
            person=whom_it_is_about(found, at=moment()),
            why=form.cleaned_data["why"],
            by=request.user,
            at=moment(),
        )
    except (BadValue, Refused) as error:
        form.add_error(None, error.sentence)
        return _show(request, found, form, status=422)
    messages.success(request, f"@{found.profile.handle} is put before the admins, under Leavers.")
    return redirect("removal", reference=item.reference)


@page(Role.ADMIN)
@require_POST
def review_completed(request: SchoolRequest) -> HttpResponse:
    """Somebody looked through all followers."""
    form = forms.ReviewForm(request.POST)
    note = form.cleaned_data["note"] if form.is_valid() else ""
    at = moment()
    for account in accounts_of(request.school):
        complete_review(school_account=account, by=request.user, at=at, note=note)
    messages.success(request, "The full review is recorded.")
    return redirect("followers")


urlpatterns = [
    path("", followers, name="followers"),
    path("paste/", paste, name="paste_lists"),
    path("review/", review_completed, name="review_completed"),
    path("does-not-fit/<slug:reference>/", note_misfit, name="misfit_note"),
    path("does-not-fit/<slug:reference>/unblocked/", unblocked, name="misfit_unblocked"),
    path("<slug:reference>/", follower, name="follower"),
    path("<slug:reference>/find/", find_who, name="follower_find"),
    path("<slug:reference>/is/", say_who, name="follower_is"),
    path("<slug:reference>/organisation/", say_organisation, name="follower_organisation"),
    path("<slug:reference>/asked/", asked, name="follower_asked"),
    path("<slug:reference>/removal/", ask_removal, name="follower_removal"),
]
