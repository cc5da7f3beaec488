"""Who is calling the API, and whether this way of calling is taken here."""

from dataclasses import dataclass

from vetting.twitter.sandbox.http import Answer, Request
from vetting.twitter.sandbox.problems import client_forbidden, unauthorized, unsupported
from vetting.twitter.sandbox.signing import Guard
from vetting.twitter.sandbox.world import World

READING = frozenset({"tweet.read", "users.read"})
SCOPES_FOR = {
    "me": READING,
    "users": READING,
    "followers": READING | {"follows.read"},
    "blocked": READING | {"block.read"},
    "block": READING | {"block.write"},
    "unblock": READING | {"block.write"},
}


@dataclass(frozen=True)
class Caller:
    """Whoever signed a request: by "oauth1", "oauth2", the keys of the "app" alone, or "none". `user_id` is empty without a user."""

    auth: str
    user_id: str = ""
    scopes: frozenset[str] | None = None
    good: bool = False


class Door:
    """Tells callers apart and turns away those who may not come in here."""

    def __init__(self, world: World, guard: Guard) -> None:
        self.world = world
        self.guard = guard

    def caller(self, request: Request) -> Caller:
        authorization = request.headers.get("authorization", "")
        scheme, _, text = authorization.partition(" ")
        if scheme == "OAuth":
            good = self.guard.is_signed(method=request.method, url=request.url, query=request.query, authorization=authorization)
            return Caller("oauth1", self.world.me.user_id if good else "", good=good)
        if scheme == "Basic":
            return Caller("app", good=self.guard.client_is_good(authorization))
        if scheme != "Bearer":
            return Caller("none")
        if self.guard.bearer_is_good(authorization):
            return Caller("app", good=True)
        allowed = self.world.allowed_by(text)
        if allowed is None:
            return Caller("oauth2")
        return Caller("oauth2", allowed.user_id, frozenset(allowed.scopes), good=True)

    def refusal(self, operation: str, request: Request, caller: Caller) -> Answer | None:
        """What a caller hears who may not do this; None for one who may."""
        if not caller.good or request.headers.get("authorization", "").startswith("Basic "):
            return unauthorized()
        if operation == "incoming" and caller.auth == "oauth2":
            return unsupported("OAuth 2.0 User Context", "OAuth 1.0a User Context")
        if not caller.user_id and operation != "users":
            return unsupported("OAuth 2.0 Application-Only", "OAuth 1.0a User Context, OAuth 2.0 User Context")
        lacking = sorted(SCOPES_FOR.get(operation, frozenset()) - caller.scopes) if caller.scopes is not None else []
        return client_forbidden(f"This access token was not granted {', '.join(lacking)}.") if lacking else None
