"""An admin signs in at Practice Twitter in a real browser: the page's policy lets the button lead there, and the way back ends well."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.given_processes import Demo

PAGE = "/settings/twitter/"


@pytest.fixture
def okafor(browser: Browser, demo: Demo) -> Page:
    page = browser.new_context(viewport={"width": 1280, "height": 860}, locale="en-GB").new_page()
    page.goto(demo.url)
    page.get_by_role("button", name=re.compile("Mr Okafor")).click()
    page.goto(demo.url + PAGE)
    return page


def test_from_the_settings_page_to_twitter_and_back(okafor: Page, demo: Demo) -> None:
    refused: list[str] = []
    okafor.on("console", lambda message: refused.append(message.text) if "Content Security Policy" in message.text else None)
    okafor.get_by_role("button", name="Sign in at Practice Twitter").click()
    expect(okafor.get_by_text("asks for permission to use this account")).to_be_visible()
    assert not okafor.url.startswith(demo.url)
    okafor.get_by_role("button", name="Authorise app").click()
    expect(okafor.get_by_text(re.compile("Signed in at Twitter as @"))).to_be_visible()
    assert okafor.url == demo.url + PAGE, "neither code nor state stays in the address"
    expect(okafor.get_by_text("Practice Twitter, by signing in at Twitter")).to_be_visible()
    expect(okafor.get_by_role("button", name="Sign in again")).to_be_visible()
    assert refused == []


def test_cancelling_there_comes_back_calmly_by_way_of_the_form_too(okafor: Page, demo: Demo) -> None:
    okafor.get_by_label("By signing in at Twitter").check()
    okafor.get_by_role("button", name="Save").click()
    okafor.get_by_role("button", name="Cancel").click()
    expect(okafor.get_by_text("The sign-in at Twitter was cancelled. Nothing was changed.")).to_be_visible()
    assert okafor.url == demo.url + PAGE


def test_from_no_other_page_may_a_form_lead_to_twitter(okafor: Page, demo: Demo) -> None:
    """The control: Chromium holds the redirect after a form to the page's policy, so the exception is needed, and stands nowhere else."""
    refused: list[str] = []
    okafor.on("console", lambda message: refused.append(message.text) if "form-action" in message.text else None)
    form = okafor.locator(f"form[action='{PAGE}sign-in/']").first
    token = form.locator("input[name=csrfmiddlewaretoken]").input_value()
    okafor.goto(f"{demo.url}/settings/people/")
    okafor.evaluate(
        """([action, token]) => {
            const form = document.createElement("form");
            form.method = "post"; form.action = action;
            const box = document.createElement("input");
            box.name = "csrfmiddlewaretoken"; box.value = token;
            form.append(box); document.body.append(form); form.submit();
        }""",
        [f"{PAGE}sign-in/", token],
    )
    okafor.wait_for_timeout(1_000)
    assert okafor.url.startswith(demo.url)
    assert refused
