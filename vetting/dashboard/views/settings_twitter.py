"""Settings: the connection to Twitter, what it was seen to allow, and "Check now"."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from vetting.dashboard.forms.connecting import TwitterForm
from vetting.dashboard.permissions import SchoolRequest, moment, page
from vetting.dashboard.views.settings_tabs import CONNECTORS, settings_tabs
from vetting.dashboard.words import CAPABILITIES
from vetting.reporting.queries import account_state
from vetting.school.models import Role
from vetting.school.operations import add_school_account, correct_school_account
from vetting.twitter.models import Connection
from vetting.twitter.operations import ask_for_check, connect
from vetting.twitter.queries import connection_health
from vetting.values import BadValue, Refused


@sensitive_post_parameters("consumer_secret", "access_secret")
@page(*CONNECTORS)
def twitter(request: SchoolRequest) -> HttpResponse:
    state = account_state(request.school)
    form = TwitterForm(request.POST or None, account=state.account if state else None)
    if request.method == "POST" and form.is_valid() and connected(request, form):
        return redirect("settings_twitter")
    connection = state.connection if state else None
    return render(
        request,
        "settings/twitter.html",
        {
            "tabs": settings_tabs(request, "settings_twitter"),
            "form": form,
            "state": state,
            "connection": connection,
            "health": connection_health(connection, at=moment()) if connection else None,
            "capabilities": _capabilities(connection) if connection else [],
        },
    )


def connected(request: SchoolRequest, form: TwitterForm) -> bool:
    """Connect with what the form says; False when it was refused, with the sentence on the form."""
    state, handle = account_state(request.school), form.cleaned_data["handle"]
    try:
        if state is None:
            account = add_school_account(school=request.school, handle=handle)
        else:
            account = state.account
            correct_school_account(school_account=account, handle=handle, by=request.user, at=moment())
        connect(school_account=account, kind=Connection.Kind(form.cleaned_data["kind"]), by=request.user, at=moment(), **form.keys)
    except (BadValue, Refused) as error:
        form.add_error(None, error.sentence)
        return False
    messages.success(request, "Connected. The first reading begins within a minute." if any(form.keys.values()) else "Saved.")
    return True


def _capabilities(connection: Connection) -> list[tuple[str, str, str]]:
    rows = connection.capabilities.order_by("name")
    return [(CAPABILITIES.get(row.name, row.name.replace("_", " ").capitalize()), row.get_state_display(), row.evidence) for row in rows]


@page(Role.OFFICE, Role.ADMIN, Role.TECHNICIAN)
@require_POST
def check_now(request: SchoolRequest) -> HttpResponse:
    state = account_state(request.school)
    if state is None or state.connection is None:
        messages.error(request, "Twitter is not connected yet.")
        return redirect("today")
    try:
        ask_for_check(connection=state.connection, by=request.user, at=moment())
    except BadValue as error:
        messages.error(request, error.sentence)
    else:
        messages.success(request, "Asked. What Twitter shows will be here in a moment.")
    return redirect("today")


urlpatterns = [
    path("twitter/", twitter, name="settings_twitter"),
    path("check-now/", check_now, name="check_now"),
]
