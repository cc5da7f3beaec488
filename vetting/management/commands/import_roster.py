"""Load the school's list of parents from a file."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from vetting.management.one_school import SchoolCommand

if TYPE_CHECKING:
    from vetting.roster.importing.rehearsing import Outlook

HELP = """\
Check a school's list of parents and carers (CSV, Excel or a OneRoster zip, as exported from its information system)
against the register with --rehearse, and load it with --apply. A rehearsal writes nothing at all; neither does loading a
list that holds nothing new. What cannot be believed is stopped, with a sentence; the register stays as it is.

Kept: the adult's name, number, e-mail and relationship, the child's name, number, year, class and leaving date, and a
court-order mark (it goes to the safeguarding lead). Every other column is dropped while reading, and named.
Nobody is removed from Twitter by loading a list.

  manage.py import_roster --school st-example contacts.csv --rehearse
  manage.py import_roster --school st-example contacts.xlsx --kind complete --apply --json
  manage.py import_roster --school st-example contacts.csv --mapping columns.json --rehearse

A mapping is the name under which columns are remembered, or a JSON file {"field": "heading" or [column number from 0]}
with the fields pupil_id, pupil_given, pupil_family, pupil_name, year, class_name, left_on, contact_id, title, given,
family, name, email, relationship, mark; those of a second adult in the row end in .2. The exit code is
1 when the list is stopped; with --json it is 0, and `stopped` says so.
"""


class Command(SchoolCommand):
    help = HELP

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file", type=Path, help="the list")
        parser.add_argument(
            "--kind",
            choices=("complete", "additions"),
            default="additions",
            help="complete: the list may show who is missing; additions: it only adds and changes (default)",
        )
        parser.add_argument("--mapping", metavar="NAME|FILE", help="which column is what, where the headings do not say")
        parser.add_argument("--by", metavar="EMAIL", help="in whose name; must have the office or admin role (default: the operator)")
        parser.add_argument("--json", action="store_true", help="one line of JSON for scripts")
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("--rehearse", action="store_true", help="only look")
        what.add_argument("--apply", action="store_true", help="write it into the register")

    def handle(self, *args: Any, **options: Any) -> None:
        from vetting.roster.operations import load_list
        from vetting.values import BadValue, Refused

        school, by = self.school(options), self._by(options)
        mapping = self._mapping(options["mapping"])
        name = options["mapping"] if isinstance(mapping, str) else ""
        try:
            loaded = load_list(
                school=school,
                file_name=options["file"].name,
                contents=self._read(options["file"]),
                by=by,
                at=timezone.now(),
                apply=options["apply"],
                kind=options["kind"].upper(),
                mapping=mapping,
                source=name,
            )
        except (BadValue, Refused) as error:
            if options["json"]:
                self.stdout.write(json.dumps(_figures(None, [error.sentence]), ensure_ascii=False))
                return
            raise CommandError(error.sentence) from error
        outlook = loaded.outlook
        if options["json"]:
            self.stdout.write(json.dumps(_figures(outlook, list(outlook.stopped_because)), ensure_ascii=False))
            return
        self._print(options["file"].name, outlook)
        if outlook.stopped_because:
            raise CommandError(outlook.stop_sentence)
        self._say_what_became_of_it(applied=options["apply"], wrote=loaded.row is not None, changes=outlook.summary["changes"])

    def _by(self, options: dict[str, Any]) -> Any:
        from accounts.models import User
        from vetting.school.models import Role
        from vetting.school.queries import roles_of

        if not options["by"]:
            return None
        school = self.school(options)
        by = User.objects.filter(email=options["by"].strip().lower()).first()
        if by is None or not roles_of(school=school, user=by) & {Role.OFFICE, Role.ADMIN}:
            raise CommandError(f"{options['by']} may not load lists at {school.name}: the office or admin role is needed.")
        return by

    def _read(self, path: Path) -> bytes:
        try:
            return path.read_bytes()
        except OSError as error:
            raise CommandError(f"The file cannot be read: {error.strerror}.") from error

    def _mapping(self, given: str | None) -> dict[str, Any] | str | None:
        """A remembered name, or the contents of a file."""
        if not given or not Path(given).is_file():
            return given or None
        try:
            mapping = json.loads(Path(given).read_text(encoding="utf-8"))
        except ValueError as error:
            raise CommandError(f"{given} is not JSON.") from error
        if not isinstance(mapping, dict):
            raise CommandError(f"{given} must hold one object: {{field: heading}}.")
        return mapping

    def _say_what_became_of_it(self, *, applied: bool, wrote: bool, changes: int) -> None:
        if not applied:
            self.stdout.write("Nothing was changed. Use --apply to load it.")
        elif wrote:
            self.stdout.write(self.style.SUCCESS(f"Applied: {changes} changes."))
        else:
            self.stdout.write(self.style.SUCCESS("The register says all this already: nothing was written."))

    def _print(self, file_name: str, outlook: "Outlook") -> None:
        seen, out = outlook.summary, self.stdout.write
        columns, counts = seen["columns"], seen["counts"]
        out(f"{file_name}: {counts['rows']} rows, {counts['pupils']} pupils, {counts['people']} adults")
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
        for warning in outlook.warnings:
            out(self.style.WARNING(f"  ! {warning}"))

    def _section(self, title: str, entries: list[dict[str, str]], shown: int = 12) -> None:
        self.stdout.write(f"  {title}: {len(entries)}")
        for entry in entries[:shown]:
            self.stdout.write(f"    {entry['name']:<28} {entry['sentence']}")
        if len(entries) > shown:
            self.stdout.write(f"    … and {len(entries) - shown} more")


def _figures(outlook: "Outlook | None", reasons: list[str]) -> dict[str, Any]:
    """What `--json` prints. Of a file that could not be read everything is nought."""
    seen = outlook.summary if outlook else {}
    counts, totals = seen.get("counts", {}), seen.get("totals", {})
    return {
        "rows": counts.get("rows", 0),
        "pupils": counts.get("pupils", 0),
        "people": counts.get("people", 0),
        "emails": counts.get("emails", 0),
        "new": totals.get("new", 0),
        "changed": totals.get("changed", 0),
        "no_longer_listed": totals.get("no_longer_listed", 0),
        "kept": totals.get("kept", 0),
        "leavers": totals.get("leavers", 0),
        "needs_you": totals.get("needs_you", 0),
        "new_restrictions": seen.get("marks", 0),
        "stopped": bool(reasons),
        "stop_reasons": reasons,
        "dropped_columns": seen.get("columns", {}).get("dropped", []),
    }
