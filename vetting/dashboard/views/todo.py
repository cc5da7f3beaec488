"""To do: answers that a person must carry out on Twitter's own pages, until Twitter shows the result."""

from collections.abc import Callable
from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_POST

from accounts.models import User
from vetting.dashboard.permissions import DECIDING, SchoolRequest, get_row, holds, moment, page
from vetting.dashboard.reading.todo import to_do
from vetting.decisions import operations
from vetting.decisions.models import QueueItem
from vetting.school.models import Role
from vetting.values import Refused


@page(*DECIDING)
def todo(request: SchoolRequest) -> HttpResponse:
    return render(request, "todo/todo.html", _context(request) | {"next": request.GET.get("next", "")})


@page(*DECIDING)
def todo_list(request: SchoolRequest) -> HttpResponse:
    """The lists alone: the page asks for them every few seconds."""
    return render(request, "todo/parts/lists.html", _context(request))


def _context(request: SchoolRequest) -> dict[str, object]:
    at = moment()
    return {
        "work": to_do(school=request.school, at=at),
        "now": at,
        "may_tick": holds(request, Role.ADMIN, Role.LEAD),
        "keys": request.user.single_keys,
    }


Act = Callable[[QueueItem, User, datetime], QueueItem]


def _act(request: SchoolRequest, reference: str, act: Act, said: str) -> HttpResponse:
    """One tick or undo, then on to the next row; refused with its sentence where the item has moved on."""
    item, at = get_row(request, QueueItem.objects.select_related("school", "profile"), reference), moment()
    onwards = to_do(school=request.school, at=at).after(reference)
    try:
        act(item, request.user, at)
    except Refused as error:
        messages.error(request, error.sentence)
        return render(request, "todo/todo.html", _context(request), status=409)
    messages.success(request, f"{said.format(handle=f'@{item.profile.handle}')} {onwards.sentence}".strip())
    if not onwards.reference:
        return redirect("todo")
    row = "to-do" if onwards.reference == "end" else f"row-{onwards.reference}"
    return redirect(f"{reverse('todo')}?next={onwards.reference}#{row}")


@page(Role.ADMIN, Role.LEAD)
@require_POST
def tick(request: SchoolRequest, reference: str) -> HttpResponse:
    """ "I did it on Twitter." """

    def act(item: QueueItem, by: User, at: datetime) -> QueueItem:
        return operations.tick_done(item=item, by=by, at=at)

    return _act(request, reference, act, "Ticked {handle}.")


@page(Role.ADMIN, Role.LEAD)
@require_POST
def could_not_find(request: SchoolRequest, reference: str) -> HttpResponse:
    def act(item: QueueItem, by: User, at: datetime) -> QueueItem:
        return operations.could_not_find(item=item, by=by, at=at)

    return _act(request, reference, act, "{handle} went back to where it was asked, with a note that you could not find it.")


@page(Role.ADMIN, Role.LEAD)
@require_POST
def undo(request: SchoolRequest, reference: str) -> HttpResponse:
    def act(item: QueueItem, by: User, at: datetime) -> QueueItem:
        return operations.undo(item=item, by=by, at=at)

    return _act(request, reference, act, "Taken back. {handle} waits for an answer again.")


urlpatterns = [
    path("", todo, name="todo"),
    path("list/", todo_list, name="todo_list"),
    path("<slug:reference>/done/", tick, name="todo_tick"),
    path("<slug:reference>/could-not-find/", could_not_find, name="todo_could_not_find"),
    path("<slug:reference>/undo/", undo, name="todo_undo"),
]
