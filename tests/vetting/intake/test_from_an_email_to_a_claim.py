"""An e-mail is stored exactly as it came, then read, then becomes a claim or waits with a sentence."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from tests import given
from tests.given_intake import a_checked_message, a_folder_source, a_message, an_email, mail_arrives
from vetting.intake import understanding
from vetting.intake.models import Claim, ClaimReading, VerificationEmail
from vetting.intake.operations import parse_stored, receive_email, retry_parsing
from vetting.intake.parser_process import ParserProcess
from vetting.intake.queries import emails_that_need_a_look, marked_text
from vetting.school.models import School

pytestmark = pytest.mark.django_db


def test_a_parents_email_becomes_a_claim_with_the_name_the_child_and_the_checked_sender() -> None:
    school = given.a_school()
    email = mail_arrives(a_folder_source(school), a_checked_message())
    claim = Claim.objects.get(email=email)
    assert (claim.sender_address, claim.sender_name) == ("dana@example.org", "Dana Hill")
    assert (claim.child_text, claim.class_text) == ("Ada Hill", "6B")
    assert (claim.authenticity, claim.made_at) == ("CHECKED", given.MONDAY)
    assert [(reading.handle, reading.repaired, reading.zone) for reading in claim.readings.all()] == [("dana_h84", False, "NEW")]
    assert email.waits_because == ""
    assert School.objects.get().facts_version > 1


def test_what_is_stored_is_what_came_byte_for_byte() -> None:
    raw = a_message("Füße \x00 @dana_h84").replace(b"\n", b"\r\n") + bytes(range(256))
    email = an_email(given.a_school(), raw)
    assert bytes(VerificationEmail.objects.get(pk=email.pk).raw) == raw
    assert "\x00" not in email.text


def test_the_same_message_is_one_email_however_often_it_comes() -> None:
    school = given.a_school()
    assert an_email(school).pk == an_email(school).pk
    assert Claim.objects.count() == 1


def test_an_empty_email_is_shown_with_a_sentence_and_claims_nothing() -> None:
    school = given.a_school()
    email = an_email(school, b"")
    assert email.waits_because == "This e-mail is empty."
    assert emails_that_need_a_look(school) == [email]
    assert not Claim.objects.exists()


def test_an_email_without_a_twitter_name_waits_and_says_so() -> None:
    assert an_email(given.a_school(), a_message("Please let me in")).waits_because == "No Twitter name was found in this e-mail."


def test_a_text_that_cannot_be_a_twitter_name_is_kept_and_the_email_waits() -> None:
    school = given.a_school()
    email = an_email(school, a_message("My Twitter name is @dаna_h84"))
    assert list(ClaimReading.objects.values_list("text_as_written", "handle")) == [("@dаna_h84", None)]
    assert emails_that_need_a_look(school) == [email]


def test_the_schools_own_twitter_name_is_nobodys() -> None:
    school = given.a_school()
    given.an_account(school, "stexample")
    email = an_email(school, a_message("I would like to follow @stexample please"))
    assert email.waits_because == "The only Twitter name in this e-mail is the school's own."
    assert not Claim.objects.exists()


@pytest.mark.parametrize(
    ("top", "mail_class"),
    [
        ("Auto-Submitted: auto-replied\n", "AUTO_REPLY"),
        ("Auto-Submitted: no\n", "HUMAN"),
        ("X-Auto-Response-Suppress: All\n", "HUMAN"),
        ("List-Id: <news.example.org>\n", "LIST"),
        ("X-Failed-Recipients: a@example.org\n", "BOUNCE"),
    ],
)
def test_automatic_mail_is_filed_under_its_class_and_claims_nothing(top: str, mail_class: str) -> None:
    email = an_email(given.a_school(), a_message(top=top))
    assert email.mail_class == mail_class
    assert Claim.objects.exists() == (mail_class == "HUMAN")
    assert bool(email.waits_because) == (mail_class != "HUMAN")


def test_an_enormous_email_is_kept_with_its_beginning_and_its_true_size() -> None:
    raw = a_message("@dana_h84") + b"x" * (26 * 1024 * 1024)
    email = an_email(given.a_school(), raw)
    assert (email.size, len(bytes(email.raw))) == (len(raw), 64 * 1024)
    assert Claim.objects.get().readings.get().handle == "dana_h84"


def test_a_colleagues_forward_is_the_word_of_whoever_wrote_the_original_and_counts_as_unchecked() -> None:
    school = given.a_school()
    given.priya(school)
    original = "From: Dana Hill <dana@example.org>\nDate: Mon\nSubject: Twitter\n\nI am @dana_h84"
    body = f"Please see below\n\n---------- Forwarded message ---------\n{original}"
    mail_arrives(a_folder_source(school), a_message(body, sender="Priya <priya@st-example.test>", subject="Fwd: Twitter"))
    claim = Claim.objects.get()
    assert (claim.sender_address, claim.authenticity) == ("dana@example.org", "NOT_CHECKED")
    assert claim.readings.get().zone == "FORWARDED"


def test_a_message_that_breaks_the_reader_is_tried_three_times_then_shown_and_holds_up_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    school = given.a_school()
    impatient = ParserProcess(timeout=0.0)
    poison = receive_email(school=school, raw=a_message("poison"), received_at=given.MONDAY, at=given.MONDAY)
    with monkeypatch.context() as broken:
        broken.setattr(understanding, "parse_apart", impatient.parse)
        for minutes in (0, 2, 10):
            parse_stored(at=given.MONDAY + timedelta(minutes=minutes))
    impatient.stop()
    poison.refresh_from_db()
    assert poison.attempts.count() == 3
    assert emails_that_need_a_look(school) == [poison]
    assert "could not be read" in poison.waits_because
    an_email(school, a_message("@dana_h84"))
    assert Claim.objects.count() == 1
    retry_parsing(email=poison, by=given.priya(school), at=given.MONDAY)
    parse_stored(at=given.MONDAY)
    poison.refresh_from_db()
    assert poison.waits_because == "No Twitter name was found in this e-mail."


def test_the_words_found_are_marked_in_the_text() -> None:
    email = an_email(given.a_school(), a_message("I am @dana_h84, hello"))
    pieces = marked_text(email)
    assert [(piece.text, piece.reading is not None) for piece in pieces] == [("I am ", False), ("@dana_h84", True), (", hello", False)]


def test_the_database_refuses_a_second_row_for_one_message() -> None:
    email = an_email(given.a_school())
    with pytest.raises(IntegrityError, match=r"one_row_per_message|fingerprint"), transaction.atomic():
        VerificationEmail.objects.create(
            school=email.school,
            sha256=email.sha256,
            fingerprint=email.fingerprint,
            raw=b"",
            size=0,
            received_at=given.MONDAY,
            stored_at=given.MONDAY,
        )
