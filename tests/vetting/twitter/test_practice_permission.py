"""Practice Twitter's page of permission and its tokens: OAuth 2.0 with PKCE as X does it."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests
import time_machine

from tests.sandbox import SECRET, Sandbox
from tests.vetting.twitter.given_practice import (
    BLOCK,
    READ,
    a_code,
    ask,
    bearer,
    brought_back,
    for_tokens,
    own,
    page_query,
    press,
    redeem,
    refresh,
)
from vetting.twitter.sandbox import World, keys, serve


def _page(sandbox: Sandbox, **changed: str | None) -> requests.Response:
    return requests.get(f"{sandbox.url}/i/oauth2/authorize", params=page_query(sandbox, **changed), timeout=5)


def _me(sandbox: Sandbox, access: str) -> requests.Response:
    return ask(sandbox, "GET", "/2/users/me", {"Authorization": f"Bearer {access}"})


def test_the_page_says_in_plain_words_what_is_asked(sandbox: Sandbox) -> None:
    page = _page(sandbox, scope=" ".join((*READ, *BLOCK)))
    assert page.ok
    for words in ("Signed in as St Example Primary", "See who follows you", "Block and unblock accounts for you", "Stay connected"):
        assert words in page.text
    assert "Authorise app" in page.text
    assert "Cancel" in page.text
    assert "form-action 'self' http://127.0.0.1:8000;" in page.headers["Content-Security-Policy"]
    assert "Block and unblock" not in _page(sandbox).text


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"client_id": "somebody"}, "No app is known"),
        ({"redirect_uri": "https://evil.example/callback"}, "practice stays here"),
        ({"redirect_uri": "http://127.0.0.1.evil.example/"}, "practice stays here"),
        ({"redirect_uri": "http://127.0.0.1:8000@evil.example/"}, "practice stays here"),
        ({"redirect_uri": "http://127.0.0.1:8000/; script-src *"}, "practice stays here"),
        ({"code_challenge": None}, "code challenge"),
        ({"code_challenge_method": "plain"}, "code challenge"),
        ({"response_type": "token"}, "must ask for a code"),
        ({"state": None}, "carry a state"),
        ({"scope": "users.read dm.read"}, "no permission dm.read"),
        ({"scope": None}, "no permission at all"),
    ],
)
def test_a_link_that_does_not_ask_properly_leads_nowhere(sandbox: Sandbox, changed: dict[str, str | None], words: str) -> None:
    for answer in (_page(sandbox, **changed), press(sandbox, "authorise", **changed)):
        assert answer.status_code == 400
        assert words in answer.text
        assert "Location" not in answer.headers


def test_authorising_gives_tokens_that_read_as_the_school(sandbox: Sandbox) -> None:
    answer = press(sandbox, "authorise")
    assert brought_back(answer)["state"] == "a state of the register"
    tokens = redeem(sandbox, brought_back(answer)["code"])
    assert tokens.ok
    assert set(tokens.json()) == {"token_type", "expires_in", "access_token", "scope", "refresh_token"}
    assert (tokens.json()["token_type"], tokens.json()["expires_in"], tokens.json()["scope"]) == ("bearer", 7200, " ".join(READ))
    assert _me(sandbox, tokens.json()["access_token"]).json()["data"]["id"] == sandbox.world.me.user_id


def test_cancelling_goes_back_with_a_refusal(sandbox: Sandbox) -> None:
    assert brought_back(press(sandbox, "cancel")) == {"error": "access_denied", "state": "a state of the register"}


def test_the_address_to_return_to_keeps_what_it_carried(sandbox: Sandbox) -> None:
    there = press(sandbox, "authorise", redirect_uri="http://localhost:8000/back/?school=1").headers["Location"]
    assert there.startswith("http://localhost:8000/back/?school=1&code=")


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1"])
def test_permission_is_given_on_our_own_page_alone(sandbox: Sandbox, origin: str) -> None:
    form = page_query(sandbox) | {"answer": "authorise"}
    answer = requests.post(f"{sandbox.url}/i/oauth2/authorize", data=form, headers={"Origin": origin}, timeout=5, allow_redirects=False)
    assert answer.status_code == 403
    assert "Location" not in answer.headers


def test_a_browser_may_be_signed_in_to_the_wrong_account(sandbox: Sandbox) -> None:
    wrong = sandbox.world.add_user("head_private", name="The Head, privately")
    sandbox.world.sign_in_as("head_private")
    assert "Signed in as The Head, privately (@head_private)" in _page(sandbox).text
    access = redeem(sandbox, a_code(sandbox)).json()["access_token"]
    assert _me(sandbox, access).json()["data"]["id"] == wrong.user_id
    listed = ask(sandbox, "GET", own(sandbox, "followers"), {"Authorization": f"Bearer {access}"}).json()
    assert listed["errors"][0]["title"] == "Authorization Error", "a protected account's followers are not theirs to see"
    assert "data" not in listed
    sandbox.world.sign_in_as(sandbox.world.me.handle)
    access = redeem(sandbox, a_code(sandbox)).json()["access_token"]
    assert _me(sandbox, access).json()["data"]["id"] == sandbox.world.me.user_id


def test_a_code_works_once(sandbox: Sandbox) -> None:
    code = a_code(sandbox)
    assert redeem(sandbox, code).ok
    again = redeem(sandbox, code)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_request")


@pytest.mark.parametrize("changed", [{"code_verifier": "another"}, {"redirect_uri": "http://127.0.0.1:8000/other/"}, {"code": "invented"}])
def test_a_code_belongs_to_its_verifier_and_its_address(sandbox: Sandbox, changed: dict[str, str]) -> None:
    answer = redeem(sandbox, **{"code": a_code(sandbox), **changed})
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


def test_a_code_is_good_for_half_a_minute(sandbox: Sandbox) -> None:
    early, late = a_code(sandbox), a_code(sandbox)
    now = time.time()
    with time_machine.travel(now + 25):
        assert redeem(sandbox, early).ok
    with time_machine.travel(now + 31):
        assert redeem(sandbox, late).status_code == 400


def test_a_refresh_token_works_once_and_the_newer_pair_stays_good(sandbox: Sandbox) -> None:
    _, first = sandbox.world.issue_tokens(READ)
    renewed = refresh(sandbox, first)
    assert renewed.ok
    again = refresh(sandbox, first)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_request")
    assert _me(sandbox, renewed.json()["access_token"]).ok
    assert refresh(sandbox, renewed.json()["refresh_token"]).ok


def test_of_eight_who_use_one_refresh_token_one_wins(sandbox: Sandbox) -> None:
    _, token = sandbox.world.issue_tokens(READ)
    with ThreadPoolExecutor(8) as workers:
        answers = list(workers.map(lambda _: refresh(sandbox, token).status_code, range(8)))
    assert sorted(answers) == [200] + [400] * 7


def test_without_offline_access_there_is_no_refresh_token(sandbox: Sandbox) -> None:
    tokens = redeem(sandbox, a_code(sandbox, scope="tweet.read users.read")).json()
    assert "refresh_token" not in tokens
    assert sandbox.world.issue_tokens(["users.read"])[1] == ""
    with pytest.raises(ValueError, match=r"dm\.read"):
        sandbox.world.issue_tokens(["dm.read"])


def test_a_client_that_does_not_prove_itself_gets_nothing(sandbox: Sandbox) -> None:
    form = {"grant_type": "refresh_token", "refresh_token": sandbox.world.issue_tokens(READ)[1]}
    assert for_tokens(sandbox, client_secret="wrong", **form).status_code == 401
    assert requests.post(f"{sandbox.url}/2/oauth2/token", data=form, timeout=5).status_code == 401
    assert ask(sandbox, "POST", "/2/oauth2/token", data=form).status_code == 401, "OAuth 1.0a does not speak for the app here"
    assert for_tokens(sandbox, **form).ok, "and the refresh token was not spent on them"


@pytest.mark.parametrize("form", [{}, {"grant_type": "password"}, {"grant_type": "refresh_token"}, {"grant_type": "authorization_code"}])
def test_a_question_for_tokens_that_lacks_something_is_refused(sandbox: Sandbox, form: dict[str, str]) -> None:
    assert for_tokens(sandbox, **form).status_code == 400


def test_an_access_token_runs_out(sandbox: Sandbox) -> None:
    assert ask(sandbox, "GET", "/2/users/me", bearer(sandbox, life=0)).status_code == 401
    sandbox.world.set_token_life(0)
    tokens = redeem(sandbox, a_code(sandbox)).json()
    assert tokens["expires_in"] == 0
    assert _me(sandbox, tokens["access_token"]).status_code == 401
    sandbox.world.set_token_life(60)
    assert _me(sandbox, refresh(sandbox, tokens["refresh_token"]).json()["access_token"]).ok


def test_the_register_gives_its_tokens_back(sandbox: Sandbox) -> None:
    access, token = sandbox.world.issue_tokens(READ)
    assert for_tokens(sandbox, "revoke", token=access).json() == {"revoked": True}
    assert _me(sandbox, access).status_code == 401
    access = refresh(sandbox, token).json()
    assert for_tokens(sandbox, "revoke", token=access["refresh_token"], token_type_hint="refresh_token").ok
    assert _me(sandbox, access["access_token"]).status_code == 401, "with the refresh token goes what it stood for"
    assert refresh(sandbox, access["refresh_token"]).status_code == 400
    assert for_tokens(sandbox, "revoke", client_secret="wrong", token="any").status_code == 401
    assert for_tokens(sandbox, "revoke").status_code == 400


def test_a_school_that_removes_the_app_ends_every_token(sandbox: Sandbox) -> None:
    access, token = sandbox.world.issue_tokens(READ)
    code = a_code(sandbox)
    sandbox.world.revoke_all()
    assert _me(sandbox, access).status_code == 401
    assert refresh(sandbox, token).status_code == 400
    assert redeem(sandbox, code).status_code == 400


@pytest.mark.parametrize(
    ("method", "path", "scopes", "lacking"),
    [
        ("GET", "/2/users/me", ("users.read",), "tweet.read"),
        ("GET", "/2/users/by?usernames=stexample", ("tweet.read",), "users.read"),
        ("GET", "/2/users/{me}/followers", ("tweet.read", "users.read"), "follows.read"),
        ("GET", "/2/users/{me}/blocking", READ, "block.read"),
        ("POST", "/2/users/{me}/blocking", (*READ, "block.read"), "block.write"),
        ("DELETE", "/2/users/{me}/blocking/12", (*READ, "block.read"), "block.write"),
    ],
)
def test_a_token_does_what_was_granted_and_no_more(sandbox: Sandbox, method: str, path: str, scopes: tuple[str, ...], lacking: str) -> None:
    there = path.format(me=sandbox.world.me.user_id)
    refused = ask(sandbox, method, there, bearer(sandbox, *scopes))
    assert refused.status_code == 403
    assert refused.json()["type"].endswith("client-forbidden")
    assert lacking in refused.json()["detail"]
    if method == "GET":
        assert ask(sandbox, method, there, bearer(sandbox, *READ, *BLOCK)).ok


def test_relations_are_told_to_a_token_of_the_school(sandbox: Sandbox) -> None:
    sandbox.world.add_user("dana_hill")
    sandbox.world.ask_to_follow("dana_hill")
    there = "/2/users/by?usernames=dana_hill&user.fields=connection_status"
    assert ask(sandbox, "GET", there, bearer(sandbox)).json()["data"][0]["connection_status"] == ["follow_request_received"]
    sandbox.world.add_user("somebody")
    sandbox.world.sign_in_as("somebody")
    assert "connection_status" not in ask(sandbox, "GET", there, bearer(sandbox)).json()["data"][0]


def test_the_old_api_takes_no_token_of_the_new_kind(sandbox: Sandbox) -> None:
    refused = ask(sandbox, "GET", "/1.1/friendships/incoming.json", bearer(sandbox, *READ, *BLOCK))
    assert (refused.status_code, refused.json()["title"]) == (403, "Unsupported Authentication")
    assert ask(sandbox, "GET", "/1.1/friendships/incoming.json").ok


def test_the_file_holds_no_token_and_a_new_process_knows_them(tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    access, token = World(seed=7, state_file=file).issue_tokens(READ)
    assert access not in file.read_text()
    assert token not in file.read_text()
    running = serve(World(state_file=file), secret=SECRET, threads=2)
    sandbox = Sandbox(running)
    assert _me(sandbox, access).ok
    assert refresh(sandbox, token).ok
    running.close()


def test_a_file_of_the_version_before_is_read(tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    World(seed=7, state_file=file)
    data = json.loads(file.read_text())
    for name in ("permissions", "token_life", "signed_in"):
        del data[name]
    del data["capabilities"]["block"]
    data["limits"] = {"me": 3000, "users": 9000, "followers": 3000, "incoming": 3000}
    file.write_text(json.dumps(data))
    world = World(state_file=file)
    assert not world.allows("block")
    assert set(world.limits) >= {"block", "unblock", "blocked", "token"}
    assert world.issue_tokens(READ)


def test_client_id_and_secret_come_from_the_same_secret() -> None:
    assert keys("one").client_id == keys("one").client_id != keys("two").client_id
    assert keys("one").client_secret not in (keys("one").client_id, keys("two").client_secret)
