"""A school's rows as they stand, before a day turns them into facts: who is current, and whose answer counts, depends on the day and
on other rows. Immutable; what did not change is shared between one state and the next.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import TypeVar

from vetting.matching.facts import ApprovedFacts, ChildFacts, ClaimFacts, Facts, LookupFacts, PersonFacts, ReadingFacts, RequestFacts
from vetting.values import MailAddress

_MOST_CHILDREN_SHOWN = 2

Row = TypeVar("Row")


@dataclass(frozen=True)
class BasisRow:
    """A reason to follow, with its days. `kind` in the words of the screens."""

    kind: str
    pupil: int | None
    relationship: str
    starts_on: date
    ends_on: date | None

    def holds_on(self, day: date) -> bool:
        return self.starts_on <= day and (self.ends_on is None or self.ends_on >= day)


@dataclass(frozen=True)
class PersonRow:
    """Somebody on the school's list, with everything about them that matching reads."""

    pk: int
    given: str
    family: str
    previous_family: str
    bases: tuple[BasisRow, ...]
    addresses: frozenset[MailAddress]
    restricted: bool
    concern: bool


@dataclass(frozen=True)
class PupilRow:
    """A child; `on_roll` until the day they left is written down."""

    child: ChildFacts
    on_roll: bool


@dataclass(frozen=True)
class ClaimRow:
    """A claim, and the answer that came through a link to confirm it: the names typed there, when and through which address."""

    claim: ClaimFacts
    typed: frozenset[str] = frozenset()
    confirmed_at: datetime | None = None
    confirmed_address: MailAddress | None = None


@dataclass(frozen=True)
class Rules:
    """The school's rules that matching reads."""

    lookup_within: timedelta = timedelta(hours=24)
    pupil_domains: frozenset[str] = frozenset()
    own_domains: frozenset[str] = frozenset()


@dataclass(frozen=True)
class SchoolRows:
    """Every row matching depends on, by its number."""

    people: Mapping[int, PersonRow] = field(default_factory=dict)
    pupils: Mapping[int, PupilRow] = field(default_factory=dict)
    claims: Mapping[int, ClaimRow] = field(default_factory=dict)
    lookups: Mapping[int, LookupFacts] = field(default_factory=dict)
    requests: Mapping[int, RequestFacts] = field(default_factory=dict)
    approved: Mapping[int, ApprovedFacts] = field(default_factory=dict)
    rules: Rules = Rules()


def with_rows(was: Mapping[int, Row], now: Mapping[int, Row], gone: set[int]) -> Mapping[int, Row]:
    """The rows with some read anew. The very same mapping where that changed nothing, so that what rests on it need not be looked at."""
    if all(was.get(pk) == row for pk, row in now.items()) and not any(pk in was and pk not in now for pk in gone):
        return was
    kept = {pk: row for pk, row in was.items() if pk not in gone or pk in now}
    return {**kept, **{pk: row for pk, row in now.items() if kept.get(pk) != row}}


@dataclass(frozen=True)
class State:
    """A school's rows, a day, and what matching knows from them."""

    rows: SchoolRows
    day: date
    facts: Facts


def state_on(rows: SchoolRows, day: date, was: State | None = None) -> State:
    """What matching knows on a day. With a state before, whatever is as it was is the same object again."""
    was = was or State(SchoolRows(), day, Facts())
    people = _people_on(rows, day, was)
    facts = Facts(
        people=people,
        pupils=_like(was.facts.pupils, tuple(rows.pupils[pk].child for pk in sorted(rows.pupils) if rows.pupils[pk].on_roll)),
        claims=_claims_among(rows, people, was),
        lookups=was.facts.lookups if rows.lookups is was.rows.lookups else _in_order(rows.lookups),
        requests=was.facts.requests if rows.requests is was.rows.requests else _in_order(rows.requests),
        approved=was.facts.approved if rows.approved is was.rows.approved else _in_order(rows.approved),
        lookup_within=rows.rules.lookup_within,
        pupil_domains=rows.rules.pupil_domains,
        own_domains=rows.rules.own_domains,
    )
    return State(rows, day, facts)


def _people_on(rows: SchoolRows, day: date, was: State) -> tuple[PersonFacts, ...]:
    same_around = day == was.day and rows.pupils is was.rows.pupils
    if same_around and rows.people is was.rows.people:
        return was.facts.people
    children = {pk: row.child for pk, row in rows.pupils.items()}
    before = {person.pk: person for person in was.facts.people}
    found = []
    for pk in sorted(rows.people):
        row, old = rows.people[pk], before.get(pk)
        unchanged = same_around and row is was.rows.people.get(pk)
        now = old if old is not None and unchanged else person_on(row, day, children)
        found.append(old if old is not None and old == now else now)
    return _like(was.facts.people, tuple(found))


def _claims_among(rows: SchoolRows, people: tuple[PersonFacts, ...], was: State) -> tuple[ClaimFacts, ...]:
    if people is was.facts.people and rows.claims is was.rows.claims:
        return was.facts.claims
    held = {mailbox for person in people for mailbox in person.mailboxes}
    before = {claim.pk: claim for claim in was.facts.claims}
    found = (with_answer(rows.claims[pk], held) for pk in sorted(rows.claims))
    return _like(was.facts.claims, tuple(old if (old := before.get(claim.pk)) is not None and old == claim else claim for claim in found))


def _like(was: tuple[Row, ...], now: tuple[Row, ...]) -> tuple[Row, ...]:
    return was if len(was) == len(now) and all(a is b for a, b in zip(was, now, strict=True)) else now


def _in_order(rows: Mapping[int, Row]) -> tuple[Row, ...]:
    return tuple(rows[pk] for pk in sorted(rows))


def person_on(row: PersonRow, day: date, children: Mapping[int, ChildFacts]) -> PersonFacts:
    now = [basis for basis in row.bases if basis.holds_on(day)]
    theirs = {pk: children[pk] for basis in now or row.bases if (pk := basis.pupil) is not None and pk in children}
    ended = [basis.ends_on for basis in row.bases if basis.ends_on is not None and basis.ends_on < day]
    return PersonFacts(
        pk=row.pk,
        given=row.given,
        family=row.family,
        previous_family=row.previous_family,
        addresses=row.addresses,
        children=tuple(theirs.values()),
        tie=_tie(now, children),
        current=bool(now),
        left_on="" if now or not ended else f"{max(ended).day} {max(ended):%B %Y}",
        restricted=row.restricted,
        concern=row.concern,
    )


def _tie(now: list[BasisRow], children: Mapping[int, ChildFacts]) -> str:
    """What links somebody to the school, in a few words: "Mother of Ada (Oak) and Ben (Elm)"."""
    shown = [
        f"{child.given} ({child.class_name})" if child.class_name else child.given
        for basis in now
        if basis.pupil is not None and (child := children.get(basis.pupil)) is not None
    ]
    if shown:
        relationship = next((basis.relationship for basis in now if basis.pupil is not None and basis.relationship), "parent or carer")
        more = f" and {len(shown) - _MOST_CHILDREN_SHOWN} more" if len(shown) > _MOST_CHILDREN_SHOWN else ""
        return f"{relationship[:1].upper()}{relationship[1:]} of {' and '.join(shown[:_MOST_CHILDREN_SHOWN])}{more}"
    return now[0].kind if now else ""


def with_answer(row: ClaimRow, held: set[str]) -> ClaimFacts:
    """A claim that was confirmed counts as a checked e-mail of the mailbox that confirmed it, if the school holds that mailbox.

    Only as long as the very name that was typed on the page is the one in use: a colleague may have corrected it since.
    """
    claim, address = row.claim, row.confirmed_address
    in_use = {reading.handle for reading in claim.readings if reading.chosen}
    if row.confirmed_at is None or address is None or claim.disowned or len(row.typed) != 1 or in_use != row.typed:
        return claim
    if address.mailbox not in held:
        return replace(claim, confirmed_elsewhere=row.confirmed_at)
    (handle,) = row.typed
    return replace(
        claim,
        readings=(ReadingFacts(f"@{handle}", handle, chosen=True),),
        sender=address,
        came_from=claim.sender,
        authenticity="CHECKED",
        told="",
        confirmed_at=row.confirmed_at,
    )
