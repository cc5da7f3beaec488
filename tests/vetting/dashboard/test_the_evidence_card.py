"""One request as the office reads it: the next step first, facts with their sources, what was asked before, and how it was worked out."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from tests import given
from tests.given_forgetting import an_answered_email, day
from tests.given_intake import a_checked_message, a_folder_source, a_message, mail_arrives
from tests.given_questions import a_question, an_opinion, approved, dana, verified
from tests.given_roster import a_parent
from vetting.concerns.models import Concern
from vetting.concerns.operations import close_concern
from vetting.dashboard import matching_words as words
from vetting.dashboard.matching_words import NEXT_ACTIONS
from vetting.decisions.models import Decision, QueueItem
from vetting.decisions.operations import ask, hold, open_or_refresh_items, open_removal, release
from vetting.decisions.states import State
from vetting.intake.operations import set_aside
from vetting.matching.catalogue import Guard, Source
from vetting.matching.models import Match
from vetting.matching.next_action import NextAction
from vetting.matching.operations import rematch
from vetting.matching.workings import Field
from vetting.retention.operations import erase_due
from vetting.school.models import Role, School, SchoolAccount
from vetting.school.operations import facts_changed, set_policy
from vetting.twitter.models import Follower, FollowRequest, HandleLookup, TwitterProfile
from vetting.values import BadValue, Level, Verdict

pytestmark = pytest.mark.django_db

HERS, ANOTHERS = "1100000000000000001", "1150000000000000002"
NEXT_DAY = given.MONDAY + timedelta(days=1)
LATER = given.MONDAY + timedelta(days=9)


@pytest.fixture
def school() -> School:
    return given.a_school()


@pytest.fixture
def account(school: School) -> SchoolAccount:
    return given.an_account(school)


@pytest.fixture
def reads(visit: Callable[[User], Client]) -> Callable[[User, QueueItem], str]:
    """The page of a request as somebody reads it: words only, a single space between them."""

    def read(user: User, item: QueueItem) -> str:
        answer = visit(user).get(reverse("request", args=[item.reference]))
        assert answer.status_code == 200
        return _text(answer.content.decode())

    return read


def _text(html: str) -> str:
    article = html[html.index("<article") : html.index("</article>")]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", article)).replace("&#x27;", "'").strip()


def asks(account: SchoolAccount, handle: str = "dana_h84", number: str = HERS, **shown: object) -> QueueItem:
    """Twitter shows a request, it is compared, and stands in the queue."""
    profile = TwitterProfile.objects.create(
        school=account.school, twitter_user_id=number, handle=handle, first_seen_at=NEXT_DAY, last_seen_at=NEXT_DAY, **shown
    )
    FollowRequest.objects.create(school_account=account, profile=profile, first_seen_at=NEXT_DAY, last_seen_at=NEXT_DAY)
    HandleLookup.objects.create(school=account.school, handle=handle, asked_at=given.MONDAY, outcome="FOUND", twitter_user_id=number)
    facts_changed(account.school_id)
    rematch(school=account.school, at=NEXT_DAY)
    open_or_refresh_items(school=account.school, at=NEXT_DAY)
    return QueueItem.objects.get(profile=profile)


def dana_asks(account: SchoolAccount, **shown: object) -> QueueItem:
    """Dana is on the list, wrote a checked e-mail, and asks."""
    a_parent(account.school, email="dana@example.org")
    mail_arrives(a_folder_source(account.school), a_checked_message())
    return asks(account, display_name="Dana Hill", **shown)


def test_every_code_has_its_words() -> None:
    assert set(words.NEXT_ACTIONS) == set(NextAction)
    assert set(words.SOURCES) == set(Source)
    assert set(words.GUARDS) == set(Guard)
    assert set(words.FIELDS) == set(words.FITS) == set(Field)
    assert set(words.VERDICT_TITLES) == set(words.NOTHING) == set(Verdict)


def test_a_proven_request_shows_its_step_then_its_facts_with_their_sources(
    account: SchoolAccount, reads: Callable[[User, QueueItem], str]
) -> None:
    page = reads(given.priya(account.school), dana_asks(account))
    step, facts = page.index("Next step: Verify it; an admin approves."), page.index("Speaks for it")
    assert step < facts < page.index("Speaks against it Nothing was found that speaks against it.") < page.index("Not known or not certain")
    assert "The e-mail came from the address we hold for Dana Hill. e-mail and school’s list" in page
    assert "When the account was opened. Twitter" in page


def test_message_list_and_twitter_stand_beside_each_other_with_differences_in_words(
    account: SchoolAccount, reads: Callable[[User, QueueItem], str]
) -> None:
    page = reads(given.priya(account.school), dana_asks(account))
    assert "What In the e-mail On the school’s list On Twitter" in page
    assert "Name Dana Hill the same Dana Hill Dana Hill the same" in page
    assert "Twitter name @dana_h84 the same – @dana_h84" in page
    assert f"Account number, then and now {HERS} the same – {HERS}" in page


def test_another_number_than_the_one_seen_when_the_message_came_is_said_to_be_different(
    account: SchoolAccount, reads: Callable[[User, QueueItem], str]
) -> None:
    HandleLookup.objects.create(school=account.school, handle="dana_h84", asked_at=given.MONDAY, outcome="FOUND", twitter_user_id=ANOTHERS)
    item = dana_asks(account)
    HandleLookup.objects.filter(twitter_user_id=HERS).update(asked_at=LATER)
    page = reads(given.priya(account.school), item)
    assert f"Account number, then and now {ANOTHERS} different – {HERS}" in page


def test_a_look_alike_stands_beside_the_account_it_resembles(account: SchoolAccount, reads: Callable[[User, QueueItem], str]) -> None:
    dana_asks(account, followers_count=31)
    item = asks(account, "dana_h8a", ANOTHERS, display_name="Dana Hill", followers_count=2)
    page = reads(given.priya(account.school), item)
    assert item.level == Level.IMPOSTOR
    assert "Next step: Compare the accounts side by side." in page
    assert "This account beside @dana_h84, which it resembles" in page
    assert "Followers 2 31" in page
    assert "Approved as nobody nobody" in page


def test_how_it_was_worked_out_is_closed_and_shows_two_sums_and_every_guard(
    account: SchoolAccount, visit: Callable[[User], Client]
) -> None:
    for name in ("Ravi Marsh", "Robin Fell", "Kim Vale"):
        a_parent(account.school, name, f"Kit {name.split()[1]}")
    item, priya = dana_asks(account), given.priya(account.school)
    html = visit(priya).get(reverse("request", args=[item.reference])).content.decode()
    fold = html[html.index('<details class="fold worked-out">') :]
    fold = fold[: fold.index("</details>")]
    assert "<summary>How was this worked out?</summary>" in fold
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", fold))
    assert text.index("Who wrote the message") < text.index("Which account is meant") < text.index("The guards")
    assert re.search(r"E-mail address the one the school holds \+\d", text)
    assert re.search(r"How rare the surname is counted on the school’s list \+\d", text)
    assert re.search(r"Before anything is compared one of everybody on the list −\d", text)
    assert "The Twitter name given this very account, by its number +16.0" in text
    assert "they are not added together, and the weaker of the two counts" in text
    assert all(question in text for question in words.GUARDS.values())
    assert text.count("Passed") == len(Guard)
    assert "style=" not in fold
    assert "%" not in text
    assert not re.search(r"scores?\b|\brisks?\b|probab|likelihood", text, re.IGNORECASE)
    assert " bits" not in re.sub(r'<details class="fold worked-out">.*?</details>', "", html, flags=re.DOTALL)


def test_a_guard_that_lowered_it_says_to_what(account: SchoolAccount, reads: Callable[[User, QueueItem], str]) -> None:
    a_parent(account.school, email="dana@example.org")
    mail_arrives(a_folder_source(account.school, trusted=""), a_message())
    page = reads(given.priya(account.school), asks(account))
    assert "The e-mail was checked and came from an address on the school’s list No: at most “Needs a look”" in page
    assert "Next step: Ask the family at the address the school holds." in page


@pytest.mark.parametrize("step", list(NextAction))
def test_each_step_is_said_in_its_own_words(account: SchoolAccount, reads: Callable[[User, QueueItem], str], step: NextAction) -> None:
    item = a_question(account, Level.CHECK)
    Match.objects.filter(pk=item.match_id).update(next_action=step)
    assert f"Next step: {NEXT_ACTIONS[step].title} {NEXT_ACTIONS[step].sentence}" in reads(given.priya(account.school), item)


def test_the_step_follows_the_question_through_its_states(
    school: School, account: SchoolAccount, reads: Callable[[User, QueueItem], str]
) -> None:
    person = a_parent(school, email="dana@example.org")
    priya, okafor, item = given.priya(school), given.mr_okafor(school), a_question(account, Level.LIKELY, person=person)
    ask(item=item, seen_version=item.version, by=priya, at=given.MONDAY)
    assert "Next step: Wait for the family’s answer." in reads(priya, item)
    item.refresh_from_db()
    item = verified(item, priya)
    assert "Next step: An admin approves or declines." in reads(okafor, item)
    item = approved(item, okafor)
    assert "Next step: Do it on Twitter, then tick it under To do." in reads(okafor, item)
    QueueItem.objects.filter(pk=item.pk).update(state=State.DONE)
    assert "Next step" not in reads(okafor, item)


def test_what_was_known_at_the_answer_can_be_read_later(account: SchoolAccount, reads: Callable[[User, QueueItem], str]) -> None:
    school = account.school
    item = dana_asks(account)
    item = approved(verified(item, given.priya(school)), given.mr_okafor(school))
    then = Decision.objects.get(item=item).match
    an_opinion(account, item.profile, Level.IMPOSTOR, item.person, at=LATER, code="NAME_COPIED")
    open_or_refresh_items(school=school, at=LATER)
    item.refresh_from_db()
    assert item.match != then
    page = reads(given.mrs_lane(school), item)
    later = page[page.index("What was known when it was answered") :]
    assert "Checked e-mail from Dana Hill’s address names @dana_h84" in later
    assert "The Twitter name given this very account, by its number +16.0" in later


def test_the_workings_are_forgotten_with_the_message(account: SchoolAccount, reads: Callable[[User, QueueItem], str]) -> None:
    _, item = an_answered_email(account)
    kept = {"wrote": [{"field": "LISTED", "fit": "", "bits": -1.0}], "guards": [{"guard": "YOUNG", "asked": True, "ceiling": ""}]}
    Match.objects.update(workings=kept, next_action=NextAction.APPROVE)
    reader = given.mrs_lane(account.school)
    assert "Nothing suggests a child Passed" in reads(reader, item)
    FollowRequest.objects.update(ended_at=day(1))
    erase_due(school=account.school, at=day(60))
    match = Match.objects.get(pk=item.match_id)
    assert (match.workings, match.evidence_json, match.next_action) == ({}, [], NextAction.APPROVE)
    assert "It is not kept any longer, or was never kept for this one." in reads(reader, item)


def test_what_held_a_request_stays_with_the_lead_after_its_release(
    school: School, account: SchoolAccount, reads: Callable[[User, QueueItem], str]
) -> None:
    reid, item = given.ms_reid(school), dana_asks(account, bio="born 2015")
    assert item.state == State.HELD
    hidden = reads(given.priya(school), item)
    assert "This one needs the safeguarding lead." in hidden
    assert "Next step" not in hidden
    assert "worked out" not in hidden
    assert "Next step: Release it or decline it." in reads(reid, item)
    release(item=item, seen_version=item.version, why="Spoke to the mother.", by=reid, at=NEXT_DAY)
    item.refresh_from_db()
    office, lead = reads(given.a_colleague(school, "Sam Patel", Role.OFFICE), item), reads(reid, item)
    assert "Next step: Check who this is, then verify it." in office
    assert "How was this worked out?" not in office
    assert "child under 13" not in office
    assert "Nothing suggests a child No: at most “Hold”" in lead
    assert "child under 13" in lead


def test_what_was_asked_before_stands_on_the_page_and_in_the_list(
    school: School, account: SchoolAccount, reads: Callable[[User, QueueItem], str], visit: Callable[[User], Client]
) -> None:
    reid, priya, item = given.ms_reid(school), given.priya(school), a_question(account, Level.CHECK)
    hold(item=item, seen_version=item.version, category=Concern.Category.CONTACT, words="Outside the gate", by=priya, at=given.MONDAY)
    item.refresh_from_db()
    client = visit(reid)
    client.post(reverse("request_decline", args=[item.reference]), {"seen_version": item.version, "reason": "Outside the gate"})
    close_concern(concern=Concern.objects.get(), outcome="Outside the gate", by=reid, at=NEXT_DAY)
    QueueItem.objects.update(state=State.DONE, closed_at=NEXT_DAY)
    FollowRequest.objects.update(ended_at=NEXT_DAY)
    an_opinion(account, item.profile, Level.CHECK, dana(school, "Robin Fell"), at=LATER)
    open_or_refresh_items(school=school, at=LATER)
    again = QueueItem.objects.get(closed_at=None)
    office = reads(priya, again)
    assert "@danahill : Declined by Ms Reid; it was held. the same account" in office
    assert "Outside the gate" not in office
    assert "“Outside the gate”" in reads(reid, again)
    listed = visit(priya).get(reverse("requests") + "?tab=look").content.decode()
    assert listed.count("· asked before") == 1
    assert "Outside the gate" not in listed


def test_a_message_without_a_request_says_that_it_waits(school: School, account: SchoolAccount, visit: Callable[[User], Client]) -> None:
    a_parent(school, email="dana@example.org")
    email = mail_arrives(a_folder_source(school), a_checked_message())
    priya = given.priya(school)
    client = visit(priya)

    def page() -> str:
        return re.sub(r"\s+", " ", client.get(reverse("email", args=[email.reference])).content.decode())

    assert "None from @dana_h84 yet. The message waits, and is compared as soon as one appears." in page()
    item = asks(account)
    assert "The message waits" not in page()
    assert reverse("request", args=[item.reference]) in page()
    QueueItem.objects.all().delete()
    Match.objects.all().update(superseded_at=LATER)
    assert "The message waits" in page()
    set_aside(email=email, by=priya, at=LATER, why="Not ours.")
    assert "The message waits" not in page()


def test_the_rule_about_pupils_addresses_takes_domains_and_nothing_else(school: School) -> None:
    for good in ("", "pupils.st-example.org", "@pupils.st-example.org, kids.example"):
        set_policy(school=school, key="pupil_mail_domains", value=good, by=None, at=given.MONDAY + timedelta(seconds=len(good)))
    for bad in ("pupils", "a@b@c.org", "http://x.example", "one.example two.example"):
        with pytest.raises(BadValue, match="needs domains such as"):
            set_policy(school=school, key="pupil_mail_domains", value=bad, by=None, at=LATER)


def test_a_removal_remembers_how_the_account_was_let_in(school: School, account: SchoolAccount, visit: Callable[[User], Client]) -> None:
    item = a_question(account)
    priya, okafor = given.priya(school), given.mr_okafor(school)
    item = approved(verified(item, priya), okafor)
    QueueItem.objects.filter(pk=item.pk).update(state=State.DONE, closed_at=NEXT_DAY)
    follower = Follower.objects.create(school_account=account, profile=item.profile, first_seen_at=NEXT_DAY, last_seen_at=NEXT_DAY)
    removal = open_removal(school_account=account, follower=follower, person=item.person, why="Left the school.", at=LATER)
    page = _text(visit(okafor).get(reverse("removal", args=[removal.reference])).content.decode())
    assert "Asked before" in page
    assert "@danahill : Approved by Mr Okafor. the same account, the same person or name" in page
