"""E-mails: safe text with the words marked, and what a person may put right."""

import pytest
from django.urls import reverse

from accounts.models import User
from tests import given
from tests.at_the_screen import as_
from vetting.audit.models import AuditEvent
from vetting.concerns.models import Concern
from vetting.intake.models import Claim, ClaimReading, VerificationEmail
from vetting.intake.operations import forget_email, parse_stored, receive_email
from vetting.school.models import Role, School

pytestmark = pytest.mark.django_db
BODY = "Hello, my Twitter name is @danahill and <script>alert(1)</script> my son is Noah."


@pytest.fixture
def school() -> School:
    return given.a_school()


@pytest.fixture
def priya(school: School) -> User:
    return given.priya(school)


def an_email(school: School, body: str = BODY, number: int = 1) -> VerificationEmail:
    raw = f"From: Dana Hill <dana@example.org>\r\nSubject: Following\r\nMessage-ID: <{number}@example.org>\r\n\r\n{body}\r\n".encode()
    email = receive_email(school=school, raw=raw, received_at=given.MONDAY, at=given.MONDAY)
    parse_stored(at=given.MONDAY)
    email.refresh_from_db()
    return email


def test_the_text_is_shown_escaped_with_the_found_words_marked(school: School, priya: User) -> None:
    shown = as_(priya).get(reverse("email", args=[an_email(school).reference])).content.decode()
    assert "<mark>@danahill</mark>" in shown
    assert "&lt;script&gt;alert(1)" in shown
    assert "<script>alert" not in shown


def test_not_this_and_a_correction_are_kept(school: School, priya: User) -> None:
    email, client = an_email(school), as_(priya)
    reading = ClaimReading.objects.get(claim__email=email, handle="danahill")
    client.post(reverse("email_use", args=[email.reference, reading.pk]), {"use": "NOT_THIS"})
    reading.refresh_from_db()
    assert reading.use == ClaimReading.Use.NOT_THIS
    client.post(reverse("email_set_name", args=[email.reference]), {"handle": "@Dana_Hill"})
    assert ClaimReading.objects.filter(claim__email=email, handle="dana_hill").exists()


def test_where_no_name_was_found_a_person_writes_it_down(school: School, priya: User) -> None:
    email, client = an_email(school, "May I follow the school please?"), as_(priya)
    assert email.reference in client.get(reverse("requests"), {"tab": "look"}).content.decode()
    wrong = client.post(reverse("email_set_name", args=[email.reference]), {"handle": "not a name"})
    assert wrong.status_code == 422
    client.post(reverse("email_set_name", args=[email.reference]), {"handle": "danahill"})
    assert Claim.objects.get(email=email).readings.get().handle == "danahill"
    assert email.reference not in client.get(reverse("requests"), {"tab": "look"}).content.decode()


def test_setting_aside_needs_a_word_and_a_second_person_is_told(school: School, priya: User) -> None:
    email, client = an_email(school, "Our spring catalogue"), as_(priya)
    assert client.post(reverse("email_set_aside", args=[email.reference]), {"why": ""}).status_code == 422
    client.post(reverse("email_set_aside", args=[email.reference]), {"why": "Not about following"})
    email.refresh_from_db()
    assert email.set_aside_by == priya
    late = client.post(reverse("email_set_aside", args=[email.reference]), {"why": "Not ours"})
    assert late.status_code == 409
    assert "Somebody set this e-mail aside already." in late.content.decode()


def test_a_worry_goes_to_the_lead_and_its_words_are_not_on_the_page(school: School, priya: User) -> None:
    email, client = an_email(school), as_(priya)
    client.post(reverse("email_worry", args=[email.reference]), {"category": "CONTACT", "words": "He is not the father"})
    assert Concern.objects.get(email=email).words == "He is not the father"
    assert "He is not the father" not in client.get(reverse("email", args=[email.reference])).content.decode()


def test_the_original_comes_as_a_file_while_it_is_kept(school: School, priya: User) -> None:
    email, client = an_email(school), as_(priya)
    answer = client.get(reverse("email_original", args=[email.reference]))
    assert answer.content == bytes(email.raw)
    assert answer["Content-Disposition"] == f'attachment; filename="e-mail-{email.reference}.eml"'
    forget_email(email=email, at=given.MONDAY, everything=True)
    assert client.get(reverse("email_original", args=[email.reference])).status_code == 404
    assert "was erased" in client.get(reverse("email", args=[email.reference])).content.decode()


def test_another_school_sees_no_message_and_a_data_lead_only_reads(school: School) -> None:
    email = an_email(school)
    elsewhere = given.a_school(name="Other Primary", slug="other")
    stranger = as_(given.a_colleague(elsewhere, "Noor", Role.OFFICE, Role.ADMIN, Role.LEAD))
    for name in ("email", "email_original"):
        assert stranger.get(reverse(name, args=[email.reference])).status_code == 404
    assert stranger.post(reverse("email_set_aside", args=[email.reference]), {"why": "x"}).status_code == 404
    assert email.reference not in stranger.get(reverse("emails")).content.decode()
    reader = as_(given.a_colleague(school, "Jo", Role.DATA_LEAD))
    assert reader.get(reverse("email", args=[email.reference])).status_code == 200
    assert reader.post(reverse("email_set_aside", args=[email.reference]), {"why": "x"}).status_code == 403


def test_looking_changes_nothing(school: School, priya: User) -> None:
    email, client = an_email(school), as_(priya)
    events = AuditEvent.objects.count()
    for name in ("email", "email_original"):
        client.get(reverse(name, args=[email.reference]))
        client.head(reverse(name, args=[email.reference]))
    assert client.get(reverse("emails"), {"before": "not a moment"}).status_code == 200
    assert client.get(reverse("emails"), {"before": given.MONDAY.isoformat()}).status_code == 200
    assert AuditEvent.objects.count() == events
