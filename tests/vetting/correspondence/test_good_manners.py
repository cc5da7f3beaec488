"""Nothing answers a program, one letter a day goes to an address, and a person who is not to be contacted is left alone."""

from datetime import timedelta

import pytest
from django.core import mail

from accounts.models import User
from tests import given, given_intake
from tests.given_letters import NEW_ADDRESS, ON_RECORD, dana, written_from
from tests.given_storing import a_forward
from vetting.correspondence.manners import Answered, headers, why_never
from vetting.correspondence.models import OutgoingMail
from vetting.correspondence.operations import NotWritten, acknowledge_due, forget_letters, send_due, write_letter
from vetting.intake.models import Claim, IntakeSource, VerificationEmail
from vetting.intake.operations import give_files, parse_stored, receive_email
from vetting.school.models import School
from vetting.school.operations import set_policy
from vetting.values import MailAddress

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
DANA = MailAddress(ON_RECORD)


@pytest.mark.parametrize(
    ("message", "automatic", "allowed"),
    [
        (None, False, True),
        (Answered(ON_RECORD), True, True),
        (Answered(ON_RECORD, human=False), False, False),
        (Answered(ON_RECORD, human=False), True, False),
        (Answered(ON_RECORD, ambiguous=True), False, False),
        (Answered(ON_RECORD, no_answer_because="It came without a return path."), False, False),
        (Answered(ON_RECORD, suspicious=True), True, False),
        (Answered(ON_RECORD, suspicious=True), False, True),
        (Answered("forger@elsewhere.example", ambiguous=True), False, True),
    ],
)
def test_who_may_be_answered(message: Answered | None, automatic: bool, allowed: bool) -> None:
    assert (why_never(to=DANA, own=(), answered=message, automatic=automatic) == "") is allowed


@pytest.mark.parametrize(
    "address",
    ["no-reply@shop.example", "noreply+42@shop.example", "Do_Not_Reply@shop.example", "MAILER-DAEMON@mx.example", "postmaster@mx.example",
     "bounces+abc=example.org@list.example", "owner-parents@list.example", "parents-request@list.example"],
)  # fmt: skip
def test_addresses_behind_which_nobody_reads_get_no_letter(address: str) -> None:
    assert why_never(to=MailAddress.parse(address), own=(), answered=None, automatic=False)


@pytest.mark.parametrize("address", ["nora.eply@example.org", "bounce.king@example.org", "postmasters@example.org"])
def test_people_with_odd_names_do(address: str) -> None:
    assert not why_never(to=MailAddress.parse(address), own=(), answered=None, automatic=False)


def test_a_message_id_that_would_break_a_heading_is_left_out() -> None:
    assert headers(automatic=True, message_id="<a@b>")["In-Reply-To"] == "<a@b>"
    for broken in ("", "a@b>\r\nBcc: x@y", "ünicode@b", "two words@b"):
        assert "In-Reply-To" not in headers(automatic=True, message_id=broken)


@pytest.mark.django_db
class TestOneLetterADay:
    def test_a_second_letter_that_a_person_writes_waits_until_the_day_is_over(self, school: School, priya: User) -> None:
        write_letter(school=school, template="need_more", to=DANA, claim=None, by=priya, at=given.MONDAY)
        assert send_due(at=given.MONDAY) == 1
        second = write_letter(school=school, template="yes", to=DANA, claim=None, by=priya, at=given.MONDAY + HOUR)
        third = write_letter(school=school, template="not_now", to=DANA, claim=None, by=priya, at=given.MONDAY + HOUR)
        assert (second.not_before, third.not_before) == (given.MONDAY + DAY, given.MONDAY + 2 * DAY)
        assert send_due(at=given.MONDAY + DAY - HOUR) == 0
        assert send_due(at=given.MONDAY + DAY) == 1
        assert send_due(at=given.MONDAY + DAY + HOUR) == 0

    def test_even_letters_queued_at_the_same_moment_do_not_go_together(self, school: School, priya: User) -> None:
        for template in ("need_more", "yes"):
            write_letter(school=school, template=template, to=DANA, claim=None, by=priya, at=given.MONDAY)
        OutgoingMail.objects.update(not_before=given.MONDAY)
        assert send_due(at=given.MONDAY) == 1
        assert OutgoingMail.objects.get(sent_at=None).not_before == given.MONDAY + DAY

    def test_two_spellings_of_one_mailbox_have_one_day_between_them(self, school: School, priya: User) -> None:
        """Gmail ignores dots and what follows a plus: whoever adds some gets no second letter for it."""
        for address in ("dana.hill@gmail.com", "danahill+2@googlemail.com"):
            write_letter(school=school, template="need_more", to=MailAddress(address), claim=None, by=priya, at=given.MONDAY)
        assert OutgoingMail.objects.latest("pk").not_before == given.MONDAY + DAY
        OutgoingMail.objects.update(not_before=given.MONDAY)
        assert send_due(at=given.MONDAY) == 1
        assert send_due(at=given.MONDAY + DAY - HOUR) == 0
        assert why_never(
            to=MailAddress("dana.hill@gmail.com"), own=(), answered=Answered("danahill@gmail.com", human=False), automatic=False
        )

    def test_no_more_than_the_rule_allows_go_in_an_hour(self, school: School, priya: User) -> None:
        set_policy(school=school, key="letters_per_hour", value=3, by=priya, at=given.MONDAY)
        for number in range(5):
            to = MailAddress(f"parent{number}@example.org")
            write_letter(school=school, template="need_more", to=to, claim=None, by=priya, at=given.MONDAY)
        assert send_due(at=given.MONDAY) == 3
        assert send_due(at=given.MONDAY + HOUR / 2) == 0
        assert send_due(at=given.MONDAY + HOUR) == 2

    def test_a_letter_that_failed_and_waits_takes_no_other_letters_place(self, school: School, priya: User) -> None:
        set_policy(school=school, key="letters_per_hour", value=1, by=priya, at=given.MONDAY)
        failed = write_letter(school=school, template="need_more", to=DANA, claim=None, by=priya, at=given.MONDAY)
        under_way = OutgoingMail.objects.filter(pk=failed.pk)
        under_way.update(tries=5, not_before=given.MONDAY + 4 * HOUR, error="")
        write_letter(school=school, template="need_more", to=MailAddress(NEW_ADDRESS), claim=None, by=priya, at=given.MONDAY)
        assert send_due(at=given.MONDAY) == 0
        under_way.update(error="The mail server asks us to try this address later (450).")
        assert send_due(at=given.MONDAY) == 1

    def test_a_school_at_its_limit_holds_up_no_other(self, school: School, priya: User) -> None:
        set_policy(school=school, key="letters_per_hour", value=0, by=priya, at=given.MONDAY)
        other = given.a_school(name="Other", slug="other")
        for number in range(25):
            to = MailAddress(f"parent{number}@example.org")
            write_letter(school=school, template="need_more", to=to, claim=None, by=priya, at=given.MONDAY)
        write_letter(school=other, template="need_more", to=DANA, claim=None, by=priya, at=given.MONDAY)
        assert send_due(at=given.MONDAY) == 1

    def test_somebody_marked_since_gets_nothing(self, school: School, priya: User) -> None:
        person = dana(school, priya)
        letter = write_letter(school=school, template="need_more", to=DANA, claim=None, by=priya, at=given.MONDAY)
        person.do_not_contact = True
        person.save(update_fields=["do_not_contact"])
        assert send_due(at=given.MONDAY) == 0
        letter.refresh_from_db()
        assert "not to be contacted" in letter.error
        with pytest.raises(NotWritten, match="not to be contacted"):
            write_letter(school=school, template="yes", to=DANA, claim=None, by=priya, at=given.MONDAY)

    def test_the_schools_own_mailbox_is_not_written_to(self, school: School, priya: User) -> None:
        IntakeSource.objects.create(school=school, kind=IntakeSource.Kind.IMAP, name="Office", username="office@st-example.test")
        with pytest.raises(NotWritten, match="own mailboxes"):
            write_letter(school=school, template="yes", to=MailAddress("office@st-example.test"), claim=None, by=priya, at=given.MONDAY)


@pytest.mark.django_db
class TestAcknowledging:
    def on(self, school: School) -> None:
        set_policy(school=school, key="acknowledge_mails", value=True, by=None, at=given.MONDAY)

    def test_nothing_is_acknowledged_unless_the_school_wants_it_and_nothing_from_before(self, school: School) -> None:
        written_from(school)
        assert acknowledge_due(at=given.MONDAY + HOUR) == 0
        set_policy(school=school, key="acknowledge_mails", value=True, by=None, at=given.MONDAY + HOUR)
        assert acknowledge_due(at=given.MONDAY + HOUR) == 0

    def test_a_familys_email_is_acknowledged_once(self, school: School) -> None:
        self.on(school)
        written_from(school)
        assert [acknowledge_due(at=given.MONDAY), acknowledge_due(at=given.MONDAY)] == [1, 0]
        assert send_due(at=given.MONDAY) == 1
        assert mail.outbox[0].to == [NEW_ADDRESS]
        assert "Ada" not in mail.outbox[0].body

    def test_an_old_folder_given_as_a_file_thanks_nobody(self, school: School, priya: User) -> None:
        self.on(school)
        files = [(f"{number}.eml", given_intake.a_message(number=number, sender=f"p{number}@example.org")) for number in range(3)]
        give_files(school=school, files=files, by=priya, at=given.MONDAY)
        forward = a_forward(given_intake.a_message(number=9), sender=priya.email)
        given_intake.an_email(school, forward)
        parse_stored(at=given.MONDAY)
        assert VerificationEmail.objects.filter(parsed_at=None).count() == 0
        assert VerificationEmail.objects.count() == 5
        assert acknowledge_due(at=given.MONDAY) == 0
        assert not OutgoingMail.objects.exclude(email__from_address=priya.email).exists()

    def test_nobody_is_thanked_before_the_sender_was_judged(self, school: School) -> None:
        self.on(school)
        email = written_from(school)
        VerificationEmail.objects.filter(pk=email.pk).update(judge_at=given.MONDAY)
        assert acknowledge_due(at=given.MONDAY) == 0
        VerificationEmail.objects.filter(pk=email.pk).update(judge_at=None)
        assert acknowledge_due(at=given.MONDAY) == 1

    @pytest.mark.parametrize(
        "top",
        [
            "Auto-Submitted: auto-replied\n",
            "Auto-Submitted: auto-generated\n",
            "Return-Path: <>\n",
            "List-Id: <parents.example.org>\n",
            "Precedence: bulk\n",
            "X-Autoreply: yes\n",
            "Content-Type: multipart/report; report-type=delivery-status; boundary=x\n",
        ],
    )
    def test_programs_are_never_answered(self, school: School, top: str) -> None:
        self.on(school)
        given_intake.an_email(school, given_intake.a_message(top=top))
        acknowledge_due(at=given.MONDAY)
        send_due(at=given.MONDAY)
        assert mail.outbox == []

    def test_auto_submitted_no_is_a_person(self, school: School) -> None:
        self.on(school)
        given_intake.an_email(school, given_intake.a_message(top="Auto-Submitted: no\n"))
        assert acknowledge_due(at=given.MONDAY) == 1

    def test_a_forged_sender_and_a_colleague_are_not_thanked(self, school: School, priya: User) -> None:
        self.on(school)
        forged = given_intake.an_email(school, given_intake.a_message())
        VerificationEmail.objects.filter(pk=forged.pk).update(authenticity=VerificationEmail.Authenticity.SUSPICIOUS)
        written_from(school, priya.email, number=2)
        assert acknowledge_due(at=given.MONDAY) == 0
        assert send_due(at=given.MONDAY) == 0
        assert {letter.error for letter in OutgoingMail.objects.all()} == {
            "The sender may be forged; only a person may decide to write there.",
            "That is one of the school's own mailboxes.",
        }

    def test_two_programs_that_answer_each_other_get_one_mail_a_day_each(self, school: School) -> None:
        """The worst kind: it marks nothing, answers every letter at once, and writes every hour besides."""
        self.on(school)
        answered = number = 0
        for hour in range(48):
            at = given.MONDAY + hour * HOUR
            for _ in range(1 + len(mail.outbox) - answered):
                number += 1
                self._they_write(school, at, number)
            answered = len(mail.outbox)
            acknowledge_due(at=at)
            send_due(at=at)
        assert number == 50
        moments = sorted(OutgoingMail.objects.exclude(sent_at=None).values_list("sent_at", flat=True))
        assert moments == [given.MONDAY, given.MONDAY + DAY]

    def _they_write(self, school: School, at: object, number: int) -> None:
        raw = given_intake.a_message(f"I am out of the office, number {number}.", number=number, at=at)
        receive_email(school=school, raw=raw, received_at=at, at=at)
        parse_stored(at=at)


@pytest.mark.django_db
def test_forgetting_erases_what_letters_say_and_to_whom_and_stops_those_that_wait(school: School, priya: User) -> None:
    email = written_from(school)
    claim = Claim.objects.get(email=email)
    sent = write_letter(school=school, template="need_more", to=MailAddress(NEW_ADDRESS), claim=claim, by=priya, at=given.MONDAY)
    send_due(at=given.MONDAY)
    waits = write_letter(school=school, template="yes", to=MailAddress(NEW_ADDRESS), claim=claim, by=priya, at=given.MONDAY)
    other = write_letter(school=school, template="yes", to=DANA, claim=None, by=priya, at=given.MONDAY)
    assert forget_letters(claims=[claim.pk], emails=[email.pk], at=given.MONDAY + DAY) == 2
    assert forget_letters(claims=[claim.pk], emails=[email.pk], at=given.MONDAY + DAY) == 0
    for letter in (sent, waits):
        letter.refresh_from_db()
        assert (letter.to_address, letter.subject, letter.body) == ("", "", "")
    assert sent.sent_at == given.MONDAY
    send_due(at=given.MONDAY + 2 * DAY)
    other.refresh_from_db()
    assert other.sent_at is not None
    assert len(mail.outbox) == 2
