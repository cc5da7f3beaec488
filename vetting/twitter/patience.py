"""How long remote work may take altogether: a worker that waits for Twitter is a worker the school does without."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_ends: ContextVar[float] = ContextVar("when remote work must have ended", default=float("inf"))


@contextmanager
def ending_within(seconds: float) -> Iterator[None]:
    """Whatever is asked inside ends within so many seconds; a limit from outside that is nearer stays."""
    token = _ends.set(min(_ends.get(), time.monotonic() + seconds))
    try:
        yield
    finally:
        _ends.reset(token)


def seconds_left() -> float:
    """Infinite where nobody set a limit."""
    return _ends.get() - time.monotonic()
