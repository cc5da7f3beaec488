"""The figures of matching on many simulated schools, beside simpler ways to decide, printed and held to their targets.

python3 manage.py test tests/proofs/test_matching_at_large.py -m slow -s
"""

import pytest

from tests.schools.show import LARGE, run, table, targets

pytestmark = pytest.mark.slow


def test_nothing_is_offered_that_must_not_be_and_the_figures_hold(capsys: pytest.CaptureFixture[str]) -> None:
    results = run(LARGE)
    wanted = targets(results)
    wrong = [
        f"{result.mix.name}: {name} {part.offered} of {part.of}"
        for result in results
        for name, part in result.engine.false_by_category.items()
        if part.offered
    ]
    with capsys.disabled():
        print("\n" + "\n".join([*table(results), "", *map(str, wanted), *wrong]))
    assert wrong == []
    assert [str(target) for target in wanted if not target.met] == []
