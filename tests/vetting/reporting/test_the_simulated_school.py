"""The engine against the simulated school that ships with the tests: a rule that lets an imitation through fails here."""

import json
from io import StringIO
from pathlib import Path
from shutil import copytree

import pytest
from django.core.management import CommandError, call_command

from vetting.matching.rules import decide_all
from vetting.reporting.evaluation import evaluate, read_sample
from vetting.values import Level

SAMPLE = Path(__file__).parents[2] / "data" / "matching"


def test_nothing_is_offered_that_must_not_be_and_most_provable_ones_are() -> None:
    report = evaluate(*read_sample(SAMPLE))
    assert report.false_approvals == []
    # The three that are lost are e-mails which nobody authenticated.
    assert (report.provable_offered, report.provable) == (17, 20)
    assert report.right_person == report.genuine_offered
    assert report.genuine_called_impostor == 0
    assert report.impostors_silent == 0
    assert report.longest_sentence <= 120


def test_the_provable_ones_that_are_lost_came_without_authentication() -> None:
    facts, truth = read_sample(SAMPLE)
    lost = [o for o in decide_all(facts) if truth[o.request].provable and not o.level.offers_approval]
    assert [o.level for o in lost] == [Level.CHECK] * 3
    assert all(any(item.code == "SENDER_NOT_CHECKED" for item in o.evidence) for o in lost)


def test_the_command_prints_its_figures() -> None:
    out = StringIO()
    call_command("evaluate_matching", stdout=out)
    assert "offered though they must not be   0" in out.getvalue()
    assert "provable ones offered             17 of 20" in out.getvalue()


def test_the_command_fails_where_an_imitation_would_be_offered(tmp_path: Path) -> None:
    folder = copytree(SAMPLE, tmp_path / "sample")
    truth = json.loads((folder / "truth.json").read_text())
    for row in truth["requests"].values():
        row["should"] = "reject"
    (folder / "truth.json").write_text(json.dumps(truth))
    with pytest.raises(CommandError, match="that must not be"):
        call_command("evaluate_matching", sample=folder, stdout=StringIO(), stderr=StringIO())


def test_a_folder_without_the_files_gets_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"roster\.json cannot be read"):
        call_command("evaluate_matching", sample=tmp_path)
