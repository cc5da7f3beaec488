"""Settings: who works here, with which roles, and invitations."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_POST

from vetting.dashboard.forms.settings import InviteForm, RoleForm
from vetting.dashboard.permissions import SchoolRequest, may_give, moment, page, refusal
from vetting.dashboard.views.settings_tabs import CONNECTORS, settings_tabs
from vetting.dashboard.words import ROLE_MAY
from vetting.school.models import Role
from vetting.school.operations import INVITATION_DAYS, end_role, give_role, invite
from vetting.school.queries import members
from vetting.values import Refused


@page(*CONNECTORS)
def people(request: SchoolRequest) -> HttpResponse:
    """Inviting shows the link once, on this very answer: only its hash is kept."""
    given = may_give(request.roles)
    form = InviteForm(request.POST or None, may_give=given)
    link = ""
    if request.method == "POST" and form.is_valid():
        token = invite(
            school=request.school,
            roles=[Role(role) for role in form.cleaned_data["roles"]],
            by=request.user,
            at=moment(),
            email=str(form.cleaned_data["email"]),
            name=form.cleaned_data["name"],
        )
        link = request.build_absolute_uri(reverse("join", args=[token]))
    return render(
        request,
        "settings/people.html",
        {
            "tabs": settings_tabs(request, "settings_people"),
            "members": [(user, roles, [role for role in given if role not in roles]) for user, roles in members(request.school)],
            "may_give": given,
            "roles": ROLE_MAY.items(),
            "form": InviteForm(may_give=given) if link else form,
            "link": link,
            "invited": form.cleaned_data["name"] if link else "",
            "days": INVITATION_DAYS,
        },
    )


@page(*CONNECTORS)
@require_POST
def change_role(request: SchoolRequest) -> HttpResponse:
    form = RoleForm(request.POST)
    if not form.is_valid():
        return redirect("settings_people")
    role = Role(form.cleaned_data["role"])
    if role not in may_give(request.roles):
        return refusal(request, f"Only an admin may give or end the role {role.label}.")
    user = next((user for user, _ in members(request.school) if user.pk == form.cleaned_data["user"]), None)
    if user is None:
        return refusal(request, "This person does not belong to your school.")
    try:
        if form.cleaned_data["act"] == "give":
            give_role(school=request.school, user=user, role=role, by=request.user, at=moment())
        else:
            end_role(school=request.school, user=user, role=role, by=request.user, at=moment())
    except Refused as error:
        messages.error(request, error.sentence)
    else:
        messages.success(request, "Saved.")
    return redirect("settings_people")


urlpatterns = [
    path("people/", people, name="settings_people"),
    path("people/role/", change_role, name="settings_change_role"),
]
