"""One school's trouble is not another's."""

from collections.abc import Callable, Iterable
from typing import TypeVar

Row = TypeVar("Row")


def for_each(rows: Iterable[Row], step: Callable[[Row], int]) -> int:
    """Run a drain's step for every row (a school, an account), also after one of them failed. Returns the sum of the answers.

    Raises:
        ExceptionGroup: at the end, with everything that went wrong, so that the log and the exit code still tell it.
    """
    total, troubles = 0, []
    for row in rows:
        try:
            total += step(row)
        except Exception as trouble:  # noqa: BLE001  # kept, and raised below
            troubles.append(trouble)
    if troubles:
        raise ExceptionGroup("Not every school could be served.", troubles)
    return total
