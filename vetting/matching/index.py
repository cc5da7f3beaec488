"""Finding Twitter names that may be alike without comparing each with each.

Every handle has a few keys; handles that share none are not alike, by definition. A hundred thousand handles take a few seconds
and a probe some microseconds, because a key is kept as a number and a lonely handle as one more.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

from vetting.matching.handles import PREFIXES, SUFFIXES, likeness, plain_shape, skeleton

# A key that so many share says nothing of any of them.
FULL_BUCKET = 200
_SHORTEST_CORE = 4
_MOST_COMPARED = 20
_SHORTEST_LETTERS = 5
_MOST_FIGURES = 4
_FIGURES = "0123456789"
_NO_FIGURES = str.maketrans("", "", _FIGURES)
_ENDS = (*SUFFIXES, *_FIGURES)


@lru_cache(maxsize=8_192)
def alike_keys(handle: str) -> tuple[int, ...]:
    """What two handles have in common when they may be alike: their letters in order, their shape, or either but for one slip."""
    bare = handle.replace("_", "")
    shape = skeleton(handle)
    keys = {text[:place] + text[place + 1 :] for text in {shape, plain_shape(handle)} for place in range(len(text))}
    keys.update((bare, shape))
    letters = bare.translate(_NO_FIGURES)
    if len(letters) >= _SHORTEST_LETTERS:
        keys.add(letters)
    if bare.startswith(PREFIXES) or bare.endswith(_ENDS):
        keys.update(_cores(bare))
    return tuple(map(hash, keys))


def _cores(bare: str) -> Iterator[str]:
    """What is left without one of the words that imitations add, or without up to four figures at the end."""
    for added in PREFIXES:
        if bare.startswith(added) and len(bare) - len(added) >= _SHORTEST_CORE:
            yield bare.removeprefix(added)
    for added in SUFFIXES:
        if bare.endswith(added) and len(bare) - len(added) >= _SHORTEST_CORE:
            yield bare.removesuffix(added)
    for count in range(1, _MOST_FIGURES + 1):
        if len(bare) - count < _SHORTEST_CORE or bare[-count] not in _FIGURES:
            return
        yield bare[:-count]


class HandleIndex(Mapping[int, tuple[str, ...]]):
    """Handles by each of their keys. Made once and then only read."""

    def __init__(self, handles: Iterable[str]) -> None:
        self._handles: list[str | None] = list(dict.fromkeys(handles))
        # One handle is its place in the list; several are a list of places, which stops growing once it says nothing any more.
        self._places: dict[int, int | list[int]] = {}
        for place, handle in enumerate(self._handles):
            self._add(place, handle or "")

    def _add(self, place: int, handle: str) -> None:
        places = self._places
        for key in alike_keys(handle):
            found = places.setdefault(key, place)
            if found is place:
                continue
            if isinstance(found, int):
                places[key] = [found, place]
            elif len(found) <= FULL_BUCKET:
                found.append(place)

    @property
    def handles(self) -> set[str]:
        return {handle for handle in self._handles if handle is not None}

    def has_full(self, keys: Iterable[int]) -> bool:
        """Whether so many share one of these keys that it says nothing of any of them."""
        return any(isinstance(found := self._places.get(key), list) and len(found) > FULL_BUCKET for key in keys)

    def following(self, handles: Iterable[str]) -> "HandleIndex":
        """The index of these handles, made of this one, which stays as it is."""
        wanted, before = set(handles), self.handles
        touched = {key for handle in before ^ wanted for key in alike_keys(handle)}
        if self.has_full(touched) or len(touched) > len(self._places) // 2:
            return HandleIndex(sorted(wanted))
        made = HandleIndex(())
        made._handles = [handle if handle in wanted else None for handle in self._handles]
        made._places = dict(self._places)
        for key in touched:
            found = made._places.pop(key, [])
            stay = [place for place in ([found] if isinstance(found, int) else found) if made._handles[place] is not None]
            if stay:
                made._places[key] = stay if len(stay) > 1 else stay[0]
        for handle in sorted(wanted - before):
            made._handles.append(handle)
            made._add(len(made._handles) - 1, handle)
        return made

    def __getitem__(self, key: int) -> tuple[str, ...]:
        found = self._places[key]
        places = [found] if isinstance(found, int) else found
        return tuple(handle for place in places if (handle := self._handles[place]) is not None) if len(places) <= FULL_BUCKET else ()

    def __contains__(self, key: object) -> bool:
        return key in self._places

    def __iter__(self) -> Iterator[int]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)


def handles_sharing(handle: str, index: Mapping[int, tuple[str, ...]]) -> set[str]:
    """The handles of an index that share a key with this one, itself included where it is there."""
    return {found for key in alike_keys(handle) if key in index for found in index[key]}


class Alike(Mapping[str, frozenset[str]]):
    """For any handle, the handles of an index that it resembles, and itself where it is there. Found when asked for."""

    def __init__(self, index: HandleIndex) -> None:
        self.index = index

    def __getitem__(self, handle: str) -> frozenset[str]:
        sharing = handles_sharing(handle, self.index)
        return frozenset(other for other in sharing if other == handle or likeness(handle, other) is not None)

    def __iter__(self) -> Iterator[str]:
        return iter(self.index.handles)

    def __len__(self) -> int:
        return len(self.index.handles)

    def following(self, handles: Iterable[str], *, asking: Iterable[str]) -> tuple["Alike", set[str]]:
        """The same for these handles, and which of those asking resemble others than before."""
        made = Alike(self.index.following(handles))
        changed = [(handle, set(alike_keys(handle))) for handle in self.index.handles ^ made.index.handles]
        if len(changed) > _MOST_COMPARED:
            return made, {one for one in asking if self[one] != made[one]}
        may = [(one, handle) for one in asking for handle, keys in changed if not keys.isdisjoint(alike_keys(one))]
        if any(index.has_full(keys) for _, keys in changed for index in (self.index, made.index)):
            # A bucket that fills up, or is full no more, changes what is found of handles that did not change.
            return made, {one for one, _ in may if self[one] != made[one]}
        return made, {one for one, handle in may if one == handle or likeness(one, handle) is not None}


@lru_cache(maxsize=8_192)
def pieces(letters: str, shortest: int) -> tuple[str, ...]:
    """Every run of letters inside a handle that is long enough to be a name."""
    ends = len(letters) + 1
    return tuple(dict.fromkeys(letters[start:end] for start in range(ends) for end in range(start + shortest, ends)))
