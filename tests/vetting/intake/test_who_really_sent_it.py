"""Only the school's own mail server is believed about senders, and only in the part of the headers it wrote itself."""

import pytest

from vetting.intake.authenticity import MICROSOFT, Assessment, Label, assess, read_results, split_results
from vetting.intake.parsing import parse

OURS = "mx.school.test"
RECEIVED = f"Received: from mail.example.org (mail.example.org [203.0.113.7]) by {OURS} with ESMTPS; Mon, 9 Nov 2026 09:00:00 +0000\n"
PASS = "dmarc=pass header.from=example.org"


def judged(top: str, *, sender: str = "Dana Hill <dana@example.org>", receiver: str = OURS, own: str = "") -> Assessment:
    """A message with headers `top` in front, then the sender's own."""
    mail = parse(f"{top}{own}From: {sender}\nSubject: Twitter\n\nI am @dana\n".encode())
    return assess(mail.headers, receiver, mail.from_address)


def test_a_pass_of_the_schools_own_server_above_where_the_message_came_in_is_checked() -> None:
    result = judged(f"Authentication-Results: {OURS}; {PASS}\n{RECEIVED}")
    assert result == Assessment(Label.CHECKED, "Really came from example.org: the school's mail server checked it.")


def test_nothing_is_checked_while_no_server_is_declared() -> None:
    assert judged(f"Authentication-Results: {OURS}; {PASS}\n{RECEIVED}", receiver="").label is Label.NOT_CHECKED


def test_an_inner_hop_of_the_school_may_stand_above() -> None:
    inner = f"Received: from {OURS} (localhost [127.0.0.1]) by store.school.test with LMTP\n"
    assert judged(f"{inner}Authentication-Results: {OURS}; {PASS}\n{RECEIVED}").label is Label.CHECKED


FORGED = {
    "alone, below where the message came in": f"{RECEIVED}Authentication-Results: {OURS}; {PASS}\n",
    "on top of a hop that only claims to be ours": (
        f"Received: from inner.school.test (unknown [198.51.100.9]) by {OURS}\nAuthentication-Results: {OURS}; {PASS}\n"
    ),
    "on top of a hop that claims to be this computer": (
        f"Received: from localhost (evil.example [198.51.100.9]) by {OURS}\nAuthentication-Results: {OURS}; {PASS}\n"
    ),
    "on top of a hop that greets with a private number": (
        f"Received: from [198.51.100.9] (helo=10.0.0.1) by {OURS}\nAuthentication-Results: {OURS}; {PASS}\n"
    ),
    "in another server's name": f"Authentication-Results: mx.evil.example; {PASS}\n{RECEIVED}",
    "in a name that only begins like ours": f"Authentication-Results: {OURS}.evil.example; {PASS}\n{RECEIVED}",
    "inside a comment": f"Authentication-Results: {OURS}; spf=none ({PASS};) smtp.mailfrom=x.example\n{RECEIVED}",
    "inside quotes": f'Authentication-Results: {OURS}; spf=none reason="; {PASS}"\n{RECEIVED}',
    "in the older relay's copy": f"ARC-Authentication-Results: i=1; {OURS}; {PASS}\n{RECEIVED}",
    "an empty result": f"Authentication-Results: {OURS}; none\n{RECEIVED}",
    "an unfinished result": f"Authentication-Results: {OURS}; dmarc=\n{RECEIVED}",
}


@pytest.mark.parametrize("top", FORGED.values(), ids=FORGED.keys())
def test_a_forged_or_missing_result_is_never_checked(top: str) -> None:
    assert judged(top).label is Label.NOT_CHECKED


def test_a_result_inside_an_attached_message_is_not_the_messages_own() -> None:
    attached = f"Content-Type: message/rfc822\n\nAuthentication-Results: {OURS}; {PASS}\n"
    mail = parse(f"{RECEIVED}From: dana@example.org\n{attached}From: dana@example.org\n\nI am @dana\n".encode())
    assert assess(mail.headers, OURS, mail.from_address).label is Label.NOT_CHECKED


def test_a_forged_pass_below_a_real_fail_changes_nothing() -> None:
    real = f"Authentication-Results: {OURS}; dmarc=fail header.from=example.org\n{RECEIVED}"
    assert judged(real, own=f"Authentication-Results: {OURS}; {PASS}\n").label is Label.SUSPICIOUS


SUSPICIOUS = {
    "a failed check": ({"verdict": "dmarc=fail header.from=example.org"}, "did not come from example.org"),
    "a check of another domain": ({"verdict": "dmarc=pass header.from=evil.example"}, "not the one the school's mail server checked"),
    "two senders": ({"own": "From: Dana <dana@example.org>\n"}, "more than one sender"),
    "two addresses": ({"sender": "dana@example.org, eve@evil.example"}, "does not say clearly"),
    "an address before the address": ({"sender": "dana@example.org <eve@evil.example>"}, "does not say clearly"),
    "an address as the name": ({"sender": '"dana@example.org" <eve@evil.example>'}, "another e-mail address"),
    "an encoded address as the name": ({"sender": "=?utf-8?b?ZGFuYUBleGFtcGxlLm9yZw==?= <eve@evil.example>"}, "another e-mail address"),
    "answers go elsewhere": ({"own": "Reply-To: eve@evil.example\n"}, "An answer to it"),
    "a near miss of a provider": ({"sender": "Dana <dana@gmai1.com>"}, "looks like gmail.com"),
}


@pytest.mark.parametrize(("change", "sentence"), SUSPICIOUS.values(), ids=SUSPICIOUS.keys())
def test_what_looks_wrong_is_suspicious_even_where_a_server_says_pass(change: dict[str, str], sentence: str) -> None:
    verdict = change.get("verdict", PASS)
    own = {key: value for key, value in change.items() if key != "verdict"}
    result = judged(f"Authentication-Results: {OURS}; {verdict}\n{RECEIVED}", **own)
    assert result.label is Label.SUSPICIOUS
    assert sentence in result.sentence


@pytest.mark.parametrize(
    ("verdict", "label"),
    [
        ("spf=pass smtp.mailfrom=bounce.example.org; dmarc=none header.from=example.org", Label.PARTLY),
        ("dkim=pass header.d=example.org; spf=fail smtp.mailfrom=x.example", Label.PARTLY),
        ("dkim=pass header.d=mailer.example; spf=pass smtp.mailfrom=x.example; dmarc=none header.from=example.org", Label.NOT_CHECKED),
        ("dmarc=temperror header.from=example.org", Label.NOT_CHECKED),
    ],
)
def test_half_a_check_is_called_half_a_check(verdict: str, label: Label) -> None:
    assert judged(f"Authentication-Results: {OURS}; {verdict}\n{RECEIVED}").label is label


GOOGLE = (
    "Delivered-To: office@school.test\n"
    "Received: by 2002:a05:6a11:1 with SMTP id x; Mon, 9 Nov 2026 01:00:00 -0800 (PST)\n"
    "ARC-Authentication-Results: i=1; mx.google.com; dmarc=pass header.from=other.example\n"
    "Return-Path: <dana@example.org>\n"
    "Received: from mail.example.org (mail.example.org. [203.0.113.7]) by mx.google.com with ESMTPS id y\n"
    "Received-SPF: pass (google.com: domain of dana@example.org designates 203.0.113.7 as permitted sender)\n"
    "Authentication-Results: mx.google.com; dkim=pass header.i=@example.org; spf=pass (google.com: x) smtp.mailfrom=dana@example.org; "
    "dmarc=pass (p=REJECT sp=REJECT dis=NONE) header.from={domain}\n"
)


def test_googles_results_stand_directly_below_its_own_line() -> None:
    assert judged(GOOGLE.format(domain="example.org"), receiver="mx.google.com").label is Label.CHECKED
    forged = "Authentication-Results: mx.google.com; dmarc=pass header.from=example.org\n"
    assert judged(GOOGLE.format(domain="evil.example") + forged, receiver="mx.google.com").label is Label.SUSPICIOUS


MICROSOFTS = (
    "Received: from AM0PR01MB1.eurprd01.prod.outlook.com (2603:10a6:208:1::1) by VI1PR01MB2.outlook.com with HTTPS\n"
    "Received: from DB5EUR01FT1.eop-EUR01.prod.protection.outlook.com (2603:10a6:10:2::1) by AM0PR01CA1.outlook.office365.com\n"
    "Authentication-Results: spf=pass (sender IP is 203.0.113.7) smtp.mailfrom=example.org; school.test; "
    "dkim=pass (verified) header.d=example.org;school.test; dmarc={verdict} action=none header.from=example.org;compauth=pass reason=100\n"
    "Received: from mail.example.org (203.0.113.7) by DB5EUR01FT1.mail.protection.outlook.com (10.152.4.1) with ESMTPS\n"
)


def test_microsofts_results_name_no_server_and_are_read_only_where_microsoft_is_declared() -> None:
    assert judged(MICROSOFTS.format(verdict="pass"), receiver=MICROSOFT).label is Label.CHECKED
    assert judged(MICROSOFTS.format(verdict="bestguesspass"), receiver=MICROSOFT).label is Label.PARTLY
    assert judged(MICROSOFTS.format(verdict="pass"), receiver=OURS).label is Label.NOT_CHECKED
    outside = "Received: from evil.example (198.51.100.9) by X.mail.protection.outlook.com\n"
    assert judged(f"{outside}Authentication-Results: {PASS}\n", receiver=MICROSOFT).label is Label.NOT_CHECKED


def test_the_tokenizer_takes_out_comments_and_quotes_however_deep() -> None:
    parts = split_results(r'a.example (x (y; dmarc=pass) \) z); dkim="x;y"=pass; spf=pass smtp.mailfrom=b.example (c)')
    assert [part.strip() for part in parts] == ["a.example", "dkim==pass", "spf=pass smtp.mailfrom=b.example"]
    assert [(result.method, result.verdict) for result in read_results(parts)] == [("spf", "pass")]
    assert split_results("(" * 50_000) == [""]


SENDERS = {
    "Dana Hill <dana@example.org>": ("dana@example.org", "Dana Hill", False),
    "dana@example.org": ("dana@example.org", "", False),
    "dana@example.org (Dana Hill)": ("dana@example.org", "Dana Hill", False),
    '"Hill, Dana" <Dana@Example.org>': ("dana@example.org", "Hill, Dana", False),
    "Hill, Dana <dana@example.org>": ("dana@example.org", "Hill, Dana", False),
    "=?utf-8?q?Zo=C3=AB?= <zoe@example.org>": ("zoe@example.org", "Zoë", False),
    '"dana@example.org" <dana@example.org>': ("dana@example.org", "dana@example.org", False),
    "dana@example.org <eve@evil.example>": ("", None, True),
    "dana@example.org, eve@evil.example": ("", None, True),
    "alice@example.org)bob@bad.example": ("", None, True),
    "<dana@example.org> <eve@evil.example>": ("", None, True),
    "Dana <dana@example.org> eve@evil.example": ("", None, True),
    "family: dana@example.org, bob@example.org;": ("", None, True),
    "undisclosed-recipients:;": ("", None, True),
    "Dana Hill": ("", None, True),
    "<>": ("", None, True),
    "": ("", None, True),
    "Dana <dana@@example.org>": ("", None, True),
    "Dana <dana@exаmple.org>": ("", None, True),
}


@pytest.mark.parametrize(("value", "expected"), SENDERS.items(), ids=range(len(SENDERS)))
def test_from_is_one_mailbox_or_ambiguous_and_never_a_wrong_single_one(value: str, expected: tuple[str, str | None, bool]) -> None:
    mail = parse(f"From: {value}\n\nhello".encode())
    address, name, ambiguous = expected
    assert (mail.from_address, mail.sender_ambiguous) == (address, ambiguous)
    assert name is None or mail.from_name == name
