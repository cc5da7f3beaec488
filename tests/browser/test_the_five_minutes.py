"""The README's five minutes in a real browser: a sentence of one's own becomes a confirmed follower. Takes the pictures."""

import os
import re
import time
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from tests.given_processes import Demo
from vetting.env import BASE_DIR

PICTURES = Path(os.environ.get("PICTURES", BASE_DIR / "test-results" / "pictures"))


def _picture(page: Page, name: str) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.bring_to_front()  # a page behind another draws nothing, and there is no picture to take
    page.screenshot(path=PICTURES / f"{name}.png", animations="disabled")


def _sign_in(browser: Browser, demo: Demo, who: str) -> Page:
    page = browser.new_context(viewport={"width": 1280, "height": 860}, locale="en-GB").new_page()
    page.goto(demo.url)
    page.get_by_role("button", name=re.compile(who)).click()
    expect(page.get_by_role("heading", name="Today")).to_be_visible()
    return page


def test_from_my_own_words_to_a_confirmed_follower(browser: Browser, demo: Demo) -> None:
    office = _sign_in(browser, demo, "Priya")
    _picture(office, "today")

    with office.context.expect_page() as opened:
        office.get_by_role("link", name="Practice phone").first.click()
    phone = opened.value
    began = time.monotonic()
    words = phone.get_by_label("Your message")
    mine = words.input_value() + "\nHello from the five minutes."
    words.fill(mine)
    _picture(phone, "practice-phone")
    phone.get_by_role("button", name="Send e-mail").click()
    phone.get_by_role("button", name="Ask to follow").click()

    handle = _the_new_request(office, demo)
    _is_open(office, handle)
    expect(office.get_by_text("Hello from the five minutes.")).to_be_attached()
    expect(office.locator("mark").first).to_be_attached()
    _picture(office, "request")
    office.get_by_role("button", name="Verify", exact=True).first.click()

    admin = _sign_in(browser, demo, "Mr Okafor")
    admin.goto(f"{demo.url}/requests/")
    admin.get_by_role("link", name=re.compile(handle)).first.click()
    _is_open(admin, handle)
    admin.get_by_role("button", name="Approve", exact=True).first.click()
    admin.goto(f"{demo.url}/to-do/")
    row = admin.locator("li, tr, article").filter(has_text=handle).first
    expect(row).to_be_visible()
    _picture(admin, "to-do")

    with admin.context.expect_page() as opened:
        row.get_by_role("link", name=re.compile("Open")).click()
    twitter = opened.value
    twitter.get_by_role("button", name="Accept").first.click()
    _picture(twitter, "practice-twitter")

    accepted = time.monotonic()
    confirmed = admin.locator("li, tr, article").filter(has_text=handle).filter(has_text="Confirmed")
    while not confirmed.count():
        assert time.monotonic() - accepted < 20, "not confirmed within 20 s of accepting"
        admin.wait_for_timeout(500)
        admin.goto(f"{demo.url}/to-do/")
    print(f"\naccepted to Confirmed: {time.monotonic() - accepted:.1f} s; e-mail to Confirmed: {time.monotonic() - began:.1f} s")
    assert time.monotonic() - began < 120
    _picture(admin, "confirmed")


def _is_open(page: Page, handle: str) -> None:
    expect(page.get_by_role("heading", name=re.compile(handle))).to_be_visible()


def _the_new_request(office: Page, demo: Demo) -> str:
    """Wait until one's own sentence is in Requests, and open it."""
    began = time.monotonic()
    while time.monotonic() - began < 30:
        office.goto(f"{demo.url}/requests/")
        mine = office.get_by_role("link", name=re.compile("@danahill"))
        if mine.count():
            handle = re.search(r"@\w+", mine.first.inner_text())
            assert handle
            mine.first.click()
            return handle.group()
        office.wait_for_timeout(500)
    raise AssertionError("The new request did not appear in Requests within 30 s.")
