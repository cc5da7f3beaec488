"""The waiting list, pasted in a real browser by a school without any keys."""

from collections.abc import Callable
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from tests import given
from vetting.twitter.models import Connection, FollowRequest

# A page of Twitter's, whole, from the samples.
COPIED = (
    (Path(__file__).parents[1] / "data" / "pasted.txt").read_text("utf-8").split("navigation, suggestions and foot\n")[1].split("\n->")[0]
)


@pytest.fixture
def page(window_of: Callable[[User], Page], live_server: LiveServer) -> Page:
    school = given.a_school()
    Connection.objects.create(school_account=given.an_account(school), kind=Connection.Kind.BY_HAND, connected_at=given.MONDAY)
    page = window_of(given.priya(school))
    page.goto(live_server.url)
    return page


def test_from_today_to_people_who_ask_in_four_presses(page: Page) -> None:
    page.get_by_role("link", name="Paste the waiting list").click()
    page.get_by_label("The list, as copied").first.fill(COPIED)
    page.get_by_role("button", name="Read the requests").click()
    expect(page.get_by_role("heading", name="Understood: 2 people")).to_be_focused()
    assert not FollowRequest.objects.exists()
    page.get_by_role("button", name="Take in 2 people").click()
    expect(page.get_by_text("Taken in for @stexample: 2 people who ask to follow, the whole list.")).to_be_visible()
    assert {row.profile.handle for row in FollowRequest.objects.all()} == {"danahill_4", "gareth_pryce"}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 320])
def test_nobody_is_kept_out(page: Page, scheme: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=scheme)
    page.get_by_role("link", name="Paste the waiting list").click()
    page.get_by_label("The list, as copied").first.fill(f"{COPIED}\n@a_name_far_too_long\nAccept\nDecline")
    page.get_by_role("button", name="Read the requests").click()
    expect(page.get_by_role("heading", name="Understood: 2 people, 1 line not understood")).to_be_visible()
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
