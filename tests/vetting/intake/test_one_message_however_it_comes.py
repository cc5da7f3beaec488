"""One message is one message: by IMAP, in a file, in an exported folder, attached to a colleague's forward. Two are never one."""

import base64

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given as for_any
from hypothesis import strategies as st

from tests import given
from tests.dovecot import Dovecot
from tests.given_intake import RECEIVER, a_message
from tests.given_storing import (
    ENVELOPE,
    a_forward,
    a_message_with_a_from_line,
    an_imap_source,
    an_mbox,
    later,
    read,
)
from vetting.intake.fingerprint import fingerprint
from vetting.intake.models import Claim, MailPosition, VerificationEmail
from vetting.intake.operations import declare_trusted_receiver, forget_email, give_files, parse_stored, receive_email
from vetting.intake.taking_out import MOST_INSIDE
from vetting.school.models import School

VERDICT = f"Authentication-Results: {RECEIVER}; dmarc=pass header.from=example.org\n"
HOPS = "Received: from a.example by b.example; Mon, 9 Nov 2026 09:00:00 +0000\nX-Spam-Status: No\n"


def own(raw: bytes) -> str:
    return fingerprint(raw, size=len(raw))


def copies(raw: bytes) -> dict[str, bytes]:
    """What programs and servers make of one message on its way."""
    head, _, body = raw.partition(b"\n\n")
    return {
        "other line ends": raw.replace(b"\n", b"\r\n"),
        "blank lines at the end": raw + b"\n\n",
        "without the last line end": raw.rstrip(b"\n"),
        "a line of an mbox above it": ENVELOPE + raw,
        "an escaped line of an mbox above it": b">" + ENVELOPE + raw,
        "a byte order mark": b"\xef\xbb\xbf" + raw,
        "trace headers on top": HOPS.encode() + VERDICT.encode() + raw,
        "a program's own marks": head + b"\nStatus: RO\nX-Mozilla-Status: 0001\nContent-Length: 77\n\n" + body,
        "lines with From escaped": head + b"\n\n" + body.replace(b"\nFrom ", b"\n>From "),
        "folded anew": head.replace(b"Subject: Twitter", b"Subject:\n Twitter") + b"\n\n" + body,
        "headers sorted": b"\n".join(sorted(head.split(b"\n"))) + b"\n\n" + body,
        "other capitals": head.replace(b"Message-ID", b"Message-Id").replace(b"From:", b"FROM:") + b"\n\n" + body,
    }


@pytest.mark.parametrize("way", copies(a_message()))
def test_a_copy_is_the_same_message(way: str) -> None:
    raw = a_message_with_a_from_line()
    assert copies(raw)[way] != raw
    assert own(copies(raw)[way]) == own(raw)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (b"Subject: x\nhello", b"Subject: x\ngood bye"),
        (b"hello", b"good bye"),
        (b"", b"Subject: x"),
        (b"Subject: x\n\nhello", b"Subject: x\n\n\nhello"),
        (b"From: a@b.c\nFrom: d@e.f\n\nx", b"From: d@e.f\nFrom: a@b.c\n\nx"),
        (b"Content-Type: text/plain\n\nx", b"Content-Type: text/html\n\nx"),
        (b"From here we go\nto there", b"From there we come\nto here"),
        (b"Subject: x\nTo: a@b.c\n\ny", b"Subject: x\n\nTo: a@b.c\n\ny"),
        (b"X: " + b"x" * 300_000 + b"\n\none", b"X: " + b"x" * 300_000 + b"\n\nother"),
    ],
)
def test_messages_that_a_reader_would_show_differently_are_two(one: bytes, other: bytes) -> None:
    assert own(one) != own(other)


lines = st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=60)
words = lines.map(lambda line: " ".join(line.split()))
bodies = st.lists(lines.map(lambda line: line.lstrip(">")), max_size=6).map(lambda some: "\n".join(some).rstrip("\n"))


@for_any(st.tuples(words, words, bodies), st.tuples(words, words, bodies))
def test_any_other_sender_subject_or_body_gives_another_message(one: tuple[str, str, str], other: tuple[str, str, str]) -> None:
    first, second = (a_message(body, sender=f"s{sender}", subject=f"t{subject}") for sender, subject, body in (one, other))
    assert (own(first) == own(second)) == (first == second)


@for_any(bodies)
def test_whatever_the_body_an_export_and_other_line_ends_change_nothing(body: str) -> None:
    raw = a_message(body)
    assert len({own(copy) for copy in copies(raw).values()} | {own(raw)}) == 1


@pytest.mark.django_db
def test_by_imap_in_a_file_in_an_export_and_attached_to_a_forward_it_is_one_message_seen_four_times(dovecot: Dovecot) -> None:
    school = given.a_school()
    priya = given.priya(school)
    raw = a_message_with_a_from_line()
    user = dovecot.new_user()
    dovecot.deliver(raw.replace(b"\n", b"\r\n"), user)
    dovecot.deliver(a_forward(raw, sender=f"Priya <{priya.email}>").replace(b"\n", b"\r\n"), user)
    assert read(an_imap_source(school, dovecot, user)) == 2
    exported = an_mbox(a_message("another", number=7), raw)
    given_now = give_files(school=school, files=[("twitter.eml", raw), ("Twitter", exported)], by=priya, at=later(1))
    assert (given_now.messages, given_now.new) == (3, 1)
    parse_stored(at=later(2))

    message = VerificationEmail.objects.get(subject="Twitter", claims__isnull=False)
    assert VerificationEmail.objects.count() == 3
    places = message.positions.order_by("pk")
    assert [(place.source.kind if place.source else "INSIDE", place.folder) for place in places] == [
        ("IMAP", "INBOX"),
        ("UPLOAD", ".eml"),
        ("UPLOAD", ".mbox"),
        ("INSIDE", ""),
    ]
    assert [place.by for place in places] == [None, priya, priya, None]
    assert Claim.objects.count() == 1


@pytest.mark.django_db
def test_a_mail_given_as_a_file_first_is_judged_again_with_what_the_schools_server_wrote(dovecot: Dovecot) -> None:
    school = given.a_school()
    first = receive_email(school=school, raw=a_message(), received_at=given.MONDAY, at=given.MONDAY)
    parse_stored(at=given.MONDAY)
    VerificationEmail.objects.update(judge_at=None)
    user = dovecot.new_user()
    dovecot.deliver(a_message(top=VERDICT + HOPS), user)
    source = an_imap_source(school, dovecot, user)
    declare_trusted_receiver(source=source, receiver=RECEIVER, by=None, at=given.MONDAY)
    assert read(source, minutes=5) == 0
    first.refresh_from_db()
    assert first.judge_at == later(5)
    assert bytes(MailPosition.objects.get(source=source).headers).startswith(VERDICT.encode())
    assert bytes(first.raw) == a_message()


@pytest.mark.django_db
def test_an_identical_copy_keeps_no_headers_twice_and_is_judged_anew_only_where_another_mailbox_has_it(dovecot: Dovecot) -> None:
    school = given.a_school()
    user, other = dovecot.new_user(), dovecot.new_user()
    raw = a_message().replace(b"\n", b"\r\n")
    for mailbox in (user, user, other):
        dovecot.deliver(raw, mailbox)
    read(an_imap_source(school, dovecot, user))
    VerificationEmail.objects.update(judge_at=None)
    read(an_imap_source(school, dovecot, other), minutes=1)
    assert VerificationEmail.objects.get().judge_at == later(1)
    assert [place.headers for place in MailPosition.objects.all()] == [None] * 3


@pytest.mark.django_db
def test_nothing_is_kept_of_an_erased_message_that_comes_again() -> None:
    school = given.a_school()
    email = receive_email(school=school, raw=a_message(), received_at=given.MONDAY, at=given.MONDAY)
    forget_email(email=email, at=given.MONDAY, everything=True)
    given_now = give_files(school=school, files=[("a.eml", a_message(top=VERDICT))], by=given.priya(school), at=later(1))
    assert (given_now.new, VerificationEmail.objects.count()) == (0, 1)
    email.refresh_from_db()
    assert (email.raw, email.judge_at, MailPosition.objects.get().headers) == (None, None, None)


@pytest.mark.django_db
def test_a_new_message_costs_few_questions_to_the_database() -> None:
    school = given.a_school()
    with CaptureQueriesContext(connection) as asked:
        receive_email(school=school, raw=a_message(), received_at=given.MONDAY, at=given.MONDAY)
    assert len(asked) <= 6


def forwarded(school: School, *attached: bytes, sender: str, words: str = "Please see attached.") -> VerificationEmail:
    raw = a_forward(*attached, sender=sender, words=words)
    email = receive_email(school=school, raw=raw, received_at=given.MONDAY, at=given.MONDAY)
    parse_stored(at=given.MONDAY)
    parse_stored(at=given.MONDAY)
    email.refresh_from_db()
    return email


@pytest.mark.django_db
def test_what_a_colleague_forwards_as_an_attachment_speaks_for_itself_and_the_forward_waits_for_nobody() -> None:
    school = given.a_school()
    carrier = forwarded(school, a_message(), sender=given.priya(school).email)
    assert (carrier.waits_because, carrier.set_aside_why) == ("", "A forwarded e-mail was taken out of it.")
    claim = Claim.objects.get()
    assert (claim.sender_address, claim.email.received_at) == ("dana@example.org", carrier.received_at)
    assert claim.email.positions.get().inside == carrier


@pytest.mark.django_db
def test_what_a_family_attaches_stays_inside() -> None:
    school = given.a_school()
    given.priya(school)
    carrier = forwarded(school, a_message(), sender="Sam <sam@example.org>")
    assert VerificationEmail.objects.count() == 1
    assert carrier.waits_because == "No Twitter name was found in this e-mail."


@pytest.mark.django_db
def test_whoever_only_pretends_to_be_a_colleague_gets_nothing_taken_out(dovecot: Dovecot) -> None:
    school = given.a_school()
    forged = f"Authentication-Results: {RECEIVER}; dmarc=fail header.from=st-example.test\n{HOPS}".encode()
    user = dovecot.new_user()
    dovecot.deliver(forged + a_forward(a_message(), sender=given.priya(school).email), user)
    source = an_imap_source(school, dovecot, user)
    declare_trusted_receiver(source=source, receiver=RECEIVER, by=None, at=given.MONDAY)
    read(source)
    parse_stored(at=given.MONDAY)
    assert VerificationEmail.objects.get().authenticity == "SUSPICIOUS"


@pytest.mark.django_db
def test_a_name_the_colleague_wrote_beside_it_is_not_taken_for_the_colleagues_own() -> None:
    school = given.a_school()
    carrier = forwarded(school, a_message(), sender=given.priya(school).email, words="Her Twitter name is @dana_new.")
    assert "wrote “@dana_new” beside it" in carrier.waits_because
    assert Claim.objects.get().sender_address == "dana@example.org"


@pytest.mark.django_db
def test_only_one_level_is_opened_and_only_so_many_messages() -> None:
    school = given.a_school()
    priya = given.priya(school).email
    inner = a_forward(a_message(), sender=priya).replace(b"=_between", b"=_inner")
    forwarded(school, inner, sender=priya)
    assert VerificationEmail.objects.count() == 2
    carrier = forwarded(school, *(a_message(number=number) for number in range(MOST_INSIDE + 2)), sender=priya)
    assert carrier.carries.count() == MOST_INSIDE
    assert "2 more are still in it" in carrier.waits_because


@pytest.mark.django_db
def test_an_attachment_that_holds_no_message_leaves_the_forward_waiting() -> None:
    school = given.a_school()
    carrier = forwarded(school, b"\n\njust words without any header\n", sender=given.priya(school).email)
    assert (carrier.set_aside_at, carrier.waits_because) == (None, "No Twitter name was found in this e-mail.")


@pytest.mark.django_db
def test_an_attached_message_that_a_program_packed_is_unpacked() -> None:
    school = given.a_school()
    packed = b"attachment\nContent-Transfer-Encoding: base64\n\n" + base64.encodebytes(a_message())
    raw = a_forward(b"X", sender=given.priya(school).email).replace(b"attachment\n\nX", packed)
    receive_email(school=school, raw=raw, received_at=given.MONDAY, at=given.MONDAY)
    parse_stored(at=given.MONDAY)
    assert bytes(VerificationEmail.objects.get(positions__inside__isnull=False).raw) == a_message()
