"""Somebody ticks what they never did on Twitter: the row comes back with what Twitter shows, and is worked again."""

import re

from tests.journeys.scene import Scene
from vetting.decisions.states import State


def test_a_decline_ticked_too_early_comes_back_and_is_confirmed_once_it_is_so(scene: Scene) -> None:
    scene.asks_on_twitter("sam_the_shop", name="Sam's Shop")
    scene.time_passes(minutes=1)
    scene.screen(scene.okafor).open("/requests/?tab=waiting").follow("@sam_the_shop").press("Decline", reason="A shop, not a family.")

    admin = scene.screen(scene.okafor).open("/to-do/").press("Done on Twitter", near="@sam_the_shop")
    assert admin.says("Ticked @sam_the_shop. Nothing more to do on Twitter.")
    assert admin.says("Waiting for the next check")
    scene.time_passes(minutes=1)
    assert scene.item("sam_the_shop").state == State.BY_HAND, "a tick is not an outcome"

    admin.open("/to-do/")
    assert re.search(r"Twitter still shows this request as waiting, not declined \(\d\d:\d\d\)\.", admin.text)
    scene.twitter.open("/follower_requests").press("Decline", near="@sam_the_shop")
    admin.press("Tick again", near="@sam_the_shop")
    assert not admin.says("still shows")
    scene.time_passes(minutes=1)
    assert scene.item("sam_the_shop").state == State.DONE
    assert admin.open("/to-do/").says("@sam_the_shop no longer asks to follow")


def test_what_was_ticked_and_cannot_be_found_after_all_is_asked_again(scene: Scene) -> None:
    scene.asks_on_twitter("sam_the_shop", name="Sam's Shop")
    scene.time_passes(minutes=1)
    scene.screen(scene.okafor).open("/requests/?tab=waiting").follow("@sam_the_shop").press("Decline", reason="A shop, not a family.")
    admin = scene.screen(scene.okafor).open("/to-do/").press("Done on Twitter", near="@sam_the_shop")
    scene.time_passes(minutes=1)
    admin.open("/to-do/").press("I could not find @sam_the_shop", near="Could not find after all")
    item = scene.item("sam_the_shop")
    assert (item.state, item.ticked_at) == (State.WAITING, None)
    assert item.could_not_find_at is not None
