"""The main job: a parent writes to the office, asks on Twitter, is verified, approved, accepted by hand, and seen."""

from tests.journeys.scene import Scene
from vetting.audit.queries import check_chain, lines
from vetting.decisions.models import Decision
from vetting.decisions.states import State
from vetting.identities.queries import person_of
from vetting.intake.models import MailPosition
from vetting.roster.operations import mark_as_left, open_restriction
from vetting.twitter.models import Follower, FollowRequest, HandleLookup
from vetting.values import Level

WORDS = "Hello, I am Ada's mum (Year 3). My Twitter name is @danahill_mum. Thank you, Dana Hill"


def _follows(scene: Scene) -> bool:
    return Follower.objects.filter(school_account=scene.account, profile__handle="danahill_mum", ended_at=None).exists()


def _let_in(scene: Scene) -> None:
    """The whole way, for stories that begin where this one ends."""
    scene.asks_on_twitter()
    scene.dana_writes(WORDS)
    scene.time_passes(minutes=1)
    scene.screen(scene.priya).open("/requests/").follow("@danahill_mum").press("Verify", how="EMAIL")
    scene.screen(scene.okafor).open("/requests/").follow("@danahill_mum").press("Approve")
    scene.twitter.open("/follower_requests").press("Accept", near="@danahill_mum")
    scene.time_passes(seconds=30)
    assert scene.item().state == State.DONE


def test_a_parent_emails_and_is_let_in(scene: Scene) -> None:
    dana = scene.dana()
    scene.asks_on_twitter()
    scene.dana_writes(WORDS)
    scene.time_passes(minutes=1)

    item = scene.item()
    assert (item.level, item.state, item.person) == (Level.STRONG, State.TO_VERIFY, dana)
    assert MailPosition.objects.filter(email__school=scene.school).count() == 1

    office = scene.screen(scene.priya).open("/requests/").follow("@danahill_mum")
    assert office.says("Dana Hill")
    assert office.says("Ada")
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
    assert _follows(scene)
    assert person_of(item.profile) == dana
    assert check_chain(school_id=scene.school.pk).whole
    said = [line.sentence for line in lines(school_id=scene.school.pk, subject=item)]
    assert said[0] == "@danahill_mum: seen as a follower on Twitter."
    assert scene.screen(scene.okafor).open("/to-do/").says("Confirmed")


def test_a_stranger_is_declined_and_goes_away(scene: Scene) -> None:
    scene.asks_on_twitter("sam_the_shop", name="Sam's Shop")
    scene.time_passes(minutes=1)
    assert (scene.item("sam_the_shop").level, scene.item("sam_the_shop").state) == (Level.NONE, State.WAITING)

    admin = scene.screen(scene.okafor).open("/requests/?tab=waiting").follow("@sam_the_shop")
    admin.press("Decline", reason="A shop, not a family.")
    assert scene.item("sam_the_shop").state == State.BY_HAND

    scene.twitter.open("/follower_requests").press("Decline", near="@sam_the_shop")
    scene.time_passes(seconds=30)

    assert scene.item("sam_the_shop").state == State.DONE
    assert not FollowRequest.objects.filter(profile__handle="sam_the_shop", ended_at=None).exists()
    assert Decision.objects.get(item=scene.item("sam_the_shop")).by == scene.okafor


def test_a_request_that_is_held_goes_on_when_the_lead_releases_it(scene: Scene) -> None:
    open_restriction(person=scene.dana(), reason="Order of the family court, see file.", by=scene.reid, at=scene.now)
    scene.asks_on_twitter()
    scene.dana_writes(WORDS)
    scene.time_passes(minutes=1)
    assert (scene.item().level, scene.item().state) == (Level.HOLD, State.HELD)

    office = scene.screen(scene.priya).open("/requests/?tab=look").follow("@danahill_mum")
    assert office.says("This one needs the safeguarding lead.")
    assert not office.says("family court")

    lead = scene.screen(scene.reid).open("/requests/?tab=look").follow("@danahill_mum")
    assert lead.says("family court")
    lead.press("Release", why="The order does not speak of this.")
    scene.time_passes(minutes=1)
    assert scene.item().state == State.TO_VERIFY

    scene.screen(scene.priya).open(f"/requests/{scene.item().reference}/").press("Verify", how="IN_PERSON")
    scene.screen(scene.okafor).open(f"/requests/{scene.item().reference}/").press("Approve")
    scene.twitter.open("/follower_requests").press("Accept", near="@danahill_mum")
    scene.time_passes(seconds=30)
    assert scene.item().state == State.DONE


def test_a_leaver_is_removed_after_the_days_of_grace(scene: Scene) -> None:
    dana = scene.dana()
    _let_in(scene)
    mark_as_left(person=dana, on=scene.now.date(), by=scene.priya, at=scene.now, why="Moved away.")
    scene.time_passes(days=10)
    assert scene.removals() == []
    scene.time_passes(days=8)

    (removal,) = scene.removals()
    assert removal.state == State.TO_APPROVE
    admin = scene.screen(scene.okafor).open("/leavers/")
    assert admin.says("@danahill_mum")
    admin.follow("@danahill_mum").press("Remove follower", reason="Moved away.")
    assert scene.removals()[0].state == State.BY_HAND
    assert _follows(scene)

    scene.twitter.open("/followers").press("Remove follower", near="@danahill_mum")
    scene.time_passes(seconds=30)

    assert scene.removals()[0].state == State.DONE
    assert not _follows(scene)
    assert person_of(removal.profile) is None
    assert check_chain(school_id=scene.school.pk).whole


def test_a_parent_who_is_on_no_list_is_added_right_on_the_request(scene: Scene) -> None:
    scene.asks_on_twitter()
    scene.dana_writes(WORDS)
    scene.time_passes(minutes=1)
    assert scene.item().level == Level.CHECK

    office = scene.screen(scene.priya).open("/requests/?tab=look").follow("@danahill_mum")
    office.press("Add and verify", given="Dana", family="Hill", child_given="Ada", child_family="Hill", how="IN_PERSON")
    item = scene.item()
    assert item.state == State.TO_APPROVE
    assert item.person is not None
    assert item.person.name == "Dana Hill"

    scene.screen(scene.okafor).open(f"/requests/{item.reference}/").press("Approve")
    scene.twitter.open("/follower_requests").press("Accept", near="@danahill_mum")
    scene.time_passes(seconds=30)
    assert scene.item().state == State.DONE
    assert _follows(scene)


def test_without_any_credentials_a_pasted_list_and_a_named_tick_do_it(scene_by_hand: Scene) -> None:
    scene = scene_by_hand
    dana = scene.dana()
    scene.dana_writes(WORDS)
    scene.time_passes(minutes=1)
    office = scene.screen(scene.priya).open("/followers/paste/")
    office.press("Read the requests", text="Dana H\n@danahill_mum\nAccept\nDecline\n")
    assert office.says("Understood: 1 person")
    office.press("Take in 1 person")
    scene.time_passes(minutes=1)
    item = scene.item()
    assert (item.level, item.state, item.person) == (Level.CHECK, State.TO_VERIFY, dana)
    assert item.profile.twitter_user_id is None

    scene.screen(scene.priya).open(f"/requests/{item.reference}/").press("Verify", how="IN_PERSON")
    scene.screen(scene.okafor).open(f"/requests/{item.reference}/").press("Approve")
    scene.screen(scene.okafor).open("/to-do/").press("Done on Twitter", near="@danahill_mum")

    item = scene.item()
    assert (item.state, item.ticked_by) == (State.DONE, scene.okafor)
    assert _follows(scene)
    assert person_of(item.profile) == dana
    assert check_chain(school_id=scene.school.pk).whole


def test_an_email_that_comes_days_before_the_request_still_counts(scene: Scene) -> None:
    dana = scene.dana()
    scene.sandbox.world.add_user("danahill_mum", name="Dana H")
    scene.dana_writes(WORDS)
    scene.time_passes(minutes=1)
    assert HandleLookup.objects.get(handle="danahill_mum").outcome == HandleLookup.Outcome.FOUND
    scene.time_passes(days=4)

    scene.asks_on_twitter()
    scene.time_passes(minutes=20)
    item = scene.item()
    assert (item.level, item.state, item.person) == (Level.STRONG, State.TO_VERIFY, dana)
