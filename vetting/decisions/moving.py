"""The one writer of state, and what must be known before anybody moves anything."""

from datetime import datetime
from typing import Any

from django.db.models import F
from django.utils.timesince import timesince

from accounts.models import User
from vetting.concerns.queries import open_concern
from vetting.decisions.models import Decision, QueueItem, Verification
from vetting.decisions.policies import Circumstances
from vetting.decisions.states import CLOSED, State, can_move
from vetting.roster.models import Person, Restriction
from vetting.roster.queries import has_current_basis
from vetting.school.queries import local_day, policy, roles_of
from vetting.twitter.models import TwitterProfile
from vetting.values import Level, Refused


class MoveNotAllowed(Refused):
    """The table of states does not have this pair."""


class SomebodyWasFirst(Refused):
    """The item changed since it was read: another person answered, or new evidence came in. Nothing was saved."""


def move(*, item: QueueItem, to: State, at: datetime, **facts: Any) -> QueueItem:
    """Move an item by compare-and-swap on state and version; `facts` are other columns written in the same update.

    Raises:
        MoveNotAllowed: the pair is not in TRANSITIONS.
        SomebodyWasFirst: the row is no longer as `item` says.
    """
    was = State(item.state)
    if not can_move(was, to):
        raise MoveNotAllowed(f"A question cannot go from {was} to {to}.")
    if to in CLOSED:
        facts["closed_at"] = at
    changed = QueueItem.objects.filter(pk=item.pk, state=was, version=item.version).update(
        state=to, version=F("version") + 1, state_since=at, **facts
    )
    if not changed:
        raise SomebodyWasFirst(who_was_first(item=item, at=at))
    item.refresh_from_db()
    return item


def touch(*, item: QueueItem, **facts: Any) -> QueueItem:
    """Change other columns of an item, by the same compare-and-swap, without moving it. Its version grows."""
    if not QueueItem.objects.filter(pk=item.pk, state=item.state, version=item.version).update(version=F("version") + 1, **facts):
        raise SomebodyWasFirst("Somebody changed this a moment ago. Nothing was saved; look again.")
    item.refresh_from_db()
    return item


def fresh(*, item: QueueItem, seen_version: int, at: datetime) -> QueueItem:
    """The item as it is now, refused unless it is what the person saw. Raises SomebodyWasFirst."""
    now = QueueItem.objects.select_related("school", "school_account", "profile", "person", "match").get(pk=item.pk)
    if now.version != seen_version:
        raise SomebodyWasFirst(who_was_first(item=now, at=at))
    return now


def who_was_first(*, item: QueueItem, at: datetime) -> str:
    """ "Mrs Lane approved this 20 seconds ago. Your decision was not saved." """
    decision = Decision.objects.filter(item=item).select_related("by").order_by("-at", "-pk").first()
    verification = Verification.objects.filter(item=item).select_related("by").order_by("-at", "-pk").first()
    if decision is not None and (verification is None or decision.at >= verification.at):
        did = {"APPROVE": "approved", "REJECT": "declined", "REMOVE": "decided to remove", "KEEP": "decided to keep"}[decision.outcome]
        who, when = (decision.undone_by, decision.undone_at) if decision.undone_at else (decision.by, decision.at)
        did = "took back the decision on" if decision.undone_at else did
        return f"{who} {did} this {_ago(when, at)}. Your decision was not saved."
    if verification is not None:
        return f"{verification.by} verified this {_ago(verification.at, at)}. Your decision was not saved."
    return "What we know about this changed since you opened it. Your decision was not saved; look again."


def _ago(when: datetime | None, at: datetime) -> str:
    if when is None:
        return "a moment ago"
    seconds = int((at - when).total_seconds())
    if seconds < 2:
        return "a moment ago"
    return f"{seconds} seconds ago" if seconds < 60 else f"{timesince(when, at)} ago"


def circumstances(*, item: QueueItem, by: User | None, person: Person | None, at: datetime) -> Circumstances:
    """What the rules need to know about an item and a person, read now.

    A restriction or concern the safeguarding lead already released this item from does not count again; the lead looked at
    the person it was about then, so for anybody else everything counts.
    """
    released_at = item.released_at if person is None or person.pk == item.person_id else None
    return Circumstances(
        kind=item.kind,
        state=State(item.state),
        level=Level(item.level),
        roles=frozenset(role.value for role in roles_of(school=item.school, user=by)) if by is not None else frozenset(),
        has_concern=_is_worrying(item, person, released_at),
        is_restricted=person is not None and restricted_since(person, released_at),
        is_verified=standing_verification(item) is not None,
        belongs_now=person is not None and has_current_basis(person, local_day(item.school, at)),
        removals_paused=bool(policy(item.school, "removals_paused")),
        because_left=item.because_left,
        ticked=item.ticked_at is not None,
        is_public_on_purpose=bool(policy(item.school, "account_is_public")),
        standing=_standing_now(item),
    )


def _standing_now(item: QueueItem) -> str:
    """As Twitter last showed it, which may be later than the item in hand was read."""
    return TwitterProfile.objects.values_list("standing", flat=True).get(pk=item.profile_id)


def restricted_since(person: Person, released_at: datetime | None) -> bool:
    """Whether a restriction is open that the lead has not already looked past for this item."""
    restrictions = Restriction.objects.filter(person=person, lifted_at=None)
    if released_at is not None:
        restrictions = restrictions.filter(opened_at__gt=released_at)
    return restrictions.exists()


def _is_worrying(item: QueueItem, person: Person | None, released_at: datetime | None) -> bool:
    """An open concern about the account, the person or the e-mail; or an opinion that was never looked at by the lead."""
    match = item.match
    if match is not None and match.level == Level.HOLD and item.released_at is None:
        return True
    email_id = match.claim.email_id if match is not None and match.claim is not None else None
    return open_concern(profile=item.profile, person=person, email_id=email_id, since=released_at) is not None


def standing_verification(item: QueueItem) -> Verification | None:
    return Verification.objects.filter(item=item, undone_at=None).select_related("person", "by").first()


def standing_decision(item: QueueItem) -> Decision | None:
    return Decision.objects.filter(item=item, undone_at=None).select_related("person", "by").first()


def home_of(item: QueueItem) -> State:
    """Where an item whose answer was taken back belongs by what is known of it (house: levels open states).

    What only the safeguarding lead may answer goes back to the lead, whoever took the answer back.
    """
    if _is_worrying(item, item.person, item.released_at) or (item.person is not None and restricted_since(item.person, item.released_at)):
        return State.HELD
    if item.kind == QueueItem.Kind.REMOVAL or standing_verification(item) is not None:
        return State.TO_APPROVE
    level = Level(item.level)
    return State.WAITING if level is Level.NONE else State.TO_VERIFY
