"""Settings: the connection to Twitter, the three ways to it, what it was seen to allow, and "Check now"."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from vetting.dashboard.forms.connecting import BY_HAND, SIGN_IN, TwitterForm
from vetting.dashboard.permissions import SchoolRequest, moment, page
from vetting.dashboard.reading.connection import connection_of, signed_in, signing_in
from vetting.dashboard.views.settings_tabs import CONNECTORS, settings_tabs
from vetting.dashboard.views.signing_in_at_twitter import may_lead_to_twitter, say_disconnected
from vetting.dashboard.words import CAPABILITIES
from vetting.reporting.queries import account_state
from vetting.school.models import Role, SchoolAccount
from vetting.school.operations import add_school_account, correct_school_account
from vetting.twitter.connecting.provider import begin
from vetting.twitter.models import Connection
from vetting.twitter.operations import ask_for_check, connect, disconnect, keep_app
from vetting.twitter.queries import connection_health
from vetting.values import BadValue, Refused

SECRETS = ("client_secret", "consumer_secret", "access_secret")


@sensitive_post_parameters(*SECRETS)
@page(*CONNECTORS)
def twitter(request: SchoolRequest) -> HttpResponse:
    state = account_state(request.school)
    connection = state.connection if state else None
    form = TwitterForm(request.POST or None, account=state.account if state else None, connection=connection)
    if request.method == "POST" and form.is_valid():
        answer = connected(request, form, after="settings_twitter", back="settings_twitter")
        if answer is not None:
            return answer
    shown = {
        "tabs": settings_tabs(request, "settings_twitter"),
        "form": form,
        "state": state,
        "connection": connection,
        "health": connection_health(connection, at=moment()) if connection else None,
        "capabilities": _capabilities(connection) if connection else [],
        "signed_in": signed_in(connection) if connection else None,
        "signing_in": signing_in(request.school, connection, callback=callback_address(request)),
    }
    return may_lead_to_twitter(render(request, "settings/twitter.html", shown), connection)


def callback_address(request: HttpRequest) -> str:
    """As allauth sends it to Twitter, and as the developer page must know it, letter by letter."""
    return request.build_absolute_uri(reverse("school_x_callback"))


def connected(request: SchoolRequest, form: TwitterForm, *, after: str, back: str) -> HttpResponse | None:
    """Do what the form says and go on to `after`, by way of Twitter's own page where somebody must sign in there.

    None when it was refused, with the sentence on the form.
    """
    try:
        account = _named(request, form)
        if form.way == SIGN_IN:
            keep_app(school_account=account, **form.app, by=request.user, at=moment())
            return begin(request, after=after, back=back)
        _connect(request, form, account)
    except (BadValue, Refused) as error:
        form.add_error(None, error.sentence)
        return None
    return redirect(after)


def _named(request: SchoolRequest, form: TwitterForm) -> SchoolAccount:
    state, handle = account_state(request.school), form.cleaned_data["handle"]
    if state is None:
        return add_school_account(school=request.school, handle=handle)
    correct_school_account(school_account=state.account, handle=handle, by=request.user, at=moment())
    return state.account


def _connect(request: SchoolRequest, form: TwitterForm, account: SchoolAccount) -> None:
    """By keys, or by hand. Whoever goes over to pasting lists lets go of what was connected."""
    now = connection_of(account)
    if form.way == BY_HAND and now is not None and now.kind != Connection.Kind.BY_HAND:
        say_disconnected(request, told=disconnect(connection=now, by=request.user, at=moment()))
        return
    if form.way == BY_HAND and now is not None:
        messages.success(request, "Saved.")
        return
    connect(school_account=account, kind=form.way, by=request.user, at=moment(), **({} if form.way == BY_HAND else form.keys))
    messages.success(request, "Saved." if form.way == BY_HAND else "Connected. The first reading begins within a minute.")


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
