"""What the API shows of people: one's own account, look-ups, and the lists that come in pages."""

from dataclasses import dataclass
from typing import Any

from vetting.twitter.sandbox.blocking import not_yours
from vetting.twitter.sandbox.callers import Caller
from vetting.twitter.sandbox.faults import Fault, page_for, people_for, size_for
from vetting.twitter.sandbox.http import Answer, Request
from vetting.twitter.sandbox.problems import NOT_IN_PLAN, client_forbidden, invalid_request, missing, no_such_user, not_authorised_for
from vetting.twitter.sandbox.state import SandboxProfile
from vetting.twitter.sandbox.world import World

BATCH = 100
PAGE = 1000
INCOMING_TIMES = 5


@dataclass(frozen=True)
class Reading:
    """One reading call: whose world, what was asked, by whom, and what goes wrong with it."""

    world: World
    request: Request
    caller: Caller
    fault: Fault

    def me(self) -> Answer:
        one = self.world.by_id(self.caller.user_id)
        return Answer.of_json({"data": self._as_user(one)}) if one is not None else no_such_user()

    def users(self) -> Answer:
        single = self.request.path.startswith("/2/users/by/username/")
        by_handle = single or self.request.path == "/2/users/by"
        parameter = "usernames" if by_handle else "ids"
        wanted = _words(self.request, parameter, single=single)
        legal = [word for word in wanted if (word.replace("_", "").isalnum() and len(word) <= 15 if by_handle else word.isdigit())]
        if not wanted or len(wanted) > BATCH or len(legal) != len(wanted):
            return invalid_request()
        found, errors = [], []
        for word in dict.fromkeys(wanted):
            one = self.world.by_handle(word) if by_handle else self.world.by_id(word)
            if one is not None and one.present:
                found.append(self._as_user(one))
            else:
                errors.append(missing(word, parameter, suspended=one is not None and one.suspended))
        body: dict[str, Any] = {}
        if found:
            body["data"] = found[0] if single else page_for(self.fault, found)
        if errors:
            body["errors"] = errors
        return Answer.of_json(body)

    def followers(self) -> Answer:
        own = self.world.me.user_id
        if self.request.path.split("/")[3] != own:
            return no_such_user()
        if not self.world.allows("followers"):
            return client_forbidden("Your plan does not include this endpoint.")
        if self.caller.user_id != own and self.world.me.protected:
            return Answer.of_json({"errors": [not_authorised_for(own)]})
        return self._page(self.world.followers())

    def blocked(self) -> Answer:
        return not_yours(self.world, self.request, self.caller) or self._page(self.world.blocked())

    def incoming(self) -> Answer:
        if not self.world.allows("incoming"):
            return Answer.of_json(NOT_IN_PLAN, 403)
        kind = self.fault.kind
        cursor = int(self.request.first("cursor", "-1"))
        start = 0 if cursor < 0 else cursor
        numbers = [one.user_id for one in people_for(self.fault, self.world.requests())]
        size = size_for(self.fault, self.world.page_size * INCOMING_TIMES)
        after = start + size if start + size < len(numbers) else 0
        if kind == "cursor_loop":
            after = max(start, 1)
        if kind == "empty_page_with_next":
            after = start + 1
        page = page_for(self.fault, numbers[start : start + size])
        ids: list[Any] = page if self.request.first("stringify_ids") == "true" else [int(number) for number in page]
        return Answer.of_json(
            {"ids": ids, "next_cursor": after, "next_cursor_str": str(after), "previous_cursor": 0, "previous_cursor_str": "0"}
        )

    def _page(self, everybody: list[SandboxProfile]) -> Answer:
        asked, token = self.request.first("max_results", "100"), self.request.first("pagination_token")
        if not asked.isdigit() or not 1 <= int(asked) <= PAGE:
            return invalid_request()
        number = token.removeprefix("PRACTICEPAGE").rstrip("Z")
        if token and not number.isdigit():
            return invalid_request()
        size = size_for(self.fault, min(int(asked), self.world.page_size))
        start = int(number) if token else 0
        people = people_for(self.fault, everybody)
        page = page_for(self.fault, people[start : start + size])
        meta: dict[str, Any] = {"result_count": len(page)}
        if self.fault.kind == "cursor_loop":
            meta["next_token"] = f"PRACTICEPAGE{0:0>8}Z"
        elif start + size < len(people) or self.fault.kind == "empty_page_with_next":
            meta["next_token"] = f"PRACTICEPAGE{start + size:0>8}Z"
        body: dict[str, Any] = {"meta": meta}
        if page:
            body["data"] = [self._as_user(one) for one in page]
        return Answer.of_json(body)

    def _as_user(self, one: SandboxProfile) -> dict[str, Any]:
        fields = set(self.request.first("user.fields").split(","))
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
        if "connection_status" in fields and (relation := self._relation(one)):
            shown["connection_status"] = relation
        return shown

    def _relation(self, one: SandboxProfile) -> list[str]:
        """Relations are told to the school's account alone; nothing is known here of anybody else's."""
        if self.caller.user_id != self.world.me.user_id or not self.world.allows("connection_status") or self.fault.kind == "no_relations":
            return []
        return self.world.relation(one.user_id)


def _words(request: Request, parameter: str, *, single: bool) -> list[str]:
    if single:
        return [request.path.rpartition("/")[2]]
    return [word for word in request.first(parameter).split(",") if word]
