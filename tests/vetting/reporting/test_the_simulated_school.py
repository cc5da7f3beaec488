"""The engine against the simulated school that ships with the tests: a rule that lets an imitation through fails here."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from vetting.reporting.evaluation.figures import upper_bound

SAMPLE = Path(__file__).parents[2] / "data" / "matching"


@pytest.fixture
def school(tmp_path: Path) -> Path:
    return copytree(SAMPLE, tmp_path / "school")


def evaluated(*folders: Path, **options: Any) -> dict[str, Any]:
    out = StringIO()
    call_command("evaluate_matching", *folders, "--json", stdout=out, stderr=StringIO(), **options)
    return json.loads(out.getvalue())


@contextmanager
def changed(folder: Path, name: str) -> Iterator[Any]:
    """The content of a file, to be changed in place; what becomes of it is written back."""
    path = folder / f"{name}.json"
    content = json.loads(path.read_text())
    yield content
    path.write_text(json.dumps(content))


@pytest.mark.parametrize("raw_text", [False, True])
def test_nothing_is_offered_that_must_not_be_and_all_provable_ones_are(school: Path, raw_text: bool) -> None:
    found = evaluated(school, raw_text=raw_text)
    assert found["false_approvals"]["offered"] == 0
    assert found["recall_provable"] == 1
    assert found["assisted"] == 1
    assert found["right_person"] == 1
    assert found["genuine_called_impostor"] == 0
    assert found["impostors_silent"] == 0
    assert found["longest_line"] <= 120


def test_the_command_prints_its_figures(school: Path) -> None:
    out = StringIO()
    call_command("evaluate_matching", school, stdout=out)
    assert "offered though they must not be   0 of 49, with 95 % certainty under 5.931% (Clopper-Pearson)" in out.getvalue()
    assert "provable ones offered             1.0000" in out.getvalue()


def test_each_request_gets_its_prediction_in_the_words_of_the_files(school: Path) -> None:
    evaluated(school)
    predictions = json.loads((school / "predictions.json").read_text())
    assert set(predictions) == {row["twitter_id"] for row in json.loads((school / "requests.json").read_text())}
    assert predictions["719213953297415195"] == {
        "level": "likely",
        "person_id": "P0000033",
        "claim_id": "C0000001",
        "line": "The e-mail says “@ the_bizhan”; that was read as @the_bizhan, and the account existed then.",
    }
    assert {row["level"] for row in predictions.values()} <= {"strong", "likely", "check", "impostor", "hold", "none"}


def test_without_a_truth_the_predictions_are_the_same(school: Path, tmp_path: Path) -> None:
    blind = copytree(school, tmp_path / "blind")
    (blind / "truth.json").unlink()
    evaluated(school)
    err = StringIO()
    call_command("evaluate_matching", blind, stdout=StringIO(), stderr=err)
    assert "none holds a truth.json" in err.getvalue()
    assert (blind / "predictions.json").read_text() == (school / "predictions.json").read_text()


def test_several_schools_are_counted_together(school: Path, tmp_path: Path) -> None:
    other = copytree(school, tmp_path / "other")
    assert (evaluated(school)["requests"], evaluated(school, other)["requests"]) == (74, 148)


def test_the_command_fails_where_an_imitation_would_be_offered(school: Path) -> None:
    with changed(school, "truth") as truth:
        for row in truth["requests"].values():
            row["should"] = "reject"
    with pytest.raises(CommandError, match="that must not be"):
        evaluated(school)


def test_a_signature_counts_only_where_the_mail_server_found_no_forgery(school: Path) -> None:
    with changed(school, "claims") as claims:
        for row in claims:
            row["auth"] = {"dmarc": "fail", "spf": "pass", "dkim": "pass"}
    found = evaluated(school)
    assert found["by_level"].get("STRONG", 0) == 0
    assert found["by_level"]["LIKELY"] == 2  # the two accounts that were approved before


def test_mail_that_no_server_checked_is_looked_at_and_not_offered(school: Path) -> None:
    with changed(school, "claims") as claims:
        for row in claims:
            row["auth"] = {"dmarc": "none", "spf": "pass", "dkim": "none"}
    assert evaluated(school)["by_level"]["LIKELY"] == 2


def test_the_certainty_follows_the_rule_of_three() -> None:
    assert upper_bound(0, 17_700) == pytest.approx(3 / 17_700, rel=0.01)
    assert upper_bound(3, 17_744) == pytest.approx(7.75 / 17_744, rel=0.01)
    assert upper_bound(5, 5) == 1


def test_a_folder_without_the_files_gets_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"roster\.json cannot be read"):
        evaluated(tmp_path)


@pytest.mark.parametrize(
    ("name", "spoiled", "sentence"),
    [
        ("claims", "{", r"claims\.json cannot be read in .*: JSONDecodeError\."),
        ("claims", "{}", r"claims\.json in .* should hold a list\."),
        ("requests", '[{"handle": "x"}]', r"requests\.json: entry 1 has no 'twitter_id', or names one that does not exist\."),
        (
            "requests",
            '[{"twitter_id": "1", "handle": "x", "requested_on": "soon"}]',
            r"requests\.json: entry 1 is not as expected \(ValueError\)\.",
        ),
        ("approved", '["x"]', r"approved\.json: entry 1 is not as expected \(TypeError\)\."),
        ("roster", '{"people": []}', r"roster\.json in .* should hold the lists"),
        ("truth", "{}", r"truth\.json in .* does not know every request"),
    ],
)
def test_a_file_that_is_not_as_expected_gets_a_sentence(school: Path, name: str, spoiled: str, sentence: str) -> None:
    (school / f"{name}.json").write_text(spoiled)
    with pytest.raises(CommandError, match=sentence):
        evaluated(school)
