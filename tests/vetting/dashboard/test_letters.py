"""Writing a letter: shown before it goes, with whom it goes to and when, or with the sentence why it does not."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from tests import given, given_intake
from tests.given_letters import NEW_ADDRESS, ON_RECORD, dana, written_from
from vetting.correspondence.models import ConfirmationLink, OutgoingMail
from vetting.correspondence.operations import send_due
from vetting.intake.models import VerificationEmail
from vetting.school.models import Role, School

pytestmark = pytest.mark.django_db


@pytest.fixture
def school(settings: object, time_machine: object) -> School:
    settings.PUBLIC_URL = "http://testserver"
    time_machine.move_to(given.MONDAY, tick=False)
    school = given.a_school()
    given.an_account(school)
    return school


@pytest.fixture
def priya(school: School) -> User:
    return given.priya(school)


def page(email: VerificationEmail, template: str = "need_more") -> str:
    return reverse("letter_new", args=[email.reference, template])


def test_what_is_shown_is_what_goes(school: School, priya: User, visit: Callable[[User], Client]) -> None:
    dana(school, priya)
    email = written_from(school, ON_RECORD)
    shown = visit(priya).get(page(email)).content.decode()
    for words in (
        ON_RECORD,
        "The address the school holds for Dana Hill.",
        "Your request to follow @stexample",
        "It goes out within a minute.",
    ):
        assert words in shown
    assert not OutgoingMail.objects.exists()
    sent = visit(priya).post(page(email), follow=True)
    assert sent.redirect_chain[0][0] == reverse("email", args=[email.reference])
    letter = OutgoingMail.objects.get()
    assert (letter.to_address, letter.by, letter.email, letter.automatic) == (ON_RECORD, priya, email, False)
    assert "One letter a day goes to an address, so it goes out Tue 10 Nov 2026, 09:00." in visit(priya).get(page(email)).content.decode()


def test_an_address_nobody_holds_and_a_suspicious_message_are_said_so(school: School, priya: User, visit: Callable[[User], Client]) -> None:
    email = written_from(school)
    VerificationEmail.objects.update(authenticity=VerificationEmail.Authenticity.SUSPICIOUS)
    shown = visit(priya).get(page(email)).content.decode()
    assert NEW_ADDRESS in shown
    assert "list does not have this address" in shown
    assert "looks suspicious" in shown


def test_the_question_to_confirm_says_that_it_replaces_the_one_before(school: School, priya: User, visit: Callable[[User], Client]) -> None:
    email = written_from(school)
    visit(priya).post(page(email, "confirm"))
    assert ConfirmationLink.objects.get().to_address == NEW_ADDRESS
    send_due(at=given.MONDAY)
    assert "It stops working as soon as you write again." in visit(priya).get(page(email, "confirm")).content.decode()
    visit(priya).post(page(email, "confirm"))
    assert ConfirmationLink.objects.filter(cancelled_at=None).count() == 1


@pytest.mark.parametrize(
    ("raw", "template", "why"),
    [
        (given_intake.a_message("May I follow the school please?"), "confirm", "There is no Twitter name to confirm."),
        (given_intake.a_message(top="Auto-Submitted: auto-replied\n"), "need_more", ""),
        (given_intake.a_message(sender="Shop <no-reply@shop.example>"), "need_more", "Nobody reads the mail sent to this address."),
        (b"Subject: no sender at all\n\nMy Twitter name is @dana_h84.\n", "need_more", "There is no e-mail address to write to."),
    ],
)
def test_where_no_letter_may_go_the_page_says_why_and_offers_no_button(
    school: School, priya: User, visit: Callable[[User], Client], raw: bytes, template: str, why: str
) -> None:
    email = given_intake.an_email(school, raw)
    shown = visit(priya).get(page(email, template)).content.decode()
    assert why in shown
    assert "Send letter" not in shown
    assert visit(priya).post(page(email, template)).status_code == 409
    assert not OutgoingMail.objects.exists()


def test_only_who_may_write_writes_and_only_to_their_own_schools_families(
    school: School, priya: User, visit: Callable[[User], Client]
) -> None:
    email = written_from(school)
    stranger = given.priya(given.a_school(name="Other", slug="other"))
    for person, status in (
        (stranger, 404),
        (given.ms_reid(school), 403),
        (given.a_colleague(school, "Rita", Role.READER), 403),
        (given.a_colleague(school, "Theo", Role.TECHNICIAN), 403),
    ):
        assert visit(person).get(page(email)).status_code == status
        assert visit(person).post(page(email)).status_code == status
    assert visit(priya).get(page(email, "leaving_soon")).status_code == 404
    assert visit(priya).get(page(email, "acknowledgement")).status_code == 404
    assert not OutgoingMail.objects.exists()
    visit(priya).post(page(email))
    assert NEW_ADDRESS not in visit(stranger).get(reverse("letters")).content.decode()
    assert visit(stranger).post(reverse("letter_try_again", args=[OutgoingMail.objects.get().pk])).status_code == 404


def test_a_family_that_leaves_is_told_at_the_address_on_record(school: School, priya: User, visit: Callable[[User], Client]) -> None:
    person = dana(school, priya)
    address = reverse("letter_to_person", args=[person.reference, "leaving_soon"])
    assert address in visit(priya).get(reverse("person", args=[person.reference])).content.decode()
    visit(priya).post(address)
    letter = OutgoingMail.objects.get()
    assert (letter.to_address, letter.template) == (ON_RECORD, "leaving_soon")
    assert "after 30 September, others about 14 days after they have left" in letter.body


def test_a_letter_that_waits_and_one_that_failed_are_listed_with_what_became_of_them(
    school: School, priya: User, visit: Callable[[User], Client]
) -> None:
    visit(priya).post(page(written_from(school)))
    OutgoingMail.objects.update(not_before=given.MONDAY + timedelta(days=1))
    assert "Goes out Tue 10 Nov 2026, 09:00" in visit(priya).get(reverse("letters")).content.decode()
    OutgoingMail.objects.update(error="The mail server hung up.", tries=1)
    assert "Tried again Tue 10 Nov 2026" in visit(priya).get(reverse("letters")).content.decode()


def test_the_office_finds_the_letters_from_the_menu(school: School, priya: User, visit: Callable[[User], Client]) -> None:
    client = visit(priya)
    assert reverse("settings") in client.get(reverse("today")).content.decode()
    arrived = client.get(reverse("settings"), follow=True)
    assert arrived.redirect_chain == [(reverse("settings_letters"), 302)]
    said = arrived.content.decode()
    assert reverse("letters") in said
    assert reverse("settings_rules") not in said
