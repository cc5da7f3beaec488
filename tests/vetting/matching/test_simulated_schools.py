"""A few simulated schools in every run of the tests; many more, beside other ways to decide, in tests/proofs/test_matching_at_large.py."""

from collections import Counter
from pathlib import Path

import pytest

from tests.schools import attacks, genuine, loose_words, more_attacks
from tests.schools.school import Kind, make, write
from tests.schools.show import Mix, run

SMALL = Kind(families=60, attack=2.0, own=0.5)


@pytest.mark.parametrize("raw_text", [False, True])
def test_no_attack_on_a_few_schools_is_offered_and_most_families_are(raw_text: bool) -> None:
    (result,) = run([Mix("few", 2, SMALL, seed=77, raw_text=raw_text)], processes=1)
    told = result.engine
    assert {name: part.offered for name, part in told.false_by_category.items() if part.offered} == {}
    assert told.false_approvals.of > 150
    assert told.recall_provable > 0.85
    assert told.assisted > 0.93
    assert told.longest_line <= 120


def test_the_simpler_ways_let_strangers_in() -> None:
    (result,) = run([Mix("few", 1, SMALL, seed=77, opponents=True)], processes=1)
    assert all(told.false_approvals.offered > 0 for told in result.others.values())


def test_every_kind_of_case_is_met() -> None:
    met = Counter(row["category"] for seed in range(4) for row in make(seed, SMALL).truth["requests"].values())
    ways = (*genuine.WAYS, *attacks.WAYS, *more_attacks.WAYS, *loose_words.WAYS)
    assert len(ways) >= 28
    assert len(met) >= len(ways)


def test_the_same_seed_gives_the_same_school(tmp_path: Path) -> None:
    one, two = write(5, SMALL, tmp_path / "one"), write(5, SMALL, tmp_path / "two")
    assert all((one / file.name).read_bytes() == file.read_bytes() for file in two.iterdir())
