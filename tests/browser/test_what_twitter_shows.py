"""In a real browser, on the running demo: a follower is removed on Twitter's page, and a tick that Twitter contradicts comes back."""

import re
import time
from collections.abc import Callable

from playwright.sync_api import Browser, Locator, Page, expect

from tests.given_processes import Demo

PATIENCE = 60


def _signed_in(browser: Browser, demo: Demo, who: str) -> Page:
    page = browser.new_context(viewport={"width": 1280, "height": 860}, locale="en-GB").new_page()
    page.goto(demo.url)
    page.get_by_role("button", name=re.compile(who)).click()
    expect(page.get_by_role("heading", name="Today")).to_be_visible()
    return page


def _row(page: Page, handle: str) -> Locator:
    return page.locator("li").filter(has_text=re.compile(rf"{handle}\b"))


def _waits_for(page: Page, url: str, what: Callable[[], bool]) -> float:
    """Open the page again and again until it shows that. Returns the seconds it took."""
    began = time.monotonic()
    page.goto(url)
    while not what():
        assert time.monotonic() - began < PATIENCE, f"not seen within {PATIENCE} s on {url}"
        page.wait_for_timeout(500)
        page.goto(url)
    return time.monotonic() - began


def _practice_twitter(page: Page, row: Locator) -> Page:
    """The account's own page, opened from To do."""
    with page.context.expect_page() as opened:
        row.get_by_role("link", name=re.compile("Open on Twitter")).click()
    return opened.value


def test_a_leaver_is_removed_on_twitters_page_and_the_next_reading_confirms_it(browser: Browser, demo: Demo) -> None:
    admin = _signed_in(browser, demo, "Mr Okafor")
    admin.goto(f"{demo.url}/leavers/")
    link = admin.get_by_role("link", name=re.compile("^@")).first
    handle = link.inner_text().strip()
    link.click()
    admin.get_by_label("Reason").fill("The family moved away.")
    admin.get_by_role("button", name="Remove follower").click()

    admin.goto(f"{demo.url}/to-do/")
    row = _row(admin, handle).first
    expect(row.get_by_text("Remove this follower").first).to_be_visible()
    twitter = _practice_twitter(admin, row)
    twitter.get_by_role("button", name="Remove follower").first.click()
    expect(twitter.get_by_text("was removed and no longer follows")).to_be_visible()

    confirmed = _row(admin, handle).filter(has_text="Confirmed").filter(has_text="no longer follows")
    took = _waits_for(admin, f"{demo.url}/to-do/", lambda: confirmed.count() > 0)
    print(f"\nremoved on Twitter to Confirmed: {took:.1f} s")


def test_a_tick_that_twitter_contradicts_comes_back_with_what_twitter_shows(browser: Browser, demo: Demo) -> None:
    admin = _signed_in(browser, demo, "Mr Okafor")
    admin.goto(f"{demo.url}/to-do/")
    row = admin.locator("li").filter(has_text="Accept").filter(has=admin.get_by_role("button", name=re.compile("Done on Twitter"))).first
    handle = row.get_by_role("heading").inner_text().strip()
    row.get_by_role("button", name=re.compile("Done on Twitter")).click()  # and nothing was pressed on Twitter

    contradicted = _row(admin, handle).filter(has_text="Twitter still shows this request as waiting")
    took = _waits_for(admin, f"{demo.url}/to-do/", lambda: contradicted.count() > 0)
    print(f"\nticked to contradicted: {took:.1f} s")
    expect(contradicted.get_by_role("button", name=re.compile("Tick again"))).to_be_visible()

    twitter = _practice_twitter(admin, contradicted)
    twitter.get_by_role("button", name="Accept").first.click()
    confirmed = _row(admin, handle).filter(has_text="Confirmed")
    _waits_for(admin, f"{demo.url}/to-do/", lambda: confirmed.count() > 0)


def test_a_decision_that_twitter_turned_round_comes_back_as_a_question(browser: Browser, demo: Demo) -> None:
    admin = _signed_in(browser, demo, "Mr Okafor")
    admin.goto(f"{demo.url}/requests/?tab=waiting")
    link = admin.get_by_role("link", name=re.compile("^@")).first
    handle = re.search(r"@\w+", link.inner_text()).group()
    link.click()
    expect(admin.get_by_role("heading", name=re.compile(handle))).to_be_visible()
    answer = admin.locator("details").filter(has=admin.locator("summary", has_text="Decline…"))
    answer.locator("summary").click()
    answer.get_by_role("textbox").fill("Nobody here knows them.")
    with admin.expect_response(lambda answered: answered.request.method == "POST"):
        answer.get_by_role("button", name="Decline", exact=True).click()

    admin.goto(f"{demo.url}/to-do/")
    row = _row(admin, handle).first
    expect(row.get_by_text("Decline", exact=True).first).to_be_visible()
    twitter = _practice_twitter(admin, row)
    twitter.get_by_role("button", name="Accept").first.click()  # the wrong button

    asked = admin.get_by_role("link", name=handle)
    _waits_for(admin, f"{demo.url}/leavers/", lambda: asked.count() > 0)
    asked.first.click()
    expect(admin.get_by_text("yet accepted on Twitter")).to_be_visible()
