"""The main job: a parent writes to the office, asks on Twitter, is verified, approved, accepted by hand, and seen."""

import pytest

from tests.journeys.scene import Scene
from vetting.audit.queries import check_chain, lines
from vetting.decisions.states import State
from vetting.identities.queries import person_of
from vetting.twitter.models import Follower
from vetting.values import Level

WORDS = "Hello, I am Ada's mum (Year 3). My Twitter name is @danahill_mum. Thank you, Dana Hill"


def _asks_on_twitter(scene: Scene, handle: str = "danahill_mum", name: str = "Dana H") -> None:
    scene.sandbox.world.add_user(handle, display_name=name)
    scene.sandbox.world.ask_to_follow(handle)


@pytest.mark.django_db
def test_a_parent_emails_and_is_let_in(scene: Scene) -> None:
    dana = scene.dana()
    _asks_on_twitter(scene)
    scene.dana_writes(WORDS)
    scene.time_passes(minutes=1)

    item = scene.item()
    assert (item.level, item.state, item.person) == (Level.STRONG, State.TO_VERIFY, dana)

    office = scene.screen(scene.priya).open("/requests/").follow("@danahill_mum")
    assert office.says("Dana Hill") and office.says("Ada")
    assert "@danahill_mum" in [mark.text() for mark in office.page.css("mark")]
    office.press("Verify", how="EMAIL")
    assert scene.item().state == State.TO_APPROVE

    scene.screen(scene.okafor).open("/requests/").follow("@danahill_mum").press("Approve")
    assert scene.item().state == State.BY_HAND
    assert scene.screen(scene.okafor).open("/to-do/").says("@danahill_mum")

    scene.twitter.open("/follower_requests").press("Accept", near="@danahill_mum")
    scene.time_passes(seconds=30)

    item = scene.item()
    assert item.state == State.DONE
    assert Follower.objects.filter(school_account=scene.account, profile=item.profile, ended_at=None).exists()
    assert person_of(item.profile) == dana
    assert check_chain(school_id=scene.school.pk).whole
    said = [line.sentence for line in lines(school_id=scene.school.pk, subject=item)]
    assert said[0] == "@danahill_mum: seen as a follower on Twitter."
    assert scene.screen(scene.okafor).open("/to-do/").says("Confirmed")
