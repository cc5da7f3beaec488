"""Opinions beside the truth, as figures. Shares are between 0 and 1; None where there was nothing to count."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from math import exp, lgamma, log, log1p
from typing import Any, TypeVar

from vetting.matching.rules import Opinion
from vetting.reporting.evaluation.reading import SchoolFiles
from vetting.reporting.evaluation.truth import Truth
from vetting.values import Level

_ASSISTED = (Level.STRONG, Level.LIKELY, Level.CHECK)
_TO_LOOK_AT = (Level.CHECK, Level.IMPOSTOR, Level.HOLD)
_DOUBT = 0.05

V = TypeVar("V")


@dataclass(frozen=True)
class Judged:
    """One request: the truth, the level it was given, and as whom."""

    truth: Truth
    level: Level
    person: str | None = None
    line: str = ""

    @property
    def offered(self) -> bool:
        return self.level.offers_approval


@dataclass(frozen=True)
class Missed:
    """Of so many that must not be offered, how many were, and what share it may be with 95 % certainty (Clopper-Pearson, one-sided)."""

    offered: int
    of: int
    at_most: float


@dataclass(frozen=True)
class Figures:
    """The figures of all schools together."""

    schools: int
    requests: int
    seconds: float
    by_level: dict[str, int]
    by_category: dict[str, dict[str, int]]
    false_approvals: Missed
    false_by_harm: dict[str, Missed]
    false_by_category: dict[str, Missed]
    recall_provable: float | None
    recall_genuine: float | None
    assisted: float | None
    recall_by_group: dict[str, float | None]
    impostors_silent: float | None
    genuine_called_impostor: float | None
    needs_a_look: float | None
    needs_anybody: float | None
    right_person: float | None
    longest_line: int

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def judged(school: SchoolFiles, opinions: Iterable[Opinion], truth: Mapping[str, Truth]) -> list[Judged]:
    """Each opinion beside the truth of its request."""
    found = []
    for opinion in opinions:
        person = school.people.get(opinion.person) if opinion.person is not None else None
        found.append(Judged(truth[school.accounts[opinion.request]], opinion.level, person, opinion.sentence))
    return found


def figures(rows: Sequence[Judged], *, schools: int, seconds: float) -> Figures:
    """All figures of these requests."""
    wrong = [row for row in rows if not row.truth.may_be_approved]
    right = [row for row in rows if row.truth.may_be_approved]
    provable = [row for row in right if row.truth.provable]
    by_category: dict[str, Counter[str]] = {}
    for row in rows:
        by_category.setdefault(row.truth.category, Counter())[row.level.value] += 1
    return Figures(
        schools=schools,
        requests=len(rows),
        seconds=seconds,
        by_level=dict(Counter(row.level.value for row in rows)),
        by_category={category: dict(counts) for category, counts in sorted(by_category.items())},
        false_approvals=missed(wrong),
        false_by_harm=_by(wrong, lambda row: row.truth.harm, missed),
        false_by_category=_by(wrong, lambda row: row.truth.category, missed),
        recall_provable=_share(provable, lambda row: row.offered),
        recall_genuine=_share(right, lambda row: row.offered),
        assisted=_share(right, lambda row: row.level in _ASSISTED),
        recall_by_group=_by(provable, lambda row: row.truth.group, lambda group: _share(group, lambda row: row.offered)),
        impostors_silent=_share([row for row in wrong if row.truth.victim], lambda row: row.level is Level.NONE),
        genuine_called_impostor=_share([row for row in rows if row.truth.genuine], lambda row: row.level is Level.IMPOSTOR),
        needs_a_look=_share(rows, lambda row: row.level is Level.CHECK),
        needs_anybody=_share(rows, lambda row: row.level in _TO_LOOK_AT),
        right_person=_share([row for row in right if row.offered], lambda row: row.person == row.truth.person),
        longest_line=max((len(row.line) for row in rows), default=0),
    )


def missed(rows: Sequence[Judged]) -> Missed:
    offered = sum(row.offered for row in rows)
    return Missed(offered, len(rows), upper_bound(offered, len(rows)))


def upper_bound(hits: int, of: int) -> float:
    """The largest share under which so few hits would still happen once in twenty times (Clopper-Pearson, one-sided 95 %)."""
    if hits >= of:
        return 1.0
    low, high = hits / of, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if _at_most(hits, of, middle) > _DOUBT else (low, middle)
    return high


def _at_most(hits: int, of: int, share: float) -> float:
    """How likely `hits` or fewer of `of` are, each with this probability."""
    if share >= 1.0:
        return 0.0
    return sum(
        exp(lgamma(of + 1) - lgamma(k + 1) - lgamma(of - k + 1) + (k * log(share) if k else 0.0) + (of - k) * log1p(-share))
        for k in range(hits + 1)
    )


def _share(rows: Sequence[Judged], holds: Callable[[Judged], bool]) -> float | None:
    return sum(holds(row) for row in rows) / len(rows) if rows else None


def _by(rows: Sequence[Judged], key: Callable[[Judged], str], value: Callable[[Sequence[Judged]], V]) -> dict[str, V]:
    groups: dict[str, list[Judged]] = {}
    for row in rows:
        groups.setdefault(key(row), []).append(row)
    return {name: value(group) for name, group in sorted(groups.items())}
