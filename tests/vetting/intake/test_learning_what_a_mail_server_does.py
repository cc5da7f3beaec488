"""The test message: what it shows of the school's mail server, and who may not teach the register anything."""

from datetime import timedelta
from smtplib import SMTPException

import pytest
from django.core.mail.backends.base import BaseEmailBackend

from accounts.models import User
from tests import given
from tests.given_intake import RECEIVER, a_checked_message, a_folder_source, mail_arrives
from tests.given_senders import a_test_message, delivered, it_arrives
from vetting.audit.models import AuditEvent
from vetting.correspondence.operations import send_probe, send_probes
from vetting.intake.authenticity import GOOGLE, MICROSOFT
from vetting.intake.calibrating import ProbeUnderWay
from vetting.intake.judging import judge_stored
from vetting.intake.models import IntakeSource, Probe, VerificationEmail
from vetting.intake.operations import change_source, declare_trusted_receiver
from vetting.intake.queries import emails_that_need_a_look
from vetting.school.models import Alarm, Role, School
from vetting.values import BadValue, MailAddress

pytestmark = pytest.mark.django_db

OFFICE = MailAddress.parse("office@st-example.test")
Label = VerificationEmail.Authenticity
Outcome = Probe.Outcome


@pytest.fixture
def school() -> School:
    return given.a_school()


@pytest.fixture
def tech(school: School) -> User:
    return given.a_colleague(school, "Tom Byte", Role.TECHNICIAN)


@pytest.fixture
def source(school: School) -> IntakeSource:
    """A mailbox at the receiver; nobody is believed there yet."""
    source = a_folder_source(school, trusted="")
    IntakeSource.objects.filter(pk=source.pk).update(host=RECEIVER)
    source.refresh_from_db()
    return source


def verdict(receiver: str = RECEIVER) -> str:
    return f"{receiver}; spf=none smtp.mailfrom=localhost; dkim=none; dmarc=none header.from=localhost"


def test_a_server_that_writes_its_own_and_takes_the_forged_out_is_believed(source: IntakeSource, tech: User, mailoutbox: list) -> None:
    before = mail_arrives(source, a_checked_message())
    assert before.authenticity == Label.NOT_CHECKED
    probe, sent = a_test_message(source, tech, mailoutbox)
    assert f"{RECEIVER}; spf=pass".encode() in sent.replace(b"\n ", b" ")
    assert b"dmarc=pass" in sent
    it_arrives(source, probe, delivered(sent, verdict=verdict()))
    assert (probe.outcome, probe.found_receiver, probe.arrived_at) == (Outcome.LEARNT, RECEIVER, given.MONDAY)
    assert (source.trusted_receiver, source.trusted_declared_by, source.trusted_declared_at) == (RECEIVER, tech, given.MONDAY)
    assert AuditEvent.objects.filter(event="intake.receiver_learnt").exists()
    judge_stored(at=given.MONDAY, resolve=lambda name: [])
    before.refresh_from_db()
    assert (before.authenticity, before.claims.get().authenticity) == (Label.CHECKED, Label.CHECKED)


def test_a_forged_result_that_is_renamed_is_as_good_as_taken_out(source: IntakeSource, tech: User, mailoutbox: list) -> None:
    probe, sent = a_test_message(source, tech, mailoutbox)
    it_arrives(source, probe, delivered(sent, verdict=verdict(), forged="renamed"))
    assert (probe.outcome, source.trusted_receiver) == (Outcome.LEARNT, RECEIVER)


def test_a_forged_result_that_comes_through_marks_the_mailbox_as_unsafe(source: IntakeSource, tech: User, mailoutbox: list) -> None:
    declare_trusted_receiver(source=source, receiver=RECEIVER, by=tech, at=given.MONDAY)
    before = mail_arrives(source, a_checked_message())
    assert before.authenticity == Label.CHECKED
    probe, sent = a_test_message(source, tech, mailoutbox)
    it_arrives(source, probe, delivered(sent, verdict=verdict(), forged="left"))
    assert (probe.outcome, source.trusted_receiver, source.unsafe_since) == (Outcome.FORGED_KEPT, "", given.MONDAY)
    assert "forged result" in Alarm.objects.get(kind="forged-verdict", cleared_at=None).sentence
    judge_stored(at=given.MONDAY, resolve=lambda name: [])
    before.refresh_from_db()
    assert before.authenticity == Label.NOT_CHECKED


def test_a_forged_result_that_is_the_only_one_is_unsafe_too(source: IntakeSource, tech: User, mailoutbox: list) -> None:
    probe, sent = a_test_message(source, tech, mailoutbox)
    it_arrives(source, probe, delivered(sent, forged="left"))
    assert (probe.outcome, source.trusted_receiver) == (Outcome.FORGED_KEPT, "")


def test_whoever_declares_a_server_by_hand_overrides_the_test_and_is_named(source: IntakeSource, tech: User, mailoutbox: list) -> None:
    probe, sent = a_test_message(source, tech, mailoutbox)
    it_arrives(source, probe, delivered(sent, forged="left"))
    declare_trusted_receiver(source=source, receiver=RECEIVER, by=tech, at=given.MONDAY + timedelta(hours=1))
    source.refresh_from_db()
    assert (source.unsafe_since, source.trusted_receiver, source.trusted_declared_by) == (None, RECEIVER, tech)
    assert not Alarm.objects.filter(kind="forged-verdict", cleared_at=None).exists()


def test_a_server_that_writes_nothing_is_not_believed(source: IntakeSource, tech: User, mailoutbox: list) -> None:
    probe, sent = a_test_message(source, tech, mailoutbox)
    it_arrives(source, probe, delivered(sent))
    assert (probe.outcome, source.trusted_receiver, source.unsafe_since) == (Outcome.NO_VERDICT, "", None)
    assert "nobody is believed" in probe.sentence


def test_a_verdict_where_the_sender_could_have_written_it_is_not_believed(source: IntakeSource, tech: User, mailoutbox: list) -> None:
    probe, sent = a_test_message(source, tech, mailoutbox)
    it_arrives(source, probe, delivered(sent, verdict=verdict(), below=True))
    assert (probe.outcome, source.trusted_receiver) == (Outcome.NO_VERDICT, "")


def test_a_server_by_another_name_than_guessed_is_asked_again_in_its_own(source: IntakeSource, tech: User, mailoutbox: list) -> None:
    """The first forged result named somebody else, whom the server has no reason to take out."""
    own = "gate.st-example.test"
    probe, sent = a_test_message(source, tech, mailoutbox)
    first_code = probe.code
    it_arrives(source, probe, delivered(sent, by=own, verdict=verdict(own), forged="left"))
    assert (probe.outcome, probe.forged_receiver, source.trusted_receiver) == (Outcome.WAITING, own, "")
    assert probe.code != first_code
    assert send_probes(at=given.MONDAY) == 1
    second = mailoutbox[-1].message().as_bytes()
    it_arrives(source, probe, delivered(second, by=own, verdict=verdict(own)), at=given.MONDAY + timedelta(minutes=1))
    assert (probe.outcome, source.trusted_receiver) == (Outcome.LEARNT, own)


@pytest.mark.parametrize(
    ("host", "address", "guess"),
    [
        ("imap.gmail.com", "office@st-example.test", GOOGLE),
        ("outlook.office365.com", "office@st-example.test", MICROSOFT),
        ("mail.st-example.test", "office@st-example.test", "mail.st-example.test"),
        ("", "office@st-example.test", "st-example.test"),
        ("", "office@gmail.com", GOOGLE),
    ],
)
def test_the_forged_result_names_the_server_that_is_expected(source: IntakeSource, tech: User, host: str, address: str, guess: str) -> None:
    source.host = host
    assert send_probe(source=source, to_address=MailAddress.parse(address), by=tech, at=given.MONDAY).forged_receiver == guess


def test_mail_that_was_read_already_tells_the_server_before_the_host_does(source: IntakeSource, tech: User) -> None:
    mail_arrives(source, a_checked_message())
    source.host = "imap.gmail.com"
    assert send_probe(source=source, to_address=OFFICE, by=tech, at=given.MONDAY).forged_receiver == RECEIVER


MICROSOFTS = (
    "Received: from AM0PR01MB1.eurprd01.prod.outlook.com (2603:10a6:208:1::1) by VI1PR01MB2.outlook.com with HTTPS\n"
    "Authentication-Results: spf=none (sender IP is 203.0.113.9) smtp.mailfrom=localhost; dkim=none (message not signed) header.d=none;"
    "dmarc=none action=none header.from=localhost;compauth=fail reason=001\n"
    "Received: from out.known-followers.test (203.0.113.9) by DB5EUR01FT1.mail.protection.outlook.com (10.152.4.1) with ESMTPS\n"
)
GOOGLES = (
    "Received: by 2002:a05:6a11:1 with SMTP id x; Mon, 9 Nov 2026 01:00:00 -0800 (PST)\n"
    "Received: from out.known-followers.test (out.known-followers.test. [203.0.113.9]) by mx.google.com with ESMTPS id y\n"
    "Authentication-Results: mx.google.com; spf=none (google.com: x) smtp.mailfrom=office@localhost\n"
)


@pytest.mark.parametrize(
    ("host", "top", "receiver"), [("imap.gmail.com", GOOGLES, GOOGLE), ("outlook.office365.com", MICROSOFTS, MICROSOFT)]
)
def test_googles_and_microsofts_forms_are_learnt(
    source: IntakeSource, tech: User, mailoutbox: list, host: str, top: str, receiver: str
) -> None:
    source.host = host
    probe, sent = a_test_message(source, tech, mailoutbox)
    sender_part = delivered(sent).partition(b"\n")[2]
    it_arrives(source, probe, top.encode() + sender_part)
    assert (probe.outcome, source.trusted_receiver) == (Outcome.LEARNT, receiver)


def test_our_own_message_becomes_no_claim_and_waits_for_nobody(source: IntakeSource, tech: User, school: School, mailoutbox: list) -> None:
    probe, sent = a_test_message(source, tech, mailoutbox)
    email = it_arrives(
        source, probe, delivered(sent, verdict=verdict()).replace(b"Nothing needs doing", b"I am @dana_h84, nothing needs doing")
    )
    assert not email.claims.exists()
    assert emails_that_need_a_look(school) == []
    assert email.set_aside_why == "This is the register's own test message."


def test_a_code_counts_once_and_never_in_somebody_elses_mailbox(source: IntakeSource, tech: User, school: School, mailoutbox: list) -> None:
    """Whoever reads the mailbox learns the code when it is spent."""
    probe, sent = a_test_message(source, tech, mailoutbox)
    other = a_folder_source(given.a_school(name="Elsewhere", slug="elsewhere"), trusted="")
    it_arrives(other, probe, delivered(sent, verdict=verdict()))
    assert probe.outcome == Outcome.WAITING
    it_arrives(source, probe, delivered(sent, verdict=verdict()))
    assert probe.outcome == Outcome.LEARNT
    forged = delivered(sent, by="mx.evil.example", verdict=verdict("mx.evil.example")).replace(b"Subject: ", b"Subject: Re: ")
    it_arrives(source, probe, forged)
    assert (probe.found_receiver, source.trusted_receiver) == (RECEIVER, RECEIVER)


def test_a_guessed_code_or_an_answer_that_quotes_it_teaches_nothing(source: IntakeSource, tech: User, mailoutbox: list) -> None:
    probe, sent = a_test_message(source, tech, mailoutbox)
    guessed = delivered(sent, verdict=verdict("mx.evil.example"), by="mx.evil.example").replace(probe.code.encode(), b"0" * 32)
    answer = delivered(sent, verdict=verdict("mx.evil.example"), by="mx.evil.example").replace(b"X-Known-Followers-Test: ", b"X-Other: ")
    for raw in (guessed, answer):
        it_arrives(source, probe, raw)
    assert (probe.outcome, source.trusted_receiver) == (Outcome.WAITING, "")


def test_one_seen_first_in_another_folder_of_the_same_mailbox_is_still_found(
    source: IntakeSource, tech: User, school: School, mailoutbox: list, tmp_path: object
) -> None:
    probe, sent = a_test_message(source, tech, mailoutbox)
    raw = delivered(sent, verdict=verdict())
    other = IntakeSource.objects.create(school=school, kind=IntakeSource.Kind.FOLDER, name="Another", folder=f"{source.folder}/other")
    (tmp_path / "mail" / school.slug / "other").mkdir()
    it_arrives(other, probe, raw)
    assert probe.outcome == Outcome.WAITING
    it_arrives(source, probe, raw)
    send_probes(at=given.MONDAY)
    probe.refresh_from_db()
    assert probe.outcome == Outcome.LEARNT


def test_one_that_never_arrives_is_given_up_after_a_day(source: IntakeSource, tech: User, mailoutbox: list) -> None:
    probe, sent = a_test_message(source, tech, mailoutbox)
    with pytest.raises(ProbeUnderWay, match="under way already"):
        send_probe(source=source, to_address=OFFICE, by=tech, at=given.MONDAY)
    send_probes(at=given.MONDAY + timedelta(hours=23))
    probe.refresh_from_db()
    assert probe.outcome == Outcome.WAITING
    send_probes(at=given.MONDAY + timedelta(hours=24))
    probe.refresh_from_db()
    assert probe.outcome == Outcome.GIVEN_UP
    assert "did not arrive within a day" in probe.sentence
    it_arrives(source, probe, delivered(sent, verdict=verdict()), at=given.MONDAY + timedelta(hours=25))
    assert source.trusted_receiver == ""
    send_probe(source=source, to_address=OFFICE, by=tech, at=given.MONDAY + timedelta(hours=25))


def test_another_mailbox_makes_a_test_under_way_worthless(source: IntakeSource, tech: User, mailoutbox: list, tmp_path: object) -> None:
    probe, sent = a_test_message(source, tech, mailoutbox)
    (tmp_path / "mail" / "moved").mkdir(parents=True)
    change_source(source=source, by=tech, at=given.MONDAY, folder=str(tmp_path / "mail" / "moved"))
    source.refresh_from_db()
    it_arrives(source, probe, delivered(sent, verdict=verdict()))
    assert (probe.outcome, source.trusted_receiver) == (Outcome.GIVEN_UP, "")


class Refuses(BaseEmailBackend):
    """A mail server that takes nothing."""

    def send_messages(self, messages: list) -> int:
        raise SMTPException("no")


def test_one_that_cannot_be_sent_is_tried_six_times_and_then_says_so(source: IntakeSource, tech: User, settings: object) -> None:
    settings.EMAIL_BACKEND = f"{__name__}.Refuses"
    probe = send_probe(source=source, to_address=OFFICE, by=tech, at=given.MONDAY)
    tries = []
    at = given.MONDAY
    while probe.outcome == Outcome.WAITING:
        send_probes(at=at)
        probe.refresh_from_db()
        tries.append(probe.not_before - at)
        at = probe.not_before
    assert tries == [timedelta(minutes=2**number) for number in range(6)]
    assert (probe.outcome, probe.sent_at) == (Outcome.GIVEN_UP, None)
    assert "did not take it" in probe.sentence


def test_an_installation_that_sends_nothing_says_so_at_once(source: IntakeSource, tech: User, settings: object) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    with pytest.raises(BadValue) as refused:
        send_probe(source=source, to_address=OFFICE, by=tech, at=given.MONDAY)
    assert "does not send e-mail yet" in refused.value.sentence


def test_files_that_colleagues_give_have_no_server_to_believe(school: School, tech: User) -> None:
    upload = IntakeSource.objects.create(school=school, kind=IntakeSource.Kind.UPLOAD, name="Files")
    with pytest.raises(BadValue):
        send_probe(source=upload, to_address=OFFICE, by=tech, at=given.MONDAY)
    with pytest.raises(BadValue):
        declare_trusted_receiver(source=upload, receiver=RECEIVER, by=tech, at=given.MONDAY)
