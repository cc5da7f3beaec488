"""Parsing in a long-lived child process with limits: whatever a message does to the parser, the register goes on.

One child for each process, started at the first message and again when it died; it ends by itself when its input closes, and so
when its parent ends, however that happens.
"""

import atexit
import contextlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from vetting.intake.parsing import ParsedEmail
from vetting.intake.parsing.__main__ import CHECK, LENGTH
from vetting.intake.signatures import KeyName, SignatureFact

Answer = TypeVar("Answer")

TIMEOUT_SECONDS = 20.0
_ROOT = Path(__file__).resolve().parent.parent.parent
# What Python itself needs to start; no setting and no secret of ours.
_KEPT_VARIABLES = ("PATH", "SYSTEMROOT", "LANG", "LC_ALL", "TEMP", "TMP")


class ParserFailed(Exception):
    """The child died, ran too long or answered nonsense. `reason` names which; it says nothing of the message."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class ParserProcess:
    """Sends messages to the child one at a time. Safe to share between threads."""

    def __init__(self, timeout: float = TIMEOUT_SECONDS) -> None:
        self._timeout = timeout
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._owner = 0

    def parse(self, raw: bytes) -> ParsedEmail:
        """Raises ParserFailed; the next call starts a fresh child."""
        return self._ask(LENGTH.pack(len(raw)) + raw, ParsedEmail.from_json)

    def check_signatures(self, raw: bytes, keys: Mapping[KeyName, str], *, at: datetime, sender_domain: str) -> list[SignatureFact]:
        """signatures.check_signatures, in the child. Raises ParserFailed."""
        rows = [[selector, domain, record] for (selector, domain), record in keys.items()]
        question = json.dumps({"keys": rows, "at": at.isoformat(), "sender_domain": sender_domain}).encode()
        request = LENGTH.pack(len(question)) + question + raw
        return self._ask(LENGTH.pack(len(request) | CHECK) + request, lambda facts: [SignatureFact.from_json(fact) for fact in facts])

    def _ask(self, request: bytes, read: Callable[[Any], Answer]) -> Answer:
        """One request and its answer, within the time limit. Raises ParserFailed."""
        with self._lock:
            child = self._running()
            timed_out = threading.Event()

            def give_up() -> None:
                timed_out.set()
                child.kill()

            timer = threading.Timer(self._timeout, give_up)
            timer.daemon = True
            timer.start()
            try:
                return read(self._converse(child, request))
            except (OSError, ValueError, KeyError, TypeError) as error:
                self._end()
                raise ParserFailed("It took too long to read." if timed_out.is_set() else "Reading it broke off.") from error
            finally:
                timer.cancel()

    def stop(self) -> None:
        with self._lock:
            self._end()

    def _converse(self, child: subprocess.Popen[bytes], request: bytes) -> Any:
        if child.stdin is None or child.stdout is None:
            raise OSError("no pipes")
        child.stdin.write(request)
        child.stdin.flush()
        head = child.stdout.read(LENGTH.size)
        if len(head) < LENGTH.size:
            raise OSError("the parser ended")
        return json.loads(child.stdout.read(LENGTH.unpack(head)[0]))

    def _running(self) -> subprocess.Popen[bytes]:
        # After a fork the pipes belong to the parent's conversation; this process needs a child of its own.
        if self._owner != os.getpid():
            self._child, self._owner = None, os.getpid()
        if self._child is None or self._child.poll() is not None:
            self._end()
            environment = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
            self._child = subprocess.Popen(
                [sys.executable, "-m", "vetting.intake.parsing"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd=_ROOT,
                env={**environment, "PYTHONPATH": str(_ROOT), "PYTHONIOENCODING": "utf-8"},
            )
        return self._child

    def _end(self) -> None:
        child, self._child = self._child, None
        if child is None or self._owner != os.getpid():
            return
        child.kill()
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                # Closing flushes, and what was left for a dead child goes nowhere.
                with contextlib.suppress(OSError):
                    pipe.close()
        child.wait()


_parser = ParserProcess()
atexit.register(_parser.stop)


def parse_apart(raw: bytes) -> ParsedEmail:
    """Parse in this process's own child. Raises ParserFailed."""
    return _parser.parse(raw)


def check_signatures_apart(raw: bytes, keys: Mapping[KeyName, str], *, at: datetime, sender_domain: str) -> list[SignatureFact]:
    """Check a message's signatures in this process's own child; see signatures.check_signatures. Raises ParserFailed."""
    return _parser.check_signatures(raw, keys, at=at, sender_domain=sender_domain)
