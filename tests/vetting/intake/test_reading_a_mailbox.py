"""Collecting mail: everything once, whatever staff, the server or a second reader does meanwhile."""

import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connections

from tests import given
from tests.dovecot import Dovecot
from tests.given_intake import a_folder_source, a_message
from vetting.audit.events import Event
from vetting.audit.models import AuditEvent
from vetting.intake import operations as intake
from vetting.intake.mailbox import FetchedMail, connect
from vetting.intake.mailbox.folder import drop
from vetting.intake.mailbox.imap import ImapMailbox
from vetting.intake.models import IntakeSource, MailPosition, VerificationEmail
from vetting.intake.operations import add_source, change_source, collect, collect_due, due_sources
from vetting.school.models import School
from vetting.school.queries import open_alarms
from vetting.values import BadValue

pytestmark = pytest.mark.django_db


def an_imap_source(school: School, server: Dovecot, user: str, **different: object) -> IntakeSource:
    plain = {"host": server.host, "port": server.imap_port, "security": "LOOPBACK", "username": user, "password": server.password}
    return add_source(school=school, kind=IntakeSource.Kind.IMAP, name="Twitter folder", by=None, at=given.MONDAY, **{**plain, **different})


def read(source: IntakeSource, *, minutes: int = 0) -> int:
    return collect(source=source, mailbox=connect(source), at=given.MONDAY + timedelta(minutes=minutes))


def ten_messages(server: Dovecot, *, opened_by_staff: int = 0) -> str:
    user = server.new_user()
    for number in range(10):
        server.deliver(a_message(number=number), user, read_by_staff=number < opened_by_staff)
    return user


def test_every_message_is_stored_once_also_those_staff_opened_first(dovecot: Dovecot) -> None:
    user = ten_messages(dovecot, opened_by_staff=4)
    source = an_imap_source(given.a_school(), dovecot, user)
    assert read(source) == 10
    assert read(source, minutes=1) == 0
    assert (source.messages_on_server, source.last_uid) == (10, 10)
    assert dovecot.flags(user).count("S") == 4


def test_only_new_messages_are_fetched_later(dovecot: Dovecot) -> None:
    user = ten_messages(dovecot)
    source = an_imap_source(given.a_school(), dovecot, user)
    read(source)
    dovecot.deliver(a_message(number=99), user)
    assert read(source, minutes=1) == 1
    assert MailPosition.objects.count() == 11


def test_a_server_that_numbers_its_messages_anew_loses_nothing_and_doubles_nothing(dovecot: Dovecot) -> None:
    user = ten_messages(dovecot)
    source = an_imap_source(given.a_school(), dovecot, user)
    read(source)
    before = source.uidvalidity
    dovecot.renumber(user)
    dovecot.deliver(a_message(number=99), user)
    assert read(source, minutes=1) == 1
    assert source.uidvalidity != before
    assert VerificationEmail.objects.count() == 11
    assert AuditEvent.objects.filter(event=Event.SOURCE_RENUMBERED).count() == 1


def test_a_message_the_reading_missed_is_found_the_next_day(dovecot: Dovecot) -> None:
    user = ten_messages(dovecot)
    source = an_imap_source(given.a_school(), dovecot, user)
    IntakeSource.objects.filter(pk=source.pk).update(last_uid=7, last_ok_at=given.MONDAY)
    source.refresh_from_db()
    with connect(source) as mailbox:
        IntakeSource.objects.filter(pk=source.pk).update(uidvalidity=mailbox.state().uidvalidity)
    source.refresh_from_db()
    assert read(source) == 3
    assert read(source, minutes=24 * 60) == 7


def test_a_wrong_password_gives_the_sentence_raises_the_alarm_and_changes_nothing(dovecot: Dovecot) -> None:
    school = given.a_school()
    user = ten_messages(dovecot)
    source = an_imap_source(school, dovecot, user, password="wrong")
    assert read(source) == 0
    assert "refused the user name or the password" in source.last_error
    assert (source.failures, source.not_before) == (1, given.MONDAY + timedelta(minutes=1))
    assert [alarm.kind for alarm in open_alarms(school)] == ["mailbox"]
    assert not VerificationEmail.objects.exists()
    change_source(source=source, by=given.priya(school), at=given.MONDAY, password=dovecot.password)
    source.refresh_from_db()
    assert read(source, minutes=2) == 10
    assert (source.failures, source.last_error, open_alarms(school)) == (0, "", [])


def test_a_server_that_is_down_is_asked_less_and_less_often_and_the_alarm_waits_for_the_third_failure(dovecot: Dovecot) -> None:
    school = given.a_school()
    source = an_imap_source(school, dovecot, "nobody@school.test", port=1)
    waits = []
    for failure in range(7):
        read(source, minutes=failure * 60)
        waits.append(int((source.not_before - given.MONDAY).total_seconds() / 60) - failure * 60)
        assert bool(open_alarms(school)) == (failure >= 2)
    assert waits == [1, 2, 4, 8, 16, 30, 30]


def test_testing_a_source_says_what_was_found_and_stores_nothing(dovecot: Dovecot) -> None:
    source = an_imap_source(given.a_school(), dovecot, ten_messages(dovecot))
    report = intake.test_source(source)
    assert (report.ok, report.sentence, report.folders, report.messages) == (True, "It works: “INBOX” holds 10 messages.", ("INBOX",), 10)
    source.folder = "Twiter"
    assert intake.test_source(source).sentence == "The mailbox has no folder “Twiter”. It has: INBOX."
    assert not VerificationEmail.objects.exists()


def test_a_source_waits_for_its_turn_and_one_in_trouble_holds_up_no_other() -> None:
    school = given.a_school()
    broken = a_folder_source(school, name="Broken")
    IntakeSource.objects.filter(pk=broken.pk).update(folder="/nowhere")
    good = a_folder_source(school, name="Good")
    drop(Path(good.folder), a_message())
    assert collect_due(at=given.MONDAY) == 1
    assert due_sources(at=given.MONDAY + timedelta(seconds=2)) == []
    assert due_sources(at=given.MONDAY + timedelta(seconds=6)) == [good]
    assert broken in due_sources(at=given.MONDAY + timedelta(seconds=61))


def test_a_file_already_read_stays_where_it_is_and_is_not_read_again() -> None:
    source = a_folder_source(given.a_school())
    path = drop(Path(source.folder), a_message())
    assert (read(source), read(source, minutes=1)) == (1, 0)
    assert path.exists()


def test_another_server_is_another_mailbox_whose_senders_nobody_checks_yet() -> None:
    school = given.a_school()
    source = a_folder_source(school)
    read(source)
    other = Path(source.folder).parent / "other"
    other.mkdir()
    source = change_source(source=source, by=given.priya(school), at=given.MONDAY, folder=str(other))
    assert (source.trusted_receiver, source.uidvalidity) == ("", None)


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({"host": "", "username": "a", "password": "b"}, "name of the mail server"),
        ({"host": "imap.example.org", "username": "", "password": ""}, "user name and the password"),
        ({"host": "imap.example.org", "username": "a", "password": "b", "security": "LOOPBACK"}, "only on this computer"),
        ({"host": "imap.example.org", "username": "a", "password": "b", "port": 99999}, "A port is a number"),
        ({"host": "imap.example.org", "username": "a\r\nA1 DELETE", "password": "b"}, "one line"),
    ],
)
def test_a_source_that_cannot_be_right_is_refused_with_a_sentence(facts: dict[str, object], sentence: str) -> None:
    with pytest.raises(BadValue, match=sentence):
        add_source(school=given.a_school(), kind=IntakeSource.Kind.IMAP, name="Office", by=None, at=given.MONDAY, **facts)
    assert not IntakeSource.objects.exists()


class MeanwhileAnother(ImapMailbox):
    """A mailbox during whose reading something else happens."""

    meanwhile: Callable[[], None]

    def fetch(self, uids: Sequence[int]) -> Iterator[FetchedMail]:
        for number, mail in enumerate(super().fetch(uids)):
            if number == 3:
                self.meanwhile()
            yield mail


def interrupted(source: IntakeSource, meanwhile: Callable[[], None]) -> MeanwhileAnother:
    mailbox = MeanwhileAnother(
        host=source.host,
        port=source.port,
        security=source.security,
        username=source.username,
        password=source.password,
        folder=source.folder,
    )
    mailbox.meanwhile = meanwhile
    return mailbox


def test_a_second_reader_who_comes_while_one_is_reading_leaves_it_alone(dovecot: Dovecot) -> None:
    source = an_imap_source(given.a_school(), dovecot, ten_messages(dovecot))
    second: list[int] = []
    mailbox = interrupted(source, lambda: second.append(read(IntakeSource.objects.get(pk=source.pk))))
    assert collect(source=source, mailbox=mailbox, at=given.MONDAY) == 10
    assert second == [0]


def test_a_reader_who_was_too_slow_loses_the_mailbox_and_nothing_is_stored_twice(dovecot: Dovecot) -> None:
    source = an_imap_source(given.a_school(), dovecot, ten_messages(dovecot))
    second: list[int] = []
    mailbox = interrupted(source, lambda: second.append(read(IntakeSource.objects.get(pk=source.pk), minutes=11)))
    assert collect(source=source, mailbox=mailbox, at=given.MONDAY) == 3
    assert second == [7]
    assert (VerificationEmail.objects.count(), MailPosition.objects.count()) == (10, 10)


@pytest.mark.django_db(transaction=True)
def test_two_readers_at_once_store_every_message_once(dovecot: Dovecot) -> None:
    if connections["default"].vendor == "sqlite":
        pytest.skip("SQLite's test database in memory locks whole tables between threads. Set DATABASE_URL to run it on PostgreSQL.")
    user = ten_messages(dovecot)
    pk = an_imap_source(given.a_school(), dovecot, user).pk
    start = threading.Barrier(4)
    stored: list[int] = []

    def one_reader() -> None:
        source = IntakeSource.objects.get(pk=pk)
        start.wait()
        stored.append(read(source))
        connections.close_all()

    readers = [threading.Thread(target=one_reader) for _ in range(4)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    assert sum(stored) == 10
    assert (VerificationEmail.objects.count(), MailPosition.objects.count()) == (10, 10)
