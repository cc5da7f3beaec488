"""Help: words, the five-minute routine, the notice for families; and leaving the demo for one's own school."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import path

from vetting.dashboard.permissions import EVERY_ROLE, SchoolRequest, for_anybody, page
from vetting.dashboard.words import LEVEL_MEANS, ROLE_MAY
from vetting.reporting.queries import account_state, address_for_families
from vetting.school.queries import policy

NO_ADDRESS = "[your school's address for this]"
NO_HANDLE = "[your school's Twitter name]"


@page(*EVERY_ROLE)
def help_page(request: SchoolRequest) -> HttpResponse:
    return render(request, "pages/help.html", {"levels": LEVEL_MEANS.items(), "roles": ROLE_MAY.items()})


@page(*EVERY_ROLE)
def notice(request: SchoolRequest) -> HttpResponse:
    """The text families get, with the school's own names in it. X asks for exactly this before a name is tied to a person."""
    account = account_state(request.school)
    words = {
        "school": request.school.name,
        "handle": f"@{account.account.handle}" if account else NO_HANDLE,
        "address": address_for_families(request.school) or NO_ADDRESS,
        "days": policy(request.school, "raw_mail_days"),
    }
    return render(request, "pages/notice.html", {"text": render_to_string("pages/notice.txt", words).strip(), **words})


@for_anybody
def start_with_my_school(request: HttpRequest) -> HttpResponse:
    """The demo's way out: it never touches the school's own database, so the command stands here and is run by a person."""
    if not settings.DEMO:
        raise Http404("This is not the demo.")
    return render(request, "pages/start_with_my_school.html")


urlpatterns = [
    path("", help_page, name="help"),
    path("notice-for-families/", notice, name="notice"),
    path("start-with-my-school/", start_with_my_school, name="start_with_my_school"),
]
