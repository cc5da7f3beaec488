"""Settings: the mailbox folders families write to, their health, and a test that changes nothing."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from vetting.dashboard.forms.connecting import MailboxForm
from vetting.dashboard.permissions import SchoolRequest, get_row, moment, page
from vetting.dashboard.views.settings_tabs import CONNECTORS, settings_tabs
from vetting.intake.models import IntakeSource
from vetting.intake.operations import SourceReport, add_source, change_source, declare_trusted_receiver, test_source
from vetting.intake.queries import sources
from vetting.values import BadValue


@sensitive_post_parameters("password")
@page(*CONNECTORS)
def mailboxes(request: SchoolRequest) -> HttpResponse:
    """Two buttons: Test looks and says what it found; Connect saves."""
    form = MailboxForm(request.POST or None)
    report: SourceReport | None = None
    if request.method == "POST" and form.is_valid():
        if request.POST.get("act") == "test":
            report = test_source(form.as_source(request.school))
        else:
            try:
                add_source(school=request.school, by=request.user, at=moment(), **form.given)
            except BadValue as error:
                form.add_error(None, error.sentence)
            else:
                messages.success(request, "The folder is connected. It is read within a minute.")
                return redirect("settings_mailboxes")
    context = {"tabs": settings_tabs(request, "settings_mailboxes"), "form": form, "report": report, "sources": sources(request.school)}
    return render(request, "settings/mailboxes.html", context)


@page(*CONNECTORS)
@require_POST
def change(request: SchoolRequest) -> HttpResponse:
    """One of the connected folders: test it, pause or go on, say which server's checks of senders are believed."""
    source = get_row(request, IntakeSource, request.POST.get("source", ""), key="pk")
    act = request.POST.get("act")
    try:
        if act == "test":
            report = test_source(source)
            messages.add_message(request, messages.SUCCESS if report.ok else messages.ERROR, report.sentence)
        elif act in ("pause", "go_on"):
            change_source(source=source, by=request.user, at=moment(), active=act == "go_on")
            messages.success(request, "It is read again." if act == "go_on" else "It is paused. E-mails wait there.")
        elif act == "trust":
            declare_trusted_receiver(source=source, receiver=request.POST.get("receiver", ""), by=request.user, at=moment())
            messages.success(request, "Saved. It holds for e-mails read from now on.")
    except BadValue as error:
        messages.error(request, error.sentence)
    return redirect("settings_mailboxes")


urlpatterns = [
    path("mailbox/", mailboxes, name="settings_mailboxes"),
    path("mailbox/change/", change, name="settings_change_mailbox"),
]
