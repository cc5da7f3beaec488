"""Help: words, the five-minute routine, the notice for families; and leaving the demo for one's own school."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from vetting.dashboard.permissions import EVERY_ROLE, SchoolRequest, for_anybody, page
from vetting.dashboard.words import LEVEL_MEANS, LEVELS


@page(*EVERY_ROLE)
def help_page(request: SchoolRequest) -> HttpResponse:
    levels = [(level.value, LEVEL_MEANS[level]) for level in LEVELS]
    return render(request, "pages/help.html", {"levels": levels})


@for_anybody
def start_with_my_school(request: HttpRequest) -> HttpResponse:
    """The demo's way out: it never touches the school's own database, so the command stands here and is run by a person."""
    if not settings.DEMO:
        raise Http404("This is not the demo.")
    return render(request, "pages/start_with_my_school.html")


urlpatterns = [
    path("", help_page, name="help"),
    path("start-with-my-school/", start_with_my_school, name="start_with_my_school"),
]
