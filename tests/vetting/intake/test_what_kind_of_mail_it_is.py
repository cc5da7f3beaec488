"""Who a message is from, what kind it is, its parts, and whom a forward is from."""

import pytest

from vetting.intake.parsing import MailClass, ParsedEmail, ZoneKind, parse
from vetting.intake.parsing.structure import ATTACHED_MESSAGES
from vetting.management.bench_parsing import corpus

DANA = "dana@example.org"


def a_mail(*headers: str, body: str = "Hello", sender: str | None = f"Dana Hill <{DANA}>") -> ParsedEmail:
    top = [f"From: {sender}"] if sender is not None else []
    return parse("\n".join([*top, *headers, "Content-Type: text/plain; charset=utf-8", "", body]).encode())


SENDERS = [
    ("dana@example.org", DANA),
    ("<dana@example.org>", DANA),
    ("Dana Hill <dana@example.org>", DANA),
    ('"Hill, Dana" <dana@example.org>', DANA),
    ("Dana (mum of Ada) <dana@example.org>", DANA),
    ("dana@example.org (Dana Hill)", DANA),
    ("=?utf-8?q?Zo=C3=AB?= <dana@example.org>", DANA),
    ("DANA@Example.ORG", DANA),
    ('"dana@example.org" <dana@example.org>', DANA),
    ("dana@example.org <dana@example.org>", DANA),
    ('"jane@example.org" <evil@bad.example>', "evil@bad.example"),
    ("jane@example.org <evil@bad.example>", ""),
    ("<jane@example.org> <evil@bad.example>", ""),
    ("jane@example.org, evil@bad.example", ""),
    ("Jane <jane@example.org>, Evil <evil@bad.example>", ""),
    ("jane@example.org; evil@bad.example", ""),
    ("jane@example.org evil@bad.example", ""),
    ("alice@example.org)bob@bad.example", ""),
    ("alice@example.org(<bob@bad.example>", ""),
    ("alice@example.org]<bob@bad.example>", ""),
    ("<alice@example.org>bob@bad.example", ""),
    ("alice@example.org@bad.example", ""),
    ('"alice@example.org"@bad.example', ""),
    ("Friends: alice@example.org;", ""),
    ("undisclosed-recipients:;", ""),
    ("Dana Hill", ""),
    ("<>", ""),
    ("", ""),
    ("<dana@example.org", ""),
    ("<@relay.example:dana@example.org>", ""),
    ("=?utf-8?q?dana=40example=2Eorg?=", ""),
    ("dana@", ""),
    ("dana@localhost", ""),
    ("dana@exa mple.org", ""),
    ("dana\u202e@example.org <evil@bad.example>", ""),
    (". <dana@example.org>", DANA),
]


@pytest.mark.parametrize(("written", "address"), SENDERS)
def test_a_sender_is_one_address_or_none(written: str, address: str) -> None:
    mail = a_mail(sender=written)
    assert (mail.from_address, mail.sender_ambiguous) == (address, not address)


@pytest.mark.parametrize("headers", [["From: evil@bad.example"], ["from: dana@example.org"]])
def test_two_from_headers_are_no_sender(headers: list[str]) -> None:
    assert a_mail(*headers).sender_ambiguous


def test_no_from_header_is_no_sender() -> None:
    assert a_mail("Subject: x", sender=None).sender_ambiguous


def test_a_character_that_becomes_a_line_end_begins_no_header() -> None:
    mail = parse("Subject: a\x0cFrom: evil@bad.example\x85From: b@bad.example\nFrom: dana@example.org\n\nx".encode())
    assert (mail.from_address, [name for name, _ in mail.headers]) == (DANA, ["Subject", "From"])


HUMAN, AUTO, BOUNCE, LIST = MailClass.HUMAN, MailClass.AUTO_REPLY, MailClass.BOUNCE, MailClass.LIST
KINDS = [
    (["Subject: Twitter"], HUMAN, True),
    (["Auto-Submitted: no"], HUMAN, True),
    (["Subject: Re: Undeliverable: Twitter"], HUMAN, True),
    (["Subject: Fwd: Automatic reply: Twitter"], HUMAN, True),
    (["X-Auto-Response-Suppress: DR, AutoReply"], HUMAN, False),
    (["X-Auto-Response-Suppress: All"], HUMAN, False),
    (["X-Auto-Response-Suppress: DR, RN"], HUMAN, True),
    (["Auto-Submitted: auto-replied"], AUTO, False),
    (["Auto-Submitted: auto-generated (rejected)"], AUTO, False),
    (["X-Autoreply: yes"], AUTO, False),
    (["Precedence: auto_reply"], AUTO, False),
    (["Return-Path: <>"], AUTO, False),
    (["Subject: Automatic reply: Twitter"], AUTO, False),
    (["Subject: Out of office"], AUTO, False),
    (["Subject: =?utf-8?q?R=C3=A9ponse_automatique_:_Twitter?="], AUTO, False),
    (["Subject: Automatische Antwort: Twitter"], AUTO, False),
    (["Subject: Autosvar: Twitter"], AUTO, False),
    (["Subject: Respuesta automática: Twitter"], AUTO, False),
    (["Content-Type: multipart/report; report-type=disposition-notification; boundary=b"], AUTO, False),
    (["Content-Type: multipart/report; report-type=delivery-status; boundary=b"], BOUNCE, False),
    (["X-Failed-Recipients: a@example.org"], BOUNCE, False),
    (["Return-Path: <>", "Subject: failure notice"], BOUNCE, False),
    (["Subject: Undelivered Mail Returned to Sender"], BOUNCE, False),
    (["Subject: Unzustellbar: Twitter"], BOUNCE, False),
    (["List-Id: <news.example.org>"], LIST, False),
    (["List-Unsubscribe: <mailto:x@example.org>"], LIST, False),
    (["Precedence: bulk"], LIST, False),
]


@pytest.mark.parametrize(("headers", "kind", "answerable"), KINDS)
def test_people_machines_bounces_and_lists_are_told_apart(headers: list[str], kind: MailClass, answerable: bool) -> None:
    mail = a_mail(*headers)
    assert (mail.mail_class, mail.no_answer_because == "") == (kind, answerable)


@pytest.mark.parametrize("sender", ["MAILER-DAEMON@mx.example.org", "Mail Delivery System <MAILER-DAEMON>", "mailer-daemon"])
def test_a_mail_server_speaks_of_a_bounce(sender: str) -> None:
    assert a_mail(sender=sender).mail_class is BOUNCE


@pytest.mark.parametrize("sender", ["noreply@example.org", "do-not-reply@example.org", "a@example.org, b@example.org"])
def test_no_letter_answers_an_address_that_takes_none_or_an_unclear_sender(sender: str) -> None:
    mail = a_mail(sender=sender)
    assert (mail.mail_class, bool(mail.no_answer_because)) == (HUMAN, True)


INNER = "From: Dana Hill <dana@example.org>\nSubject: Twitter\n\nI am @dana_h84\n"


def with_attached(*encodings: str) -> bytes:
    parts = "".join(f"--b\nContent-Type: message/rfc822\n{encoding}\n{INNER}\n" for encoding in encodings)
    head = "From: office@st-example.test\nSubject: a letter\nContent-Type: multipart/mixed; boundary=b\n\n"
    return f"{head}--b\n\nSee attached.\n{parts}--b--\n".encode()


def test_attached_messages_are_found_where_they_stand() -> None:
    raw = with_attached("", "Content-Transfer-Encoding: 8bit\n")
    spans = parse(raw).attached
    assert [raw[start:end] for start, end in spans] == [INNER.encode(), INNER.encode()]


@pytest.mark.parametrize("line_end", [b"\n", b"\r\n"])
def test_one_attached_message_says_who_wrote_it(line_end: bytes) -> None:
    raw = with_attached("").replace(b"\n", line_end)
    mail = parse(raw)
    ((start, end),) = mail.attached
    assert (raw[start:end], mail.forwarded_address) == (INNER.encode().replace(b"\n", line_end), DANA)


def test_an_attached_message_packed_as_quoted_printable_is_left_out_and_noted() -> None:
    mail = parse(with_attached("Content-Transfer-Encoding: quoted-printable\n"))
    assert (mail.attached, mail.forwarded_address, mail.defects) == ((), "", ("an attached message is encoded",))


def test_only_so_many_attached_messages_are_named_and_the_rest_is_noted() -> None:
    mail = parse(with_attached(*[""] * (ATTACHED_MESSAGES + 5)))
    assert (len(mail.attached), mail.defects) == (ATTACHED_MESSAGES, ("more attached messages than are read",))


BLOCK = "From: Dana Hill <dana@example.org>\nDate: Mon, 9 Nov 2026\nSubject: Twitter\nTo: Office <office@st-example.test>\n\nI am @dana_h84"
FORWARDS = {
    "Gmail": f"FYI\n\n---------- Forwarded message ---------\n{BLOCK}",
    "Apple Mail": "Begin forwarded message:\n\n" + "\n".join(f"> {line}" for line in BLOCK.split("\n")),
    "Thunderbird": f"-------- Forwarded Message --------\n{BLOCK}",
    "Outlook, German": "Von: Dana Hill <dana@example.org>\nGesendet: Montag\nAn: Büro\nBetreff: Twitter\n\nI am @dana_h84",
    "Outlook, with its line": f"________________________________\n{BLOCK}",
    "Outlook 2013": BLOCK.replace("<dana@example.org>", "[mailto:dana@example.org]"),
    "Yahoo, on one line": "----- Mensagem encaminhada ----- De: Dana Hill <dana@example.org>Para: x <x@example.org>"
    "Enviado: segunda\n I am @dana_h84",
    "Outlook for Mac": 'On 09/11/2026 09:00, "Dana Hill" <dana@example.org> wrote:\n\n    I am @dana_h84',
    "French": f"---------- Message transféré ---------\nDe : {BLOCK[6:]}",
    "Polish": "Początek przekazywanej wiadomości:\n\nOd: Dana <dana@example.org>\nTemat: Twitter\n"
    "Data: 9 listopada\nDo: x\n\nI am @dana_h84",
    "Japanese": "---------- メッセージを転送 ---------\n送信元：Dana <dana@example.org>\n日付：2026年\n"
    "件名：Twitter\n送信先：x\n\nI am @dana_h84",
    "Ukrainian": "---------- Переслане повідомлення ---------\nВід: Dana <dana@example.org>\nДата: пн\n"
    "Тема: Twitter\nКому: x\n\nI am @dana_h84",
}


@pytest.mark.parametrize("body", FORWARDS.values(), ids=FORWARDS.keys())
def test_a_forward_names_who_wrote_it(body: str) -> None:
    mail = a_mail("Subject: Fwd: Twitter", body=body, sender="office@st-example.test")
    assert mail.forwarded_address == DANA
    assert [(name.handle, name.zone) for name in mail.names] == [("dana_h84", ZoneKind.FORWARDED)]


NOBODY = {
    "a name without an address": "---------- Forwarded message ---------\nFrom: Dana Hill\nDate: Monday\n"
    "Subject: x\n\nI am dana@example.org",
    "only an inner one has an address": f"---------- Forwarded message ---------\nFrom: Dana\nDate: Mon\nSubject: x\n\n"
    f"---------- Forwarded message ---------\n{BLOCK}",
    "two addresses": "---------- Forwarded message ---------\nFrom: a@example.org, b@example.org\nDate: Mon\nSubject: x\n\nHello",
    "an address typed above": "From dana@example.org, see below.\n\nThanks",
}


@pytest.mark.parametrize("body", NOBODY.values(), ids=NOBODY.keys())
def test_a_forward_that_names_no_single_sender_names_nobody(body: str) -> None:
    assert a_mail("Subject: Fwd: Twitter", body=body).forwarded_address == ""


def test_an_answer_is_no_forward() -> None:
    mail = a_mail("Subject: RE: Twitter", body=f"Thank you.\n\n________________________________\n{BLOCK}")
    assert (mail.forwarded_address, [name.zone for name in mail.names]) == ("", [ZoneKind.QUOTED])


def test_every_part_of_a_text_has_its_zone_and_nothing_is_left_out() -> None:
    words = (
        "CAUTION: This email originated from outside the school.\n\nI am Dana.\nSent from my iPhone\n-- \nDana Hill\n\n"
        "This email is confidential and intended only for the addressee.\n\nAm 9.11.2026 schrieb Office <office@st-example.test>:\n> Hello"
    )
    mail = a_mail(body=words)
    kinds = [zone.kind for zone in mail.zones]
    assert [kind for kind, following in zip(kinds, [*kinds[1:], None], strict=True) if kind is not following] == [
        *(ZoneKind.DISCLAIMER, ZoneKind.NEW, ZoneKind.SIGNATURE, ZoneKind.DISCLAIMER, ZoneKind.SIGNATURE, ZoneKind.QUOTED)
    ]
    assert mail.text == words
    assert mail.zones[-1].end >= len(mail.text)


@pytest.mark.parametrize(
    "markup",
    [
        '<div class="gmail_quote"><div class="gmail_attr">Am Mo schrieb Büro:</div><blockquote>@quoted</blockquote></div>',
        '<div class="yahoo_quoted">@quoted</div>',
        '<blockquote type="cite">@quoted</blockquote>',
        '<div id="divRplyFwdMsg"><b>From:</b> Office<br><b>Sent:</b> Monday<br><b>To:</b> Dana<br><b>Subject:</b> x</div><p>@quoted</p>',
    ],
)
def test_what_a_mail_program_quotes_in_html_is_quoted(markup: str) -> None:
    mail = parse(f"From: {DANA}\nSubject: Re: Twitter\nContent-Type: text/html\n\n<p>My Twitter name is @dana_h84</p>{markup}".encode())
    assert {name.handle: name.zone for name in mail.names} == {"dana_h84": ZoneKind.NEW, "quoted": ZoneKind.QUOTED}


def test_the_mails_made_for_measuring_are_read_as_what_they_are() -> None:
    kinds = [parse(raw).mail_class for raw in corpus(10)]
    assert kinds == [*[HUMAN] * 8, LIST, BOUNCE]
