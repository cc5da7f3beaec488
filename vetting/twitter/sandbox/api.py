"""The part of X's API that this product uses, as far as its documentation and public fixtures tell how it behaves.

The documented shapes: v2 users with `connection_status` (absent where there is no relation), partial `errors` inside a
200, pages of followers, v1.1 `friendships/incoming` with cursors, `x-rate-limit-*` headers, 402 and 403 code 453.
"""

import threading
import time

from vetting.twitter.sandbox import blocking, oauth2
from vetting.twitter.sandbox.callers import Caller, Door
from vetting.twitter.sandbox.faults import NOTHING_WRONG, Fault, bent, broken, wait_for
from vetting.twitter.sandbox.http import Answer, Delivery, Request
from vetting.twitter.sandbox.ledger import Call, form_without_secrets, query_without_secrets
from vetting.twitter.sandbox.problems import too_many_requests
from vetting.twitter.sandbox.reading import Reading
from vetting.twitter.sandbox.signing import Guard
from vetting.twitter.sandbox.world import World

QUARTER = 15 * 60


class Api:
    """Answers for /2/… and /1.1/…, and writes every call into the world's ledger."""

    def __init__(self, world: World, guard: Guard) -> None:
        self.world = world
        self.door = Door(world, guard)
        self._spent: dict[tuple[str, int], int] = {}
        self._lock = threading.Lock()

    def answer(self, request: Request) -> Answer:
        at, operation, caller = time.time(), operation_of(request.method, request.path), self.door.caller(request)
        answer = self._answer(operation, request, caller) if operation else Answer(404, b"", "text/plain")
        self.world.record_call(
            Call(
                at=at,
                operation=operation or "unknown",
                method=request.method,
                path=request.path,
                query=query_without_secrets(request.query),
                auth=caller.auth,
                body=form_without_secrets(request.body) if operation in ("token", "") else request.body,
                content_type=request.content_type,
                status=0 if answer.delivery is Delivery.DROPPED else answer.status,
            )
        )
        return answer

    def _answer(self, operation: str, request: Request, caller: Caller) -> Answer:
        fault = self.world.next_fault(operation) or NOTHING_WRONG
        wait_for(fault)
        refusal = None if operation == "token" else self.door.refusal(operation, request, caller)
        if refusal is not None:
            return refusal
        left, headers = self._count(operation)
        if (instead := broken(fault, headers)) is not None:
            return instead
        answer = too_many_requests() if left < 0 else bent(fault, operation, self._do(operation, request, caller, fault))
        answer.headers.update(headers)
        return answer

    def _do(self, operation: str, request: Request, caller: Caller, fault: Fault) -> Answer:
        deeds = {"token": oauth2.exchange, "block": blocking.block, "unblock": blocking.unblock}
        if operation in deeds:
            return deeds[operation](self.world, request, caller)
        reading = Reading(self.world, request, caller, fault)
        readings = {
            "me": reading.me,
            "users": reading.users,
            "followers": reading.followers,
            "incoming": reading.incoming,
            "blocked": reading.blocked,
        }
        return readings[operation]()

    def _count(self, operation: str) -> tuple[int, dict[str, str]]:
        window = int(time.time()) // QUARTER
        limit = self.world.limits[operation]
        with self._lock:
            self._spent = {key: spent for key, spent in self._spent.items() if key[1] == window}
            spent = self._spent[operation, window] = self._spent.get((operation, window), 0) + 1
        left = limit - spent
        headers = {
            "x-rate-limit-limit": str(limit),
            "x-rate-limit-remaining": str(max(left, 0)),
            "x-rate-limit-reset": str((window + 1) * QUARTER),
        }
        return left, headers


def operation_of(method: str, path: str) -> str:
    """What a call asks for; empty where nothing of this kind is offered."""
    if method == "POST" and path in (oauth2.TOKEN, oauth2.REVOKE):
        return "token"
    parts = path.split("/")
    if len(parts) in (5, 6) and parts[:3] == ["", "2", "users"] and parts[4] == "blocking":
        return {("GET", 5): "blocked", ("POST", 5): "block", ("DELETE", 6): "unblock"}.get((method, len(parts)), "")
    if method != "GET":
        return ""
    if path == "/2/users/me":
        return "me"
    if path in ("/2/users", "/2/users/by") or path.startswith("/2/users/by/username/"):
        return "users"
    if path.startswith("/2/users/") and path.endswith("/followers"):
        return "followers"
    return "incoming" if path == "/1.1/friendships/incoming.json" else ""
