"""Today: who waits for whom, what is to do, and whether all is well."""

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path

from vetting.dashboard.permissions import EVERY_ROLE, SchoolRequest, page


@page(*EVERY_ROLE)
def today(request: SchoolRequest) -> HttpResponse:
    return render(request, "pages/today.html", {})


urlpatterns = [path("", today, name="today")]
