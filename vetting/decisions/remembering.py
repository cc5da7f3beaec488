"""What was asked and answered before about the same account, Twitter name, address or person. One school, a fixed number of queries."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db.models import CharField, F, Prefetch, Q, QuerySet, Value
from django.db.models.functions import Coalesce, Concat, Lower, Replace

from vetting.audit.events import Event
from vetting.audit.queries import happened_to
from vetting.decisions.models import Decision, QueueItem
from vetting.decisions.states import CLOSED, State
from vetting.intake.models import Claim
from vetting.values import BadValue, MailAddress

MOST = 12


class Same(StrEnum):
    """What an earlier question has in common with this one."""

    NUMBER = "NUMBER"
    HANDLE = "HANDLE"
    ADDRESS = "ADDRESS"
    NAME = "NAME"


@dataclass(frozen=True)
class Memory:
    """One other question. `held`: it was with the safeguarding lead at some time; why is for the lead alone."""

    item: QueueItem
    same: tuple[Same, ...]
    at: datetime
    decision: Decision | None
    held: bool
    reason: str


def remember(*, item: QueueItem, for_lead: bool) -> list[Memory]:
    """Other questions about the same account, Twitter name, address or person, the newest first.

    Args:
        for_lead: whether the safeguarding lead reads it. Everybody else sees that something was held, and of nothing that ever
            was held a reason.
    """
    traits = _Traits.of(item)
    items = [one for one in _alike(item, traits) if any(_in_common(one, traits))]
    held = happened_to(school_id=item.school_id, event=Event.ITEM_HELD, kind="queueitem", subjects=[one.pk for one in items])
    held |= {one.pk for one in items if one.state == State.HELD or one.released_at is not None}
    return [_memory(one, traits, held=one.pk in held, for_lead=for_lead) for one in items]


def asked_before(items: Sequence[QueueItem]) -> set[int]:
    """Which of these rows of one school have an earlier, closed question about the same account, Twitter name or person."""
    if not items:
        return set()
    handles = {item.profile.handle for item in items}
    about = Q(profile__in={item.profile_id for item in items}) | Q(profile__handle__in=handles) | Q(profile__previous_handle__in=handles)
    about |= Q(person__in={item.person_id for item in items if item.person_id is not None})
    closed = QueueItem.objects.filter(about, school=items[0].school_id, state__in=[state.value for state in CLOSED])
    known: set[tuple[str, object]] = set()
    own = {item.pk for item in items}
    for pk, profile, person, *names in closed.values_list("pk", "profile", "person", "profile__handle", "profile__previous_handle"):
        if pk not in own:
            known |= {("profile", profile), ("person", person), *(("handle", name) for name in names)}
    return {item.pk for item in items if known & _keys(item)}


def _keys(item: QueueItem) -> set[tuple[str, object]]:
    keys: set[tuple[str, object]] = {("profile", item.profile_id), ("handle", item.profile.handle)}
    return keys | ({("person", item.person_id)} if item.person_id is not None else set())


@dataclass(frozen=True)
class _Traits:
    """What a question is known by."""

    profile: int
    has_number: bool
    handles: frozenset[str]
    mailbox: str
    address: str
    person: int | None
    names: frozenset[str]

    @classmethod
    def of(cls, item: QueueItem) -> "_Traits":
        claim = item.match.claim if item.match is not None else None
        names = [item.profile.display_name, *([item.person.name] if item.person else []), *([claim.sender_name] if claim else [])]
        return cls(
            profile=item.profile_id,
            has_number=item.profile.twitter_user_id is not None,
            handles=frozenset(handle for handle in (item.profile.handle, item.profile.previous_handle) if handle),
            mailbox=_mailbox(claim),
            address=claim.sender_address.lower().replace(".", "").replace("@googlemail", "@gmail") if claim is not None else "",
            person=item.person_id,
            # A first name alone is everybody's.
            names=frozenset(_folded(name) for name in names if len(name.split()) > 1),
        )


def _alike(item: QueueItem, traits: _Traits) -> list[QueueItem]:
    """Other questions with anything in common: by number, by name whoever holds it now, by address, by person. Some by dots alone."""
    about = Q(profile=traits.profile) | Q(profile__handle__in=traits.handles) | Q(profile__previous_handle__in=traits.handles)
    if traits.address:
        about |= Q(from_address=traits.address) | Q(pk__in=_answered_from(item, traits.address))
    if traits.person is not None:
        about |= Q(person=traits.person)
    for name in traits.names:
        about |= Q(person_name__iexact=name) | Q(match__claim__sender_name__iexact=name) | Q(profile__display_name__iexact=name)
    others = QueueItem.objects.filter(school=item.school_id).exclude(pk=item.pk)
    others = others.annotate(
        from_address=_without_dots("match__claim__sender_address"),
        person_name=Concat("person__given", Value(" "), "person__family", output_field=CharField()),
        last_at=Coalesce("closed_at", "state_since"),
    )
    decisions = Decision.objects.select_related("by", "match__claim").order_by("-at", "-pk")
    found = others.filter(about).order_by(F("last_at").desc(), "-pk").select_related("profile", "person", "match__claim")
    return list(found.prefetch_related(Prefetch("decisions", queryset=decisions, to_attr="all_decisions"))[:MOST])


def _answered_from(item: QueueItem, address: str) -> QuerySet[Decision, int]:
    """Questions that were answered on a message from this address, whatever is thought of them now."""
    decisions = Decision.objects.filter(item__school=item.school_id).annotate(from_address=_without_dots("match__claim__sender_address"))
    return decisions.filter(from_address=address).values_list("item_id", flat=True)


def _without_dots(path: str) -> Replace:
    """At one provider dots say nothing, and it has two names; whether that is so here is looked at row by row."""
    return Replace(Replace(Lower(path), Value("."), Value("")), Value("@googlemail"), Value("@gmail"))


def _decisions(item: QueueItem) -> list[Decision]:
    return list(getattr(item, "all_decisions", []))


def _memory(item: QueueItem, traits: _Traits, *, held: bool, for_lead: bool) -> Memory:
    decision = next((decision for decision in _decisions(item) if decision.undone_at is None), None)
    return Memory(
        item=item,
        same=tuple(_in_common(item, traits)),
        at=decision.at if decision is not None else item.closed_at or item.state_since,
        decision=decision,
        held=held,
        reason=decision.reason if decision is not None and (for_lead or not held) else "",
    )


def _in_common(item: QueueItem, traits: _Traits) -> Iterator[Same]:
    if item.profile_id == traits.profile and traits.has_number:
        yield Same.NUMBER
    elif {item.profile.handle, item.profile.previous_handle} & traits.handles:
        yield Same.HANDLE
    claims = [match.claim for match in (item.match, *(decision.match for decision in _decisions(item))) if match and match.claim]
    if traits.mailbox and traits.mailbox in {_mailbox(claim) for claim in claims}:
        yield Same.ADDRESS
    names = [item.profile.display_name, *([item.person.name] if item.person else []), *(claim.sender_name for claim in claims)]
    if (item.person_id is not None and item.person_id == traits.person) or traits.names & set(map(_folded, names)):
        yield Same.NAME


def _mailbox(claim: Claim | None) -> str:
    try:
        return MailAddress.parse(claim.sender_address).mailbox if claim is not None else ""
    except BadValue:
        return ""


def _folded(name: str) -> str:
    return " ".join(name.casefold().split())
