"""Reading the JSON files of a simulated school: whatever is wrong with one ends in a sentence that says where."""

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

from vetting.values import BadValue

T = TypeVar("T")


def load(folder: Path, name: str, kind: type) -> Any:
    """The content of one file.

    Raises:
        BadValue: it is missing, is not JSON, or is not a `kind` of value.
    """
    try:
        found = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as trouble:
        raise BadValue(f"{name}.json cannot be read in {folder}: {type(trouble).__name__}.") from trouble
    if not isinstance(found, kind):
        raise BadValue(f"{name}.json in {folder} should hold {'a list' if kind is list else 'an object'}.")
    return found


def each(name: str, rows: Iterable[Any], read: Callable[[Any], T]) -> tuple[T, ...]:
    """Every row of a file through `read`.

    Raises:
        BadValue: a row is not as expected; the sentence names the file and the row's place, never what is in it.
    """
    found = []
    for place, row in enumerate(rows, start=1):
        try:
            found.append(read(row))
        except KeyError as missing:
            raise BadValue(f"{name}.json: entry {place} has no {missing}, or names one that does not exist.") from missing
        except (AttributeError, IndexError, OverflowError, TypeError, ValueError) as trouble:
            raise BadValue(f"{name}.json: entry {place} is not as expected ({type(trouble).__name__}).") from trouble
    return tuple(found)
