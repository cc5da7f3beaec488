"""Settings: what is kept and until when, what would be erased now, and how the last runs went."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_POST

from vetting.dashboard.permissions import SchoolRequest, holds, moment, page
from vetting.dashboard.presenters import counted
from vetting.dashboard.views.settings_tabs import ADMINS, KEEPERS, settings_tabs
from vetting.retention.operations import erase_due
from vetting.retention.queries import keeping
from vetting.school.queries import policies


@page(*KEEPERS)
def kept(request: SchoolRequest) -> HttpResponse:
    rules = policies(request.school)
    context = {
        "tabs": settings_tabs(request, "settings_kept"),
        "keeping": keeping(school=request.school, at=moment()),
        "decided_days": rules["raw_mail_days"],
        "unmatched_days": rules["unmatched_mail_days"],
        "unloaded_list_days": rules["unloaded_list_days"],
        "roll_back_days": rules["roll_back_days"],
        "may_set_rules": holds(request, *ADMINS),
    }
    return render(request, "settings/kept.html", context)


@page(*KEEPERS)
@require_POST
def rehearse(request: SchoolRequest) -> HttpResponse:
    """Look what a run would erase at this moment, and write down that somebody looked."""
    run = erase_due(school=request.school, at=moment(), by=request.user, rehearsal=True)
    messages.success(request, f"Rehearsed: {counted(len(run.counts['emails']), 'e-mail')} would be erased now. Nothing was.")
    return redirect("settings_kept")


urlpatterns = [
    path("kept/", kept, name="settings_kept"),
    path("kept/rehearse/", rehearse, name="settings_rehearse_erasure"),
]
