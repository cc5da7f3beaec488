"""Settings: every part is a page of its own; this is their common door."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import include, path

from vetting.dashboard.permissions import SchoolRequest, holds, page
from vetting.dashboard.views.settings_tabs import ADMINS, CONNECTORS, KEEPERS


@page(*CONNECTORS, *KEEPERS)
def settings(request: SchoolRequest) -> HttpResponse:
    """The part this person comes for."""
    if holds(request, *ADMINS):
        return redirect("settings_calendar")
    return redirect("settings_people" if holds(request, *CONNECTORS) else "settings_kept")


urlpatterns = [
    path("", settings, name="settings"),
    path("", include("vetting.dashboard.views.settings_school")),
    path("", include("vetting.dashboard.views.settings_letters")),
    path("", include("vetting.dashboard.views.settings_mailboxes")),
    path("", include("vetting.dashboard.views.settings_senders")),
    path("", include("vetting.dashboard.views.settings_twitter")),
    path("", include("vetting.dashboard.views.settings_people")),
    path("", include("vetting.dashboard.views.settings_kept")),
]
