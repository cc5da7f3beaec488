"""The scene of the fault table: one school in the middle of its day, and what must be true of it whatever Twitter does."""

import time
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.utils.module_loading import import_string

from accounts.models import User
from tests import given
from tests.given_questions import dana
from tests.given_sign_in import signed_in
from tests.given_twitter import AtTwitter, at_twitter
from tests.sandbox import Sandbox
from vetting.decisions.models import Decision, QueueItem, Verification
from vetting.decisions.operations import decide, open_removal, verify
from vetting.decisions.states import State
from vetting.schedule import DRAINS
from vetting.school.operations import set_policy
from vetting.school.queries import open_alarms
from vetting.twitter.models import Connection, Follower, FollowRequest
from vetting.twitter.operations import ask_for_check
from vetting.twitter.scopes import READING, REMOVING
from vetting.values import BadValue

# What reaches Twitter and what follows from it; mail and letters have no part in this.
CLOCK = [drain.task for drain in DRAINS if drain.task.split(".")[1] in ("twitter", "matching", "decisions", "execution")]
STAY = ("stays_one", "stays_two", "stays_three")


@dataclass
class FaultScene:
    """Three families follow and stay. Dana asks and was approved; an admin accepts her. Somebody who left is to be removed by
    the API. A stranger asks and is answered by nobody."""

    there: AtTwitter
    clock: Any
    now: datetime
    dana: QueueItem
    leaver: QueueItem
    slowest: float = 0.0
    alarms: set[str] = field(default_factory=set)

    @classmethod
    def make(cls, sandbox: Sandbox, clock: Any) -> "FaultScene":
        clock.move_to(given.MONDAY)
        there = at_twitter(sandbox)
        # At the pace of Twitter itself, not of practice: waits, floors and ceilings are then the real ones.
        Connection.objects.filter(pk=there.connection.pk).update(kind=Connection.Kind.LIVE)
        there.connection.refresh_from_db()
        sandbox.world.allow("block")
        set_policy(school=there.school, key="remove_by_api", value=True, by=there.okafor, at=given.MONDAY)
        there.follows(*STAY, "left_us")
        there.asks("dana_hill")
        there.asks("sam_stranger")
        there.claims("dana_hill")
        scene = cls(there, clock, given.MONDAY, QueueItem(), QueueItem())
        scene.time_passes(timedelta(minutes=1))
        scene.dana, scene.leaver = scene._approved(), scene._to_be_removed()
        sandbox.world.forget_calls()
        scene.slowest = 0.0
        return scene

    def signs_in_with_a_token_that_has_run_out(self) -> None:
        """Somebody signed the school in; its first token is over, so that the next call must begin by renewing it."""
        self._sign_in(life=1, seconds=0)

    def signs_in_again(self) -> None:
        """As the banner tells them to."""
        self._sign_in(life=7200, seconds=7200)

    def _sign_in(self, *, life: int, seconds: int) -> None:
        signed_in(self.there, *READING, *REMOVING, life=life, seconds=seconds)
        Connection.objects.filter(pk=self.there.connection.pk).update(kind=Connection.Kind.LIVE)

    def _approved(self) -> QueueItem:
        item = QueueItem.objects.get(profile__handle="dana_hill")
        verify(
            item=item,
            seen_version=item.version,
            person=dana(self.there.school),
            how=Verification.How.IN_PERSON,
            by=given.priya(self.there.school),
            at=self.now,
        )
        item.refresh_from_db()
        decide(item=item, seen_version=item.version, outcome=Decision.Outcome.APPROVE, by=self.there.okafor, at=self.now)
        item.refresh_from_db()
        return item

    def _to_be_removed(self) -> QueueItem:
        follower = Follower.objects.select_related("profile").get(profile__handle="left_us", ended_at=None)
        item = open_removal(school_account=self.there.account, follower=follower, person=None, why="They left.", at=self.now)
        decide(
            item=item, seen_version=item.version, outcome=Decision.Outcome.REMOVE, reason="They left.", by=self.there.okafor, at=self.now
        )
        item.refresh_from_db()
        return item

    def time_passes(self, amount: timedelta) -> None:
        """Every drain once, at the end of this stretch. What a drain needed of real time is kept, and every banner that stood."""
        self.now += amount
        self.clock.move_to(self.now)
        for task in CLOCK:
            began = time.perf_counter()
            import_string(task).run()
            self.slowest = max(self.slowest, time.perf_counter() - began)
        self.alarms |= {alarm.kind for alarm in open_alarms(self.there.school)}

    def check_now(self, by: User | None = None) -> None:
        """A person presses Check now; where the school came to read by hand there is nothing to press."""
        self.there.connection.refresh_from_db()
        with suppress(BadValue):
            ask_for_check(connection=self.there.connection, by=by or self.there.okafor, at=self.now)

    def something_breaks(self, operation: str, kind: str, *, minutes: int = 3) -> None:
        """For some minutes; somebody presses Check now in the middle, and Mr Okafor accepts Dana on Twitter."""
        self.there.sandbox.world.fault(operation, kind, seconds=1.0)
        self.there.sandbox.world.accept("dana_hill")
        self.check_now()
        for _ in range(minutes * 2):
            self.time_passes(timedelta(seconds=30))

    def all_is_well_again(self) -> None:
        """The fault is mended and somebody asks for a check, as the banner tells them to; an hour and a half of the clock."""
        self.there.sandbox.world.clear_faults()
        self.check_now()
        for minutes in (1, 5, 15, 61, 1, 6):
            self.time_passes(timedelta(minutes=minutes))

    # What must be true.

    def following(self) -> set[str]:
        rows = Follower.objects.filter(school_account=self.there.account, ended_at=None)
        return set(rows.values_list("profile__handle", flat=True))

    def asking(self) -> set[str]:
        rows = FollowRequest.objects.filter(school_account=self.there.account, ended_at=None)
        return set(rows.values_list("profile__handle", flat=True))

    def standing(self, item: QueueItem) -> tuple[State, str]:
        """Where a question stands, and whose answer stands."""
        item.refresh_from_db()
        decision = Decision.objects.get(item=item, undone_at=None)
        return State(item.state), decision.by.name

    def blocks(self) -> int:
        """How often somebody was blocked who was not blocked already."""
        return sum(deed["deed"] == "block" for deed in self.there.sandbox.world.deeds)
