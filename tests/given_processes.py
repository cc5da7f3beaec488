"""Real processes of the product: a register started with `up` in a folder of its own, on free ports."""

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

from tests.listening import given_away, personal_in
from vetting.env import BASE_DIR

# Generous: a test machine may be busy with other things. The figures in docs/operator.md are measured on a quiet one.
PATIENCE = 90


def free_port(count: int = 3) -> int:
    """The first of `count` neighbouring free ports."""
    for _ in range(100):
        with socket.create_server(("127.0.0.1", 0)) as probe:
            first = probe.getsockname()[1]
        with suppress(OSError):
            for server in [socket.create_server(("127.0.0.1", first + step)) for step in range(count)]:
                server.close()
            return first
    raise RuntimeError("no free ports")


class Running:
    """`manage.py up …` as a person would start it, with what it said so far."""

    def __init__(self, data_dir: Path, *arguments: str, **environment: str) -> None:
        self.data_dir = data_dir
        self.said_to = data_dir / "said.txt"
        data_dir.mkdir(parents=True, exist_ok=True)
        with self.said_to.open("w") as output:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", *arguments],
                cwd=BASE_DIR,
                env={**clean_environment(), "DATA_DIR": str(data_dir), "LOG_LEVEL": "DEBUG", **environment},
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def __enter__(self) -> "Running":
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
        # Asked of every register that ran, at DEBUG: does its log name a child, quote a letter, show a token?
        assert given_away(self.said, personal_in(self.data_dir)) == []

    @property
    def said(self) -> str:
        return self.said_to.read_text("utf-8", errors="replace")

    def wait_until_it_says(self, words: str, *, times: int = 1) -> None:
        """Fails, with all it said, when the process ends or stays silent."""
        deadline = time.monotonic() + PATIENCE
        while self.said.count(words) < times:
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"It never said “{words}”. It said:\n{self.said}")
            time.sleep(0.05)

    def stop(self, how: signal.Signals = signal.SIGTERM) -> float:
        """Ask for the end; returns the seconds it took."""
        asked = time.monotonic()
        self.process.send_signal(how)
        self.process.wait(30)
        return time.monotonic() - asked

    def child(self, command: str) -> int:
        """The process id of the child that runs a management command. Linux only."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            for pid in children_of(self.process.pid):
                if command in command_line(pid):
                    return pid
            time.sleep(0.05)
        raise AssertionError(f"no child runs {command}")


def clean_environment() -> dict[str, str]:
    """Ours without what would tie the process to this test run's database or mode."""
    left_out = ("DATABASE_URL", "REDIS_URL", "KNOWN_FOLLOWERS_DEMO", "SITE_HOST", "DATA_DIR", "DJANGO_SETTINGS_MODULE")
    return {name: value for name, value in os.environ.items() if name not in left_out and not name.startswith("PYTEST_")}


def children_of(pid: int) -> list[int]:
    listed = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(child) for child in listed.split()]


def command_line(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().split("\0")
    except OSError:
        return []


def is_alive(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


class Demo(Running):
    """The demo, up: its address, its folder, and the port of its practice Twitter beside it."""

    def __init__(self, data_dir: Path) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        super().__init__(data_dir, "up", "--port", str(self.port))
        try:
            self.wait_until_it_says("Ready: ")
        except AssertionError:
            self.stop()  # or it would run on after the test
            raise
