"""The supervisor with small processes instead of the register's own."""

import sys
import time
from pathlib import Path

import pytest

from vetting.management import supervisor
from vetting.management.benches import BENCHES, Bench, NotHere, Way, measure
from vetting.management.one_at_a_time import AlreadyRunning, hold
from vetting.management.supervisor import CannotStart, Child, Supervisor


@pytest.fixture
def said() -> list[str]:
    return []


def test_what_cannot_start_ends_the_start_with_a_sentence_that_names_it(said: list[str]) -> None:
    keeper = Supervisor([Child("The web server", ["no-such-command"], lambda: False)], said.append)
    with pytest.raises(CannotStart, match="The web server does not start"):
        keeper.start(within=120)
    keeper.stop()
    assert said[0].startswith("The web server stopped unexpectedly (code 1). Starting it again in 0.5 s.")
    assert said[1].endswith("in 1.0 s.")


def test_what_never_answers_ends_the_start_as_well(said: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "SECONDS_TO_STOP", 0.5)
    keeper = Supervisor([_sleeper(tmp_path)], said.append)
    with pytest.raises(CannotStart, match="did not answer within 1 seconds"):
        keeper.start(within=1)
    keeper.stop()


def test_what_ignores_the_request_to_stop_is_killed_in_time(said: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "SECONDS_TO_STOP", 0.5)
    child = _sleeper(tmp_path)
    keeper = Supervisor([child], said.append)
    child.start()
    process = child.process
    began = time.monotonic()
    keeper.stop()
    assert time.monotonic() - began < 3
    assert process is not None
    assert process.returncode == -9


def _sleeper(folder: Path) -> Child:
    """A process that watches nothing and answers nobody."""
    script = folder / "sleeper"
    script.write_text(f"#!{sys.executable}\nimport time\ntime.sleep(600)\n")
    script.chmod(0o755)

    class Sleeper(Child):
        @property
        def whole_command(self) -> list[str]:
            return [str(script)]

    return Sleeper("The sleeper", [], lambda: False)


def test_the_lock_is_held_by_one_and_free_again_when_let_go(tmp_path: Path) -> None:
    with hold(tmp_path / "up.lock"), pytest.raises(AlreadyRunning):
        hold(tmp_path / "up.lock")
    hold(tmp_path / "up.lock").close()


def test_a_bench_runs_both_ways_in_turn_and_tells_their_ratio() -> None:
    order: list[str] = []
    slow = Way("slow", lambda: (order.append("slow"), time.sleep(0.02)))
    quick = Way("quick", lambda: (order.append("quick"), time.sleep(0.01)))
    result = measure(Bench("t", quick, slow, 9, ""), rounds=3)
    assert order == ["quick", "slow"] * 3
    assert 1.2 < result.ratio < 5


@pytest.mark.django_db
@pytest.mark.parametrize("name", BENCHES)
def test_every_bench_can_be_built_and_run(name: str) -> None:
    build, _ = BENCHES[name]
    assert build.__doc__
    try:
        bench = build()
    except NotHere as absent:
        pytest.skip(str(absent))
    assert measure(bench, rounds=1).ratio > 0
