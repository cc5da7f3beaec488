"""`manage.py evaluate_matching`: the engine against schools whose truth is known."""

import json
from argparse import ArgumentParser
from pathlib import Path
from time import monotonic
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from vetting.matching.rules import decide_all
from vetting.reporting.evaluation import Figures, Judged, figures, judged, read_school, read_truth, write_predictions
from vetting.values import BadValue, Level

_LEVELS = [level.value for level in Level]


class Command(BaseCommand):
    help = (
        "Judge simulated schools and write predictions.json into each folder, which holds roster, claims, requests, lookups and approved "
        "(.json). Where it also holds truth.json, which the engine never sees, the figures of all schools together are printed, and the "
        "exit code is 1 if anything was offered for approval that must not be."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folders", nargs="+", type=Path, metavar="DIR", help="folder of one simulated school")
        parser.add_argument("--raw-text", action="store_true", help="read headers and body with the product's parser, not the fields")
        parser.add_argument("--json", action="store_true", help="print the figures as JSON")

    def handle(self, *args: Any, folders: list[Path], raw_text: bool, **options: Any) -> None:
        rows: list[Judged] = []
        seconds, with_truth = 0.0, 0
        for folder in folders:
            try:
                found, took = self._judge(folder, raw_text=raw_text)
            except BadValue as trouble:
                raise CommandError(trouble.sentence) from trouble
            seconds += took
            if found is not None:
                rows += found
                with_truth += 1
        if not with_truth:
            self.stderr.write(f"Predictions written for {len(folders)} school(s); none holds a truth.json to compare them with.")
            return
        result = figures(rows, schools=with_truth, seconds=seconds)
        if options["json"]:
            self.stdout.write(json.dumps(result.as_json(), indent=1))
        else:
            self.stdout.write("\n".join(lines(result)))
        if result.false_approvals.offered:
            for row in rows:
                if row.offered and not row.truth.may_be_approved:
                    self.stderr.write(f"{row.truth.category} {row.truth.account}: {row.level}. {row.line}")
            raise CommandError(f"{result.false_approvals.offered} offered for approval that must not be.")

    def _judge(self, folder: Path, *, raw_text: bool) -> tuple[list[Judged] | None, float]:
        """Opinions first, written down; only then the truth is opened."""
        began = monotonic()
        school = read_school(folder, raw_text=raw_text)
        opinions = decide_all(school.facts)
        took = monotonic() - began
        try:
            write_predictions(school, opinions)
        except OSError as trouble:
            raise CommandError(f"predictions.json cannot be written in {folder}: {type(trouble).__name__}.") from trouble
        truth = read_truth(folder)
        if truth is None:
            return None, took
        if not set(school.accounts.values()) <= set(truth):
            raise BadValue(f"truth.json in {folder} does not know every request of requests.json.")
        return judged(school, opinions, truth), took


def lines(result: Figures) -> list[str]:
    """The figures for somebody at a terminal."""
    none = result.false_approvals
    found = [
        f"{result.schools} school(s), {result.requests} requests, {result.seconds:.2f} s",
        "  ".join(f"{level} {result.by_level.get(level, 0)}" for level in _LEVELS),
        "",
    ]
    for category, counts in result.by_category.items():
        found.append(f"  {category:20} {'  '.join(f'{level} {counts[level]}' for level in _LEVELS if level in counts)}")
    found += [
        "",
        f"offered though they must not be   {none.offered} of {none.of}, with 95 % certainty under {none.at_most:.3%} (Clopper-Pearson)",
    ]
    found += [f"  {harm:20} {part.offered} of {part.of}, under {part.at_most:.3%}" for harm, part in result.false_by_harm.items()]
    found += [f"  {name:20} {part.offered} of {part.of}" for name, part in result.false_by_category.items() if part.offered]
    shares = {
        "provable ones offered": result.recall_provable,
        "all genuine ones offered": result.recall_genuine,
        "assisted (offered or to look at)": result.assisted,
        "imitations left silent": result.impostors_silent,
        "genuine ones called imitations": result.genuine_called_impostor,
        "need a look": result.needs_a_look,
        "look, imitation or hold": result.needs_anybody,
        "right person where offered": result.right_person,
    }
    found += [f"{name:33} {_shown(share)}" for name, share in shares.items()]
    found.append("provable ones offered, by names:  " + "  ".join(f"{g} {_shown(s)}" for g, s in result.recall_by_group.items()))
    found.append(f"longest sentence                  {result.longest_line} characters (at most 120)")
    return found


def _shown(share: float | None) -> str:
    return "none to count" if share is None else f"{share:.4f}"
