"""The two human steps and what follows them: verify, decide, agree, take back, tick."""

from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction

from accounts.models import User
from vetting.audit.events import Event
from vetting.audit.operations import record
from vetting.decisions import policies
from vetting.decisions.models import Countersignature, Decision, QueueItem, Verification
from vetting.decisions.moving import (
    SomebodyWasFirst,
    circumstances,
    fresh,
    home_of,
    move,
    standing_decision,
    standing_verification,
    touch,
    who_was_first,
)
from vetting.decisions.states import State
from vetting.identities.models import Identification
from vetting.identities.operations import end_identification, identify
from vetting.roster.models import Person
from vetting.school.observing import is_observing
from vetting.school.queries import policy
from vetting.twitter.models import Capability, Connection, Sighting, TwitterProfile
from vetting.twitter.operations import stop_watching, watch
from vetting.twitter.removing import can_remove
from vetting.twitter.told import take_their_word
from vetting.values import BadValue

WATCH_FOR = timedelta(days=14)
WATCH_REASON = "decision"
_CAPABILITY = {"APPROVE": "accept", "REJECT": "deny"}


@transaction.atomic
def verify(
    *, item: QueueItem, seen_version: int, person: Person, how: Verification.How, by: User, at: datetime, note: str = ""
) -> Verification:
    """The office checked that the claimant is this person. The item goes to the admins.

    Raises:
        SomebodyWasFirst, policies.NotYours, policies.NotNow, policies.NotSafe
    """
    item = fresh(item=item, seen_version=seen_version, at=at)
    if person.school_id != item.school_id:
        raise BadValue("That person is not on this school's list.")
    policies.check_can_verify(circumstances(item=item, by=by, person=person, at=at), how=how)
    verification = Verification.objects.create(item=item, person=person, how=how, note=note.strip(), match=item.match, by=by, at=at)
    if item.state == State.WAITING:
        move(item=item, to=State.TO_VERIFY, at=at)
    move(item=item, to=State.TO_APPROVE, at=at, person=person, evidence_changed_at=None, **_LET_GO)
    record(
        school_id=item.school_id,
        event=Event.ITEM_VERIFIED,
        by=by,
        at=at,
        subject=item,
        facts={"how": Verification.How(how).label, "level": item.level},
        words={"handle": item.profile.handle, "person": person.name, "note": note.strip()},
    )
    return verification


_LET_GO = {"taken_by": None, "taken_until": None, "snoozed_until": None}


@transaction.atomic
def decide(
    *,
    item: QueueItem,
    seen_version: int,
    outcome: Decision.Outcome,
    by: User,
    at: datetime,
    reason: str = "",
    person: Person | None = None,
) -> Decision:
    """A person's answer. An approval names the verified person; a decline gives a reason for the file.

    Raises:
        SomebodyWasFirst: answered or changed meanwhile; the sentence says by whom and when.
        policies.NotYours, policies.NotNow, policies.NotSafe
        BadValue: a decline without a reason, or an approval of somebody other than the verified person.
    """
    item = fresh(item=item, seen_version=seen_version, at=at)
    outcome = Decision.Outcome(outcome)
    if outcome is Decision.Outcome.APPROVE:
        person = _whom_to_approve(item, person)
    _check(item=item, outcome=outcome, person=person or item.person, by=by, at=at)
    if outcome in (Decision.Outcome.REJECT, Decision.Outcome.REMOVE, Decision.Outcome.KEEP) and not reason.strip():
        raise BadValue("Give a reason, for the file. The family does not see it.")
    _set_aside_standing_decision(item, by, at)
    decision = _write_decision(item=item, outcome=outcome, reason=reason.strip(), person=person or item.person, by=by, at=at)
    if outcome is Decision.Outcome.APPROVE and policy(item.school, "two_people"):
        move(item=item, to=State.COUNTERSIGN, at=at, evidence_changed_at=None, **_LET_GO)
    else:
        # The lead's answer is a release as well: what the lead has just looked at does not hold the item again.
        looked = {"released_at": at, "released_by": by} if item.state == State.HELD else {}
        _send_on(item=item, decision=decision, at=at, **looked)
    return decision


def _whom_to_approve(item: QueueItem, person: Person | None) -> Person | None:
    verification = standing_verification(item)
    if verification is None:
        return person
    if person is not None and person.pk != verification.person_id:
        raise BadValue(f"The office verified somebody else: {verification.person.name}.")
    return verification.person


def _check(*, item: QueueItem, outcome: Decision.Outcome, person: Person | None, by: User, at: datetime) -> None:
    c = circumstances(item=item, by=by, person=person, at=at)
    if outcome is Decision.Outcome.APPROVE:
        policies.check_can_approve(c)
    elif outcome is Decision.Outcome.REJECT:
        policies.check_can_decline(c)
    else:
        policies.check_can_answer_removal(c, outcome=outcome)


def _set_aside_standing_decision(item: QueueItem, by: User, at: datetime) -> None:
    """A held item may still carry an admin's answer; the lead's own answer takes its place."""
    Decision.objects.filter(item=item, undone_at=None).update(undone_at=at, undone_by=by)


def _write_decision(*, item: QueueItem, outcome: Decision.Outcome, reason: str, person: Person | None, by: User, at: datetime) -> Decision:
    undo = timedelta(seconds=policy(item.school, "undo_seconds"))
    try:
        with transaction.atomic():
            decision = Decision.objects.create(
                item=item, outcome=outcome, reason=reason, person=person, match=item.match, by=by, at=at, carry_out_from=at + undo
            )
    except IntegrityError as error:
        # Another transaction's answer won the partial unique constraint between our look and our write.
        raise SomebodyWasFirst(who_was_first(item=item, at=at)) from error
    record(
        school_id=item.school_id,
        event=Event.ITEM_DECIDED,
        by=by,
        at=at,
        subject=item,
        facts={"outcome": outcome.label, "level": item.level},
        words={"handle": item.profile.handle, "person": person.name if person else "", **_reason_for_the_record(item, reason)},
    )
    return decision


def _reason_for_the_record(item: QueueItem, reason: str) -> dict[str, str]:
    """What the lead writes on a held item is kept, but in no sentence that others read."""
    return {"reason": "", "reason_of_the_lead": reason} if item.state == State.HELD else {"reason": reason}


def _send_on(*, item: QueueItem, decision: Decision, at: datetime, **facts: Any) -> None:
    """From the answer to the world: nothing to do for a kept follower, the API where it can, a person's hands otherwise."""
    if decision.outcome == Decision.Outcome.KEEP:
        move(item=item, to=State.LAPSED, at=at, **facts, **_LET_GO)
        return
    to = State.DECIDED if api_can(item=item, outcome=decision.outcome, at=at) else State.BY_HAND
    move(item=item, to=to, at=at, evidence_changed_at=None, ticked_at=None, ticked_by=None, could_not_find_at=None, **facts, **_LET_GO)
    watch(school_account=item.school_account, profile=item.profile, why=WATCH_REASON, at=at, until=at + WATCH_FOR)


def api_can(*, item: QueueItem, outcome: str, at: datetime) -> bool:
    """Whether Twitter lets this connection do it. X offers no accept or decline to anybody (x-api, 0).

    A removal goes through Twitter where the school wants that and Twitter was not seen to refuse it. What the safeguarding
    lead answers while all removals are paused goes to a person's hands, and so does everything while the connection is broken.
    """
    if outcome != Decision.Outcome.REMOVE:
        return Capability.objects.filter(
            connection__school_account=item.school_account_id, name=_CAPABILITY[outcome], state=Capability.State.YES
        ).exists()
    connection = Connection.objects.filter(school_account=item.school_account_id).select_related("school_account__school").first()
    if connection is None or connection.broken_because or item.profile.twitter_user_id is None:
        return False
    return not policy(item.school, "removals_paused") and can_remove(connection, at=at)


@transaction.atomic
def verify_and_decide(
    *, item: QueueItem, seen_version: int, person: Person, how: Verification.How, by: User, at: datetime, note: str = ""
) -> Decision:
    """Both steps by one person who holds both roles; two records, one press."""
    verify(item=item, seen_version=seen_version, person=person, how=how, by=by, at=at, note=note)
    item = QueueItem.objects.get(pk=item.pk)
    return decide(item=item, seen_version=item.version, outcome=Decision.Outcome.APPROVE, by=by, at=at)


@transaction.atomic
def countersign(*, item: QueueItem, seen_version: int, by: User, at: datetime) -> Countersignature:
    """A second, different admin agrees. Raises as decide does."""
    item = fresh(item=item, seen_version=seen_version, at=at)
    decision = standing_decision(item)
    if decision is None:
        raise policies.NotNow("There is no decision to agree to.")
    c = circumstances(item=item, by=by, person=decision.person, at=at)
    policies.check_can_countersign(c, decided_by=decision.by_id, by=by.pk)
    signature = Countersignature.objects.create(decision=decision, decided_by=decision.by, by=by, at=at)
    record(
        school_id=item.school_id,
        event=Event.ITEM_COUNTERSIGNED,
        by=by,
        at=at,
        subject=item,
        words={"handle": item.profile.handle},
    )
    _send_on(item=item, decision=decision, at=at)
    return signature


@transaction.atomic
def undo(*, item: QueueItem, by: User, at: datetime) -> QueueItem:
    """Take an answer back before it was sent or ticked. The item returns to where it was asked.

    Raises policies.NotNow once it is too late, SomebodyWasFirst when the sending began this moment.
    """
    item = QueueItem.objects.select_related("school", "profile", "person").get(pk=item.pk)
    policies.check_can_undo(circumstances(item=item, by=by, person=item.person, at=at))
    return _take_back(item=item, by=by, at=at, event=Event.ITEM_UNDONE)


def ask_once_more(*, item: QueueItem, by: User, at: datetime) -> QueueItem:
    """Take back an answer out of a backup, since which it may have been carried out. Called where a restored register acts again."""
    item = QueueItem.objects.select_related("school", "school_account", "profile", "person", "match").get(pk=item.pk)
    if item.state == State.HELD:
        # It stays with the lead; only the answer that would go on with their release is taken back.
        Decision.objects.filter(item=item, undone_at=None).update(undone_at=at, undone_by=by)
        event, words = Event.ITEM_ASKED_AGAIN, {"handle": item.profile.handle}
        record(school_id=item.school_id, event=event, by=by, at=at, subject=item, words=words)
        return item
    if item.state == State.CARRYING_OUT:
        move(item=item, to=State.DECIDED, at=at)
    return _take_back(item=item, by=by, at=at, event=Event.ITEM_ASKED_AGAIN)


def _take_back(*, item: QueueItem, by: User, at: datetime, event: Event, **facts: Any) -> QueueItem:
    decision = standing_decision(item)
    if decision is not None and decision.at == item.released_at:
        facts |= {"released_at": None, "released_by": None}
    move(item=item, to=State.TO_APPROVE, at=at, ticked_at=None, ticked_by=None, **facts)
    Decision.objects.filter(item=item, undone_at=None).update(undone_at=at, undone_by=by)
    home = home_of(item)
    if home is not State.TO_APPROVE:
        move(item=item, to=home, at=at)
    stop_watching(school_account=item.school_account, profile=item.profile, why=WATCH_REASON)
    record(school_id=item.school_id, event=event, by=by, at=at, subject=item, words={"handle": item.profile.handle})
    return item


@transaction.atomic
def tick_done(*, item: QueueItem, by: User, at: datetime) -> QueueItem:
    """ "I did it on Twitter." We watch for the result; where Twitter cannot be read, the named person's word closes it."""
    item = QueueItem.objects.select_related("school", "school_account", "profile", "person").get(pk=item.pk)
    if is_observing(item.school_id):
        raise policies.NotNow("The register was restored from a backup and only watches. What it asks for may be done already.")
    policies.check_can_tick(circumstances(item=item, by=by, person=item.person, at=at))
    # As a change of version: an undo that looked before the tick must not take back what is done on Twitter.
    touch(item=item, ticked_at=at, ticked_by=by, could_not_find_at=None)
    record(school_id=item.school_id, event=Event.ITEM_TICKED, by=by, at=at, subject=item, words={"handle": item.profile.handle})
    if can_be_read(item.profile, Connection.objects.filter(school_account_id=item.school_account_id).first()):
        watch(school_account=item.school_account, profile=item.profile, why=WATCH_REASON, at=at, until=at + WATCH_FOR)
        return item
    decision = standing_decision(item)
    relation = Sighting.Relation.FOLLOWS if decision and decision.outcome == Decision.Outcome.APPROVE else Sighting.Relation.NEITHER
    take_their_word(school_account=item.school_account, profile=item.profile, relation=relation, at=at)
    return finish(item=item, at=at, what=f"done on Twitter by {by}; Twitter could not be read.")


def can_be_read(profile: TwitterProfile, connection: Connection | None) -> bool:
    """Whether the next reading can show what became of this profile. Where it cannot, a named person's tick closes the item."""
    return connection is not None and connection.kind != Connection.Kind.BY_HAND and profile.twitter_user_id is not None


@transaction.atomic
def could_not_find(*, item: QueueItem, by: User, at: datetime) -> QueueItem:
    """The admin looked on Twitter and it was not there: back to the question, with that said."""
    item = QueueItem.objects.select_related("school", "profile", "person").get(pk=item.pk)
    policies.check_can_tick(circumstances(item=item, by=by, person=item.person, at=at))
    return _take_back(item=item, by=by, at=at, event=Event.ITEM_NOT_FOUND, could_not_find_at=at)


@transaction.atomic
def finish(*, item: QueueItem, at: datetime, what: str) -> QueueItem:
    """The world agrees with the decision: the item is DONE, and who is who follows from it.

    Called when Twitter showed it, or on a named person's tick where Twitter cannot be read.
    """
    decision = standing_decision(item)
    if decision is None:
        raise policies.NotNow("There is no decision to confirm.")
    move(item=item, to=State.DONE, at=at)
    stop_watching(school_account=item.school_account, profile=item.profile, why=WATCH_REASON)
    record(
        school_id=item.school_id,
        event=Event.ITEM_CONFIRMED,
        by=None,
        at=at,
        subject=item,
        facts={"outcome": decision.outcome},
        words={"handle": item.profile.handle, "what": what},
    )
    if decision.outcome == Decision.Outcome.APPROVE and decision.person is not None:
        identify(profile=item.profile, person=decision.person, decision_id=decision.pk, at=at)
    if decision.outcome == Decision.Outcome.REMOVE:
        for identification in Identification.objects.filter(profile=item.profile, until=None).select_related("profile", "person"):
            end_identification(identification=identification, why="removed as a follower", at=at)
    return item
