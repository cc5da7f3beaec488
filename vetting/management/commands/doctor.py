"""What is wrong, and what to do about it."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from vetting.management import examination


class Command(BaseCommand):
    help = (
        "Examine this installation: database, clock, Redis, secrets, disk space, mailboxes, Twitter connections, time, static files. "
        "Each line says what is well (✔) or what is wrong and what to do (✖). Exit code 0 when all is well, 1 otherwise. "
        "It changes nothing and shows nothing personal."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--only",
            action="append",
            default=[],
            choices=list(examination.CHECKS),
            metavar="CHECK",
            help=f"Only this check; may be given several times: {', '.join(examination.CHECKS)}.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        wanted = options["only"] or list(examination.CHECKS)
        findings = examination.examine(wanted, at=timezone.now())
        for finding in findings:
            self.stdout.write(f"{'✔' if finding.well else '✖'} {finding.sentence}")
        wrong = sum(not finding.well for finding in findings)
        if wrong:
            raise CommandError(f"{wrong} of {len(findings)} need attention.")
