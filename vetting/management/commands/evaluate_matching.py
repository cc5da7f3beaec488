"""`manage.py evaluate_matching`: the engine against a school whose truth is known."""

from argparse import ArgumentParser
from pathlib import Path
from time import monotonic
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from vetting.reporting.evaluation import Report, evaluate, read_sample
from vetting.values import BadValue, Level


class Command(BaseCommand):
    help = (
        "Judge a simulated school whose truth is known and print how the engine did. Reads roster, claims, lookups, requests, approved and "
        "truth (.json) from a folder; writes nothing. Ends with an error if anything was offered for approval that must not be."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--sample",
            type=Path,
            default=Path(settings.BASE_DIR) / "tests" / "data" / "matching",
            help="folder with the six files (default: the school that ships with the tests)",
        )

    def handle(self, *args: Any, sample: Path, **options: Any) -> None:
        try:
            facts, truth = read_sample(sample)
        except BadValue as trouble:
            raise CommandError(trouble.sentence) from trouble
        began = monotonic()
        report = evaluate(facts, truth)
        self._print(report, monotonic() - began)
        if report.false_approvals:
            for opinion in report.false_approvals:
                self.stderr.write(f"request {opinion.request}: {opinion.level}")
            raise CommandError(f"{len(report.false_approvals)} offered for approval that must not be.")

    def _print(self, report: Report, seconds: float) -> None:
        out = self.stdout.write
        out(f"{report.requests} requests in {seconds:.2f} s")
        out("  ".join(f"{level.value} {report.by_level[level.value]}" for level in Level))
        out("")
        for category, counts in sorted(report.by_category.items()):
            out(f"  {category:18} {'  '.join(f'{level} {count}' for level, count in sorted(counts.items()))}")
        out("")
        out(f"offered though they must not be   {len(report.false_approvals)}  (target 0)")
        out(f"provable ones offered             {report.provable_offered} of {report.provable}")
        out(f"right person where offered        {report.right_person} of {report.genuine_offered}")
        out(f"imitations left silent            {report.impostors_silent} of {report.impostors}")
        out(f"genuine ones called imitations    {report.genuine_called_impostor} of {report.genuine}")
        out(f"need somebody to look             {report.review} of {report.requests}")
        out(f"longest sentence                  {report.longest_sentence} characters  (at most 120)")
