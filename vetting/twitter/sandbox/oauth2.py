"""The endpoints at which the register gets, renews and gives back its tokens (OAuth 2.0, confidential client)."""

from vetting.twitter.sandbox.callers import Caller
from vetting.twitter.sandbox.http import Answer, Request
from vetting.twitter.sandbox.tokens import Pair, Refused
from vetting.twitter.sandbox.world import World

TOKEN, REVOKE = "/2/oauth2/token", "/2/oauth2/revoke"
FORM = "application/x-www-form-urlencoded"


def exchange(world: World, request: Request, caller: Caller) -> Answer:
    """Everything that is asked of the two endpoints."""
    if not caller.good or not request.headers.get("authorization", "").startswith("Basic "):
        return _error(401, "unauthorized_client", "Missing valid authorization header")
    if request.content_type != FORM:
        return _error(400, "invalid_request", "The body must be a form.")
    form = request.form()
    return _revoke(world, form) if request.path == REVOKE else _token(world, form)


def _token(world: World, form: dict[str, str]) -> Answer:
    needed = {"authorization_code": ("code", "code_verifier", "redirect_uri"), "refresh_token": ("refresh_token",)}
    kind = form.get("grant_type", "")
    if kind not in needed:
        return _error(400, "unsupported_grant_type" if kind else "invalid_request", "Value passed for the grant type was invalid.")
    if lacking := [name for name in needed[kind] if not form.get(name)]:
        return _error(400, "invalid_request", f"Missing required parameter [{lacking[0]}].")
    try:
        if kind == "refresh_token":
            return _pair(world.refresh(form["refresh_token"]))
        return _pair(world.redeem(form["code"], verifier=form["code_verifier"], redirect_uri=form["redirect_uri"]))
    except Refused as refused:
        return _error(400, "invalid_request", str(refused))


def _revoke(world: World, form: dict[str, str]) -> Answer:
    if not form.get("token"):
        return _error(400, "invalid_request", "Missing required parameter [token].")
    world.revoke(form["token"])
    return Answer.of_json({"revoked": True})


def _pair(pair: Pair) -> Answer:
    body = {"token_type": "bearer", "expires_in": pair.seconds, "access_token": pair.access, "scope": " ".join(pair.scopes)}
    return Answer.of_json(body | ({"refresh_token": pair.refresh} if pair.refresh else {}), Cache_Control="no-store")


def _error(status: int, error: str, description: str) -> Answer:
    return Answer.of_json({"error": error, "error_description": description}, status, Cache_Control="no-store")
