"""Writing down, correcting, choosing, withdrawing and setting aside: each once, each with who and when."""

from collections.abc import Callable

import pytest

from accounts.models import User
from tests import given
from tests.given_intake import a_message, an_email
from vetting.audit.queries import check_chain, lines
from vetting.intake.claiming import AlreadyDone, ReadAlready
from vetting.intake.models import Claim, ClaimReading
from vetting.intake.operations import (
    correct_claim,
    enter_claim_by_hand,
    enter_claim_from_email,
    retry_parsing,
    set_aside,
    use_reading,
    withdraw_claim,
)
from vetting.intake.queries import emails_that_need_a_look
from vetting.school.models import School
from vetting.values import BadValue, Handle

pytestmark = pytest.mark.django_db


@pytest.fixture
def school() -> School:
    return given.a_school()


@pytest.fixture
def priya(school: School) -> User:
    return given.priya(school)


def said(school: School) -> str:
    assert check_chain(school_id=school.pk).whole
    return lines(school_id=school.pk)[0].sentence


def test_a_name_read_in_a_colleagues_forward_is_the_word_of_whoever_wrote_the_original(school: School, priya: User) -> None:
    words = "---------- Forwarded message ---------\nFrom: Dana Hill <dana@example.org>\nDate: Sun, 8 Nov 2026\nSubject: Hello\n\nHello."
    email = an_email(school, a_message(words, sender=priya.email, subject="Fwd: Hello"))
    claim = enter_claim_from_email(email=email, handle=Handle.parse("dana_h84"), by=priya, at=given.MONDAY)
    assert (claim.sender_address, claim.sender_name) == ("dana@example.org", "Dana Hill")
    assert "Dana Hill" in said(school)


def test_what_a_parent_says_on_the_phone_is_written_down(school: School, priya: User) -> None:
    before = School.objects.get().facts_version
    claim = enter_claim_by_hand(
        school=school,
        handle=Handle.parse("@Dana_H84"),
        name="Dana Hill",
        channel=Claim.Channel.PHONE,
        by=priya,
        at=given.MONDAY,
        child_text="Ada",
    )
    reading = claim.readings.get()
    assert (reading.handle, reading.use, reading.repaired) == ("dana_h84", "THIS", False)
    assert (claim.entered_by, claim.child_text, claim.authenticity) == (priya, "Ada", "NOT_CHECKED")
    assert said(school) == "Priya wrote down that Dana Hill uses @dana_h84 (told by phone)."
    assert School.objects.get().facts_version > before


@pytest.mark.parametrize(("name", "channel"), [("  ", Claim.Channel.DESK), ("Dana Hill", Claim.Channel.EMAIL)])
def test_a_message_written_down_needs_a_name_and_a_way_it_came(school: School, priya: User, name: str, channel: Claim.Channel) -> None:
    with pytest.raises(BadValue):
        enter_claim_by_hand(school=school, handle=Handle.parse("@dana"), name=name, channel=channel, by=priya, at=given.MONDAY)
    assert not Claim.objects.exists()


def test_a_correction_stands_beside_what_was_read_and_counts_instead(school: School, priya: User) -> None:
    email = an_email(school, a_message("My Twitter name is Dana Hill 84"))
    claim = Claim.objects.get(email=email)
    correct_claim(claim=claim, handle=Handle.parse("@dana_h84"), by=priya, at=given.MONDAY)
    assert set(claim.readings.filter(use=ClaimReading.Use.THIS).values_list("handle", "rule")) == {("dana_h84", "corrected")}
    assert claim.readings.filter(use=ClaimReading.Use.NOT_THIS, repaired=True).count() == claim.readings.count() - 1 > 0
    assert said(school) == "Priya corrected the Twitter name of a message to @dana_h84."


def test_correcting_a_text_that_was_no_twitter_name_ends_the_waiting(school: School, priya: User) -> None:
    email = an_email(school, a_message("My Twitter name is @dаna"))
    assert emails_that_need_a_look(school) == [email]
    correct_claim(claim=Claim.objects.get(), handle=Handle.parse("@dana"), by=priya, at=given.MONDAY)
    assert emails_that_need_a_look(school) == []


def test_somebody_reads_the_name_the_register_did_not_find(school: School, priya: User) -> None:
    email = an_email(school, a_message("It is on the letter I gave you"))
    claim = enter_claim_from_email(email=email, handle=Handle.parse("@dana_h84"), by=priya, at=given.MONDAY)
    assert (claim.email, claim.sender_address, claim.entered_by) == (email, "dana@example.org", priya)
    assert emails_that_need_a_look(school) == []
    with pytest.raises(ReadAlready):
        enter_claim_from_email(email=email, handle=Handle.parse("@other"), by=priya, at=given.MONDAY)


def test_one_of_two_names_is_chosen(school: School, priya: User) -> None:
    an_email(school, a_message("We are @dana_h84 and @tom_h84"))
    dana, _ = ClaimReading.objects.order_by("pk")
    use_reading(reading=dana, use=ClaimReading.Use.THIS, by=priya, at=given.MONDAY)
    assert dana.use == "THIS"
    assert said(school) == "Priya marked @dana_h84 in a message: Use this."


def test_what_was_withdrawn_stays_withdrawn(school: School, priya: User) -> None:
    an_email(school)
    claim = Claim.objects.get()
    withdraw_claim(claim=claim, by=priya, at=given.MONDAY, why="Sent by mistake")
    again: list[Callable[[], object]] = [
        lambda: withdraw_claim(claim=claim, by=priya, at=given.MONDAY, why="Again"),
        lambda: correct_claim(claim=claim, handle=Handle.parse("@x"), by=priya, at=given.MONDAY),
        lambda: use_reading(reading=claim.readings.get(), use=ClaimReading.Use.THIS, by=priya, at=given.MONDAY),
    ]
    for act in again:
        with pytest.raises(AlreadyDone):
            act()
    claim.refresh_from_db()
    assert claim.withdrawn_why == "Sent by mistake"


def test_an_email_is_set_aside_once_with_a_reason(school: School, priya: User) -> None:
    email = an_email(school, a_message("Lunch money?"))
    with pytest.raises(BadValue):
        set_aside(email=email, by=priya, at=given.MONDAY, why=" ")
    set_aside(email=email, by=priya, at=given.MONDAY, why="Not about Twitter")
    with pytest.raises(AlreadyDone):
        set_aside(email=email, by=priya, at=given.MONDAY, why="Twice")
    assert emails_that_need_a_look(school) == []
    assert said(school) == "Priya set an e-mail aside: Not about Twitter"


def test_an_email_with_a_standing_message_is_corrected_not_read_again(school: School, priya: User) -> None:
    email = an_email(school)
    with pytest.raises(ReadAlready, match="Correct its Twitter name"):
        retry_parsing(email=email, by=priya, at=given.MONDAY)


def test_one_school_never_sees_anothers_emails(school: School) -> None:
    other = given.a_school(name="Other", slug="other")
    an_email(school, a_message("nothing"))
    assert len(emails_that_need_a_look(school)) == 1
    assert emails_that_need_a_look(other) == []
    assert an_email(other, a_message("nothing")).school == other
