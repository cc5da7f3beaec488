"""`manage.py import_mail`: e-mails from files into the register."""

import mailbox
from argparse import RawDescriptionHelpFormatter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.timezone import now

from vetting.intake.models import VerificationEmail
from vetting.intake.operations import parse_stored, receive_email
from vetting.school.models import Job, School
from vetting.school.operations import advance_job, end_job, start_job

HELP = """Put e-mails from files into a school's register, as if they had come into its mailbox.

Takes .eml files, .mbox files and folders, which are searched with everything below them:

  python3 manage.py import_mail --school st-example exported/
  python3 manage.py import_mail --school st-example old.mbox one-more.eml

A message that is there already is not taken twice, so the command may be repeated. Nobody can tell any more who really sent a
message that lay in a file, so none of these counts as checked."""


class Command(BaseCommand):
    help = HELP

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        return super().create_parser(prog_name, subcommand, formatter_class=RawDescriptionHelpFormatter, **kwargs)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--school", required=True, metavar="SLUG", help="the school's short name")
        parser.add_argument("paths", nargs="+", metavar="FILE_OR_DIR", help="an .eml file, an .mbox file, or a folder of them")

    def handle(self, *args: Any, **options: Any) -> None:
        school = School.objects.filter(slug=options["school"]).first()
        if school is None:
            raise CommandError(f"There is no school with the short name “{options['school']}”.")
        files = list(_files(options["paths"]))
        if not files:
            raise CommandError("There are no .eml or .mbox files there.")
        job = start_job(
            school=school, kind="import_mail", by=None, at=now(), total=len(files), sentence="E-mails are being loaded from files."
        )
        try:
            self._load(school, files, job)
        except CommandError as error:
            end_job(job=job, at=now(), error=str(error))
            raise
        end_job(job=job, at=now())

    def _load(self, school: School, files: list[Path], job: Job) -> None:
        seen = new = 0
        for number, path in enumerate(files, 1):
            try:
                for raw in _messages(path):
                    before = VerificationEmail.objects.filter(school=school).count()
                    at = now()
                    receive_email(school=school, raw=raw, received_at=at, at=at)
                    new += VerificationEmail.objects.filter(school=school).count() - before
                    seen += 1
            except OSError as error:
                raise CommandError(f"{path} cannot be read ({error.strerror}). What came before it is stored.") from error
            if number % 100 == 0 or number == len(files):
                advance_job(job=job, done=number)
                self.stdout.write(f"{number} of {len(files)} files: {seen} messages, {new} new")
        read = 0
        while done := parse_stored(at=now()):
            read += done
            self.stdout.write(f"{read} read")
        waiting = VerificationEmail.objects.filter(school=school).exclude(waits_because="").count()
        self.stdout.write(f"Done: {new} new e-mails, {waiting} in all wait for somebody to look.")


def _files(paths: list[str]) -> Iterator[Path]:
    for path in map(Path, paths):
        if path.is_dir():
            yield from sorted(found for found in path.rglob("*") if found.suffix.lower() in (".eml", ".mbox") and found.is_file())
        elif path.is_file():
            yield path
        else:
            raise CommandError(f"{path} does not exist.")


def _messages(path: Path) -> Iterator[bytes]:
    if path.suffix.lower() != ".mbox":
        yield path.read_bytes()
        return
    box = mailbox.mbox(path, create=False)
    try:
        for key in box.keys():  # noqa: SIM118  # iterating a mailbox gives messages, already parsed
            yield box.get_bytes(key)
    finally:
        box.close()
