"""How fast, told as ratios."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from vetting.management.benches import ALL_BENCHES, BENCHES, SLACK, NotHere, measure, workplace


class Command(BaseCommand):
    help = (
        "Measure parts of the product. Each bench runs two ways in turn (A B A B …) and prints the ratio of their medians, which says the "
        "same on a fast and a slow machine. Some also print an absolute figure with a guide. Everything happens in a scratch database that "
        "is dropped afterwards. The exit code is 1 when a ratio passes its ceiling, or a figure three times its guide."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("names", nargs="*", metavar="BENCH", help="Which to run (default: all that are quick).")
        parser.add_argument("--list", action="store_true", help="Only say which there are.")
        parser.add_argument("--rounds", type=int, default=7, help="How often each way runs (default: %(default)s).")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["list"]:
            for name, (build, _) in ALL_BENCHES.items():
                self.stdout.write(f"{name:<16}{build.__doc__}")
            return
        names = options["names"] or list(BENCHES)
        unknown = [name for name in names if name not in ALL_BENCHES]
        if unknown:
            raise CommandError(f"There is no bench {', '.join(unknown)}. Try: manage.py bench --list")
        with workplace(names):
            slow = [name for name in names if not self._run(name, rounds=max(options["rounds"], 1))]
        if slow:
            raise CommandError(f"Over the ceiling: {', '.join(slow)}.")

    def _run(self, name: str, *, rounds: int) -> bool:
        try:
            bench = ALL_BENCHES[name][0]()
        except NotHere as absent:
            self.stdout.write(f"{name}: not measured. {absent}")
            return True
        try:
            result = measure(bench, rounds=rounds)
            figures = bench.figures()
        finally:
            bench.after()
        ways = f"{bench.first.name} {result.first * 1000:.1f} ms, {bench.second.name} {result.second * 1000:.1f} ms"
        self.stdout.write(f"{bench.title:<28}{result.ratio:>7.2f} ×  (at most {bench.ceiling:g})  {ways}; {bench.meaning}")
        for figure in figures:
            self.stdout.write(
                f"  {figure.name}: {figure.value:.3g} {figure.unit}  (guide {figure.guide:g}, at most {SLACK * figure.guide:g})"
            )
        return result.ratio <= bench.ceiling and not any(figure.too_much for figure in figures)
