"""Settings: the mailbox folders families write to, their health, and a test that changes nothing."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from vetting.dashboard.forms.mailboxes import ChangeMailboxForm, MailboxForm
from vetting.dashboard.permissions import SchoolRequest, get_row, moment, page
from vetting.dashboard.views.settings_tabs import CONNECTORS, settings_tabs
from vetting.intake.mailbox import google
from vetting.intake.models import IntakeSource
from vetting.intake.operations import SourceReport, add_source, change_source, remove_source, test_source
from vetting.intake.queries import sources
from vetting.intake.watching import health_of
from vetting.values import BadValue


def handled(request: SchoolRequest, form: MailboxForm) -> tuple[bool, SourceReport | None]:
    """Two buttons: Test looks and says what it found; Connect saves. Returns whether it was saved, and the report of a test."""
    if request.method != "POST" or not form.is_valid():
        return False, None
    if request.POST.get("act") == "test":
        return False, test_source(form.as_source(request.school))
    try:
        add_source(school=request.school, by=request.user, at=moment(), **form.given)
    except BadValue as error:
        form.add_error(None, error.sentence)
        return False, None
    return True, None


@sensitive_post_parameters("password", "client_secret")
@page(*CONNECTORS)
def mailboxes(request: SchoolRequest) -> HttpResponse:
    form = MailboxForm(request.POST or None, request.FILES or None)
    done, report = handled(request, form)
    if done:
        messages.success(request, "The folder is connected. It is read within a minute.")
        return redirect("settings_mailboxes")
    return _shown(request, form, report)


@sensitive_post_parameters("password", "client_secret")
@page(*CONNECTORS)
@require_POST
def change(request: SchoolRequest) -> HttpResponse:
    """One of the connected folders: test it, change it, pause or go on, disconnect it."""
    source = get_row(request, IntakeSource, request.POST.get("source", ""), key="pk")
    act = request.POST.get("act")
    try:
        if act == "save":
            form = ChangeMailboxForm(request.POST, request.FILES, source=source)
            if not _saved(request, source, form):
                return _shown(request, MailboxForm(), None, changing=form)
            messages.success(request, "Saved. Press Test to see whether it works.")
        elif act == "test":
            report = test_source(source)
            messages.add_message(request, messages.SUCCESS if report.ok else messages.ERROR, report.sentence)
        elif act in ("pause", "go_on"):
            change_source(source=source, by=request.user, at=moment(), active=act == "go_on")
            messages.success(request, "It is read again." if act == "go_on" else "It is paused. E-mails wait there.")
        elif act == "remove":
            remove_source(source=source, by=request.user, at=moment())
            messages.success(request, "It is disconnected and its sign-in is forgotten. What was read from it stays.")
    except BadValue as error:
        messages.error(request, error.sentence)
    return redirect("settings_mailboxes")


def _saved(request: SchoolRequest, source: IntakeSource, form: ChangeMailboxForm) -> bool:
    if not form.is_valid():
        return False
    try:
        change_source(source=source, by=request.user, at=moment(), **form.changes)
    except BadValue as error:
        form.add_error(None, error.sentence)
        return False
    return True


def _shown(
    request: SchoolRequest, form: MailboxForm, report: SourceReport | None, changing: ChangeMailboxForm | None = None
) -> HttpResponse:
    at = moment()
    connected = [
        (health_of(source, at=at), changing if changing and changing.source == source else ChangeMailboxForm(source=source))
        for source in sources(request.school)
    ]
    context = {"form": form, "report": report, "connected": connected, "google_scope": google.SCOPE, "at": at}
    return render(request, "settings/mailboxes.html", {"tabs": settings_tabs(request, "settings_mailboxes"), **context})


urlpatterns = [
    path("mailbox/", mailboxes, name="settings_mailboxes"),
    path("mailbox/change/", change, name="settings_change_mailbox"),
]
