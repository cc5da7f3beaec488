"""The bodies with which X refuses: problem+json for v2, numbered errors for v1.1."""

from typing import Any

from vetting.twitter.sandbox.http import Answer

TYPES = "https://api.twitter.com/2/problems/"
NOT_IN_PLAN = {
    "errors": [
        {
            "message": "You currently have access to a subset of X API V2 endpoints and limited v1.1 endpoints "
            "(e.g. media post, oauth) only.",
            "code": 453,
        }
    ]
}


def problem(status: int, title: str, detail: str, kind: str = "", **more: str) -> Answer:
    """A refusal of v2; `kind` is the end of its type."""
    return Answer.of_json(
        {"title": title, "detail": detail, "status": status, "type": TYPES + kind if kind else "about:blank", **more}, status
    )


def code(status: int, number: int, message: str) -> Answer:
    """A refusal by number, as v1.1 gives it and v2 sometimes does."""
    return Answer.of_json({"errors": [{"code": number, "message": message}]}, status)


def unauthorized() -> Answer:
    return problem(401, "Unauthorized", "Unauthorized")


def invalid_request() -> Answer:
    return problem(400, "Invalid Request", "One or more parameters to your request was invalid.", "invalid-request")


def client_forbidden(detail: str, **more: str) -> Answer:
    return problem(403, "Client Forbidden", detail, "client-forbidden", **more)


def unsupported(kind: str, supported: str) -> Answer:
    """This way of signing is not taken here."""
    detail = f"Authenticating with {kind} is forbidden for this endpoint.  Supported authentication types are [{supported}]."
    return problem(403, "Unsupported Authentication", detail, "unsupported-authentication")


def too_many_requests() -> Answer:
    return problem(429, "Too Many Requests", "Too Many Requests")


def no_such_user() -> Answer:
    return problem(404, "Not Found Error", "Could not find that user.", "resource-not-found")


def missing(word: str, parameter: str, *, suspended: bool) -> dict[str, Any]:
    """An entry of `errors` inside a 200: somebody who was asked for is not there."""
    detail = f"User has been suspended: [{word}]." if suspended else f"Could not find user with {parameter}: [{word}]."
    return {
        "value": word,
        "detail": detail,
        "title": "Forbidden" if suspended else "Not Found Error",
        "resource_type": "user",
        "parameter": parameter,
        "resource_id": word,
        "type": f"{TYPES}resource-not-found",
    }


def not_authorised_for(user_id: str) -> dict[str, Any]:
    """An entry of `errors` inside a 200: the list of a protected account is not this caller's to see."""
    return {
        "value": user_id,
        "detail": f"Sorry, you are not authorized to see the user with id: [{user_id}].",
        "title": "Authorization Error",
        "resource_type": "user",
        "parameter": "id",
        "resource_id": user_id,
        "type": f"{TYPES}not-authorized-for-resource",
    }


def unrelated() -> dict[str, Any]:
    """An entry of `errors` that says nothing about anybody who was asked for."""
    return {
        "title": "Service Unavailable",
        "detail": "A part of this answer could not be put together.",
        "resource_type": "user",
        "type": f"{TYPES}resource-unavailable",
        "status": 503,
    }
