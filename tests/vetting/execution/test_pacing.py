"""Removals go in batches: the first few are seen on Twitter before the rest, and a surprise stops the rest."""

from datetime import timedelta

import pytest
from hypothesis import given as for_any
from hypothesis import strategies as st

from tests import given
from tests.given_removals import DECIDED_AT, DUE, MINUTE, a_decided_removal, fresh, sent, the_clock_runs, where_removal_is_allowed
from tests.given_roster import a_parent
from tests.given_twitter import AtTwitter
from tests.sandbox import Sandbox
from vetting.decisions.models import QueueItem
from vetting.decisions.operations import decide, open_removal, recognise_follower
from vetting.decisions.policies import NotSafe
from vetting.decisions.states import State
from vetting.execution.pacing import may_begin
from vetting.roster.models import Basis
from vetting.roster.operations import add_basis, mark_as_left
from vetting.school.operations import set_policy
from vetting.school.queries import pause_of_removals
from vetting.twitter.models import Follower
from vetting.twitter.operations import sync_followers

FIVE = ("follower_a", "follower_b", "follower_c", "follower_d", "follower_e")


@pytest.mark.parametrize(
    ("in_flight", "read_back", "more"),
    [(0, 0, 3), (2, 0, 1), (3, 0, 0), (1, 2, 0), (0, 2, 1), (0, 3, 10), (4, 3, 6), (10, 30, 0), (12, 30, 0)],
)
def test_three_are_seen_before_ten_at_a_time(in_flight: int, read_back: int, more: int) -> None:
    assert may_begin(in_flight=in_flight, read_back=read_back, first=3, batch=10) == more


@for_any(st.integers(0, 50), st.integers(0, 50), st.integers(0, 10), st.integers(0, 20))
def test_never_more_in_flight_than_a_batch(in_flight: int, read_back: int, first: int, batch: int) -> None:
    more = may_begin(in_flight=in_flight, read_back=read_back, first=first, batch=batch)
    assert more == 0 or in_flight + more <= max(1, batch)


@pytest.fixture
def there(sandbox: Sandbox) -> AtTwitter:
    there = where_removal_is_allowed(sandbox)
    there.follows(*FIVE)
    assert sync_followers(connection=there.connection, twitter=there.twitter, at=given.MONDAY + MINUTE).complete
    return there


def _sent(items: list[QueueItem]) -> int:
    return sum(fresh(item).state not in (State.DECIDED, State.BY_HAND) for item in items)


@pytest.mark.django_db
def test_of_five_removals_three_go_and_the_rest_waits_until_twitter_shows_them(there: AtTwitter) -> None:
    items = [a_decided_removal(there, handle) for handle in FIVE]
    assert sent(there) == 3
    assert sent(there, DUE + MINUTE) == 0
    assert _sent(items) == 3
    for minute in range(5, 60, 5):
        the_clock_runs(there, DUE + minute * MINUTE)
    assert [fresh(item).state for item in items] == [State.DONE] * 5


@pytest.mark.django_db
def test_a_surprise_in_a_batch_pauses_the_rest_until_an_admin_ends_it(there: AtTwitter) -> None:
    items = [a_decided_removal(there, handle) for handle in FIVE]
    there.sandbox.world.rename(FIVE[0], "another_name")
    sent(there)
    assert fresh(items[0]).state == State.TO_APPROVE
    pause = pause_of_removals(there.school)
    assert pause is not None
    assert (pause.by, pause.why.startswith("A removal came back to the admins")) == (None, True)
    assert sent(there, DUE + MINUTE) == 0
    assert State.DECIDED in {fresh(item).state for item in items}
    set_policy(school=there.school, key="removals_paused", value=False, by=there.okafor, at=DUE + 2 * MINUTE)
    for minute in range(5, 60, 5):
        the_clock_runs(there, DUE + minute * MINUTE)
    assert [fresh(item).state for item in items[1:]] == [State.DONE] * 4


def _a_leaver(there: AtTwitter) -> QueueItem:
    """Dana's child left; the list put her before the admins."""
    dana = a_parent(there.school)
    follower = Follower.objects.select_related("profile").get(school_account=there.account, profile__handle="dana_hill", ended_at=None)
    recognise_follower(follower=follower, person=dana, how="IN_PERSON", by=there.okafor, at=given.MONDAY)
    mark_as_left(person=dana, on=(given.MONDAY - timedelta(days=30)).date(), by=None, at=given.MONDAY)
    return open_removal(school_account=there.account, follower=follower, person=dana, why="Left.", at=DECIDED_AT, because_left=True)


@pytest.mark.django_db
def test_who_has_a_reason_again_before_it_is_carried_out_stays_and_twitter_is_asked_for_nothing(there: AtTwitter) -> None:
    item = _a_leaver(there)
    decide(item=item, seen_version=item.version, outcome="REMOVE", reason="Left.", by=there.okafor, at=DECIDED_AT)
    add_basis(person=fresh(item).person, kind=Basis.Kind.VOLUNTEER, by=None, at=DECIDED_AT)
    sent(there)
    assert fresh(item).state == State.LAPSED
    assert not [deed for deed in there.sandbox.world.deeds if deed["deed"] == "block"]
    assert pause_of_removals(there.school) is None


@pytest.mark.django_db
def test_who_has_a_reason_again_cannot_be_removed_for_having_left(there: AtTwitter) -> None:
    item = _a_leaver(there)
    add_basis(person=fresh(item).person, kind=Basis.Kind.VOLUNTEER, by=None, at=DECIDED_AT)
    with pytest.raises(NotSafe, match="Nobody is removed for having left"):
        decide(item=item, seen_version=item.version, outcome="REMOVE", reason="Left.", by=there.okafor, at=DECIDED_AT)
