"""Turning what is known into questions: new items, refreshed items, items that went away."""

from collections.abc import Callable
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import User
from vetting.audit.events import Event
from vetting.audit.operations import record
from vetting.concerns.models import Concern
from vetting.concerns.queries import open_concern
from vetting.decisions.models import Decision, QueueItem
from vetting.decisions.moving import MoveNotAllowed, SomebodyWasFirst, move, restricted_since, standing_decision, touch
from vetting.decisions.setting_aside import lapse, put_on_hold
from vetting.decisions.states import CLOSED, OPEN, State
from vetting.identities.operations import identify
from vetting.identities.queries import person_of
from vetting.matching.models import Match
from vetting.roster.models import Person, Restriction
from vetting.school.models import School, SchoolAccount
from vetting.school.queries import policy
from vetting.twitter.models import Follower, TwitterProfile
from vetting.values import Level

# Once the lead lets it go on others read this sentence: whether it was a mark or a concern stands on the lead's page alone.
ASKED_THE_LEAD = "The safeguarding lead was asked about this follower."
_OPEN = sorted(state.value for state in OPEN)
_CLOSED = sorted(state.value for state in CLOSED)
# A restriction or concern moves these to the lead; what is being sent this moment is looked at again when it stands still.
_HOLDABLE = [State.WAITING, State.TO_VERIFY, State.TO_APPROVE, State.COUNTERSIGN, State.DECIDED, State.BY_HAND]
_QUESTION = [State.WAITING, State.TO_VERIFY, State.TO_APPROVE, State.HELD, State.COUNTERSIGN, State.DECIDED]


def open_or_refresh_items(*, school: School, at: datetime) -> int:
    """Bring the queue up to date with matches, restrictions, concerns and ended requests. Returns how many items changed.

    Each item is a transaction of its own: one that somebody uses this moment holds up nobody and is seen again next time.
    """
    changed = sum(_each(_apply_match, pk, at) for pk in _new_opinions(school).values_list("pk", flat=True))
    changed += sum(_each(_hold, pk, at) for pk in _newly_blocked(school).values_list("pk", flat=True))
    changed += sum(_each(_lapse_ended, pk, at) for pk in _ended(school).values_list("pk", flat=True))
    changed += sum(_each(_ask_the_lead, pk, at) for pk in _barred_followers(school).values_list("pk", flat=True))
    return changed + sum(_each(_ask_the_lead, pk, at) for pk in _worrying_followers(school).values_list("pk", flat=True))


def is_behind(school: School) -> bool:
    """Whether `open_or_refresh_items` would find anything."""
    return any(found(school).exists() for found in (_new_opinions, _newly_blocked, _ended, _barred_followers, _worrying_followers))


def _each(step: Callable[[int, datetime], bool], pk: int, at: datetime) -> int:
    try:
        with transaction.atomic():
            return int(step(pk, at))
    except (SomebodyWasFirst, MoveNotAllowed):
        # It moved between the question and the step; the next tick sees it as it is then.
        return 0


def _new_opinions(school: School) -> QuerySet[Match]:
    """Standing matches of open requests that no item has taken in yet."""
    items = QueueItem.objects.filter(school=school, kind=QueueItem.Kind.APPROVAL, follow_request=OuterRef("follow_request"))
    taken_in = items.filter(match=OuterRef("pk"))
    return (
        Match.objects.filter(school=school, superseded_at=None, follow_request__ended_at=None)
        .exclude(Exists(taken_in))
        .exclude(Exists(items.filter(state__in=_CLOSED)))
        .order_by("made_at", "pk")
    )


def _apply_match(pk: int, at: datetime) -> bool:
    match = Match.objects.select_related("profile", "person", "school", "school_account", "follow_request").get(pk=pk)
    item = QueueItem.objects.filter(
        school_account=match.school_account, profile=match.profile, kind=QueueItem.Kind.APPROVAL, state__in=_OPEN
    ).first()
    if item is None:
        return _open_approval(match, at)
    if item.state not in (State.WAITING, State.TO_VERIFY):
        touch(item=item, match=match, follow_request=match.follow_request, evidence_changed_at=at)
        if match.level == Level.HOLD and item.state in _HOLDABLE and _is_new_ground(item, match):
            put_on_hold(item=item, by=None, at=at)
        return True
    # The lead let it go for the person it was about then, nobody else.
    not_released = {"released_at": None, "released_by": None} if match.person_id != item.person_id else {}
    touch(item=item, match=match, follow_request=match.follow_request, level=match.level, person=match.person, **not_released)
    to = _state_for(match, item)
    if to is State.HELD:
        put_on_hold(item=item, by=None, at=at)
    elif to is not State(item.state):
        move(item=item, to=to, at=at)
    return True


def _state_for(match: Match, item: QueueItem | None = None) -> State:
    if match.level == Level.HOLD and (item is None or _is_new_ground(item, match)):
        return State.HELD
    return State.WAITING if match.level == Level.NONE else State.TO_VERIFY


def _is_new_ground(item: QueueItem, match: Match) -> bool:
    """After a release only what came up later holds an item again (the same facts would hold it for ever)."""
    if item.released_at is None:
        return True
    before = Match.objects.filter(follow_request=match.follow_request, made_at__lte=item.released_at).order_by("-made_at", "-pk").first()
    return before is None or {e["code"] for e in match.evidence_json} != {e["code"] for e in before.evidence_json}


def _open_approval(match: Match, at: datetime) -> bool:
    item = _create(
        QueueItem(
            school=match.school,
            school_account=match.school_account,
            kind=QueueItem.Kind.APPROVAL,
            profile=match.profile,
            follow_request=match.follow_request,
            state=_state_for(match),
            opened_at=match.follow_request.first_seen_at,
            state_since=at,
            level=match.level,
            match=match,
            person=match.person,
        )
    )
    if item is None:
        return False
    record(
        school_id=item.school_id,
        event=Event.ITEM_OPENED,
        by=None,
        at=at,
        subject=item,
        facts={"level": match.level, "kind": item.kind},
        words={"handle": item.profile.handle},
    )
    return True


def _create(item: QueueItem) -> QueueItem | None:
    """Save, unless another process opened the same question first (the partial unique constraint decides)."""
    try:
        with transaction.atomic():
            item.save(force_insert=True)
    except IntegrityError:
        return None
    return item


def _newly_blocked(school: School) -> QuerySet[QueueItem]:
    """Open items whose person carries a mark, or about whose profile, person or e-mail a concern is open, since the last release."""
    restrictions = Restriction.objects.filter(person=OuterRef("person"), lifted_at=None)
    about = Q(profile=OuterRef("profile")) | Q(person=OuterRef("person")) | Q(email=OuterRef("match__claim__email"))
    concerns = Concern.objects.filter(about, school=school, closed_at=None)
    never, released = Q(released_at=None), Q(released_at__isnull=False)
    return QueueItem.objects.filter(school=school, state__in=_HOLDABLE).filter(
        never & (Exists(restrictions) | Exists(concerns))
        | released
        & (
            Exists(restrictions.filter(opened_at__gt=OuterRef("released_at")))
            | Exists(concerns.filter(raised_at__gt=OuterRef("released_at")))
        )
    )


def _hold(pk: int, at: datetime) -> bool:
    put_on_hold(item=QueueItem.objects.select_related("profile", "school").get(pk=pk), by=None, at=at)
    return True


def _ended(school: School) -> QuerySet[QueueItem]:
    """Requests and removals nobody has carried out yet whose request or following is over on Twitter."""
    gone = Q(kind=QueueItem.Kind.APPROVAL, follow_request__ended_at__isnull=False) | Q(
        kind=QueueItem.Kind.REMOVAL, follower__ended_at__isnull=False
    )
    return QueueItem.objects.filter(gone, school=school, state__in=_QUESTION)


_WHY_IT_ENDED: dict[str, str] = {
    TwitterProfile.Standing.SUSPENDED: "Twitter suspended the account.",
    TwitterProfile.Standing.GONE: "the account is no longer on Twitter.",
}


def _lapse_ended(pk: int, at: datetime) -> bool:
    item = QueueItem.objects.select_related("profile", "school_account__school").get(pk=pk)
    if item.state not in _QUESTION:
        return False
    if item.kind == QueueItem.Kind.REMOVAL:
        lapse(item=item, why="they no longer follow.", at=at)
    elif not Follower.objects.filter(school_account=item.school_account, profile=item.profile, ended_at=None).exists():
        lapse(item=item, why=_WHY_IT_ENDED.get(item.profile.standing, "the request is no longer there on Twitter."), at=at)
    else:
        _lapse_accepted(item, at)
    return True


def _lapse_accepted(item: QueueItem, at: datetime) -> None:
    """Somebody accepted the request on Twitter before its time. Who that is stays known where an approval said so: a mark or a
    concern that stopped the approval must find the follower."""
    decision = standing_decision(item)
    if decision is None or decision.outcome != Decision.Outcome.APPROVE or decision.person is None:
        if policy(item.school_account.school, "account_is_public"):
            lapse(item=item, why="the school's account is public, so they follow without asking.", at=at)
        else:
            lapse(item=item, why="the request was accepted on Twitter without an answer here.", at=at)
        return
    lapse(item=item, why="the request was accepted on Twitter before the approval was due.", at=at)
    identify(profile=item.profile, person=decision.person, decision_id=decision.pk, at=at)


def _barred_followers(school: School) -> QuerySet[Follower]:
    """Followers known to be somebody with an open mark, for whom no question has been opened since the mark was made."""
    marks = Restriction.objects.filter(
        lifted_at=None, person__identifications__profile=OuterRef("profile"), person__identifications__until=None, school=school
    )
    return _unasked_since(school, marks, "opened_at")


def _worrying_followers(school: School) -> QuerySet[Follower]:
    """Followers about whom a concern is open, for whom no question has been opened since it was raised."""
    known_as = Q(person__identifications__profile=OuterRef("profile"), person__identifications__until=None)
    concerns = Concern.objects.filter(known_as | Q(profile=OuterRef("profile")), school=school, closed_at=None)
    return _unasked_since(school, concerns, "raised_at")


def _unasked_since(school: School, grounds: QuerySet[Restriction] | QuerySet[Concern], moment: str) -> QuerySet[Follower]:
    asked = QueueItem.objects.filter(kind=QueueItem.Kind.REMOVAL, profile=OuterRef("profile"), school_account=OuterRef("school_account"))
    return (
        Follower.objects.filter(Exists(grounds), school_account__school=school, ended_at=None)
        .annotate(ground_since=grounds.order_by(f"-{moment}").values(moment)[:1])
        .exclude(Exists(asked.filter(state__in=_OPEN)))
        .exclude(Exists(asked.filter(opened_at__gte=OuterRef("ground_since"))))
    )


def _ask_the_lead(pk: int, at: datetime) -> bool:
    follower = Follower.objects.select_related("school_account__school", "profile").get(pk=pk)
    open_removal(school_account=follower.school_account, follower=follower, person=person_of(follower.profile), why=ASKED_THE_LEAD, at=at)
    return True


@transaction.atomic
def open_removal(
    *,
    school_account: SchoolAccount,
    follower: Follower,
    person: Person | None,
    why: str,
    at: datetime,
    by: User | None = None,
    because_left: bool = False,
) -> QueueItem:
    """Ask the admins (or, where a mark or a concern is open, the safeguarding lead) whether a follower must go. Removes nobody.

    Asking twice gives the item that is open already. `why` is a sentence for the admin; it never names the mark's reason.
    `because_left`: for no other reason than that nothing lets them follow any more; see QueueItem.
    """
    live = QueueItem.objects.filter(school_account=school_account, profile=follower.profile, kind=QueueItem.Kind.REMOVAL, state__in=_OPEN)
    if (asked_already := live.first()) is not None:
        return asked_already
    item = _create(
        QueueItem(
            school=school_account.school,
            school_account=school_account,
            kind=QueueItem.Kind.REMOVAL,
            profile=follower.profile,
            follower=follower,
            person=person,
            why=why[:300],
            because_left=because_left,
            state=_state_of_removal(follower, person),
            opened_at=at,
            state_since=at,
        )
    )
    if item is None:
        return live.get()
    _record_removal(item, why, by, at)
    return item


def _state_of_removal(follower: Follower, person: Person | None) -> State:
    marked = person is not None and restricted_since(person, None)
    return State.HELD if marked or open_concern(profile=follower.profile, person=person) is not None else State.TO_APPROVE


def _record_removal(item: QueueItem, why: str, by: User | None, at: datetime) -> None:
    facts, words = {"kind": item.kind, "level": "removal"}, {"handle": item.profile.handle, "why": why}
    record(school_id=item.school_id, event=Event.ITEM_OPENED, by=by, at=at, subject=item, facts=facts, words=words)
