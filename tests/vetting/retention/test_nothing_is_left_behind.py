"""Every column of every table is looked through: what was erased is nowhere, and what was the reason for a decision is there."""

import json
import logging
import sqlite3
from collections.abc import Iterator, Mapping
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import models

from tests import given
from tests.given_forgetting import SECRETS, TOLD, a_connected_account, an_answered_email, day, everything_in_the_database, worked_on
from tests.given_intake import a_message, an_email
from tests.given_questions import a_question, approved, dana, seen, verified
from vetting import env
from vetting.audit.queries import check_chain, lines
from vetting.correspondence.models import OutgoingMail
from vetting.correspondence.operations import write_letter
from vetting.decisions.models import Decision, Verification
from vetting.encrypted import EncryptedTextField
from vetting.execution.operations import confirm_from_sightings
from vetting.intake.models import Claim, ClaimReading, IntakeAttempt, MailPosition, VerificationEmail
from vetting.intake.operations import enter_claim_by_hand
from vetting.matching.models import ClaimLink, Match
from vetting.retention.models import ErasureRun
from vetting.retention.operations import erase_due, erase_due_everywhere
from vetting.school.models import School, SchoolAccount
from vetting.twitter.models import Sighting
from vetting.values import Handle, MailAddress

pytestmark = pytest.mark.django_db

# Where the words of a message find their way, by table and column.
GONE: Mapping[str, set[str]] = {
    "VerificationEmail": {
        "raw", "text", "zones", "subject", "attachments", "defects", "message_id", "forwarded_address", "forwarded_name", "waits_because",
    },
    "MailPosition": {"headers"},
    "Claim": {"child_text", "class_text", "note"},
    "ClaimReading": {"text_as_written"},
    "Match": {"sentence", "evidence_json", "candidates", "workings"},
    "OutgoingMail": {"to_address", "subject", "body"},
    "ConfirmationLink": {"to_address", "handle", "token_hash"},
}  # fmt: skip
# Kept behind a decision as its reason, erased when the message came to nothing.
EVIDENCE: Mapping[str, set[str]] = {
    "VerificationEmail": {
        "from_address", "from_name", "no_answer_because", "authenticity_sentence", "signed_by", "set_aside_why",
    },
    "Claim": {"sender_address", "sender_name", "confirmed_address"},
    "ClaimReading": {"handle"},
}  # fmt: skip
# Of these stages' tables, columns that no message's words reach, with the reason.
NOT_FROM_MAIL: Mapping[str, str] = {
    "VerificationEmail.sha256": "a digest",
    "VerificationEmail.fingerprint": "a digest",
    "VerificationEmail.reference": "made here",
    "MailPosition.folder": "the mailbox's own folder",
    "IntakeAttempt.error": "erased as a row",
    "Claim.reference": "made here",
    "Claim.withdrawn_why": "replaced when nothing came of it; typed by a colleague otherwise",
    "ClaimReading.rule": "one of the reader's own words",
    "ClaimReading.zone": "one of the reader's own words",
    "Match.engine_version": "made here",
    "Match.weights_version": "made here",
    "Match.data_version": "a digest",
    "Match.fingerprint": "a digest",
    "OutgoingMail.template": "one of the letters' names",
    "OutgoingMail.error": "the mail server's failure, by its class",
    "LetterText.template": "one of the letters' names",
    "LetterText.subject": "the school's own wording",
    "LetterText.body": "the school's own wording",
    "ConfirmationLink.reference": "made here",
    "Concern.reference": "made here",
    "Concern.words": "the safeguarding lead's, encrypted; never erased by a clock",
    "Concern.outcome": "the safeguarding lead's, encrypted; never erased by a clock",
    "ErasureRun.counts": "numbers and references",
    **{
        f"{table}.{column}": "the connection to a mailbox"
        for table, columns in {
            "IntakeSource": ("name host username password tenant client_id client_secret access_token folder trusted_receiver last_error"),
            "Probe": "code to_address forged_receiver found_receiver sentence",
            "SigningKey": "selector domain record",
        }.items()
        for column in columns.split()
    },
}
STAGES = ("vetting.intake", "vetting.matching", "vetting.correspondence", "vetting.concerns", "vetting.retention")
TEXTUAL = (models.CharField, models.TextField, models.BinaryField, models.JSONField, EncryptedTextField)


@pytest.fixture
def school() -> School:
    return given.a_school()


@pytest.fixture
def account(school: School) -> SchoolAccount:
    return a_connected_account(given.an_account(school))


def columns() -> Iterator[tuple[str, str]]:
    for table in apps.get_app_config("vetting").get_models():
        if table.__module__.startswith(STAGES):
            for column in table._meta.get_fields():
                if isinstance(column, TEXTUAL) and not getattr(column, "choices", None):
                    yield table.__name__, column.name


def test_every_column_that_could_hold_a_message_s_words_has_its_rule() -> None:
    """Mail is never stored by a version that cannot erase it: a new column fails here until its rule is written."""
    without_rule = [
        f"{table}.{column}"
        for table, column in columns()
        if column not in GONE.get(table, set()) | EVIDENCE.get(table, set()) and f"{table}.{column}" not in NOT_FROM_MAIL
    ]
    assert without_rule == []
    known = {f"{table}.{column}" for table, column in columns()}
    written = {f"{t}.{c}" for rules in (GONE, EVIDENCE) for t, cs in rules.items() for c in cs} | set(NOT_FROM_MAIL)
    assert written - known == set()


def filled_everywhere(rules: Mapping[str, set[str]]) -> None:
    """Every ruled column holds a word that stands nowhere else, whatever the scene put there."""
    for table, names in rules.items():
        model = apps.get_model("vetting", table)
        for name in names:
            column = model._meta.get_field(name)
            if name == "handle":
                value: object = "marker_handle"
            elif isinstance(column, models.BinaryField):
                value = b"MARKER"
            else:
                value = ["MARKER"] if isinstance(column, models.JSONField) else "MARKER"
            model.objects.all().update(**{name: value})


def still_holding(rules: Mapping[str, set[str]]) -> list[str]:
    return [
        f"{table}.{name}"
        for table, names in rules.items()
        for name in sorted(names)
        for value in apps.get_model("vetting", table).objects.values_list(name, flat=True)
        if "marker" in (bytes(value).decode() if isinstance(value, (bytes, memoryview)) else str(value)).lower()
    ]


def seen_somewhere(email: VerificationEmail) -> None:
    carrier = an_email(email.school, a_message("See below.", number=90, sender="sam.patel@st-example.test"))
    MailPosition.objects.create(email=email, inside=carrier, seen_at=given.MONDAY)


def test_each_ruled_column_is_empty_after_the_run(school: School, account: SchoolAccount) -> None:
    email, _ = an_answered_email(account)
    seen_somewhere(email)
    filled_everywhere(GONE)
    erase_due(school=school, at=day(100))
    assert still_holding(GONE) == []


def test_of_a_message_that_came_to_nothing_the_evidence_goes_too(school: School) -> None:
    email = an_email(school, a_message(TOLD))
    worked_on(email)
    Claim.objects.update(confirmed_at=given.MONDAY, confirmed_address="dana@example.org")
    filled_everywhere({**EVIDENCE, "OutgoingMail": GONE["OutgoingMail"]})
    erase_due(school=school, at=day(100))
    assert still_holding({**GONE, **EVIDENCE}) == []
    assert not ClaimLink.objects.exists()
    assert not IntakeAttempt.objects.exists()


def test_no_table_holds_the_words_and_the_reason_for_the_decision_stands(school: School, account: SchoolAccount) -> None:
    email, item = an_answered_email(account)
    raw = bytes(email.raw).decode("latin-1")
    before = everything_in_the_database()
    assert all(word in before for word in (*SECRETS, raw))
    erase_due(school=school, at=day(29))
    assert everything_in_the_database().count("Wintergreen") == before.count("Wintergreen")
    erase_due(school=school, at=day(30))
    after = everything_in_the_database()
    for word in (*SECRETS, raw, "7@example.org"):
        assert word not in after
    email.refresh_from_db()
    claim = Claim.objects.get(email=email)
    assert (email.received_at, email.from_address, claim.sender_name) == (given.MONDAY, "dana@example.org", "Dana Hill")
    assert list(claim.readings.values_list("handle", "text_as_written")) == [("dana_h84", "dana_h84")]
    assert (email.authenticity, Match.objects.get().level) == ("NOT_CHECKED", "STRONG")
    assert Decision.objects.get(item=item).outcome == "APPROVE"
    assert Verification.objects.get(item=item).person == item.person
    assert check_chain(school_id=school.pk).whole


def test_of_what_came_to_nothing_no_table_holds_the_sender_either(school: School) -> None:
    email = an_email(school, a_message(TOLD, sender="Quentin Marrow <quentin@elsewhere.example>"))
    worked_on(email)
    erase_due(school=school, at=day(60))
    after = everything_in_the_database()
    for word in (*SECRETS[:2], "Quentin", "quentin@", "dana_h84", "Robin Fell linked"):
        assert word not in after
    assert VerificationEmail.objects.get().received_at == given.MONDAY
    assert lines(school_id=school.pk, subject=Claim.objects.get())[0].sentence == "(erased) linked a message to (erased)."
    assert check_chain(school_id=school.pk).whole


def test_a_message_that_only_handed_another_on_goes_with_it(school: School, account: SchoolAccount) -> None:
    email, _ = an_answered_email(account)
    carrier = an_email(school, a_message("Please look at the attached.", number=91, sender="sam.patel@st-example.test"), at=day(5))
    MailPosition.objects.create(email=email, inside=carrier, seen_at=day(5))
    run = erase_due(school=school, at=day(31))
    assert (run.counts["decided"], run.counts["unmatched"]) == (1, 1)
    carrier.refresh_from_db()
    assert carrier.raw is None


def test_what_was_told_otherwise_and_letters_about_no_message_go_too(school: School, account: SchoolAccount) -> None:
    priya = given.priya(school)
    person = dana(school, "Robin Fell")

    def told(handle: str, name: str) -> Claim:
        phone = Claim.Channel.PHONE
        return enter_claim_by_hand(
            school=school,
            handle=Handle(handle),
            name=name,
            channel=phone,
            by=priya,
            at=given.MONDAY,
            note="Zebedee rang",
            child_text="Wintergreen",
        )

    def written(claim: Claim | None) -> OutgoingMail:
        to = MailAddress("robin@example.org")
        letter = write_letter(school=school, template="need_more", to=to, claim=claim, by=priya, at=given.MONDAY)
        OutgoingMail.objects.filter(pk=letter.pk).update(sent_at=given.MONDAY)
        return letter

    nothing, open_one = told("quentin_m", "Quentin Marrow"), told("dana_h84", person.name)
    item = a_question(account, handle="dana_h84", person=person)
    Match.objects.filter(pk=item.match_id).update(claim=open_one)
    alone, about_open = written(None), written(open_one)
    run = erase_due(school=school, at=day(59))
    assert (run.counts["told"], run.counts["letters"]) == (0, 0)
    rehearsed = erase_due(school=school, at=day(60), rehearsal=True)
    run = erase_due(school=school, at=day(60))
    assert (run.counts["told"], run.counts["letters"]) == (1, 1)
    assert run.counts == rehearsed.counts
    for row in (nothing, open_one, alone, about_open):
        row.refresh_from_db()
    assert (nothing.sender_name, nothing.note, nothing.child_text, nothing.withdrawn_at) == ("", "", "", day(60))
    assert list(nothing.readings.values_list("handle", "text_as_written")) == [(None, "")]
    assert (open_one.note, open_one.child_text, about_open.to_address) == ("Zebedee rang", "Wintergreen", "robin@example.org")
    assert (alone.to_address, alone.body) == ("", "")
    assert "Quentin" not in everything_in_the_database()
    item = approved(verified(item, priya), given.mr_okafor(school))
    seen(item, Sighting.Relation.FOLLOWS, given.MONDAY + timedelta(hours=1))
    confirm_from_sightings(school_account=account, at=given.MONDAY + timedelta(hours=1))
    assert erase_due(school=school, at=day(61)).counts["told"] == 1
    after = everything_in_the_database()
    assert "Zebedee" not in after
    assert "Wintergreen" not in after
    open_one.refresh_from_db()
    assert (open_one.sender_name, open_one.withdrawn_at) == (person.name, None)
    assert erase_due_everywhere(at=day(61)) == 0
    assert check_chain(school_id=school.pk).whole


def test_a_letter_written_after_its_message_was_erased_goes_in_its_turn(school: School, account: SchoolAccount) -> None:
    email, _ = an_answered_email(account)
    erase_due(school=school, at=day(31))
    claim = Claim.objects.get(email=email)
    to, writer = MailAddress("late@example.org"), given.a_colleague(school, "Robin Vale", "OFFICE")
    letter = write_letter(school=school, template="yes", to=to, claim=claim, by=writer, at=day(32))
    OutgoingMail.objects.filter(pk=letter.pk).update(sent_at=day(32))
    erase_due(school=school, at=day(91))
    assert "late@example.org" in everything_in_the_database()
    erase_due(school=school, at=day(92))
    assert "late@example.org" not in everything_in_the_database()


def test_a_guess_does_not_look_like_a_name_that_stood_there_afterwards(school: School, account: SchoolAccount) -> None:
    email, _ = an_answered_email(account)
    ClaimReading.objects.update(repaired=True, text_as_written="Dana Hill 84")
    erase_due(school=school, at=day(31))
    assert ClaimReading.objects.get(claim__email=email).text_as_written == ""


def test_the_file_on_the_disk_forgets_too(tmp_path: Path) -> None:
    """SQLite as we open it: an erased row's pages are overwritten, not only given back."""
    path = tmp_path / "register.sqlite3"
    settings = env.SQLITE_OPTIONS["init_command"]
    with sqlite3.connect(path, isolation_level=None) as database:
        for pragma in settings.split(";"):
            database.execute(pragma)
        database.execute("CREATE TABLE mail (pk INTEGER PRIMARY KEY, raw BLOB)")
        database.executemany("INSERT INTO mail (raw) VALUES (?)", [(b"Wintergreen " * 2_000,) for _ in range(20)])
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        assert b"Wintergreen" in path.read_bytes()
        database.execute("UPDATE mail SET raw = NULL")
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert b"Wintergreen" not in path.read_bytes()


def test_no_word_of_a_message_is_logged(school: School, account: SchoolAccount, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        an_answered_email(account)
        erase_due(school=school, at=day(100))
    # Django's own database log is off in the product (its level is never below INFO in an installation); all others speak.
    said = "\n".join(record.getMessage() for record in caplog.records if not record.name.startswith("django.db"))
    for word in (*SECRETS, "dana@example.org", "dana_h84"):
        assert word not in said


def test_the_command_rehearses_first_and_then_erases(school: School, account: SchoolAccount) -> None:
    email, _ = an_answered_email(account)

    def run(*options: str) -> dict[str, object]:
        told = StringIO()
        call_command("erase", "--school", school.slug, "--json", *options, stdout=told)
        return json.loads(told.getvalue())

    Decision.objects.update(at=given.MONDAY - timedelta(days=400))
    rehearsed = run()
    assert (rehearsed["rehearsal"], rehearsed["decided"], rehearsed["letters"], rehearsed["links"]) == (True, 1, 1, 1)
    assert rehearsed["emails"] == [email.reference]
    email.refresh_from_db()
    assert email.erased_at is None
    erased = run("--apply")
    assert {**erased, "rehearsal": True} == rehearsed
    assert OutgoingMail.objects.get().body == ""
    assert run()["decided"] == 0
    assert ErasureRun.objects.filter(rehearsal=True).count() == 2
    with pytest.raises(CommandError):
        call_command("erase", "--school", "nobody", stdout=StringIO())
