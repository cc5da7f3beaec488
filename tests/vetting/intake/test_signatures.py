"""A message's own signature: what fits, what does not, and why. The signer here was written apart from the check."""

import base64
import re
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st

from tests.given_senders import MAIL, Signer
from vetting.intake.parser_process import check_signatures_apart
from vetting.intake.signatures import MOST_SIGNATURES, SignatureFact, Verdict, check_signatures

NOW = datetime(2026, 11, 9, 9, 0, tzinfo=UTC)
RSA = Signer()
ED = Signer(kind="ed25519", selector="e1")
BOTH = {**RSA.keys, **ED.keys}


def the_one(raw: bytes, keys: dict | None = None) -> SignatureFact:
    (fact,) = check_signatures(raw, RSA.keys if keys is None else keys, at=NOW)
    return fact


@pytest.mark.parametrize("signer", [RSA, ED], ids=["rsa", "ed25519"])
@pytest.mark.parametrize("way", ["simple/simple", "simple/relaxed", "relaxed/simple", "relaxed/relaxed", "simple", "relaxed"])
def test_a_whole_signature_is_found_whole_in_every_form(signer: Signer, way: str) -> None:
    fact = the_one(signer.sign(MAIL, way=way), signer.keys)
    assert fact == SignatureFact("example.org", signer.selector, Verdict.PASS, True, False, "")


WHOLE = RSA.sign(MAIL)
TIMES = int(NOW.timestamp())
KEPT = {
    "lines that servers add on top": b"Received: from a by b\r\nX-Spam: no\r\n" + WHOLE,
    "line ends of another system": WHOLE.replace(b"\r\n", b"\n"),
    "more empty lines below": WHOLE + b"\r\n\r\n",
    "spaces in a header": WHOLE.replace(b"Subject: Twitter", b"Subject:   Twitter  "),
    "a subject folded anew": WHOLE.replace(b"Date: Mon, 9", b"Date: Mon,\r\n 9"),
    "a mailbox file's first line": b"From dana@example.org Mon Nov  9 09:00:00 2026\r\n" + WHOLE,
    "an empty body": RSA.sign(MAIL.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"),
    "a header named twice and once there": RSA.sign(MAIL, names="From:From:Subject:Subject:To"),
    "repeated headers, taken from below": b"Subject: not signed\r\n" + RSA.sign(MAIL, names="From:Subject"),
    "an end that is still to come": RSA.sign(MAIL, extra=f"t={TIMES}; x={TIMES + 60}"),
    "an identity below the domain": RSA.sign(MAIL, extra="i=@mail.example.org"),
}


@pytest.mark.parametrize("raw", KEPT.values(), ids=KEPT.keys())
def test_a_signature_outlives_what_happens_to_every_message(raw: bytes) -> None:
    assert the_one(raw).verdict is Verdict.PASS


BROKEN = {
    "a footer below": (WHOLE + b"This message was scanned.\r\n", "the body was changed"),
    "a changed subject": (WHOLE.replace(b"Subject: ", b"Subject: Fwd: "), "does not fit the headers"),
    "a second From, where From was signed against it": (
        b"From: eve@evil.example\r\n" + RSA.sign(MAIL, names="From:From:Subject").replace(b"From: Dana", b"From: Eve", 1),
        "does not fit the headers",
    ),
    "a header added that was signed as absent": (
        RSA.sign(MAIL, names="From:Subject:Reply-To").replace(b"To: office", b"Reply-To: eve@evil.example\r\nTo: office", 1),
        "does not fit the headers",
    ),
    "another name in the same place": (WHOLE.replace(b"@dana_h84", b"@eve_e84"), "the body was changed"),
    "an end that has passed": (RSA.sign(MAIL, extra=f"x={TIMES - 1}"), "expired"),
    "an end before its beginning": (RSA.sign(MAIL, extra=f"t={TIMES}; x={TIMES - 60}"), "expired"),
    "a beginning in the future": (RSA.sign(MAIL, extra=f"t={TIMES + 90_000}"), "future"),
    "an identity elsewhere": (RSA.sign(MAIL, extra="i=@evil.example"), "outside its domain"),
    "an identity that only ends alike": (RSA.sign(MAIL, extra="i=@notexample.org"), "outside its domain"),
    "an old algorithm": (RSA.sign(MAIL, a="rsa-sha1"), "not trusted"),
    "another version": (RSA.sign(MAIL, v="2"), "not a DKIM signature"),
    "a tag twice": (RSA.sign(MAIL, extra="d=evil.example"), "not a DKIM signature"),
    "no selector": (RSA.sign(MAIL, s=""), "no such domain"),
    "a domain that is none": (RSA.sign(MAIL, d="example..org"), "no such domain"),
    "a key kept elsewhere": (RSA.sign(MAIL, extra="q=http"), "a way we do not know"),
    "more text signed than there is": (RSA.sign(MAIL, extra="l=99999"), "more text than there is"),
    "a length that is none": (RSA.sign(MAIL, extra="l=x"), "more text than there is"),
    "a date that is none": (RSA.sign(MAIL, extra="t=soon"), "a date that is none"),
    "an unknown form": (RSA.sign(MAIL, c="loose/loose"), "canonicalization"),
    "a value that is no value": (re.sub(rb"; b=[^\r]*", b"; b=***", WHOLE), "not written as it should be"),
    "an empty value": (re.sub(rb"; b=[^\r]*", b"; b=", WHOLE), "does not fit the headers"),
}


@pytest.mark.parametrize(("raw", "reason"), BROKEN.values(), ids=BROKEN.keys())
def test_whatever_does_not_fit_fails_and_says_why(raw: bytes, reason: str) -> None:
    fact = the_one(raw)
    assert fact.verdict is Verdict.FAIL
    assert reason in fact.reason


P = RSA.record.partition("p=")[2]
RECORDS = {
    "no key": ("", "FAIL no such key"),
    "a withdrawn key": ("v=DKIM1; p=", "FAIL withdrawn"),
    "another version": (f"v=DKIM2; p={P}", "FAIL no such key"),
    "the version not in front": (f"p={P}; v=DKIM1", "FAIL no such key"),
    "only old hashes": (f"v=DKIM1; h=sha1; p={P}", "FAIL another kind"),
    "another kind of key": (f"v=DKIM1; k=ed25519; p={P}", "FAIL another kind"),
    "not for e-mail": (f"v=DKIM1; s=tlsrpt; p={P}", "FAIL not for e-mail"),
    "only being tried out": (f"v=DKIM1; t=y:s; p={P}", "UNKNOWN only trying"),
    "garbage": ("v=DKIM1; p=AAAA", "FAIL cannot be read"),
    "not base64": ("v=DKIM1; p=%%%", "FAIL not written"),
    "an enormous record": (f"v=DKIM1; n={'x' * 9000}; p={P}", "FAIL no such key"),
    "the least that will do": (f"p={P}", "PASS "),
    "with notes and spaces": (f"v=DKIM1 ; n=hello ; s=email ; h=sha1:sha256 ; t=s ; p={P[:40]} {P[40:]} ;", "PASS "),
}


@pytest.mark.parametrize(("record", "expected"), RECORDS.values(), ids=RECORDS.keys())
def test_the_keys_record_is_read_strictly(record: str, expected: str) -> None:
    verdict, _, reason = expected.partition(" ")
    fact = the_one(WHOLE, {("s1", "example.org"): record})
    assert fact.verdict == verdict
    assert reason in fact.reason


def test_a_key_for_its_own_domain_only_does_not_sign_for_names_below() -> None:
    fact = the_one(RSA.sign(MAIL, extra="i=@mail.example.org"), {("s1", "example.org"): RSA.record.replace("k=rsa", "k=rsa; t=s")})
    assert "below its domain" in fact.reason


def test_a_short_key_is_refused() -> None:
    weak = rsa.RSAPublicNumbers(65537, (1 << 767) + 9).public_key()
    public = weak.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    short = f"v=DKIM1; p={base64.b64encode(public).decode()}"
    fact = the_one(WHOLE, {("s1", "example.org"): short})
    assert (fact.verdict, fact.reason) == (Verdict.FAIL, "the key is too weak to trust")


def test_a_signature_over_a_beginning_fits_and_says_so() -> None:
    fact = the_one(RSA.sign(MAIL, extra="l=20") + b"And I am @eve_e84.\r\n")
    assert (fact.verdict, fact.has_length) == (Verdict.PASS, True)


def test_a_signature_that_leaves_from_out_says_so() -> None:
    fact = the_one(RSA.sign(MAIL, names="To:Subject").replace(b"Dana Hill", b"Eve Hill"))
    assert (fact.verdict, fact.heading_signed) == (Verdict.PASS, False)


ON_TOP = {
    "another subject": b"Subject: My Twitter name is @eve_e84\r\n" + WHOLE,
    "another subject behind a byte order mark": b"\xef\xbb\xbfSubject: My Twitter name is @eve_e84\r\n" + WHOLE,
    "another From": b"From: Eve <eve@example.org>\r\n" + WHOLE,
    "another kind of text": b"Content-Type: multipart/mixed; boundary=x\r\n" + WHOLE,
    "a subject where none was signed": RSA.sign(MAIL, names="From:To:Date"),
}


@pytest.mark.parametrize("raw", ON_TOP.values(), ids=ON_TOP.keys())
def test_a_signature_that_lets_something_else_be_read_says_so(raw: bytes) -> None:
    fact = the_one(raw)
    assert (fact.verdict, fact.heading_signed) == (Verdict.PASS, False)


HIDDEN = {
    "text of its own above all": b"From: Dana <dana@example.org>\r\nX-Note: a\r\rI am @eve_e84 on Twitter.\r\n" + WHOLE,
    "more lines than a reader looks at": b"From: Dana <dana@example.org>\r\nSubject: I am @eve_e84\r\n" + b"X: y\r\n" * 500 + WHOLE,
    "as many that are no headers": b"From: Dana <dana@example.org>\r\nSubject: I am @eve_e84\r\n" + b"xy\r\n" * 500 + WHOLE,
}


@pytest.mark.parametrize("raw", HIDDEN.values(), ids=HIDDEN.keys())
def test_where_readers_may_see_other_headers_no_signature_counts(raw: bytes) -> None:
    assert check_signatures(raw, RSA.keys, at=NOW) == []


def test_without_keys_a_check_tells_which_are_wanted() -> None:
    facts = check_signatures(ED.sign(RSA.sign(MAIL)), {}, at=NOW)
    assert [(fact.selector, fact.domain, fact.verdict) for fact in facts] == [
        ("e1", "example.org", Verdict.UNKNOWN),
        ("s1", "example.org", Verdict.UNKNOWN),
    ]


def test_only_signatures_that_can_vouch_for_the_sender_are_looked_at_and_only_five() -> None:
    other = Signer(domain="mailer.example")
    many = MAIL
    for _ in range(9):
        many = other.sign(RSA.sign(many))
    facts = check_signatures(many, RSA.keys, at=NOW, sender_domain="example.org")
    assert [(fact.domain, fact.verdict) for fact in facts] == [("example.org", Verdict.PASS)] * MOST_SIGNATURES


HOSTILE = {
    "no message": b"",
    "a name alone": b"DKIM-Signature:",
    "no end": b"DKIM-Signature: " + b"v=1;" * 60_000,
    "a header larger than is read": b"DKIM-Signature: v=1; a=" + b"x" * 400_000 + b"\r\n\r\nbody",
    "twenty thousand names": RSA.sign(MAIL, names=":".join(["From"] * 20_000)),
    "ten thousand signatures": b"DKIM-Signature: v=1; d=example.org; s=a\r\n" * 10_000 + b"\r\nbody",
    "a body of spaces": RSA.sign(MAIL.partition(b"\r\n\r\n")[0] + b"\r\n\r\n" + b" \t" * 2_000_000),
    "a body of empty lines and one word": RSA.sign(MAIL.partition(b"\r\n\r\n")[0] + b"\r\n\r\n" + b"\r\n" * 1_000_000 + b"x\r\n"),
    "letters that are none": b"DKIM-Signature: v=1; d=\xff\xfe.org; s=\x00; a=rsa-sha256; h=from; bh=; b=\r\n\r\n",
}


@pytest.mark.parametrize("raw", HOSTILE.values(), ids=HOSTILE.keys())
def test_nothing_in_a_message_raises_and_nothing_takes_long(raw: bytes) -> None:
    began = datetime.now(UTC)
    facts = check_signatures(raw, RSA.keys, at=NOW)
    assert len(facts) <= MOST_SIGNATURES
    assert datetime.now(UTC) - began < timedelta(seconds=5)


@settings(max_examples=150, deadline=None)
@for_all(place=st.integers(0, len(WHOLE) - 1), byte=st.integers(33, 126))
def test_one_letter_changed_in_what_was_signed_never_passes_unnoticed(place: int, byte: int) -> None:
    changed = WHOLE[:place] + bytes([byte]) + WHOLE[place + 1 :]
    facts = check_signatures(changed, RSA.keys, at=NOW)
    if any(fact.verdict is Verdict.PASS for fact in facts):
        # It stood where the signature does not reach (headers not named in it), or changed a capital in a header's name.
        assert _signed_part(changed) == _signed_part(WHOLE)


def _signed_part(raw: bytes) -> tuple[bytes, ...]:
    head, _, body = raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n").partition(b"\r\n\r\n")
    signed = [line for line in head.split(b"\r\n") if line.lower().startswith((b"from:", b"to:", b"subject:", b"date:"))]
    return (*[line.partition(b":")[2] for line in signed], body)


def test_in_the_child_process_the_answer_is_the_same() -> None:
    raw = ED.sign(RSA.sign(MAIL))
    assert check_signatures_apart(raw, BOTH, at=NOW, sender_domain="example.org") == check_signatures(raw, BOTH, at=NOW)
