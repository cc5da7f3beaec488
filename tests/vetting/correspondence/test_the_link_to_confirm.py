"""The confirmation loop: opening changes nothing, a typed name counts once, and nobody learns anything from the page."""

import hashlib
import json
import logging
from datetime import timedelta

import pytest
from django.core import mail
from django.core.cache import cache
from django.db import connection
from django.test import Client

from accounts.models import User
from tests import given, given_intake
from tests.given_letters import NEW_ADDRESS, ON_RECORD, asked, dana, link_in, told_by_phone, written_from
from vetting.audit.queries import lines
from vetting.correspondence.asking import token_of
from vetting.correspondence.models import ConfirmationLink, OutgoingMail
from vetting.correspondence.operations import CannotAsk, NobodyToWriteTo, ask_to_confirm, recipient_of, send_due
from vetting.intake.claiming import correct_claim, enter_claim_from_email, use_reading
from vetting.intake.models import Claim, ClaimReading, VerificationEmail
from vetting.intake.queries import emails_that_need_a_look
from vetting.quiet import WithoutSecretLinks
from vetting.school.models import School
from vetting.values import BadValue, Handle

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _on_that_monday(time_machine: object) -> None:
    cache.clear()
    time_machine.move_to(given.MONDAY + timedelta(hours=1), tick=False)


def everything() -> str:
    """All rows that a careless page could change."""
    tables = (
        "vetting_claim",
        "vetting_claimreading",
        "vetting_confirmationlink",
        "vetting_outgoingmail",
        "vetting_auditevent",
        "vetting_school",
    )
    with connection.cursor() as cursor:
        found = []
        for table in tables:
            cursor.execute(f"SELECT * FROM {table} ORDER BY id")  # noqa: S608  # names of our own tables
            found.append(cursor.fetchall())
    return json.dumps(found, default=str)


def test_fifty_programs_that_open_the_link_change_nothing(school: School, priya: User) -> None:
    _, address = asked(told_by_phone(school, priya), priya, dana(school, priya))
    before = everything()
    for number in range(50):
        answer = Client().get(address) if number % 2 else Client().head(address)
        assert answer.status_code == 200
    assert everything() == before


def test_the_name_typed_again_confirms_once_through_the_address_on_record(school: School, priya: User) -> None:
    person = dana(school, priya)
    claim = told_by_phone(school, priya)
    link, address = asked(claim, priya, person)
    assert (link.to_address, link.person) == (ON_RECORD, person)
    answer = Client().post(address, {"answer": "me", "handle": " @DanaHill_Mum "})
    assert (answer.status_code, "Thank you" in answer.content.decode()) == (200, True)
    claim.refresh_from_db()
    assert claim.confirmed_address == ON_RECORD
    assert lines(school_id=school.pk)[0].sentence == "@danahill_mum was confirmed through the link we sent."
    second = Client().post(address, {"answer": "not-me", "sure": "on"})
    assert second.status_code == 410
    assert "used already" in second.content.decode()
    claim.refresh_from_db()
    assert claim.disowned_at is None


def test_another_name_is_for_the_office_to_look_at(school: School, priya: User) -> None:
    dana(school, priya)
    email = written_from(school, ON_RECORD)
    claim = Claim.objects.get(email=email)
    link, address = asked(claim, priya)
    Client().post(address, {"answer": "me", "handle": "danahil_mum"})
    claim.refresh_from_db()
    link.refresh_from_db()
    assert (claim.confirmed_at, link.answer) == (None, ConfirmationLink.Answer.ANOTHER_NAME)
    typed = claim.readings.get(handle="danahil_mum")
    assert (typed.use, typed.rule) == (ClaimReading.Use.OPEN, "typed on the confirmation page")
    assert [waiting.pk for waiting in emails_that_need_a_look(school)] == [email.pk]
    use_reading(reading=claim.readings.get(handle="danahill_mum"), use=ClaimReading.Use.THIS, by=priya, at=given.MONDAY)
    assert emails_that_need_a_look(school) == []


def test_this_was_not_me_wants_a_ticked_box_and_then_counts_as_forged(school: School, priya: User) -> None:
    email = written_from(school)
    claim = Claim.objects.get(email=email)
    _, address = asked(claim, priya)
    pressed_by_a_program = Client().post(address, {"answer": "not-me"})
    assert pressed_by_a_program.status_code == 422
    Client().post(address, {"answer": "not-me", "sure": "on"})
    claim.refresh_from_db()
    assert claim.disowned_at is not None
    assert claim.authenticity == VerificationEmail.Authenticity.SUSPICIOUS
    (waiting,) = emails_that_need_a_look(school)
    assert "this was not them" in waiting.waits_because
    with pytest.raises(CannotAsk, match="Speak to the family"):
        ask_to_confirm(claim=claim, by=priya, at=given.MONDAY)


def test_a_slip_that_is_no_twitter_name_may_be_typed_again(school: School, priya: User) -> None:
    link, address = asked(told_by_phone(school, priya), priya, dana(school, priya))
    wrong = Client().post(address, {"answer": "me", "handle": "Dana Hill"})
    assert wrong.status_code == 422
    assert "is not a Twitter name" in wrong.content.decode()
    assert Client().post(address, {"answer": "me", "handle": "danahill_mum"}).status_code == 200
    link.refresh_from_db()
    assert link.answer == ConfirmationLink.Answer.CONFIRMED


def test_expired_replaced_altered_and_foreign_links_are_refused_calmly(school: School, priya: User, time_machine: object) -> None:
    person = dana(school, priya)
    first, old = asked(told_by_phone(school, priya), priya, person)
    again = ask_to_confirm(claim=first.claim, by=priya, at=given.MONDAY + timedelta(hours=1), person=person)
    assert "newer one" in Client().post(old, {"answer": "me", "handle": "danahill_mum"}).content.decode()
    assert again.letter.not_before == given.MONDAY + DAY
    send_due(at=again.letter.not_before)
    new = link_in(mail.outbox[-1].body)

    altered = new[:-3] + ("A" if new[-3] != "A" else "B") + new[-2:]
    token = new.split("/")[2]
    secret_of_new = token.partition("-")[2]
    for foreign in (
        altered,
        f"/confirm/{first.reference}-{secret_of_new}/",
        "/confirm/nothing/",
        f"/confirm/{token_of(again.reference, b'x' * 32)}/",
    ):
        assert Client().get(foreign).status_code == 410, foreign
        assert Client().post(foreign, {"answer": "me", "handle": "danahill_mum"}).status_code == 410
    assert not Claim.objects.exclude(confirmed_at=None).exists()

    time_machine.move_to(given.MONDAY + 9 * DAY, tick=False)
    assert "too old" in Client().post(new, {"answer": "me", "handle": "danahill_mum"}).content.decode()


def test_the_secret_stands_nowhere_but_in_the_letter(school: School, priya: User, caplog: pytest.LogCaptureFixture) -> None:
    person = dana(school, priya)
    waiting = ask_to_confirm(claim=told_by_phone(school, priya), by=priya, at=given.MONDAY, person=person)
    assert waiting.token_hash is None
    assert "{link}" in waiting.letter.body
    with caplog.at_level(logging.DEBUG):
        send_due(at=given.MONDAY)
        address = link_in(mail.outbox[-1].body)
        Client(enforce_csrf_checks=True).post(address, {"answer": "me", "handle": "danahill_mum"})
        Client().get(address[:-4] + "xyz/")
    secret = address.split("/")[2].partition("-")[2].partition(".")[0]
    assert len(secret) == 43
    assert secret not in everything()
    waiting.refresh_from_db()
    assert len(waiting.token_hash or "") == len(hashlib.sha256().hexdigest())


def test_no_line_of_the_log_repeats_the_address_of_a_link(school: School, priya: User, caplog: pytest.LogCaptureFixture) -> None:
    _, address = asked(told_by_phone(school, priya), priya, dana(school, priya))
    token = address.split("/")[2]
    Client(enforce_csrf_checks=True).post(address, {"answer": "me", "handle": "danahill_mum"})
    Client().get(address.replace(token, token[:-1] + ("a" if token[-1] != "a" else "b")))
    console = next(handler for handler in logging.getLogger().handlers if any(isinstance(f, WithoutSecretLinks) for f in handler.filters))
    written = [console.format(record) for record in caplog.records if console.filter(record)]
    assert [line.partition("/confirm/")[2] for line in written] == ["…/", "…/"]


def test_the_page_names_nobody_and_is_kept_nowhere(school: School, priya: User) -> None:
    _, address = asked(told_by_phone(school, priya), priya, dana(school, priya))
    answer = Client().get(address)
    shown = answer.content.decode()
    for word in ("Dana", "Hill", "Ada", "danahill_mum", ON_RECORD, "Willow", "Year 3"):
        assert word not in shown
    assert answer["X-Robots-Tag"].startswith("noindex")
    assert answer["Cache-Control"] == "no-store"
    assert answer["Referrer-Policy"] == "strict-origin"
    assert 'name="referrer" content="strict-origin"' in shown


def test_a_form_from_elsewhere_is_refused(school: School, priya: User) -> None:
    link, address = asked(told_by_phone(school, priya), priya, dana(school, priya))
    assert Client(enforce_csrf_checks=True).post(address, {"answer": "me", "handle": "danahill_mum"}).status_code == 403
    link.refresh_from_db()
    assert link.answered_at is None


def test_too_many_tries_from_one_place_have_to_wait(school: School, priya: User) -> None:
    _, address = asked(told_by_phone(school, priya), priya, dana(school, priya))
    seen = {Client().post(address, {"answer": "me", "handle": "not a name"}).status_code for _ in range(25)}
    assert seen == {422, 429}
    assert Client().get(address).status_code == 200


def test_a_retry_makes_another_secret_and_the_first_is_worth_nothing(school: School, priya: User) -> None:
    claim = told_by_phone(school, priya)
    link, first = asked(claim, priya, dana(school, priya))
    OutgoingMail.objects.filter(pk=link.letter_id).update(sent_at=None, tries=1)
    send_due(at=given.MONDAY + DAY)
    second = link_in(mail.outbox[-1].body)
    assert Client().get(first).status_code == 410
    assert Client().get(second).status_code == 200


def test_it_goes_to_the_senders_address_only_where_the_school_holds_none(school: School, priya: User) -> None:
    unknown = Claim.objects.get(email=written_from(school))
    link = ask_to_confirm(claim=unknown, by=priya, at=given.MONDAY)
    assert (link.to_address, link.person) == (NEW_ADDRESS, None)
    person = dana(school, priya)
    link = ask_to_confirm(claim=unknown, by=priya, at=given.MONDAY, person=person)
    assert (link.to_address, link.person) == (ON_RECORD, person)
    with pytest.raises(NobodyToWriteTo):
        ask_to_confirm(claim=told_by_phone(school, priya), by=priya, at=given.MONDAY)


def test_what_a_strange_mailbox_confirmed_may_still_be_asked_of_the_one_on_record(school: School, priya: User) -> None:
    claim = Claim.objects.get(email=written_from(school))
    _, address = asked(claim, priya)
    Client().post(address, {"answer": "me", "handle": "danahill_mum"})
    claim.refresh_from_db()
    assert claim.confirmed_address == NEW_ADDRESS
    with pytest.raises(CannotAsk, match="confirmed already"):
        ask_to_confirm(claim=claim, by=priya, at=given.MONDAY)
    _, address = asked(claim, priya, dana(school, priya))
    Client().post(address, {"answer": "me", "handle": "danahill_mum"})
    claim.refresh_from_db()
    assert claim.confirmed_address == ON_RECORD


def test_a_family_whose_message_a_colleague_forwarded_is_asked_and_not_the_colleague(school: School, priya: User) -> None:
    inner = f"---------- Forwarded message ---------\nFrom: Dana Hill <{NEW_ADDRESS}>\nDate: Mon, 9 Nov 2026 at 08:00\nSubject: Twitter\n"
    raw = given_intake.a_message(f"Please see below.\n\n{inner}\nMay I follow the school, please? Dana", sender=priya.email)
    email = given_intake.an_email(school, raw)
    assert email.forwarded_address == NEW_ADDRESS
    assert not email.claims.exists()
    assert recipient_of(claim=None, email=email).address.value == NEW_ADDRESS
    claim = enter_claim_from_email(email=email, handle=Handle("danahill_mum"), by=priya, at=given.MONDAY)
    assert (claim.sender_address, claim.sender_name, claim.authenticity) == (NEW_ADDRESS, "Dana Hill", "NOT_CHECKED")
    assert ask_to_confirm(claim=claim, by=priya, at=given.MONDAY).to_address == NEW_ADDRESS


def test_a_corrected_name_does_not_hide_that_it_was_disowned(school: School, priya: User) -> None:
    email = written_from(school)
    claim = Claim.objects.get(email=email)
    _, address = asked(claim, priya)
    Client().post(address, {"answer": "not-me", "sure": "on"})
    correct_claim(claim=claim, handle=Handle("danahil_mum"), by=priya, at=given.MONDAY)
    (waiting,) = emails_that_need_a_look(school)
    assert "this was not them" in waiting.waits_because


def test_what_cannot_be_asked_says_why(school: School, priya: User, settings: object) -> None:
    two = Claim.objects.get(email=written_from(school, body="My Twitter name is @dana_one or maybe my Twitter name is @dana_two."))
    with pytest.raises(BadValue, match="More than one"):
        ask_to_confirm(claim=two, by=priya, at=given.MONDAY)
    ClaimReading.objects.filter(claim=two, handle="dana_two").update(use=ClaimReading.Use.THIS)
    assert ask_to_confirm(claim=two, by=priya, at=given.MONDAY).handle == "dana_two"
    silent = dana(school, priya)
    silent.do_not_contact = True
    silent.save(update_fields=["do_not_contact"])
    with pytest.raises(NobodyToWriteTo, match="not to be contacted"):
        ask_to_confirm(claim=two, by=priya, at=given.MONDAY, person=silent)
    settings.PUBLIC_URL = ""
    with pytest.raises(CannotAsk, match="SITE_HOST"):
        ask_to_confirm(claim=two, by=priya, at=given.MONDAY)
