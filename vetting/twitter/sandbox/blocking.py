"""Blocking and unblocking (v2), which X offers to Enterprise clients only: off unless the world allows it."""

import json
import re

from vetting.twitter.sandbox.callers import Caller
from vetting.twitter.sandbox.http import Answer, Request
from vetting.twitter.sandbox.problems import client_forbidden, invalid_request, no_such_user
from vetting.twitter.sandbox.world import World

USER_ID = re.compile(r"[0-9]{1,19}")


def block(world: World, request: Request, caller: Caller) -> Answer:
    """`POST /2/users/{id}/blocking` with {"target_user_id": "<digits>"} and nothing else."""
    return _change(world, request, caller, _target_in(request), blocking=True)


def unblock(world: World, request: Request, caller: Caller) -> Answer:
    """`DELETE /2/users/{id}/blocking/{target}`."""
    return _change(world, request, caller, request.path.rpartition("/")[2], blocking=False)


def not_yours(world: World, request: Request, caller: Caller) -> Answer | None:
    """The refusal where the list belongs to somebody else than the caller. Only the school's own is kept here."""
    if request.path.split("/")[3] == caller.user_id == world.me.user_id:
        return None
    return client_forbidden("The user in the path must be the user who signed the request.")


def _change(world: World, request: Request, caller: Caller, target: str, *, blocking: bool) -> Answer:
    if not USER_ID.fullmatch(target) or not USER_ID.fullmatch(request.path.split("/")[3]):
        return invalid_request()
    if (refusal := not_yours(world, request, caller)) is not None:
        return refusal
    if not world.allows("block"):
        return client_forbidden(
            "This endpoint is offered to Enterprise clients only.", reason="client-not-enrolled", required_enrollment="Enterprise"
        )
    one = world.by_id(target)
    if target == world.me.user_id:
        return invalid_request()
    if one is None or not one.present:
        return no_such_user()
    if blocking:
        world.block(target)
    else:
        world.unblock(target)
    return Answer.of_json({"data": {"blocking": blocking}})


def _target_in(request: Request) -> str:
    """The number in the body; empty where the body is not what X takes."""
    try:
        data = json.loads(request.body) if request.content_type == "application/json" else None
    except ValueError:
        return ""
    if not isinstance(data, dict) or set(data) != {"target_user_id"}:
        return ""
    target = data["target_user_id"]
    return target if isinstance(target, str) else ""
