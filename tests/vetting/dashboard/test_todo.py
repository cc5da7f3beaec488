"""To do: what stands there, who may tick it, and what becomes of a tick."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from tests import given
from tests.given_questions import a_question, approved, seen, verified
from vetting.decisions.models import QueueItem
from vetting.decisions.states import State
from vetting.execution.operations import confirm_from_sightings
from vetting.school.models import Role, School, SchoolAccount
from vetting.twitter.models import Connection, Sighting

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


def as_(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


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


def test_what_twitter_still_shows_as_asked_is_said(item: QueueItem, okafor: User) -> None:
    client = as_(okafor)
    client.post(reverse("todo_tick", args=[item.reference]))
    seen(item, Sighting.Relation.REQUESTS, now(item).ticked_at + timedelta(seconds=30))
    assert "Twitter did not show it at" in client.get(reverse("todo")).content.decode()


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
