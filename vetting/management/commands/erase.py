"""Forget what may no longer be kept, or rehearse it."""

import json
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from vetting.management.one_school import SchoolCommand

HELP = """\
Count the e-mails whose time has come, with the letters and sentences drawn from them, and what old lists of families left behind,
and with --apply erase them.

Without --apply it is a rehearsal: it counts and names exactly what a run at this moment would erase, and erases nothing.
The clock does the same every hour; this command is for looking first, and for an operator who wants it done now. What is
erased is written down as a number, never as text.

  manage.py erase --school st-example
  manage.py erase --school st-example --apply --json
"""
WORDS = {
    "decided": "e-mails after their decision",
    "unmatched": "e-mails that came to nothing",
    "told": "calls, letters and visits written down",
    "letters": "letters to families",
    "opinions": "comparisons with requests",
    "links": "links to people",
    "attempts": "failed tries to read one",
    "lists": "lists of families that were not loaded",
    "before_lists": "memories of what the register was before a list",
}


class Command(SchoolCommand):
    help = HELP

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--apply", action="store_true", help="erase (default: only count)")
        parser.add_argument("--json", action="store_true", help="print one line of JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        from vetting.retention.operations import erase_due, overwrite_freed_pages

        school = self.school(options)
        run = erase_due(school=school, at=timezone.now(), rehearsal=not options["apply"])
        if options["apply"]:
            overwrite_freed_pages()
        if options["json"]:
            self.stdout.write(json.dumps({"rehearsal": run.rehearsal, **run.counts}))
            return
        for key, words in WORDS.items():
            self.stdout.write(f"  {run.counts[key]:>6}  {words}")
        if run.rehearsal:
            self.stdout.write("This was a rehearsal: nothing was erased. With --apply these are erased.")
        else:
            self.stdout.write(self.style.SUCCESS("Erased."))
