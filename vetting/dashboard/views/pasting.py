"""Pasting Twitter's lists: copied there, shown here as understood, and only then taken in."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from vetting.dashboard.forms import followers as forms
from vetting.dashboard.permissions import SchoolRequest, moment, page
from vetting.dashboard.presenters import counted
from vetting.dashboard.reading.pasting import Understood, pasting, understood
from vetting.school.models import Role, SchoolAccount
from vetting.twitter.models import ListReading
from vetting.twitter.operations import paste_followers, paste_requests, read_copied
from vetting.twitter.pasted import Listed
from vetting.values import BadValue, Refused


@dataclass(frozen=True)
class _Kind:
    """One of the two lists: its form, what takes it in, and what its people are called."""

    of: Listed
    form: type[forms.PasteForm]
    take_in: Callable[..., ListReading]
    words: tuple[str, str]


KINDS = {
    "requests": _Kind(Listed.REQUESTS, forms.PasteRequestsForm, paste_requests, ("person who asks to follow", "people who ask to follow")),
    "followers": _Kind(Listed.FOLLOWERS, forms.PasteFollowersForm, paste_followers, ("follower", "followers")),
}


@page(Role.OFFICE, Role.ADMIN)
def paste(request: SchoolRequest) -> HttpResponse:
    """Twitter's lists by hand. The first press shows what was understood; the second takes it in."""
    offered, which = pasting(request.school, at=moment()), request.POST.get("which", "")
    accounts = {key: offered.accounts(kind.of) for key, kind in KINDS.items()}
    bound = {key: kind.form(request.POST if key == which else None) for key, kind in KINDS.items()}
    seen: Understood | None = None
    if request.method == "POST" and accounts.get(which) and bound[which].is_valid():
        chosen = next((one for one in accounts[which] if one.handle == request.POST.get("account")), accounts[which][0])
        if request.POST.get("step") == "take":
            if sentence := _take_in(request, chosen, bound[which], KINDS[which]):
                messages.success(request, sentence)
                return redirect("paste_lists")
        else:
            seen = _look(chosen, bound[which], KINDS[which])
    context = {
        "requests_accounts": accounts["requests"],
        "followers_accounts": accounts["followers"],
        "unseen": offered.unseen,
        "requests_form": bound["requests"],
        "followers_form": bound["followers"],
        "understood": seen,
        "which": which,
    }
    return render(request, "followers/paste.html", context, status=422 if any(form.errors for form in bound.values()) else 200)


def _look(account: SchoolAccount, form: forms.PasteForm, kind: _Kind) -> Understood | None:
    """What the text says; None, with the mistake on the form, when it says nothing."""
    try:
        pasted = read_copied(school_account=account, text=form.cleaned_data["text"], of=kind.of)
    except BadValue as error:
        form.add_error("text", error.sentence)
        return None
    return understood(account=account, of=kind.of, pasted=pasted, complete=form.cleaned_data["complete"])


def _take_in(request: SchoolRequest, account: SchoolAccount, form: forms.PasteForm, kind: _Kind) -> str:
    """The sentence of what was taken in; empty, with the mistake on the form, when nothing was."""
    data: dict[str, Any] = form.cleaned_data
    try:
        reading = kind.take_in(
            school_account=account,
            text=data["text"],
            complete=data["complete"],
            leaving_out=data["leaving_out"],
            by=request.user,
            at=moment(),
        )
    except (BadValue, Refused) as error:
        form.add_error("text", error.sentence)
        return ""
    whole = "the whole list" if reading.complete else "part of the list"
    return f"Taken in for @{account.handle}: {counted(reading.count, *kind.words)}, {whole}. Requests are compared within a few seconds."
