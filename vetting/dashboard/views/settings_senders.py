"""Settings, Mailbox: whose checks of senders are believed. A test message shows it, or somebody declares it."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.views.decorators.http import require_POST

from vetting.correspondence.operations import send_probe
from vetting.dashboard.permissions import SchoolRequest, get_row, moment, page
from vetting.dashboard.views.settings_tabs import CONNECTORS
from vetting.intake.calibrating import ProbeUnderWay
from vetting.intake.models import IntakeSource
from vetting.intake.operations import declare_trusted_receiver
from vetting.values import BadValue, MailAddress


@page(*CONNECTORS)
@require_POST
def senders(request: SchoolRequest) -> HttpResponse:
    """Send a test message to a folder's mailbox, declare its mail server by hand, or believe nobody."""
    source = get_row(request, IntakeSource, request.POST.get("source", ""), key="pk")
    act = request.POST.get("act")
    try:
        if act == "probe":
            address = MailAddress.parse(request.POST.get("address", ""))
            send_probe(source=source, to_address=address, by=request.user, at=moment())
            messages.success(request, "The test message is on its way. What it shows will stand here, mostly within a few minutes.")
        elif act == "declare":
            receiver = request.POST.get("receiver", "").strip()
            if not receiver:
                raise BadValue("Type the name of the mail server, or press “Believe nobody”.")
            declare_trusted_receiver(source=source, receiver=receiver, by=request.user, at=moment())
            messages.success(request, "Saved. What was read there already is looked at again.")
        elif act == "nobody":
            declare_trusted_receiver(source=source, receiver="", by=request.user, at=moment())
            messages.success(request, "Saved. No sender there counts as checked.")
    except (BadValue, ProbeUnderWay) as error:
        messages.error(request, error.sentence)
    return redirect("settings_mailboxes")


urlpatterns = [path("mailbox/senders/", senders, name="settings_senders")]
