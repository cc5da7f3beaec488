"""Whatever arrives is read as far as it goes, within bounds, and never breaks the reading."""

import json
import os
import random
import subprocess
import sys
import time
from base64 import b64encode
from collections.abc import Iterator
from quopri import encodestring

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from vetting.intake.parser_process import ParserFailed, ParserProcess
from vetting.intake.parsing import ParsedEmail, ZoneKind, parse
from vetting.management.bench_parsing import corpus
from vetting.values import Handle

HEAD = b"From: Dana <dana@example.org>\nSubject: Twitter\n"


def is_sound(mail: ParsedEmail) -> None:
    """Every text can be stored anywhere, spans lie inside, zones leave no gap, and it survives the way between processes."""
    written = json.dumps(mail.as_json())
    assert "\\u0000" not in written
    assert ParsedEmail.from_json(json.loads(written)) == mail
    mail.text.encode("utf-8")
    mail.subject.encode("utf-8")
    for name in mail.names:
        where = mail.subject if name.zone is ZoneKind.SUBJECT else mail.text
        assert 0 <= name.start < name.end <= len(where)
        assert name.handle is None or Handle(name.handle)
    assert [zone.start for zone in mail.zones[1:]] == [zone.end for zone in mail.zones[:-1]]


@given(st.binary(max_size=2_000))
@settings(max_examples=150, deadline=None)
def test_random_bytes_never_raise(raw: bytes) -> None:
    is_sound(parse(raw))


PIECES = [
    *(
        b"From: ",
        b"Subject: ",
        b"Content-Type: ",
        b"multipart/mixed; boundary=b",
        b"text/html; charset=",
        b"text/plain",
        b"\n",
        b"\n\n",
        b"\r\n\r\n",
    ),
    *(
        b"--b\n",
        b"--b--\n",
        b"=?utf-8?q?",
        b"=?x?b?=?=",
        b"?=",
        b"<",
        b">",
        b"@",
        b"@jane",
        b"twitter name is ",
        b"jane underscore ",
        b"x.com/",
        b'"',
    ),
    *(
        b"(",
        b")",
        b";",
        b"Content-Transfer-Encoding: base64\n",
        b"On Monday x wrote:\n",
        b"> ",
        b"-----Original Message-----\n",
        b"From: a\nTo: b\nDate: c\n",
    ),
    *(
        b"utf-7",
        b"utf-16",
        b"\x00",
        b"\xff\xfe",
        b"\xed\xa0\x80",
        "＠ｊ".encode(),
        "а".encode(),
        b"mum of ",
        b"<blockquote>",
        b"<a href=https://x.com/j>",
    ),
]


@given(st.lists(st.sampled_from(PIECES) | st.binary(max_size=8), max_size=60).map(b"".join))
@settings(max_examples=300, deadline=None)
@example(b"From: a@b.org\nContent-Type: text/html; charset=utf-16\n\n<p>x")
@example(b"Content-Type: Yx.com/\x00Subject\n\nx")
@example(b"Content-Type: text/plain; charset=\x00a\n\n\xe9")
@example(b"From: a@b.org\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain; charset*=\xff''\n\nx")
def test_pieces_of_mail_in_any_order_never_raise(raw: bytes) -> None:
    is_sound(parse(raw))


@pytest.mark.parametrize("raw", [b"", b"\n", b"\0" * 1000, b"From", b"From:\n\n", b"x" * 100_000, b"\n" * 100_000, b"\xff" * 5_000])
def test_almost_nothing_gives_almost_nothing(raw: bytes) -> None:
    mail = parse(raw)
    is_sound(mail)
    assert mail.names == ()


def nested(depth: int) -> bytes:
    opening = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (level, level) for level in range(depth))
    return HEAD + opening + b"Content-Type: text/plain\n\n@dana_h84\n"


HOSTILE = {
    "200 nested parts": nested(200),
    "5,000 nested parts": nested(5_000),
    "100,000 parts": HEAD + b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * 100_000,
    "a header of 1 MB": HEAD + b"X-Long: " + b"a" * 1_000_000 + b"\n\n@dana_h84",
    "100,000 headers": HEAD + b"X-A: b\n" * 100_000 + b"\n@dana_h84",
    "20,000 quotes": b"From: " + b'"' * 20_000 + b"\n\nx",
    "20,000 semicolons": HEAD + b"Content-Type: text/plain" + b";" * 20_000 + b"\n\n@dana_h84",
    "100,000 semicolons with spaces": HEAD + b"Content-Type: text/plain" + b"; a" * 100_000 + b"\n\n@dana_h84",
    "7,000 encoded words": HEAD + b"X: " + b"=?utf-8?q?a?= " * 7_000 + b"\nSubject: " + b"=?utf-8?b?YQ==?= " * 7_000 + b"\n\nx",
    "HTML 100,000 deep": HEAD + b"Content-Type: text/html\n\n" + b"<div>" * 100_000 + b"@dana_h84",
    "a tag with 100,000 attributes": HEAD + b"Content-Type: text/html\n\n<p " + b"a=b " * 100_000 + b">@dana_h84",
    "1,000,000 angle brackets": HEAD + b"Content-Type: text/html\n\n" + b"<" * 1_000_000,
    "1,000,000 at signs": HEAD + b"\n" + b"@" * 1_000_000,
    "cues without end": HEAD + b"\n" + b"twitter name is " * 60_000,
    "spaces without end": HEAD + b"\ntwitter name" + b" " * 500_000 + b"x",
    "colons without end": HEAD + b"\ntwitter name is" + b" : " * 200_000,
    "underscores spelled without end": HEAD + b"\nmy handle is " + b"jane underscore " * 20_000,
    "one line of 10 MB": HEAD + b"\n" + b"a" * 10_000_000,
    "quoted lines without end": HEAD + b"\n" + b"> > > > x\n" * 50_000,
    "wrote without end": HEAD + b"\n" + b"On Monday somebody\n" * 30_000,
    "comments without end": b"From: " + b"(" * 100_000 + b"\n\nx",
    "commas without end": b"From: " + b"a," * 100_000 + b"\n\nx",
    "mum of mum of": HEAD + b"\n" + b"mum of and " * 50_000,
    "names without end": HEAD + b"\n" + b"Aa Bb Cc's " * 50_000,
    "capitals and hyphens without end": HEAD + b"\n" + b"A-" * 50_000,
    "capitals and apostrophes without end": HEAD + b"\n" + b"A'" * 50_000,
    "lines without a word": HEAD + b"\n" + b"<\n" * 50_000,
    "links without end": HEAD + b"\n" + b"https://x.com/intent/user?a=b&" + b"a=b&" * 50_000,
    "25 MB attached": HEAD + b"Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: application/pdf; name=a.pdf\n"
    b"Content-Transfer-Encoding: base64\n\n" + (b"A" * 76 + b"\n") * 320_000 + b"--b--\n",
}


@pytest.mark.parametrize("raw", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_mail_is_read_within_bounds(raw: bytes) -> None:
    began = time.process_time()
    mail = parse(raw)
    assert time.process_time() - began < 5
    is_sound(mail)
    assert len(mail.text) <= 100_000


def test_what_is_nested_deeply_is_still_found() -> None:
    markup = b"<div>" * 300 + b"my Twitter name is <b>@dana</b><span>_h84</span>" + b"</div>" * 300
    assert [name.handle for name in parse(HEAD + b"Content-Type: text/html\n\n" + markup).names] == ["dana_h84"]


def test_hidden_text_is_not_what_the_sender_shows() -> None:
    markup = b'<p>I am @dana_h84</p><div style="display: none">I am @evil</div><style>@media x</style><!-- @comment -->'
    assert [name.handle for name in parse(HEAD + b"Content-Type: text/html\n\n" + markup).names] == ["dana_h84"]


def test_a_link_behind_words_is_read() -> None:
    markup = b'<p>Here is <a href="https://twitter.com/dana_h84?s=21">my Twitter</a></p>'
    (name,) = parse(HEAD + b"Content-Type: text/html\n\n" + markup).names
    assert (name.handle, name.rule) == ("dana_h84", "profile address")


def test_a_name_only_in_the_formatted_version_is_found() -> None:
    raw = HEAD + (
        b"Content-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/plain\n\nThis needs a program that shows HTML.\n"
        b"--b\nContent-Type: text/html\n\n<p>My Twitter name is @dana_h84</p>\n--b--\n"
    )
    assert [name.handle for name in parse(raw).names] == ["dana_h84"]


def test_attachments_are_named_and_not_kept() -> None:
    raw = HEAD + (
        b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nI am @dana_h84\n--b\nContent-Type: application/pdf\n"
        b"Content-Disposition: attachment; filename*=utf-8''Form%20%C3%BC.pdf\n\nsecret\n--b\nContent-Type: message/rfc822\n\n"
        b"From: eve@evil.example\nSubject: x\n\nI am @evil\n--b--\n"
    )
    mail = parse(raw)
    assert mail.attachments == ("Form ü.pdf", "message/rfc822")
    assert [name.handle for name in mail.names] == ["dana_h84"]
    assert "secret" not in mail.text


ZONES = """Hi, I am @new_name

Dana
--
@signature_name

On Mon, 9 Nov 2026 at 09:00, The Office <office@school.test>
wrote:
> Please send your Twitter name, for example @quoted_name
"""


def test_each_name_says_in_which_part_of_the_mail_it_stands() -> None:
    found = {name.handle: name.zone for name in parse(HEAD + b"\n" + ZONES.encode()).names}
    assert found == {"new_name": ZoneKind.NEW, "signature_name": ZoneKind.SIGNATURE, "quoted_name": ZoneKind.QUOTED}


CHARSETS = [
    ("Zoë’s Café", "utf-8", "utf-8"),
    ("Zoë’s Café", "utf-8", "us-ascii"),
    ("Zoë’s Café", "utf-8", "iso-8859-1"),
    ("Zoë’s Café", "utf-8", ""),
    ("Zoë’s Café", "cp1252", "iso-8859-1"),
    ("Zoë’s Café", "cp1252", "utf-8"),
    ("Zoë’s Café", "cp1252", "no-such-charset"),
    ("Łucja Wójcik", "iso-8859-2", "iso-8859-2"),
    ("Привет, мир", "koi8-r", "koi8-r"),
    ("Привет, мир", "cp1251", "windows-1251"),
    ("שלום", "iso-8859-8", "iso-8859-8-i"),
    ("مرحبا", "cp1256", "windows-1256"),
    ("中文简体", "gbk", "gb2312"),
    ("日本語", "iso-2022-jp", "iso-2022-jp"),
    ("한국어", "euc-kr", "ks_c_5601-1987"),
    ("Füße", "utf-16", "utf-16"),
    ("Füße", "cp850", "cp-850"),
    ("Zoë’s Café", "utf-8", "iso-2022-jp"),
    ("Ελληνικά", "iso-8859-7", "iso-8859-7"),
    ("Türkçe ğ", "iso-8859-9", "iso-8859-9"),
    ("繁體中文", "big5", "big5"),
    ("Füße", "utf-7", "utf-7"),
]


@pytest.mark.parametrize("way", ["8bit", "base64", "quoted-printable"])
@pytest.mark.parametrize(("words", "written_in", "label"), CHARSETS)
def test_text_is_read_whatever_its_label_says(words: str, written_in: str, label: str, way: str) -> None:
    data = words.encode(written_in)
    body = {"8bit": lambda: data, "base64": lambda: b64encode(data), "quoted-printable": lambda: encodestring(data)}[way]()
    charset = f'; charset="{label}"' if label else ""
    if way == "8bit" and written_in == "utf-16":
        pytest.skip("no mail carries UTF-16 unencoded: its line ends are not line ends")
    raw = HEAD + f"Content-Type: text/plain{charset}\nContent-Transfer-Encoding: {way}\n\n".encode() + body
    assert parse(raw).text == words


def test_the_child_process_answers_and_a_dead_one_is_replaced() -> None:
    parser = ParserProcess()
    assert parser.parse(HEAD + b"\n@dana_h84").names[0].handle == "dana_h84"
    parser._child.kill()
    parser._child.wait()
    assert parser.parse(HEAD + b"\n@dana_h84").names[0].handle == "dana_h84"
    parser.stop()


def test_one_that_takes_too_long_is_given_up_and_the_next_is_read() -> None:
    parser = ParserProcess(timeout=0.0)
    with pytest.raises(ParserFailed, match="too long"):
        parser.parse(HEAD)
    parser._timeout = 20.0
    assert parser.parse(HEAD).subject == "Twitter"
    parser.stop()


@pytest.mark.skipif(sys.platform == "win32", reason="process ids are looked at the POSIX way")
def test_the_child_ends_with_its_parent_even_when_that_is_killed() -> None:
    program = (
        "import os, signal; from vetting.intake.parser_process import _parser; _parser.parse(b'');"
        "print(_parser._child.pid, flush=True); os.kill(os.getpid(), signal.SIGKILL)"
    )
    child = int(subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False).stdout)
    deadline = time.monotonic() + 5
    while _is_running(child) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not _is_running(child)


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    with open(f"/proc/{pid}/stat") as state:
        return state.read().rpartition(")")[2].split()[0] != "Z"


HOSTILE_TOO = {
    "1,000 messages in each other": HEAD + b"Content-Type: message/rfc822\n\n" * 1_000 + b"@dana_h84",
    "20,000 quotes in To": HEAD + b"To: " + b'"' * 20_000 + b"\n\n@dana_h84",
    "14,285 semicolons": HEAD + b"Content-Type: text/plain" + b"; " * 14_285 + b"\n\n@dana_h84",
    "1,000,000 ampersands": HEAD + b"Content-Type: text/html\n\n" + b"&" * 1_000_000,
    "5 MB of HTML": HEAD + b"Content-Type: text/html\n\n" + b"<p>hello <b>you</b></p>\n" * 220_000,
    "NULs": b"\0" * 5_000_000,
}


@pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="memory is read from /proc")
def test_the_worst_mails_stay_under_ten_seconds_and_512_mb_in_the_process_that_reads_them(capsys: pytest.CaptureFixture[str]) -> None:
    parser = ParserProcess()
    slowest = most = 0.0
    for name, raw in {**HOSTILE, **HOSTILE_TOO}.items():
        began = time.perf_counter()
        mail = parser.parse(raw)
        slowest = max(slowest, time.perf_counter() - began)
        with open(f"/proc/{parser._child.pid}/status") as status:
            most = max(most, *(int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM")))
        if raw.startswith(HEAD):
            assert (mail.from_address, mail.subject) == ("dana@example.org", "Twitter"), name
    parser.stop()
    with capsys.disabled():
        print(f"\n{len(HOSTILE) + len(HOSTILE_TOO)} hostile mails: slowest {slowest:.1f} s, at most {most:.0f} MB")
    assert slowest < 10
    assert most < 512


def mutations(count: int, *, seed: int) -> Iterator[bytes]:
    """Mails with bytes changed, cut out, doubled and put elsewhere."""
    chance = random.Random(seed)  # noqa: S311  # damage is no secret
    mails = corpus(20)
    for number in range(count):
        raw = bytearray(mails[number % len(mails)])
        for _ in range(chance.randint(1, 12)):
            place, length = chance.randrange(len(raw) or 1), chance.choice((1, 1, 2, 8, 60, 500))
            piece = chance.choice((b"", chance.randbytes(length), bytes(raw[place : place + length]) * 2, chance.choice(PIECES)))
            raw[place : place + chance.choice((0, length))] = piece
        yield bytes(raw)


def test_mails_with_random_damage_never_raise() -> None:
    for raw in mutations(200, seed=1):
        is_sound(parse(raw))


@pytest.mark.slow
def test_ten_thousand_mails_with_random_damage_never_raise() -> None:
    for raw in mutations(10_000, seed=2):
        is_sound(parse(raw))
