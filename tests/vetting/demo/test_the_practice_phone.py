"""The phone a visitor holds, mounted on the practice Twitter as `up` mounts it; asked as a web server asks it."""

import io
import re
from dataclasses import dataclass
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from django.core.mail import send_mail
from selectolax.lexbor import LexborHTMLParser as HTMLParser

from vetting.demo.phone import make_app
from vetting.demo.place import DANA_USER_ID, MAIL_SERVER
from vetting.demo.tricks import TRICKS
from vetting.twitter.sandbox import World
from vetting.twitter.sandbox import make_app as make_sandbox
from vetting.twitter.sandbox.http import WsgiApp

HOST = "127.0.0.1:8001"


@dataclass
class Page:
    status: int
    headers: dict[str, str]
    text: str


@dataclass
class Browser:
    """A visitor's browser: follows one redirect, and tells where a form came from."""

    app: WsgiApp
    world: World

    def get(self, path: str, host: str = HOST) -> Page:
        return self._ask("GET", path, b"", {"HTTP_HOST": host})

    def post(self, path: str, fields: dict[str, str], origin: str = f"http://{HOST}") -> Page:
        page = self._ask("POST", path, urlencode(fields).encode(), {"HTTP_HOST": HOST, "HTTP_ORIGIN": origin})
        return self.get(urlsplit(page.headers["Location"]).path) if page.status == 303 else page

    def _ask(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> Page:
        got: dict[str, Any] = {}
        environ = {"REQUEST_METHOD": method, "PATH_INFO": path, "SCRIPT_NAME": "", "CONTENT_LENGTH": str(len(body)), **headers}
        environ |= {"wsgi.input": io.BytesIO(body), "wsgi.url_scheme": "http", "QUERY_STRING": ""}
        chunks = self.app(environ, lambda status, fields: got.update(status=int(status[:3]), headers=dict(fields)))
        return Page(got["status"], got["headers"], b"".join(chunks).decode())


@pytest.fixture
def mailbox(tmp_path: Path) -> Path:
    return tmp_path / "mailbox"


@pytest.fixture
def browser(mailbox: Path) -> Browser:
    world = World(handle="hazelbrookpri")
    phone = make_app(world, mailbox, register_url="http://127.0.0.1:8000")
    return Browser(make_sandbox(world, secret="s", extra={"/practice-phone": phone}), world)


def press(browser: Browser, button: str, **fields: str) -> str:
    """What the page shows after a button."""
    page = browser.post(f"/practice-phone/{button}", fields)
    assert page.status == 200
    return page.text


def an_email(**changed: str) -> dict[str, str]:
    fields = {"from_name": "Dana Hill", "from_address": "dana.hill@example.com", "subject": "Twitter", "body": "Hi, I am @danahill_84."}
    return fields | {"check": "GENUINE"} | changed


def test_the_page_is_prefilled_as_danas_and_keeps_its_own_styles(browser: Browser):
    page = browser.get("/practice-phone")

    assert 'value="dana.hill@example.com"' in page.text
    assert 'value="@danahill_84"' in page.text
    assert "This is not Twitter" in page.text
    assert "script-src" not in page.headers["Content-Security-Policy"]
    assert "<script" not in page.text
    styles = re.search(r'href="([^"]+\.css)"', page.text)
    assert styles is not None
    assert browser.get(styles[1]).headers["Content-Type"].startswith("text/css")


def test_a_sent_email_lies_whole_in_the_schools_mailbox_with_the_visitors_own_sentence(browser: Browser, mailbox: Path):
    page = press(browser, "email", **an_email(body="Żółw here!\r\nI am @danahill_84."))

    (message,) = [message_from_bytes(path.read_bytes(), policy=default) for path in mailbox.glob("*.eml")]
    assert message["From"].addresses[0].addr_spec == "dana.hill@example.com"
    assert message.get_content().splitlines() == ["Żółw here!", "I am @danahill_84."]
    assert message["Authentication-Results"].startswith(MAIL_SERVER)
    assert "dmarc=pass" in message["Authentication-Results"]
    assert "in the school" in page
    assert "Żółw here!" in page, "the draft stays"


def test_a_forged_sender_is_found_out_by_the_mail_server(browser: Browser, mailbox: Path):
    press(browser, "email", **an_email(check="FORGED"))

    (path,) = mailbox.glob("*.eml")
    assert "dmarc=fail" in message_from_bytes(path.read_bytes(), policy=default)["Authentication-Results"]


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"from_address": "dana"}, "one e-mail address"),
        ({"body": "  "}, "Write a sentence"),
        ({"from_address": "a@b.c\r\nBcc: x@y.z"}, "one e-mail"),
    ],
)
def test_an_email_that_cannot_be_sent_says_why_and_nothing_lands(browser: Browser, mailbox: Path, changed: dict[str, str], sentence: str):
    assert sentence in press(browser, "email", **an_email(**changed))
    assert not mailbox.exists()


def test_a_subject_cannot_smuggle_in_a_header(browser: Browser, mailbox: Path):
    press(browser, "email", **an_email(subject="Hi\r\nBcc: all@example.org", from_name="Dana\r\nX-Evil: 1"))

    (path,) = mailbox.glob("*.eml")
    message = message_from_bytes(path.read_bytes(), policy=default)
    assert message["Bcc"] is None
    assert message["X-Evil"] is None


def test_asking_puts_dana_on_the_list_of_requests_once(browser: Browser):
    press(browser, "follow", handle="@danahill_84")
    page = press(browser, "follow", handle="@danahill_84")

    assert [asker.user_id for asker in browser.world.requests()] == [DANA_USER_ID.value]
    assert "asked" in page


def test_another_name_renames_the_account_and_keeps_its_number(browser: Browser):
    press(browser, "follow", handle="https://twitter.com/AdasMum")

    (asker,) = browser.world.requests()
    assert (asker.user_id, asker.handle) == (DANA_USER_ID.value, "adasmum")


@pytest.mark.parametrize(
    ("handle", "sentence"),
    [
        ("@a_name_of_16_chars", "at most 15"),
        ("dana hill", "only letters, digits"),
        ("@sam_fen", "somebody else"),
        ("", "Type a Twitter name"),
    ],
)
def test_a_name_that_cannot_be_says_so_and_nobody_asks(browser: Browser, handle: str, sentence: str):
    browser.world.add_user("sam_fen")

    page = press(browser, "follow", handle=handle)

    assert sentence in page
    assert "Not done" in page
    assert browser.world.requests() == []


def test_once_accepted_the_phone_says_so_and_can_stop_following(browser: Browser):
    press(browser, "follow", handle="@danahill_84")
    browser.world.accept(DANA_USER_ID.value)

    assert "You follow the school" in browser.get("/practice-phone").text
    press(browser, "withdraw")
    assert browser.world.followers() == []


def test_the_page_shows_every_trick_with_what_the_register_will_say(browser: Browser):
    page = HTMLParser(browser.get("/practice-phone").text)

    cards = page.css("#tricks li")
    assert [card.css_first("h3").text() for card in cards] == [trick.name for trick in TRICKS]
    assert all(trick.says in card.text() for card, trick in zip(cards, TRICKS, strict=True))
    headings = [heading.tag for heading in page.css("h1, h2, h3")]
    assert headings == ["h1", "h2", "h2", "h2", "h2", *("h3" for _ in TRICKS)]


def test_a_trick_says_what_was_done_and_leads_to_the_registers_requests(browser: Browser, mailbox: Path):
    page = HTMLParser(press(browser, "trick/forged"))

    said = page.css_first("#happened li")
    assert "pretends to be gareth.penrose@example.net" in said.text()
    assert said.css_first("a").attributes["href"] == "http://127.0.0.1:8000/requests/?tab=look"
    assert len(list(mailbox.glob("*.eml"))) == 1
    assert "asks as @gareth_toby_dad" in page.css_first("#tricks").text()


def test_a_trick_that_cannot_be_done_says_why(browser: Browser, mailbox: Path):
    page = HTMLParser(press(browser, "trick/copied"))

    assert "Not done" in page.css_first("#happened li").text()
    assert browser.world.requests() == []
    assert browser.post("/practice-phone/trick/bribery", {}).status == 404


def test_a_page_elsewhere_cannot_press_its_buttons(browser: Browser, mailbox: Path):
    forged = browser.post("/practice-phone/email", an_email(), origin="https://elsewhere.example")
    rebound = browser.get("/practice-phone", host="elsewhere.example")

    assert forged.status == 403
    assert rebound.status == 421
    assert not mailbox.exists()


def test_what_is_typed_is_shown_as_text_never_as_a_page(browser: Browser):
    assert "<b>x" not in press(browser, "email", **an_email(body="<b>x</b>", subject='"><b>x'))


def test_what_the_school_writes_back_arrives_on_the_phone(mailbox: Path, tmp_path: Path, settings: object) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path / "outgoing-mail")
    world = World(handle="hazelbrookpri")
    phone = Browser(make_app(world, mailbox, letters=tmp_path / "outgoing-mail"), world)
    assert "From the school" not in phone.get("/").text
    body = "Hello,\n\nopen this:\n\nhttp://127.0.0.1:8000/confirm/abc.def/\n\nIt works <b>once</b>.\n\nHazelbrook Primary School – office\n"
    send_mail("Please confirm", body, None, ["dana.hill@example.com"])
    shown = phone.get("/").text
    assert '<a class="mail__link" href="http://127.0.0.1:8000/confirm/abc.def/">' in shown
    assert "It works &lt;b&gt;once&lt;/b&gt;." in shown
    assert "Hazelbrook Primary School – office" in shown
    assert "-----" not in shown
