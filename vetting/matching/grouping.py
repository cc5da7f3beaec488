"""Rows by key, and counts that do not change with every row."""

from collections import defaultdict
from collections.abc import Iterable
from typing import TypeVar

K = TypeVar("K")
V = TypeVar("V")


def in_steps(count: int) -> int:
    """A count up to four as it is, a greater one to the power of two below."""
    return count if count <= 4 else 1 << (count.bit_length() - 1)


def grouped(pairs: Iterable[tuple[K, V]]) -> dict[K, tuple[V, ...]]:
    found: defaultdict[K, list[V]] = defaultdict(list)
    for key, value in pairs:
        found[key].append(value)
    return {key: tuple(values) for key, values in found.items()}


def counted(found: Iterable[str]) -> dict[str, int]:
    counts: defaultdict[str, int] = defaultdict(int)
    for word in found:
        counts[word] += 1
    return {word: in_steps(count) for word, count in counts.items()}
