"""A hostile e-mail in a real browser: nothing is fetched from anywhere, nothing runs, and the words are answered without script."""

import re
import time

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.given_processes import Demo

HOSTILE = """<html><head><meta http-equiv="refresh" content="0;url=https://evil.invalid/refresh"><base href="https://evil.invalid/">
<link rel="stylesheet" href="https://evil.invalid/a.css"><style>@import url(https://evil.invalid/b.css);
@font-face { font-family: F; src: url(https://evil.invalid/f.woff2) } p { font-family: F;
background: url(https://evil.invalid/c.png) }</style>
</head><body background="https://evil.invalid/d.png" onload="document.title='ran'">
<p style="color:#9c1c1c; background-image:url(https://evil.invalid/e.png)">These are the red words.</p>
<img src="https://evil.invalid/pixel.png"><img src="x" onerror="alert(1)"><script>alert(2); document.title = "ran"</script>
<svg><image href="https://evil.invalid/g.png"/></svg><iframe src="https://evil.invalid/h"></iframe>
<a href="https://evil.invalid/click">press me</a><form action="https://evil.invalid/form"><button>Send</button></form></body></html>"""


@pytest.fixture(scope="module")
def hostile(demo: Demo) -> str:
    """Lies in the demo's mailbox like any other."""
    head = (
        "From: Mallory Quill <mallory@evil.invalid>\nTo: office@school.test\nSubject: Mallory and Twitter\n"
        "Message-ID: <hostile@evil.invalid>\nMIME-Version: 1.0\nContent-Type: multipart/alternative; boundary=b\n\n"
    )
    plain = "--b\nContent-Type: text/plain\n\nMy Twitter name is @mallory_q or perhaps @mallory_quill.\n"
    (demo.data_dir / "demo-mailbox" / "hostile.eml").write_text(
        f"{head}{plain}\n--b\nContent-Type: text/html\n\n{HOSTILE}\n--b--\n", "utf-8"
    )
    return "Mallory Quill"


def _as_priya(context: BrowserContext, demo: Demo) -> Page:
    page = context.new_page()
    page.goto(demo.url)
    page.get_by_role("button", name=re.compile("Priya")).click()
    return page


def _open(page: Page, demo: Demo, sender: str) -> None:
    began = time.monotonic()
    while True:
        page.goto(f"{demo.url}/e-mails/")
        found = page.get_by_role("link", name=sender)
        if found.count():
            found.first.click()
            return
        assert time.monotonic() - began < 40, "the message was not read within 40 s"
        page.wait_for_timeout(500)


def test_the_formatted_version_fetches_nothing_and_runs_nothing(browser: Browser, demo: Demo, hostile: str) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 860})
    asked: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    dialogs: list[str] = []
    page = _as_priya(context, demo)
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    _open(page, demo, hostile)
    page.get_by_role("link", name="Formatted version").click()
    frame = page.frame_locator("iframe")
    expect(frame.get_by_text("These are the red words.")).to_be_visible()
    frame.get_by_text("press me").click()
    page.wait_for_timeout(1_000)
    # The same body by itself, outside the frame, is as harmless.
    alone = context.new_page()
    alone.goto(f"{page.url}body/")
    expect(alone.get_by_text("These are the red words.")).to_be_visible()
    alone.wait_for_timeout(500)
    assert alone.title() == "Formatted e-mail"
    assert dialogs == []
    assert {url for url in asked if not url.startswith(demo.url)} == set()
    # The watch does see what a page asks for elsewhere.
    control = context.new_page()
    control.set_content('<img src="https://evil.invalid/control.png">')
    control.wait_for_timeout(500)
    assert [url for url in asked if "evil.invalid" in url] == ["https://evil.invalid/control.png"]


def test_without_script_and_with_the_keyboard_alone_a_word_is_answered_where_it_stands(browser: Browser, demo: Demo, hostile: str) -> None:
    context = browser.new_context(viewport={"width": 320, "height": 800}, java_script_enabled=False, color_scheme="dark")
    page = _as_priya(context, demo)
    _open(page, demo, hostile)
    expect(page.get_by_text("More than one Twitter name was read in this e-mail.")).to_be_visible()
    letter = page.get_by_role("region", name="Text of the e-mail")
    letter.get_by_role("button", name="Not this: @mallory_q", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Noted. It is compared with the requests within a few seconds.")).to_be_visible()
    expect(letter.get_by_text("Not this").first).to_be_visible()
    letter.get_by_role("button", name="Use this: @mallory_quill").focus()
    page.keyboard.press("Enter")
    expect(letter.get_by_text("This one")).to_be_visible()
