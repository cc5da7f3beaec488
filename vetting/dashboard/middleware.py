"""Which school this request is about, what the person may do there, and whether they locked their screen."""

import time
from collections.abc import Callable
from typing import Any

from allauth.account.authentication import get_authentication_records
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from vetting.school.models import School
from vetting.school.queries import roles_of, schools_of

SCHOOL_KEY = "school"
LOCKED_KEY = "locked_at"
_OPEN_WHILE_LOCKED = ("account_reauthenticate", "account_logout", "mfa_reauthenticate")


class CurrentSchool:
    """Sets request.school (None without one), request.schools and request.roles.

    Somebody who belongs to several schools works in one at a time; the session remembers which. It is only ever one of
    those they belong to now, so an ended membership shuts the door with the next request.

    A locked session leads everywhere to the page that asks for the password; answering it there unlocks.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        request.schools = schools_of(request.user) if request.user.is_authenticated else []
        request.school = _chosen(request.schools, request.session.get(SCHOOL_KEY))
        request.roles = roles_of(school=request.school, user=request.user) if request.school else frozenset()
        if _is_locked(request) and request.path not in {reverse(name) for name in _OPEN_WHILE_LOCKED}:
            return redirect_to_login(request.get_full_path(), reverse("account_reauthenticate"))
        return self.get_response(request)


def lock(request: HttpRequest) -> None:
    """Until the password is given again in this session, no page is shown."""
    request.session[LOCKED_KEY] = time.time()


def _is_locked(request: Any) -> bool:
    since = request.session.get(LOCKED_KEY)
    if since is None or not request.user.is_authenticated:
        return False
    if any(record["at"] > since for record in get_authentication_records(request, request.user)):
        del request.session[LOCKED_KEY]
        return False
    return True


def _chosen(schools: list[School], remembered: int | None) -> School | None:
    for school in schools:
        if school.pk == remembered:
            return school
    return schools[0] if schools else None
