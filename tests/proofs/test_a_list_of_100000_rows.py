"""A list of a hundred thousand rows, loaded by the command in a process of its own: how much memory it takes at most."""

import json
import os
import sys
from pathlib import Path

import pytest

from tests.given_processes import clean_environment
from vetting.env import BASE_DIR
from vetting.management.bench_roster import a_list

ROWS, MOST_MEGABYTES = 100_000, 300
ONE_SCHOOL = (
    "from vetting.school.operations import create_school as c; from django.utils import timezone as t; c(slug='s', name='S', at=t.now())"
)


def _run(folder: Path, *arguments: str) -> tuple[str, int]:
    """What a command printed, and the most memory it held, in MB."""
    said = folder / "said.txt"
    with said.open("w") as output:
        environment = {**clean_environment(), "DATA_DIR": str(folder)}
        actions = [(os.POSIX_SPAWN_DUP2, output.fileno(), 1)]
        child = os.posix_spawn(sys.executable, [sys.executable, "manage.py", *arguments], environment, file_actions=actions)
        _, status, used = os.wait4(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    return said.read_text(), used.ru_maxrss // 1024


@pytest.mark.slow
def test_a_hundred_thousand_rows_are_loaded_and_loaded_again_in_300_megabytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(BASE_DIR)
    (tmp_path / "list.csv").write_bytes(a_list(ROWS))
    _run(tmp_path, "migrate", "-v0")
    _run(tmp_path, "shell", "-v0", "-c", ONE_SCHOOL)
    for new in (True, False):
        said, most = _run(tmp_path, "import_roster", "--school", "s", str(tmp_path / "list.csv"), "--kind", "complete", "--apply", "--json")
        figures = json.loads(said)
        assert (figures["rows"], bool(figures["new"]), figures["stopped"]) == (ROWS, new, False)
        assert most < MOST_MEGABYTES
