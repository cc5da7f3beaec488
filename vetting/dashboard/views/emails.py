"""E-mails: every message as it came, what was read in it, and what may be put right."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_POST

from vetting.concerns.models import Concern
from vetting.concerns.operations import raise_concern
from vetting.dashboard import email_words
from vetting.dashboard.forms import emails as forms
from vetting.dashboard.forms.requests import SearchForm
from vetting.dashboard.permissions import DECIDING, FAMILY_DATA, SchoolRequest, get_row, holds, moment, page
from vetting.dashboard.presenters import counted
from vetting.dashboard.reading.emails import email_detail, email_list
from vetting.headers import policy
from vetting.intake import operations
from vetting.intake.formatted import formatted_version
from vetting.intake.models import ClaimReading, VerificationEmail
from vetting.intake.queries import Filter, claim_of, email_for_page, reading_of
from vetting.matching.operations import link_email, unlink_claim
from vetting.roster.models import Person
from vetting.school.models import Role
from vetting.values import BadValue, Refused

SEARCH_KEY = "emails_search"
READING = (Role.OFFICE, Role.ADMIN)
Act = Callable[[VerificationEmail, dict[str, Any], datetime], object]


@page(*FAMILY_DATA)
def emails(request: SchoolRequest) -> HttpResponse:
    """The newest first. What somebody searched for is kept in their session: a name never stands in an address."""
    if request.method == "POST":
        form = SearchForm(request.POST)
        request.session[SEARCH_KEY] = form.cleaned_data["search"] if form.is_valid() else ""
        return redirect("emails")
    search = request.session.get(SEARCH_KEY, "")
    asked = request.GET.get("show", "")
    which = Filter(asked) if asked in set(Filter) else Filter.ALL
    listed = email_list(school=request.school, which=which, search=search, before=request.GET.get("before", ""))
    context = {
        "list": listed,
        "search": search,
        "empty": email_words.EMPTY[which],
        "is_later_page": "before" in request.GET,
        "may_give": holds(request, *READING),
    }
    return render(request, "emails/emails.html", context)


@page(*READING)
def give(request: SchoolRequest) -> HttpResponse:
    """Messages saved as files. They are stored once, wherever else they were seen, and read like any other."""
    form = forms.GiveForm(request.POST, request.FILES) if request.method == "POST" else forms.GiveForm()
    if form.is_valid():
        files = [(file.name, file.read()) for file in form.cleaned_data["given"]]
        try:
            given = operations.give_files(school=request.school, files=files, by=request.user, at=moment())
        except BadValue as error:
            form.add_error("given", error.sentence)
        else:
            messages.success(request, _said_given(given))
            return redirect("emails")
    return render(request, "emails/give.html", {"form": form}, status=422 if form.errors else 200)


def _said_given(given: operations.Given) -> str:
    found = counted(given.messages, "e-mail")
    known = given.messages - given.new
    if not known:
        return f"{found} stored. They are read within a few seconds."
    if not given.new:
        return f"{found} found in the files, and none is new: all of it was here already."
    return f"{found} found in the files: {given.new} new, {known} here already. The new ones are read within a few seconds."


@page(*FAMILY_DATA)
def email_page(request: SchoolRequest, reference: str) -> HttpResponse:
    return _show(request, _email(request, reference), {})


def _email(request: SchoolRequest, reference: str) -> VerificationEmail:
    return get_row(request, email_for_page(request.school), reference)


def _show(
    request: SchoolRequest,
    email: VerificationEmail,
    bound: Mapping[str, Form],
    *,
    problem: str = "",
    search: str = "",
    status: int = 200,
) -> HttpResponse:
    context = {
        "detail": email_detail(email=email, at=moment(), search=search),
        "email": email,
        "problem": problem,
        "search": search,
        "may_read": holds(request, *READING),
        "may_worry": holds(request, *DECIDING),
        "name_form": forms.TwitterNameForm(),
        "aside_form": forms.AsideForm(initial={"reason": forms.REASONS[0]}),
        "worry_form": forms.WorryForm(),
        **bound,
    }
    return render(request, "emails/email.html", context, status=status)


def _act(request: SchoolRequest, reference: str, form: Form | None, name: str, act: Act, said: str, *, spot: str = "") -> HttpResponse:
    """One entry about a message; what is missing or refused is said beside what was typed. `spot`: where on the page to go on."""
    email = _email(request, reference)
    bound = {name: form} if form is not None else {}
    if form is not None and not form.is_valid():
        return _show(request, email, bound, problem="Nothing was saved yet. Look at the marked fields.", status=422)
    try:
        act(email, form.cleaned_data if form is not None else {}, moment())
    except BadValue as error:
        return _show(request, email, bound, problem=error.sentence, status=422)
    except Refused as error:
        return _show(request, _email(request, reference), {}, problem=error.sentence, status=409)
    messages.success(request, said)
    return redirect(reverse("email", args=[reference]) + spot)


@page(*READING)
@require_POST
def use(request: SchoolRequest, reference: str, number: int) -> HttpResponse:
    """ "Use this" or "Not this", of one of the Twitter names read in the message."""
    choice = ClaimReading.Use.THIS if request.POST.get("use") == "THIS" else ClaimReading.Use.NOT_THIS

    def act(email: VerificationEmail, data: dict[str, Any], at: datetime) -> None:
        reading = reading_of(email, number)
        if reading is None:
            raise Http404("This message has no such reading.")
        operations.use_reading(reading=reading, use=choice, by=request.user, at=at)

    return _act(request, reference, None, "", act, "Noted. It is compared with the requests within a few seconds.", spot="#names")


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

    said = "Saved. It is compared with the requests within a few seconds."
    return _act(request, reference, forms.TwitterNameForm(request.POST), "name_form", act, said)


@page(*READING)
def find_person(request: SchoolRequest, reference: str) -> HttpResponse:
    """Look for whose message it is. By POST, so that no name stands in an address; it changes nothing."""
    if request.method != "POST":
        return redirect("email", reference=reference)
    form = SearchForm(request.POST)
    return _show(request, _email(request, reference), {}, search=form.cleaned_data["search"] if form.is_valid() else "")


@page(*READING)
@require_POST
def link(request: SchoolRequest, reference: str) -> HttpResponse:
    """Say whose message it is."""
    person = get_row(request, Person, request.POST.get("person", ""))

    def act(email: VerificationEmail, data: dict[str, Any], at: datetime) -> None:
        link_email(email=email, person=person, by=request.user, at=at)

    said = f"Linked to {person.name}. That proves nothing by itself: a request still needs a look."
    return _act(request, reference, None, "", act, said, spot="#whose")


@page(*READING)
@require_POST
def unlink(request: SchoolRequest, reference: str) -> HttpResponse:
    def act(email: VerificationEmail, data: dict[str, Any], at: datetime) -> None:
        claim = claim_of(email)
        if claim is None:
            raise Http404("This message is linked to nobody.")
        unlink_claim(claim=claim, by=request.user, at=at)

    return _act(request, reference, None, "", act, "Taken back. The message is linked to nobody.", spot="#whose")


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


@page(*FAMILY_DATA)
def formatted(request: SchoolRequest, reference: str) -> HttpResponse:
    """The formatted version in a frame that may do nothing, asked for by a person who was told what it is."""
    email = _email(request, reference)
    answer = render(request, "emails/formatted.html", {"email": email})
    answer["Content-Security-Policy"] = policy(frame_src=["'self'"])
    return answer


@page(*FAMILY_DATA)
def formatted_body(request: SchoolRequest, reference: str) -> HttpResponse:
    """What stands in the frame. Its policy lets it load nothing from anywhere, run nothing and send nothing, also when opened by itself."""
    email = get_row(request, VerificationEmail, reference)
    if email.raw is None:
        raise Http404("The original was erased.")
    answer = render(request, "emails/formatted_body.html", {"formatted": formatted_version(bytes(email.raw))})
    answer["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'self' 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; sandbox"
    )
    answer["X-Frame-Options"] = "SAMEORIGIN"
    answer["Referrer-Policy"] = "no-referrer"
    return answer


urlpatterns = [
    path("", emails, name="emails"),
    path("give/", give, name="email_give"),
    path("<slug:reference>/", email_page, name="email"),
    path("<slug:reference>/readings/<int:number>/", use, name="email_use"),
    path("<slug:reference>/name/", set_name, name="email_set_name"),
    path("<slug:reference>/find-person/", find_person, name="email_find_person"),
    path("<slug:reference>/link/", link, name="email_link"),
    path("<slug:reference>/unlink/", unlink, name="email_unlink"),
    path("<slug:reference>/aside/", set_aside, name="email_set_aside"),
    path("<slug:reference>/again/", try_again, name="email_try_again"),
    path("<slug:reference>/worry/", worry, name="email_worry"),
    path("<slug:reference>/original/", original, name="email_original"),
    path("<slug:reference>/formatted/", formatted, name="email_formatted"),
    path("<slug:reference>/formatted/body/", formatted_body, name="email_formatted_body"),
]
