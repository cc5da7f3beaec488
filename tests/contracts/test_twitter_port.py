"""One contract for every way to Twitter: tweepy over HTTP to Practice Twitter, by keys and by a token, and a person with neither.

Each way declares what it can do; what it cannot do it says, and never with an empty answer.
"""

from dataclasses import dataclass

import pytest

from tests.sandbox import Sandbox
from vetting.twitter.by_hand import ByHand
from vetting.twitter.port import Ability, CapabilityUnavailable, Carried, ManualAction, Missing, Relation, Twitter
from vetting.twitter.sandbox import World
from vetting.values import Handle, TwitterUserId


@dataclass
class Backend:
    """One way to Twitter, with what it says it can do."""

    twitter: Twitter
    can: frozenset[Ability] = frozenset()
    world: World | None = None


def _by_keys(sandbox: Sandbox) -> Backend:
    """OAuth 1.0a: everything, the older list of requests too."""
    return Backend(sandbox.asked_by("keys", knows_itself=False), frozenset(Ability), sandbox.world)


def _by_a_token(sandbox: Sandbox) -> Backend:
    """OAuth 2.0: everything of version 2, so not the list of requests."""
    return Backend(sandbox.asked_by("token", knows_itself=False), frozenset(Ability) - {Ability.INCOMING}, sandbox.world)


@pytest.fixture(params=["by keys", "by a token", "by hand"])
def backend(request: pytest.FixtureRequest) -> Backend:
    if request.param == "by hand":
        return Backend(ByHand())
    made = {"by keys": _by_keys, "by a token": _by_a_token}[request.param](request.getfixturevalue("sandbox"))
    made.world.allow("block")
    return made


def _can(backend: Backend, ability: Ability) -> bool:
    return ability in backend.can


def test_looking_up_finds_people_and_says_why_others_are_missing(backend: Backend) -> None:
    handles = [Handle("dana_hill"), Handle("nobody_here"), Handle("sam_gone"), Handle("left_us")]
    if not _can(backend, Ability.LOOKUP):
        with pytest.raises(CapabilityUnavailable):
            backend.twitter.lookup(handles=handles)
        return
    dana = backend.world.add_user("Dana_Hill", name="Dana", bio="Mum of two", default_picture=True)
    backend.world.add_user("sam_gone")
    backend.world.suspend("sam_gone")
    backend.world.add_user("left_us")
    backend.world.deactivate("left_us")
    found = backend.twitter.lookup(handles=handles)
    (one,) = found.profiles
    assert (one.user_id.value, one.handle, one.display_name, one.bio) == (dana.user_id, Handle("dana_hill"), "Dana", "Mum of two")
    assert one.default_picture is True
    assert one.created_at is not None
    assert found.missing == {"nobody_here": Missing.NOT_FOUND, "sam_gone": Missing.SUSPENDED, "left_us": Missing.NOT_FOUND}


def test_relations_are_told_by_number(backend: Backend) -> None:
    if not _can(backend, Ability.LOOKUP):
        with pytest.raises(CapabilityUnavailable):
            backend.twitter.relation([TwitterUserId("12")])
        with pytest.raises(CapabilityUnavailable):
            backend.twitter.confirm(TwitterUserId("12"))
        return
    numbers = [TwitterUserId(backend.world.add_user(handle).user_id) for handle in ("asks", "follows", "neither")]
    backend.world.ask_to_follow("asks")
    backend.world.follow("follows")
    found = backend.twitter.relation(numbers)
    assert {one.handle.value: one.relation for one in found.profiles} == {
        "asks": Relation.REQUESTS,
        "follows": Relation.FOLLOWS,
        "neither": Relation.NEITHER,
    }
    backend.world.accept("asks")
    assert backend.twitter.confirm(numbers[0]) is Relation.FOLLOWS
    backend.world.suspend("asks")
    assert backend.twitter.confirm(numbers[0]) is Missing.SUSPENDED


def test_the_list_of_requests_is_complete_over_several_pages(backend: Backend) -> None:
    if not _can(backend, Ability.INCOMING):
        with pytest.raises(CapabilityUnavailable):
            backend.twitter.list_incoming()
        return
    backend.world.set_page_size(2)
    numbers = set()
    for place in range(23):
        numbers.add(backend.world.add_user(f"asks_{place}").user_id)
        backend.world.ask_to_follow(f"asks_{place}")
    listed = backend.twitter.list_incoming()
    assert listed.complete
    assert {number.value for number in listed.user_ids} == numbers


def test_followers_come_page_by_page_to_an_explicit_end(backend: Backend) -> None:
    if not _can(backend, Ability.FOLLOWERS):
        with pytest.raises(CapabilityUnavailable):
            backend.twitter.list_followers()
        return
    backend.world.set_page_size(3)
    for place in range(7):
        backend.world.add_user(f"follows_{place}")
        backend.world.follow(f"follows_{place}")
    first = backend.twitter.list_followers()
    second = backend.twitter.list_followers(first.next_page)
    third = backend.twitter.list_followers(second.next_page)
    assert [len(page.profiles) for page in (first, second, third)] == [3, 3, 1]
    assert third.next_page == ""
    assert {one.relation for one in first.profiles} == {Relation.FOLLOWS}


def test_whose_keys_these_are(backend: Backend) -> None:
    if not _can(backend, Ability.LOOKUP):
        with pytest.raises(CapabilityUnavailable):
            backend.twitter.whoami()
        return
    me = backend.twitter.whoami()
    assert (me.user_id.value, me.protected) == (backend.world.me.user_id, True)


@pytest.mark.parametrize(("verb", "button"), [("accept", "Accept"), ("deny", "Decline")])
def test_no_way_accepts_or_declines_by_itself_and_the_link_goes_by_number(backend: Backend, verb: str, button: str) -> None:
    action = getattr(backend.twitter, verb)(TwitterUserId("1712180230383752279"), Handle("dana_hill"))
    assert isinstance(action, ManualAction)
    assert action.link.endswith("/intent/user?user_id=1712180230383752279")
    assert action.button == button
    assert "@dana_hill" in action.sentence
    assert getattr(backend.twitter, verb)(None, Handle("dana_hill")).link.endswith("/dana_hill")


def test_a_follower_is_removed_by_a_block_that_is_lifted_again_or_by_a_person(backend: Backend) -> None:
    if not _can(backend, Ability.REMOVE):
        action = backend.twitter.remove_follower(TwitterUserId("12"), Handle("left_us"))
        assert isinstance(action, ManualAction)
        assert action.button == "Remove this follower"
        with pytest.raises(CapabilityUnavailable):
            backend.twitter.lift_block(TwitterUserId("12"))
        return
    number = TwitterUserId(backend.world.add_user("left_us").user_id)
    backend.world.follow("left_us")
    assert backend.twitter.remove_follower(number, Handle("left_us")) == Carried()
    (blocked,) = backend.twitter.relation([number]).profiles
    assert (blocked.relation, blocked.blocked) == (Relation.NEITHER, True)
    backend.twitter.lift_block(number)
    backend.twitter.lift_block(number)
    (free,) = backend.twitter.relation([number]).profiles
    assert (free.relation, free.blocked) == (Relation.NEITHER, False)


def test_where_twitter_does_not_allow_removing_it_says_so_and_nobody_is_touched(backend: Backend) -> None:
    if backend.world is None:
        pytest.skip("By hand nothing is asked of Twitter.")
    backend.world.allow("block", False)
    number = TwitterUserId(backend.world.add_user("left_us").user_id)
    backend.world.follow("left_us")
    with pytest.raises(CapabilityUnavailable) as refused:
        backend.twitter.remove_follower(number, Handle("left_us"))
    assert refused.value.operation == Ability.REMOVE
    assert backend.twitter.confirm(number) is Relation.FOLLOWS


def test_without_a_number_a_person_removes_whatever_is_allowed(backend: Backend) -> None:
    assert isinstance(backend.twitter.remove_follower(None, Handle("left_us")), ManualAction)
