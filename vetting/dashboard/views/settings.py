"""Settings: every part is a page of its own; this is their common door."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import include, path, reverse

from vetting.dashboard.permissions import SchoolRequest, page
from vetting.dashboard.views.settings_tabs import ADMINS, CONNECTORS


@page(*CONNECTORS)
def settings(request: SchoolRequest) -> HttpResponse:
    """The first part this person may see."""
    return redirect(reverse("settings_calendar" if request.roles & frozenset(ADMINS) else "settings_people"))


urlpatterns = [
    path("", settings, name="settings"),
    path("", include("vetting.dashboard.views.settings_school")),
    path("", include("vetting.dashboard.views.settings_letters")),
    path("", include("vetting.dashboard.views.settings_mailboxes")),
    path("", include("vetting.dashboard.views.settings_twitter")),
    path("", include("vetting.dashboard.views.settings_people")),
]
