"""How Practice Twitter breaks when it is told to, seen through a plain HTTP client."""

import time
from collections.abc import Callable

import pytest
import requests

from tests.sandbox import Sandbox
from tests.vetting.twitter.given_practice import ask, for_tokens, own, refresh
from vetting.twitter.sandbox.faults import FAULTS, OPERATIONS

READS = ("me", "users", "followers", "incoming", "blocked")


@pytest.fixture
def call(sandbox: Sandbox) -> Callable[[str], requests.Response]:
    """A call of each operation, in a world where three follow, three ask and Dana can be blocked."""
    world = sandbox.world
    world.allow("block")
    for place in range(3):
        world.add_user(f"follows_{place}")
        world.follow(f"follows_{place}")
        world.add_user(f"asks_{place}")
        world.ask_to_follow(f"asks_{place}")
        world.add_user(f"blocked_{place}")
        world.block(f"blocked_{place}")
    dana = world.add_user("dana_hill").user_id
    world.follow("dana_hill")
    fields = "user.fields=connection_status"
    calls: dict[str, Callable[[], requests.Response]] = {
        "me": lambda: ask(sandbox, "GET", "/2/users/me"),
        "users": lambda: ask(sandbox, "GET", f"/2/users/by?usernames=dana_hill,asks_0&{fields}"),
        "followers": lambda: ask(sandbox, "GET", f"{own(sandbox, 'followers')}?{fields}"),
        "incoming": lambda: ask(sandbox, "GET", "/1.1/friendships/incoming.json?stringify_ids=true"),
        "blocked": lambda: ask(sandbox, "GET", own(sandbox, "blocking")),
        "block": lambda: ask(sandbox, "POST", own(sandbox, "blocking"), json={"target_user_id": dana}),
        "unblock": lambda: ask(sandbox, "DELETE", own(sandbox, f"blocking/{world.user('blocked_0').user_id}")),
        "token": lambda: refresh(sandbox, world.issue_tokens(["offline.access"])[1]),
    }
    return lambda operation: calls[operation]()


CALLED = tuple(operation for operation in OPERATIONS if operation != "*")


@pytest.mark.parametrize("operation", CALLED)
def test_without_a_fault_every_operation_answers(call: Callable[[str], requests.Response], operation: str) -> None:
    assert call(operation).status_code == 200


@pytest.mark.parametrize("operation", CALLED)
@pytest.mark.parametrize(
    ("fault", "status"),
    [
        ("unauthorized", 401),
        ("suspended_keys", 403),
        ("out_of_credit", 402),
        ("forbidden", 403),
        ("not_in_plan", 403),
        ("not_found", 404),
        ("rate_limited", 429),
        ("rate_limited_no_reset", 429),
        ("reset_past", 429),
        ("reset_far", 429),
        ("usage_cap", 429),
        ("server_error", 500),
        ("redirect", 302),
    ],
)
def test_every_operation_can_be_refused_and_then_nothing_is_done(
    sandbox: Sandbox, call: Callable[[str], requests.Response], operation: str, fault: str, status: int
) -> None:
    before = sandbox.world.as_json()["blocked"]
    sandbox.world.fault(operation, fault, times=1)
    assert call(operation).status_code == status
    assert sandbox.world.as_json()["blocked"] == before
    assert call(operation).ok


@pytest.mark.parametrize("operation", CALLED)
def test_answers_of_the_wrong_form_have_none_of_what_was_promised(
    sandbox: Sandbox, call: Callable[[str], requests.Response], operation: str
) -> None:
    sandbox.world.fault(operation, "wrong_shape", times=1)
    assert call(operation).json() == {"data": {"users": "many"}, "ids": "none", "meta": []}
    sandbox.world.fault(operation, "errors_only", times=1)
    only_errors = call(operation)
    assert only_errors.status_code == 200
    assert set(only_errors.json()) == {"errors"}
    for fault in ("broken_body", "web_page", "empty_body"):
        sandbox.world.fault(operation, fault, times=1)
        with pytest.raises(requests.JSONDecodeError):
            call(operation).json()


@pytest.mark.parametrize("operation", CALLED)
@pytest.mark.parametrize("fault", ["dropped", "done_then_dropped"])
def test_a_dropped_connection_brings_no_answer_at_all(
    sandbox: Sandbox, call: Callable[[str], requests.Response], operation: str, fault: str
) -> None:
    sandbox.world.fault(operation, fault, times=1)
    with pytest.raises(requests.ConnectionError):
        call(operation)
    assert sandbox.world.ledger[-1].status == 0
    assert call(operation).ok


def test_what_was_done_before_the_connection_broke_stays_done(sandbox: Sandbox, call: Callable[[str], requests.Response]) -> None:
    dana = sandbox.world.user("dana_hill").user_id
    sandbox.world.fault("block", "dropped", times=1)
    with pytest.raises(requests.ConnectionError):
        call("block")
    assert sandbox.world.relation(dana) == ["followed_by"]
    sandbox.world.fault("block", "done_then_dropped", times=1)
    with pytest.raises(requests.ConnectionError):
        call("block")
    assert sandbox.world.relation(dana) == ["blocking"]


def test_a_refresh_whose_answer_was_lost_has_spent_its_token(sandbox: Sandbox) -> None:
    _, token = sandbox.world.issue_tokens(["offline.access"])
    sandbox.world.fault("token", "dropped", times=1)
    with pytest.raises(requests.ConnectionError):
        refresh(sandbox, token)
    sandbox.world.fault("token", "done_then_dropped", times=1)
    with pytest.raises(requests.ConnectionError):
        refresh(sandbox, token)
    assert refresh(sandbox, token).status_code == 400


@pytest.mark.parametrize("operation", CALLED)
def test_half_a_body_is_a_broken_answer(sandbox: Sandbox, call: Callable[[str], requests.Response], operation: str) -> None:
    sandbox.world.fault(operation, "half_body", times=1)
    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        call(operation)


def test_a_dripping_answer_comes_a_byte_a_second(sandbox: Sandbox) -> None:
    sandbox.world.fault("token", "drip", times=1)
    client = (sandbox.keys.client_id, sandbox.keys.client_secret)
    began = time.monotonic()
    answer = requests.post(f"{sandbox.url}/2/oauth2/revoke", data={"token": "any"}, auth=client, timeout=5, stream=True)
    pieces = [next(answer.iter_content(1)) for _ in range(3)]
    assert b"".join(pieces) == b'{"r'
    assert 1.9 < time.monotonic() - began < 4
    answer.close()
    assert for_tokens(sandbox, "revoke", token="any").ok, "others are served meanwhile"


def test_a_reset_may_lie_in_the_past_or_ten_years_ahead(sandbox: Sandbox, call: Callable[[str], requests.Response]) -> None:
    now = time.time()
    for fault, earliest, latest in (("reset_past", now - 7200, now), ("reset_far", now + 9 * 365 * 86400, now + 11 * 365 * 86400)):
        sandbox.world.fault("users", fault, times=1)
        answer = call("users")
        assert earliest < int(answer.headers["x-rate-limit-reset"]) < latest
        assert answer.headers["x-rate-limit-remaining"] == "0"


def test_short_pages_hold_one_person_and_name_a_next(sandbox: Sandbox, call: Callable[[str], requests.Response]) -> None:
    sandbox.world.fault("*", "short_pages")
    followers, incoming, blocked = (call(operation).json() for operation in ("followers", "incoming", "blocked"))
    for page in (followers, blocked):
        assert len(page["data"]) == page["meta"]["result_count"] == 1
        assert page["meta"]["next_token"]
    assert len(incoming["ids"]) == 1
    assert incoming["next_cursor_str"] == "1"
    seen, token = [followers["data"][0]["username"]], followers["meta"]["next_token"]
    while token:
        page = ask(sandbox, "GET", f"{own(sandbox, 'followers')}?pagination_token={token}").json()
        seen += [one["username"] for one in page["data"]]
        token = page["meta"].get("next_token")
    assert seen == ["dana_hill", "follows_2", "follows_1", "follows_0"]


def test_the_same_person_may_stand_twice_in_a_page(sandbox: Sandbox, call: Callable[[str], requests.Response]) -> None:
    sandbox.world.fault("*", "twice")
    for operation in ("users", "followers", "blocked"):
        numbers = [one["id"] for one in call(operation).json()["data"]]
        assert numbers[0] == numbers[-1]
        assert len(numbers) == len(set(numbers)) + 1
    ids = call("incoming").json()["ids"]
    assert ids[0] == ids[-1]


def test_a_stale_list_misses_its_newest_entry(sandbox: Sandbox, call: Callable[[str], requests.Response]) -> None:
    sandbox.world.fault("followers", "stale", times=1)
    assert [one["username"] for one in call("followers").json()["data"]] == ["follows_2", "follows_1", "follows_0"]
    assert call("followers").json()["data"][0]["username"] == "dana_hill"


def test_errors_may_stand_beside_whole_data(sandbox: Sandbox, call: Callable[[str], requests.Response]) -> None:
    sandbox.world.fault("followers", "data_and_errors", times=1)
    page = call("followers").json()
    assert len(page["data"]) == page["meta"]["result_count"] == 4
    assert page["errors"][0]["type"].endswith("resource-unavailable")


def test_relations_may_be_left_out_for_a_call(sandbox: Sandbox, call: Callable[[str], requests.Response]) -> None:
    for operation in ("users", "followers"):
        sandbox.world.fault(operation, "no_relations", times=1)
        assert not any("connection_status" in one for one in call(operation).json()["data"])
        assert all("connection_status" in one for one in call(operation).json()["data"])


def test_a_look_up_may_answer_about_somebody_nobody_asked_for(sandbox: Sandbox, call: Callable[[str], requests.Response]) -> None:
    sandbox.world.fault("users", "other_user")
    assert [one["username"] for one in call("users").json()["data"]] == ["somebody_else", "asks_0"]
    assert ask(sandbox, "GET", "/2/users/by/username/dana_hill").json()["data"]["username"] == "somebody_else"


@pytest.mark.parametrize("fault", FAULTS)
def test_every_fault_can_be_set_on_every_operation(sandbox: Sandbox, fault: str) -> None:
    for operation in OPERATIONS:
        sandbox.world.fault(operation, fault)
    sandbox.world.clear_faults()
    with pytest.raises(ValueError, match="There is no fault"):
        sandbox.world.fault("posting", fault)


@pytest.mark.parametrize("operation", CALLED)
def test_every_operation_has_its_own_limit_and_says_how_much_is_left(
    sandbox: Sandbox, call: Callable[[str], requests.Response], operation: str
) -> None:
    sandbox.world.set_limit(operation, 1)
    first = call(operation)
    assert first.ok
    assert (first.headers["x-rate-limit-limit"], first.headers["x-rate-limit-remaining"]) == ("1", "0")
    assert int(first.headers["x-rate-limit-reset"]) > time.time()
    assert call(operation).status_code == 429
