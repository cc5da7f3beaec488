"""The door: joining by a link, the demo's one-click sign-in, locking, one's own preferences."""

from dataclasses import dataclass

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from accounts.models import User
from vetting.dashboard import middleware
from vetting.dashboard.forms.joining import JoinForm
from vetting.dashboard.permissions import for_anybody, for_everybody_signed_in, moment, refusal
from vetting.school.models import Role
from vetting.school.operations import InvitationSpent, accept_invitation, find_invitation
from vetting.values import BadValue

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
LOOPBACK = ("127.0.0.1", "::1", "::ffff:127.0.0.1")


@dataclass(frozen=True)
class Part:
    """Somebody of the demo's cast whom a visitor may be."""

    key: str
    name: str
    title: str
    role: Role


CAST = (
    Part("office", "Priya", "Office", Role.OFFICE),
    Part("admin", "Mr Okafor", "Admin", Role.ADMIN),
    Part("second-admin", "Mrs Lane", "Second admin", Role.ADMIN),
    Part("lead", "Ms Reid", "Safeguarding lead", Role.LEAD),
)


def offers_demo_sign_in(request: HttpRequest) -> bool:
    """Only in the demo, and only for a browser on this very computer; a proxy in front makes everybody look local, so none may be."""
    forwarded = any(name in request.META for name in ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP"))
    return bool(settings.DEMO) and not forwarded and request.META.get("REMOTE_ADDR") in LOOPBACK


@for_anybody
@require_POST
def sign_in_to_demo(request: HttpRequest, part: str) -> HttpResponse:
    """One click, no password: the demo's people are invented."""
    if not offers_demo_sign_in(request):
        return refusal(request, "Signing in with one click works only in the demo, and only on the computer it runs on.")
    chosen = next((one for one in CAST if one.key == part), None)
    if chosen is None:
        raise Http404("The demo has no such part.")
    user = get_object_or_404(
        User.objects.filter(
            name=chosen.name, is_active=True, memberships__role=chosen.role, memberships__until=None, memberships__school__is_demo=True
        ).distinct()
    )
    login(request, user, backend=BACKEND)
    return redirect("today")


@sensitive_post_parameters()
@for_anybody
def join(request: HttpRequest, token: str) -> HttpResponse:
    """A colleague opens their invitation."""
    try:
        invitation = find_invitation(token=token, at=moment())
    except InvitationSpent as error:
        return render(request, "signing_in/link_spent.html", {"sentence": error.sentence}, status=410)
    if invitation.sets_up:
        return redirect("set_up", token=token)
    form = JoinForm(request.POST or None, invitation=invitation)
    if request.method == "POST" and form.is_valid():
        try:
            user = accept_invitation(
                token=token, name=form.cleaned_data["name"], email=form.address, password=form.cleaned_data["password"], at=moment()
            )
        except (BadValue, InvitationSpent) as error:
            form.add_error(None, error.sentence)
        else:
            login(request, user, backend=BACKEND)
            messages.success(request, f"Welcome. You are now signed in at {invitation.school.name}.")
            return redirect("today")
    roles = ", ".join(Role(role).label for role in invitation.roles)
    return render(request, "signing_in/join.html", {"form": form, "invitation": invitation, "roles": roles})


@for_everybody_signed_in
@require_POST
def lock(request: HttpRequest) -> HttpResponse:
    """Leave the desk without losing one's place. The demo's people have no password to come back with: they are signed out by hand."""
    middleware.lock(request)
    return redirect("today")


@for_everybody_signed_in
def me(request: HttpRequest) -> HttpResponse:
    """One's own name, display, keys, password and second factor."""
    user = request.user
    if request.method == "POST" and isinstance(user, User):
        theme = request.POST.get("theme", "")
        if theme in dict(User._meta.get_field("theme").choices or ()):
            user.theme, user.single_keys = theme, "single_keys" in request.POST
            user.save(update_fields=["theme", "single_keys"])
            messages.success(request, "Saved.")
        return redirect("me")
    return render(request, "signing_in/me.html", {"themes": User._meta.get_field("theme").choices})


@for_everybody_signed_in
@require_POST
def choose_school(request: HttpRequest) -> HttpResponse:
    """Work for another of one's schools. The middleware checks that it is one of theirs."""
    chosen = request.POST.get("school", "")
    if chosen.isdigit():
        request.session[middleware.SCHOOL_KEY] = int(chosen)
    return redirect("today")


urlpatterns = [
    path("demo/sign-in/<slug:part>/", sign_in_to_demo, name="demo_sign_in"),
    path("join/<str:token>/", join, name="join"),
    path("lock/", lock, name="lock"),
    path("me/", me, name="me"),
    path("school/", choose_school, name="choose_school"),
]
