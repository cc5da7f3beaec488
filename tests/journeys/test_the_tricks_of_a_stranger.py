"""Sam, a stranger, tries the practice phone's four tricks: each is named in a sentence, and nobody is offered an approval."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from django.urls import reverse

from tests.at_the_screen import Screen, over_http
from tests.journeys.scene import Scene
from tests.sandbox import SECRET, Sandbox
from vetting.decisions.models import Decision, QueueItem, Verification
from vetting.decisions.policies import ENOUGH_FOR_A_LOOKALIKE
from vetting.decisions.states import State
from vetting.demo.imitated import IMITATED, SIMONE, Imitated
from vetting.demo.mail import Letter, drop_into
from vetting.demo.phone import make_app
from vetting.demo.place import MAIL_SERVER
from vetting.demo.tricks import BY_KEY, TRICKS, Trick
from vetting.intake.models import IntakeSource
from vetting.intake.operations import declare_trusted_receiver
from vetting.matching.models import Match
from vetting.roster.models import Basis, Person
from vetting.roster.operations import ChildName, add_person
from vetting.twitter.models import Follower, HandleLookup
from vetting.twitter.sandbox import World, serve
from vetting.values import Level, MailAddress, PersonName

DOUBLE, LATER = BY_KEY["double"], BY_KEY["later"]


@pytest.fixture
def mailbox() -> None:
    """A folder of e-mails, as in the demo: the phone writes into it."""


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    """Practice Twitter with the practice phone, as `up` mounts it."""
    world = World(seed=7)
    running = serve(world, secret=SECRET, threads=4, extra={"/practice-phone": make_app(world, tmp_path / "mailbox")})
    yield Sandbox(running)
    running.close()


@pytest.fixture
def scene(scene: Scene) -> Scene:
    """The school knows the four families; the demo's mail server is believed; Simone was let in."""
    source = IntakeSource.objects.get(school=scene.school)
    declare_trusted_receiver(source=source, receiver=MAIL_SERVER, by=scene.okafor, at=scene.now)
    for parent in IMITATED:
        _on_the_list(scene, parent)
    _let_in(scene, SIMONE, Path(source.folder))
    return scene


def _on_the_list(scene: Scene, parent: Imitated) -> None:
    add_person(
        school=scene.school,
        name=PersonName(parent.given, parent.family),
        kind=Basis.Kind.PARENT_OR_CARER,
        by=scene.priya,
        at=scene.now,
        addresses=[MailAddress.parse(parent.address)],
        child=ChildName(parent.child, parent.family, parent.year),
        relationship=parent.relationship,
        starts_on=date(2024, 9, 1),
    )


def _let_in(scene: Scene, parent: Imitated, folder: Path) -> None:
    handle = parent.handle.value
    scene.asks_on_twitter(handle, name=parent.name)
    drop_into(folder, Letter(parent.name, parent.address, "Twitter", f"My Twitter name is @{handle}.\n", scene.now))
    scene.time_passes(minutes=1)
    scene.screen(scene.priya).open("/requests/").follow(f"@{handle}").press("Verify", how="EMAIL")
    scene.screen(scene.okafor).open("/requests/").follow(f"@{handle}").press("Approve")
    scene.twitter.open("/follower_requests").press("Accept", near=f"@{handle}")
    scene.time_passes(seconds=30)
    assert scene.item(handle).state == State.DONE


def _phone(scene: Scene) -> Screen:
    return over_http(scene.sandbox.url).open("/practice-phone/")


def _sam_tries(scene: Scene, trick: Trick) -> None:
    for button in filter(None, (trick.button, trick.second)):
        _phone(scene).press(button)
        scene.time_passes(minutes=1)


def _read_by(scene: Scene, trick: Trick) -> list[Screen]:
    """The page of Sam's request as the office and as an admin see it."""
    return [scene.screen(person).open("/requests/?tab=look").follow(f"@{trick.handle.lower()}") for person in (scene.priya, scene.okafor)]


def _press_what_is_not_offered(scene: Scene, trick: Trick, item: QueueItem) -> None:
    """As somebody would who makes up a form of their own."""
    claimed = {"seen_version": item.version, "how": "EMAIL", "person": Person.objects.get(given=trick.victim.given).reference}
    for route in ("request_verify", "request_approve", "request_verify_and_approve"):
        for person in (scene.priya, scene.okafor):
            scene.screen(person).fetch("POST", reverse(route, args=[item.reference]), claimed)
    scene.time_passes(minutes=2)


def _buttons(screen: Screen) -> set[str]:
    return {" ".join(button.text().split()) for button in screen.page.css("button")}


def _followers(scene: Scene) -> set[str]:
    return set(Follower.objects.filter(school_account=scene.account, ended_at=None).values_list("profile__handle", flat=True))


@pytest.mark.parametrize("trick", TRICKS, ids=lambda trick: trick.key)
def test_each_trick_is_named_in_its_sentence_and_nobody_is_offered_an_approval(scene: Scene, trick: Trick) -> None:
    _sam_tries(scene, trick)

    item = scene.item(trick.handle.lower())
    assert (item.level, item.state) == (Level.IMPOSTOR, State.TO_VERIFY)
    opinions = Match.objects.filter(profile=item.profile).values_list("level", flat=True)
    assert not any(Level(level).offers_approval for level in opinions), "not for a moment on the way there"
    for screen in _read_by(scene, trick):
        assert all(screen.says(part) for part in trick.says.split("…")), screen.text
        assert not {button for button in _buttons(screen) if "pprove" in button}
        ways = {str(way.attributes["value"]) for way in screen.page.css("input[name=how]")}
        assert ways <= ENOUGH_FOR_A_LOOKALIKE, "nobody is verified without being spoken to"
        assert not screen.page.css("input[name=how][checked]")

    _press_what_is_not_offered(scene, trick, item)
    assert scene.item(trick.handle.lower()).state == State.TO_VERIFY
    assert not Verification.objects.filter(item=item).exists()
    assert not Decision.objects.filter(item=item).exists()
    assert _followers(scene) == {SIMONE.handle.value}
    if trick is LATER:
        first = HandleLookup.objects.filter(school=scene.school, handle=trick.handle).earliest("pk")
        assert first.twitter_user_id is None, "looked up while the name was nobody's"


def test_whom_sam_imitates_can_still_be_let_in_and_sam_declined_is_read_as_before(scene: Scene) -> None:
    _sam_tries(scene, DOUBLE)
    nicola, sam = DOUBLE.victim.handle.value, DOUBLE.handle.lower()
    scene.asks_on_twitter(nicola)
    scene.screen(scene.okafor).open("/requests/?tab=look").follow(f"@{sam}").press("Decline", reason="Not her.")
    scene.twitter.open("/follower_requests").press("Decline", near=f"@{DOUBLE.handle}")
    scene.time_passes(minutes=1)
    assert scene.item(nicola).level == Level.STRONG
    assert scene.item(sam).state == State.DONE

    assert _phone(scene).press("Ask again").says(f"Sam asks again as @{DOUBLE.handle}.")
    scene.time_passes(minutes=1)
    assert (scene.item(sam).level, scene.item(sam).state) == (Level.IMPOSTOR, State.TO_VERIFY)
