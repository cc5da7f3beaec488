"""After a restore: what the register holds back, and the button by which an admin lets it act again."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_POST

from vetting.dashboard.permissions import EVERY_ROLE, SchoolRequest, holds, moment, page
from vetting.dashboard.presenters import counted
from vetting.execution.resuming import NotYet, how_it_stands, resume
from vetting.school.models import Role


@page(*EVERY_ROLE)
def restored(request: SchoolRequest) -> HttpResponse:
    stands = how_it_stands(request.school)
    return render(request, "restored/restored.html", {"stands": stands, "may_resume": holds(request, Role.ADMIN)})


@page(Role.ADMIN)
@require_POST
def act_again(request: SchoolRequest) -> HttpResponse:
    try:
        done = resume(school=request.school, by=request.user, at=moment())
    except NotYet as error:
        messages.error(request, error.sentence)
        return redirect("restored")
    messages.success(request, f"The register acts again. {counted(done.answers, 'answer')} went back to where they were asked.")
    return redirect("today")


urlpatterns = [
    path("restored/", restored, name="restored"),
    path("restored/act-again/", act_again, name="act_again"),
]
