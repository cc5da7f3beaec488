"""The register in a process of its own, for proofs that kill it: `python -m tests.proofs.mail_office WHAT …` with DATABASE_URL set.

prepare HOST PORT USER PASSWORD   the tables, a school, its mailbox; prints "ready"
work MINUTES STEP                 reads and parses for ever, the clock starting MINUTES later and moving on by STEP minutes each turn;
                                  prints a line for each turn that read the mailbox and found nothing to do
tell                              what is stored, as JSON
"""

import json
import os
import sys
import time
from datetime import timedelta

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vetting.settings")
django.setup()

from django.core.management import call_command  # noqa: E402  # Django must be set up first
from django.db.models import Count  # noqa: E402  # as above
from django.utils.timezone import now  # noqa: E402  # as above

from vetting.audit.models import AuditEvent  # noqa: E402  # as above
from vetting.intake.mailbox import connect  # noqa: E402  # as above
from vetting.intake.models import Claim, IntakeSource, MailPosition, VerificationEmail  # noqa: E402  # as above
from vetting.intake.operations import add_source, collect, parse_stored  # noqa: E402  # as above
from vetting.school.operations import create_school  # noqa: E402  # as above


def prepare(host: str, port: str, user: str, password: str) -> None:
    call_command("migrate", verbosity=0)
    school = create_school(slug="st-example", name="St Example Primary", at=now())
    facts = {"host": host, "port": int(port), "security": "LOOPBACK", "username": user, "password": password}
    add_source(school=school, kind=IntakeSource.Kind.IMAP, name="Twitter folder", by=None, at=now(), **facts)
    print("ready", flush=True)


def work(minutes: str, step: str) -> None:
    source = IntakeSource.objects.get()
    clock = now() + timedelta(minutes=float(minutes))
    print("at work", flush=True)
    while True:
        clock += timedelta(minutes=float(step))
        stored = collect(source=IntakeSource.objects.get(pk=source.pk), mailbox=connect(source), at=clock)
        read = parse_stored(at=clock)
        if not stored and not read:
            source.refresh_from_db()
            # While the lease of a killed worker lasts nothing is read, which is not the same as nothing to do.
            if source.last_ok_at == clock or source.last_error:
                print(f"idle {source.last_error}", flush=True)
            time.sleep(0.05)


def tell() -> None:
    emails = VerificationEmail.objects.all()
    print(
        json.dumps(
            {
                "emails": [[email.fingerprint, bytes(email.raw).decode("latin-1")] for email in emails],
                "positions": MailPosition.objects.count(),
                "positions_now": MailPosition.objects.filter(uidvalidity=IntakeSource.objects.get().uidvalidity).count(),
                "numberings": MailPosition.objects.values("uidvalidity").distinct().count(),
                "unread": emails.filter(parsed_at=None).count(),
                "failed": emails.filter(parse_failures__gt=0).count(),
                "claims": Claim.objects.count(),
                "claims_of_one": max((row["n"] for row in Claim.objects.values("email").annotate(n=Count("pk"))), default=0),
                "renumbered": AuditEvent.objects.filter(event="intake.source_renumbered").count(),
            }
        )
    )


if __name__ == "__main__":
    {"prepare": prepare, "work": work, "tell": tell}[sys.argv[1]](*sys.argv[2:])
