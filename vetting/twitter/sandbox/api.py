"""The part of X's API that this product uses, as far as its documentation and public fixtures tell how it behaves.

The documented shapes: v2 users with `connection_status` (absent where there is no relation), partial `errors` inside a
200, pages of followers, v1.1 `friendships/incoming` with cursors, `x-rate-limit-*` headers, 402 and 403 code 453.
"""

import json
import threading
import time
from typing import Any

from vetting.twitter.sandbox.http import Answer, Request
from vetting.twitter.sandbox.signing import Guard
from vetting.twitter.sandbox.world import Fault, SandboxProfile, World

QUARTER = 15 * 60
INCOMING_PAGE = 5000
NOT_IN_PLAN = {
    "errors": [
        {
            "message": "You currently have access to a subset of X API V2 endpoints and limited v1.1 endpoints "
            "(e.g. media post, oauth) only.",
            "code": 453,
        }
    ]
}


def _problem(status: int, title: str, detail: str, kind: str = "about:blank") -> Answer:
    return Answer.of_json({"title": title, "detail": detail, "status": status, "type": kind}, status)


class Api:
    """Answers for /2/… and /1.1/…"""

    def __init__(self, world: World, guard: Guard) -> None:
        self.world = world
        self.guard = guard
        self._spent: dict[tuple[str, int], int] = {}
        self._lock = threading.Lock()

    def answer(self, request: Request) -> Answer:
        operation = self._operation(request.path)
        if operation is None or request.method != "GET":
            return Answer(404, b"", "text/plain")
        fault = self.world.next_fault(operation)
        if fault is not None and fault.kind == "slow":
            time.sleep(min(fault.seconds, 60))
        authorization = request.headers.get("authorization", "")
        user = self.guard.is_signed(method=request.method, url=request.url, query=request.query, authorization=authorization)
        if not user and not self.guard.bearer_is_good(authorization):
            return _problem(401, "Unauthorized", "Unauthorized")
        if not user and operation != "users":
            return _problem(
                403,
                "Unsupported Authentication",
                "Authenticating with OAuth 2.0 Application-Only is forbidden for this endpoint.",
                "https://api.twitter.com/2/problems/unsupported-authentication",
            )
        remaining, headers = self._count(operation)
        if fault is not None and (broken := _broken(fault, headers)) is not None:
            return broken
        if remaining < 0:
            answer = Answer.of_json(
                {"title": "Too Many Requests", "detail": "Too Many Requests", "type": "about:blank", "status": 429}, 429
            )
        else:
            answer = self._answer_for(operation, request, user, fault)
        answer.headers.update(headers)
        return answer

    @staticmethod
    def _operation(path: str) -> str | None:
        if path == "/2/users/me":
            return "me"
        if path in ("/2/users", "/2/users/by") or path.startswith("/2/users/by/username/"):
            return "users"
        if path.startswith("/2/users/") and path.endswith("/followers"):
            return "followers"
        return "incoming" if path == "/1.1/friendships/incoming.json" else None

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

    def _answer_for(self, operation: str, request: Request, user: bool, fault: Fault | None) -> Answer:
        kind = fault.kind if fault is not None else ""
        if operation == "me":
            me = self._as_user(self.world.me, request, user)
            return Answer.of_json({"data": {**me, "id": "99", "username": "somebody_else"} if kind == "other_account" else me})
        if operation == "incoming":
            return self._incoming(request, kind)
        if operation == "followers":
            return self._followers(request, kind)
        return self._users(request, user)

    def _users(self, request: Request, user: bool) -> Answer:
        single = request.path.startswith("/2/users/by/username/")
        by_handle = single or request.path == "/2/users/by"
        parameter = "usernames" if by_handle else "ids"
        wanted = [request.path.rpartition("/")[2]] if single else [word for word in request.first(parameter).split(",") if word]
        legal = [word for word in wanted if (word.replace("_", "").isalnum() and len(word) <= 15 if by_handle else word.isdigit())]
        if not wanted or len(wanted) > 100 or len(legal) != len(wanted):
            return _problem(
                400,
                "Invalid Request",
                "One or more parameters to your request was invalid.",
                "https://api.twitter.com/2/problems/invalid-request",
            )
        found, errors = [], []
        for word in dict.fromkeys(wanted):
            one = self.world.by_handle(word) if by_handle else self.world.by_id(word)
            if one is not None and one.present:
                found.append(self._as_user(one, request, user))
            else:
                errors.append(_missing(word, parameter, suspended=one is not None and one.suspended))
        body: dict[str, Any] = {}
        if found:
            body["data"] = found[0] if single else found
        if errors:
            body["errors"] = errors
        return Answer.of_json(body)

    def _followers(self, request: Request, kind: str) -> Answer:
        if request.path.split("/")[3] != self.world.me.user_id:
            return _problem(404, "Not Found Error", "Could not find that user.", "https://api.twitter.com/2/problems/resource-not-found")
        if not self.world.allows("followers"):
            return _problem(
                403, "Client Forbidden", "Your plan does not include this endpoint.", "https://api.twitter.com/2/problems/client-forbidden"
            )
        size = min(int(request.first("max_results", "100")), self.world.page_size)
        token = request.first("pagination_token")
        start = int(token.removeprefix("PRACTICEPAGE").rstrip("Z") or 0) if token else 0
        people = [] if kind.startswith("empty_page") else self.world.followers()
        page = people[start : start + size]
        meta: dict[str, Any] = {"result_count": len(page)}
        if kind == "cursor_loop":
            meta["next_token"] = f"PRACTICEPAGE{'0':0>8}Z"
        elif start + size < len(people) or kind == "empty_page_with_next":
            meta["next_token"] = f"PRACTICEPAGE{start + size:0>8}Z"
        body: dict[str, Any] = {"meta": meta}
        if page:
            body["data"] = [self._as_user(one, request, user=True) for one in page]
        return Answer.of_json(body)

    def _incoming(self, request: Request, kind: str) -> Answer:
        if not self.world.allows("incoming"):
            return Answer.of_json(NOT_IN_PLAN, 403)
        cursor = int(request.first("cursor", "-1"))
        start = 0 if cursor < 0 else cursor
        numbers = [] if kind.startswith("empty_page") else [one.user_id for one in self.world.requests()]
        size = min(INCOMING_PAGE, self.world.page_size * 5)
        after = start + size if start + size < len(numbers) else 0
        if kind == "cursor_loop":
            after = max(start, 1)
        if kind == "empty_page_with_next":
            after = start + 1
        page = numbers[start : start + size]
        ids: list[Any] = page if request.first("stringify_ids") == "true" else [int(number) for number in page]
        return Answer.of_json(
            {"ids": ids, "next_cursor": after, "next_cursor_str": str(after), "previous_cursor": 0, "previous_cursor_str": "0"}
        )

    def _as_user(self, one: SandboxProfile, request: Request, user: bool) -> dict[str, Any]:
        fields = set(request.first("user.fields").split(","))
        shown: dict[str, Any] = {"id": one.user_id, "name": one.name, "username": one.handle}
        offered: dict[str, Any] = {
            "created_at": one.created_at,
            "description": one.bio,
            "protected": one.protected,
            "profile_image_url": f"https://example.invalid/{'default_profile' if one.default_picture else one.user_id}_normal.png",
            "public_metrics": {
                "followers_count": len(self.world.followers()) if one.user_id == self.world.me.user_id else one.followers,
                "following_count": one.following,
                "tweet_count": one.posts,
                "listed_count": 0,
            },
        }
        shown.update({name: value for name, value in offered.items() if name in fields})
        relation = self.world.relation(one.user_id)
        if user and relation and "connection_status" in fields and self.world.allows("connection_status"):
            shown["connection_status"] = relation
        return shown


def _missing(word: str, parameter: str, *, suspended: bool) -> dict[str, Any]:
    detail = f"User has been suspended: [{word}]." if suspended else f"Could not find user with {parameter}: [{word}]."
    return {
        "value": word,
        "detail": detail,
        "title": "Forbidden" if suspended else "Not Found Error",
        "resource_type": "user",
        "parameter": parameter,
        "resource_id": word,
        "type": "https://api.twitter.com/2/problems/resource-not-found",
    }


def _broken(fault: Fault, headers: dict[str, str]) -> Answer | None:
    """The answer a fault gives instead of the real one; None where it only bends the real one."""
    answers = {
        "unauthorized": lambda: _problem(401, "Unauthorized", "Unauthorized"),
        "suspended_keys": lambda: Answer.of_json(
            {"errors": [{"code": 326, "message": "To protect our users from spam, this account is temporarily locked."}]}, 403
        ),
        "out_of_credit": lambda: _problem(
            402, "CreditsDepleted", "Your enrolled account has no credits.", "https://api.twitter.com/2/problems/credits"
        ),
        "forbidden": lambda: _problem(403, "Client Forbidden", "Not permitted.", "https://api.twitter.com/2/problems/client-forbidden"),
        "not_in_plan": lambda: Answer.of_json(NOT_IN_PLAN, 403),
        "not_found": lambda: Answer(404, b"", "text/plain"),
        "rate_limited": lambda: Answer.of_json({"errors": [{"code": 88, "message": "Rate limit exceeded"}]}, 429),
        "rate_limited_no_reset": lambda: Answer.of_json({"title": "Too Many Requests", "status": 429, "type": "about:blank"}, 429),
        "usage_cap": lambda: _problem(
            429, "UsageCapExceeded", "Usage cap exceeded: Monthly product cap", "https://api.twitter.com/2/problems/usage-capped"
        ),
        "server_error": lambda: Answer(fault.status, b"Internal error", "text/plain"),
        "broken_body": lambda: Answer(200, b'{"data": [{"id": "12'),
        "web_page": lambda: Answer(200, b"<!doctype html><title>Something went wrong</title>", "text/html"),
        "empty_body": lambda: Answer(200, b""),
        "wrong_shape": lambda: Answer(200, json.dumps({"data": {"users": "many"}, "ids": "none", "meta": []}).encode()),
        "redirect": lambda: Answer(302, b"", headers={"Location": "http://example.invalid/"}),
    }
    if fault.kind not in answers:
        return None
    answer = answers[fault.kind]()
    if fault.kind == "rate_limited":
        answer.headers.update(headers | {"x-rate-limit-remaining": "0"})
    if fault.kind == "usage_cap":
        answer.headers.update({name: value for name, value in headers.items() if name != "x-rate-limit-reset"})
    return answer
