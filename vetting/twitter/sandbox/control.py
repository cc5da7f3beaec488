"""The control endpoint: what `World` can do in Python, for other processes. Its own loopback port, its own secret."""

import hmac
import inspect
import json
from collections.abc import Iterable
from typing import Any

from vetting.twitter.sandbox.http import Answer, Request, StartResponse
from vetting.twitter.sandbox.world import NobodyThere, World
from vetting.values import BadValue

VERBS = (
    "add_user",
    "ask_to_follow",
    "follow",
    "withdraw",
    "unfollow",
    "accept",
    "decline",
    "remove",
    "block",
    "unblock",
    "rename",
    "recycle",
    "suspend",
    "deactivate",
    "restore",
    "set_protected",
    "allow",
    "fault",
    "clear_faults",
    "set_limit",
    "set_page_size",
    "sign_in_as",
    "set_token_life",
    "revoke_all",
    "forget_calls",
)


class Control:
    """`POST /world/<verb>` with the verb's arguments as a JSON object; `GET /world` shows everything, `GET /world/ledger` the calls."""

    def __init__(self, world: World, secret: str) -> None:
        self.world = world
        self._wanted = f"Bearer {secret}".encode()

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        return self.answer(Request.read(environ)).send(start_response)

    def answer(self, request: Request) -> Answer:
        if not request.is_for_this_computer or not hmac.compare_digest(request.headers.get("authorization", "").encode(), self._wanted):
            return Answer.of_json({"error": "The secret is missing or wrong."}, 401)
        if request.method == "GET" and request.path == "/world":
            return Answer.of_json(self.world.as_json())
        if request.method == "GET" and request.path == "/world/ledger":
            return Answer.of_json([call.as_json() for call in self.world.ledger])
        verb = request.path.removeprefix("/world/")
        if request.method != "POST" or verb not in VERBS:
            return Answer.of_json({"error": f"Choose one of: {', '.join(VERBS)}."}, 404)
        method = getattr(self.world, verb)
        try:
            facts = json.loads(request.body or b"{}")
            inspect.signature(method).bind(**facts)
            method(**facts)
        except NobodyThere as error:
            return Answer.of_json({"error": str(error)}, 404)
        except (BadValue, ValueError, TypeError) as error:
            return Answer.of_json({"error": str(error)}, 400)
        return Answer.of_json({"done": verb})
