"""Settings, Mailbox: what is believed about senders, the test message, and declaring by hand."""

import pytest

from accounts.models import User
from tests import given
from tests.at_the_screen import Screen, at_the_register
from tests.given_intake import RECEIVER, a_folder_source
from tests.given_senders import delivered, it_arrives
from vetting.correspondence.operations import send_probes
from vetting.intake.models import IntakeSource, Probe
from vetting.school.models import Role, School

pytestmark = pytest.mark.django_db

OFFICE = "office@st-example.test"


@pytest.fixture
def school() -> School:
    return given.a_school()


@pytest.fixture
def source(school: School) -> IntakeSource:
    source = a_folder_source(school, trusted="")
    IntakeSource.objects.filter(pk=source.pk).update(host=RECEIVER)
    return source


@pytest.fixture
def screen(school: School, source: IntakeSource) -> Screen:
    return at_the_register(tom(school)).open("/settings/mailbox/")


def tom(school: School) -> User:
    return given.a_colleague(school, "Tom Byte", Role.TECHNICIAN)


def test_a_test_message_is_sent_its_outcome_stands_there_in_words_and_the_server_is_believed(
    screen: Screen, source: IntakeSource, mailoutbox: list
) -> None:
    assert "Nobody: every sender reads “Cannot tell who sent it”" in screen.text
    screen.press("Send a test message", address=OFFICE)
    assert "on its way" in screen.text
    assert "Waiting to be sent." in screen.text
    send_probes(at=given.MONDAY.replace(year=2100))
    probe = Probe.objects.get()
    it_arrives(source, probe, delivered(mailoutbox[-1].message().as_bytes(), verdict=f"{RECEIVER}; spf=none"))
    screen.open("/settings/mailbox/")
    assert f"Believed about senders {RECEIVER}" in screen.text
    assert "shown by a test message that Tom Byte sent" in screen.text
    assert "takes forged results out" in screen.text


def test_a_forged_result_that_came_through_stands_on_top_until_somebody_answers_for_the_server(
    screen: Screen, source: IntakeSource, mailoutbox: list
) -> None:
    screen.press("Send a test message", address=OFFICE)
    send_probes(at=given.MONDAY.replace(year=2100))
    it_arrives(source, Probe.objects.get(), delivered(mailoutbox[-1].message().as_bytes(), forged="left"))
    screen.open("/settings/mailbox/")
    assert "A forged result came through" in screen.text
    screen.press("Believe this server", receiver=RECEIVER)
    assert "A forged result came through on" not in screen.text
    assert "declared by Tom Byte" in screen.text
    screen.press("Believe nobody")
    assert "Nobody: every sender" in screen.text


@pytest.mark.parametrize(
    ("button", "fields", "sentence"),
    [
        ("Send a test message", {"address": "office"}, "That is not one e-mail address."),
        ("Believe this server", {"receiver": ""}, "Type the name of the mail server"),
        ("Believe this server", {"receiver": "not a server"}, "Type the name of a mail server"),
    ],
)
def test_a_slip_gets_a_sentence_and_changes_nothing(
    screen: Screen, source: IntakeSource, button: str, fields: dict[str, str], sentence: str
) -> None:
    screen.press(button, **fields)
    assert sentence in screen.text
    source.refresh_from_db()
    assert (source.trusted_receiver, Probe.objects.count()) == ("", 0)


def test_another_schools_mailbox_cannot_be_touched(screen: Screen) -> None:
    other = a_folder_source(given.a_school(name="Elsewhere", slug="elsewhere"), trusted="")
    form_page = screen
    form_page.press("Believe this server", source=str(other.pk), receiver=RECEIVER)
    assert form_page.status == 404
    other.refresh_from_db()
    assert other.trusted_receiver == ""
