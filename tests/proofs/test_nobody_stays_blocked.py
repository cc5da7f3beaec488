"""A worker that removes a follower dies, at every single statement it writes to the database: one follower for each.

Whatever was written by then: one pass lifts what is owed, each follower is removed once, no decision is lost. Run it with

    python3 manage.py test tests/proofs/test_nobody_stays_blocked.py -m slow -q
"""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

import pytest
from django.db import connection

from tests.given_removals import (
    DUE,
    MINUTE,
    Killed,
    a_decided_removal,
    followers_are_read,
    fresh,
    sent,
    the_clock_runs_until_it_is_done,
    where_removal_is_allowed,
)
from tests.sandbox import Sandbox
from vetting.audit.queries import check_chain
from vetting.decisions.states import State
from vetting.execution.models import OwedLift
from vetting.execution.operations import lift_owed_blocks

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


class DeadAtAWrite:
    """The worker dies at its n-th statement that writes: nothing of it reaches the database any more, not even its last words."""

    def __init__(self, at_write: int) -> None:
        self.writes, self._at_write = 0, at_write

    def __call__(self, execute: Callable[..., object], sql: str, params: object, many: bool, context: object) -> object:
        if sql.startswith(("INSERT", "UPDATE", "DELETE")):
            self.writes += 1
            if self._at_write and self.writes >= self._at_write:
                raise Killed
        return execute(sql, params, many, context)


def test_a_worker_that_dies_at_any_write_leaves_nobody_blocked_and_loses_no_decision(sandbox: Sandbox) -> None:
    there = where_removal_is_allowed(sandbox)

    def deeds() -> list[str]:
        return [deed["deed"] for deed in there.sandbox.world.deeds if deed["deed"] in ("block", "unblock")]

    there.sandbox.world.set_limit("block", 1000)
    there.sandbox.world.set_limit("unblock", 1000)
    counting = DeadAtAWrite(0)
    first = a_decided_removal(there)
    with connection.execute_wrapper(counting):
        sent(there)
    the_clock_runs_until_it_is_done(there, first, DUE)
    edges = counting.writes
    assert edges > 20
    handles = [f"edge_{number}" for number in range(1, edges + 1)]
    there.follows(*handles)
    at = DUE + timedelta(hours=2)
    followers_are_read(there, at)
    for number, handle in enumerate(handles, start=1):
        there.sandbox.world.forget_calls()
        at += timedelta(hours=2)
        item = a_decided_removal(there, handle, at)
        with connection.execute_wrapper(DeadAtAWrite(number)), suppress(Killed):
            sent(there, at + MINUTE)
        lift_owed_blocks(school_account=there.account, twitter=there.twitter, at=at + 5 * MINUTE)
        assert there.sandbox.world.blocked() == [], f"blocked after one pass, killed at write {number}"
        the_clock_runs_until_it_is_done(there, item, at + 5 * MINUTE)
        assert fresh(item).state == State.DONE, f"lost, killed at write {number}"
        assert deeds()[-2:] == ["block", "unblock"]
        assert handle not in {one.handle for one in there.sandbox.world.followers()}
    assert deeds() == ["block", "unblock"] * (edges + 1), "each was removed once"
    assert not there.sandbox.world.blocked()
    assert check_chain(school_id=there.school.pk).whole
    assert not OwedLift.objects.filter(lifted_at=None).exists()
