"""Pasting Twitter's lists: where it is offered, and that nothing is taken in before it was shown."""

import pytest
from django.urls import reverse
from selectolax.lexbor import LexborHTMLParser as HTMLParser

from accounts.models import User
from tests import given
from tests.at_the_screen import Screen, at_the_register
from vetting.school.models import Role, School, SchoolAccount
from vetting.twitter.models import Capability, Connection, Follower, FollowRequest, ListReading
from vetting.twitter.operations import paste_requests

pytestmark = pytest.mark.django_db
BUTTON = "Paste the waiting list"
TWO = "Dana Hill\n@danahill\nAccept\nDecline\nSam Fen\n@sam_fen\nAccept\nDecline\n"


@pytest.fixture
def school() -> School:
    return given.a_school()


@pytest.fixture
def account(school: School) -> SchoolAccount:
    return given.an_account(school)


@pytest.fixture
def priya(school: School) -> User:
    return given.priya(school)


@pytest.fixture
def by_hand(account: SchoolAccount) -> SchoolAccount:
    Connection.objects.create(school_account=account, kind=Connection.Kind.BY_HAND, connected_at=given.MONDAY)
    return account


@pytest.fixture
def unseen(account: SchoolAccount) -> SchoolAccount:
    """Twitter is read by itself, and does not list who asks."""
    connection = Connection.objects.create(school_account=account, kind=Connection.Kind.LIVE, connected_at=given.MONDAY)
    Capability.objects.create(connection=connection, name="incoming", state=Capability.State.NO)
    return account


def buttons(screen: Screen, words: str = BUTTON) -> list[tuple[str, str]]:
    links = [link for link in screen.page.css("a.button") if words in link.text()]
    return [(str(link.attributes["href"]), str(link.attributes["class"])) for link in links]


def test_a_school_that_reads_by_hand_finds_the_button_on_today_and_on_requests_even_when_nobody_waits(
    by_hand: SchoolAccount, priya: User
) -> None:
    place = (f"{reverse('paste_lists')}#paste-requests", "button button--main")
    assert buttons(at_the_register(priya).open(reverse("today"))) == [place]
    assert buttons(at_the_register(priya).open(reverse("requests"))) == [place, place], "above the list, and where nobody waits"
    followers = at_the_register(priya).open(reverse("followers"))
    assert buttons(followers, "Paste the list of followers") == [(f"{reverse('paste_lists')}#paste-followers", "button button--main")]
    pasting = at_the_register(priya).open(reverse("paste_lists"))
    assert {heading.attributes.get("id") for heading in pasting.page.css("main h2")} == {"paste-requests", "paste-followers"}


def test_an_account_that_is_not_connected_yet_is_read_by_hand(account: SchoolAccount, priya: User) -> None:
    assert buttons(at_the_register(priya).open(reverse("today")))


def test_where_twitter_does_not_list_who_asks_the_waiting_list_alone_may_be_pasted_and_the_button_is_quiet(
    unseen: SchoolAccount, priya: User
) -> None:
    assert [tone for _, tone in buttons(at_the_register(priya).open(reverse("requests")))] == ["button button--quiet"]
    assert not buttons(at_the_register(priya).open(reverse("followers")), "Paste")
    pasting = at_the_register(priya).open(reverse("paste_lists"))
    assert pasting.says("the only way to see people nobody told you of")
    assert not pasting.says("Who follows")
    pasting.press("Read the requests", text=TWO).press("Take in 2 people")
    assert FollowRequest.objects.filter(ended_at=None).count() == 2


def test_a_list_of_followers_is_refused_where_followers_are_read_from_twitter(unseen: SchoolAccount, priya: User) -> None:
    at_the_register(priya).fetch("POST", reverse("paste_lists"), {"which": "followers", "text": "@danahill", "step": "take"})
    assert not Follower.objects.exists()


def test_where_twitter_lists_everybody_there_is_nothing_to_paste(account: SchoolAccount, priya: User) -> None:
    Connection.objects.create(school_account=account, kind=Connection.Kind.LIVE, connected_at=given.MONDAY)
    for name in ("today", "requests", "followers"):
        assert not buttons(at_the_register(priya).open(reverse(name)), "Paste")
    assert at_the_register(priya).open(reverse("paste_lists")).says("there is nothing to paste")


def test_who_may_not_paste_is_not_shown_the_button(by_hand: SchoolAccount, school: School) -> None:
    for role in (Role.LEAD, Role.READER, Role.TECHNICIAN):
        somebody = given.a_colleague(school, f"Joan {role.value.title()}", role)
        assert not buttons(at_the_register(somebody).open(reverse("today")))
    lead = User.objects.get(name="Joan Lead")
    assert not buttons(at_the_register(lead).open(reverse("requests")))
    assert at_the_register(lead).open(reverse("paste_lists")).status == 403


def test_what_was_understood_is_shown_before_anything_is_taken_in(by_hand: SchoolAccount, priya: User) -> None:
    screen = at_the_register(priya).open(reverse("paste_lists"))
    screen.press("Read the requests", text=TWO)
    assert screen.says("Understood: 2 people")
    assert screen.says("@danahill Dana Hill")
    assert not ListReading.objects.exists()
    screen.press("Take in 2 people")
    assert screen.says("Taken in for @stexample: 2 people who ask to follow, the whole list.")
    assert FollowRequest.objects.count() == 2


def test_lines_that_are_not_understood_are_shown_and_may_be_left_out(by_hand: SchoolAccount, priya: User) -> None:
    screen = at_the_register(priya).open(reverse("paste_lists"))
    screen.press("Read the requests", text="@danahill\n@a_name_far_too_long\nask Mrs Pryce")
    assert screen.says("Understood: 1 person, 2 lines not understood")
    assert screen.says("ask Mrs Pryce")
    assert screen.says("has 19 characters")
    screen.press("Take in 1 person")
    assert screen.says("1 person who asks to follow, part of the list.")
    assert ListReading.objects.get().complete is False


def test_whom_a_whole_list_leaves_out_is_said_before(by_hand: SchoolAccount, priya: User) -> None:
    paste_requests(school_account=by_hand, text="@danahill\n@sam_fen\n@aled_rhys", by=priya, at=given.MONDAY)
    screen = at_the_register(priya).open(reverse("paste_lists")).press("Read the requests", text="@danahill")
    assert screen.says("2 people who asked until now are not on it")
    assert FollowRequest.objects.filter(ended_at=None).count() == 3


def test_the_other_of_twitters_lists_is_refused_with_a_sentence(by_hand: SchoolAccount, priya: User) -> None:
    screen = at_the_register(priya).open(reverse("paste_lists")).press("Read the followers", text=TWO)
    assert screen.status == 422
    assert screen.says("This looks like the list of people who ask to follow")
    assert TWO.split("\n", maxsplit=1)[0] in screen.page.css_first("#paste-followers ~ form textarea").text(), "what was pasted stays"


def test_a_text_that_changed_between_the_two_presses_is_checked_again(by_hand: SchoolAccount, priya: User) -> None:
    changed = {"which": "requests", "text": "@a_name_far_too_long", "step": "take"}
    wrong = at_the_register(priya).fetch("POST", reverse("paste_lists"), changed)
    assert wrong.status == 422
    assert "Nothing was taken in." in HTMLParser(wrong.body).body.text()
    assert not ListReading.objects.exists()
