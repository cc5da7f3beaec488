"""Settings: the letters to families, in the register's words or the school's own."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_POST

from vetting.correspondence.models import LetterText
from vetting.correspondence.operations import composed, reset_wording, set_wording, wording_of
from vetting.correspondence.templates import TEMPLATES, Letter, Template, checked
from vetting.dashboard.forms.letters import WordingForm
from vetting.dashboard.permissions import SchoolRequest, holds, moment, page
from vetting.dashboard.views.settings_tabs import ADMINS, WRITERS, settings_tabs
from vetting.school.models import School
from vetting.values import BadValue


@dataclass(frozen=True)
class Shown:
    """One letter as a family gets it now, and the school's own wording, if it has one."""

    template: Template
    letter: Letter
    own: LetterText | None


def _shown(school: School, template: Template, tried: Letter | None = None) -> Shown:
    letter = composed(school=school, template=template.key, letter=tried, sample=True)
    return Shown(template, letter, wording_of(school, template.key))


@page(*WRITERS)
def letters(request: SchoolRequest) -> HttpResponse:
    """Every letter as it would be read."""
    context = {
        "tabs": settings_tabs(request, "settings_letters"),
        "letters": [_shown(request.school, template) for template in TEMPLATES.values()],
        "may_word": holds(request, *ADMINS),
    }
    return render(request, "settings/letters.html", context)


@page(*ADMINS)
def letter(request: SchoolRequest, template: str) -> HttpResponse:
    """One letter's wording: look at it filled in, then save it."""
    kind = _kind(template)
    own = wording_of(request.school, template)
    now = Letter(own.subject, own.body) if own is not None else kind.default
    form = WordingForm(request.POST or None, template=kind, initial={"subject": now.subject, "body": now.body})
    tried: Letter | None = None
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        try:
            tried = checked(template, subject=typed["subject"], body=typed["body"])
            if request.POST.get("act") == "save":
                set_wording(school=request.school, template=template, subject=tried.subject, body=tried.body, by=request.user, at=moment())
                messages.success(request, f"Saved. “{kind.title}” is written like this from now on.")
                return redirect("settings_letters")
        except BadValue as error:
            form.add_error(None, error.sentence)
    context = {
        "tabs": settings_tabs(request, "settings_letters"),
        "form": form,
        "shown": _shown(request.school, kind, tried),
        "is_preview": tried is not None,
    }
    return render(request, "settings/letter.html", context, status=422 if form.errors else 200)


@page(*ADMINS)
@require_POST
def to_default(request: SchoolRequest, template: str) -> HttpResponse:
    kind = _kind(template)
    reset_wording(school=request.school, template=template, by=request.user, at=moment())
    messages.success(request, f"“{kind.title}” is written in the register's own words again.")
    return redirect("settings_letters")


def _kind(template: str) -> Template:
    if template not in TEMPLATES:
        raise Http404("There is no such letter.")
    return TEMPLATES[template]


urlpatterns = [
    path("letters/", letters, name="settings_letters"),
    path("letters/<slug:template>/", letter, name="settings_letter"),
    path("letters/<slug:template>/default/", to_default, name="settings_letter_default"),
]
