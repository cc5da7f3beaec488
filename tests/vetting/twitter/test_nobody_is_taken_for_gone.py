"""Whatever Twitter answers, and in whatever order things happen: nobody who follows is ever ended as a follower.

A school, a scripted Twitter that may fail in every known way, and any sequence of what people and the clock do. In the
ordinary run a hundred sequences; thousands by

    python3 manage.py test tests/vetting/twitter/test_nobody_is_taken_for_gone.py -m slow
"""

from datetime import datetime, timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from tests import given
from tests.scripted_twitter import FAULTS, OPERATIONS, ScriptedTwitter
from vetting.school.operations import add_school_account, create_school
from vetting.twitter.models import Connection, Follower, FollowRequest, ListReading, TwitterProfile
from vetting.twitter.operations import connect, read_watched, sync_followers, sync_requests, watch
from vetting.twitter.reaching import NotNow
from vetting.values import Handle

pytestmark = pytest.mark.django_db
_SCHOOLS = count()
PEOPLE = st.integers(min_value=1, max_value=9)
PAUSES = st.sampled_from([timedelta(minutes=1), timedelta(minutes=16), timedelta(hours=2), timedelta(hours=26)])


class NobodyIsTakenForGone(RuleBasedStateMachine):
    """Numbers 1 to 9 are people; the world knows who follows and who asks, the register what it was shown."""

    @initialize(followers=st.sets(PEOPLE, max_size=9), relations=st.booleans(), size=st.sampled_from([2, 3, 1000]))
    def a_school(self, followers: set[int], relations: bool, size: int) -> None:
        self.at: datetime = given.MONDAY
        school = create_school(slug=f"school-{next(_SCHOOLS)}", name="A school", at=self.at)
        self.account = add_school_account(school=school, handle=Handle("stexample"))
        keys = dict.fromkeys(("consumer_key", "consumer_secret", "access_token", "access_secret"), "x")
        self.connection = connect(school_account=self.account, kind=Connection.Kind.LIVE, by=None, at=self.at, **keys)
        self.twitter = ScriptedTwitter(followers={str(one) for one in followers}, tells_relations=relations, page_size=size)
        self._read(sync_followers)

    # What people do.

    @rule(who=PEOPLE)
    def somebody_follows(self, who: int) -> None:
        self.twitter.follow(str(who))

    @rule(who=PEOPLE)
    def somebody_leaves(self, who: int) -> None:
        self.twitter.leave(str(who), at=self.at)

    @rule(who=PEOPLE)
    def somebody_asks(self, who: int) -> None:
        self.twitter.ask(str(who))

    @rule(who=PEOPLE, away=st.sampled_from(["", "SUSPENDED", "NOT_FOUND"]))
    def an_account_goes_or_comes_back(self, who: int, away: str) -> None:
        self.twitter.take_away(str(who), away)

    @rule(who=PEOPLE)
    def somebody_is_called_otherwise(self, who: int) -> None:
        self.twitter.rename(str(who))

    # What goes wrong.

    @rule(operation=st.sampled_from(OPERATIONS), fault=st.sampled_from(FAULTS), times=st.integers(1, 3))
    def something_breaks(self, operation: str, fault: str, times: int) -> None:
        self.twitter.fail(operation, fault, times)

    @rule(told=st.booleans())
    def relations_are_told_or_not(self, told: bool) -> None:
        self.twitter.tells_relations = told

    @rule()
    def all_is_mended(self) -> None:
        self.twitter.mend()

    # What the clock does.

    @rule(pause=PAUSES)
    def the_followers_are_read(self, pause: timedelta) -> None:
        self.at += pause
        self._read(sync_followers)

    @rule(pause=PAUSES)
    def the_requests_are_read(self, pause: timedelta) -> None:
        self.at += pause
        self._read(sync_requests)

    @rule(pause=PAUSES)
    def the_watched_are_read(self, pause: timedelta) -> None:
        self.at += pause
        for profile in TwitterProfile.objects.filter(school_id=self.account.school_id):
            watch(school_account=self.account, profile=profile, why="test", at=self.at, until=self.at + timedelta(hours=1))
        self._read(read_watched)

    def _read(self, sync: object) -> None:
        Connection.objects.filter(pk=self.connection.pk).update(broken_because="", not_before=None)
        self.connection.refresh_from_db()
        try:
            sync(connection=self.connection, twitter=self.twitter, at=self.at)
        except NotNow:
            raise AssertionError("nothing keeps this connection from being read") from None

    @invariant()
    def nobody_is_ended_while_they_follow(self) -> None:
        """A follower who was ended must have left, on Twitter, since they were first seen to follow."""
        ended = Follower.objects.filter(school_account=self.account, ended_at__isnull=False).select_related("profile")
        for row in ended:
            left = self.twitter.left_at.get(row.profile.twitter_user_id or "")
            assert left is not None, f"{row.profile.handle} never left"
            assert left >= row.first_seen_at, f"{row.profile.handle} left before, and follows since {row.first_seen_at}"

    @invariant()
    def one_number_is_one_row(self) -> None:
        for model in (Follower, FollowRequest):
            open_rows = model.objects.filter(school_account=self.account, ended_at=None)
            assert open_rows.count() == open_rows.values("profile").distinct().count()

    @invariant()
    def only_a_whole_list_marks_anybody_missing(self) -> None:
        if not ListReading.objects.filter(school_account=self.account, kind="FOLLOWERS", complete=True).exists():
            assert not Follower.objects.filter(school_account=self.account, missing_since__isnull=False).exists()


def _run(examples: int, steps: int) -> None:
    run_state_machine_as_test(
        NobodyIsTakenForGone,
        settings=settings(
            max_examples=examples, stateful_step_count=steps, deadline=None, suppress_health_check=list(HealthCheck), derandomize=False
        ),
    )


def test_nobody_who_follows_is_ever_ended_whatever_twitter_answers() -> None:
    _run(examples=50, steps=10)


@pytest.mark.slow
def test_nobody_who_follows_is_ever_ended_in_thousands_of_schedules() -> None:
    _run(examples=2000, steps=12)
