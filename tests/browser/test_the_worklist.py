"""To do in a real browser: single keys, focus, what is printed, and that nobody is kept out."""

import re
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from tests import given
from tests.given_questions import LATER, a_question, approved, verified
from vetting.decisions.models import QueueItem
from vetting.decisions.operations import decide
from vetting.decisions.states import State
from vetting.twitter.models import Connection

NAMES = ("asha_patel", "ben_ward", "cara_hughes", "dev_shah", "ella_morris")


@pytest.fixture
def okafor(live_server: LiveServer) -> User:
    """Five answers to carry out on Twitter's pages: four to accept, the last to decline."""
    school = given.a_school()
    account = given.an_account(school)
    Connection.objects.create(school_account=account, kind=Connection.Kind.LIVE, connected_at=given.MONDAY)
    okafor, priya = given.mr_okafor(school), given.priya(school)
    items = [a_question(account, number=710001 + place, handle=name) for place, name in enumerate(NAMES)]
    for item in items[:4]:
        approved(verified(item, priya), okafor)
    decide(
        item=items[4],
        seen_version=items[4].version,
        outcome="REJECT",
        reason="A secret of the file",
        by=okafor,
        at=given.MONDAY + 3 * LATER,
    )
    return okafor


@pytest.fixture
def page(window_of: Callable[[User], Page], context: BrowserContext, live_server: LiveServer, okafor: User) -> Page:
    context.grant_permissions(["clipboard-read", "clipboard-write"], origin=live_server.url)
    page = window_of(okafor)
    page.goto(f"{live_server.url}/to-do/")
    return page


@pytest.fixture
def keys(page: Page, live_server: LiveServer) -> Page:
    """Somebody who switched single keys on."""
    page.get_by_role("link", name="Single keys: off").click()
    page.get_by_label("Single keys").check()
    page.get_by_role("button", name="Save").click()
    page.goto(f"{live_server.url}/to-do/")
    page.get_by_role("heading", name="To do", exact=True).focus()
    return page


def focused(page: Page) -> Locator:
    """What has the focus: `expect` waits for it, since a new page is on screen before its script has moved the focus."""
    return page.locator(":focus")


def test_keys_do_nothing_until_they_are_switched_on(page: Page) -> None:
    page.get_by_role("heading", name="To do", exact=True).focus()
    page.keyboard.press("j")
    page.keyboard.press("t")
    expect(focused(page)).to_have_text("To do")
    assert not QueueItem.objects.exclude(ticked_at=None).exists()


def test_the_whole_list_can_be_walked_and_worked_by_keys(keys: Page) -> None:
    for key, name in (("j", "asha_patel"), ("j", "ben_ward"), ("k", "asha_patel"), ("k", "asha_patel"), ("j", "ben_ward")):
        keys.keyboard.press(key)
        expect(focused(keys)).to_have_text(f"@{name}")
    keys.keyboard.press("c")
    expect(keys.locator("#status")).to_have_text("Copied.")
    assert keys.evaluate("navigator.clipboard.readText()") == "@ben_ward"
    with keys.context.expect_event("request", lambda asked: asked.url == "https://x.com/intent/user?user_id=710002"):
        keys.keyboard.press("o")
    keys.bring_to_front()
    keys.keyboard.press("t")
    expect(keys.get_by_text("Ticked @ben_ward. Next: @cara_hughes, 3 of 5.").first).to_be_visible()
    expect(focused(keys)).to_have_text("@cara_hughes")
    expect(keys.locator("#status")).to_have_text("Ticked @ben_ward. Next: @cara_hughes, 3 of 5.")
    assert [item.profile.handle for item in QueueItem.objects.exclude(ticked_at=None)] == ["ben_ward"]


def test_could_not_find_by_key_asks_once_more(keys: Page) -> None:
    keys.keyboard.press("j")
    keys.keyboard.press("n")
    expect(focused(keys)).to_have_text("I could not find @asha_patel")
    assert not QueueItem.objects.exclude(could_not_find_at=None).exists()
    keys.keyboard.press("Enter")
    expect(keys.get_by_text("@asha_patel went back to where it was asked").first).to_be_visible()
    assert QueueItem.objects.get(profile__handle="asha_patel").state == State.TO_APPROVE


def test_a_question_mark_shows_the_list_of_keys(keys: Page) -> None:
    keys.keyboard.press("j")
    keys.keyboard.press("?")
    expect(keys.get_by_text("could not find (asks once more)")).to_be_visible()
    keys.keyboard.press("?")
    expect(keys.get_by_text("could not find (asks once more)")).to_be_hidden()


def test_keys_count_only_inside_the_list_and_never_while_somebody_types(keys: Page) -> None:
    keys.get_by_role("link", name="Look again").focus()
    keys.keyboard.press("t")
    keys.keyboard.press("j")
    expect(focused(keys)).to_have_text("Look again")
    keys.keyboard.press("Control+j")
    keys.evaluate("""() => {
      const box = document.createElement("input");
      document.querySelector("[data-row]").append(box);
      box.focus();
    }""")
    keys.keyboard.type("tonjck?")
    assert keys.evaluate("document.activeElement.value") == "tonjck?"
    assert not QueueItem.objects.exclude(ticked_at=None).exists()


def test_the_focus_and_an_open_step_survive_the_page_reading_itself_anew(keys: Page) -> None:
    keys.keyboard.press("j")
    keys.keyboard.press("n")
    with keys.expect_response(re.compile("/to-do/list/")):
        pass
    keys.wait_for_timeout(300)
    expect(focused(keys)).to_have_text("I could not find @asha_patel")
    expect(keys.get_by_role("button", name="I could not find @asha_patel")).to_be_visible()


def test_on_paper_there_are_names_and_boxes_and_no_reasons(page: Page) -> None:
    expect(page.get_by_role("button", name="Print this list")).to_be_visible()
    page.emulate_media(media="print")
    paper = page.locator("body").inner_text()
    for expected in (*(f"@{name}" for name in NAMES), "710001", "Accept", "Decline", "@stexample", "by Mr Okafor"):
        assert expected in paper
    for left_out in ("Dana Hill", "A secret of the file", "https://", "Undo", "Open on Twitter", "Strong"):
        assert left_out not in paper


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 320])
def test_nobody_is_kept_out(keys: Page, scheme: str, width: int) -> None:
    keys.set_viewport_size({"width": width, "height": 800})
    keys.emulate_media(color_scheme=scheme)
    keys.keyboard.press("?")
    keys.get_by_role("button", name="Next row").click()
    keys.keyboard.press("n")
    found = Axe().run(keys)
    assert found.violations_count == 0, found.generate_report()
    assert keys.evaluate("document.documentElement.scrollWidth") <= width


def test_without_script_the_next_row_has_the_focus_all_the_same(page: Page, browser: Browser, live_server: LiveServer) -> None:
    bare = browser.new_context(java_script_enabled=False, viewport={"width": 320, "height": 700})
    bare.add_cookies(page.context.cookies())
    plain = bare.new_page()
    plain.goto(f"{live_server.url}/to-do/")
    expect(plain.get_by_role("button", name="Print this list")).to_have_count(0)
    plain.get_by_role("button", name="Done on Twitter: @asha_patel").click()
    expect(plain.get_by_text("Ticked @asha_patel. Next: @ben_ward, 2 of 5.")).to_be_visible()
    assert plain.url.endswith(f"#row-{QueueItem.objects.get(profile__handle='ben_ward').reference}")
    plain.keyboard.press("Tab")
    expect(plain.get_by_role("link", name="Open on Twitter: @ben_ward (new window)")).to_be_focused()
    plain.get_by_label("Could not find: @ben_ward").click()
    plain.get_by_role("button", name="I could not find @ben_ward").click()
    expect(plain.get_by_text("@ben_ward went back to where it was asked")).to_be_visible()
    bare.close()
