"""Practice Twitter counts what it was asked; names move between its accounts; and another process may tell it to."""

import json
from dataclasses import FrozenInstanceError

import pytest
import requests

from tests.sandbox import SECRET, Sandbox
from tests.vetting.twitter.given_practice import BLOCK, READ, VERIFIER, a_code, ask, bearer, for_tokens, own, redeem, refresh
from vetting.twitter.sandbox import Call, World


def _control(sandbox: Sandbox, verb: str, **facts: object) -> requests.Response:
    there = f"{sandbox.running.control_url}/world/{verb}"
    return requests.post(there, json=facts, headers={"Authorization": f"Bearer {SECRET}"}, timeout=5)


def test_every_call_stands_in_the_ledger(sandbox: Sandbox) -> None:
    sandbox.world.allow("block")
    target = sandbox.world.add_user("dana_hill").user_id
    ask(sandbox, "GET", "/2/users/me")
    ask(sandbox, "GET", "/2/users/by?usernames=dana_hill", {"Authorization": f"Bearer {sandbox.keys.bearer_token}"})
    ask(sandbox, "GET", f"{own(sandbox, 'followers')}?max_results=5", bearer(sandbox))
    ask(sandbox, "GET", "/1.1/friendships/incoming.json", {})
    ask(sandbox, "POST", own(sandbox, "blocking"), json={"target_user_id": target})
    ask(sandbox, "DELETE", own(sandbox, f"blocking/{target}"))
    ask(sandbox, "GET", own(sandbox, "blocking"))
    refresh(sandbox, "invented")
    ask(sandbox, "POST", "/2/tweets", json={"text": "never"})
    told = [(call.operation, call.method, call.auth, call.status) for call in sandbox.world.ledger]
    assert told == [
        ("me", "GET", "oauth1", 200),
        ("users", "GET", "app", 200),
        ("followers", "GET", "oauth2", 200),
        ("incoming", "GET", "none", 401),
        ("block", "POST", "oauth1", 200),
        ("unblock", "DELETE", "oauth1", 200),
        ("blocked", "GET", "oauth1", 200),
        ("token", "POST", "app", 400),
        ("unknown", "POST", "oauth1", 404),
    ]
    block = next(call for call in sandbox.world.ledger if call.operation == "block")
    assert (block.path, block.content_type, json.loads(block.body)) == (
        own(sandbox, "blocking"),
        "application/json",
        {"target_user_id": target},
    )
    assert sandbox.world.ledger[2].query == "max_results=5"
    assert (sandbox.world.calls(), sandbox.world.calls("followers"), sandbox.world.calls("token")) == (9, 1, 1)
    sandbox.world.forget_calls()
    assert sandbox.world.calls() == 0
    with pytest.raises(FrozenInstanceError):
        block.status = 500


def test_no_token_stands_in_the_ledger(sandbox: Sandbox) -> None:
    code = a_code(sandbox)
    tokens = redeem(sandbox, code).json()
    newer = refresh(sandbox, tokens["refresh_token"]).json()
    for_tokens(sandbox, "revoke", token=newer["access_token"])
    ask(sandbox, "GET", "/2/users/me", {"Authorization": f"Bearer {tokens['access_token']}"})
    ask(sandbox, "GET", f"/2/users/me?access_token={tokens['access_token']}&user.fields=id", {})
    ask(sandbox, "GET", "/2/users/me")
    told = repr(sandbox.world.ledger)
    keys = sandbox.keys
    secrets = [code, VERIFIER, tokens["access_token"], tokens["refresh_token"], newer["access_token"], newer["refresh_token"]]
    for secret in (*secrets, keys.client_secret, keys.access_token, keys.consumer_key):
        assert secret not in told
    assert "grant_type=refresh_token" in told


def test_the_ledger_keeps_the_last_five_thousand() -> None:
    world = World()
    for place in range(5001):
        world.record_call(Call(float(place), "me", "GET", "/2/users/me", "", "oauth1", b"", "", 200))
    assert world.calls() == 5000
    assert world.ledger[0].at == 1.0


def test_the_ledger_can_be_read_from_another_process_without_bodies(sandbox: Sandbox) -> None:
    ask(sandbox, "POST", own(sandbox, "blocking"), json={"target_user_id": "12"})
    there = f"{sandbox.running.control_url}/world/ledger"
    assert requests.get(there, timeout=5).status_code == 401
    (told,) = requests.get(there, headers={"Authorization": f"Bearer {SECRET}"}, timeout=5).json()
    assert (told["operation"], told["status"]) == ("block", 403)
    assert "body" not in told
    assert _control(sandbox, "forget_calls").ok
    assert sandbox.world.calls() == 0


def test_a_name_given_up_belongs_to_a_new_account(sandbox: Sandbox) -> None:
    before = sandbox.world.add_user("Dana_Hill", name="Dana Hill")
    sandbox.world.follow("dana_hill")
    after = sandbox.world.recycle("dana_hill", name="Somebody New", bio="Hello")
    assert (after.handle, after.name, after.bio) == ("Dana_Hill", "Somebody New", "Hello")
    assert after.user_id != before.user_id
    assert sandbox.world.user("dana_hill") is after
    assert before.handle != "Dana_Hill"
    assert sandbox.world.relation(before.user_id) == ["followed_by"], "the number still follows"
    assert sandbox.world.relation(after.user_id) == []
    again = sandbox.world.recycle("dana_hill")
    assert len({before.handle, after.handle, again.handle}) == 3


def test_recycling_is_the_same_for_the_same_seed() -> None:
    told = []
    for _ in range(2):
        world = World(seed=5)
        world.add_user("abcdefghijklmno")
        told.append((world.recycle("abcdefghijklmno").user_id, sorted(one["handle"] for one in world.as_json()["profiles"].values())))
    assert told[0] == told[1]


def test_the_new_verbs_work_from_another_process(sandbox: Sandbox) -> None:
    sandbox.world.add_user("dana_hill")
    sandbox.world.block("dana_hill")
    assert _control(sandbox, "unblock", who="dana_hill").ok
    assert sandbox.world.blocked() == []
    assert _control(sandbox, "recycle", handle="dana_hill", name="New").ok
    assert sandbox.world.user("dana_hill").name == "New"
    assert _control(sandbox, "recycle", handle="nobody").status_code == 404
    assert _control(sandbox, "sign_in_as", handle="dana_hill").ok
    assert sandbox.world.signed_in.name == "New"
    assert _control(sandbox, "set_token_life", seconds=5).ok
    assert _control(sandbox, "allow", capability="block").ok
    assert sandbox.world.allows("block")
    headers = bearer(sandbox, *READ, *BLOCK)
    assert ask(sandbox, "GET", "/2/users/me", headers).ok
    assert _control(sandbox, "revoke_all").ok
    assert ask(sandbox, "GET", "/2/users/me", headers).status_code == 401
