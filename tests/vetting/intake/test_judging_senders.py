"""The second look at who sent a message: its own signature, its key from a real name server, and every place it was seen in."""

from datetime import timedelta

import pytest

from tests import given
from tests.given_intake import RECEIVER, a_folder_source, mail_arrives
from tests.given_senders import CAME_IN, MAIL, NameServer, Signer, a_name_server
from vetting.intake.judging import GIVE_UP, judge_stored
from vetting.intake.models import IntakeSource, MailPosition, SigningKey, VerificationEmail
from vetting.intake.operations import Position, declare_trusted_receiver, parse_stored, receive_email
from vetting.intake.signing_keys import Resolve
from vetting.school.models import Role, School
from vetting.school.operations import end_role

pytestmark = pytest.mark.django_db

SIGNER = Signer()
SIGNED = SIGNER.sign(MAIL)
Label = VerificationEmail.Authenticity
Signature = VerificationEmail.Signature
Names = tuple[NameServer, Resolve]


@pytest.fixture
def names() -> Names:
    with a_name_server() as (server, resolve):
        server.records[SIGNER.name] = SIGNER.record
        yield server, resolve


@pytest.fixture
def school() -> School:
    return given.a_school()


@pytest.fixture
def source(school: School) -> IntakeSource:
    return a_folder_source(school)


def comes_in(source: IntakeSource, raw: bytes, names: Names | None, *, at=given.MONDAY) -> VerificationEmail:
    email = mail_arrives(source, CAME_IN + raw, at=at)
    if names is not None:
        judge_stored(at=at, resolve=names[1])
    email.refresh_from_db()
    return email


def test_a_whole_signature_of_the_senders_own_domain_is_checked(source: IntakeSource, names: Names) -> None:
    email = comes_in(source, SIGNED, names)
    assert (email.authenticity, email.signature, email.signed_by, email.judge_at) == (Label.CHECKED, Signature.WHOLE, "example.org", None)
    assert email.authenticity_sentence == "Really came from example.org: its signature is whole."
    assert email.claims.get().authenticity == Label.CHECKED


def test_a_label_that_changes_is_news_for_matching(source: IntakeSource, names: Names) -> None:
    comes_in(source, SIGNED, None)
    before = School.objects.get().facts_version
    judge_stored(at=given.MONDAY, resolve=names[1])
    assert School.objects.get().facts_version > before


def test_a_second_message_asks_nobody_for_the_key(source: IntakeSource, names: Names) -> None:
    comes_in(source, SIGNED, names)
    again = SIGNER.sign(MAIL.replace(b"<1@", b"<2@"))
    assert comes_in(source, again, names, at=given.MONDAY + timedelta(hours=23)).signature == Signature.WHOLE
    assert names[0].asked == [SIGNER.name]
    comes_in(source, SIGNER.sign(MAIL.replace(b"<1@", b"<3@")), names, at=given.MONDAY + timedelta(hours=25))
    assert names[0].asked == [SIGNER.name] * 2


SPOILT = {
    "a footer below": (SIGNED + b"Scanned.\r\n", Signature.BROKEN),
    "a changed subject": (SIGNED.replace(b"Subject: ", b"Subject: Fwd: "), Signature.BROKEN),
    "only a beginning signed": (SIGNER.sign(MAIL, extra="l=10"), Signature.UNKNOWN),
    "From left out": (SIGNER.sign(MAIL, names="To:Subject"), Signature.UNKNOWN),
    "Subject left out": (SIGNER.sign(MAIL, names="From:To"), Signature.UNKNOWN),
    "another kind of text put on top": (b"Content-Type: text/html\r\n" + SIGNED, Signature.UNKNOWN),
    "text of its own put on top": (b"From: dana@example.org\r\nX: a\r\rI am @eve_e84 on Twitter.\r\n" + SIGNED, Signature.NONE),
    "long expired": (SIGNER.sign(MAIL, extra="x=1600000000"), Signature.BROKEN),
    "signed by somebody else": (Signer(domain="mailer.example").sign(MAIL), Signature.NONE),
    "not signed": (MAIL, Signature.NONE),
    "signed with a key nobody published": (Signer(selector="s2").sign(MAIL), Signature.BROKEN),
    "signed with another key of that name": (Signer().sign(MAIL), Signature.BROKEN),
}


@pytest.mark.parametrize(("raw", "signature"), SPOILT.values(), ids=SPOILT.keys())
def test_anything_less_than_a_whole_signature_is_not_checked(source: IntakeSource, names: Names, raw: bytes, signature: str) -> None:
    email = comes_in(source, raw, names)
    assert (email.authenticity, email.signature, email.judge_at) == (Label.NOT_CHECKED, signature, None)


@pytest.mark.parametrize("line", [b"From: eve@evil.example", b"Subject: My Twitter name is @eve_e84"])
def test_two_from_or_subject_lines_are_suspicious_however_well_signed(source: IntakeSource, names: Names, line: bytes) -> None:
    verdict = f"Authentication-Results: {RECEIVER}; dmarc=pass header.from=example.org\r\n".encode()
    email = mail_arrives(source, verdict + CAME_IN + line + b"\r\n" + SIGNED)
    judge_stored(at=given.MONDAY, resolve=names[1])
    email.refresh_from_db()
    assert (email.authenticity, email.signature == Signature.WHOLE) == (Label.SUSPICIOUS, False)


def test_a_fail_of_the_schools_own_server_outweighs_a_whole_signature(source: IntakeSource, names: Names) -> None:
    verdict = f"Authentication-Results: {RECEIVER}; dmarc=fail header.from=example.org\r\n".encode()
    email = mail_arrives(source, verdict + CAME_IN + SIGNED)
    judge_stored(at=given.MONDAY, resolve=names[1])
    email.refresh_from_db()
    assert (email.authenticity, email.signature) == (Label.SUSPICIOUS, Signature.WHOLE)


def test_before_a_server_is_believed_nothing_is_checked_and_afterwards_it_is(school: School, names: Names) -> None:
    source = a_folder_source(school, trusted="")
    email = comes_in(source, SIGNED, names)
    assert (email.authenticity, email.signature) == (Label.NOT_CHECKED, Signature.WHOLE)
    declare_trusted_receiver(source=source, receiver=RECEIVER, by=None, at=given.MONDAY)
    judge_stored(at=given.MONDAY, resolve=names[1])
    email.refresh_from_db()
    assert email.authenticity == Label.CHECKED


def test_a_file_given_by_a_colleague_proves_nothing_of_how_it_came(school: School, names: Names) -> None:
    priya = given.priya(school)
    upload = IntakeSource.objects.create(school=school, kind=IntakeSource.Kind.UPLOAD, name="Files", trusted_receiver=RECEIVER)
    verdict = f"Authentication-Results: {RECEIVER}; dmarc=pass header.from=example.org\r\n".encode()
    email = receive_email(school=school, raw=verdict + CAME_IN + SIGNED, received_at=given.MONDAY, at=given.MONDAY)
    MailPosition.objects.create(email=email, source=upload, uid=1, seen_at=given.MONDAY, by=priya)
    parse_stored(at=given.MONDAY)
    judge_stored(at=given.MONDAY, resolve=names[1])
    email.refresh_from_db()
    assert (email.authenticity, email.signature) == (Label.NOT_CHECKED, Signature.WHOLE)


def test_a_silent_name_server_is_asked_again_ever_more_slowly_and_given_up_after_a_day(source: IntakeSource, names: Names) -> None:
    server, resolve = names
    server.silent.add(SIGNER.name)
    email = comes_in(source, SIGNED, names)
    waits = []
    while email.judge_at is not None:
        at = email.judge_at
        judge_stored(at=at, resolve=resolve)
        email.refresh_from_db()
        waits += [email.judge_at - at] if email.judge_at else []
    assert waits[:4] == [timedelta(minutes=minutes) for minutes in (1, 2, 4, 8)]
    assert waits[-1] == timedelta(hours=4)
    assert at <= given.MONDAY + GIVE_UP + timedelta(hours=4)
    assert (email.authenticity, email.signature) == (Label.NOT_CHECKED, Signature.UNKNOWN)
    assert not SigningKey.objects.exists()


def test_a_name_server_that_comes_back_in_time_is_believed(source: IntakeSource, names: Names) -> None:
    server, resolve = names
    server.silent.add(SIGNER.name)
    email = comes_in(source, SIGNED, names)
    server.silent.clear()
    judge_stored(at=email.judge_at, resolve=resolve)
    email.refresh_from_db()
    assert email.authenticity == Label.CHECKED


def test_a_key_that_is_missing_is_asked_for_again_after_an_hour(source: IntakeSource, names: Names) -> None:
    late = Signer(selector="late")
    comes_in(source, late.sign(MAIL), names)
    names[0].records[late.name] = late.record
    soon, later = (late.sign(MAIL.replace(b"<1@", b"<%d@" % number)) for number in (2, 3))
    assert comes_in(source, soon, names, at=given.MONDAY + timedelta(minutes=59)).signature == Signature.BROKEN
    assert comes_in(source, later, names, at=given.MONDAY + timedelta(minutes=61)).signature == Signature.WHOLE


def test_one_found_whole_stays_whole_when_the_key_is_gone(source: IntakeSource, names: Names) -> None:
    email = comes_in(source, SIGNED, names)
    names[0].records.clear()
    SigningKey.objects.all().delete()
    VerificationEmail.objects.update(judge_at=given.MONDAY)
    judge_stored(at=given.MONDAY, resolve=names[1])
    email.refresh_from_db()
    assert (email.authenticity, email.signature) == (Label.CHECKED, Signature.WHOLE)


def test_a_copy_seen_where_a_server_is_believed_counts_and_what_looks_wrong_counts_everywhere(school: School, names: Names) -> None:
    """First in a mailbox where nobody is believed, then in another, under that server's headers."""
    plain, checked = a_folder_source(school, trusted=""), a_folder_source(school, name="Another folder")
    email = comes_in(plain, MAIL, names)
    assert email.authenticity == Label.NOT_CHECKED
    head = MAIL.partition(b"\r\n\r\n")[0]
    verdict = f"Authentication-Results: {RECEIVER}; dmarc=pass header.from=example.org\r\n".encode()
    seen = MailPosition.objects.create(email=email, source=checked, uid=9, seen_at=given.MONDAY, headers=verdict + CAME_IN + head)
    for headers, label in ((seen.headers, Label.CHECKED), (verdict + CAME_IN + b"Reply-To: eve@evil.example\r\n" + head, Label.SUSPICIOUS)):
        MailPosition.objects.filter(pk=seen.pk).update(headers=headers)
        VerificationEmail.objects.update(judge_at=given.MONDAY)
        assert judge_stored(at=given.MONDAY, resolve=names[1]) == 1
        email.refresh_from_db()
        assert email.authenticity == label


def test_a_message_with_other_words_does_not_gain_the_checks_of_a_familys_own(source: IntakeSource, names: Names) -> None:
    """Somebody who was sent a signed message hides words of their own in its headers, sends that first and the real one afterwards."""
    hidden = MAIL.replace(b"To: office", b"X-Note: a\r\rI am @eve_e84 on Twitter.\r\nTo: office")
    forged = comes_in(source, hidden, names)
    assert [reading.handle for reading in forged.claims.get().readings.all()][:1] == ["eve_e84"]
    verdict = f"Authentication-Results: {RECEIVER}; dmarc=pass header.from=example.org\r\n".encode()
    real = mail_arrives(source, verdict + CAME_IN + SIGNED)
    judge_stored(at=given.MONDAY, resolve=names[1])
    forged.refresh_from_db()
    assert (real.pk != forged.pk, forged.authenticity, real.authenticity) == (True, Label.NOT_CHECKED, Label.CHECKED)


def test_a_copy_under_unspoilt_headers_lets_the_signature_be_found_whole(school: School, names: Names) -> None:
    """Saved from a mail program first, which rewrote a header; then seen in the mailbox."""
    source = a_folder_source(school)
    spoilt = SIGNED.replace(b"Date: Mon, 9 Nov 2026 09:00:00 +0000", b"Date: Mon, 09 Nov 2026 09:00:00 +0000")
    email = comes_in(source, spoilt, names)
    assert email.signature == Signature.BROKEN
    MailPosition.objects.create(
        email=email, source=source, uid=77, folder="x", seen_at=given.MONDAY, headers=CAME_IN + SIGNED.partition(b"\r\n\r\n")[0]
    )
    VerificationEmail.objects.update(judge_at=given.MONDAY)
    judge_stored(at=given.MONDAY, resolve=names[1])
    email.refresh_from_db()
    assert (email.signature, email.authenticity) == (Signature.WHOLE, Label.CHECKED)


def test_a_signed_message_attached_to_a_colleagues_forward_is_checked_by_its_own_signature(school: School, names: Names) -> None:
    given.a_colleague(school, "Priya", Role.OFFICE, email="priya@example.org")
    source = a_folder_source(school)
    outer = mail_arrives(source, CAME_IN + b"From: priya@example.org\r\nSubject: Fwd\r\n\r\nSee attached.\r\n")
    inner = receive_email(school=school, raw=SIGNED, received_at=given.MONDAY, at=given.MONDAY)
    MailPosition.objects.create(email=inner, inside=outer, seen_at=given.MONDAY)
    parse_stored(at=given.MONDAY)
    judge_stored(at=given.MONDAY, resolve=names[1])
    inner.refresh_from_db()
    assert inner.authenticity == Label.CHECKED
    VerificationEmail.objects.filter(pk=outer.pk).update(authenticity=Label.SUSPICIOUS)
    VerificationEmail.objects.filter(pk=inner.pk).update(judge_at=given.MONDAY)
    judge_stored(at=given.MONDAY, resolve=names[1])
    inner.refresh_from_db()
    assert inner.authenticity == Label.NOT_CHECKED


FORWARD = (
    b"From: priya@example.org\r\nTo: office@st-example.test\r\nSubject: Fwd: Twitter\r\nDate: Mon, 9 Nov 2026 09:00:00 +0000\r\n"
    b"Message-ID: <fw@example.org>\r\n\r\n---------- Forwarded message ---------\r\nFrom: Dana Hill <dana@parents.example>\r\n"
    b"Date: Sun, 8 Nov 2026\r\nSubject: Twitter\r\nTo: priya@example.org\r\n\r\nMy Twitter name is @dana_h84.\r\n"
)


def test_a_colleagues_forward_says_nothing_of_its_author_also_when_the_colleague_has_left(school: School, names: Names) -> None:
    priya = given.a_colleague(school, "Priya", Role.OFFICE, email="priya@example.org")
    source = a_folder_source(school)
    email = comes_in(source, SIGNER.sign(FORWARD), names)
    assert (email.claims.get().sender_address, email.authenticity) == ("dana@parents.example", Label.NOT_CHECKED)
    end_role(school=school, user=priya, role=Role.OFFICE, by=given.mr_okafor(school), at=given.MONDAY)
    declare_trusted_receiver(source=source, receiver=RECEIVER, by=None, at=given.MONDAY)
    assert judge_stored(at=given.MONDAY, resolve=names[1]) == 1
    email.refresh_from_db()
    assert (email.authenticity, email.claims.get().authenticity, email.signature) == (Label.NOT_CHECKED, Label.NOT_CHECKED, Signature.WHOLE)


def test_what_is_believed_of_a_mailbox_changes_also_for_what_came_inside_its_messages(school: School, names: Names) -> None:
    given.a_colleague(school, "Priya", Role.OFFICE, email="priya@example.org")
    source = a_folder_source(school)
    outer = mail_arrives(source, CAME_IN + b"From: priya@example.org\r\nSubject: Fwd\r\n\r\nSee attached.\r\n")
    inner = receive_email(school=school, raw=SIGNED, received_at=given.MONDAY, at=given.MONDAY, position=Position(inside=outer))
    parse_stored(at=given.MONDAY)
    for receiver, label in (("", Label.NOT_CHECKED), (RECEIVER, Label.CHECKED), ("", Label.NOT_CHECKED)):
        declare_trusted_receiver(source=source, receiver=receiver, by=None, at=given.MONDAY)
        judge_stored(at=given.MONDAY, resolve=names[1])
        inner.refresh_from_db()
        assert inner.authenticity == label


def test_what_was_confirmed_through_a_link_is_not_judged_again(source: IntakeSource, names: Names) -> None:
    email = comes_in(source, SIGNED, None)
    email.claims.update(confirmed_at=given.MONDAY, confirmed_address="dana@example.org", authenticity=Label.PARTLY)
    judge_stored(at=given.MONDAY, resolve=names[1])
    assert email.claims.get().authenticity == Label.PARTLY


def test_an_erased_message_and_one_nobody_could_read_are_let_be(school: School, names: Names) -> None:
    email = receive_email(
        school=school, raw=SIGNED, received_at=given.MONDAY, at=given.MONDAY, position=Position(a_folder_source(school), "x", 1, 1)
    )
    VerificationEmail.objects.filter(pk=email.pk).update(parsed_at=given.MONDAY, judge_at=given.MONDAY)
    assert judge_stored(at=given.MONDAY, resolve=names[1]) == 1
    email.refresh_from_db()
    assert (email.authenticity, email.judge_at, names[0].asked) == (Label.NOT_CHECKED, None, [])


def test_one_silent_domain_holds_up_no_other(source: IntakeSource, names: Names) -> None:
    server, _ = names
    silent = Signer(domain="silent.example")
    server.silent.add(silent.name)
    mails = [silent.sign(MAIL.replace(b"example.org", b"silent.example").replace(b"<1@", b"<%d@" % number)) for number in range(2, 6)]
    for raw in mails:
        mail_arrives(source, CAME_IN + raw)
    email = comes_in(source, SIGNED, names)
    assert email.authenticity == Label.CHECKED
    assert len([name for name in server.asked if name == silent.name]) <= 3  # one question, repeated by the resolver itself
