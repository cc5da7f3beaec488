"""Letters to families: what went, what waits and what failed; and the page on which one is written."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_POST

from vetting.correspondence import operations
from vetting.correspondence.models import OutgoingMail
from vetting.correspondence.queries import is_asked, letters
from vetting.correspondence.recipients import Recipient, is_on_record
from vetting.correspondence.templates import TEMPLATES, Letter, Template
from vetting.dashboard.permissions import FAMILY_DATA, SchoolRequest, get_row, moment, page
from vetting.dashboard.presenters import when
from vetting.decisions.queries import approvals
from vetting.intake.models import Claim, VerificationEmail
from vetting.intake.queries import claim_of
from vetting.roster.models import Person
from vetting.school.models import Role
from vetting.values import BadValue, Refused

PAGE = 50
WRITING = (Role.OFFICE, Role.ADMIN)
OFFERED = ("need_more", "confirm", "yes", "not_now")
"""What may be written about a message; the others belong to other moments."""


@dataclass(frozen=True)
class Occasion:
    """What a letter is about, and where its page leads back to."""

    template: Template
    claim: Claim | None = None
    email: VerificationEmail | None = None
    person: Person | None = None
    way_back: str = ""


@page(*FAMILY_DATA)
def letter_list(request: SchoolRequest) -> HttpResponse:
    """The newest first; those that could not be sent stand above."""
    found = letters(request.school, limit=PAGE)
    failed = [letter for letter in found if letter.given_up_at and not letter.automatic]
    context = {"failed": failed, "letters": found, "may_write": bool(request.roles & frozenset(WRITING))}
    return render(request, "letters/letters.html", context)


@page(*WRITING)
@require_POST
def try_again(request: SchoolRequest, number: int) -> HttpResponse:
    letter = get_row(request, OutgoingMail, str(number), key="pk")
    try:
        tried = operations.try_again(letter=letter, by=request.user, at=moment())
    except Refused as error:
        messages.error(request, error.sentence)
    else:
        messages.success(request, _goes(tried.not_before, moment()))
    return redirect("letters")


@page(*WRITING)
def about_email(request: SchoolRequest, reference: str, template: str) -> HttpResponse:
    """A letter about a message: shown first, queued by the button."""
    email = get_row(request, VerificationEmail, reference)
    way_back = _way_back(request) or reverse("email", args=[reference])
    return _write(request, Occasion(_offered(template, OFFERED), claim_of(email), email, _person(request), way_back))


@page(*WRITING)
def about_claim(request: SchoolRequest, reference: str, template: str) -> HttpResponse:
    """The same about something a family told us otherwise than by e-mail."""
    claim = get_row(request, Claim, reference)
    way_back = _way_back(request) or reverse("requests")
    return _write(request, Occasion(_offered(template, OFFERED), claim, claim.email, _person(request), way_back))


@page(*WRITING)
def to_person(request: SchoolRequest, reference: str, template: str) -> HttpResponse:
    """A letter to somebody on the school's list."""
    person = get_row(request, Person, reference)
    return _write(request, Occasion(_offered(template, ("leaving_soon",)), person=person, way_back=reverse("person", args=[reference])))


def _offered(template: str, among: tuple[str, ...]) -> Template:
    if template not in among:
        raise Http404("There is no such letter to write here.")
    return TEMPLATES[template]


def _person(request: SchoolRequest) -> Person | None:
    """Whose address on record it shall go to, where the visitor came from a request that names somebody."""
    reference = request.POST.get("person") or request.GET.get("person") or ""
    return get_row(request, Person, reference) if reference else None


def _way_back(request: SchoolRequest) -> str:
    reference = request.POST.get("request") or request.GET.get("request") or ""
    item = approvals(request.school).filter(reference=reference).first() if reference else None
    return reverse("request", args=[item.reference]) if item is not None else ""


def _write(request: SchoolRequest, about: Occasion) -> HttpResponse:
    at = moment()
    try:
        if request.method == "POST":
            queued = _queue(request, about, at)
            messages.success(request, _goes(queued.not_before, at))
            return redirect(about.way_back)
        recipient = _recipient(about)
        refusal = operations.why_not(school=request.school, to=recipient.address, email=_mail(about), automatic=False)
    except (BadValue, Refused) as error:
        return _show(request, about, None, error.sentence, at)
    return _show(request, about, recipient, refusal, at)


def _mail(about: Occasion) -> VerificationEmail | None:
    return about.email or (about.claim.email if about.claim is not None else None)


def _recipient(about: Occasion) -> Recipient:
    if about.template.key == "confirm":
        if about.claim is None:
            raise BadValue("There is no Twitter name to confirm. Write down which one is meant first.")
        return operations.who_is_asked(claim=about.claim, person=about.person)
    return operations.recipient_of(claim=about.claim, email=about.email, person=about.person)


def _queue(request: SchoolRequest, about: Occasion, at: datetime) -> OutgoingMail:
    if about.template.key == "confirm" and about.claim is not None:
        return operations.ask_to_confirm(claim=about.claim, by=request.user, at=at, person=about.person).letter
    to = _recipient(about).address
    key = about.template.key
    return operations.write_letter(school=request.school, template=key, to=to, claim=about.claim, email=about.email, by=request.user, at=at)


def _show(request: SchoolRequest, about: Occasion, recipient: Recipient | None, problem: str, at: datetime) -> HttpResponse:
    school, mail = request.school, _mail(about)
    goes = operations.when_it_goes(school=school, to=recipient.address, at=at) if recipient is not None else at
    context = {
        "about": about,
        "recipient": recipient,
        "on_record": recipient is not None and is_on_record(school=school, address=recipient.address),
        "suspicious": mail is not None and mail.authenticity == VerificationEmail.Authenticity.SUSPICIOUS,
        "letter": _shown(request, about.template.key),
        "goes": _goes(goes, at, will=True),
        "replaces": about.template.key == "confirm" and about.claim is not None and is_asked(about.claim),
        "problem": problem,
        "back": request.POST.get("request") or request.GET.get("request") or "",
    }
    return render(request, "letters/write.html", context, status=409 if problem and request.method == "POST" else 200)


def _shown(request: SchoolRequest, template: str) -> Letter:
    return operations.composed(school=request.school, template=template, sample=True)


def _goes(moment_: datetime, at: datetime, *, will: bool = False) -> str:
    if moment_ <= at:
        return "It goes out within a minute." if will else "The letter is written. It goes out within a minute."
    day = f"One letter a day goes to an address, so it goes out {when(moment_)}."
    return day if will else f"The letter is written. {day}"


def letter_address(name: str, reference: str, template: str, **more: str) -> str:
    """The page on which a letter is written; `more`: person and request, by reference."""
    asked = urlencode({key: value for key, value in more.items() if value})
    return reverse(name, args=[reference, template]) + (f"?{asked}" if asked else "")


urlpatterns = [
    path("letters/", letter_list, name="letters"),
    path("letters/<int:number>/again/", try_again, name="letter_try_again"),
    path("letters/about/<slug:reference>/<slug:template>/", about_claim, name="letter_about_claim"),
    path("letters/to/<slug:reference>/<slug:template>/", to_person, name="letter_to_person"),
    path("e-mails/<slug:reference>/letter/<slug:template>/", about_email, name="letter_new"),
]
