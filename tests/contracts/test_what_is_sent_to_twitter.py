"""Everything the adapter sends is valid against X's own description of its API, where that file is at hand.

Set X_OPENAPI to the path of the description (version 2.167). It lacks blocking, unblocking and version 1.1; these are left
out by name. A newer description that has them fails the last test, so that they are then held against it too.
"""

import json
import os
from pathlib import Path
from typing import Any

import pytest
import requests
from openapi_core import Config, OpenAPI
from openapi_core.contrib.requests import RequestsOpenAPIRequest
from openapi_core.exceptions import OpenAPIError

from tests.sandbox import Sandbox
from vetting.twitter.sandbox.ledger import Call
from vetting.values import Handle, TwitterUserId

DESCRIPTION = Path(os.environ.get("X_OPENAPI", "/nowhere"))
NOT_DESCRIBED = {"block", "unblock", "incoming", "token"}
pytestmark = [
    pytest.mark.skipif(not DESCRIPTION.is_file(), reason="X_OPENAPI does not name X's description of its API on this machine."),
    pytest.mark.filterwarnings("ignore:Unsupported scheme type"),  # the description names OAuth 1.0a, which the library leaves unchecked
]


@pytest.fixture(scope="module")
def description() -> dict[str, Any]:
    return json.loads(DESCRIPTION.read_text("utf-8"))


@pytest.fixture(scope="module")
def api(description: dict[str, Any]) -> OpenAPI:
    # The file repeats values in some lists of choices, which the library's check of the file itself refuses.
    return OpenAPI.from_dict(description, config=Config(spec_validator_cls=None))


def _as_sent(call: Call) -> RequestsOpenAPIRequest:
    """The call as it arrived, at X's own address."""
    headers = {"Authorization": "Bearer of-somebody" if call.auth == "oauth2" else "OAuth of-somebody"}
    if call.content_type:
        headers["Content-Type"] = call.content_type
    url = f"https://api.x.com{call.path}" + (f"?{call.query}" if call.query else "")
    return RequestsOpenAPIRequest(requests.Request(call.method, url, headers=headers, data=call.body or None).prepare())


def _everything(sandbox: Sandbox, auth: str) -> None:
    """One of each, at its smallest and its largest."""
    world, twitter = sandbox.world, sandbox.asked_by(auth, knows_itself=False)
    world.allow("block")
    world.set_page_size(60)
    with world.at_once():
        for place in range(150):
            world.add_user(f"follows_{place}")
            world.follow(f"follows_{place}")
    numbers = [TwitterUserId(one.user_id) for one in world.followers()]
    twitter.whoami()
    twitter.lookup(handles=[Handle("a")])
    twitter.lookup(handles=[Handle(f"follows_{place}") for place in range(100)])
    twitter.relation(numbers[:100])
    twitter.confirm(numbers[0])
    page = twitter.list_followers()
    while page.next_page:
        page = twitter.list_followers(page.next_page)
    if auth == "keys":
        twitter.list_incoming()
    twitter.remove_follower(numbers[0], Handle("follows_149"))
    twitter.lift_block(numbers[0])


@pytest.mark.parametrize("auth", ["keys", "token"])
def test_every_request_is_valid_against_the_description(sandbox: Sandbox, api: OpenAPI, auth: str) -> None:
    _everything(sandbox, auth)
    described = [call for call in sandbox.world.ledger if call.operation not in NOT_DESCRIBED]
    assert {call.operation for call in described} == {"me", "users", "followers"}
    for call in described:
        api.validate_request(_as_sent(call))


@pytest.mark.parametrize("auth", ["keys", "token"])
def test_what_the_description_lacks_is_known_by_name(sandbox: Sandbox, api: OpenAPI, auth: str) -> None:
    _everything(sandbox, auth)
    left_out = {call.operation for call in sandbox.world.ledger if call.operation in NOT_DESCRIBED}
    assert left_out == {"block", "unblock"} | ({"incoming"} if auth == "keys" else set())
    for call in sandbox.world.ledger:
        if call.operation in NOT_DESCRIBED:
            with pytest.raises(OpenAPIError):
                api.validate_request(_as_sent(call))


@pytest.mark.parametrize(
    "address",
    [
        "/2/users?ids=abc",
        "/2/users/12/followers?max_results=1001",
        "/2/users/by?usernames=name_of_16_chars",
        "/2/users/me?user.fields=nothing_like_it",
    ],
)
def test_the_check_refuses_what_x_would_refuse(api: OpenAPI, address: str) -> None:
    path, _, query = address.partition("?")
    with pytest.raises(OpenAPIError):
        api.validate_request(_as_sent(Call(0, "", "GET", path, query, "oauth2", b"", "", 200)))
