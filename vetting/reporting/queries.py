"""Numbers across the stages, for Today and the reports. Read-only; every number is of one school."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Min, Q
from django.utils.timezone import localtime

from vetting.decisions.models import QueueItem
from vetting.decisions.states import State
from vetting.identities.models import Identification
from vetting.intake.models import IntakeSource
from vetting.leavers.models import FollowerReview
from vetting.roster.models import Basis
from vetting.school.models import School, SchoolAccount
from vetting.school.queries import Calendar, local_day, policy
from vetting.twitter.models import Connection, Follower
from vetting.twitter.queries import next_check_at


def oldest_waits_school_days(school: School, at: datetime) -> dict[State, int]:
    """For each state people own: how many school days its oldest question has waited."""
    own = [State.TO_VERIFY, State.TO_APPROVE, State.COUNTERSIGN, State.HELD, State.BY_HAND, State.WAITING]
    rows = QueueItem.objects.filter(school=school, state__in=own).order_by().values("state").annotate(oldest=Min("opened_at"))
    calendar = Calendar(school)
    return {State(row["state"]): calendar.school_days_between(row["oldest"], at) for row in rows}


@dataclass(frozen=True)
class Reach:
    """How many of the school's current parents and carers follow."""

    parents: int
    following: int
    aim_percent: int

    @property
    def percent(self) -> int:
        return round(100 * self.following / self.parents) if self.parents else 0

    @property
    def sentence(self) -> str:
        if not self.parents:
            return "The list of families is empty, so the share cannot be counted."
        return f"{self.following} of {self.parents} parents and carers follow."


def reach(school: School, on: date) -> Reach:
    """Counts people with a current parent-or-carer entry, and those of them identified with somebody who follows now."""
    parents = (
        Basis.objects.filter(person__school=school, kind=Basis.Kind.PARENT_OR_CARER, starts_on__lte=on)
        .filter(Q(ends_on=None) | Q(ends_on__gte=on))
        .values("person_id")
        .distinct()
    )
    following = (
        Identification.objects.filter(school=school, until=None, person_id__in=parents)
        .filter(profile__followings__school_account__school=school, profile__followings__ended_at=None)
        .values("person_id")
        .distinct()
        .count()
    )
    return Reach(parents.count(), following, policy(school, "reach_aim_percent"))


@dataclass(frozen=True)
class FollowerCount:
    """All followers, and those nobody has identified."""

    followers: int
    nobody_knows: int

    @property
    def sentence(self) -> str:
        return f"Of {self.followers} followers" if self.followers else "No followers read yet"


def follower_count(school: School) -> FollowerCount:
    current = Follower.objects.filter(school_account__school=school, ended_at=None)
    known = Identification.objects.filter(school=school, until=None).values("profile_id")
    total = current.count()
    return FollowerCount(total, total - current.filter(profile_id__in=known).count())


@dataclass(frozen=True)
class ReviewState:
    """When all followers were last looked through, and when the next time is due."""

    last: date | None
    due: date | None
    overdue: bool = False


def review_state(school: School, on: date) -> ReviewState:
    newest = FollowerReview.objects.filter(school_account__school=school).order_by("-at").first()
    if newest is None:
        return ReviewState(None, None, overdue=True)
    last = local_day(school, newest.at)
    due = last + timedelta(days=policy(school, "review_every_days"))
    return ReviewState(last, due, overdue=due < on)


@dataclass(frozen=True)
class AccountState:
    """The school's own Twitter account as the header shows it."""

    account: SchoolAccount
    connection: Connection | None
    last_check: datetime | None = None
    next_check: datetime | None = None

    @property
    def sentence(self) -> str:
        """When Twitter was last read and when it will be next: times of day. The practice Twitter is read all the time."""
        if self.by_hand:
            return "Lists are pasted by hand"
        last = f"Checked {localtime(self.last_check):%H:%M}" if self.last_check else "Not checked yet"
        if self.next_check is None:
            return last
        if self.last_check is not None and self.next_check - self.last_check < timedelta(minutes=1):
            return f"{last}, and again every few seconds"
        return f"{last}, next check {localtime(self.next_check):%H:%M}"

    @property
    def by_hand(self) -> bool:
        return self.connection is None or self.connection.kind == Connection.Kind.BY_HAND


def account_state(school: School) -> AccountState | None:
    """The school's first account; None while it has none."""
    account = SchoolAccount.objects.filter(school=school).select_related("connection").order_by("pk").first()
    if account is None:
        return None
    connection = getattr(account, "connection", None)
    if connection is None:
        return AccountState(account, None)
    return AccountState(account, connection, connection.last_ok_at, next_check_at(connection))


def address_for_families(school: School) -> str:
    """The e-mail address families write to, as far as the mailbox's own sign-in name tells; empty when it does not."""
    names = IntakeSource.objects.filter(school=school, active=True).order_by("pk").values_list("username", flat=True)
    return next((name for name in names if "@" in name), "")
