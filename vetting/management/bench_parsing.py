"""How fast e-mails are read, against the standard library's newer reader on the same mails in the same run.

The mails are made up here, in the mix an office sees: plain, formatted, answers with quotes, forwards, attachments, bounces, newsletters.
"""

import base64
import quopri
import random
import time
from collections.abc import Callable
from email import message_from_bytes, policy
from email.message import EmailMessage

from vetting.intake.parsing import parse
from vetting.management.benches import Bench, Way

MAILS = 400
_FIRST = ("Dana", "Priya", "Sam", "Tom", "Aisha", "Leo", "Zoë", "Marek", "Ewa", "Ravi", "Grace", "Olu", "Mei", "Nia", "Callum", "Freya")
_FAMILY = ("Hill", "Shah", "Reid", "Okafor", "Lane", "Nowak", "Evans", "Khan", "Murphy", "Baker", "Chen", "Adeyemi", "Walsh", "Price")
_HASH, _SIGNATURE = "Ab1" * 14 + "=", "Zx9" * 110
_TALE = (
    "the school trip on Friday needs a packed lunch and a coat because the forecast says rain and we would be glad of two more helpers "
    "for the walk to the library where the children will hear a story and choose a book to take home for the weekend"
)
_WORDS = _TALE.split()


def corpus(count: int, *, seed: int = 7) -> list[bytes]:
    """Made-up mails as families' programs write them; the same for the same seed."""
    chance = random.Random(seed)  # noqa: S311  # a mix of mails is no secret
    kinds = (_plain, _plain, _formatted, _formatted, _answer, _answer, _forward, _with_attachment, _newsletter, _bounce)
    return [kinds[number % len(kinds)](chance, number) for number in range(count)]


def parsing() -> Bench:
    """Reading an e-mail in full (sender, zones, names, children) against only taking its fields and text with policy.default."""
    mails = corpus(MAILS)
    return Bench(
        "intake: read 400 e-mails",
        Way("policy.default's fields", lambda: [_fields(mail) for mail in mails]),
        Way(f"full reading ({_rate(lambda: [parse(mail) for mail in mails]):,.0f} a second)", lambda: [parse(mail) for mail in mails]),
        2.0,
        "at least half as fast as the standard library's fields alone, aim 1",
    )


def _rate(run: Callable[[], object]) -> float:
    began = time.process_time()
    run()
    return MAILS / (time.process_time() - began)


def _fields(raw: bytes) -> tuple[str, str, str, str, str]:
    message = message_from_bytes(raw, policy=policy.default)
    text = ""
    if isinstance(message, EmailMessage) and (body := message.get_body(("plain", "html"))) is not None:
        text = str(body.get_content())
    return str(message["From"]), str(message["To"]), str(message["Subject"]), str(message["Date"]), text


def _head(chance: random.Random, number: int, subject: str) -> str:
    first, family = chance.choice(_FIRST), chance.choice(_FAMILY)
    hops = "".join(
        f"Received: from mail{hop}.example.org (mail{hop}.example.org [203.0.113.{hop}])\r\n"
        f"\tby mx{hop}.st-example.test with ESMTPS id {number}-{hop};\r\n\tMon, 9 Nov 2026 09:0{hop}:00 +0000\r\n"
        for hop in range(4)
    )
    return (
        f"{hops}Authentication-Results: mx.st-example.test; spf=pass smtp.mailfrom=example.org;\r\n"
        f" dkim=pass header.d=example.org; dmarc=pass "
        f"header.from=example.org\r\nDKIM-Signature: v=1; a=rsa-sha256; d=example.org;\r\n s=s1; bh={_HASH};\r\n b={_SIGNATURE}\r\n"
        f"MIME-Version: 1.0\r\nFrom: =?utf-8?q?{quopri.encodestring(first.encode()).decode()}?= {family} "
        f"<{family.lower()}{number}@example.org>\r\nTo: The Office <office@st-example.test>\r\nSubject: {subject}\r\n"
        f"Date: Mon, 9 Nov 2026 09:00:00 +0000\r\nMessage-ID: <{number}@example.org>\r\nX-Mailer: Example Mail 3.1\r\n"
    )


def _prose(chance: random.Random, words: int) -> str:
    lines, line = [], ""
    for _ in range(words):
        line = f"{line} {chance.choice(_WORDS)}".strip()
        if len(line) > 68:
            lines.append(line)
            line = ""
    return "\r\n".join([*lines, line])


def _request(chance: random.Random, number: int) -> str:
    return (
        f"Hello,\r\n\r\nMy Twitter name is @dana_{number}. I am the mum of {chance.choice(_FIRST)} "
        f"{chance.choice(_FAMILY)} ({chance.randint(1, 6)}{chance.choice('AB')}).\r\n\r\n{_prose(chance, 40)}\r\n\r\n"
        f"Kind regards\r\n{chance.choice(_FIRST)}\r\n"
    )


def _plain(chance: random.Random, number: int) -> bytes:
    head = _head(chance, number, "Following the school on Twitter")
    return f"{head}Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{_request(chance, number)}".encode()


def _both(chance: random.Random, number: int, subject: str, words: str) -> bytes:
    paragraphs = "".join(f"<p style='margin:0;font-family:Calibri'>{line}<br></p>\r\n" for line in words.split("\r\n"))
    html = f"<html><head><style>p {{color: black}}</style></head><body><div class='WordSection1'>{paragraphs}</div></body></html>"
    return (
        f'{_head(chance, number, subject)}Content-Type: multipart/alternative; boundary="b{number}"\r\n\r\n--b{number}\r\n'
        f"Content-Type: text/plain; charset=utf-8\r\n\r\n{words}\r\n--b{number}\r\nContent-Type: text/html; charset=utf-8\r\n"
        f"\r\n{html}\r\n--b{number}--\r\n"
    ).encode()


def _formatted(chance: random.Random, number: int) -> bytes:
    return _both(chance, number, "=?utf-8?q?Twitter_=E2=80=93_please?=", _request(chance, number))


def _answer(chance: random.Random, number: int) -> bytes:
    quoted = "\r\n".join(f"> {line}" for line in _prose(chance, 120).split("\r\n"))
    words = f"{_request(chance, number)}\r\nOn Mon, 9 Nov 2026 at 08:00, The Office <office@st-example.test> wrote:\r\n\r\n{quoted}\r\n"
    return _both(chance, number, "Re: How to follow us", words)


def _forward(chance: random.Random, number: int) -> bytes:
    words = (
        "Please see below.\r\n\r\n---------- Forwarded message ---------\r\nFrom: Dana Hill <dana@example.org>\r\n"
        "Date: Mon, 9 Nov 2026 at 07:00\r\n"
        f"Subject: Twitter\r\nTo: <office@st-example.test>\r\n\r\n{_request(chance, number)}"
    )
    return _both(chance, number, "Fwd: Twitter", words)


def _with_attachment(chance: random.Random, number: int) -> bytes:
    data = base64.encodebytes(chance.randbytes(60_000)).decode()
    return (
        f"{_head(chance, number, 'The form')}Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"
        f"Content-Type: text/plain; charset=utf-8\r\n\r\n"
        f'{_request(chance, number)}\r\n--b\r\nContent-Type: application/pdf; name="form.pdf"\r\n'
        f'Content-Disposition: attachment; filename="form.pdf"\r\n'
        f"Content-Transfer-Encoding: base64\r\n\r\n{data}\r\n--b--\r\n"
    ).encode()


def _newsletter(chance: random.Random, number: int) -> bytes:
    rows = "".join(
        f"<tr><td style='padding:4px'><b>{chance.choice(_FIRST)}</b></td><td>{_prose(chance, 25)}</td><td>"
        f"<a href='https://example.org/{row}'>more</a></td></tr>\r\n"
        for row in range(20)
    )
    return (
        f"{_head(chance, number, 'Your weekly news')}List-Unsubscribe: <https://example.org/u>\r\n"
        f"Content-Type: text/html; charset=utf-8\r\n\r\n"
        f"<html><body><table>{rows}</table></body></html>"
    ).encode()


def _bounce(chance: random.Random, number: int) -> bytes:
    return (
        f"Return-Path: <>\r\nFrom: MAILER-DAEMON@mx.example.org\r\nTo: office@st-example.test\r\n"
        f"Subject: Undelivered Mail Returned to Sender\r\n"
        f"Date: Mon, 9 Nov 2026 09:00:00 +0000\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n"
        f"\r\n--b\r\n\r\n"
        f"{_prose(chance, 60)}\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example.org\r\n\r\n"
        f"Action: failed\r\nStatus: 5.1.1\r\n"
        f"--b\r\nContent-Type: message/rfc822\r\n\r\nFrom: office@st-example.test\r\nSubject: {number}\r\n\r\n"
        f"{_prose(chance, 40)}\r\n--b--\r\n"
    ).encode()
