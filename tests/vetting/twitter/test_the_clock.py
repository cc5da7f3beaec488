"""The four drains, as the beat ticks them: in order, each doing what is due and nothing when nothing is."""

from datetime import timedelta

import pytest
import time_machine

from tests import given
from tests.given_twitter import at_twitter
from tests.sandbox import Sandbox
from vetting.twitter import tasks
from vetting.twitter.models import Connection
from vetting.twitter.operations import watch

pytestmark = pytest.mark.django_db


def test_each_drain_does_what_is_due_and_then_rests(sandbox: Sandbox) -> None:
    there = at_twitter(sandbox)
    there.asks("dana_hill")
    there.follows("sam_fen")
    there.claims("dana_hill")
    with time_machine.travel(given.MONDAY, tick=False) as clock:
        assert tasks.look_up_claimed_handles() == 1
        assert tasks.sync_requests() == 1
        assert tasks.sync_followers() == 1
        watch(
            school_account=there.account,
            profile=there.profile("dana_hill"),
            why="item",
            at=given.MONDAY,
            until=given.MONDAY + timedelta(hours=1),
        )
        assert tasks.read_watched() == 1
        assert [drain() for drain in (tasks.look_up_claimed_handles, tasks.sync_requests, tasks.sync_followers, tasks.read_watched)] == [
            0
        ] * 4
        clock.move_to(given.MONDAY + timedelta(seconds=10))
        assert (tasks.sync_requests(), tasks.sync_followers(), tasks.read_watched()) == (1, 0, 1)
        clock.move_to(given.MONDAY + timedelta(seconds=30))
        assert tasks.sync_followers() == 1


def test_an_idle_tick_costs_one_question_each(sandbox: Sandbox, django_assert_num_queries: object) -> None:
    there = at_twitter(sandbox)
    Connection.objects.filter(pk=there.connection.pk).update(
        requests_due_at=given.MONDAY + timedelta(days=1), followers_due_at=given.MONDAY + timedelta(days=1)
    )
    with time_machine.travel(given.MONDAY, tick=False), django_assert_num_queries(4):
        for drain in (tasks.look_up_claimed_handles, tasks.sync_requests, tasks.sync_followers, tasks.read_watched):
            assert drain() == 0


def test_a_drain_that_finds_the_connection_held_leaves_it_alone(sandbox: Sandbox) -> None:
    there = at_twitter(sandbox)
    Connection.objects.filter(pk=there.connection.pk).update(lease_until=given.MONDAY + timedelta(minutes=1))
    sandbox.world.fault("*", "unauthorized")
    with time_machine.travel(given.MONDAY, tick=False):
        assert tasks.sync_requests() == 0
    there.connection.refresh_from_db()
    assert there.connection.last_error == ""
