"""Settings: every part is a page of its own; this is their common door."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import include, path

from vetting.dashboard.permissions import SchoolRequest, holds, page
from vetting.dashboard.views.settings_tabs import ADMINS, CONNECTORS, KEEPERS, WRITERS


@page(*WRITERS, *CONNECTORS, *KEEPERS)
def settings(request: SchoolRequest) -> HttpResponse:
    """The part this person comes for."""
    doors = (("settings_calendar", ADMINS), ("settings_people", CONNECTORS), ("settings_kept", KEEPERS))
    return redirect(next((name for name, roles in doors if holds(request, *roles)), "settings_letters"))


urlpatterns = [
    path("", settings, name="settings"),
    path("", include("vetting.dashboard.views.settings_school")),
    path("", include("vetting.dashboard.views.settings_letters")),
    path("", include("vetting.dashboard.views.settings_mailboxes")),
    path("", include("vetting.dashboard.views.settings_senders")),
    path("", include("vetting.dashboard.views.settings_twitter")),
    path("", include("vetting.dashboard.views.signing_in_at_twitter")),
    path("", include("vetting.dashboard.views.settings_people")),
    path("", include("vetting.dashboard.views.settings_kept")),
]
