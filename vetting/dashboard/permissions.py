"""Who may see which page, said once at the page itself, and rows that are only ever found inside one's own school.

Every view carries `@page(...)`, `@for_everybody_signed_in` or `@for_anybody`; a test walks all addresses and fails for one without.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from allauth.account.authentication import get_authentication_records
from django.contrib.auth.views import redirect_to_login
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.timezone import now
from django_htmx.http import HttpResponseClientRedirect

from accounts.models import User
from vetting.dashboard.words import joined
from vetting.school.models import Role, School

EVERY_ROLE: tuple[Role, ...] = tuple(Role)
DECIDING = (Role.OFFICE, Role.ADMIN, Role.LEAD)
"""Those who work on requests. A reader sees numbers, a technician no family's data."""
FAMILY_DATA = (Role.OFFICE, Role.ADMIN, Role.LEAD, Role.DATA_LEAD)
RECORD = (Role.ADMIN, Role.LEAD, Role.DATA_LEAD)
"""Those who may read the whole record: it names people and reasons."""

P = ParamSpec("P")
M = TypeVar("M", bound=Model)


class SchoolRequest(HttpRequest):
    """A request as a page behind `@page` receives it: signed in, for one school, with at least one role there."""

    user: User
    school: School
    schools: list[School]
    roles: frozenset[Role]
    htmx: Any


@dataclass(frozen=True)
class Permission:
    """What an address asks of a visitor. `roles` empty: no school is needed."""

    who: str
    roles: frozenset[Role] = frozenset()


View = Callable[Concatenate[SchoolRequest, P], HttpResponse]
AnyView = Callable[Concatenate[Any, P], HttpResponse]


def page(*roles: Role) -> Callable[[View[P]], AnyView[P]]:
    """Only for people signed in who hold one of these roles at the school the request is about."""
    permission = Permission("signed in with a role", frozenset(roles))

    def decorate(view: View[P]) -> AnyView[P]:
        @wraps(view)
        def guarded(request: Any, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if not request.user.is_authenticated:
                return _to_sign_in(request)
            if request.school is None:
                return refusal(request, "You do not belong to a school here at the moment. Ask an admin of your school to invite you.")
            if not request.roles & permission.roles:
                return refusal(request, f"This page is for {joined([role.label for role in Role if role in permission.roles])}.")
            return view(request, *args, **kwargs)

        guarded.permission = permission  # type: ignore[attr-defined]  # read by the test that walks all addresses
        return guarded

    return decorate


def for_everybody_signed_in(view: Callable[Concatenate[HttpRequest, P], HttpResponse]) -> AnyView[P]:
    """For one's own things: no school needed."""

    @wraps(view)
    def guarded(request: Any, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not request.user.is_authenticated:
            return _to_sign_in(request)
        return view(request, *args, **kwargs)

    guarded.permission = Permission("signed in")  # type: ignore[attr-defined]  # read by the test that walks all addresses
    return guarded


def for_anybody(view: Callable[Concatenate[HttpRequest, P], HttpResponse]) -> AnyView[P]:
    """For people who are not signed in. The view itself must guard what it does: a link's token, the demo's loopback."""

    @wraps(view)
    def guarded(request: Any, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        return view(request, *args, **kwargs)

    guarded.permission = Permission("anybody")  # type: ignore[attr-defined]  # read by the test that walks all addresses
    return guarded


def refusal(request: HttpRequest, sentence: str) -> HttpResponse:
    """A calm page that says no and whom to ask."""
    return render(request, "errors/403.html", {"sentence": sentence}, status=403)


def _to_sign_in(request: Any) -> HttpResponse:
    answer: HttpResponse = redirect_to_login(request.get_full_path())
    if getattr(request, "htmx", False):
        # A part of a page must not be replaced by a sign-in form.
        return HttpResponseClientRedirect(answer["Location"])
    return answer


def get_row(request: SchoolRequest, rows: type[M] | QuerySet[M], reference: str, *, school: str = "school", key: str = "reference") -> M:
    """The row with this reference, if it belongs to the request's school. Raises Http404 otherwise: we do not say that it exists elsewhere.

    Args:
        school: the way from the row to its school, where it is not its own column ("school_account__school").
        key: the column with the reference.
    """
    queryset: QuerySet[M] = rows if isinstance(rows, QuerySet) else rows._default_manager.all()
    try:
        row = queryset.filter(**{school: request.school, key: reference}).first()
    except ValueError:  # a number was asked for, and the address or form held none
        row = None
    if row is None:
        raise Http404("There is nothing here under this reference.")
    return row


def holds(request: SchoolRequest, *roles: Role) -> bool:
    """Whether the visitor holds one of these roles: for showing a button, never instead of `@page` or an operation's own rule."""
    return bool(request.roles & frozenset(roles))


def may_give(roles: frozenset[Role]) -> list[Role]:
    """Which roles somebody with these may give to others: nobody hands out sight of families' data that they may not have themselves."""
    if Role.ADMIN in roles:
        return list(Role)
    return [Role.READER, Role.TECHNICIAN] if Role.TECHNICIAN in roles else []


def signed_in_at(request: HttpRequest) -> datetime | None:
    """When the visitor last proved who they are in this session, by password, code or key."""
    records = get_authentication_records(request, request.user)
    newest = max((record["at"] for record in records), default=None)
    return datetime.fromtimestamp(newest, tz=UTC) if newest is not None else None


def moment() -> datetime:
    """The time of this request, for operations that take `at`."""
    return now()
