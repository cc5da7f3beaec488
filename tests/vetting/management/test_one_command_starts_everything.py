"""`manage.py up --school`, run as a process, watched from outside."""

import http.client
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.given_processes import PATIENCE, Running, children_of, clean_environment, free_port, is_alive
from vetting.env import BASE_DIR

pytestmark = pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="looks at processes through /proc")


@pytest.fixture(scope="module")
def an_empty_register(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder after its first start, to be copied: making the tables takes seconds."""
    folder = tmp_path_factory.mktemp("first-start")
    with Running(folder, "up", "--school", "--port", str(free_port())) as register:
        register.wait_until_it_says("Ready: ")
        assert register.stop() < 10
    return folder


@pytest.fixture
def data_dir(an_empty_register: Path, tmp_path: Path) -> Path:
    shutil.copytree(an_empty_register, tmp_path / "data")
    return tmp_path / "data"


def get(port: int, path: str) -> tuple[int, str]:
    asked = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        asked.request("GET", path)
        answer = asked.getresponse()
        return answer.status, answer.read().decode()
    finally:
        asked.close()


def wait_for(condition: object, *, what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.1)


def answers(port: int) -> bool:
    try:
        return get(port, "/healthz")[0] == 200
    except OSError:
        return False


def test_an_empty_school_starts_survives_a_killed_server_and_a_killed_clock_and_stops_in_time(data_dir: Path) -> None:
    port = free_port()
    with Running(data_dir, "up", "--school", "--port", str(port)) as register:
        register.wait_until_it_says("Ready: ")
        assert register.said.count(f"Ready: http://127.0.0.1:{port}\n") == 1
        assert f"it works once: http://127.0.0.1:{port}/set-up/" in register.said
        status, body = get(port, "/readyz")
        assert (status, '"clock": "ticking"' in body) == (200, True), body

        killed = register.child("web")
        os.kill(killed, signal.SIGKILL)
        register.wait_until_it_says("The web server stopped unexpectedly (code -9).")
        wait_for(lambda: answers(port), what="the web server never came back")
        assert register.child("web") != killed

        clock = register.child("worker")
        os.kill(clock, signal.SIGKILL)
        register.wait_until_it_says("The clock stopped unexpectedly (code -9).")
        before = pulse_of(data_dir)
        wait_for(lambda: pulse_of(data_dir) != before, what="the clock never ticked again")

        children = children_of(register.process.pid)
        assert len(children) == 2
        assert register.stop(signal.SIGINT) < 10
        assert register.process.returncode == 0
        assert not [pid for pid in children if is_alive(pid)]


def pulse_of(data_dir: Path) -> str:
    with sqlite3.connect(data_dir / "school.sqlite3") as database:
        return database.execute("SELECT at FROM vetting_heartbeat").fetchone()[0]


def test_children_end_when_the_parent_is_killed(data_dir: Path) -> None:
    with Running(data_dir, "up", "--school", "--port", str(free_port())) as register:
        register.wait_until_it_says("Ready: ")
        children = children_of(register.process.pid)
        assert register.stop(signal.SIGKILL) < 5
        wait_for(lambda: not any(is_alive(pid) for pid in children), what="a child outlived its parent")


def test_a_second_start_gives_a_fresh_link_and_a_second_register_on_the_port_is_refused(data_dir: Path) -> None:
    port = free_port()
    with Running(data_dir, "up", "--school", "--port", str(port)) as register:
        register.wait_until_it_says("Ready: ")
        first_link = link_in(register)
        other = subprocess.run(
            [sys.executable, "manage.py", "up", "--school", "--port", str(port)],
            cwd=BASE_DIR,
            env={**clean_environment(), "DATA_DIR": str(data_dir / "other")},
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert other.returncode != 0
        assert f"Port {port} on 127.0.0.1 cannot be used" in other.stderr
        assert len(other.stderr.strip().splitlines()) == 1
        assert not (data_dir / "other" / "school.sqlite3").exists()

        same_folder = Running(data_dir / "said-elsewhere", "up", "--school", "--port", str(free_port()), DATA_DIR=str(data_dir))
        assert same_folder.process.wait(PATIENCE) != 0
        assert "already running from this folder" in same_folder.said
    with Running(data_dir, "up", "--school", "--port", str(port)) as register:
        register.wait_until_it_says("Ready: ")
        assert link_in(register) != first_link


def link_in(register: Running) -> str:
    return next(line for line in register.said.splitlines() if "/set-up/" in line)


def test_the_demo_stays_away_from_a_database_that_holds_a_school(data_dir: Path) -> None:
    database = data_dir / "school.sqlite3"
    demo = Running(data_dir / "demo", "up", "--port", str(free_port()), DATABASE_URL=f"sqlite:///{database}")
    assert demo.process.wait(PATIENCE) != 0
    assert "holds a school of your own" in demo.said
