"""Poison, oversize, flood, a server that breaks off: what can go wrong with one message or one reading stays with it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from django.db import DataError, OperationalError

from tests import given
from tests.given_intake import a_folder_source, a_message
from tests.given_storing import later
from vetting.intake import operations, understanding
from vetting.intake.mailbox import FetchedMail, FolderState, MailboxTrouble, connect
from vetting.intake.mailbox.folder import drop
from vetting.intake.mailbox.port import BEGINNING_BYTES, LARGEST_BYTES
from vetting.intake.models import IntakeAttempt, IntakeSource, MailPosition, VerificationEmail
from vetting.intake.operations import add_source, change_source, collect, due_sources, enter_claim_from_email, parse_stored, receive_email
from vetting.intake.parser_process import ParserFailed
from vetting.intake.queries import emails_that_need_a_look
from vetting.intake.watching import is_silent
from vetting.school.models import School
from vetting.school.queries import open_alarms
from vetting.values import Handle

pytestmark = pytest.mark.django_db

POISON = b"this one breaks the reader"


class AServer:
    """A mailbox whose server behaves as a test says: what it holds, its numbering, and what happens while it is read."""

    def __init__(self, *, numbering: int = 7, meanwhile: Callable[[int], None] = lambda number: None) -> None:
        self.numbering, self.meanwhile = numbering, meanwhile
        self.holds: dict[int, bytes] = {}
        self.asked: list[int] = []

    def __enter__(self) -> "AServer":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def state(self) -> FolderState:
        return FolderState(self.numbering, len(self.holds))

    def uids(self, *, above: int) -> list[int]:
        return sorted(uid for uid in self.holds if uid > above)

    def fetch(self, uids: Sequence[int]) -> Iterator[FetchedMail]:
        self.asked = list(uids)
        for number, uid in enumerate(uids):
            self.meanwhile(number)
            if uid in self.holds:
                yield FetchedMail(uid, self.holds[uid], given.MONDAY, len(self.holds[uid]))

    def folders(self) -> list[str]:
        return ["INBOX"]


def a_mailbox(school: School) -> IntakeSource:
    facts = {"host": "imap.example.org", "username": "a", "password": "b"}
    return add_source(school=school, kind=IntakeSource.Kind.IMAP, name="Office", by=None, at=given.MONDAY, **facts)


def a_server(count: int, **more: object) -> AServer:
    server = AServer(**more)
    server.holds = {number: a_message(number=number) for number in range(1, count + 1)}
    return server


@pytest.fixture
def poisoned(monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader that ends whenever it meets the poison."""
    parse = understanding.parse_apart

    def parse_or_die(raw: bytes) -> object:
        if POISON in raw:
            raise ParserFailed("Reading it broke off.") from OSError("the parser ended")
        return parse(raw)

    monkeypatch.setattr(understanding, "parse_apart", parse_or_die)


def poison_and_one_behind(school: School) -> VerificationEmail:
    bad = receive_email(school=school, raw=a_message(POISON.decode(), number=1), received_at=given.MONDAY, at=given.MONDAY)
    receive_email(school=school, raw=a_message(number=2), received_at=given.MONDAY, at=later(1))
    for minutes in (1, 3, 10, 20, 30):
        parse_stored(at=later(minutes))
    bad.refresh_from_db()
    return bad


@pytest.mark.usefixtures("poisoned")
def test_one_that_cannot_be_read_is_tried_three_times_stands_there_to_see_and_those_behind_it_are_read() -> None:
    school = given.a_school()
    bad = poison_and_one_behind(school)
    assert emails_that_need_a_look(school) == [bad]
    assert bad.waits_because == understanding.UNREADABLE
    assert [attempt.error for attempt in IntakeAttempt.objects.all()] == ["OSError: Reading it broke off."] * 3
    assert VerificationEmail.objects.exclude(pk=bad.pk).get().claims.count() == 1


@pytest.mark.usefixtures("poisoned")
def test_a_newer_reader_tries_again_what_an_older_one_gave_up_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    school = given.a_school()
    bad = poison_and_one_behind(school)
    good = VerificationEmail.objects.exclude(pk=bad.pk).get()
    assert parse_stored(at=later(40)) == 0
    monkeypatch.undo()
    monkeypatch.setattr(understanding, "PARSER_VERSION", understanding.PARSER_VERSION + 1)
    assert parse_stored(at=later(50)) == 1
    bad.refresh_from_db()
    assert (bad.parsed_at, bad.parse_failures, bad.waits_because) == (later(50), 0, "No Twitter name was found in this e-mail.")
    good.refresh_from_db()
    assert good.parsed_at == later(1)
    assert parse_stored(at=later(60)) == 0


@pytest.mark.usefixtures("poisoned")
def test_a_newer_reader_leaves_alone_what_somebody_dealt_with(monkeypatch: pytest.MonkeyPatch) -> None:
    school = given.a_school()
    bad = poison_and_one_behind(school)
    enter_claim_from_email(email=bad, handle=Handle.parse("dana_h84"), by=given.priya(school), at=later(35))
    monkeypatch.setattr(understanding, "PARSER_VERSION", understanding.PARSER_VERSION + 1)
    assert parse_stored(at=later(50)) == 0


def test_what_was_read_but_cannot_be_written_down_counts_as_a_failed_try_and_holds_up_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    school = given.a_school()
    parse = understanding.parse_apart

    def too_much(raw: bytes) -> object:
        parsed = parse(raw)
        return replace(parsed, names=(None,)) if POISON in raw else parsed

    monkeypatch.setattr(understanding, "parse_apart", too_much)
    bad = poison_and_one_behind(school)
    assert bad.waits_because == understanding.UNREADABLE
    assert IntakeAttempt.objects.first().error.startswith("AttributeError: ")
    assert VerificationEmail.objects.exclude(pk=bad.pk).get().claims.count() == 1


def test_when_the_database_is_away_no_message_is_blamed(monkeypatch: pytest.MonkeyPatch) -> None:
    school = given.a_school()
    receive_email(school=school, raw=a_message(), received_at=given.MONDAY, at=given.MONDAY)

    def away(*_: object) -> None:
        raise OperationalError("the server closed the connection")

    monkeypatch.setattr(understanding, "_write_down", away)
    with pytest.raises(OperationalError):
        parse_stored(at=given.MONDAY)
    assert not IntakeAttempt.objects.exists()
    monkeypatch.setattr(understanding, "_write_down", lambda *_: (_ for _ in ()).throw(DataError("a value")))
    parse_stored(at=given.MONDAY)
    assert IntakeAttempt.objects.get().error.startswith("DataError: ")


def test_an_enormous_message_stands_there_to_see_with_its_beginning() -> None:
    school = given.a_school()
    source = a_folder_source(school)
    drop(Path(source.folder), a_message("Nothing.") + b"x" * LARGEST_BYTES, received_at=given.MONDAY)
    drop(Path(source.folder), a_message(number=2), received_at=given.MONDAY)
    assert collect(source=source, mailbox=connect(source), at=given.MONDAY) == 2
    parse_stored(at=given.MONDAY)
    (large,) = emails_that_need_a_look(school)
    assert "larger than 25 MB" in large.waits_because
    assert len(large.raw) == BEGINNING_BYTES


def test_a_flood_is_read_in_batches_with_one_alarm_that_ends_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operations, "MOST_AT_ONCE", 4)
    school = given.a_school()
    source = a_mailbox(school)
    server = a_server(10)
    stored, alarms = [], []
    for _ in range(3):
        assert source in due_sources(at=given.MONDAY)
        stored.append(collect(source=source, mailbox=server, at=given.MONDAY))
        alarms.append([alarm.kind for alarm in open_alarms(school)])
    assert stored == [4, 4, 2]
    assert alarms == [["mail-flood"], ["mail-flood"], []]
    assert (source.last_uid, source.last_ok_at, due_sources(at=given.MONDAY)) == (10, given.MONDAY, [])


def test_a_flood_that_takes_its_time_is_no_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operations, "MOST_AT_ONCE", 2)
    source, server = a_mailbox(given.a_school()), a_server(20)
    for minutes in (0, 20, 40):
        collect(source=source, mailbox=server, at=later(minutes))
    assert source.last_ok_at is None
    assert not is_silent(source, at=later(60))
    assert is_silent(source, at=later(71))


def test_a_paused_mailbox_leaves_no_alarm_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operations, "MOST_AT_ONCE", 2)
    school = given.a_school()
    source = a_mailbox(school)
    collect(source=source, mailbox=a_server(20), at=given.MONDAY)
    change_source(source=source, by=given.priya(school), at=later(1), active=False)
    assert open_alarms(school) == []


def test_a_message_at_which_the_server_always_breaks_off_does_not_keep_the_others_back() -> None:
    def breaks_off(number: int) -> None:
        if server.asked[number] == 3:
            raise MailboxTrouble("imap.example.org broke the connection off.")

    school = given.a_school()
    source = a_mailbox(school)
    server = a_server(6, meanwhile=breaks_off)
    assert [collect(source=source, mailbox=server, at=later(minutes)) for minutes in (0, 1, 3)] == [2, 0, 3]
    server.holds[7] = a_message(number=7)
    assert collect(source=source, mailbox=server, at=later(7)) == 1
    assert [alarm.kind for alarm in open_alarms(school)] == ["mailbox"]
    server.meanwhile = lambda number: None
    assert collect(source=source, mailbox=server, at=later(15)) == 1
    assert (source.last_uid, source.failures, MailPosition.objects.count(), open_alarms(school)) == (7, 0, 7, [])


def test_a_file_that_cannot_be_opened_keeps_no_other_back(monkeypatch: pytest.MonkeyPatch) -> None:
    school = given.a_school()
    source = a_folder_source(school)
    shut, *_ = [drop(Path(source.folder), a_message(number=number), received_at=given.MONDAY) for number in range(5)]
    opened = Path.open

    def refused(path: Path, *args: object, **more: object) -> object:
        if path == shut:
            raise PermissionError(13, "Permission denied")
        return opened(path, *args, **more)

    monkeypatch.setattr(Path, "open", refused)
    assert collect(source=source, mailbox=connect(source), at=given.MONDAY) == 4
    assert [alarm.sentence.partition(".")[0][:7] for alarm in open_alarms(school)] == ["A file "]
    monkeypatch.undo()
    assert collect(source=source, mailbox=connect(source), at=later(1)) == 1
    assert open_alarms(school) == []


def test_many_holes_are_healed_on_the_day_they_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    source = a_mailbox(given.a_school())
    server = a_server(12)
    collect(source=source, mailbox=server, at=given.MONDAY)
    MailPosition.objects.filter(uid__lt=11).delete()
    monkeypatch.setattr(operations, "MOST_AT_ONCE", 4)
    for minutes in range(3):
        collect(source=source, mailbox=server, at=later(24 * 60 + minutes))
    assert MailPosition.objects.count() == 12
    assert source.last_uid == 12


def test_a_server_that_breaks_off_keeps_what_was_stored_and_the_next_reading_goes_on() -> None:
    def goodbye(number: int) -> None:
        if number == 3:
            raise MailboxTrouble("imap.example.org broke the connection off.")

    source = a_mailbox(given.a_school())
    server = a_server(10, meanwhile=goodbye)
    assert collect(source=source, mailbox=server, at=given.MONDAY) == 3
    assert (source.last_uid, source.failures, source.lease_until) == (3, 1, None)
    server.meanwhile = lambda number: None
    assert collect(source=source, mailbox=server, at=later(1)) == 7


def test_a_reader_killed_in_the_middle_keeps_others_away_for_minutes_only() -> None:
    def killed(number: int) -> None:
        if number == 3:
            raise SystemExit

    source = a_mailbox(given.a_school())
    server = a_server(10, meanwhile=killed)
    with pytest.raises(SystemExit):
        collect(source=source, mailbox=server, at=given.MONDAY)
    # A killed process releases nothing.
    IntakeSource.objects.update(lease_until=later(3))
    server.meanwhile = lambda number: None
    assert collect(source=source, mailbox=server, at=later(1)) == 0
    assert collect(source=source, mailbox=server, at=later(4)) == 7


def test_a_server_without_a_numbering_loses_nothing_when_it_gives_an_old_number_again() -> None:
    source = a_mailbox(given.a_school())
    server = a_server(2, numbering=0)
    assert collect(source=source, mailbox=server, at=given.MONDAY) == 2
    assert collect(source=source, mailbox=server, at=later(1)) == 0
    server.holds[1] = a_message("I am @another", number=9)
    assert collect(source=source, mailbox=server, at=later(2)) == 1
    assert (VerificationEmail.objects.count(), MailPosition.objects.count()) == (3, 3)


def test_messages_that_vanish_while_they_are_read_are_left_out() -> None:
    source = a_mailbox(given.a_school())
    server = a_server(5)
    server.meanwhile = lambda number: server.holds.pop(4, None) and None
    assert collect(source=source, mailbox=server, at=given.MONDAY) == 4
    assert source.failures == 0
