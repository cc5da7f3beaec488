"""`manage.py parse_mail`: what the register understands of an e-mail."""

import json
import time
from typing import Any

from django.core.management.base import CommandError, CommandParser

from vetting.intake.authenticity import assess
from vetting.intake.parser_process import ParserFailed, parse_apart
from vetting.intake.parsing import FoundName, ParsedEmail, ZoneKind
from vetting.management.mail_files import MailFile, messages
from vetting.management.one_school import PlainCommand

HELP = """Show what the register understands of an e-mail: who sent it, the Twitter names in it, the child, the class.

Reads .eml and .mbox files, folders (searched with everything below them) or standard input for "-". A file with any other name, or
none after the dot, is taken as one message. It touches no database, so it is safe to try on anything:

  python3 manage.py parse_mail message.eml
  python3 manage.py parse_mail --json exported/ old.mbox
  python3 manage.py parse_mail --trusted-receiver mx.google.com message.eml

A Twitter name marked "guessed" was written with a space, a dot or a hyphen; it never counts as proof.

With --json, one line for each message (those of an mbox are called PATH#1, PATH#2 …), with these keys:

  file            the path as given
  ok              false when the message could not be opened or read; "defects" says why and the rest is empty
  class           human, auto-reply, bounce or list
  from            the one address it is from; null when there is no single one
  ambiguous       true when it does not say clearly who sent it
  subject         the subject, decoded
  label           checked, partly, not_checked or suspicious; only with --trusted-receiver can it be checked or partly
  candidates      the Twitter names found, best first:
    value         the name in small letters without @, or the words as written where they are no name
    rule          what found it: @name, cue, label, profile address, alone on its line, looks like one
    zone          subject, new, signature, quoted, forwarded_header, forwarded_body or disclaimer
    start, end    characters of the subject where zone is subject, else of the text as the register keeps it: the plain part with
                  line ends as \\n and without invisible characters, or what a reader would see of the formatted part
    strength      strong (written exactly, in the sender's own words), weak (exactly, but elsewhere or without a mark), guess (words
                  that are no name as they stand), unusual (16 to 20 characters), lookalike (letters of another alphabet), invalid
  children        the names of children as written
  forwarded_from  whom a forwarded message names as its sender, or null
  truncated       true when only a part was read
  defects         what was wrong with the message
  elapsed_ms      how long it took, with the way to the reading process and back

Ends with 1 when a file could not be opened."""

ZONES = {ZoneKind.FORWARDED: "forwarded_body"}


class Command(PlainCommand):
    help = HELP
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("paths", nargs="+", metavar="PATH", help="an .eml or .mbox file, a folder, or - for standard input")
        parser.add_argument("--json", action="store_true", help="print one line of JSON for each message")
        parser.add_argument(
            "--trusted-receiver",
            default="",
            metavar="SERVER",
            help="judge the sender by this mail server's results, as a declared source would",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        seen = unopened = 0
        for mail in messages(options["paths"]):
            seen += 1
            unopened += bool(mail.trouble)
            self._take(mail, options["trusted_receiver"], as_json=options["json"])
        if unopened:
            raise CommandError(f"{unopened} of {seen} could not be read.")

    def _take(self, mail: MailFile, receiver: str, *, as_json: bool) -> None:
        began = time.perf_counter()
        parsed, trouble = None, mail.trouble
        if not trouble:
            try:
                parsed = parse_apart(mail.raw)
            except ParserFailed as failure:
                trouble = failure.reason
        elapsed = round((time.perf_counter() - began) * 1000, 1)
        if as_json:
            answer = _answer(parsed, receiver) if parsed is not None else _no_answer(trouble)
            self.stdout.write(json.dumps({"file": mail.name, **answer, "elapsed_ms": elapsed}))
        elif parsed is None:
            self.stderr.write(f"{mail.name}: {trouble}")
        else:
            self._show(mail.name, parsed, receiver)

    def _show(self, name: str, mail: ParsedEmail, receiver: str) -> None:
        judged = assess(mail.headers, receiver, mail.from_address)
        sender = f"{mail.from_name} <{mail.from_address}>" if mail.from_address else f"{mail.from_name} (no clear address)".strip()
        lines = [("File", name), ("Kind", mail.mail_class.value), ("From", sender), ("Sender", judged.sentence), ("Subject", mail.subject)]
        if mail.forwarded_address:
            lines.append(("Forwarded from", f"{mail.forwarded_name} <{mail.forwarded_address}>".strip()))
        for found in mail.names:
            shown = f"@{found.handle}" + (" (guessed)" if found.repaired else "") if found.handle else "not a Twitter name"
            lines.append(("Twitter name", f"{shown}: “{found.written}”, {found.rule}, {_zone(found).replace('_', ' ')}"))
        if not mail.names:
            lines.append(("Twitter name", "none found"))
        lines += [("Child", ", ".join(mail.children) or mail.child_text), ("Class", mail.class_text)]
        lines += [("Attachments", ", ".join(mail.attachments)), ("No answer", mail.no_answer_because)]
        lines += [("Note", defect) for defect in mail.defects] + ([("Note", "only a part was read")] if mail.truncated else [])
        self.stdout.write("\n".join(f"{label + ':':<16}{value}" for label, value in lines if value) + "\n")


def _answer(mail: ParsedEmail, receiver: str) -> dict[str, Any]:
    return {
        "ok": True,
        "class": mail.mail_class.value.lower().replace("_", "-"),
        "from": mail.from_address or None,
        "ambiguous": mail.sender_ambiguous,
        "subject": mail.subject,
        "label": assess(mail.headers, receiver, mail.from_address).label.value.lower(),
        "candidates": [
            {
                "value": found.handle or found.written,
                "rule": found.rule,
                "zone": _zone(found),
                "start": found.start,
                "end": found.end,
                "strength": found.strength.value.lower(),
            }
            for found in mail.names
        ],
        "children": list(mail.children),
        "forwarded_from": mail.forwarded_address or None,
        "truncated": mail.truncated,
        "defects": list(mail.defects),
    }


def _no_answer(trouble: str) -> dict[str, Any]:
    """The same keys for a message that could not be opened or read."""
    return {
        "ok": False,
        "class": None,
        "from": None,
        "ambiguous": True,
        "subject": "",
        "label": "not_checked",
        "candidates": [],
        "children": [],
        "forwarded_from": None,
        "truncated": False,
        "defects": [trouble],
    }


def _zone(found: FoundName) -> str:
    return ZONES.get(found.zone, found.zone.value.lower())
