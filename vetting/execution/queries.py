"""What does not fit, as the Followers screen lists it; and why a decided removal waits."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Case, F, When

from vetting.decisions.models import QueueItem
from vetting.decisions.policies import NEEDS_THE_LEAD
from vetting.decisions.states import OPEN, State
from vetting.execution import drift
from vetting.execution.discrepancies import can_only_be_said
from vetting.execution.gathering import Gathered, blocked_now, for_the_lead, gather
from vetting.execution.models import Attempt, Discrepancy, OwedLift
from vetting.roster.models import Person
from vetting.school.models import School, SchoolAccount
from vetting.school.queries import local_day, policy
from vetting.twitter.models import Connection, Follower

MOST_ROWS = 200
_GRAVEST_FIRST = (
    Discrepancy.Kind.BACK_AGAIN,
    Discrepancy.Kind.ACCEPTED_WITHOUT_US,
    Discrepancy.Kind.STILL_BLOCKED,
    Discrepancy.Kind.ABSENT,
)


@dataclass(frozen=True)
class Misfit:
    """One thing that does not fit: the sentence, whom it is about, and what can be done. A held one says nothing but its sentence."""

    row: Discrepancy
    sentence: str
    hidden: bool
    person: Person | None
    follows: bool
    # The question about removing them that is open already.
    removal: QueueItem | None
    # Only a person's word can tell that a block was lifted.
    word_counts: bool = False

    @property
    def may_be_asked_about(self) -> bool:
        """Whether "must they go?" is the next question."""
        kinds = (Discrepancy.Kind.ACCEPTED_WITHOUT_US, Discrepancy.Kind.BACK_AGAIN)
        return self.row.kind in kinds and self.follows and self.removal is None and not self.hidden


def whom_it_is_about(follower: Follower, *, at: datetime) -> Person | None:
    """Who a follower is taken for, or was when they were removed: a mark on that person must find them when they are back."""
    return gather(follower.school_account, at, {follower.profile_id}).persons.get(follower.profile_id)


def how_many_do_not_fit(school: School) -> int:
    """What is open and nobody has noted."""
    return Discrepancy.objects.filter(school_account__school=school, ended_at=None, noted_at=None).count()


def misfits(school: School, *, is_lead: bool, at: datetime) -> list[Misfit]:
    """Everything open: first what nobody noted, who follows against our word before who merely left, the oldest first."""
    rows = Discrepancy.objects.filter(school_account__school=school, ended_at=None).select_related(
        "profile", "school_account__school", "noted_by", "reading"
    )
    by_weight = Case(*(When(kind=kind, then=place) for place, kind in enumerate(_GRAVEST_FIRST)), default=len(_GRAVEST_FIRST))
    listed = list(rows.order_by(F("noted_at").asc(nulls_first=True), by_weight, "found_at", "pk")[:MOST_ROWS])
    by_account: dict[SchoolAccount, list[Discrepancy]] = {}
    for row in listed:
        by_account.setdefault(row.school_account, []).append(row)
    shown = {one.row.pk: one for account, some in by_account.items() for one in _of_account(account, some, is_lead, at)}
    return [shown[row.pk] for row in listed]


def _of_account(account: SchoolAccount, rows: list[Discrepancy], is_lead: bool, at: datetime) -> list[Misfit]:
    profiles = {row.profile_id for row in rows}
    gathered, blocked = gather(account, at, profiles), blocked_now(account, at)
    held = for_the_lead(account.school, gathered.persons, profiles)
    open_removals = QueueItem.objects.filter(
        school_account=account, profile__in=profiles, kind=QueueItem.Kind.REMOVAL, state__in=sorted(state.value for state in OPEN)
    )
    removals = {item.profile_id: item for item in open_removals}
    following = Follower.objects.filter(school_account=account, profile__in=profiles, ended_at=None)
    follow = set(following.values_list("profile_id", flat=True))
    found = []
    for row in rows:
        hidden = row.profile_id in held and not is_lead
        said = NEEDS_THE_LEAD if hidden else _sentence(row, gathered, blocked)
        person = None if hidden else gathered.persons.get(row.profile_id)
        found.append(Misfit(row, said, hidden, person, row.profile_id in follow, removals.get(row.profile_id), can_only_be_said(row)))
    return found


def _sentence(row: Discrepancy, gathered: Gathered, blocked: dict[int, drift.Blocked]) -> str:
    def day(moment: datetime) -> str:
        on = local_day(row.school_account.school, moment)
        return f"{on.day} {on:%b %Y}"

    if row.kind == Discrepancy.Kind.STILL_BLOCKED:
        seen = blocked.get(row.profile_id) or drift.Blocked(row.profile.handle)
        return drift.blocked_sentence(seen, found_at=row.found_at, day=day)
    account = gathered.accounts.get(row.profile_id) or drift.Account()
    shown_at = row.reading.began_at if row.reading is not None else row.found_at
    return drift.sentence(drift.Drift(row.kind), account, found_at=shown_at, day=day)


def why_it_waits(item: QueueItem) -> str:
    """Why a decided removal has not been carried out yet, in a sentence; empty when it simply has its turn to come."""
    if item.state not in (State.DECIDED, State.CARRYING_OUT) or item.kind != QueueItem.Kind.REMOVAL:
        return ""
    if OwedLift.objects.filter(item=item, lifted_at=None, blocked_at__isnull=False).exists():
        return "They no longer follow. Twitter needed them blocked for a moment for that; they are being unblocked."
    if item.state == State.CARRYING_OUT:
        return ""
    if policy(item.school, "removals_paused"):
        return "All removals are paused. It goes on when the pause ends; until then it can be taken back."
    ahead = QueueItem.objects.filter(school_account=item.school_account_id, kind=QueueItem.Kind.REMOVAL, state=State.CARRYING_OUT)
    if ahead.exists():
        return "It waits until Twitter shows that the removals before it are carried out."
    connection = Connection.objects.filter(school_account=item.school_account_id).first()
    if connection is not None and connection.broken_because:
        return f"It waits until Twitter can be reached again. {connection.broken_because}"
    last = Attempt.objects.filter(item=item, ended_at__isnull=False).order_by("-ended_at", "-pk").first()
    return f"It is tried again by itself. {last.error}" if last is not None and last.error else ""
