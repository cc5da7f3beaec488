"""`manage.py parse_mail`: what the register understands of an e-mail."""

import json
import sys
from argparse import RawDescriptionHelpFormatter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from vetting.intake.authenticity import assess
from vetting.intake.parser_process import ParserFailed, parse_apart
from vetting.intake.parsing import ParsedEmail

HELP = """Show what the register understands of an e-mail: who sent it, the Twitter names in it, the child, the class.

Reads .eml files (or standard input for "-") and touches no database, so it is safe to try on anything:

  python3 manage.py parse_mail message.eml
  python3 manage.py parse_mail --json *.eml
  python3 manage.py parse_mail --trusted-receiver mx.google.com message.eml

A Twitter name marked "guessed" was written with a space, a dot or a hyphen; it never counts as proof.
Ends with 1 when a file could not be read."""


class Command(BaseCommand):
    help = HELP
    requires_system_checks = ()

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        return super().create_parser(prog_name, subcommand, formatter_class=RawDescriptionHelpFormatter, **kwargs)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="+", metavar="FILE", help="an .eml file, or - for standard input")
        parser.add_argument("--json", action="store_true", help="print everything, one JSON object for each file and line")
        parser.add_argument(
            "--trusted-receiver",
            default="",
            metavar="SERVER",
            help="judge the sender by this mail server's results, as a declared source would",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        failed = 0
        for name in options["files"]:
            try:
                raw = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
                mail = parse_apart(raw)
            except OSError as error:
                self.stderr.write(f"{name}: cannot be opened ({error.strerror}).")
                failed += 1
            except ParserFailed as failure:
                self.stderr.write(f"{name}: {failure.reason}")
                failed += 1
            else:
                self._show(name, mail, options["trusted_receiver"], as_json=options["json"])
        if failed:
            raise CommandError(f"{failed} of {len(options['files'])} could not be read.")

    def _show(self, name: str, mail: ParsedEmail, receiver: str, *, as_json: bool) -> None:
        judged = assess(mail.headers, receiver, mail.from_address)
        if as_json:
            answer = {"file": name, **mail.as_json(), "authenticity": judged.label.value, "authenticity_sentence": judged.sentence}
            self.stdout.write(json.dumps(answer, ensure_ascii=False))
            return
        sender = f"{mail.from_name} <{mail.from_address}>" if mail.from_address else f"{mail.from_name} (no clear address)".strip()
        lines = [("File", name), ("Kind", mail.mail_class.value), ("From", sender), ("Sender", judged.sentence), ("Subject", mail.subject)]
        if mail.forwarded_address:
            lines.append(("Forwarded from", f"{mail.forwarded_name} <{mail.forwarded_address}>"))
        for found in mail.names:
            shown = f"@{found.handle}" + (" (guessed)" if found.repaired else "") if found.handle else "not a Twitter name"
            lines.append(("Twitter name", f"{shown}: “{found.written}”, {found.rule}, {found.zone.value.lower().replace('_', ' ')}"))
        if not mail.names:
            lines.append(("Twitter name", "none found"))
        lines += [("Child", mail.child_text), ("Class", mail.class_text), ("Attachments", ", ".join(mail.attachments))]
        lines += [("Note", defect) for defect in mail.defects] + ([("Note", "only a part was read")] if mail.truncated else [])
        self.stdout.write("\n".join(f"{label + ':':<16}{value}" for label, value in lines if value) + "\n")
