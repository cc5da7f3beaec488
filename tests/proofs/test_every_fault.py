"""The fault table: everything that Practice Twitter can do wrong, on everything the register asks of it.

Whatever happens: no decision is lost, nobody is blocked twice or stays blocked, nobody who follows is taken for gone, no
drain is held for more than thirty seconds, and the banner says what a person can do. Run it with

    python3 manage.py test tests/proofs/test_every_fault.py -m slow -q -n 2
"""

from typing import Any

import pytest

from tests.proofs.fault_scene import STAY, FaultScene
from tests.sandbox import Sandbox
from vetting.decisions.states import State
from vetting.school.queries import open_alarms
from vetting.twitter.sandbox import World
from vetting.twitter.sandbox.faults import FAULTS

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
OPERATIONS = ("me", "users", "followers", "incoming", "block", "unblock")
RECONNECT, CREDIT = "twitter-reconnect", "twitter-credit"
BANNERS = {"unauthorized": RECONNECT, "suspended_keys": RECONNECT, "out_of_credit": CREDIT, "usage_cap": CREDIT}
SENT = {State.DECIDED, State.CARRYING_OUT, State.BY_HAND, State.DONE}
WAITED_OUT = ("rate_limited", "rate_limited_no_reset", "reset_past", "reset_far")
TOO_MANY, MINUTE = 429, 60


@pytest.fixture
def scene(sandbox: Sandbox, time_machine: Any) -> FaultScene:
    return FaultScene.make(sandbox, time_machine)


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("kind", FAULTS)
def test_whatever_twitter_does_nothing_is_lost_done_twice_or_taken_for_gone(scene: FaultScene, operation: str, kind: str) -> None:
    world = scene.there.sandbox.world
    scene.something_breaks(operation, kind)
    _nothing_is_lost(scene)
    if kind in BANNERS and world.calls(operation):
        assert BANNERS[kind] in scene.alarms
    if kind in WAITED_OUT:
        assert _most_refused_in_a_minute(world) <= 3

    scene.all_is_well_again()
    _nothing_is_lost(scene)
    assert scene.standing(scene.dana)[0] is State.DONE
    leaver = scene.standing(scene.leaver)[0]
    assert leaver is State.DONE or (leaver is State.BY_HAND and "left_us" in scene.following())
    assert world.blocked() == []
    assert {alarm.kind for alarm in open_alarms(scene.there.school)} <= {"twitter-relations"}


@pytest.mark.parametrize("kind", FAULTS)
def test_whatever_befalls_the_renewing_of_a_token_nothing_is_lost_and_somebody_can_sign_in_again(scene: FaultScene, kind: str) -> None:
    scene.signs_in_with_a_token_that_has_run_out()
    scene.something_breaks("token", kind)
    _nothing_is_lost(scene)
    assert scene.alarms <= {RECONNECT, CREDIT, "twitter-unreachable"}

    scene.there.sandbox.world.clear_faults()
    scene.signs_in_again()
    scene.all_is_well_again()
    _nothing_is_lost(scene)
    assert scene.standing(scene.dana)[0] is State.DONE
    assert open_alarms(scene.there.school) == []


def _nothing_is_lost(scene: FaultScene) -> None:
    assert set(STAY) <= scene.following()
    assert "sam_stranger" in scene.asking()
    for item in (scene.dana, scene.leaver):
        state, by = scene.standing(item)
        assert state in SENT
        assert by == "Mr Okafor"
    assert scene.blocks() <= 1
    assert scene.slowest < 30


def _most_refused_in_a_minute(world: World) -> int:
    """The most calls that were answered with 429 within any sixty seconds."""
    refused = [call.at for call in world.ledger if call.status == TOO_MANY]
    return max((sum(0 <= other - first < MINUTE for other in refused) for first in refused), default=0)
