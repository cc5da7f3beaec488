"""Keeps the processes of `up` alive, and ends them all when it ends. Knows nothing of the register."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from vetting.env import BASE_DIR

SECONDS_TO_STOP = 8
LONGEST_PAUSE = 30.0
# Who ran this long is no longer "failing to start": the pauses begin again at the shortest.
SETTLED_AFTER = 60.0


class CannotStart(Exception):
    """A process died again and again, or never answered, before everything was up."""


@dataclass
class Child:
    """One process: what people call it, the management command it runs, and how to tell that it answers."""

    name: str
    command: Sequence[str]
    answers: Callable[[], bool]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    failures: int = 0
    not_before: float = 0.0

    def start(self) -> None:
        """Begin it in a session of its own, so that Ctrl+C reaches only the supervisor, which then ends it in order."""
        apart = {"creationflags": getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)} if os.name == "nt" else {"start_new_session": True}
        self.started = time.monotonic()
        self.process = subprocess.Popen(self.whole_command, cwd=BASE_DIR, stdin=subprocess.PIPE, **apart)

    @property
    def whole_command(self) -> list[str]:
        return [sys.executable, "-m", "vetting.management.child", *self.command]

    def ask_to_stop(self) -> None:
        """Let go of its standard input, which it watches."""
        if self.process is not None and self.process.stdin is not None:
            self.process.stdin.close()

    def end(self, *, seconds: float) -> None:
        """Wait for it, and kill it when the time is up."""
        if self.process is None:
            return
        try:
            self.process.wait(max(seconds, 0.1))
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@dataclass
class Supervisor:
    """Starts children, starts them again when they die, stops them together."""

    children: Sequence[Child]
    say: Callable[[str], None]
    stopping: threading.Event = field(default_factory=threading.Event)

    def listen_to_signals(self) -> None:
        """Ctrl+C, SIGTERM and their relatives ask for the end."""
        for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK"):
            if hasattr(signal, name):
                signal.signal(getattr(signal, name), lambda *_: self.stopping.set())

    def start(self, *, within: float) -> None:
        """Start all and wait until all answer or somebody asks for the end.

        Raises:
            CannotStart: one died three times, or did not answer `within` seconds.
        """
        for child in self.children:
            child.start()
        deadline = time.monotonic() + within
        waiting = list(self.children)
        while waiting and not self.stopping.wait(0.1):
            self._revive()
            waiting = [child for child in waiting if not child.answers()]
            for child in waiting:
                if child.failures >= 3:
                    raise CannotStart(f"{child.name} does not start. What it said stands above.")
                if time.monotonic() > deadline:
                    raise CannotStart(f"{child.name} did not answer within {within:.0f} seconds.")

    def watch(self) -> None:
        """Until somebody asks for the end: start again what died."""
        while not self.stopping.wait(0.2):
            self._revive()

    def stop(self) -> None:
        """End every child: asked first, killed when the time is up."""
        deadline = time.monotonic() + SECONDS_TO_STOP
        for child in self.children:
            child.ask_to_stop()
        for child in self.children:
            child.end(seconds=deadline - time.monotonic())

    def _revive(self) -> None:
        now = time.monotonic()
        for child in self.children:
            if child.process is None:
                if now >= child.not_before:
                    child.start()
                continue
            code = child.process.poll()
            if code is None:
                continue
            child.ask_to_stop()
            child.process = None
            child.failures = 1 if now - child.started > SETTLED_AFTER else child.failures + 1
            pause = min(0.5 * 2 ** (child.failures - 1), LONGEST_PAUSE)
            child.not_before = now + pause
            self.say(f"{child.name} stopped unexpectedly (code {code}). Starting it again in {pause:.1f} s.")
