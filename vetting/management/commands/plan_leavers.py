"""Print who no longer belongs."""

from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from vetting.management.one_school import SchoolCommand

HELP = """\
List the followers who no longer belong to the school: ready to go, in their time of grace, kept (and why).

The list is made as it is every night: from last days that were written down, never because somebody is missing from a
list. It stops when it is too long to be true, or when the followers were not read completely in the last 8 days.
With --propose it is kept and those who are ready are put before the admins; without it nothing is stored. Nobody is
removed by this command.

  manage.py plan_leavers --school st-example
  manage.py plan_leavers --school st-example --propose
"""


class Command(SchoolCommand):
    help = HELP

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--propose", action="store_true", help="put those who are ready before the admins (default: only print)")

    def handle(self, *args: Any, **options: Any) -> None:
        from vetting.leavers.operations import plan_removals, propose_removals
        from vetting.values import Refused

        school = self.school(options)
        for account in school.school_accounts.order_by("handle"):
            with transaction.atomic():
                plan = plan_removals(school_account=account, at=timezone.now())
                self._print(account, plan)
                transaction.set_rollback(not options["propose"])
            if not options["propose"]:
                continue
            try:
                opened = propose_removals(plan=plan, at=timezone.now())
            except Refused as error:
                raise CommandError(error.sentence) from error
            self.stdout.write(self.style.SUCCESS(f"{opened} put before the admins."))

    def _print(self, account: Any, plan: Any) -> None:
        from vetting.leavers.queries import lines_of
        from vetting.leavers.rules import Group

        titles = {
            Group.READY: "Ready",
            Group.PROPOSED: "Before the admins",
            Group.GRACE: "In grace",
            Group.KEPT: "Kept",
            Group.LEAD: "With the safeguarding lead",
        }
        self.stdout.write(
            f"@{account.handle}: {plan.followers_count} followers. {plan.verdict_sentence or plan.get_verdict_display() + '.'}"
        )
        lines = lines_of(plan)
        for group, title in titles.items():
            self.stdout.write(f"  {title}: {len(lines[group])}")
            for line in lines[group]:
                self.stdout.write(f"    @{line.follower.profile.handle:<16} {line.person.name:<24} {line.why}")
