"""The product as a school starts it: `manage.py up` in a process of its own, on ports and in a folder of its own."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]


@dataclass
class Running:
    """The product, up."""

    url: str
    port: int
    process: subprocess.Popen[str]
    data_dir: Path
    seconds_to_ready: float
    said: list[str]

    def stop(self) -> float:
        """Ctrl+C; returns the seconds until everything had ended."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGINT)
        self.process.wait(20)
        return time.monotonic() - began


def three_free_ports_in_a_row() -> int:
    """`up` takes the port it is given and the two after it. Test processes side by side begin to look in different places."""
    first = 20000 + os.getpid() % 900 * 10
    for start in range(first, first + 3000, 10):
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
    if not ready.wait(180):
        process.kill()
        raise AssertionError("up did not become ready. It said:\n" + "\n".join(said))
    return Running(f"http://127.0.0.1:{port}", port, process, data_dir, time.monotonic() - began, said)
