"""A backup into an empty register, which then only watches."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from vetting.management.one_school import PlainCommand

HELP = """\
Put a backup into an empty register: all of it or nothing. Every table's rows are counted and compared with what was written,
and every school's record is checked link by link. The register must hold nothing yet and must have the tables of the version
that made the backup; put its keys in place first, or what is encrypted cannot be read.

Afterwards every school only watches: mail and Twitter are read, and nothing outside is changed. No letter goes, nobody is
removed, let in or declined, until an admin of the school has looked and lets it act again. What the backup held as still to
be done is then asked for once more, because nobody knows what was done since it was made.

  manage.py migrate
  manage.py restore register-2026-11-27-180000.zip
"""


class Command(PlainCommand):
    help = HELP

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="a file made by `backup`")

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        from vetting.management.restoring import NotRestored, restore_backup

        try:
            found = restore_backup(file, at=timezone.now())
        except NotRestored as refusal:
            raise CommandError(f"{refusal.sentence} Nothing was changed.") from refusal
        for slug, entries in found.records.items():
            self.stdout.write(f"  {slug}: its record is whole, {entries} entries checked")
        rows = sum(found.counts.values())
        self.stdout.write(
            self.style.SUCCESS(f"{rows} rows of {len(found.counts)} tables are back, as they were on {found.made_at:%d %B %Y, %H:%M} UTC.")
        )
        self.stdout.write("The register only watches now. Sign in as an admin, look, and let it act again from the notice on every page.")
