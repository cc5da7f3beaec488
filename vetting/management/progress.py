"""A line that shows how far a long command is, where somebody watches."""

import time
from types import TracebackType
from typing import Self, TextIO

_WIDTH = 30
_SECONDS_BETWEEN = 0.2


class Progress:
    """Draws one line over and over, at most five times a second; nothing at all where the output is no terminal."""

    def __init__(self, what: str, total: int, terminal: TextIO) -> None:
        self._what, self._total, self._terminal = what, total, terminal
        self._drawn_at = 0.0
        self._draws = terminal.isatty() and total > 0

    def __enter__(self) -> Self:
        self._draw(0)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._draws:
            self._write("\n")

    def show(self, done: int) -> None:
        if done >= self._total or time.monotonic() - self._drawn_at >= _SECONDS_BETWEEN:
            self._draw(done)

    def _draw(self, done: int) -> None:
        if not self._draws:
            return
        self._drawn_at = time.monotonic()
        full = _WIDTH * done // self._total
        self._write(f"\r[{'#' * full}{'.' * (_WIDTH - full)}] {done:,} of {self._total:,} {self._what}")

    def _write(self, text: str) -> None:
        self._terminal.write(text)
        self._terminal.flush()
