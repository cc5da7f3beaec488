"""Requests to follow: the list in four tabs, one request beside it, and everything that may be answered."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_POST

from vetting.concerns.models import Concern
from vetting.dashboard.forms import requests as forms
from vetting.dashboard.permissions import DECIDING, SchoolRequest, get_row, holds, moment, page
from vetting.dashboard.reading.connection import pages_url
from vetting.dashboard.reading.pasting import pasting
from vetting.dashboard.reading.requests import RequestDetail, Spot, request_detail, request_list, tab_of
from vetting.dashboard.views.letters import WRITING, letter_address
from vetting.decisions import operations
from vetting.decisions.models import Decision, QueueItem, Verification
from vetting.decisions.queries import approvals
from vetting.decisions.states import State
from vetting.intake.models import Claim
from vetting.intake.operations import enter_claim_by_hand
from vetting.intake.queries import marked_subject, stretches
from vetting.roster.models import Person
from vetting.roster.operations import add_person
from vetting.school.models import Role
from vetting.school.queries import local_day
from vetting.twitter.models import TwitterProfile
from vetting.values import BadValue, Level, Refused

JUST_DECIDED_FOR = timedelta(days=1)
Act = Callable[[QueueItem, dict[str, Any], datetime], object]


@page(*DECIDING)
def requests(request: SchoolRequest) -> HttpResponse:
    """The list; on a wide screen with its first request beside it."""
    at = moment()
    listed = _listed(request, Spot.of(request.GET.dict()), at)
    first = listed.rows[0].item.reference if listed.rows else ""
    detail = request_detail(item=_item(request, first), by=request.user, at=at) if first else None
    return render(request, "requests/requests.html", _context(request, listed, detail, {}, at) | {"preview": True})


@page(*DECIDING)
def request_page(request: SchoolRequest, reference: str) -> HttpResponse:
    """One request at its own address."""
    return _show(request, _item(request, reference), {}, chosen=request.GET.get("person", ""))


def _item(request: SchoolRequest, reference: str) -> QueueItem:
    related = ("school", "school_account", "profile", "person", "match__person", "match__claim__email", "taken_by", "ticked_by")
    return get_row(request, approvals(request.school).select_related(*related), reference)


def _listed(request: SchoolRequest, spot: Spot, at: datetime) -> Any:
    return request_list(school=request.school, spot=spot, by=request.user, at=at, decided_since=at - JUST_DECIDED_FOR)


def _show(
    request: SchoolRequest,
    item: QueueItem,
    bound: Mapping[str, Form],
    *,
    problem: str = "",
    status: int = 200,
    chosen: str = "",
    search: str = "",
) -> HttpResponse:
    at = moment()
    spot = Spot.of(request.GET.dict() | request.POST.dict(), otherwise=tab_of(item, local_day(request.school, at)))
    detail = request_detail(item=item, by=request.user, at=at, chosen=chosen, search=search)
    context = _context(request, _listed(request, spot, at), detail, bound, at)
    return render(request, "requests/requests.html", context | {"problem": problem, "search": search}, status=status)


def _context(request: SchoolRequest, listed: Any, detail: RequestDetail | None, bound: Mapping[str, Form], at: datetime) -> dict[str, Any]:
    context: dict[str, Any] = {
        "list": listed,
        "pasting": pasting(request.school, at=at),
        "spot": listed.spot,
        "may_write_down": holds(request, Role.OFFICE, Role.ADMIN),
        "may_undo": holds(request, Role.ADMIN, Role.LEAD),
    }
    if detail is not None:
        item, claim = detail.item, detail.item.match.claim if detail.item.match else None
        version = {"seen_version": item.version}
        context |= {
            "detail": detail,
            "item": item,
            "pages_url": pages_url(item.school_account),
            "email": claim.email if claim else None,
            "message": stretches(claim.email) if claim and claim.email else [],
            "subject": marked_subject(claim.email) if claim and claim.email else [],
            "claim": claim,
            "confirm_address": _address_to_confirm(request, item, claim),
            "tell_address": _address_to_tell(request, item, claim, detail.decision),
            "version": item.version,
            "decline_form": forms.DeclineForm(initial=version),
            "hold_form": forms.HoldForm(initial=version),
            "release_form": forms.ReleaseForm(initial=version),
            "later_form": forms.LaterForm(today=local_day(request.school, at)),
            "write_down_form": forms.WriteDownForm(initial={"handle": f"@{item.profile.handle}"}),
            "add_form": forms.AddPersonForm(initial=_prefilled(claim) | version, hows=detail.acts.hows),
        }
    return context | dict(bound)


def _address_to_confirm(request: SchoolRequest, item: QueueItem, claim: Claim | None) -> str:
    """The page on which the family is asked to type its Twitter name again; "" where there is nothing left to confirm."""
    if claim is None or claim.disowned_at is not None or not holds(request, *WRITING):
        return ""
    # What another mailbox confirmed may still be asked of the one the school holds.
    if Level(item.level).offers_approval or (claim.confirmed_at is not None and item.person is None):
        return ""
    person = item.person.reference if item.person is not None else ""
    return letter_address("letter_about_claim", claim.reference, "confirm", person=person, request=item.reference)


def _address_to_tell(request: SchoolRequest, item: QueueItem, claim: Claim | None, decision: Decision | None) -> str:
    """The page on which the family is told, once Twitter shows the answer carried out; "" before, and where there is nobody to tell."""
    if claim is None or decision is None or item.state != State.DONE or not holds(request, *WRITING):
        return ""
    template = "yes" if decision.outcome == Decision.Outcome.APPROVE else "not_now"
    person = item.person.reference if item.person is not None and template == "yes" else ""
    return letter_address("letter_about_claim", claim.reference, template, person=person, request=item.reference)


def _prefilled(claim: Claim | None) -> dict[str, str]:
    """What the message said already is never asked for again."""
    if claim is None:
        return {}
    given, _, family = claim.sender_name.strip().rpartition(" ")
    child_given, _, child_family = claim.child_text.strip().partition(" ")
    return {
        "given": given or family,
        "family": family if given else "",
        "child_given": child_given,
        "child_family": child_family,
        "child_class": claim.class_text,
        "address": claim.sender_address,
    }


def _act(request: SchoolRequest, reference: str, form: Form, act: Act, said: Callable[[QueueItem], str], name: str = "") -> HttpResponse:
    """One answer: carried out, or refused with the sentence and the request as it stands now; then the next one in the list.

    Args:
        name: under which the page shows this form again, with what was typed, when something is missing.
    """
    item, at = _item(request, reference), moment()
    if not form.is_valid():
        return _show(request, item, {name: form} if name else {}, problem=_first_error(form), status=422)
    spot = Spot.of(request.POST.dict(), otherwise=tab_of(item, local_day(request.school, at)))
    onward = _listed(request, spot, at).after(item)
    try:
        act(item, form.cleaned_data, at)
    except BadValue as error:
        return _show(request, item, {name: form} if name else {}, problem=error.sentence, status=422)
    except Refused as error:
        return _show(request, _item(request, reference), {}, problem=error.sentence, status=409)
    messages.success(request, said(_item(request, reference)))
    return redirect((reverse("request", args=[onward]) if onward else reverse("requests")) + spot.query)


def _first_error(form: Form) -> str:
    return next((str(error) for errors in form.errors.values() for error in errors), "Something is missing.")


def _person(request: SchoolRequest, reference: str) -> Person:
    return get_row(request, Person, reference)


@page(Role.OFFICE)
@require_POST
def verify(request: SchoolRequest, reference: str) -> HttpResponse:
    """The office: this is somebody we know, checked in this way."""

    def act(item: QueueItem, data: dict[str, Any], at: datetime) -> None:
        person = _person(request, data["person"])
        how = Verification.How(data["how"])
        operations.verify(item=item, seen_version=data["seen_version"], person=person, how=how, note=data["note"], by=request.user, at=at)

    return _act(request, reference, forms.VerifyForm(request.POST), act, _said_verified, "verify_form")


@page(Role.OFFICE, Role.ADMIN)
@require_POST
def verify_and_approve(request: SchoolRequest, reference: str) -> HttpResponse:
    """Both steps in one press, for somebody who holds both roles; the operation refuses anybody else."""

    def act(item: QueueItem, data: dict[str, Any], at: datetime) -> None:
        person = _person(request, data["person"])
        how = Verification.How(data["how"])
        operations.verify_and_decide(
            item=item, seen_version=data["seen_version"], person=person, how=how, note=data["note"], by=request.user, at=at
        )

    return _act(request, reference, forms.VerifyForm(request.POST), act, _said_approved, "verify_form")


@page(Role.OFFICE)
@require_POST
def add_and_verify(request: SchoolRequest, reference: str) -> HttpResponse:
    """Somebody who is not on the list yet: added and verified together, or neither."""

    @transaction.atomic
    def act(item: QueueItem, data: dict[str, Any], at: datetime) -> None:
        person = add_person(
            school=request.school,
            name=data["name"],
            kind=data["kind"],
            addresses=[data["address"]] if data["address"] else [],
            child=data["child"],
            relationship=data["relationship"],
            by=request.user,
            at=at,
        )
        how = Verification.How(data["how"])
        operations.verify(item=item, seen_version=data["seen_version"], person=person, how=how, by=request.user, at=at)

    return _act(request, reference, forms.AddPersonForm(request.POST), act, _said_verified, "add_form")


@page(Role.OFFICE, Role.ADMIN)
def find_person(request: SchoolRequest, reference: str) -> HttpResponse:
    """Look for somebody else. By POST, so that no name stands in an address; it changes nothing."""
    if request.method != "POST":
        return redirect("request", reference=reference)
    form = forms.SearchForm(request.POST)
    search = form.cleaned_data["search"] if form.is_valid() else ""
    return _show(request, _item(request, reference), {}, search=search)


@page(Role.ADMIN)
@require_POST
def approve(request: SchoolRequest, reference: str) -> HttpResponse:
    def act(item: QueueItem, data: dict[str, Any], at: datetime) -> None:
        operations.decide(item=item, seen_version=data["seen_version"], outcome=Decision.Outcome.APPROVE, by=request.user, at=at)

    return _act(request, reference, forms.Answer(request.POST), act, _said_approved)


@page(Role.ADMIN)
@require_POST
def agree(request: SchoolRequest, reference: str) -> HttpResponse:
    """A second, different admin agrees."""

    def act(item: QueueItem, data: dict[str, Any], at: datetime) -> None:
        operations.countersign(item=item, seen_version=data["seen_version"], by=request.user, at=at)

    return _act(request, reference, forms.Answer(request.POST), act, _said_approved)


@page(Role.ADMIN, Role.LEAD)
@require_POST
def decline(request: SchoolRequest, reference: str) -> HttpResponse:
    """An admin declines what is open, the safeguarding lead what is held."""

    def act(item: QueueItem, data: dict[str, Any], at: datetime) -> None:
        operations.decide(
            item=item, seen_version=data["seen_version"], outcome=Decision.Outcome.REJECT, reason=data["reason"], by=request.user, at=at
        )

    return _act(request, reference, forms.DeclineForm(request.POST), act, _said_declined, "decline_form")


@page(*DECIDING)
@require_POST
def hold(request: SchoolRequest, reference: str) -> HttpResponse:
    """Pass it to the safeguarding lead."""

    def act(item: QueueItem, data: dict[str, Any], at: datetime) -> None:
        category = Concern.Category(data["category"])
        operations.hold(item=item, seen_version=data["seen_version"], category=category, words=data["words"], by=request.user, at=at)

    def said(item: QueueItem) -> str:
        return f"@{item.profile.handle} is with the safeguarding lead."

    return _act(request, reference, forms.HoldForm(request.POST), act, said, "hold_form")


@page(Role.LEAD)
@require_POST
def release(request: SchoolRequest, reference: str) -> HttpResponse:
    def act(item: QueueItem, data: dict[str, Any], at: datetime) -> None:
        operations.release(item=item, seen_version=data["seen_version"], why=data["why"], by=request.user, at=at)

    def said(item: QueueItem) -> str:
        return f"Released @{item.profile.handle}. It goes on where it stood."

    return _act(request, reference, forms.ReleaseForm(request.POST), act, said, "release_form")


@page(Role.OFFICE, Role.ADMIN)
@require_POST
def ask(request: SchoolRequest, reference: str) -> HttpResponse:
    """Write to the family at the address on record, and wait."""

    def act(item: QueueItem, data: dict[str, Any], at: datetime) -> None:
        operations.ask(item=item, seen_version=data["seen_version"], by=request.user, at=at)

    def said(item: QueueItem) -> str:
        return f"Asked about @{item.profile.handle}. The e-mail goes to the address on record; the request now waits."

    return _act(request, reference, forms.Answer(request.POST), act, said)


@page(Role.OFFICE, Role.ADMIN)
@require_POST
def later(request: SchoolRequest, reference: str) -> HttpResponse:
    """Out of the list until a day."""

    def act(item: QueueItem, data: dict[str, Any], at: datetime) -> None:
        operations.snooze(item=item, until=data["until"], by=request.user, at=at)

    def said(item: QueueItem) -> str:
        return f"@{item.profile.handle} is put off. You find it under Waiting."

    form = forms.LaterForm(request.POST, today=local_day(request.school, moment()))
    return _act(request, reference, form, act, said, "later_form")


@page(Role.ADMIN, Role.LEAD)
@require_POST
def undo(request: SchoolRequest, reference: str) -> HttpResponse:
    """Take an answer back; the request opens again where it was asked."""
    item = _item(request, reference)
    try:
        operations.undo(item=item, by=request.user, at=moment())
    except Refused as error:
        return _show(request, _item(request, reference), {}, problem=error.sentence, status=409)
    messages.success(request, f"Taken back. @{item.profile.handle} waits for an answer again.")
    return redirect("request", reference=reference)


@page(*DECIDING)
@require_POST
def take(request: SchoolRequest, reference: str) -> HttpResponse:
    """Sent by the page when a request is opened: colleagues see who has it open. It locks nobody out."""
    operations.take(item=_item(request, reference), by=request.user, at=moment())
    return HttpResponse(status=204)


@page(Role.OFFICE, Role.ADMIN)
def write_down(request: SchoolRequest) -> HttpResponse:
    """What a family said by phone, in a letter or at the desk."""
    about = request.GET.get("about", "")
    handle = f"@{get_row(request, TwitterProfile, about).handle}" if about else ""
    form = forms.WriteDownForm(request.POST or None, initial={"handle": handle})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            enter_claim_by_hand(
                school=request.school,
                handle=data["handle"],
                name=data["name"],
                channel=Claim.Channel(data["channel"]),
                child_text=data["child_text"],
                class_text=data["class_text"],
                note=data["note"],
                by=request.user,
                at=moment(),
            )
        except (BadValue, Refused) as error:
            form.add_error(None, error.sentence)
        else:
            messages.success(request, f"Written down for {data['handle']}. It is compared with the list within a few seconds.")
            return _after_writing_down(request)
    return render(request, "requests/write_down.html", {"form": form}, status=422 if form.errors else 200)


def _after_writing_down(request: SchoolRequest) -> HttpResponse:
    """Back to the request it was written on; otherwise to the list."""
    reference = request.POST.get("request", "")
    item = approvals(request.school).filter(reference=reference).first() if reference else None
    return redirect("request", reference=item.reference) if item else redirect("requests")


def _said_verified(item: QueueItem) -> str:
    person = item.person.name if item.person else "somebody the school knows"
    return f"Verified @{item.profile.handle} as {person}. An admin approves next."


def _said_approved(item: QueueItem) -> str:
    return _said(item, "Approved", "Accept")


def _said_declined(item: QueueItem) -> str:
    return _said(item, "Declined", "Decline")


def _said(item: QueueItem, did: str, button: str) -> str:
    handle = f"@{item.profile.handle}"
    if item.state == State.COUNTERSIGN:
        return f"{did} {handle}. A second admin must agree."
    if item.state == State.BY_HAND:
        return f"{did}. Now tap {button} for {handle} in Twitter, then tick it under To do."
    return f"{did} {handle}. Waiting to send."


_ACTS = {
    "verify": verify,
    "verify-and-approve": verify_and_approve,
    "add-person": add_and_verify,
    "find-person": find_person,
    "approve": approve,
    "agree": agree,
    "decline": decline,
    "hold": hold,
    "release": release,
    "ask": ask,
    "later": later,
    "undo": undo,
    "take": take,
}
urlpatterns = [
    path("", requests, name="requests"),
    path("write-down/", write_down, name="write_down"),
    path("<slug:reference>/", request_page, name="request"),
    *(path(f"<slug:reference>/{act}/", view, name=f"request_{act.replace('-', '_')}") for act, view in _ACTS.items()),
]
