"""Somebody did something on Twitter that the register knows nothing of, or the school removes through Twitter itself."""

import pytest

from tests.journeys.scene import Scene
from vetting.audit.queries import check_chain
from vetting.decisions.states import State
from vetting.execution.models import OwedLift
from vetting.identities.queries import person_of
from vetting.roster.operations import mark_as_left
from vetting.school.operations import set_policy
from vetting.school.queries import open_alarms
from vetting.twitter.models import Follower

WORDS = "Hello, my Twitter name is @danahill_mum. I am the mother of Ada Hill in 3 Willow."


@pytest.fixture
def scene(scene: Scene) -> Scene:
    """Three families follow already, and the register has read them."""
    for handle in ("ann_lee", "bea_low", "cem_kaya"):
        scene.sandbox.world.add_user(handle)
        scene.sandbox.world.follow(handle)
    scene.time_passes(minutes=1)
    return scene


def _let_in(scene: Scene) -> None:
    scene.asks_on_twitter()
    scene.dana_writes(WORDS)
    scene.time_passes(minutes=1)
    scene.screen(scene.priya).open(f"/requests/{scene.item().reference}/").press("Verify", how="IN_PERSON")
    scene.screen(scene.okafor).open(f"/requests/{scene.item().reference}/").press("Approve")
    scene.twitter.open("/follower_requests").press("Accept", near="@danahill_mum")
    scene.time_passes(minutes=1)
    assert scene.item().state == State.DONE


def _listed(scene: Scene) -> str:
    return scene.screen(scene.okafor).open("/followers/?group=DOES_NOT_FIT").text


def _follows(scene: Scene, handle: str) -> bool:
    return Follower.objects.filter(profile__handle=handle, ended_at=None).exists()


def test_a_request_accepted_on_twitter_without_an_answer_is_listed_and_asked_about(scene: Scene) -> None:
    assert "Everything fits." in _listed(scene)
    scene.asks_on_twitter("sam_the_shop", "Sam")
    scene.time_passes(minutes=1)
    scene.twitter.open("/follower_requests").press("Accept", near="@sam_the_shop")
    scene.time_passes(minutes=1)

    today = scene.screen(scene.okafor).open("/")
    assert today.says("1 account does not fit what the register says.")
    admin = today.follow("See which")
    assert admin.says("@sam_the_shop")
    assert admin.says("Let in on Twitter on or before 9 Nov 2026, without an answer here.")
    admin.press("Must they go?", near="@sam_the_shop")
    (removal,) = scene.removals()
    assert removal.why == "Let in on Twitter on or before 9 Nov 2026, without an answer here."
    scene.screen(scene.okafor).open(f"/leavers/{removal.reference}/").press("Remove follower", reason="A shop.")
    scene.twitter.open("/followers").press("Remove follower", near="@sam_the_shop")
    scene.time_passes(minutes=1)
    assert scene.removals()[0].state == State.DONE
    assert "Everything fits." in _listed(scene)
    assert not scene.screen(scene.okafor).open("/").says("does not fit what the register says")


def test_somebody_accepted_on_purpose_is_noted_and_counts_no_longer(scene: Scene) -> None:
    scene.sandbox.world.add_user("town_library")
    scene.sandbox.world.follow("town_library")
    scene.time_passes(minutes=1)
    admin = scene.screen(scene.okafor).open("/followers/")
    assert admin.says("Does not fit 1")
    admin.press("Note this", near="@town_library", note="The town's library; the head agreed.")
    assert not scene.screen(scene.okafor).open("/").says("does not fit what the register says")
    scene.time_passes(minutes=5)
    shown = _listed(scene)
    assert "The town's library; the head agreed." in shown
    assert "Looked at" in shown
    assert check_chain(school_id=scene.school.pk).whole


def test_somebody_removed_who_is_back_again_is_listed_until_they_leave(scene: Scene) -> None:
    dana = scene.dana()
    _let_in(scene)
    mark_as_left(person=dana, on=scene.now.date(), by=scene.priya, at=scene.now, why="Moved away.")
    scene.time_passes(days=18)
    (removal,) = scene.removals()
    scene.screen(scene.okafor).open(f"/leavers/{removal.reference}/").press("Remove follower", reason="Moved away.")
    scene.twitter.open("/followers").press("Remove follower", near="@danahill_mum")
    scene.time_passes(minutes=1)
    assert scene.removals()[0].state == State.DONE
    assert "Everything fits." in _listed(scene)

    scene.sandbox.world.follow("danahill_mum")
    scene.time_passes(days=1)
    assert "Removed on 27 Nov 2026, seen again as a follower on 28 Nov 2026." in _listed(scene)
    scene.sandbox.world.unfollow("danahill_mum")
    scene.time_passes(minutes=30)
    scene.time_passes(minutes=30)
    assert "Everything fits." in _listed(scene)


def test_an_approved_parent_who_is_no_longer_there_is_listed_until_they_are_back(scene: Scene) -> None:
    scene.dana()
    _let_in(scene)
    scene.sandbox.world.unfollow("danahill_mum")
    for _ in range(3):
        scene.time_passes(minutes=20)
    shown = _listed(scene)
    assert "Approved on 9 Nov 2026 for Dana Hill; not among the followers on 9 Nov 2026. They may have left by themselves." in shown
    scene.sandbox.world.follow("danahill_mum")
    scene.time_passes(minutes=1)
    assert "Everything fits." in _listed(scene)


def test_somebody_blocked_on_twitters_page_and_not_unblocked_is_listed_until_they_are(scene: Scene) -> None:
    scene.dana()
    _let_in(scene)
    scene.sandbox.world.block("danahill_mum")
    for _ in range(2):
        scene.time_passes(minutes=20)
    assert "no removal here explains it. On Twitter, unblock @danahill_mum, or note why not." in _listed(scene)
    scene.sandbox.world.unblock("danahill_mum")
    scene.time_passes(minutes=1)
    assert "Blocked on Twitter" not in _listed(scene)


def test_a_leaver_is_removed_through_twitter_where_the_school_wants_that(scene: Scene) -> None:
    scene.sandbox.world.allow("block")
    set_policy(school=scene.school, key="remove_by_api", value=True, by=scene.okafor, at=scene.now)
    dana = scene.dana()
    _let_in(scene)
    mark_as_left(person=dana, on=scene.now.date(), by=scene.priya, at=scene.now, why="Moved away.")
    scene.time_passes(days=18)
    (removal,) = scene.removals()
    admin = scene.screen(scene.okafor).open(f"/leavers/{removal.reference}/")
    admin.press("Remove follower", reason="Moved away.")
    assert scene.removals()[0].state == State.DECIDED
    scene.time_passes(minutes=1)

    assert scene.removals()[0].state == State.DONE
    assert not _follows(scene, "danahill_mum")
    assert scene.sandbox.world.blocked() == []
    assert OwedLift.objects.get().lifted_at is not None
    assert person_of(removal.profile) is None
    assert "Everything fits." in _listed(scene)
    record = scene.screen(scene.okafor).open(f"/leavers/{removal.reference}/")
    assert record.says("Twitter blocked @danahill_mum, which ends the following; the block is lifted at once.")
    assert record.says("@danahill_mum is no longer blocked on Twitter.")
    assert check_chain(school_id=scene.school.pk).whole


def test_a_block_that_twitter_does_not_let_us_lift_is_everybodys_business_until_somebody_does(scene: Scene) -> None:
    scene.sandbox.world.allow("block")
    set_policy(school=scene.school, key="remove_by_api", value=True, by=scene.okafor, at=scene.now)
    admin = scene.screen(scene.okafor).open("/followers/?group=UNKNOWN").follow("@ann_lee")
    admin.press("Open a removal question", why="Nobody knows them.").press("Remove follower", reason="A stranger.")
    scene.sandbox.world.fault("unblock", "forbidden")
    scene.time_passes(minutes=1)
    assert [one.handle for one in scene.sandbox.world.blocked()] == ["ann_lee"]

    admin = scene.screen(scene.okafor).open("/")
    assert admin.says("A follower was removed, and the account is still blocked on Twitter.")
    assert "and still blocked. On Twitter, unblock @ann_lee." in _listed(scene)
    scene.sandbox.world.unblock("ann_lee")
    scene.time_passes(minutes=35)
    assert open_alarms(scene.school) == []
    assert "Everything fits." in _listed(scene)
