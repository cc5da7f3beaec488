"""Celery's worker without its banner and its farewell: under `up` one program speaks, not four."""

import signal
from typing import Any

from celery.apps.worker import Worker
from celery.worker import state


class QuietWorker(Worker):  # type: ignore[misc]  # celery ships no types
    """Stops on the first signal: takes no new message, lets the running drains finish."""

    def install_platform_tweaks(self, worker: Any) -> None:
        for name in ("SIGTERM", "SIGINT"):
            signal.signal(getattr(signal, name), _stop_soon)


def _stop_soon(*_: object) -> None:
    state.should_stop = 0  # Celery's way of saying "stop, exit code 0"
