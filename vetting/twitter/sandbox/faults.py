"""What can go wrong on purpose: the answers that replace the real one, and the ways in which a real one is bent."""

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from vetting.twitter.sandbox.http import Answer, Delivery
from vetting.twitter.sandbox.problems import NOT_IN_PLAN, client_forbidden, code, problem, unrelated

REPLACING = (
    "unauthorized",
    "suspended_keys",
    "out_of_credit",
    "forbidden",
    "not_in_plan",
    "not_found",
    "rate_limited",
    "rate_limited_no_reset",
    "reset_past",
    "reset_far",
    "usage_cap",
    "server_error",
    "broken_body",
    "web_page",
    "empty_body",
    "wrong_shape",
    "redirect",
    "errors_only",
    "dropped",
)
BENDING = (
    "slow",
    "drip",
    "half_body",
    "done_then_dropped",
    "empty_page",
    "empty_page_with_next",
    "cursor_loop",
    "short_pages",
    "twice",
    "stale",
    "no_relations",
    "data_and_errors",
    "other_account",
    "other_user",
)
FAULTS = (*REPLACING, *BENDING)
OPERATIONS = ("me", "users", "followers", "incoming", "block", "unblock", "blocked", "token", "*")
LONGEST_WAIT = 60
TEN_YEARS = 10 * 365 * 24 * 3600
SOMEBODY_ELSE = {"id": "99", "name": "Somebody Else", "username": "somebody_else"}

Entry = TypeVar("Entry")


@dataclass
class Fault:
    """Something that goes wrong on purpose: on one operation or on all ("*"), a number of times or until cleared."""

    operation: str
    kind: str
    times: int | None = None
    seconds: float = 0.0
    status: int = 500


NOTHING_WRONG = Fault("", "")


def broken(fault: Fault, headers: dict[str, str]) -> Answer | None:
    """The answer a fault gives instead of the real one; None where it only bends the real one."""
    if fault.kind not in REPLACING:
        return None
    answer = _ANSWERS[fault.kind](fault)
    answer.headers.update(_rate_headers(fault.kind, headers))
    return answer


def bent(fault: Fault, operation: str, answer: Answer) -> Answer:
    """The real answer, after the deed, as this fault lets it arrive."""
    deliveries = {"drip": Delivery.DRIPPING, "half_body": Delivery.HALF, "done_then_dropped": Delivery.DROPPED}
    answer.delivery = deliveries.get(fault.kind, answer.delivery)
    if answer.status != 200:
        return answer
    if fault.kind == "data_and_errors":
        data = json.loads(answer.body)
        return Answer.of_json({**data, "errors": [*data.get("errors", []), unrelated()]})
    if fault.kind == "other_account" and operation == "me":
        data = json.loads(answer.body)
        return Answer.of_json({"data": {**data["data"], "id": "99", "username": "somebody_else"}})
    if fault.kind == "other_user" and operation == "users":
        found = json.loads(answer.body).get("data", [])
        return Answer.of_json({"data": SOMEBODY_ELSE if isinstance(found, dict) else [SOMEBODY_ELSE, *found[1:]]})
    return answer


def people_for(fault: Fault, people: Sequence[Entry]) -> list[Entry]:
    """The list a page is cut from: empty in an outage, without its newest entry where an old answer is served."""
    if fault.kind.startswith("empty_page"):
        return []
    return list(people[1:] if fault.kind == "stale" else people)


def size_for(fault: Fault, size: int) -> int:
    return 1 if fault.kind == "short_pages" else size


def page_for(fault: Fault, page: Sequence[Entry]) -> list[Entry]:
    return [*page, *page[:1]] if fault.kind == "twice" else list(page)


def wait_for(fault: Fault) -> None:
    if fault.kind == "slow":
        time.sleep(min(fault.seconds, LONGEST_WAIT))


def _rate_headers(kind: str, headers: dict[str, str]) -> dict[str, str]:
    if kind == "rate_limited":
        return headers | {"x-rate-limit-remaining": "0"}
    if kind in ("reset_past", "reset_far"):
        reset = int(time.time()) + (TEN_YEARS if kind == "reset_far" else -3600)
        return headers | {"x-rate-limit-remaining": "0", "x-rate-limit-reset": str(reset)}
    if kind == "usage_cap":
        return {name: value for name, value in headers.items() if name != "x-rate-limit-reset"}
    return {}


def _rate_limited(_: Fault) -> Answer:
    return code(429, 88, "Rate limit exceeded")


_ANSWERS: dict[str, Callable[[Fault], Answer]] = {
    "unauthorized": lambda _: problem(401, "Unauthorized", "Unauthorized"),
    "suspended_keys": lambda _: code(403, 326, "To protect our users from spam, this account is temporarily locked."),
    "out_of_credit": lambda _: problem(402, "CreditsDepleted", "Your enrolled account has no credits.", "credits"),
    "forbidden": lambda _: client_forbidden("Not permitted."),
    "not_in_plan": lambda _: Answer.of_json(NOT_IN_PLAN, 403),
    "not_found": lambda _: Answer(404, b"", "text/plain"),
    "rate_limited": _rate_limited,
    "rate_limited_no_reset": lambda _: Answer.of_json({"title": "Too Many Requests", "status": 429, "type": "about:blank"}, 429),
    "reset_past": _rate_limited,
    "reset_far": _rate_limited,
    "usage_cap": lambda _: problem(429, "UsageCapExceeded", "Usage cap exceeded: Monthly product cap", "usage-capped"),
    "server_error": lambda fault: Answer(fault.status, b"Internal error", "text/plain"),
    "broken_body": lambda _: Answer(200, b'{"data": [{"id": "12'),
    "web_page": lambda _: Answer(200, b"<!doctype html><title>Something went wrong</title>", "text/html"),
    "empty_body": lambda _: Answer(200, b""),
    "wrong_shape": lambda _: Answer.of_json({"data": {"users": "many"}, "ids": "none", "meta": []}),
    "redirect": lambda _: Answer(302, b"", headers={"Location": "http://example.invalid/"}),
    "errors_only": lambda _: Answer.of_json({"errors": [unrelated()]}),
    "dropped": lambda _: Answer(0, b"", delivery=Delivery.DROPPED),
}
