"""The lists the screens show. Every one is for one school."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Case, IntegerField, OuterRef, Prefetch, Q, QuerySet, Subquery, Value, When

from accounts.models import User
from vetting.decisions.models import Decision, QueueItem, Verification
from vetting.decisions.moving import circumstances, standing_decision, standing_verification
from vetting.decisions.policies import Circumstances
from vetting.decisions.states import OPEN, State
from vetting.roster.models import Person
from vetting.school.models import Role, School
from vetting.twitter.models import Sighting, TwitterProfile
from vetting.values import Level

MOST_ROWS = 200
_LEVEL_ORDER = Case(
    *[When(level=level.value, then=Value(place)) for place, level in enumerate(Level)], default=Value(9), output_field=IntegerField()
)
READY_LEVELS = (Level.STRONG.value, Level.LIKELY.value)


@dataclass(frozen=True)
class Counts:
    """How many stand where; each capped at 1000, so that a badge costs the same at any size."""

    ready: int
    look: int
    waiting: int
    held: int
    to_verify: int
    to_approve: int
    to_do: int
    to_countersign: int
    removals: int

    @property
    def requests(self) -> int:
        """What waits for a colleague on the Requests screen."""
        return self.ready + self.look


def _capped(items: QuerySet[QueueItem]) -> int:
    return items.values("pk")[:1000].count()


def approvals(school: School) -> QuerySet[QueueItem]:
    return QueueItem.objects.filter(school=school, kind=QueueItem.Kind.APPROVAL)


def removals(school: School) -> QuerySet[QueueItem]:
    return QueueItem.objects.filter(school=school, kind=QueueItem.Kind.REMOVAL)


def not_put_off(items: QuerySet[QueueItem], today: date) -> QuerySet[QueueItem]:
    return items.filter(Q(snoozed_until=None) | Q(snoozed_until__lte=today))


def ready(school: School, today: date) -> QuerySet[QueueItem]:
    """The Ready tab: a Strong or Likely request to verify, and everything an admin may answer now."""
    mine = Q(state=State.TO_VERIFY, level__in=READY_LEVELS) | Q(state__in=[State.TO_APPROVE, State.COUNTERSIGN])
    return not_put_off(approvals(school).filter(mine), today)


def needs_a_look(school: School, today: date) -> QuerySet[QueueItem]:
    """The Needs a look tab: to verify without proof, and what the safeguarding lead holds."""
    look = Q(state=State.TO_VERIFY) & ~Q(level__in=READY_LEVELS) | Q(state=State.HELD)
    return not_put_off(approvals(school).filter(look), today)


def waiting(school: School) -> QuerySet[QueueItem]:
    """The Waiting tab: no e-mail yet, or asked and not answered, or put off."""
    return approvals(school).filter(state=State.WAITING)


def later(school: School, today: date) -> QuerySet[QueueItem]:
    return approvals(school).filter(snoozed_until__gt=today, state__in=[State.TO_VERIFY, State.TO_APPROVE, State.WAITING])


def answered(school: School) -> QuerySet[QueueItem]:
    """The Done tab: what somebody answered and what went away, the newest first."""
    states = [State.DECIDED, State.CARRYING_OUT, State.BY_HAND, State.DONE, State.LAPSED]
    return approvals(school).filter(state__in=states).order_by("-state_since", "-pk")


def in_order(items: QuerySet[QueueItem]) -> QuerySet[QueueItem]:
    """Best level first, oldest first within a level: the order of Requests."""
    return items.annotate(level_order=_LEVEL_ORDER).order_by("level_order", "opened_at", "pk")


def for_list(items: QuerySet[QueueItem]) -> list[QueueItem]:
    """Rows with everything a list shows, in two queries."""
    decisions = Prefetch(
        "decisions", queryset=Decision.objects.filter(undone_at=None).select_related("by", "person"), to_attr="standing_decisions"
    )
    return list(items.select_related("profile", "match", "person", "taken_by", "ticked_by").prefetch_related(decisions)[:MOST_ROWS])


# What Twitter goes on showing while nobody has pressed the button.
AS_BEFORE: dict[str, str] = {
    QueueItem.Kind.APPROVAL.value: Sighting.Relation.REQUESTS.value,
    QueueItem.Kind.REMOVAL.value: Sighting.Relation.FOLLOWS.value,
}


def by_hand(school: School) -> QuerySet[QueueItem]:
    """What a person must do on Twitter's own page. `seen_since_tick` is what Twitter showed last after the tick, if anything."""
    here = {"school_account": OuterRef("school_account"), "profile": OuterRef("profile")}
    newest = Sighting.objects.filter(**here, seen_at__gt=OuterRef("ticked_at")).order_by("-seen_at", "-pk")
    return QueueItem.objects.filter(school=school, state=State.BY_HAND).annotate(
        seen_since_tick=Subquery(newest.values("relation")[:1]), seen_since_tick_at=Subquery(newest.values("seen_at")[:1])
    )


def undone_work(school: School) -> QuerySet[QueueItem]:
    """Work for somebody: not ticked, or ticked and seen to stand where it stood. The same as `is_undone_work`, asked of all at once."""
    as_before = Q(ticked_at=None)
    for kind, relation in AS_BEFORE.items():
        as_before |= Q(kind=kind, seen_since_tick=relation)
    return by_hand(school).filter(as_before)


def is_undone_work(item: QueueItem) -> bool:
    """The same as `undone_work`, of one item that `to_do` gave."""
    return item.ticked_at is None or getattr(item, "seen_since_tick", None) == AS_BEFORE[item.kind]


def to_do(school: School) -> list[QueueItem]:
    """The By hand list, oldest answer first, with those ticked that wait for the next check."""
    return for_list(by_hand(school).order_by("state_since", "pk").select_related("school_account__connection"))


def just_confirmed(school: School, since: datetime) -> list[QueueItem]:
    """What Twitter confirmed lately, newest first: the end of the To do page."""
    return for_list(QueueItem.objects.filter(school=school, state=State.DONE, closed_at__gte=since).order_by("-closed_at", "-pk"))[:20]


def just_decided(school: School, since: datetime) -> list[QueueItem]:
    """Answers that can still be taken back, newest first."""
    states = [State.COUNTERSIGN, State.DECIDED, State.BY_HAND]
    items = QueueItem.objects.filter(school=school, state__in=states, ticked_at=None, state_since__gte=since)
    return for_list(items.order_by("-state_since", "-pk"))[:10]


def counts(school: School, today: date) -> Counts:
    """Every badge of the navigation and of Today."""
    verifiable = not_put_off(approvals(school).filter(state=State.TO_VERIFY), today)
    return Counts(
        ready=_capped(ready(school, today)),
        look=_capped(needs_a_look(school, today)),
        waiting=_capped(waiting(school)),
        held=_capped(QueueItem.objects.filter(school=school, state=State.HELD)),
        to_verify=_capped(verifiable),
        to_approve=_capped(approvals(school).filter(state=State.TO_APPROVE)),
        to_do=_capped(undone_work(school)),
        to_countersign=_capped(QueueItem.objects.filter(school=school, state=State.COUNTERSIGN)),
        removals=_capped(removals(school).filter(state=State.TO_APPROVE)),
    )


def removed_before(profile: TwitterProfile, person: Person | None) -> Decision | None:
    """The last removal of this account, or of any account of this person, that Twitter showed as carried out."""
    same = Q(item__profile=profile) if person is None else Q(item__profile=profile) | Q(item__person=person)
    carried_out = Decision.objects.filter(same, outcome=Decision.Outcome.REMOVE, undone_at=None, item__state=State.DONE)
    return carried_out.filter(item__school_id=profile.school_id).select_related("item").order_by("-at", "-pk").first()


def answered_by_the_lead(item: QueueItem, decision: Decision | None) -> bool:
    """Whether the safeguarding lead answered it as held: then why it was asked stays with the lead."""
    return decision is not None and item.released_at is not None and decision.at == item.released_at


@dataclass(frozen=True)
class ItemDetail:
    """One question with all that a person needs to answer it, and what they may do."""

    item: QueueItem
    verification: Verification | None
    decision: Decision | None
    decisions: list[Decision]
    may: Circumstances
    sees_reason: bool


def live_item(profile: TwitterProfile) -> QueueItem | None:
    """The open question about an account, if there is one."""
    items = QueueItem.objects.filter(school_id=profile.school_id, profile=profile, state__in=sorted(state.value for state in OPEN))
    return items.order_by("pk").first()


def detail(*, item: QueueItem, by: User, at: datetime, person: Person | None = None) -> ItemDetail:
    """Everything about one item, and the circumstances under which `by` would act on `person` (the best guess unless given)."""
    verification = standing_verification(item)
    may = circumstances(item=item, by=by, person=person or (verification.person if verification else item.person), at=at)
    return ItemDetail(
        item=item,
        verification=verification,
        decision=standing_decision(item),
        decisions=list(Decision.objects.filter(item=item).select_related("by", "undone_by", "person").order_by("-at", "-pk")),
        may=may,
        sees_reason=Role.LEAD.value in may.roles,
    )
