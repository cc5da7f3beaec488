"""Everything that is not an answer: hold, release, ask, put off, have open, lapse."""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Q

from accounts.models import User
from vetting.audit.events import Event
from vetting.audit.operations import record
from vetting.concerns.models import Concern
from vetting.concerns.operations import close_concern, raise_concern
from vetting.correspondence.operations import address_on_record, write_letter
from vetting.decisions import policies
from vetting.decisions.answering import WATCH_REASON, api_can
from vetting.decisions.models import Countersignature, Decision, QueueItem, Verification
from vetting.decisions.moving import circumstances, fresh, move, standing_decision, standing_verification, touch
from vetting.decisions.states import State
from vetting.school.queries import local_day, policy
from vetting.twitter.operations import stop_watching
from vetting.values import BadValue


@transaction.atomic
def hold(*, item: QueueItem, seen_version: int, category: Concern.Category, words: str, by: User, at: datetime) -> QueueItem:
    """ "Pass to safeguarding lead": raises a concern about the profile and moves the item to the lead."""
    item = fresh(item=item, seen_version=seen_version, at=at)
    policies.check_can_hold(circumstances(item=item, by=by, person=item.person, at=at))
    raise_concern(school=item.school, category=category, words=words, by=by, at=at, profile=item.profile)
    return put_on_hold(item=item, by=by, at=at)


def put_on_hold(*, item: QueueItem, by: User | None, at: datetime) -> QueueItem:
    """Move to the lead. A standing answer stays on file; nothing is sent while it is held."""
    move(item=item, to=State.HELD, at=at, taken_by=None, taken_until=None, snoozed_until=None, released_at=None, released_by=None)
    record(school_id=item.school_id, event=Event.ITEM_HELD, by=by, at=at, subject=item, words={"handle": item.profile.handle})
    return item


@transaction.atomic
def release(*, item: QueueItem, seen_version: int, why: str, by: User, at: datetime) -> QueueItem:
    """The safeguarding lead lets it go on: to the office, or, with a standing answer, back to where that answer stood.

    Open concerns about the profile, the person and the e-mail are closed with the same words. A mark on the person stays; it
    does not hold this item again. An approval that still wants its second person is asked anew.
    """
    item = fresh(item=item, seen_version=seen_version, at=at)
    policies.check_can_release(circumstances(item=item, by=by, person=item.person, at=at))
    if not why.strip():
        raise BadValue("Write why it may go on.")
    about = Q(profile=item.profile)
    if item.person is not None:
        about |= Q(person=item.person)
    if item.match is not None and item.match.claim is not None and item.match.claim.email_id is not None:
        about |= Q(email=item.match.claim.email_id)
    for concern in Concern.objects.filter(about, school=item.school, closed_at=None):
        close_concern(concern=concern, outcome=why, by=by, at=at)
    decision = standing_decision(item)
    if decision is not None and (_wants_a_second_person(item, decision) or _came_back_since(item, decision)):
        Decision.objects.filter(pk=decision.pk).update(undone_at=at, undone_by=by)
        decision = None
    if decision is None:
        answerable = item.kind == QueueItem.Kind.REMOVAL or standing_verification(item) is not None
        to = State.TO_APPROVE if answerable else State.TO_VERIFY
    else:
        to = State.DECIDED if api_can(item=item, outcome=decision.outcome, at=at) else State.BY_HAND
    move(item=item, to=to, at=at, released_at=at, released_by=by)
    record(
        school_id=item.school_id,
        event=Event.ITEM_RELEASED,
        by=by,
        at=at,
        subject=item,
        words={"handle": item.profile.handle},
    )
    return item


def _wants_a_second_person(item: QueueItem, decision: Decision) -> bool:
    if decision.outcome != Decision.Outcome.APPROVE or not policy(item.school, "two_people"):
        return False
    return not Countersignature.objects.filter(decision=decision).exists()


def _came_back_since(item: QueueItem, decision: Decision) -> bool:
    """A removal that was called off because something changed: its old answer is for an admin to give again."""
    changed = item.evidence_changed_at
    return item.kind == QueueItem.Kind.REMOVAL and changed is not None and changed > decision.at


class NobodyToAsk(policies.NotNow):
    """There is no address on the school's record to write to."""


@transaction.atomic
def ask(*, item: QueueItem, seen_version: int, by: User, at: datetime) -> QueueItem:
    """Ask the family, at the address on the school's record, and wait. Never writes to an address only a message named."""
    item = fresh(item=item, seen_version=seen_version, at=at)
    policies.check_can_ask(circumstances(item=item, by=by, person=item.person, at=at))
    address = address_on_record(item.person) if item.person is not None else None
    if address is None:
        raise NobodyToAsk("There is no e-mail address on record to write to. Ask at the desk or by phone, then write it down here.")
    claim = item.match.claim if item.match is not None else None
    write_letter(school=item.school, template="need_more", to=address, claim=claim, by=by, at=at)
    if item.state == State.WAITING:
        touch(item=item, asked_at=at)
    else:
        # Whoever asks the family doubts the check that was made; the answer must be checked anew.
        Verification.objects.filter(item=item, undone_at=None).update(undone_at=at)
        move(item=item, to=State.WAITING, at=at, asked_at=at, taken_by=None, taken_until=None)
    record(school_id=item.school_id, event=Event.ITEM_ASKED, by=by, at=at, subject=item, words={"handle": item.profile.handle})
    return item


@transaction.atomic
def snooze(*, item: QueueItem, until: date, by: User, at: datetime) -> None:
    """ "Later": out of the list until that day. A date, not a state. For those who may ask, while there is something to answer."""
    policies.check_can_ask(circumstances(item=item, by=by, person=item.person, at=at))
    if until <= local_day(item.school, at):
        raise BadValue("Choose a day after today.")
    QueueItem.objects.filter(pk=item.pk).update(snoozed_until=until, taken_by=None, taken_until=None)
    record(
        school_id=item.school_id,
        event=Event.ITEM_SNOOZED,
        by=by,
        at=at,
        subject=item,
        facts={"day": f"{until:%d %b %Y}"},
        words={"handle": item.profile.handle},
    )


def take(*, item: QueueItem, by: User, at: datetime) -> bool:
    """ "Mrs Patel has this open": an expiring mark, no lock. False when somebody else has it."""
    until = at + timedelta(minutes=policy(item.school, "lock_minutes"))
    free = Q(taken_by=None) | Q(taken_by=by) | Q(taken_until__lte=at)
    return bool(QueueItem.objects.filter(free, pk=item.pk).update(taken_by=by, taken_until=until))


def let_go(*, item: QueueItem, by: User) -> None:
    QueueItem.objects.filter(pk=item.pk, taken_by=by).update(taken_by=None, taken_until=None)


@transaction.atomic
def lapse(*, item: QueueItem, why: str, at: datetime, by: User | None = None) -> QueueItem:
    """The question went away. `why` is a sentence for the record."""
    move(item=item, to=State.LAPSED, at=at)
    stop_watching(school_account=item.school_account, profile=item.profile, why=WATCH_REASON)
    record(
        school_id=item.school_id,
        event=Event.ITEM_LAPSED,
        by=by,
        at=at,
        subject=item,
        facts={"why": why},
        words={"handle": item.profile.handle},
    )
    return item
