"""A parent writes from an address nobody knows; the office asks through the one it holds, and the answer lets her in."""

import re

import pytest
from django.core import mail
from django.test import Client

from tests.at_the_screen import Answer, Screen
from tests.journeys.scene import Scene
from vetting.audit.queries import check_chain
from vetting.decisions.states import State
from vetting.identities.queries import person_of
from vetting.intake.models import Claim
from vetting.values import Level

WORDS = "Hello, I am Ada's mum (Year 3). My Twitter name is @danahill_mum. Thank you, Dana Hill"


@pytest.fixture(autouse=True)
def _links_lead_here(settings: object) -> None:
    settings.PUBLIC_URL = "http://testserver"


def _on_her_phone() -> Screen:
    """Somebody who has never signed in anywhere here."""
    client = Client()

    def fetch(method: str, url: str, data: object) -> Answer:
        response = client.get(url) if method == "GET" else client.post(url, data)
        return Answer(response.status_code, url, response.content.decode())

    return Screen(fetch)


def test_a_parent_confirms_through_the_address_on_record_and_is_let_in(scene: Scene) -> None:
    dana = scene.dana()
    scene.asks_on_twitter()
    scene.dana_writes(WORDS, sender="dana84@elsewhere.example")
    scene.time_passes(minutes=1)
    assert (scene.item().level, scene.item().person) == (Level.CHECK, dana)

    office = scene.screen(scene.priya).open("/requests/?tab=look").follow("@danahill_mum").follow("Ask to confirm")
    assert office.says("dana.hill@example.org")
    assert office.says("The address the school holds for Dana Hill.")
    office.press("Send letter")
    assert office.says("The letter is written. It goes out within a minute.")
    scene.time_passes(seconds=30)

    (letter,) = mail.outbox
    assert letter.to == ["dana.hill@example.org"]
    assert "Ada" not in letter.body
    link = re.search(r"http://testserver(/confirm/\S+)", letter.body)
    assert link is not None
    for _ in range(50):
        assert Client().get(link[1]).status_code == 200
    assert Claim.objects.get().confirmed_at is None

    _on_her_phone().open(link[1]).press("This is my Twitter name", handle="@DanaHill_Mum")
    scene.time_passes(minutes=1)
    assert (scene.item().level, scene.item().person) == (Level.STRONG, dana)

    office = scene.screen(scene.priya).open("/requests/").follow("@danahill_mum")
    assert office.says("Confirmed on 9 November 2026 through the address we hold for Dana Hill")
    assert not office.says("Ask to confirm")
    office.press("Verify", how="EMAIL")
    scene.screen(scene.okafor).open("/requests/").follow("@danahill_mum").press("Approve")
    scene.twitter.open("/follower_requests").press("Accept", near="@danahill_mum")
    scene.time_passes(seconds=30)

    assert scene.item().state == State.DONE
    assert person_of(scene.item().profile) == dana
    told = scene.screen(scene.okafor).open(f"/requests/{scene.item().reference}/").follow("Write to the family")
    assert told.says("has been accepted")
    told.press("Send letter")
    assert told.says("One letter a day goes to an address")
    scene.time_passes(hours=23)
    assert len(mail.outbox) == 1
    scene.time_passes(hours=2)
    assert [sent.subject for sent in mail.outbox][1:] == ["Your request to follow @hazelbrookpri"]
    assert check_chain(school_id=scene.school.pk).whole


def test_somebody_who_did_not_ask_says_so_and_the_request_looks_forged(scene: Scene) -> None:
    scene.dana()
    scene.asks_on_twitter()
    scene.dana_writes(WORDS, sender="dana84@elsewhere.example")
    scene.time_passes(minutes=1)
    scene.screen(scene.priya).open("/requests/?tab=look").follow("@danahill_mum").follow("Ask to confirm").press("Send letter")
    scene.time_passes(seconds=30)
    link = re.search(r"http://testserver(/confirm/\S+)", mail.outbox[0].body)
    assert link is not None
    _on_her_phone().open(link[1]).press("Tell the school", sure="on")
    scene.time_passes(minutes=1)

    assert scene.item().level == Level.IMPOSTOR
    office = scene.screen(scene.priya).open("/requests/?tab=look")
    assert office.says("says that this was not them")
    assert office.follow("@danahill_mum").says("the family said that this was not them")
