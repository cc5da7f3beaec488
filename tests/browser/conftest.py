"""A real Chromium on the real product: `up` as a school would start it, on ports and in a folder of its own."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            if not CHROMIUM:
                item.add_marker(pytest.mark.skip(reason="No Chromium on this machine."))


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, object]) -> dict[str, object]:
    quiet = ["--disable-dev-shm-usage", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
    as_root = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    return {**browser_type_launch_args, "executable_path": CHROMIUM, "args": quiet + as_root}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, object]) -> dict[str, object]:
    return {**browser_context_args, "viewport": {"width": 1280, "height": 860}, "locale": "en-GB", "timezone_id": "Europe/London"}


@dataclass
class Running:
    """The product, up."""

    url: str
    process: subprocess.Popen[str]
    data_dir: Path
    seconds_to_ready: float
    said: list[str]


def three_free_ports_in_a_row() -> int:
    """`up` takes the port it is given and the two after it."""
    for start in range(18200, 19800, 10):
        sockets = [socket.socket() for _ in range(3)]
        try:
            for place, probe in enumerate(sockets):
                probe.bind(("127.0.0.1", start + place))
        except OSError:
            continue
        else:
            return start
        finally:
            for probe in sockets:
                probe.close()
    raise AssertionError("no free ports")


def start_up(data_dir: Path, *arguments: str) -> Running:
    """Run `manage.py up` and wait for its Ready line."""
    port = three_free_ports_in_a_row()
    outside = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL", "KNOWN_FOLLOWERS_DEMO")}
    began = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "manage.py", "up", "--port", str(port), *arguments],
        cwd=ROOT,
        env={**outside, "DATA_DIR": str(data_dir)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    said: list[str] = []
    ready = threading.Event()

    def listen() -> None:
        assert process.stdout is not None
        for line in process.stdout:
            said.append(line.rstrip())
            if line.startswith("Ready: "):
                ready.set()

    threading.Thread(target=listen, daemon=True).start()
    if not ready.wait(120):
        process.kill()
        raise AssertionError("up did not become ready. It said:\n" + "\n".join(said))
    return Running(f"http://127.0.0.1:{port}", process, data_dir, time.monotonic() - began, said)


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    running = start_up(tmp_path_factory.mktemp("demo"))
    yield running
    running.process.send_signal(signal.SIGINT)
    running.process.wait(12)
