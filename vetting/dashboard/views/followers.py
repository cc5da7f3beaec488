"""Followers: what does not fit, who follows now, whom nobody knows, full reviews; and pasting Twitter's lists where it is read by hand."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_POST

from vetting.dashboard.forms import followers as forms
from vetting.dashboard.permissions import DECIDING, FAMILY_DATA, SchoolRequest, get_row, holds, moment, page
from vetting.dashboard.presenters import counted
from vetting.dashboard.reading.connection import pages_url
from vetting.dashboard.reading.followers import (
    DOES_NOT_FIT,
    accounts_of,
    by_hand_accounts,
    current_follower,
    follower_list,
    line_of,
    page_on_twitter,
    reviews,
)
from vetting.decisions.operations import open_removal
from vetting.execution.models import Discrepancy
from vetting.execution.operations import note_discrepancy
from vetting.execution.queries import Misfit
from vetting.identities.queries import person_of
from vetting.leavers.operations import complete_review
from vetting.school.models import Role, SchoolAccount
from vetting.twitter.models import Follower, ListReading
from vetting.twitter.operations import paste_followers, paste_requests
from vetting.values import BadValue, Refused


@page(*FAMILY_DATA)
def followers(request: SchoolRequest) -> HttpResponse:
    return _list(request, request.GET.get("group", ""))


def _list(request: SchoolRequest, group: str, status: int = 200) -> HttpResponse:
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
        "may_paste": bool(by_hand_accounts(request.school)) and holds(request, Role.OFFICE, Role.ADMIN),
        "misfits": _with_their_forms(listed.misfits),
    }
    return render(request, "followers/followers.html", context, status=status)


def _with_their_forms(misfits: list[Misfit] | None) -> list[tuple[Misfit, forms.MisfitForm, str]] | None:
    """Each with the form to note it, and the address of the account's own page on Twitter."""
    if misfits is None:
        return None
    return [(one, forms.MisfitForm(auto_id=f"misfit_{one.row.reference}_%s"), page_on_twitter(one.row)) for one in misfits]


@page(Role.ADMIN, Role.LEAD)
@require_POST
def note_misfit(request: SchoolRequest, reference: str) -> HttpResponse:
    """Somebody looked at what does not fit, and says why it may stand."""
    row = get_row(request, Discrepancy.objects.select_related("profile"), reference, school="school_account__school")
    form = forms.MisfitForm(request.POST)
    try:
        note_discrepancy(discrepancy=row, note=form.cleaned_data["note"] if form.is_valid() else "", by=request.user, at=moment())
    except (BadValue, Refused) as error:
        messages.error(request, error.sentence)
        return _list(request, DOES_NOT_FIT, status=422 if isinstance(error, BadValue) else 409)
    messages.success(request, f"Noted about @{row.profile.handle}. It no longer counts as open.")
    return redirect(f"{reverse('followers')}?group={DOES_NOT_FIT}")


@page(*FAMILY_DATA)
def follower(request: SchoolRequest, reference: str) -> HttpResponse:
    return _show(request, _follower(request, reference), forms.RemovalForm())


def _follower(request: SchoolRequest, reference: str) -> Follower:
    found = current_follower(request.school, reference)
    if found is None:
        raise Http404("Nobody follows under this reference.")
    return found


def _show(request: SchoolRequest, found: Follower, form: forms.RemovalForm, status: int = 200) -> HttpResponse:
    context = {
        "follower": found,
        "profile": found.profile,
        "line": line_of(found, is_lead=holds(request, Role.LEAD), at=moment()),
        "removal_form": form,
        "may_ask": holds(request, *DECIDING),
        "may_write_down": holds(request, Role.OFFICE, Role.ADMIN),
        "pages_url": pages_url(found.school_account),
    }
    return render(request, "followers/follower.html", context, status=status)


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
            person=person_of(found.profile),
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


Paste = Callable[..., ListReading]


@page(Role.OFFICE, Role.ADMIN)
def paste(request: SchoolRequest) -> HttpResponse:
    """Twitter's lists by hand: copied there, pasted here."""
    accounts = by_hand_accounts(request.school)
    which = request.POST.get("which", "")
    kinds: dict[str, tuple[type[forms.PasteForm], Paste, tuple[str, str]]] = {
        "requests": (forms.PasteRequestsForm, paste_requests, ("person who asks to follow", "people who ask to follow")),
        "followers": (forms.PasteFollowersForm, paste_followers, ("follower", "followers")),
    }
    bound = {key: form(request.POST if key == which else None) for key, (form, _, _) in kinds.items()}
    if request.method == "POST" and which in kinds and accounts and bound[which].is_valid():
        _, operation, words = kinds[which]
        sentence = _paste(request, accounts, bound[which], operation, words)
        if sentence:
            messages.success(request, sentence)
            return redirect("paste_lists")
    context = {"accounts": accounts, "requests_form": bound["requests"], "followers_form": bound["followers"]}
    return render(request, "followers/paste.html", context, status=422 if any(form.errors for form in bound.values()) else 200)


def _paste(request: SchoolRequest, accounts: list[SchoolAccount], form: forms.PasteForm, operation: Paste, words: tuple[str, str]) -> str:
    """The sentence of what was taken in; empty, with the mistake on the form, when nothing was."""
    data: dict[str, Any] = form.cleaned_data
    chosen = next((one for one in accounts if one.handle == request.POST.get("account")), accounts[0])
    try:
        reading = operation(school_account=chosen, text=data["text"], complete=data["complete"], by=request.user, at=moment())
    except (BadValue, Refused) as error:
        form.add_error("text", error.sentence)
        return ""
    whole = "the whole list" if data["complete"] else "part of the list"
    return f"Taken in for @{chosen.handle}: {counted(reading.count, *words)}, {whole}. Requests are compared within a few seconds."


urlpatterns = [
    path("", followers, name="followers"),
    path("paste/", paste, name="paste_lists"),
    path("review/", review_completed, name="review_completed"),
    path("does-not-fit/<slug:reference>/", note_misfit, name="misfit_note"),
    path("<slug:reference>/", follower, name="follower"),
    path("<slug:reference>/removal/", ask_removal, name="follower_removal"),
]
