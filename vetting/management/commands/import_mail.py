"""`manage.py import_mail`: e-mails from files into the register."""

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.timezone import now

from vetting.intake.giving import Given, note_given, store_given
from vetting.intake.mailbox.upload import Form, GivenFile, recognise
from vetting.intake.models import VerificationEmail
from vetting.intake.operations import parse_stored
from vetting.intake.parsing.decoding import clean
from vetting.management.one_school import SchoolCommand
from vetting.management.progress import Progress
from vetting.school.models import Job, School
from vetting.school.operations import advance_job, end_job, start_job
from vetting.values import BadValue

HELP = """Put e-mails from files into a school's register, and read them, as if they had come into its mailbox.

Takes .eml files, .mbox files and folders, which are searched with everything below them; what a file is, its content says:

  python3 manage.py import_mail --school st-example exported/
  python3 manage.py import_mail --school st-example --json old.mbox one-more.eml

A message that is there already is not taken twice, so the command may be repeated. Nobody can tell any more who really sent a
message that lay in a file, so none of these counts as checked.

--json prints one line for each file ({"file", "messages", "new"} or {"file", "error"}) and a last one with the sum:
{"messages", "new", "seen_before", "waiting", "failed"}, where "waiting" counts the new e-mails somebody has to look at and
"failed" those among them that could not be read. The exit code is 1 when a path could not be read; the others are stored."""

_BEGINNING = 4096


@dataclass
class _Loading:
    """What was given so far, which e-mails were new, and which paths could not be read."""

    given: Given = field(default_factory=Given)
    new: list[int] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)

    def note(self, email: VerificationEmail, is_new: bool) -> None:
        if is_new:
            self.new.append(email.pk)


class Command(SchoolCommand):
    help = HELP

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--json", action="store_true", help="JSON instead of sentences")
        parser.add_argument("paths", nargs="+", metavar="PATH", help="an .eml file, an .mbox file, or a folder of them")

    def handle(self, *args: Any, **options: Any) -> None:
        school = self.school(options)
        self._json = options["json"]
        loading = _Loading()
        files = list(_files(options["paths"], loading.troubles))
        if not files and not loading.troubles:
            raise CommandError("There are no .eml or .mbox files there.")
        job = start_job(
            school=school, kind="import_mail", by=None, at=now(), total=len(files), sentence="E-mails are being loaded from files."
        )
        try:
            self._load(school, files, loading, job)
            note_given(school=school, given=loading.given, by=None, at=now())
            self._read(len(loading.new))
        except BaseException as trouble:
            end_job(job=job, at=now(), error=type(trouble).__name__)
            raise
        # A file's name may hold bytes that are no text; what is written down may not.
        end_job(job=job, at=now(), error=clean(" ".join(loading.troubles)))
        self._say_what_came_of_it(school, loading)
        if loading.troubles:
            raise CommandError("\n".join([*loading.troubles, "Everything else is stored."]))

    def _load(self, school: School, files: list[Path], loading: _Loading, job: Job) -> None:
        with Progress("files", len(files), sys.stderr) as progress:
            for number, path in enumerate(files, 1):
                before = (loading.given.messages, loading.given.new)
                trouble = _store(school, path, loading)
                if trouble:
                    loading.troubles.append(trouble)
                found = {"messages": loading.given.messages - before[0], "new": loading.given.new - before[1]}
                self._line({"file": str(path), **({"error": trouble} if trouble else {}), **found})
                progress.show(number)
                if number % 100 == 0 or number == len(files):
                    advance_job(job=job, done=number)

    def _read(self, count: int) -> None:
        read = 0
        with Progress("e-mails read", count, sys.stderr) as progress:
            while done := parse_stored(at=now()):
                read += done
                progress.show(min(read, count))

    def _say_what_came_of_it(self, school: School, loading: _Loading) -> None:
        given, waiting, failed = loading.given, 0, 0
        for start in range(0, len(loading.new), 500):
            mine = VerificationEmail.objects.filter(school=school, pk__in=loading.new[start : start + 500])
            waiting += mine.exclude(waits_because="").count()
            failed += mine.filter(parse_failures__gt=0).count()
        counts = {"messages": given.messages, "new": given.new, "seen_before": given.messages - given.new}
        if self._json:
            self._line({**counts, "waiting": waiting, "failed": failed})
            return
        self.stdout.write(f"Done: {given.messages} messages, {given.new} new e-mails, {given.messages - given.new} seen before.")
        self.stdout.write(f"Of the new ones {waiting} wait for somebody to look; {failed} could not be read.")

    def _line(self, facts: dict[str, Any]) -> None:
        if self._json:
            self.stdout.write(json.dumps(facts))


def _files(paths: list[str], troubles: list[str]) -> Iterator[Path]:
    for path in map(Path, paths):
        if path.is_dir():
            yield from sorted(found for found in path.rglob("*") if found.suffix.lower() in (".eml", ".mbox") and found.is_file())
        elif path.is_file():
            yield path
        else:
            troubles.append(f"{path} does not exist.")


def _store(school: School, path: Path, loading: _Loading) -> str:
    """The sentence of what went wrong; "" when the file was stored. What came before the trouble stays stored."""
    try:
        with path.open("rb") as file, GivenFile(path.name, file, form=_form(path.name, file.read(_BEGINNING))) as mailbox:
            store_given(school=school, mailbox=mailbox, given=loading.given, by=None, at=now(), each=loading.note)
    except BadValue as error:
        return error.sentence
    except OSError as error:
        return f"{path} cannot be read ({error.strerror})."
    return ""


def _form(name: str, beginning: bytes) -> Form:
    """An operator who calls a file .eml means it: whatever is in it becomes a message somebody can look at."""
    return Form.EML if name.lower().endswith(".eml") else recognise(name, beginning)
