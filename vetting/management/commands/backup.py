"""The whole register into one file."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from vetting.management.one_school import PlainCommand

HELP = """\
Write the whole register, every school of it, into one file that `restore` can read: the same file from SQLite and from
PostgreSQL. The register may be in use meanwhile; the file holds it as it was at one moment.

Tokens, passwords and reasons only the safeguarding lead may read are encrypted in it, as in the database. The keys are not in
it: keep a copy of DATA_DIR/secrets (or of ENCRYPTION_KEYS and SECRET_KEY) apart from the backups. The file names families: keep
it as safe as the register, and no longer than your longest retention rule.

  manage.py backup                       a dated file in DATA_DIR/backups
  manage.py backup /mnt/safe             a dated file in that folder
  manage.py backup /mnt/safe/today.zip   that file, which must not exist
"""


class Command(PlainCommand):
    help = HELP

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("where", nargs="?", type=Path, help="file or folder (default: DATA_DIR/backups)")

    def handle(self, *args: Any, where: Path | None, **options: Any) -> None:
        from vetting.management.backing_up import write_backup

        at = timezone.now()
        try:
            path = self._file(where, f"register-{at:%Y-%m-%d-%H%M%S}.zip")
            counts = write_backup(path, at=at)
        except FileExistsError as there:
            raise CommandError(f"There is a file {there} already. Nothing was written over.") from there
        except OSError as trouble:
            raise CommandError(f"The backup could not be written: {trouble.strerror or type(trouble).__name__}.") from trouble
        self.stdout.write(self.style.SUCCESS(f"{sum(counts.values())} rows of {len(counts)} tables are in {path}"))
        self.stdout.write("The keys are not in it. Without a copy of them, what is encrypted in it can never be read again.")

    def _file(self, where: Path | None, name: str) -> Path:
        folder = Path(settings.DATA_DIR) / "backups"
        if where is None:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            return folder / name
        return where / name if where.is_dir() else where
