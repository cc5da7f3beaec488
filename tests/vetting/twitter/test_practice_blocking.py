"""Blocking on Practice Twitter: through its API where the world allows it, and on its pages."""

import pytest
import requests
from requests_oauthlib import OAuth1

from tests.sandbox import Sandbox
from tests.vetting.twitter.given_practice import BLOCK, READ, ask, bearer, own

PERMITTED = (*READ, *BLOCK)


@pytest.fixture
def dana(sandbox: Sandbox) -> str:
    """The number of somebody who follows, in a world that allows blocking."""
    sandbox.world.allow("block")
    sandbox.world.add_user("dana_hill", name="Dana Hill")
    return sandbox.world.follow("dana_hill").user_id


def _block(sandbox: Sandbox, target: object, auth: dict[str, str] | OAuth1 | None = None) -> requests.Response:
    return ask(sandbox, "POST", own(sandbox, "blocking"), auth, json={"target_user_id": target})


def _unblock(sandbox: Sandbox, target: str, auth: dict[str, str] | OAuth1 | None = None) -> requests.Response:
    return ask(sandbox, "DELETE", own(sandbox, f"blocking/{target}"), auth)


@pytest.mark.parametrize("kind", ["oauth1", "oauth2"])
def test_blocking_and_unblocking_ends_the_following_and_leaves_nothing(sandbox: Sandbox, dana: str, kind: str) -> None:
    def auth() -> dict[str, str] | None:
        return bearer(sandbox, *PERMITTED) if kind == "oauth2" else None

    blocked = _block(sandbox, dana, auth())
    assert (blocked.status_code, blocked.json()) == (200, {"data": {"blocking": True}})
    assert sandbox.world.relation(dana) == ["blocking"]
    there = f"{own(sandbox, 'blocking')}?user.fields=connection_status"
    (listed,) = ask(sandbox, "GET", there, auth()).json()["data"]
    assert (listed["id"], listed["connection_status"]) == (dana, ["blocking"])
    unblocked = _unblock(sandbox, dana, auth())
    assert (unblocked.status_code, unblocked.json()) == (200, {"data": {"blocking": False}})
    assert sandbox.world.relation(dana) == []
    assert ask(sandbox, "GET", own(sandbox, "blocking"), auth()).json() == {"meta": {"result_count": 0}}
    assert [deed["deed"] for deed in sandbox.world.deeds] == ["block", "unblock"]


def test_blocking_ends_a_request_too(sandbox: Sandbox, dana: str) -> None:
    asks = sandbox.world.add_user("asks").user_id
    sandbox.world.ask_to_follow("asks")
    assert _block(sandbox, asks).ok
    assert sandbox.world.requests() == []
    sandbox.world.ask_to_follow("asks")
    assert sandbox.world.requests() == [], "whoever is blocked cannot ask"
    assert _unblock(sandbox, asks).ok
    assert sandbox.world.requests() == []
    sandbox.world.ask_to_follow("asks")
    assert [one.handle for one in sandbox.world.requests()] == ["asks"]


def test_doing_it_twice_changes_nothing_more(sandbox: Sandbox, dana: str) -> None:
    for _ in range(2):
        assert _block(sandbox, dana).json() == {"data": {"blocking": True}}
    for _ in range(2):
        assert _unblock(sandbox, dana).json() == {"data": {"blocking": False}}
    assert [deed["deed"] for deed in sandbox.world.deeds] == ["block", "unblock"]


def test_it_is_off_unless_the_world_allows_it(sandbox: Sandbox, dana: str) -> None:
    sandbox.world.allow("block", False)
    for refused in (_block(sandbox, dana), _unblock(sandbox, dana)):
        assert refused.status_code == 403
        assert refused.json()["type"].endswith("client-forbidden")
        assert "Enterprise" in refused.json()["detail"]
    assert sandbox.world.relation(dana) == ["followed_by"]
    assert ask(sandbox, "GET", own(sandbox, "blocking")).ok, "the list may be read all the same"


@pytest.mark.parametrize(
    "body",
    [
        {"target_user_id": 12},
        {"target_user_id": "12", "reason": "left"},
        {"target_user_id": "dana_hill"},
        {},
        ["12"],
        {"target_user_id": None},
    ],
)
def test_a_body_that_x_would_not_take_is_not_taken(sandbox: Sandbox, dana: str, body: object) -> None:
    assert ask(sandbox, "POST", own(sandbox, "blocking"), json=body).status_code == 400


def test_a_number_is_a_string_and_the_body_is_json(sandbox: Sandbox, dana: str) -> None:
    assert _block(sandbox, int(dana)).status_code == 400
    headers = bearer(sandbox, *PERMITTED)
    assert ask(sandbox, "POST", own(sandbox, "blocking"), headers, data={"target_user_id": dana}).status_code == 400
    assert ask(sandbox, "POST", own(sandbox, "blocking"), headers, data="not json").status_code == 400
    assert _unblock(sandbox, "dana_hill").status_code == 400
    assert sandbox.world.relation(dana) == ["followed_by"]


def test_nobody_blocks_in_another_name(sandbox: Sandbox, dana: str) -> None:
    for method, path, body in (
        ("POST", f"/2/users/{dana}/blocking", {"target_user_id": "12"}),
        ("DELETE", f"/2/users/{dana}/blocking/12", None),
        ("GET", f"/2/users/{dana}/blocking", None),
    ):
        assert ask(sandbox, method, path, json=body).status_code == 403
    sandbox.world.sign_in_as("dana_hill")
    assert _block(sandbox, dana, bearer(sandbox, *PERMITTED)).status_code == 403


def test_nobody_blocks_whom_there_is_not(sandbox: Sandbox, dana: str) -> None:
    assert _block(sandbox, "12").status_code == 404
    sandbox.world.suspend("dana_hill")
    assert _block(sandbox, dana).status_code == 404
    assert _block(sandbox, sandbox.world.me.user_id).status_code == 400


def test_the_signature_is_checked_and_the_app_alone_may_not(sandbox: Sandbox, dana: str) -> None:
    keys = sandbox.keys
    wrong = OAuth1(keys.consumer_key, keys.consumer_secret, keys.access_token, "not the secret")
    app = {"Authorization": f"Bearer {keys.bearer_token}"}
    assert (_block(sandbox, dana, wrong).status_code, _unblock(sandbox, dana, wrong).status_code) == (401, 401)
    assert (_block(sandbox, dana, app).status_code, _unblock(sandbox, dana, app).status_code) == (403, 403)
    assert _block(sandbox, dana, {}).status_code == 401
    assert sandbox.world.relation(dana) == ["followed_by"]


def test_the_list_of_the_blocked_comes_in_pages(sandbox: Sandbox, dana: str) -> None:
    for place in range(5):
        sandbox.world.add_user(f"blocked_{place}")
        sandbox.world.block(f"blocked_{place}")
    seen, token = [], ""
    while True:
        more = f"&pagination_token={token}" if token else ""
        page = ask(sandbox, "GET", f"{own(sandbox, 'blocking')}?max_results=2{more}").json()
        seen += [one["username"] for one in page["data"]]
        token = page["meta"].get("next_token", "")
        if not token:
            break
    assert seen == [f"blocked_{place}" for place in range(5)]
    for size in ("0", "1001", "many"):
        assert ask(sandbox, "GET", f"{own(sandbox, 'blocking')}?max_results={size}").status_code == 400


def test_a_person_unblocks_on_the_page(sandbox: Sandbox, dana: str) -> None:
    _block(sandbox, dana)
    page = requests.get(f"{sandbox.url}/i/user/{dana}", timeout=5).text
    assert "Blocked by @stexample." in page
    assert "Unblock @dana_hill" in page
    after = requests.post(f"{sandbox.url}/i/user/{dana}/unblock", headers={"Origin": sandbox.url}, timeout=5).text
    assert "Dana Hill is no longer blocked and may ask to follow again." in after
    assert "Neither follows" in after
    assert sandbox.world.relation(dana) == []
