"""Files a colleague gives: .eml and .mbox, whatever they are called and whoever made them."""

import json
import time
import tracemalloc
from io import BytesIO, StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from tests import given
from tests.given_intake import a_message
from tests.given_storing import ENVELOPE, a_message_with_a_from_line, an_mbox, later
from vetting.audit.events import Event
from vetting.audit.models import AuditEvent
from vetting.intake import giving
from vetting.intake.mailbox import upload
from vetting.intake.mailbox.port import BEGINNING_BYTES, LARGEST_BYTES
from vetting.intake.mailbox.upload import GivenFile
from vetting.intake.models import IntakeSource, MailPosition, VerificationEmail
from vetting.intake.operations import due_sources, give_files, parse_stored
from vetting.intake.queries import sources
from vetting.management.progress import Progress
from vetting.values import BadValue


def messages_in(content: bytes, name: str = "given") -> list[bytes]:
    with GivenFile(name, BytesIO(content)) as mailbox:
        return [mail.raw for mail in mailbox.fetch(mailbox.uids(above=0))]


def test_an_export_is_cut_into_its_messages_and_each_is_as_it_was_sent() -> None:
    first, second = a_message_with_a_from_line(1), a_message_with_a_from_line(2)
    cut = messages_in(an_mbox(first, second))
    assert [raw.replace(b"Status: RO\nX-Mozilla-Status: 0001\n", b"") for raw in cut] == [first, second]


@pytest.mark.parametrize("body", ["From next week on I am @dana.", "From Dana at 10:00 in 2026", "x\n\nFrom now on\nTo: you", "From "])
def test_an_export_without_marks_is_not_cut_inside_a_message(body: str) -> None:
    raw = a_message(body)
    assert messages_in(ENVELOPE + raw + b"\n" + ENVELOPE + a_message(number=2)) == [raw, a_message(number=2)]


@pytest.mark.parametrize(
    "separator",
    [
        b"From - Mon Nov 09 09:00:00 2026\n",
        b"From MAILER-DAEMON Mon Nov  9 09:00:00 2026\n",
        b"From 1771234567890123456@xxx Mon Nov 09 09:00:00 +0000 2026\n",
        b"From dana@example.org  Mon Nov  9 09:00:00 GMT 2026\n",
        b'From "Dana Hill"@example.org Mon Nov  9 09:00 2026\r\n',
    ],
)
def test_the_line_between_messages_of_every_usual_program_is_known(separator: bytes) -> None:
    assert len(messages_in(separator + a_message() + b"\n" + separator + a_message(number=2))) == 2


def test_a_number_the_sender_wrote_swallows_no_message_behind_it() -> None:
    liar = a_message(top="Content-Length: 100000\n")
    assert len(messages_in(an_mbox(liar, a_message(number=2), a_message(number=3)))) == 3


def test_a_file_is_what_its_content_says() -> None:
    raw, exported = a_message(), an_mbox(a_message(number=1), a_message(number=2))
    assert messages_in(raw, "no ending") == messages_in(raw, "wrong.mbox") == messages_in(ENVELOPE + raw, "x.eml") == [raw]
    assert len(messages_in(exported, "wrong.txt")) == 2
    assert messages_in(b"\xef\xbb\xbf" + exported, "marked.mbox") == messages_in(exported)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "“x” is empty."),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1....", "Outlook message .*save it as .eml"),
        (b"PK\x03\x04....", "Unpack it"),
        (b"%PDF-1.7", "is a PDF"),
        (b"<!DOCTYPE html><html>From: a", "is a web page"),
        (b"  <html><body>Subject: x", "is a web page"),
        (b"\x1f\x8b\x08", "compressed"),
        (b"\x89PNG\r\n", "a picture"),
        (b"Just some words\nwithout: a header", "is no e-mail. Give .eml or .mbox"),
        (b"name,class\nAda,6B\n", "is no e-mail"),
        (b"\x00" * 500, "is no e-mail"),
    ],
)
@pytest.mark.django_db
def test_what_is_no_email_is_refused_with_what_to_do_and_nothing_is_stored(content: bytes, sentence: str) -> None:
    school = given.a_school()
    with pytest.raises(BadValue, match=sentence):
        give_files(school=school, files=[("good.eml", a_message()), ("x", content)], by=given.priya(school), at=given.MONDAY)
    assert not VerificationEmail.objects.exists()
    assert not AuditEvent.objects.filter(event=Event.FILES_GIVEN).exists()


@pytest.mark.django_db
def test_too_much_at_once_is_refused_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    school = given.a_school()
    priya = given.priya(school)
    monkeypatch.setattr(giving, "MOST_MESSAGES", 3)
    with pytest.raises(BadValue, match="more than 3 e-mails"):
        give_files(school=school, files=[("a", an_mbox(*(a_message(number=n) for n in range(4))))], by=priya, at=given.MONDAY)
    with pytest.raises(BadValue, match="larger than 25 MB"):
        give_files(school=school, files=[("a", b"x" * LARGEST_BYTES), ("b", b"x")], by=priya, at=given.MONDAY)
    with pytest.raises(BadValue, match="Choose one or more"):
        give_files(school=school, files=[], by=priya, at=given.MONDAY)
    assert not VerificationEmail.objects.exists()


@pytest.mark.django_db
def test_giving_the_same_files_again_gives_nothing_new_and_both_times_are_recorded() -> None:
    school = given.a_school()
    priya = given.priya(school)
    files = [("one.eml", a_message()), ("all.mbox", an_mbox(a_message(), a_message("@other_name", number=2)))]
    first = give_files(school=school, files=files, by=priya, at=given.MONDAY)
    again = give_files(school=school, files=files, by=priya, at=later(1))
    assert (first.messages, first.new, again.messages, again.new) == (3, 2, 3, 0)
    assert [email.pk for email in first.emails] == [email.pk for email in again.emails]
    assert MailPosition.objects.count() == 3
    events = AuditEvent.objects.filter(event=Event.FILES_GIVEN).order_by("sequence")
    assert [(event.facts, event.by_id) for event in events] == [
        ({"messages": 3, "new": 2}, priya.pk),
        ({"messages": 3, "new": 0}, priya.pk),
    ]


@pytest.mark.django_db
def test_the_place_for_given_files_is_one_for_each_school_no_clock_reads_it_and_no_list_of_mailboxes_shows_it() -> None:
    for slug in ("one", "two"):
        school = given.a_school(slug=slug)
        for number in range(2):
            give_files(school=school, files=[("a", a_message(number=number))], by=given.a_colleague(school, f"P{number}"), at=given.MONDAY)
        assert sources(school) == []
    assert [source.kind for source in IntakeSource.objects.all()] == ["UPLOAD", "UPLOAD"]
    assert due_sources(at=later(600)) == []
    assert VerificationEmail.objects.count() == 4


def test_a_hostile_export_stays_within_bounds() -> None:
    enormous = b"From: a@example.org\n\n" + b"\n" * (LARGEST_BYTES + 1)
    long_line = b"From: b@example.org\n\n" + b"x" * (2 * LARGEST_BYTES)
    content = ENVELOPE + enormous + b"\n" + ENVELOPE + long_line + b"\n\n" + ENVELOPE + a_message()
    tracemalloc.start()
    began = time.monotonic()
    with GivenFile("x", BytesIO(content)) as mailbox:
        there = [(len(mail.raw), mail.size) for mail in mailbox.fetch(mailbox.uids(above=0))]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [length for length, _ in there] == [BEGINNING_BYTES, BEGINNING_BYTES, len(a_message())]
    assert there[1][1] >= 2 * LARGEST_BYTES
    assert peak < 3 * LARGEST_BYTES
    assert time.monotonic() - began < 60


def run(*words: str) -> tuple[list[dict[str, object]], str]:
    out, trouble = StringIO(), ""
    try:
        call_command("import_mail", "--school", "st-example", "--json", *words, stdout=out)
    except CommandError as error:
        trouble = str(error)
    return [json.loads(line) for line in out.getvalue().splitlines()], trouble


@pytest.mark.django_db
def test_import_mail_tells_in_json_what_came_of_every_file_and_of_all(tmp_path: Path) -> None:
    given.a_school()
    (tmp_path / "a.eml").write_bytes(a_message())
    (tmp_path / "b.mbox").write_bytes(an_mbox(a_message(), a_message("Nothing here.", number=2)))
    (tmp_path / "empty.eml").write_bytes(b"")
    lines, trouble = run(str(tmp_path))
    assert lines[-1] == {"messages": 4, "new": 3, "seen_before": 1, "waiting": 2, "failed": 0}
    assert [(Path(line["file"]).name, line["messages"], line["new"]) for line in lines[:-1]] == [
        ("a.eml", 1, 1),
        ("b.mbox", 2, 1),
        ("empty.eml", 1, 1),
    ]
    assert trouble == ""
    assert VerificationEmail.objects.filter(parsed_at=None).count() == 0
    again, _ = run(str(tmp_path))
    assert again[-1] == {"messages": 4, "new": 0, "seen_before": 4, "waiting": 0, "failed": 0}


@pytest.mark.django_db
def test_import_mail_stores_the_rest_when_a_path_cannot_be_read(tmp_path: Path) -> None:
    given.a_school()
    (tmp_path / "a.eml").write_bytes(a_message())
    (tmp_path / "page.mbox").write_bytes(b"<html>")
    lines, trouble = run(str(tmp_path / "missing"), str(tmp_path / "page.mbox"), str(tmp_path / "a.eml"))
    assert "missing does not exist." in trouble
    assert "“page.mbox” is a web page" in trouble
    assert "Everything else is stored." in trouble
    assert lines[-1]["new"] == 1
    assert VerificationEmail.objects.count() == 1


@pytest.mark.django_db
def test_a_mail_from_a_file_is_read_like_any_other() -> None:
    school = given.a_school()
    (email,) = give_files(school=school, files=[("a.eml", a_message())], by=given.priya(school), at=given.MONDAY).emails
    assert parse_stored(at=given.MONDAY) == 1
    email.refresh_from_db()
    assert (email.authenticity, email.claims.get().readings.get().handle) == ("NOT_CHECKED", "dana_h84")


class ATerminal(StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_is_drawn_on_a_terminal_only() -> None:
    terminal, file = ATerminal(), StringIO()
    for place in (terminal, file):
        with Progress("files", 4, place) as progress:
            progress.show(4)
    assert terminal.getvalue().endswith("[" + "#" * 30 + "] 4 of 4 files\n")
    assert file.getvalue() == ""


@pytest.mark.parametrize("block", [1, 7, 1000])
def test_an_export_is_cut_alike_however_it_is_read(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    exported = an_mbox(*(a_message_with_a_from_line(number) for number in range(5))).replace(b"\n", b"\r\n")
    whole = messages_in(exported)
    monkeypatch.setattr(upload, "_BLOCK_BYTES", block)
    assert len(whole) == 5
    assert messages_in(exported) == whole
