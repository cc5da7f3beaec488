"""Leavers and followers: what is proposed, who answers, what stays with the lead, and lists pasted by hand."""

from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now as clock

from accounts.models import User
from tests import given
from tests.at_the_screen import as_
from tests.given_questions import an_opinion
from vetting.audit.models import AuditEvent
from vetting.decisions.models import QueueItem
from vetting.decisions.opening import ASKED_THE_LEAD
from vetting.decisions.operations import open_or_refresh_items
from vetting.decisions.states import State
from vetting.identities.models import Identification
from vetting.leavers.models import FollowerReview, LeaverPlan
from vetting.roster.models import Basis, Person
from vetting.roster.operations import ChildName, add_person, mark_as_left, open_restriction
from vetting.school.models import Role, School, SchoolAccount
from vetting.school.queries import policy
from vetting.twitter.models import Follower, ListReading, TwitterProfile
from vetting.values import Level, PersonName

pytestmark = pytest.mark.django_db
SECRET = "An order of the court says no contact"
LONG_AGO = given.MONDAY - timedelta(days=300)


@pytest.fixture
def school() -> School:
    return given.a_school()


@pytest.fixture
def account(school: School) -> SchoolAccount:
    account = given.an_account(school)
    ListReading.objects.create(
        school_account=account, kind=ListReading.Kind.FOLLOWERS, began_at=clock(), ended_at=clock(), complete=True, count=1
    )
    return account


@pytest.fixture
def okafor(school: School) -> User:
    return given.mr_okafor(school)


def a_follower(account: SchoolAccount, handle: str, number: int, person: Person | None = None) -> Follower:
    profile = TwitterProfile.objects.create(
        school=account.school, twitter_user_id=str(number), handle=handle, first_seen_at=LONG_AGO, last_seen_at=LONG_AGO
    )
    if person is not None:
        Identification.objects.create(school=account.school, person=person, profile=profile, since=LONG_AGO)
    return Follower.objects.create(school_account=account, profile=profile, first_seen_at=LONG_AGO, last_seen_at=LONG_AGO)


def a_parent(school: School, name: str, *, left: bool = False) -> Person:
    given_name, family = name.split()
    person = add_person(
        school=school,
        name=PersonName(given_name, family),
        kind=Basis.Kind.PARENT_OR_CARER,
        child=ChildName("Holly", family, "Year 6"),
        starts_on=LONG_AGO.date(),
        by=None,
        at=LONG_AGO,
    )
    if left:
        mark_as_left(person=person, on=date(2026, 10, 1), by=None, at=LONG_AGO)
    return person


def a_removal(client: Client, account: SchoolAccount) -> QueueItem:
    """Rhys Jones left, and the list put him before the admins."""
    a_follower(account, "rjones_dad", 900001, a_parent(account.school, "Rhys Jones", left=True))
    client.post(reverse("leavers_make_list"))
    client.post(reverse("leavers_propose", args=[LeaverPlan.objects.get().reference]))
    return QueueItem.objects.get(kind=QueueItem.Kind.REMOVAL)


def test_a_leaver_is_listed_then_put_before_the_admins_then_removed_by_hand(account: SchoolAccount, okafor: User) -> None:
    client = as_(okafor)
    a_follower(account, "rjones_dad", 900001, a_parent(account.school, "Rhys Jones", left=True))
    client.post(reverse("leavers_make_list"))
    ready = client.get(reverse("leavers"), {"tab": "ready"}).content.decode()
    assert "No longer parent or carer of Holly Jones, Year 6" in ready
    assert not QueueItem.objects.exists()
    client.post(reverse("leavers_propose", args=[LeaverPlan.objects.get().reference]))
    item = QueueItem.objects.get()
    assert item.reference in client.get(reverse("leavers")).content.decode()
    typed = {"seen_version": item.version, "outcome": "REMOVE", "reason": "The child left"}
    said = client.post(reverse("removal_answer", args=[item.reference]), typed, follow=True).content.decode()
    assert "Now remove @rjones_dad in Twitter, then tick it under To do." in said
    assert "Remove this follower" in client.get(reverse("todo")).content.decode()


def test_a_follower_is_kept_with_a_reason_and_not_without(account: SchoolAccount, okafor: User) -> None:
    client = as_(okafor)
    item = a_removal(client, account)
    address = reverse("removal_answer", args=[item.reference])
    assert client.post(address, {"seen_version": item.version, "outcome": "KEEP", "reason": ""}).status_code == 422
    client.post(address, {"seen_version": item.version, "outcome": "KEEP", "reason": "Runs the summer fair"})
    item.refresh_from_db()
    assert item.state == State.LAPSED
    late = client.post(address, {"seen_version": item.version - 1, "outcome": "REMOVE", "reason": "x"})
    assert late.status_code == 409
    assert "decided to keep this" in late.content.decode()


def test_the_pause_stops_removals_and_keeping_goes_on(account: SchoolAccount, okafor: User, school: School) -> None:
    client = as_(okafor)
    item = a_removal(client, account)
    assert client.post(reverse("leavers_pause"), {"paused": "yes", "why": ""}).status_code == 422
    assert policy(school, "removals_paused") is False
    client.post(reverse("leavers_pause"), {"paused": "yes", "why": "The list looks wrong"})
    assert policy(school, "removals_paused") is True
    for address in (reverse("leavers"), reverse("removal", args=[item.reference]), reverse("todo"), reverse("today")):
        shown = client.get(address).content.decode()
        assert "Paused by Mr Okafor" in shown
        assert "The list looks wrong" in shown
    refused = client.post(
        reverse("removal_answer", args=[item.reference]), {"seen_version": item.version, "outcome": "REMOVE", "reason": "x"}
    )
    assert refused.status_code == 409
    assert "All removals are paused." in refused.content.decode()
    client.post(reverse("leavers_pause"), {"paused": "no"})
    assert policy(school, "removals_paused") is False


def test_a_stopped_list_interrupts_until_two_admins_let_it_go_on_with_a_reason(account: SchoolAccount, okafor: User) -> None:
    client, lane = as_(okafor), given.mrs_lane(account.school)
    for number in range(8):
        person = a_parent(account.school, f"Rhys Jones{number}")
        Basis.objects.filter(person=person).update(ends_on=date(2026, 10, 1))
        a_follower(account, f"leaver{number}", 910000 + number, person)
    client.post(reverse("leavers_make_list"))
    plan = LeaverPlan.objects.get()
    assert plan.verdict == LeaverPlan.Verdict.STOPPED
    assert reverse("leaver_plan", args=[plan.reference]) in client.get(reverse("leavers")).content.decode()
    shown = client.get(reverse("leaver_plan", args=[plan.reference])).content.decode()
    assert "Stopped. Nobody was proposed." in shown
    client.post(reverse("leavers_propose", args=[plan.reference]))
    assert not QueueItem.objects.exists()
    for way in ("Put the list right", "One by one", "Use it anyway", "@leaver3"):
        assert way in shown
    address = reverse("leavers_ask_to_go_on", args=[plan.reference])
    assert client.post(address, {"why": ""}).status_code == 422
    client.post(address, {"why": "The federation closed its Year 6"})
    assert client.post(reverse("leavers_go_on", args=[plan.reference])).status_code == 409
    assert "Another admin must agree" in client.get(reverse("leaver_plan", args=[plan.reference])).content.decode()
    second = as_(lane)
    assert "The federation closed its Year 6" in second.get(reverse("leaver_plan", args=[plan.reference])).content.decode()
    sent_to = second.post(reverse("leavers_go_on", args=[plan.reference]))
    assert sent_to["Location"].startswith(reverse("account_reauthenticate"))
    second.post(sent_to["Location"], {"password": given.PASSWORD})
    second.post(reverse("leavers_go_on", args=[plan.reference]))
    plan.refresh_from_db()
    assert (plan.asked_by, plan.released_by) == (okafor, lane)
    second.post(reverse("leavers_propose", args=[plan.reference]))
    assert QueueItem.objects.count() == 8


def test_a_held_removal_shows_one_sentence_and_the_lead_answers(school: School, account: SchoolAccount, okafor: User) -> None:
    reid = given.ms_reid(school)
    hal = a_parent(school, "Hal Dorn")
    a_follower(account, "held_one", 900002, hal)
    open_restriction(person=hal, reason=SECRET, by=reid, at=given.MONDAY)
    open_or_refresh_items(school=school, at=clock())
    item = QueueItem.objects.get(kind=QueueItem.Kind.REMOVAL)
    assert item.state == State.HELD
    for address in (reverse("leavers"), reverse("removal", args=[item.reference]), reverse("followers") + "?group=BARRED"):
        hidden = as_(okafor).get(address).content.decode()
        assert "This one needs the safeguarding lead." in hidden
        assert SECRET not in hidden
        assert "Hal Dorn" not in hidden
    follower = as_(okafor).get(reverse("follower", args=[item.profile.reference])).content.decode()
    assert "Hal Dorn" not in follower
    assert SECRET in as_(reid).get(reverse("removal", args=[item.reference])).content.decode()
    typed = {"seen_version": item.version, "outcome": "REMOVE", "reason": "The order forbids it"}
    assert as_(okafor).post(reverse("removal_answer", args=[item.reference]), typed).status_code == 409
    as_(reid).post(reverse("removal_answer", args=[item.reference]), typed)
    item.refresh_from_db()
    assert item.state == State.BY_HAND
    assert "The order forbids it" not in as_(okafor).get(reverse("removal", args=[item.reference])).content.decode()


def test_somebody_removed_who_asks_again_is_marked_on_their_request(school: School, account: SchoolAccount, okafor: User) -> None:
    client, priya = as_(okafor), given.priya(school)
    item = a_removal(client, account)
    answer = {"seen_version": item.version, "outcome": "REMOVE", "reason": "The child left"}
    client.post(reverse("removal_answer", args=[item.reference]), answer)
    client.post(reverse("todo_tick", args=[item.reference]))
    item.refresh_from_db()
    assert item.state == State.DONE
    removed = client.get(reverse("leavers"), {"tab": "removed"}).content.decode()
    assert "Rhys Jones" in removed
    item.profile.followings.update(ended_at=clock())
    an_opinion(account, item.profile, Level.CHECK, None, at=clock())
    open_or_refresh_items(school=school, at=clock())
    again = QueueItem.objects.get(kind=QueueItem.Kind.APPROVAL)
    assert "Removed as a follower on " in as_(priya).get(reverse("request", args=[again.reference])).content.decode()


def test_what_the_lead_answered_stays_with_the_lead_when_it_is_done(school: School, account: SchoolAccount, okafor: User) -> None:
    reid, hal = given.ms_reid(school), a_parent(school, "Hal Dorn")
    a_follower(account, "held_one", 900002, hal)
    open_restriction(person=hal, reason=SECRET, by=reid, at=given.MONDAY)
    open_or_refresh_items(school=school, at=clock())
    item = QueueItem.objects.get(kind=QueueItem.Kind.REMOVAL)
    lead = as_(reid)
    lead.post(reverse("removal_answer", args=[item.reference]), {"seen_version": item.version, "outcome": "REMOVE", "reason": "The order"})
    lead.post(reverse("todo_tick", args=[item.reference]))
    item.refresh_from_db()
    assert item.state == State.DONE
    for address in (reverse("leavers") + "?tab=removed", reverse("removal", args=[item.reference])):
        assert ASKED_THE_LEAD not in as_(okafor).get(address).content.decode()
        assert ASKED_THE_LEAD in lead.get(address).content.decode()


def test_the_office_neither_makes_lists_nor_answers(school: School, account: SchoolAccount, okafor: User) -> None:
    item, client = a_removal(as_(okafor), account), as_(given.priya(school))
    for name in ("leavers_make_list", "leavers_pause"):
        assert client.post(reverse(name)).status_code == 403
    assert client.post(reverse("removal_answer", args=[item.reference]), {"outcome": "REMOVE"}).status_code == 403


def test_somebody_nobody_knows_is_asked_about_or_written_down(school: School, account: SchoolAccount) -> None:
    follower, client = a_follower(account, "bot4711", 900003), as_(given.priya(school))
    assert follower.profile.reference in client.get(reverse("followers")).content.decode()
    assert reverse("write_down") in client.get(reverse("follower", args=[follower.profile.reference])).content.decode()
    prefilled = client.get(reverse("write_down"), {"about": follower.profile.reference}).content.decode()
    assert "@bot4711" in prefilled
    client.post(reverse("follower_removal", args=[follower.profile.reference]), {"why": "Posts adverts"})
    assert QueueItem.objects.get(kind=QueueItem.Kind.REMOVAL).why == "Posts adverts"


def test_a_full_review_is_recorded_by_an_admin(school: School, account: SchoolAccount, okafor: User) -> None:
    assert as_(given.priya(school)).post(reverse("review_completed"), {"note": "x"}).status_code == 403
    as_(okafor).post(reverse("review_completed"), {"note": "All known but two"})
    assert FollowerReview.objects.get().note == "All known but two"
    assert "All known but two" in as_(okafor).get(reverse("followers")).content.decode()


def test_another_school_sees_none_of_it(account: SchoolAccount, okafor: User) -> None:
    item = a_removal(as_(okafor), account)
    elsewhere = given.a_school(name="Other Primary", slug="other")
    given.an_account(elsewhere, "other")
    stranger = as_(given.a_colleague(elsewhere, "Noor", Role.OFFICE, Role.ADMIN, Role.LEAD))
    plan = LeaverPlan.objects.get()
    for address in (
        reverse("removal", args=[item.reference]),
        reverse("follower", args=[item.profile.reference]),
        reverse("leaver_plan", args=[plan.reference]),
    ):
        assert stranger.get(address).status_code == 404
    for name in ("removal_answer", "removal_release", "removal_undo"):
        typed = {"seen_version": item.version, "outcome": "KEEP", "reason": "x", "why": "x"}
        assert stranger.post(reverse(name, args=[item.reference]), typed).status_code == 404
    assert stranger.post(reverse("leavers_propose", args=[plan.reference])).status_code == 404
    assert "rjones_dad" not in stranger.get(reverse("followers")).content.decode()
    assert "rjones_dad" not in stranger.get(reverse("leavers")).content.decode()


def test_looking_changes_nothing(account: SchoolAccount, okafor: User) -> None:
    client = as_(okafor)
    item = a_removal(client, account)
    events = AuditEvent.objects.count()
    for tab in ("answer", "ready", "grace", "kept", "stopped", "nonsense"):
        assert client.get(reverse("leavers"), {"tab": tab}).status_code == 200
    assert client.head(reverse("removal", args=[item.reference])).status_code == 200
    assert client.get(reverse("followers"), {"group": "nonsense", "page": "x"}).status_code == 200
    assert client.get(reverse("leavers_make_list")).status_code == 405
    assert AuditEvent.objects.count() == events
