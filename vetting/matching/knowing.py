"""What a process remembers of a school between one matching and the next. Only a memory: the version in the database decides.

Everything in it is immutable. A state is made from the one before and takes its place; whoever still reads the old one is not disturbed.
"""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from threading import Lock

from vetting.matching.facts import Facts, RequestFacts
from vetting.matching.fingerprints import fingerprint
from vetting.matching.reads import Reads, decide_and_note, differences
from vetting.matching.rows import State
from vetting.matching.rules import Opinion
from vetting.matching.sharing import take_over

MOST_SCHOOLS = 8


@dataclass(frozen=True)
class Formed:
    """An opinion, what it rests on, and its fingerprint."""

    opinion: Opinion
    reads: Reads

    @cached_property
    def fingerprint(self) -> str:
        return fingerprint(self.opinion)


@dataclass(frozen=True)
class Known:
    """A school at a version of its facts, on a day, with the opinion of each open request.

    `mark` is that of the version in the log: another history (a database put back from a copy) has another. `names` are the indexes
    that some opinion has read.
    """

    version: int
    mark: int | None
    state: State
    formed: Mapping[int, Formed]
    names: frozenset[str]


def form_opinions(state: State, *, version: int, mark: int | None, was: Known | None = None) -> Known:
    """The next state of knowledge. With one before, only requests that changed, or that read what differs now, are decided again."""
    facts = state.facts
    kept = _still_good(facts, was) if was is not None else {}
    new = {request.pk: Formed(*decide_and_note(request, facts)) for request in facts.requests if request.pk not in kept}
    names = frozenset(was.names if was is not None else ()).union(*(formed.reads.names for formed in new.values()))
    return Known(version, mark, state, {**kept, **new}, names)


def _still_good(facts: Facts, was: Known) -> dict[int, Formed]:
    """The opinions that nothing touches."""
    touched = take_over(was.state.facts, facts)
    changes = differences(was.state.facts, facts, was.names, touched)
    before = {request.pk: request for request in was.state.facts.requests}
    return {
        request.pk: old
        for request in facts.requests
        if (old := was.formed.get(request.pk)) is not None and _same(before[request.pk], request) and not old.reads.touched_by(changes)
    }


def _same(before: RequestFacts, now: RequestFacts) -> bool:
    return before is now or before == now


class Memory:
    """The schools matched last, a few of them."""

    def __init__(self, most: int = MOST_SCHOOLS) -> None:
        self._most, self._lock = most, Lock()
        self._known: OrderedDict[int, Known] = OrderedDict()

    def recall(self, school_id: int) -> Known | None:
        with self._lock:
            if school_id in self._known:
                self._known.move_to_end(school_id)
            return self._known.get(school_id)

    def keep(self, school_id: int, known: Known) -> None:
        with self._lock:
            self._known[school_id] = known
            self._known.move_to_end(school_id)
            while len(self._known) > self._most:
                self._known.popitem(last=False)

    def forget(self, school_id: int) -> None:
        with self._lock:
            self._known.pop(school_id, None)
