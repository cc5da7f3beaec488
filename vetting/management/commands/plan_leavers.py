"""Print who no longer belongs."""

import json
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from vetting.management.one_school import SchoolCommand

HELP = """\
List the followers who no longer belong to the school: ready to go, in their time of grace, kept (and why).

The list is made as it is every night: from last days that were written down, never because somebody is missing from one
list. It stops when it is too long to be true, or when the followers were not read completely in the last 8 days. Who is
with the safeguarding lead is counted and not named. Nothing is stored and nobody is removed by this command; with
--propose the list is kept and those who are ready are put before the admins.

  manage.py plan_leavers --school st-example
  manage.py plan_leavers --school st-example --on 2027-10-01 --json
  manage.py plan_leavers --school st-example --propose

With --json one object is printed:
  expected, found, surprises   people whose last reason ended, grace and all: foreseen, in all, the rest
  share                        of a hundred followers, how many would go
  stopped, stop_reasons        whether the list may not go on by itself, and each reason as a sentence
  removals                     those of them who follow: {handle, person, why, grace_ended, expected}
  kept                         who stays though a reason of theirs ended: {handle, person, why}
"""


class Command(SchoolCommand):
    help = HELP

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--on", type=date.fromisoformat, metavar="YYYY-MM-DD", help="as of this day (default: today)")
        parser.add_argument("--json", action="store_true", help="print one JSON object")
        parser.add_argument("--propose", action="store_true", help="put those who are ready before the admins (default: only print)")

    def handle(self, *args: Any, **options: Any) -> None:
        from vetting.leavers.operations import draft_plan

        if options["propose"] and options["on"]:
            raise CommandError("Only today's list can be put before the admins.")
        school = self.school(options)
        at = timezone.now()
        if options["on"]:
            at = datetime.combine(options["on"], time(12), tzinfo=ZoneInfo(school.time_zone))
        drafts = [draft_plan(school_account=account, at=at) for account in school.school_accounts.order_by("handle")]
        if options["json"]:
            self.stdout.write(json.dumps(_as_json(drafts), ensure_ascii=False, indent=2))
        else:
            for draft in drafts:
                self._print(draft)
        if options["propose"]:
            self._propose(school, at)

    def _propose(self, school: Any, at: datetime) -> None:
        from vetting.leavers.operations import plan_removals, propose_removals
        from vetting.values import Refused

        for account in school.school_accounts.order_by("handle"):
            plan = plan_removals(school_account=account, at=at)
            try:
                opened = propose_removals(plan=plan, at=timezone.now())
            except Refused as error:
                raise CommandError(error.sentence) from error
            self.stderr.write(self.style.SUCCESS(f"@{account.handle}: {opened} put before the admins."))

    def _print(self, draft: Any) -> None:
        from vetting.leavers.rules import Group

        titles = {
            Group.READY: "Ready",
            Group.PROPOSED: "Before the admins",
            Group.GRACE: "In grace",
            Group.SOON: "Leaving soon",
            Group.KEPT: "Kept",
            Group.LEAD: "With the safeguarding lead",
        }
        counted = draft.tally
        self.stdout.write(
            f"@{draft.account.handle}: {counted.followers} followers. Expected {counted.expected}, found {counted.found}, "
            f"surprises {counted.surprises}. {draft.sentence or 'Within the limits.'}"
        )
        lines = [(one, line) for one in draft.found if (line := one.soon or one.judgement)]
        for group, title in titles.items():
            of_group = [(one, line) for one, line in lines if line.group is group]
            self.stdout.write(f"  {title}: {len(of_group)}")
            # Who is with the safeguarding lead is a number and no name, whoever reads this screen or its log.
            for one, line in of_group if group is not Group.LEAD else ():
                self.stdout.write(f"    @{one.follower.profile.handle:<16} {one.person.name:<24} {line.why}")


def _as_json(drafts: list[Any]) -> dict[str, Any]:
    """One object for the school; people are counted once, followers of every account of its own."""
    from vetting.leavers.rules import Group

    tallies = [draft.tally for draft in drafts]
    followers, ready = sum(one.followers for one in tallies), sum(one.ready for one in tallies)
    expected, surprises = max((one.expected for one in tallies), default=0), max((one.surprises for one in tallies), default=0)
    reasons = list(dict.fromkeys(reason for draft in drafts for reason in draft.stop_reasons))
    found = [one for draft in drafts for one in draft.found if one.judgement]
    removals = [
        _line(one) | {"grace_ended": one.judgement.grace_ends_on.isoformat(), "expected": one.judgement.expected}
        for one in found
        if one.judgement.group is Group.READY
    ]
    return {
        "expected": expected,
        "found": expected + surprises,
        "surprises": surprises,
        "share": round(ready * 100 / followers, 1) if followers else 0.0,
        "stopped": bool(reasons),
        "stop_reasons": reasons,
        "removals": removals,
        "kept": [_line(one) for one in found if one.judgement.group is Group.KEPT],
    }


def _line(one: Any) -> dict[str, Any]:
    return {"handle": one.follower.profile.handle, "person": one.person.name, "why": one.judgement.why}
