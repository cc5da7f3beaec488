"""Settings: signing in at Twitter with the school's own account, the way back from there, and disconnecting."""

from urllib.parse import urlsplit

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.views.decorators.http import require_POST

from vetting.dashboard.permissions import SchoolRequest, moment, page
from vetting.dashboard.views.settings_tabs import CONNECTORS
from vetting.headers import policy
from vetting.reporting.queries import account_state
from vetting.twitter.connecting.provider import begin, come_back
from vetting.twitter.models import Connection
from vetting.twitter.operations import disconnect

TWITTER_PAGES = "https://x.com"
STILL_THERE = (
    "Disconnected here, and every key is forgotten. Twitter could not be told: take the permission back yourself on Twitter, "
    "under Settings, Security, Apps and sessions."
)


def may_lead_to_twitter(answer: HttpResponse, connection: Connection | None) -> HttpResponse:
    """Let this page's forms end at Twitter's sign-in page, and nowhere else.

    The sign-in begins with a POST, because it changes the session, and is answered with a redirect to Twitter. Chromium holds
    redirects of a form to the page's form-action too (Firefox does not), so the one origin is named, on these pages alone.
    """
    parts = urlsplit(connection.pages_url if connection is not None else TWITTER_PAGES)
    answer.headers["Content-Security-Policy"] = policy(form_action=["'self'", f"{parts.scheme}://{parts.netloc}"])
    return answer


@page(*CONNECTORS)
@require_POST
def sign_in(request: SchoolRequest) -> HttpResponse:
    """With the app that is kept already: again, or for the first time in the demo."""
    return begin(request, after="settings_twitter", back="settings_twitter")


@page(*CONNECTORS)
def signed_in(request: SchoolRequest) -> HttpResponse:
    """Where Twitter sends people back to. What comes is believed only if this person began it, here, for this school."""
    answer: HttpResponse = come_back(request)
    return answer


@page(*CONNECTORS)
@require_POST
def let_go(request: SchoolRequest) -> HttpResponse:
    state = account_state(request.school)
    if state is not None and state.connection is not None:
        say_disconnected(request, told=disconnect(connection=state.connection, by=request.user, at=moment()))
    return redirect("settings_twitter")


def say_disconnected(request: SchoolRequest, *, told: bool) -> None:
    if told:
        messages.success(request, "Disconnected. Every key is forgotten; from now on lists are pasted.")
    else:
        messages.warning(request, STILL_THERE)


urlpatterns = [
    path("twitter/sign-in/", sign_in, name="school_x_login"),
    path("twitter/signed-in/", signed_in, name="school_x_callback"),
    path("twitter/disconnect/", let_go, name="disconnect_twitter"),
]
