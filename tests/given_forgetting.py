"""Scenes of forgetting: an e-mail behind an answered question, and everything the office did with another."""

from datetime import datetime, timedelta

from django.db import connection

from tests import given
from tests.given_intake import a_message, an_email
from tests.given_questions import a_question, approved, dana, seen, verified
from vetting.correspondence.operations import write_letter
from vetting.decisions.models import QueueItem
from vetting.execution.operations import confirm_from_sightings
from vetting.intake.models import Claim, IntakeAttempt, VerificationEmail
from vetting.matching.models import Match
from vetting.matching.operations import link_email
from vetting.school.models import SchoolAccount
from vetting.twitter.models import Connection, Sighting
from vetting.values import MailAddress

SECRETS = ("Wintergreen", "Zebedee", "Larkspur lessons")
"""The child's name, a word of the text and the subject: none of them may be found anywhere once erased."""
TOLD = "Hello, my Twitter name is @dana_h84. I am the parent of Wintergreen Hill (6B). Zebedee sends his love."


def a_connected_account(account: SchoolAccount) -> SchoolAccount:
    Connection.objects.create(school_account=account, kind=Connection.Kind.LIVE, connected_at=given.MONDAY)
    return account


def an_answered_email(account: SchoolAccount) -> tuple[VerificationEmail, QueueItem]:
    """Dana's e-mail was read, linked, answered by a letter, and her request approved and seen to follow."""
    email = an_email(account.school, a_message(TOLD, subject="Larkspur lessons", number=7))
    item = a_question(account, handle="dana_h84")
    claim = Claim.objects.get(email=email)
    evidence = [{"code": "CHILD_NAMED", "verdict": "AGREES", "sentence": "It names Wintergreen, a child of Dana Hill.", "facts": {}}]
    Match.objects.filter(pk=item.match_id).update(
        claim=claim,
        sentence="Mother of Wintergreen (Oak).",
        evidence_json=evidence,
        candidates=[{"person": item.person_id, "sentence": "it names their child Wintergreen"}],
        workings={"wrote": [{"field": "CHILD", "fit": "CHILD", "bits": 6.0}]},
    )
    item.refresh_from_db()
    assert item.person is not None
    worked_on(email, item)
    item = approved(verified(item, given.priya(account.school)), given.mr_okafor(account.school))
    seen(item, Sighting.Relation.FOLLOWS, given.MONDAY + timedelta(hours=1))
    confirm_from_sightings(school_account=account, at=given.MONDAY + timedelta(hours=1))
    return email, QueueItem.objects.get(pk=item.pk)


def worked_on(email: VerificationEmail, item: QueueItem | None = None) -> None:
    """What the office does with an e-mail: says whose it is, writes a letter. It had to be read twice."""
    colleague = given.a_colleague(email.school, "Sam Patel", "OFFICE")
    person = item.person if item is not None and item.person is not None else dana(email.school, "Robin Fell")
    claim = link_email(email=email, person=person, by=colleague, at=given.MONDAY).claim
    to = MailAddress.parse("dana@example.org")
    letter = write_letter(school=email.school, template="need_more", to=to, claim=claim, by=colleague, at=given.MONDAY)
    type(letter).objects.filter(pk=letter.pk).update(body="Dear Dana, thank you for writing about Wintergreen.")
    IntakeAttempt.objects.create(email=email, parser_version=1, began_at=given.MONDAY, error="Reading it broke off.")


def day(number: int) -> datetime:
    return given.MONDAY + timedelta(days=number, hours=2)


def everything_in_the_database() -> str:
    """Every value of every column of every table, as text; bytes as their own characters."""
    found: list[str] = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")  # noqa: S608  # the database's own table names
            for row in cursor.fetchall():
                found += [_as_text(value) for value in row]
    return "\n".join(found)


def _as_text(value: object) -> str:
    return bytes(value).decode("latin-1") if isinstance(value, (bytes, memoryview)) else str(value)
