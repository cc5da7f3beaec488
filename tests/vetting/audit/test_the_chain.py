"""The record of what happened cannot be changed without it showing."""

import pytest
from django.db import DatabaseError, connection, transaction

from tests import given
from vetting.audit.events import SENTENCES, Event
from vetting.audit.models import AuditEvent, AuditText
from vetting.audit.operations import record
from vetting.audit.queries import check_chain, lines
from vetting.school.models import School

pytestmark = pytest.mark.django_db


@pytest.fixture
def school() -> School:
    school = given.a_school()
    for _ in range(3):
        with transaction.atomic():
            record(school_id=school.pk, event=Event.CHECK_ASKED, by=None, at=given.MONDAY, words={"note": "Monday"})
    return school


def _past_the_triggers(statement: str) -> None:
    """What somebody with the database file itself could do."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("ALTER TABLE vetting_auditevent DISABLE TRIGGER USER")
            cursor.execute(statement)
            cursor.execute("ALTER TABLE vetting_auditevent ENABLE TRIGGER USER")
        else:
            cursor.execute("DROP TRIGGER audit_event_no_update")
            cursor.execute(statement)


def test_an_event_cannot_be_changed(school: School) -> None:
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        AuditEvent.objects.filter(school_id=school.pk).update(event="school.created")


def test_an_event_cannot_be_deleted(school: School) -> None:
    if connection.vendor == "sqlite":
        # The suite's set-up takes this one trigger off (tests/conftest.py); here it is put back as the migration makes it.
        with connection.cursor() as cursor:
            cursor.execute(_delete_trigger())
    with pytest.raises(DatabaseError, match=r"never (changed or )?deleted"), transaction.atomic():
        AuditEvent.objects.filter(school_id=school.pk).delete()


def _delete_trigger() -> str:
    from importlib import import_module

    return str(import_module("vetting.migrations.0002_audit_is_append_only").SQLITE[1])


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE vetting_auditevent SET event = 'school.role_given' WHERE sequence = 2",
        "UPDATE vetting_auditevent SET at = '2026-01-01 00:00:00+00:00' WHERE sequence = 2",
        "UPDATE vetting_auditevent SET sequence = 9 WHERE sequence = 2",
        "DELETE FROM vetting_audittext; DELETE FROM vetting_auditevent WHERE sequence = 2",
        "DELETE FROM vetting_audittext; DELETE FROM vetting_auditevent WHERE sequence = 4",
    ],
    ids=["another event", "another time", "another place", "one taken out", "the end cut off"],
)
def test_tampering_with_the_table_shows(school: School, tampering: str) -> None:
    assert check_chain(school_id=school.pk).whole
    for statement in tampering.split(";"):
        if "auditevent" in statement:
            _past_the_triggers(statement)
        else:
            with connection.cursor() as cursor:
                cursor.execute(statement)
    assert not check_chain(school_id=school.pk).whole


def test_changed_words_show_and_erased_words_do_not_break_the_chain(school: School) -> None:
    text = AuditText.objects.order_by("pk").last()
    assert text is not None
    AuditText.objects.filter(pk=text.pk).update(words={"note": "Tuesday"})
    assert not check_chain(school_id=school.pk).whole
    text.delete()
    check = check_chain(school_id=school.pk)
    assert check.whole
    assert check.sentence == "The record is whole: 4 entries checked."


def test_an_act_without_a_transaction_has_no_record(school: School, django_db_blocker: object) -> None:
    if connection.in_atomic_block:
        atomic, connection.in_atomic_block = connection.in_atomic_block, False
        try:
            with pytest.raises(RuntimeError, match="in the transaction"):
                record(school_id=school.pk, event=Event.CHECK_ASKED, by=None, at=given.MONDAY)
        finally:
            connection.in_atomic_block = atomic


def test_every_event_has_its_sentence_and_every_sentence_can_be_said() -> None:
    assert set(SENTENCES) == set(Event)


def test_two_schools_have_a_chain_each(school: School) -> None:
    other = given.a_school(name="Other Primary", slug="other")
    assert [line.sequence for line in lines(school_id=other.pk)] == [1]
    assert check_chain(school_id=other.pk).whole
