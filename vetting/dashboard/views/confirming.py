"""The page behind a link to confirm a Twitter name: for a parent on a phone, without signing in and without a script.

Programs open every link in a letter before a person does, so opening it changes nothing, however often. What counts is a name typed
by hand, or a box ticked by hand. The page says nothing of anybody: no name, no child, not even the Twitter name it asks about.
"""

from allauth.core import ratelimit
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables

from vetting.correspondence.models import ConfirmationLink
from vetting.correspondence.operations import LinkSpent, answer_not_me, answer_with_name, find_link
from vetting.dashboard.forms.letters import NotMeForm, TypedNameForm
from vetting.dashboard.permissions import for_anybody, moment
from vetting.school.queries import first_account

ATTEMPTS = "confirm_twitter_name"


@sensitive_post_parameters()
@sensitive_variables("token")
@for_anybody
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """GET and HEAD show the question; POST answers it."""
    if request.method == "POST" and not ratelimit.consume(request, action=ATTEMPTS):
        return _kept_private(_closing(request, "Please wait a minute", "There were too many tries just now. Nothing was saved.", 429))
    try:
        link = find_link(token=token, at=moment())
        answer = _answer(request, link, token) if request.method == "POST" else _ask(request, link)
    except LinkSpent as spent:
        answer = _closing(request, "This link is no longer open", spent.sentence, 410)
    return _kept_private(answer)


def _answer(request: HttpRequest, link: ConfirmationLink, token: str) -> HttpResponse:
    if request.POST.get("answer") == "not-me":
        sure = NotMeForm(request.POST)
        if not sure.is_valid():
            return _ask(request, link, not_me=sure)
        answer_not_me(token=token, at=moment())
        return _closing(request, "Thank you for telling us", "The school will not go by that message. There is nothing else to do.", 200)
    typed = TypedNameForm(request.POST)
    if not typed.is_valid():
        return _ask(request, link, typed=typed)
    # The same words whichever name was typed: the page tells nobody what the school was told before.
    answer_with_name(token=token, typed=typed.cleaned_data["handle"], at=moment())
    return _closing(request, "Thank you", "The school has your answer and checks the request next. There is nothing else to do.", 200)


def _ask(
    request: HttpRequest, link: ConfirmationLink, *, typed: TypedNameForm | None = None, not_me: NotMeForm | None = None
) -> HttpResponse:
    context = {
        "school": link.school,
        "account": first_account(link.school),
        "form": typed or TypedNameForm(),
        "not_me": not_me or NotMeForm(),
    }
    return render(request, "letters/confirm.html", context, status=422 if typed or not_me else 200)


def _closing(request: HttpRequest, title: str, sentence: str, status: int) -> HttpResponse:
    return render(request, "letters/confirm_closed.html", {"title": title, "sentence": sentence}, status=status)


def _kept_private(answer: HttpResponse) -> HttpResponse:
    """Nowhere indexed, nowhere kept, and the address with the token told to nobody, not even to our own server a second time.

    Not "no-referrer": with that, browsers send a form with the origin "null", which the guard against forged forms must refuse.
    """
    answer["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    answer["Cache-Control"] = "no-store"
    answer["Referrer-Policy"] = "strict-origin"
    return answer


urlpatterns = [path("confirm/<str:token>/", confirm, name="confirm")]
