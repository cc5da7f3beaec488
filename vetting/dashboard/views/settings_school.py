"""Settings: the school's calendar and its rules."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_POST

from vetting.dashboard.forms.settings import DatesForm, RulesForm
from vetting.dashboard.permissions import SchoolRequest, get_row, moment, page
from vetting.dashboard.presenters import counted
from vetting.dashboard.views.settings_tabs import ADMINS, settings_tabs
from vetting.school.models import CalendarEntry
from vetting.school.operations import remove_dates, set_policy, set_term
from vetting.school.queries import calendar_entries, policies
from vetting.values import BadValue


@page(*ADMINS)
def calendar(request: SchoolRequest) -> HttpResponse:
    form = DatesForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        holiday = given["kind"] == CalendarEntry.Kind.HOLIDAY
        set_term(
            school=request.school, name=given["name"], starts_on=given["starts_on"], ends_on=given["ends_on"],
            by=request.user, at=moment(), holiday=holiday,
        )  # fmt: skip
        messages.success(request, f"{given['name']} is entered.")
        return redirect("settings_calendar")
    tabs = settings_tabs(request, "settings_calendar")
    return render(request, "settings/calendar.html", {"tabs": tabs, "form": form, "entries": calendar_entries(request.school)})


@page(*ADMINS)
@require_POST
def remove(request: SchoolRequest) -> HttpResponse:
    entry = get_row(request, CalendarEntry, request.POST.get("entry", ""), key="pk")
    remove_dates(entry=entry, by=request.user, at=moment())
    messages.success(request, f"{entry.name} is removed.")
    return redirect("settings_calendar")


@page(*ADMINS)
def rules(request: SchoolRequest) -> HttpResponse:
    form = RulesForm(request.POST or None, values=policies(request.school))
    if request.method == "POST" and form.is_valid():
        changes = form.changes
        try:
            for key, value in changes.items():
                set_policy(school=request.school, key=key, value=value, by=request.user, at=moment(), why=form.cleaned_data["why"])
        except BadValue as error:
            form.add_error(None, error.sentence)
        else:
            messages.success(request, f"{counted(len(changes), 'rule')} changed." if changes else "Nothing was different.")
            return redirect("settings_rules")
    return render(request, "settings/rules.html", {"tabs": settings_tabs(request, "settings_rules"), "form": form})


urlpatterns = [
    path("school/", calendar, name="settings_calendar"),
    path("school/remove-dates/", remove, name="settings_remove_dates"),
    path("rules/", rules, name="settings_rules"),
]
