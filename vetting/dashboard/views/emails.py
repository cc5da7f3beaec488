"""E-mails: every message as it came, what was read in it, and what may be put right."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_POST

from vetting.concerns.models import Concern
from vetting.concerns.operations import raise_concern
from vetting.dashboard.forms import emails as forms
from vetting.dashboard.permissions import DECIDING, FAMILY_DATA, SchoolRequest, get_row, holds, moment, page
from vetting.intake import operations
from vetting.intake.models import ClaimReading, VerificationEmail
from vetting.intake.queries import claim_of, emails, marked_subject, marked_text
from vetting.school.models import Role
from vetting.values import BadValue, Refused

PAGE = 50
READING = (Role.OFFICE, Role.ADMIN)
Act = Callable[[VerificationEmail, dict[str, Any], datetime], object]


@page(*FAMILY_DATA)
def email_list(request: SchoolRequest) -> HttpResponse:
    """The newest first; older pages go on from a moment, so that new arrivals shift nothing."""
    before = _moment_in(request.GET.get("before", ""))
    found = emails(request.school, before=before, limit=PAGE + 1)
    older = found[PAGE - 1].received_at.isoformat() if len(found) > PAGE else ""
    return render(request, "emails/emails.html", {"emails": found[:PAGE], "older": older, "is_later_page": before is not None})


def _moment_in(text: str) -> datetime | None:
    try:
        found = parse_datetime(text)
    except ValueError:
        return None
    return found if found is not None and found.tzinfo is not None else None


@page(*FAMILY_DATA)
def email_page(request: SchoolRequest, reference: str) -> HttpResponse:
    return _show(request, get_row(request, VerificationEmail, reference), {})


def _show(
    request: SchoolRequest, email: VerificationEmail, bound: Mapping[str, Form], *, problem: str = "", status: int = 200
) -> HttpResponse:
    claim = claim_of(email)
    context = {
        "email": email,
        "claim": claim,
        "readings": list(claim.readings.order_by("start", "pk")) if claim else [],
        "message": marked_text(email),
        "subject": marked_subject(email),
        "problem": problem,
        "may_read": holds(request, *READING),
        "may_worry": holds(request, *DECIDING),
        "name_form": forms.TwitterNameForm(),
        "aside_form": forms.AsideForm(),
        "worry_form": forms.WorryForm(),
        **bound,
    }
    return render(request, "emails/email.html", context, status=status)


def _act(request: SchoolRequest, reference: str, form: Form | None, name: str, act: Act, said: str) -> HttpResponse:
    """One entry about a message; what is missing or refused is said beside what was typed."""
    email = get_row(request, VerificationEmail, reference)
    bound = {name: form} if form is not None else {}
    if form is not None and not form.is_valid():
        return _show(request, email, bound, problem="Nothing was saved yet. Look at the marked fields.", status=422)
    try:
        act(email, form.cleaned_data if form is not None else {}, moment())
    except BadValue as error:
        return _show(request, email, bound, problem=error.sentence, status=422)
    except Refused as error:
        return _show(request, get_row(request, VerificationEmail, reference), {}, problem=error.sentence, status=409)
    messages.success(request, said)
    return redirect("email", reference=reference)


@page(*READING)
@require_POST
def use(request: SchoolRequest, reference: str, number: int) -> HttpResponse:
    """ "Use this" or "Not this", of one of the Twitter names read in the message."""
    choice = ClaimReading.Use.THIS if request.POST.get("use") == "THIS" else ClaimReading.Use.NOT_THIS

    def act(email: VerificationEmail, data: dict[str, Any], at: datetime) -> None:
        reading = ClaimReading.objects.filter(claim__email=email, pk=number).select_related("claim").first()
        if reading is None:
            raise Http404("This message has no such reading.")
        operations.use_reading(reading=reading, use=choice, by=request.user, at=at)

    return _act(request, reference, None, "", act, "Noted. It is compared with the requests within a few seconds.")


@page(*READING)
@require_POST
def set_name(request: SchoolRequest, reference: str) -> HttpResponse:
    """The Twitter name a person read: corrects what the register found, or adds what it did not."""

    def act(email: VerificationEmail, data: dict[str, Any], at: datetime) -> None:
        claim = claim_of(email)
        if claim is None:
            operations.enter_claim_from_email(email=email, handle=data["handle"], by=request.user, at=at)
        else:
            operations.correct_claim(claim=claim, handle=data["handle"], by=request.user, at=at)

    return _act(
        request,
        reference,
        forms.TwitterNameForm(request.POST),
        "name_form",
        act,
        "Saved. It is compared with the requests within a few seconds.",
    )


@page(*READING)
@require_POST
def set_aside(request: SchoolRequest, reference: str) -> HttpResponse:
    def act(email: VerificationEmail, data: dict[str, Any], at: datetime) -> None:
        operations.set_aside(email=email, why=data["why"], by=request.user, at=at)

    return _act(request, reference, forms.AsideForm(request.POST), "aside_form", act, "Set aside. It stays here under E-mails.")


@page(*READING)
@require_POST
def try_again(request: SchoolRequest, reference: str) -> HttpResponse:
    def act(email: VerificationEmail, data: dict[str, Any], at: datetime) -> None:
        operations.retry_parsing(email=email, by=request.user, at=at)

    return _act(request, reference, None, "", act, "It is read again within a few seconds.")


@page(*DECIDING)
@require_POST
def worry(request: SchoolRequest, reference: str) -> HttpResponse:
    """Pass the message to the safeguarding lead."""

    def act(email: VerificationEmail, data: dict[str, Any], at: datetime) -> None:
        raise_concern(
            school=request.school, category=Concern.Category(data["category"]), words=data["words"], by=request.user, at=at, email=email
        )

    return _act(request, reference, forms.WorryForm(request.POST), "worry_form", act, "Passed to the safeguarding lead.")


@page(*READING)
def original(request: SchoolRequest, reference: str) -> HttpResponse:
    """The message byte for byte, to keep or to open elsewhere; never shown by the browser itself."""
    email = get_row(request, VerificationEmail, reference)
    if email.raw is None:
        raise Http404("The original was erased.")
    answer = HttpResponse(bytes(email.raw), content_type="application/octet-stream")
    answer["Content-Disposition"] = f'attachment; filename="e-mail-{email.reference}.eml"'
    answer["Cache-Control"] = "no-store"
    return answer


urlpatterns = [
    path("", email_list, name="emails"),
    path("<slug:reference>/", email_page, name="email"),
    path("<slug:reference>/readings/<int:number>/", use, name="email_use"),
    path("<slug:reference>/name/", set_name, name="email_set_name"),
    path("<slug:reference>/aside/", set_aside, name="email_set_aside"),
    path("<slug:reference>/again/", try_again, name="email_try_again"),
    path("<slug:reference>/worry/", worry, name="email_worry"),
    path("<slug:reference>/original/", original, name="email_original"),
]
