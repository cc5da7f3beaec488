"""Load the school's list of parents from a CSV file."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from vetting.management.one_school import SchoolCommand

HELP = """\
Check a school's list of parents and carers (CSV, as exported from its information system) against the register,
and load it with --apply. Without --apply nothing is changed: you see what would happen.

Kept: the adult's name, number, e-mail and relationship, the child's name, number, year, class and leaving date, and a
court-order mark (it goes to the safeguarding lead). Every other column is dropped unread and named.
Nobody is removed from Twitter by loading a list.

  manage.py import_roster --school st-example --by priya@st-example.sch.uk contacts.csv
  manage.py import_roster --school st-example --by priya@st-example.sch.uk contacts.csv --complete --apply
"""


class Command(SchoolCommand):
    help = HELP

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file", type=Path, help="the CSV file")
        parser.add_argument("--by", required=True, metavar="EMAIL", help="who loads it; must have the office or admin role at this school")
        parser.add_argument("--complete", action="store_true", help="the list is complete: say who is missing (default: additions only)")
        parser.add_argument("--apply", action="store_true", help="write it into the register (default: only look)")

    def handle(self, *args: Any, **options: Any) -> None:
        from accounts.models import User
        from vetting.roster.models import RosterImport
        from vetting.roster.operations import apply_import, discard_import, rehearse_import
        from vetting.school.models import Role
        from vetting.school.queries import roles_of
        from vetting.values import BadValue, Refused

        school = self.school(options)
        by = User.objects.filter(email=options["by"].strip().lower()).first()
        if by is None or not roles_of(school=school, user=by) & {Role.OFFICE, Role.ADMIN}:
            raise CommandError(f"{options['by']} may not load lists at {school.name}: the office or admin role is needed.")
        try:
            contents = options["file"].read_bytes()
        except OSError as error:
            raise CommandError(f"The file cannot be read: {error.strerror}.") from error
        kind = RosterImport.Kind.COMPLETE if options["complete"] else RosterImport.Kind.ADDITIONS
        try:
            row = rehearse_import(school=school, file_name=options["file"].name, contents=contents, by=by, at=timezone.now(), kind=kind)
            self._print(row)
            if row.stopped_because:
                raise CommandError(row.stopped_because)
            if options["apply"]:
                apply_import(roster_import=row, by=by, at=timezone.now())
                self.stdout.write(self.style.SUCCESS(f"Applied: {row.rehearsal['changes']} changes."))
            else:
                discard_import(roster_import=row, by=by, at=timezone.now())
                self.stdout.write("Nothing was changed. Add --apply to load it.")
        except (BadValue, Refused) as error:
            raise CommandError(error.sentence) from error

    def _print(self, row: Any) -> None:
        seen, out = row.rehearsal, self.stdout.write
        columns, counts = seen["columns"], seen["counts"]
        kind = row.get_kind_display().lower()
        out(f"{row.file_name}: {counts['rows']} rows, {counts['pupils']} pupils, {counts['people']} adults ({kind})")
        out(f"  kept     {', '.join(f'{heading} ({use})' for heading, use in columns['kept'])}")
        out(f"  dropped  {', '.join(columns['dropped']) or 'nothing'}\n")
        out(f"  {'':<12}{'now':>6}{'after':>8}")
        for name, title in (("pupils", "Pupils"), ("people", "Adults"), ("addresses", "E-mails")):
            out(f"  {title:<12}{seen['before'][name]:>6}{seen['after'][name]:>8}")
        out(f"\n  {'Year':<12}{'now':>6}{'list':>8}")
        for year in seen["years"]:
            out(f"  {year['year']:<12}{year['was']:>6}{year['now']:>8}")
        out("")
        for name, title in (("needs_you", "Needs you"), ("new", "New"), ("changed", "Changed"), ("no_longer_listed", "No longer listed")):
            self._section(title, seen[name])
        out(f"  Same: {seen['same']}")
        for warning in row.warnings:
            out(self.style.WARNING(f"  ! {warning}"))

    def _section(self, title: str, entries: list[dict[str, str]], shown: int = 12) -> None:
        self.stdout.write(f"  {title}: {len(entries)}")
        for entry in entries[:shown]:
            self.stdout.write(f"    {entry['name']:<28} {entry['sentence']}")
        if len(entries) > shown:
            self.stdout.write(f"    … and {len(entries) - shown} more")
