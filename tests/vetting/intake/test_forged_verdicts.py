"""Forged verdicts, in Google's, Microsoft's and the plain form: whatever a sender writes into a message, it is never "Checked".

python3 manage.py test tests/vetting/intake/test_forged_verdicts.py -s      prints how many heads were tried
"""

from collections.abc import Iterator

import pytest
from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st

from vetting.intake.authenticity import GOOGLE, MICROSOFT, Label, assess
from vetting.intake.parsing import parse

PLAIN = "mx.school.test"
FORMS = {"google": GOOGLE, "microsoft": MICROSOFT, "plain": PLAIN, "a registry's neighbour": "mx.com.br", "a landlord's": "mx7.ovh.net"}
EVIL = "evil.example (evil.example [198.51.100.9])"
OWN = "From: Dana Hill <dana@example.org>\nTo: office@school.test\nSubject: Twitter\n"


def verdict(receiver: str, words: str) -> str:
    """A results header as this receiver writes it."""
    return f"Authentication-Results: {words}\n" if receiver == MICROSOFT else f"Authentication-Results: {receiver}; {words}\n"


def passing(receiver: str, domain: str = "example.org") -> str:
    if receiver == MICROSOFT:
        return verdict(
            receiver,
            f"spf=pass (sender IP is 198.51.100.9) smtp.mailfrom={domain}; dkim=pass (verified) header.d={domain};"
            f"dmarc=pass action=none header.from={domain};compauth=pass reason=100",
        )
    return verdict(
        receiver, f"dkim=pass header.i=@{domain}; spf=pass smtp.mailfrom=dana@{domain}; dmarc=pass (p=REJECT) header.from={domain}"
    )


def failing(receiver: str) -> str:
    return verdict(receiver, "spf=fail smtp.mailfrom=evil.example; dkim=none; dmarc=fail (p=NONE) header.from=example.org")


def silent(receiver: str) -> str:
    return verdict(receiver, "spf=none smtp.mailfrom=evil.example; dkim=none")


def entrance(receiver: str, sender: str = EVIL) -> str:
    """The line by which a message comes in from `sender`."""
    if receiver == MICROSOFT:
        name, _, seen = sender.partition(" ")
        address = seen.rpartition("[")[2].partition("]")[0] or seen.strip("()")
        return f"Received: from {name} ({address}) by DB5EUR01FT1.mail.protection.outlook.com (10.152.4.1) with ESMTPS\n"
    return f"Received: from {sender} by {receiver} with ESMTPS; Mon, 9 Nov 2026 09:00:00 +0000\n"


def received(receiver: str, real: str, forged: str = "", *, sender: str = EVIL) -> str:
    """A message as it stands in the mailbox: the receiver's part with its `real` verdict, then the sender's with the `forged` one."""
    line = entrance(receiver, sender)
    top = (
        f"Received: by 2002:a05:6a11:1 with SMTP id x; Mon, 9 Nov 2026 01:00:00 -0800\n{line}{real}" if receiver == GOOGLE else real + line
    )
    return top + forged


def heads(receiver: str) -> Iterator[tuple[str, str]]:
    """What a sender may try. Each: in words, and the head."""
    good, bad, none = passing(receiver), failing(receiver), silent(receiver)
    name = "" if receiver == MICROSOFT else f"{receiver}; "
    # Google writes its results below its own line, and always writes them.
    own = none if receiver == GOOGLE else ""
    yield "a forged pass below a real fail", received(receiver, bad, good)
    yield "two forged passes below a real fail", received(receiver, bad, good + good)
    yield "a forged pass below a real verdict that says nothing", received(receiver, none, good)
    yield "a forged verdict alone", good
    yield "a forged verdict alone, under the sender's own servers", f"Received: from a.evil.example by b.evil.example\n{good}"
    yield "the attacker's own domain passes", received(receiver, passing(receiver, "evil.example"))
    yield "the attacker's own domain passes, a forged one below", received(receiver, passing(receiver, "evil.example"), good)
    yield "pass inside a comment", received(receiver, verdict(receiver, "spf=none (dmarc=pass header.from=example.org) smtp.mailfrom=x"))
    yield "pass after a comment that closes", received(receiver, verdict(receiver, r"spf=none (\); dmarc=pass header.from=example.org)"))
    yield "pass inside nested comments", received(receiver, verdict(receiver, "spf=none (a (b); dmarc=pass header.from=example.org)"))
    yield "pass inside quotes", received(receiver, verdict(receiver, 'spf=none reason="; dmarc=pass header.from=example.org;"'))
    yield "pass behind an escaped quote", received(receiver, verdict(receiver, r'spf=none reason="\"; dmarc=pass header.from=example.org"'))
    yield "pass as a quoted verdict", received(receiver, verdict(receiver, 'dmarc="pass" header.from=example.org'))
    yield "a word that begins with pass", received(receiver, verdict(receiver, "dmarc=passed header.from=example.org"))
    yield "a word joined to pass", received(receiver, verdict(receiver, "dmarc=pass-not header.from=example.org"))
    yield "pass of another method's property", received(receiver, verdict(receiver, "spf=none dmarc=pass header.from=example.org"))
    yield "header.from in a comment", received(receiver, verdict(receiver, "dmarc=pass (header.from=example.org) header.from=evil.example"))
    yield "header.from only in a comment", received(receiver, verdict(receiver, "dmarc=pass (header.from=example.org)"))
    yield "header.from twice", received(receiver, verdict(receiver, "dmarc=pass header.from=evil.example header.from=example.org"))
    yield (
        "two dmarc verdicts",
        received(receiver, verdict(receiver, "dmarc=fail header.from=example.org; dmarc=pass header.from=example.org")),
    )
    yield (
        "two dmarc domains",
        received(receiver, verdict(receiver, "dmarc=pass header.from=evil.example; dmarc=pass header.from=example.org")),
    )
    yield "a folded forged verdict", received(receiver, none, good.replace("; ", ";\n\t"))
    yield "a verdict folded out of another header", received(receiver, none, f"X-Note: hello\n {good}")
    yield (
        "a forged line of entrance below",
        received(receiver, none, good + entrance(receiver, "mail.example.org (mail.example.org [203.0.113.7])")),
    )
    yield (
        "a forged inner line, then a verdict",
        received(receiver, none, f"Received: from {receiver} (localhost [127.0.0.1]) by {receiver}\n{good}"),
    )
    yield "an older relay's copy", received(receiver, none, good.replace("Authentication-Results", "ARC-Authentication-Results"))
    yield "a chain of forwarders that passes", received(receiver, bad.replace("dmarc=fail", "arc=pass; dmarc=fail"), good)
    yield (
        "a name that only begins alike",
        received(receiver, none, f"Authentication-Results: {receiver}.evil.example; dmarc=pass header.from=example.org\n"),
    )
    yield "the header's name in capitals", received(receiver, none, good.upper().replace("EXAMPLE.ORG", "example.org"))
    yield "a space before the colon", received(receiver, none, good.replace("Results:", "Results :"))
    yield (
        "a version behind the name",
        received(receiver, none, f"Authentication-Results: {name}dmarc=pass header.from=example.org\n".replace(";", " 1;", 1)),
    )
    yield "a greeting with the school's name", received(receiver, own, good, sender="inner.school.test (evil.example [198.51.100.9])")
    yield "a greeting with the server's own name", received(receiver, own, good, sender=f"{receiver} (evil.example [198.51.100.9])")
    yield "a greeting as this computer", received(receiver, own, good, sender="localhost (evil.example [198.51.100.9])")
    yield "a greeting with a private number", received(receiver, own, good, sender="[10.0.0.1] (evil.example [198.51.100.9])")
    yield "a greeting with a private number, as Exim writes it", received(receiver, own, good, sender="[198.51.100.9] (helo=[10.0.0.1])")
    yield "a greeting with a private number, as others write it", received(receiver, own, good, sender="evil.example (EHLO [10.0.0.1])")
    yield (
        "a host whose name holds the school's",
        received(receiver, own, good, sender="mx.school.test (mx.school.test.evil.example [198.51.100.9])"),
    )
    yield "a host that may be forged", received(receiver, own, good, sender=f"{receiver} ({receiver} [198.51.100.9] (may be forged))")
    yield "results that are empty", received(receiver, verdict(receiver, "none"), good)
    yield "results that break off", received(receiver, verdict(receiver, "dmarc="), good)


# A registry's and a landlord's names: a neighbour is not the school's own server.
NEIGHBOURS = {
    "below a registry": ("mx.com.br", "mail.evil.com.br (mail.evil.com.br [198.51.100.9])"),
    "below a school registry": ("mx.kent.sch.uk", "mail.evil.kent.sch.uk (mail.evil.kent.sch.uk [198.51.100.9])"),
    "a rented computer": ("mx7.ovh.net", "vps-1.vps.ovh.net (vps-1.vps.ovh.net [198.51.100.9])"),
    "a rented computer at Amazon": ("inbound.amazonaws.com", "ec2-1.amazonaws.com (ec2-1.amazonaws.com [198.51.100.9])"),
    "a rented computer at Microsoft": (MICROSOFT, "x.outlook.com (2603:1030:20::9)"),
    "another customer of Microsoft": (MICROSOFT, "EUR05-DB8-obe.outbound.protection.outlook.com (2603:10a6:7::9)"),
    "another customer of Google": (GOOGLE, "mail-x.google.com (mail-x.google.com. [209.85.220.41])"),
}

TABLE = [(f"{form}: {words}", receiver, head) for form, receiver in FORMS.items() for words, head in heads(receiver)] + [
    (f"a neighbour {words}", receiver, received(receiver, silent(receiver) if receiver == GOOGLE else "", passing(receiver), sender=sender))
    for words, (receiver, sender) in NEIGHBOURS.items()
]


@pytest.mark.parametrize(("receiver", "head"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_a_forged_verdict_is_never_checked(receiver: str, head: str) -> None:
    mail = parse(f"{head}{OWN}\nI am @dana_h84\n".encode())
    assert assess(mail.headers, receiver, mail.from_address).label is not Label.CHECKED


@pytest.mark.parametrize("receiver", FORMS.values(), ids=FORMS.keys())
def test_a_verdict_inside_an_attached_message_or_in_the_text_is_not_the_messages_own(receiver: str) -> None:
    good = passing(receiver)
    inner = f"Content-Type: message/rfc822\n\n{received(receiver, good)}{OWN}\nI am @dana_h84\n"
    for raw in (f"{received(receiver, silent(receiver))}{OWN}{inner}", f"{received(receiver, silent(receiver))}{OWN}\n{good}"):
        mail = parse(raw.encode())
        assert assess(mail.headers, receiver, mail.from_address).label is not Label.CHECKED


@pytest.mark.parametrize("receiver", FORMS.values(), ids=FORMS.keys())
def test_the_real_verdict_in_the_same_place_is_checked(receiver: str) -> None:
    mail = parse(f"{received(receiver, passing(receiver), failing(receiver))}{OWN}\nI am @dana_h84\n".encode())
    assert assess(mail.headers, receiver, mail.from_address).label is Label.CHECKED


def test_googles_sealed_copy_above_gives_a_forged_verdict_away() -> None:
    sealed = f"ARC-Authentication-Results: i=1; {GOOGLE}; spf=none; dmarc=none header.from=example.org\n"
    mail = parse(f"{sealed}{entrance(GOOGLE)}{passing(GOOGLE)}{OWN}\nI am @dana_h84\n".encode())
    assert assess(mail.headers, GOOGLE, mail.from_address).label is Label.NOT_CHECKED


def test_how_many_heads_were_tried() -> None:
    print(f"\nforged heads, each never Checked: {len(TABLE)} in {len(FORMS)} forms")
    assert len(TABLE) >= 60


ORDER = (Label.SUSPICIOUS, Label.NOT_CHECKED, Label.PARTLY, Label.CHECKED)
PIECES = [
    piece
    for receiver in (GOOGLE, MICROSOFT, PLAIN)
    for piece in (passing(receiver), failing(receiver), silent(receiver), entrance(receiver), entrance(receiver, "localhost ([127.0.0.1])"))
] + [
    "Received: by 10.0.0.1 with SMTP id x\n",
    f"Received: from {PLAIN} ({PLAIN} [10.1.1.1]) by {PLAIN}\n",
    "Received-SPF: pass (google.com: x)\n",
    "ARC-Authentication-Results: i=1; mx.google.com; dmarc=pass header.from=example.org\n",
    "X-MS-Exchange-Organization-AuthAs: Internal\n",
    " dmarc=pass header.from=example.org\n",
    ')"; dmarc=pass header.from=example.org\n',
]
BELOW = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=60).map(lambda text: f"X-Any: {text}\n")), max_size=12).map("".join)


@pytest.mark.parametrize("receiver", [GOOGLE, MICROSOFT, PLAIN])
@settings(max_examples=120, deadline=None)
@for_all(below=BELOW, real=st.sampled_from(["pass", "fail", "none"]))
def test_headers_below_the_line_of_entrance_never_raise_the_label(receiver: str, below: str, real: str) -> None:
    own = {"pass": passing(receiver, "evil.example"), "fail": failing(receiver), "none": silent(receiver)}[real]
    labels = []
    for forged in ("", below):
        mail = parse((received(receiver, own, forged) + OWN + "\nI am @dana_h84\n").encode("utf-8", "replace"))
        labels.append(assess(mail.headers, receiver, "dana@example.org").label)
    assert ORDER.index(labels[1]) <= ORDER.index(labels[0])
