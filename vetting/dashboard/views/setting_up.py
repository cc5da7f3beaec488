"""Setting a school up: four short answers, each of which may be "later", and the register works."""

from django.contrib import messages
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from vetting.dashboard.forms.connecting import ListForm, TwitterForm
from vetting.dashboard.forms.joining import FirstPersonForm
from vetting.dashboard.forms.mailboxes import MailboxForm
from vetting.dashboard.permissions import SchoolRequest, for_anybody, get_row, moment, page
from vetting.dashboard.reading.connection import signing_in
from vetting.dashboard.views.settings_mailboxes import handled
from vetting.dashboard.views.settings_twitter import SECRETS, callback_address, connected
from vetting.dashboard.views.signing_in import BACKEND
from vetting.dashboard.views.signing_in_at_twitter import may_lead_to_twitter
from vetting.intake.mailbox import google
from vetting.reporting.queries import account_state
from vetting.roster.models import RosterImport
from vetting.roster.operations import apply_import, discard_import, rehearse_import
from vetting.school.models import Role
from vetting.school.operations import InvitationSpent, begin_set_up, find_invitation
from vetting.values import BadValue, Refused

STEPS = ("Your school and you", "Mailbox", "Twitter (X)", "Families")


def _page(request: HttpRequest, template: str, step: int, **context: object) -> HttpResponse:
    steps = [(number, word, number == step) for number, word in enumerate(STEPS, start=1)]
    return render(request, f"setting_up/{template}.html", {"steps": steps, **context})


@sensitive_post_parameters("password")
@for_anybody
def set_up(request: HttpRequest, token: str) -> HttpResponse:
    """The first answer. The link makes the first person, with every role; it works once."""
    try:
        invitation = find_invitation(token=token, at=moment())
        if not invitation.sets_up:
            return redirect("join", token=token)
        form = FirstPersonForm(request.POST or None, invitation=invitation)
        if request.method == "POST" and form.is_valid():
            given = form.cleaned_data
            user = begin_set_up(
                token=token,
                school_name=given["school_name"],
                handle=given["handle"],
                name=given["name"],
                email=form.address,
                password=given["password"],
                at=moment(),
            )
            login(request, user, backend=BACKEND)
            return redirect("set_up_mailbox")
    except InvitationSpent as error:
        return render(request, "signing_in/link_spent.html", {"sentence": error.sentence}, status=410)
    except BadValue as error:
        form.add_error(None, error.sentence)
    return _page(request, "school", 1, form=form)


@sensitive_post_parameters("password", "client_secret")
@page(Role.ADMIN)
def mailbox(request: SchoolRequest) -> HttpResponse:
    form = MailboxForm(request.POST or None, request.FILES or None)
    done, report = handled(request, form)
    if done:
        return redirect("set_up_twitter")
    return _page(request, "mailbox", 2, form=form, report=report, google_scope=google.SCOPE)


@sensitive_post_parameters(*SECRETS)
@page(Role.ADMIN)
def twitter(request: SchoolRequest) -> HttpResponse:
    state = account_state(request.school)
    connection = state.connection if state else None
    form = TwitterForm(request.POST or None, account=state.account if state else None, connection=connection)
    if request.method == "POST" and form.is_valid():
        answer = connected(request, form, after="set_up_families", back="set_up_twitter")
        if answer is not None:
            return answer
    shown = signing_in(request.school, connection, callback=callback_address(request))
    return may_lead_to_twitter(_page(request, "twitter", 3, form=form, state=state, signing_in=shown), connection)


@page(Role.ADMIN)
def families(request: SchoolRequest) -> HttpResponse:
    """Upload the list and see what it would do; nothing is written before the next press."""
    form = ListForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            rehearsed = rehearse_import(school=request.school, file_name=file.name, contents=file.read(), by=request.user, at=moment())
        except BadValue as error:
            form.add_error("file", error.sentence)
        else:
            return redirect("set_up_check_list", reference=rehearsed.reference)
    return _page(request, "families", 4, form=form)


@page(Role.ADMIN)
def check_list(request: SchoolRequest, reference: str) -> HttpResponse:
    """What the list would do, with three ways on: use it, another file, later."""
    rehearsed = get_row(request, RosterImport, reference)
    if request.method == "POST":
        try:
            if request.POST.get("act") == "apply":
                apply_import(roster_import=rehearsed, by=request.user, at=moment())
                return _finished(request)
            discard_import(roster_import=rehearsed, by=request.user, at=moment())
        except Refused as error:
            messages.error(request, error.sentence)
        return redirect("set_up_families")
    return _page(request, "check_list", 4, rehearsed=rehearsed)


@page(Role.ADMIN)
@require_POST
def finish(request: SchoolRequest) -> HttpResponse:
    return _finished(request)


def _finished(request: SchoolRequest) -> HttpResponse:
    messages.success(request, "The register is ready. What the guidance asks for besides stands under Getting ready.")
    return redirect("today")


urlpatterns = [
    path("set-up/mailbox/", mailbox, name="set_up_mailbox"),
    path("set-up/twitter/", twitter, name="set_up_twitter"),
    path("set-up/families/", families, name="set_up_families"),
    path("set-up/families/<str:reference>/", check_list, name="set_up_check_list"),
    path("set-up/finish/", finish, name="set_up_finish"),
    path("set-up/<str:token>/", set_up, name="set_up"),
]
