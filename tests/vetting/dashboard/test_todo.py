"""To do: what stands there, who may tick it, and what becomes of a tick."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from selectolax.lexbor import LexborHTMLParser as HTMLParser

from accounts.models import User
from tests import given
from tests.at_the_screen import as_
from tests.given_questions import a_profile, a_question, approved, seen, verified
from vetting.decisions.models import QueueItem
from vetting.decisions.operations import decide, open_removal
from vetting.decisions.states import State
from vetting.execution.operations import confirm_from_sightings
from vetting.roster.models import Person
from vetting.school.models import Role, School, SchoolAccount
from vetting.twitter.models import Connection, Follower, Sighting, TwitterProfile
from vetting.twitter.recording import observe

pytestmark = pytest.mark.django_db


@pytest.fixture
def school() -> School:
    return given.a_school()


@pytest.fixture
def account(school: School) -> SchoolAccount:
    account = given.an_account(school)
    Connection.objects.create(school_account=account, kind=Connection.Kind.LIVE, connected_at=given.MONDAY)
    return account


@pytest.fixture
def okafor(school: School) -> User:
    return given.mr_okafor(school)


@pytest.fixture
def item(school: School, account: SchoolAccount, okafor: User) -> QueueItem:
    return approved(verified(a_question(account), given.priya(school)), okafor)


def now(item: QueueItem) -> QueueItem:
    return QueueItem.objects.get(pk=item.pk)


def test_an_approval_stands_there_with_its_name_its_button_and_its_link(item: QueueItem, okafor: User) -> None:
    shown = as_(okafor).get(reverse("todo")).content.decode()
    assert "@danahill" in shown
    assert "press “Accept” beside @danahill" in shown
    assert "https://x.com/intent/user?user_id=700001" in shown


def test_a_tick_waits_for_the_next_check_and_is_confirmed_by_what_twitter_shows(
    item: QueueItem, account: SchoolAccount, okafor: User
) -> None:
    client = as_(okafor)
    client.post(reverse("todo_tick", args=[item.reference]))
    assert now(item).ticked_by == okafor
    waiting = client.get(reverse("todo_list")).content.decode()
    assert "Waiting for the next check" in waiting
    later = now(item).ticked_at + timedelta(minutes=1)
    seen(item, Sighting.Relation.FOLLOWS, later)
    confirm_from_sightings(school_account=account, at=later)
    assert now(item).state == State.DONE
    confirmed = client.get(reverse("todo_list")).content.decode()
    assert "Confirmed" in confirmed
    assert "follows the school now" in confirmed
    assert "Approved by Mr Okafor for Dana Hill" in confirmed
    assert "Verified by Priya by e-mail from the address we hold." in confirmed


def steps(page: str) -> HTMLParser:
    """The worklist alone: what is to be done."""
    found = HTMLParser(page).css_first("[data-worklist]")
    assert found is not None
    return found


def badge(client: Client) -> str:
    page = HTMLParser(client.get(reverse("todo")).content.decode())
    count = page.css_first(f'nav a[href="{reverse("todo")}"] .nav__count')
    return count.text(strip=True) if count else ""


def words(node: HTMLParser) -> str:
    return " ".join(node.text(separator=" ").split())


def test_what_twitter_still_shows_as_asked_is_open_work_again(item: QueueItem, okafor: User) -> None:
    client = as_(okafor)
    assert badge(client).startswith("1")
    client.post(reverse("todo_tick", args=[item.reference]))
    assert badge(client) == ""
    seen(item, Sighting.Relation.REQUESTS, now(item).ticked_at + timedelta(seconds=30))
    shown = words(steps(client.get(reverse("todo")).content.decode()))
    assert re.search(r"Twitter still shows this request as waiting \(\d\d:\d\d\)\.", shown)
    assert "Ticked by Mr Okafor" in shown
    assert "Tick again" in shown
    assert "Could not find after all" in shown
    assert "Undo" not in shown
    assert badge(client).startswith("1")
    assert now(item).state == State.BY_HAND, "looking moves nothing"


def test_a_contradicted_tick_may_be_ticked_again_and_waits_again(item: QueueItem, okafor: User) -> None:
    client = as_(okafor)
    client.post(reverse("todo_tick", args=[item.reference]))
    first = now(item).ticked_at
    seen(item, Sighting.Relation.REQUESTS, first + timedelta(microseconds=1))
    client.post(reverse("todo_tick", args=[item.reference]))
    assert now(item).ticked_at > first
    shown = client.get(reverse("todo")).content.decode()
    assert "Waiting for the next check" in shown
    assert "still shows" not in shown


def test_what_was_seen_before_the_tick_contradicts_nothing(item: QueueItem, okafor: User) -> None:
    client = as_(okafor)
    client.post(reverse("todo_tick", args=[item.reference]))
    seen(item, Sighting.Relation.REQUESTS, now(item).ticked_at - timedelta(seconds=1))
    assert "still shows" not in client.get(reverse("todo")).content.decode()
    assert badge(client) == ""


def test_a_removal_that_still_follows_is_open_work_again(account: SchoolAccount, okafor: User) -> None:
    item = a_removal_by_hand(account, okafor)
    client = as_(okafor)
    shown = words(steps(client.get(reverse("todo")).content.decode()))
    assert "Remove this follower" in shown
    client.post(reverse("todo_tick", args=[item.reference]))
    seen(item, Sighting.Relation.FOLLOWS, now(item).ticked_at + timedelta(minutes=2))
    assert "Twitter still shows them as a follower (" in words(steps(client.get(reverse("todo")).content.decode()))
    assert badge(client).startswith("1")


def a_removal_by_hand(account: SchoolAccount, by: User) -> QueueItem:
    profile = a_profile(account, "rhys_jones", 700077)
    observe(school_account=account, row=profile, seen=Sighting.Relation.FOLLOWS, source=Sighting.Source.LOOKUP, at=given.MONDAY)
    item = open_removal(
        school_account=account,
        follower=Follower.objects.get(profile=profile),
        person=None,
        why="Nobody knows them.",
        by=by,
        at=given.MONDAY,
    )
    decide(item=item, seen_version=item.version, outcome="REMOVE", reason="A secret of the file", by=by, at=given.MONDAY)
    return now(item)


def five(school: School, account: SchoolAccount, okafor: User) -> list[QueueItem]:
    priya = given.priya(school)
    names = ("asha_patel", "ben_ward", "cara_hughes", "dev_shah", "ella_morris")
    return [approved(verified(a_question(account, number=710001 + n, handle=name), priya), okafor) for n, name in enumerate(names)]


def test_after_a_tick_the_page_goes_on_with_the_next_row_and_says_so(school: School, account: SchoolAccount, okafor: User) -> None:
    items, client = five(school, account, okafor), as_(okafor)
    went = client.post(reverse("todo_tick", args=[items[0].reference]))
    assert went["Location"] == f"{reverse('todo')}?next={items[1].reference}#row-{items[1].reference}"
    page = HTMLParser(client.get(went["Location"]).content.decode())
    focused = page.css_first("[data-autofocus]")
    assert (focused.id, focused.attributes["tabindex"]) == (f"row-{items[1].reference}", "-1")
    assert "Ticked @asha_patel. Next: @ben_ward, 2 of 5." in words(page.css_first("[role=status]"))


def test_from_the_last_row_it_goes_to_the_first_that_is_left_and_then_says_that_nothing_is(
    school: School, account: SchoolAccount, okafor: User
) -> None:
    items, client = five(school, account, okafor), as_(okafor)
    said = client.post(reverse("todo_could_not_find", args=[items[4].reference]), follow=True).content.decode()
    assert "with a note that you could not find it. Next: @asha_patel, 1 of 5." in said
    for item in items[:3]:
        client.post(reverse("todo_tick", args=[item.reference]))
    last = client.post(reverse("todo_tick", args=[items[3].reference]), follow=True)
    assert last.redirect_chain[-1][0].endswith("#to-do")
    said = HTMLParser(last.content.decode())
    assert "Ticked @dev_shah. Nothing more to do on Twitter." in words(said.css_first("[role=status]"))
    assert said.css_first("[data-autofocus]").id == "to-do"


def test_the_expected_button_is_named_for_each_answer(item: QueueItem, account: SchoolAccount, school: School, okafor: User) -> None:
    declined = a_question(account, number=700002, handle="sam_fen")
    decide(item=declined, seen_version=declined.version, outcome="REJECT", reason="A secret of the file", by=okafor, at=given.MONDAY)
    a_removal_by_hand(account, okafor)
    page = steps(as_(okafor).get(reverse("todo")).content.decode())
    expected = {row.css_first("h3").text(strip=True): row.css_first(".expected").text(strip=True) for row in page.css("[data-row]")}
    assert expected == {"@danahill": "Accept", "@sam_fen": "Decline", "@rhys_jones": "Remove this follower"}


def test_a_name_without_a_number_is_opened_by_name_and_the_page_says_to_check_it(
    school: School, account: SchoolAccount, okafor: User
) -> None:
    Connection.objects.update(kind=Connection.Kind.BY_HAND)
    item = approved(verified(a_question(account), given.priya(school)), okafor)
    TwitterProfile.objects.update(twitter_user_id=None, school_account=account)
    client = as_(okafor)
    page = steps(client.get(reverse("todo")).content.decode())
    assert page.css_first('[data-key="o"]').attributes["href"] == "https://x.com/danahill"
    assert "Number not known: check the name letter by letter." in words(page)
    assert "Your tick, with your name, closes this: Twitter cannot be read from here." in words(page)
    client.post(reverse("todo_tick", args=[item.reference]))
    assert now(item).state == State.DONE
    after = client.get(reverse("todo")).content.decode()
    assert "Done on Twitter by Mr Okafor" in after, "nobody saw it, so the page does not say Confirmed"
    assert "Twitter could not be read" in after


def test_where_twitter_is_read_the_row_does_not_say_that_a_tick_closes_it(item: QueueItem, okafor: User) -> None:
    shown = as_(okafor).get(reverse("todo")).content.decode()
    assert "closes this" not in shown
    assert "letter by letter" not in steps(shown).text()


def test_the_printed_list_has_names_buttons_and_boxes_and_nothing_else_of_anybody(
    item: QueueItem, school: School, account: SchoolAccount, okafor: User
) -> None:
    declined = a_question(account, number=700002, handle="sam_fen", person=Person.objects.get())
    decide(item=declined, seen_version=declined.version, outcome="REJECT", reason="A secret of the file", by=okafor, at=given.MONDAY)
    done = approved(
        verified(a_question(account, number=700003, handle="joan_price", person=Person.objects.get()), User.objects.get(name="Priya")),
        okafor,
    )
    seen(done, Sighting.Relation.FOLLOWS, given.MONDAY + timedelta(hours=1))
    confirm_from_sightings(school_account=account, at=given.MONDAY + timedelta(hours=1))
    paper = HTMLParser(as_(okafor).get(reverse("todo")).content.decode()).css_first(".paper-only")
    said = words(paper)
    for expected in ("@danahill", "700001", "Accept", "@sam_fen", "Decline", "@stexample", "by Mr Okafor", "St Example Primary"):
        assert expected in said
    assert len(paper.css(".tick-box")) == 2
    for secret in ("Dana Hill", "A secret of the file", "Strong", "joan_price", "x.com", "Priya"):
        assert secret not in said
    assert not paper.css("a")


def test_single_keys_are_off_until_a_person_switches_them_on_for_themselves(item: QueueItem, school: School, okafor: User) -> None:
    client = as_(okafor)
    before = client.get(reverse("todo")).content.decode()
    assert "data-keys" not in before
    assert "<kbd" not in before
    assert "Single keys: off" in before
    client.post(reverse("me"), {"theme": "dark", "single_keys": "on"})
    after = client.get(reverse("todo")).content.decode()
    assert "data-keys" in after
    assert "<kbd" in after
    assert "data-keys" not in as_(given.mrs_lane(school)).get(reverse("todo")).content.decode(), "a preference of one's own"
    client.post(reverse("me"), {"theme": "dark"})
    assert "data-keys" not in client.get(reverse("todo")).content.decode()


def test_every_key_has_a_button_that_can_be_seen(item: QueueItem, okafor: User) -> None:
    User.objects.update(single_keys=True)
    page = steps(as_(okafor).get(reverse("todo")).content.decode())
    shown = {node.attributes["aria-keyshortcuts"] for node in page.css("button, a, summary") if "aria-keyshortcuts" in node.attributes}
    listed = {key.text(strip=True) for key in page.css("dt > kbd")}
    assert shown == listed == {"j", "k", "c", "o", "t", "n", "?"}


def test_could_not_find_asks_once_more(item: QueueItem, okafor: User) -> None:
    page = steps(as_(okafor).get(reverse("todo")).content.decode())
    form = page.css_first(f'details form[action="{reverse("todo_could_not_find", args=[item.reference])}"]')
    assert form is not None
    assert "I could not find @danahill" in words(form)


def test_undo_is_offered_until_ticked_and_refused_after(item: QueueItem, okafor: User) -> None:
    client = as_(okafor)
    assert reverse("todo_undo", args=[item.reference]) in client.get(reverse("todo")).content.decode()
    client.post(reverse("todo_tick", args=[item.reference]))
    assert reverse("todo_undo", args=[item.reference]) not in client.get(reverse("todo")).content.decode()
    late = client.post(reverse("todo_undo", args=[item.reference]))
    assert late.status_code == 409
    assert "It is too late to take this back" in late.content.decode()


def test_could_not_find_brings_the_question_back(item: QueueItem, okafor: User) -> None:
    as_(okafor).post(reverse("todo_could_not_find", args=[item.reference]))
    assert now(item).state == State.TO_APPROVE


def test_the_office_may_read_the_list_and_not_tick(item: QueueItem, school: School) -> None:
    client = as_(given.a_colleague(school, "Joan", Role.OFFICE))
    shown = client.get(reverse("todo")).content.decode()
    assert "@danahill" in shown
    assert "Done on Twitter" not in shown
    assert client.post(reverse("todo_tick", args=[item.reference])).status_code == 403


def test_another_school_neither_sees_nor_ticks_it(item: QueueItem) -> None:
    elsewhere = given.a_school(name="Other Primary", slug="other")
    stranger = as_(given.a_colleague(elsewhere, "Noor", Role.ADMIN))
    assert "danahill" not in stranger.get(reverse("todo")).content.decode()
    assert stranger.post(reverse("todo_tick", args=[item.reference])).status_code == 404
    assert now(item).ticked_at is None


def test_looking_changes_nothing(item: QueueItem, okafor: User) -> None:
    before = QueueItem.objects.values().get(pk=item.pk)
    for name in ("todo", "todo_list"):
        assert as_(okafor).get(reverse(name)).status_code == 200
        assert as_(okafor).head(reverse(name)).status_code == 200
    assert as_(okafor).get(reverse("todo_tick", args=[item.reference])).status_code == 405
    assert QueueItem.objects.values().get(pk=item.pk) == before
