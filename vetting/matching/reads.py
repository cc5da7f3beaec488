"""What an opinion rests on: every index it asked, by key, also where there was nothing.

An opinion is a function of its request and of what it read. So it must be formed again when one of those differs, and only then;
nobody has to reckon which rule depends on what, and a rule written tomorrow is followed like the others.
"""

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from types import FunctionType, MethodType
from typing import Any, cast

from vetting.matching.facts import Facts, RequestFacts
from vetting.matching.rules import Opinion, decide


@dataclass(frozen=True)
class Reads:
    """The keys asked of each index, and what was looked at as a whole."""

    keys: Mapping[str, frozenset[Hashable]]
    whole: frozenset[str]

    @property
    def names(self) -> frozenset[str]:
        return self.whole | self.keys.keys()

    def touched_by(self, changes: "Changes") -> bool:
        if not self.whole.isdisjoint(changes.names):
            return True
        for name, changed in changes.keys.items():
            asked = self.keys.get(name)
            if asked is not None and not asked.isdisjoint(changed):
                return True
        return False


@dataclass
class Changes:
    """What differs between two states: keys by index, and the names of everything that differs at all."""

    keys: dict[str, set[Hashable]] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)


class _Watched(Mapping[Hashable, Any]):
    """An index that notes which keys were asked for."""

    def __init__(self, index: Mapping[Hashable, Any], asked: set[Hashable], note_whole: Any) -> None:
        self._index, self._asked, self._note_whole = index, asked, note_whole

    def __getitem__(self, key: Hashable) -> Any:
        self._asked.add(key)
        return self._index[key]

    def get(self, key: Hashable, default: Any = None) -> Any:
        self._asked.add(key)
        return self._index.get(key, default)

    def __contains__(self, key: object) -> bool:
        self._asked.add(key)
        return key in self._index

    def __iter__(self) -> Iterator[Hashable]:
        self._note_whole()
        return iter(self._index)

    def __len__(self) -> int:
        self._note_whole()
        return len(self._index)


class Witness:
    """Stands in for a school's facts while one opinion is formed, and notes what was read."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._keys: dict[str, set[Hashable]] = {}
        self._whole: set[str] = set()

    def __getattr__(self, name: str) -> Any:
        """Asked once for each name: what it gives stays as an attribute of its own."""
        method = getattr(Facts, name, None)
        if isinstance(method, FunctionType):
            return MethodType(method, self)
        value = getattr(self._facts, name)
        if isinstance(value, Mapping):
            value = _Watched(value, self._keys.setdefault(name, set()), lambda: self._whole.add(name))
        else:
            self._whole.add(name)
        setattr(self, name, value)
        return value

    def reads(self) -> Reads:
        return Reads({name: frozenset(keys) for name, keys in self._keys.items()}, frozenset(self._whole))


def decide_and_note(request: RequestFacts, facts: Facts) -> tuple[Opinion, Reads]:
    """An opinion, with what it rests on."""
    witness = Witness(facts)
    opinion = decide(request, cast(Facts, witness))
    return opinion, witness.reads()


def differences(was: Facts, now: Facts, names: frozenset[str], touched: Mapping[str, set[Hashable]]) -> Changes:
    """What differs of the indexes that somebody read. Where it is known which keys were touched, the others need not be looked at."""
    changes = Changes()
    for name in names:
        keys = touched[name] if name in touched else _differing(getattr(was, name), getattr(now, name))
        if keys is None or keys:
            changes.names.add(name)
            changes.keys[name] = keys or set()
    return changes


def _differing(before: Any, after: Any) -> set[Hashable] | None:
    """The keys under which something else stands; None where a value that has no keys differs."""
    if before is after:
        return set()
    if not isinstance(before, Mapping):
        return set() if before == after else None
    keys = {key for key, value in after.items() if not _same(before.get(key), value)}
    return keys | {key for key in before if key not in after}


def _same(before: object, after: object) -> bool:
    return before is after or before == after
