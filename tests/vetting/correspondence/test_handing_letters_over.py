"""Letters go to a mail server over real SMTP; what it refuses, delays or never answers stands on the screen in words."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from tests import given
from tests.given_letters import NEW_ADDRESS, dana, told_by_phone, written_from
from tests.mail_server import MailServer, a_certificate
from vetting.audit.queries import lines
from vetting.correspondence.models import OutgoingMail
from vetting.correspondence.operations import acknowledge_due, ask_to_confirm, send_due, try_again, write_letter
from vetting.intake.models import VerificationEmail
from vetting.school.models import School
from vetting.school.operations import set_policy
from vetting.values import MailAddress

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


def a_letter(school: School, by: User, to: str = "someone@elsewhere.example") -> OutgoingMail:
    return write_letter(school=school, template="need_more", to=MailAddress.parse(to), claim=None, by=by, at=given.MONDAY)


def fresh(letter: OutgoingMail) -> OutgoingMail:
    return OutgoingMail.objects.get(pk=letter.pk)


def an_acknowledged_email(school: School) -> VerificationEmail:
    set_policy(school=school, key="acknowledge_mails", value=True, by=None, at=given.MONDAY)
    email = written_from(school)
    assert acknowledge_due(at=given.MONDAY) == 1
    return email


def test_a_letter_is_handed_over_as_an_answer_to_the_message(school: School, priya: User, mail_server: MailServer) -> None:
    email = written_from(school)
    write_letter(school=school, template="need_more", to=MailAddress(NEW_ADDRESS), claim=None, email=email, by=priya, at=given.MONDAY)
    assert send_due(at=given.MONDAY) == 1
    (taken,) = mail_server.taken
    assert (taken.sender, taken.recipients) == ("office@localhost", [NEW_ADDRESS])
    message = taken.message
    assert message["From"] == "St Example Primary <office@localhost>"
    assert message["In-Reply-To"] == message["References"] == "<1@example.org>"
    assert (message["Auto-Submitted"], message["X-Auto-Response-Suppress"], message["Precedence"]) == ("auto-generated", "All", None)
    assert "your exact Twitter name" in taken.text


def test_an_automatic_letter_has_no_return_path_where_the_server_allows_it(school: School, mail_server: MailServer) -> None:
    an_acknowledged_email(school)
    assert send_due(at=given.MONDAY) == 1
    assert (mail_server.taken[0].sender, mail_server.taken[0].message["Auto-Submitted"]) == ("", "auto-replied")


def test_and_the_usual_one_where_it_does_not(school: School, mail_server: MailServer) -> None:
    mail_server.refuses_null_sender = True
    an_acknowledged_email(school)
    assert send_due(at=given.MONDAY) == 1
    assert [taken.sender for taken in mail_server.taken] == ["office@localhost"]


@pytest.mark.parametrize(
    ("verb", "answer", "said"),
    [
        ("RCPT", "550 5.1.1 no such user", "refuses this address (550)"),
        ("END", "554 5.7.1 looks like spam", "refuses this letter (554)"),
    ],
)
def test_what_is_refused_for_good_is_given_up_at_once_and_said(
    school: School, priya: User, mail_server: MailServer, verb: str, answer: str, said: str, time_machine: object
) -> None:
    time_machine.move_to(given.MONDAY, tick=False)
    mail_server.answers[verb] = answer
    letter = a_letter(school, priya)
    assert send_due(at=given.MONDAY) == 0
    assert fresh(letter).given_up_at == given.MONDAY
    assert said in fresh(letter).error
    client = Client()
    client.force_login(priya, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert "1 letter could not be sent" in client.get("/").content.decode()
    assert said in client.get(reverse("letters")).content.decode()
    assert said in lines(school_id=school.pk)[0].sentence

    mail_server.answers.clear()
    client.post(reverse("letter_try_again", args=[letter.pk]))
    assert send_due(at=given.MONDAY + MINUTE) == 1
    assert "could not be sent" not in client.get("/").content.decode()


@pytest.mark.parametrize(
    ("verb", "answer", "said"),
    [
        ("RCPT", "451 4.7.1 greylisted", "try this address later (451)"),
        ("END", "452 4.3.1 full", "try this letter later (452)"),
        ("MAIL", "553 not this sender", "does not let us send as the address in MAIL_FROM (553)"),
        ("EHLO", "421 too busy", "hung up, or did not answer in time"),
    ],
)
def test_what_is_put_off_is_tried_again_and_goes_once(
    school: School, priya: User, mail_server: MailServer, verb: str, answer: str, said: str
) -> None:
    mail_server.answers[verb] = answer
    if verb == "EHLO":
        mail_server.answers["HELO"] = answer
    letter = a_letter(school, priya)
    assert send_due(at=given.MONDAY) == 0
    assert fresh(letter).given_up_at is None
    assert said in fresh(letter).error
    assert send_due(at=given.MONDAY + MINUTE / 2) == 0
    mail_server.answers.clear()
    assert send_due(at=given.MONDAY + MINUTE) == 1
    assert send_due(at=given.MONDAY + 2 * MINUTE) == 0
    assert len(mail_server.taken) == 1
    assert fresh(letter).error == ""


def test_a_server_that_never_greets_holds_up_one_letter_and_not_the_line(
    school: School, priya: User, mail_server: MailServer, settings: object
) -> None:
    mail_server.silent, settings.EMAIL_TIMEOUT = True, 1
    letters = [a_letter(school, priya, f"{name}@elsewhere.example") for name in ("one", "two", "three")]
    assert send_due(at=given.MONDAY) == 0
    assert mail_server.tries == 1
    assert [fresh(letter).tries for letter in letters] == [1, 0, 0]
    assert "did not answer in time" in fresh(letters[0]).error


def test_a_server_that_takes_a_letter_and_hangs_up_took_it(school: School, priya: User, mail_server: MailServer) -> None:
    mail_server.hangs_up_after_data = True
    letter = a_letter(school, priya)
    assert send_due(at=given.MONDAY) == 1
    assert fresh(letter).sent_at == given.MONDAY


def test_without_the_encryption_that_was_asked_for_nothing_is_sent(
    school: School, priya: User, mail_server: MailServer, settings: object
) -> None:
    settings.EMAIL_USE_TLS = True
    letter = a_letter(school, priya)
    assert send_due(at=given.MONDAY) == 0
    assert "offers no encryption" in fresh(letter).error
    assert mail_server.taken == []


def test_with_encryption_only_a_certificate_that_is_trusted_will_do(
    school: School, priya: User, mail_server: MailServer, settings: object, tmp_path: Path
) -> None:
    settings.EMAIL_USE_TLS = True
    mail_server.certificate = a_certificate(tmp_path)
    letter = a_letter(school, priya)
    assert send_due(at=given.MONDAY) == 0
    assert "certificate is not trusted" in fresh(letter).error
    settings.CA_BUNDLE = str(mail_server.certificate)
    assert send_due(at=given.MONDAY + MINUTE) == 1
    assert mail_server.taken[0].encrypted


def test_a_server_that_is_away_for_a_night_costs_no_letter(school: School, priya: User, mail_server: MailServer) -> None:
    mail_server.answers["RCPT"] = "450 later"
    letter = a_letter(school, priya)
    at = given.MONDAY
    while at < given.MONDAY + timedelta(hours=14):
        send_due(at=at)
        at += 5 * MINUTE
    assert fresh(letter).given_up_at is None
    while at < given.MONDAY + timedelta(hours=48):
        send_due(at=at)
        at += timedelta(hours=1)
    assert fresh(letter).given_up_at is not None


def test_a_question_that_failed_can_be_tried_again_with_a_new_secret(school: School, priya: User, mail_server: MailServer) -> None:
    mail_server.answers["RCPT"] = "550 no"
    link = ask_to_confirm(claim=told_by_phone(school, priya), by=priya, at=given.MONDAY, person=dana(school, priya))
    send_due(at=given.MONDAY)
    mail_server.answers.clear()
    try_again(letter=link.letter, by=priya, at=given.MONDAY + MINUTE)
    assert send_due(at=given.MONDAY + MINUTE) == 1
    assert "http://testserver/confirm/" in mail_server.taken[0].text
