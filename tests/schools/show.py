"""Many simulated schools, judged by the engine and by its opponents: the figures of one run, as a table."""

import os
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time

from tests.schools.opponents import OPPONENTS, judged_by
from tests.schools.school import Kind, write
from vetting.matching.rules import decide_all
from vetting.reporting.evaluation import Figures, Judged, figures, judged, read_school, read_truth

Answers = dict[str, list[Judged]]
ENGINE = "Known Followers"


@dataclass(frozen=True)
class Mix:
    """So many schools of one kind. `raw_text`: the mails are read by the product's parser; `opponents`: who else is asked."""

    name: str
    schools: int
    kind: Kind
    seed: int
    raw_text: bool = False
    opponents: bool = False


@dataclass(frozen=True)
class Result:
    """A mix with the figures of everybody who judged it."""

    mix: Mix
    engine: Figures
    others: dict[str, Figures]


LARGE: tuple[Mix, ...] = (
    Mix("standard", 24, Kind(), 1_000, opponents=True),
    Mix("standard, every look-up done", 24, Kind(look_ups=1.0), 1_000),
    Mix("standard, raw text", 24, Kind(), 1_000, raw_text=True),
    Mix("attack x5", 8, Kind(attack=5.0), 2_000),
    Mix("attack x5, our own ideas alone", 4, Kind(attack=5.0, own=1.0), 3_000),
    Mix("our own ideas alone, raw text", 4, Kind(attack=2.0, own=1.0), 4_000, raw_text=True),
    Mix("small schools", 20, Kind(families=60), 5_000),
    Mix("large schools", 2, Kind(families=1_000), 6_000),
)
# What is the same schools again is not counted as more requests.
AGAIN = frozenset({"standard, every look-up done", "standard, raw text"})


def run(mixes: Iterable[Mix], *, processes: int | None = None) -> list[Result]:
    """Make, judge and forget the schools of each mix."""
    found = []
    with TemporaryDirectory() as place, ProcessPoolExecutor(processes or os.cpu_count()) as pool:
        for mix in mixes:
            parts = list(pool.map(partial(_one, mix, Path(place)), range(mix.schools)))
            seconds = sum(took for _, took in parts)
            together = {name: [row for answers, _ in parts for row in answers.get(name, ())] for name in parts[0][0]}
            told = {name: figures(rows, schools=mix.schools, seconds=seconds) for name, rows in together.items()}
            found.append(Result(mix, told.pop(ENGINE), told))
    return found


def _one(mix: Mix, place: Path, number: int) -> tuple[Answers, float]:
    seed = mix.seed + number
    folder = write(seed, mix.kind, place / f"{mix.name}-{seed}")
    school = read_school(folder, raw_text=mix.raw_text)
    began = process_time()
    opinions = decide_all(school.facts)
    took = process_time() - began
    truth = read_truth(folder) or {}
    answers = {ENGINE: judged(school, opinions, truth)}
    if mix.opponents:
        answers |= {name: judged_by(rule, folder, truth) for name, rule in OPPONENTS.items()}
    return answers, took


_COLUMNS = (
    ("false", lambda f: f"{f.false_approvals.offered} of {f.false_approvals.of}"),
    ("provable", lambda f: _share(f.recall_provable)),
    ("genuine", lambda f: _share(f.recall_genuine)),
    ("assisted", lambda f: _share(f.assisted)),
    ("silent", lambda f: _share(f.impostors_silent)),
    ("miscalled", lambda f: _share(f.genuine_called_impostor)),
    ("look", lambda f: _share(f.needs_a_look)),
    ("person", lambda f: _share(f.right_person)),
    ("s/school", lambda f: f"{f.seconds / f.schools:.2f}"),
)


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.4f}"


def table(results: Sequence[Result]) -> list[str]:
    """One line for each mix, and one for each opponent below it."""
    heads = "".join(f"{name:>15}" for name, _ in _COLUMNS)
    found = [f"{'':34}{heads}"]
    for result in results:
        found.append(f"{result.mix.name:34}{_line(result.engine)}")
        found += [f"  {name:32}{_line(told)}" for name, told in result.others.items()]
    return found


def _line(told: Figures) -> str:
    return "".join(f"{show(told):>15}" for _, show in _COLUMNS)


@dataclass(frozen=True)
class Target:
    """A figure and what it should be."""

    name: str
    value: float
    limit: float
    at_least: bool

    @property
    def met(self) -> bool:
        return self.value >= self.limit if self.at_least else self.value <= self.limit

    def __str__(self) -> str:
        wanted = f"{'at least' if self.at_least else 'at most':8} {self.limit:<8g}"
        return f"{self.name:60}{self.value:>12.4f}   {wanted} {'' if self.met else 'MISSED'}".rstrip()


def targets(results: Sequence[Result]) -> list[Target]:
    """What this run should show."""
    by_name = {result.mix.name: result.engine for result in results}
    standard, whole, raw = (by_name[name] for name in ("standard", "standard, every look-up done", "standard, raw text"))
    wrong = sum(told.false_approvals.offered for told in by_name.values())
    asked = sum(told.false_approvals.of for name, told in by_name.items() if name not in AGAIN)
    return [
        Target("offered that must not be, all mixes", wrong, 0, at_least=False),
        Target("requests that must not be offered", asked, 15_000, at_least=True),
        Target("provable ones offered", _number(standard.recall_provable), 0.92, at_least=True),
        Target("provable ones offered, every look-up done", _number(whole.recall_provable), 0.97, at_least=True),
        Target("assisted", _number(standard.assisted), 0.975, at_least=True),
        Target("imitations left silent", _number(standard.impostors_silent), 0.03, at_least=False),
        Target("genuine ones called imitations", _number(standard.genuine_called_impostor), 0.01, at_least=False),
        Target("right person where offered", _number(standard.right_person), 0.97, at_least=True),
        Target("need a look", _number(standard.needs_a_look), 0.19, at_least=False),
        Target(
            "provable ones lost by reading raw text", _number(standard.recall_provable) - _number(raw.recall_provable), 0.02, at_least=False
        ),
        Target("provable ones offered, attack x5", _number(by_name["attack x5"].recall_provable), 0.91, at_least=True),
        Target("longest line, in characters", max(told.longest_line for told in by_name.values()), 120, at_least=False),
    ]


def _number(value: float | None) -> float:
    return float("nan") if value is None else value
