"""The pages a person uses: who asks to follow, one profile, the followers. Plainly practice, and not Twitter's look."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from django.template.loader import render_to_string

from vetting.twitter.sandbox.authorise import Asked, NotAsked
from vetting.twitter.sandbox.http import Answer, Request
from vetting.twitter.sandbox.signing import Guard
from vetting.twitter.sandbox.state import SandboxProfile
from vetting.twitter.sandbox.world import World

STYLE = Path(__file__).with_name("practice.css")
AUTHORISE = "/i/oauth2/authorize"
PLACES = {
    "requests": "/follower_requests",
    "followers": "/followers",
    "profile": "/i/user/",
    "style": "/practice.css",
    "authorise": AUTHORISE,
}
DEEDS = {
    "accept": "{name} follows the school now.",
    "decline": "The request of {name} was declined. They are not told.",
    "remove": "{name} was removed and no longer follows. They are not told.",
    "block": "{name} is blocked and no longer follows.",
    "unblock": "{name} is no longer blocked and may ask to follow again.",
}
POLICY = "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'{}; base-uri 'none'; frame-ancestors 'none'"
HEADERS = {
    "Content-Security-Policy": POLICY.format(""),
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class Pages:
    """HTML for a person on this computer. Forms count only when one of these very pages sent them."""

    def __init__(self, world: World, guard: Guard, *, links: Sequence[str] = ()) -> None:
        self.world = world
        self.guard = guard
        self.phone = "/practice-phone/" if "/practice-phone" in links else ""

    def answer(self, request: Request) -> Answer:
        if request.method == "POST":
            return self._do(request)
        if request.method not in ("GET", "HEAD"):
            return self._page("nothing", 405, title="That is not possible here")
        if request.path == "/practice.css":
            return Answer(200, STYLE.read_bytes(), "text/css; charset=utf-8", {"Cache-Control": "no-cache"})
        return self._show(request)

    def _show(self, request: Request) -> Answer:
        if request.path == "/":
            return Answer.redirect("/follower_requests")
        if request.path == AUTHORISE:
            return self._ask(request)
        if request.path == "/follower_requests":
            return self._page("requests", title="Follow requests", people=self.world.requests(), said=self._said(request))
        if request.path == "/followers":
            return self._page("followers", title="Followers", people=self.world.followers(), said=self._said(request))
        if request.path == "/intent/user":
            return self._profile(self.world.by_id(request.first("user_id")), request)
        if request.path.startswith("/i/user/"):
            return self._profile(self.world.by_id(request.path.removeprefix("/i/user/")), request)
        return self._profile(self.world.by_handle(request.path.strip("/")), request)

    def _profile(self, one: SandboxProfile | None, request: Request) -> Answer:
        if one is None or one.deactivated:
            return self._page("nothing", 404, title="This account does not exist")
        if one.suspended:
            return self._page("nothing", 404, title="This account is suspended")
        return self._page("profile", title=one.name, one=one, relation=self.world.relation(one.user_id), said=self._said(request))

    def _ask(self, request: Request) -> Answer:
        try:
            asked = Asked.read(request.query, self.guard)
        except NotAsked as error:
            return self._page("not_asked", 400, title="This link does not work", why=str(error))
        page = self._page("authorise", title="Let the register use this account?", asked=asked, me=self.world.signed_in)
        # Chromium follows a redirect after a form only to an address that the page's own policy names.
        page.headers["Content-Security-Policy"] = POLICY.format(f" {asked.origin}")
        return page

    def _grant(self, request: Request) -> Answer:
        if not request.comes_from_our_own_page:
            return self._page("nothing", 403, title="This button was pressed on another page")
        try:
            asked = Asked.read(request.body.decode("utf-8", "replace"), self.guard)
        except NotAsked as error:
            return self._page("not_asked", 400, title="This link does not work", why=str(error))
        if request.form().get("answer") != "authorise":
            return Answer.redirect(asked.back(error="access_denied"))
        code = self.world.grant(scopes=asked.scopes, challenge=asked.challenge, redirect_uri=asked.redirect_uri)
        return Answer.redirect(asked.back(code=code))

    def _do(self, request: Request) -> Answer:
        if request.path == AUTHORISE:
            return self._grant(request)
        parts = request.path.strip("/").split("/")
        one = self.world.by_id(parts[2]) if len(parts) == 4 and parts[:2] == ["i", "user"] else None
        if one is None or parts[3] not in DEEDS:
            return self._page("nothing", 404, title="There is nothing here")
        if not request.comes_from_our_own_page:
            return self._page("nothing", 403, title="This button was pressed on another page")
        getattr(self.world, parts[3])(one.user_id)
        back = {"requests": "/follower_requests", "followers": "/followers"}.get(request.form().get("back", ""), f"/i/user/{one.user_id}")
        return Answer.redirect(f"{back}?did={parts[3]}&who={one.user_id}")

    def _said(self, request: Request) -> str:
        values = parse_qs(request.query)
        one = self.world.by_id(values.get("who", [""])[0])
        sentence = DEEDS.get(values.get("did", [""])[0])
        return sentence.format(name=one.name) if one is not None and sentence else ""

    def _page(self, name: str, status: int = 200, **context: Any) -> Answer:
        everywhere = {
            "at": PLACES,
            "page": name,
            "me": self.world.me,
            "phone": self.phone,
            "waiting": len(self.world.requests()),
            "following": len(self.world.followers()),
        }
        html = render_to_string(f"sandbox/{name}.html", everywhere | context)
        return Answer(status, html.encode(), "text/html; charset=utf-8", dict(HEADERS))
