"""Practice Twitter's pages, its control endpoint, its memory, and that it is closed to everybody else."""

import json
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from tests.sandbox import SECRET, Sandbox
from vetting.env import BASE_DIR
from vetting.twitter.sandbox import World, secret_in


def _press(sandbox: Sandbox, path: str, **headers: str) -> requests.Response:
    return requests.post(sandbox.url + path, data={"back": "requests"}, headers={"Origin": sandbox.url, **headers}, timeout=5)


def _control(url: str, secret: str, verb: str, **facts: object) -> requests.Response:
    return requests.post(f"{url}/world/{verb}", json=facts, headers={"Authorization": f"Bearer {secret}"}, timeout=5)


@pytest.fixture
def waiting(sandbox: Sandbox) -> str:
    """The path of somebody who asks to follow."""
    number = sandbox.world.add_user("Dana_Hill", name="Dana <b>Hill</b>", bio="Mum & more").user_id
    sandbox.world.ask_to_follow("dana_hill")
    return f"/i/user/{number}"


@pytest.mark.parametrize(("deed", "follows"), [("accept", True), ("decline", False)])
def test_a_person_answers_on_the_page_of_requests(sandbox: Sandbox, waiting: str, deed: str, follows: bool) -> None:
    page = requests.get(f"{sandbox.url}/follower_requests", timeout=5)
    assert "@Dana_Hill" in page.text
    assert "&lt;b&gt;Hill" in page.text, "names are shown, not run"
    assert "Practice Twitter: invented people" in page.text
    after = _press(sandbox, f"{waiting}/{deed}")
    assert "Nobody is waiting." in after.text
    assert bool(sandbox.world.followers()) is follows
    assert sandbox.world.deeds[-1]["deed"] == deed


def test_the_page_of_a_person_offers_what_fits(sandbox: Sandbox, waiting: str) -> None:
    intent = f"{sandbox.url}/intent/user?user_id={waiting.rpartition('/')[2]}"
    assert "Accept" in requests.get(intent, timeout=5).text
    _press(sandbox, f"{waiting}/accept")
    following = requests.get(intent, timeout=5).text
    assert "Remove follower" in following
    assert "Block" in following
    _press(sandbox, f"{waiting}/remove")
    assert "Neither follows" in requests.get(f"{sandbox.url}/dana_hill", timeout=5).text
    sandbox.world.suspend("dana_hill")
    assert requests.get(intent, timeout=5).status_code == 404


@pytest.mark.parametrize("headers", [{"Origin": "https://evil.example"}, {"Origin": "null"}, {"Origin": "", "Referer": ""}])
def test_a_button_on_a_foreign_page_does_nothing(sandbox: Sandbox, waiting: str, headers: dict[str, str]) -> None:
    assert _press(sandbox, f"{waiting}/accept", **headers).status_code == 403
    assert sandbox.world.followers() == []


def test_a_foreign_name_for_this_computer_is_turned_away(sandbox: Sandbox) -> None:
    answer = requests.get(f"{sandbox.url}/follower_requests", headers={"Host": "evil.example"}, timeout=5)
    assert answer.status_code == 421


def test_the_control_endpoint_wants_its_secret_and_does_what_the_world_can(sandbox: Sandbox) -> None:
    control = sandbox.running.control_url
    assert _control(control, "wrong", "add_user", handle="dana_hill").status_code == 401
    assert _control(control, SECRET, "add_user", handle="dana_hill", name="Dana").ok
    assert _control(control, SECRET, "ask_to_follow", handle="dana_hill").ok
    assert [one.name for one in sandbox.world.requests()] == ["Dana"]
    assert _control(control, SECRET, "ask_to_follow", handle="nobody").status_code == 404
    assert _control(control, SECRET, "add_user", handle="abcdefghijklmnop").status_code == 400
    assert _control(control, SECRET, "_save").status_code == 404
    assert _control(control, SECRET, "fault", operation="users", kind="invented").status_code == 400


def test_keys_of_an_app_alone_may_look_up_and_nothing_else(sandbox: Sandbox) -> None:
    sandbox.world.add_user("dana_hill")
    sandbox.world.ask_to_follow("dana_hill")
    bearer = {"Authorization": f"Bearer {sandbox.keys.bearer_token}"}
    found = requests.get(f"{sandbox.url}/2/users/by?usernames=dana_hill&user.fields=connection_status", headers=bearer, timeout=5)
    assert found.ok
    assert "connection_status" not in found.json()["data"][0]
    for path in ("/2/users/me", f"/2/users/{sandbox.world.me.user_id}/followers", "/1.1/friendships/incoming.json"):
        assert requests.get(sandbox.url + path, headers=bearer, timeout=5).status_code == 403
    assert requests.get(f"{sandbox.url}/2/users/me", timeout=5).status_code == 401


def test_the_same_seed_gives_the_same_numbers() -> None:
    first, second, other = (World(seed=seed).add_user("dana_hill").user_id for seed in (3, 3, 4))
    assert first == second != other
    assert len(first) == 19


def test_a_killed_process_forgets_nothing(tmp_path: Path) -> None:
    environment = {**os.environ, "DATA_DIR": str(tmp_path), "PYTHONPATH": str(BASE_DIR)}
    command = [sys.executable, "manage.py", "sandbox", "--port=0", "--control-port=0"]
    command += [f"--state-file={tmp_path / 'state.json'}", f"--secret-file={tmp_path / 'secret'}"]

    def start() -> tuple[subprocess.Popen[str], str, str]:
        process = subprocess.Popen(command, cwd=BASE_DIR, env=environment, stdout=subprocess.PIPE, text=True)
        pages, control = (process.stdout.readline().rpartition(" ")[2].strip() for _ in range(2))
        return process, pages, control

    process, _, control = start()
    secret = secret_in(tmp_path / "secret")
    assert stat.S_IMODE((tmp_path / "secret").stat().st_mode) == 0o600
    for place in range(20):
        _control(control, secret, "add_user", handle=f"asks_{place}")
        assert _control(control, secret, "ask_to_follow", handle=f"asks_{place}").ok
    process.send_signal(signal.SIGKILL)
    process.wait()
    process, pages, _ = start()
    assert "Follow requests (20)" in requests.get(pages, timeout=5).text
    process.terminate()
    process.wait(timeout=10)
    assert len(json.loads((tmp_path / "state.json").read_text())["requests"]) == 20
