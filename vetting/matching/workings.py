"""How an opinion was worked out: two separate sums in bits, and the guards that stand above both.

Who wrote the message and which account is meant are different questions; their figures are never added together. They order
people and accounts, no more: what may be offered is for the guards. Kept with the opinion as codes and figures, without a name.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from math import isfinite, log2
from typing import Any, TypeAlias

from vetting.matching import weights
from vetting.matching.catalogue import LEFT_UNASKED, OF_A_MESSAGE, Guard, origin_of
from vetting.matching.facts import ClaimFacts, Facts, PersonFacts, RequestFacts
from vetting.matching.grounds import worse
from vetting.matching.handles import likeness
from vetting.matching.imitations import same_account
from vetting.matching.names import Fit, compare, compare_handle, words
from vetting.matching.ranking import address_bits, child_fit, name_bits, prior_bits, who_wrote
from vetting.matching.rules import Opinion
from vetting.matching.ties import Tie, tie_of
from vetting.values import Level


class Field(StrEnum):
    """What a bar stands for."""

    LISTED = "LISTED"
    ADDRESS = "ADDRESS"
    NAME = "NAME"
    FIRST_NAME_RARITY = "FIRST_NAME_RARITY"
    SURNAME_RARITY = "SURNAME_RARITY"
    CHILD = "CHILD"
    ASKING = "ASKING"
    ACCOUNT = "ACCOUNT"
    SHOWN_NAME = "SHOWN_NAME"
    MADE_NAME = "MADE_NAME"


@dataclass(frozen=True)
class Bar:
    """One field of a sum: how it fits, as a code, and what that tells in bits."""

    field: str
    fit: str
    bits: float


@dataclass(frozen=True)
class Asked:
    """One guard: whether there was anything to ask it of, and the level it allows at most; none where it passed."""

    guard: str
    asked: bool
    ceiling: str = ""


@dataclass(frozen=True)
class Workings:
    """Two sums and the guards. `other`: the sum of the next best person; none where nobody else comes into question."""

    wrote: tuple[Bar, ...] = ()
    other: float | None = None
    account: tuple[Bar, ...] = ()
    guards: tuple[Asked, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Workings":
        return cls(
            wrote=tuple(Bar(**row) for row in data.get("wrote", ())),
            other=data.get("other"),
            account=tuple(Bar(**row) for row in data.get("account", ())),
            guards=tuple(Asked(**row) for row in data.get("guards", ())),
        )


Fits: TypeAlias = tuple[str, float]


def workings(opinion: Opinion, request: RequestFacts, facts: Facts) -> Workings:
    """How this opinion of this request came about. It decides nothing, so it is only worked out for what is kept."""
    claim = next((claim for claim in facts.claims if claim.pk == opinion.claim), None) if opinion.claim is not None else None
    person = facts.person.get(opinion.person) if opinion.person is not None else None
    return Workings(
        wrote=tuple(who_wrote_bars(claim, person, facts)) if claim is not None and person is not None else (),
        other=_next_best(claim, person, facts) if claim is not None else None,
        account=tuple(_account_bars(request, claim, person, facts)) if claim is not None or person is not None else (),
        guards=tuple(_guards(opinion, request)),
    )


def who_wrote_bars(claim: ClaimFacts, person: PersonFacts, facts: Facts) -> Iterator[Bar]:
    """What speaks for this person as the sender. The bars add up to the figure that people are ordered by."""
    yield _bar(Field.LISTED, "", prior_bits(facts))
    told, how = address_bits(claim, person, facts)
    if how:
        yield _bar(Field.ADDRESS, how, told)
    fit = compare(claim.sender_name, person.keys)
    if fit is not Fit.ABSENT:
        yield from _name_bars(fit, person, facts)
    child_told, child = child_fit(claim, person)
    if words(claim.child_text):
        yield _bar(Field.CHILD, _child(child_told, child), child_told)


def _name_bars(fit: Fit, person: PersonFacts, facts: Facts) -> Iterator[Bar]:
    """The agreement of the name, and how rare each part is at this school, as bars of their own."""
    first = name_bits(Fit.GIVEN, person, facts) - weights.NAME_GIVEN_ONLY
    last = name_bits(Fit.FAMILY, person, facts) - weights.NAME_FAMILY_ONLY
    rarity = {
        Field.FIRST_NAME_RARITY: {Fit.FULL: first, Fit.NEAR: weights.NAME_NEAR_FACTOR * first, Fit.GIVEN: first}.get(fit),
        Field.SURNAME_RARITY: last if fit in (Fit.FULL, Fit.NEAR, Fit.INITIAL, Fit.FAMILY) else None,
    }
    known = {field: bits for field, bits in rarity.items() if bits is not None}
    yield _bar(Field.NAME, fit.name, name_bits(fit, person, facts) - sum(known.values()))
    for field, bits in known.items():
        yield _bar(field, "", bits)


def _child(bits: float, child: str) -> str:
    if not child:
        return "NOT_THEIRS" if bits < 0 else "UNKNOWN"
    return {weights.CHILD_AND_CLASS: "CHILD_AND_CLASS", weights.CHILD_WRONG_CLASS: "WRONG_CLASS"}.get(bits, "CHILD")


def _next_best(claim: ClaimFacts, person: PersonFacts | None, facts: Facts) -> float | None:
    others = (c.bits for c in who_wrote(claim, facts) if c.person != person and isfinite(c.bits))
    best = next(others, None)
    return round(best, 2) if best is not None else None


def _account_bars(request: RequestFacts, claim: ClaimFacts | None, person: PersonFacts | None, facts: Facts) -> Iterator[Bar]:
    """What speaks for this account as the one that is meant."""
    yield _bar(Field.ASKING, "", -log2(len(facts.requests) + 1))
    how, told = _relation(request, claim, facts) if claim is not None else _approved(request, facts)
    if how:
        yield _bar(Field.ACCOUNT, how, told)
    if person is None:
        return
    shown = compare(request.display_name, person.keys)
    if shown is not Fit.ABSENT:
        yield _bar(Field.SHOWN_NAME, shown.name, weights.ACCOUNT_NAME[shown])
    made = compare_handle(request.handle, person.keys)
    if made is not Fit.ABSENT:
        yield _bar(Field.MADE_NAME, made.name, weights.ACCOUNT_NAME[made])


def _relation(request: RequestFacts, claim: ClaimFacts, facts: Facts) -> Fits:
    """The best relation of any name in the message to the account: its number, its name, a likeness, or the words themselves."""
    found: list[Fits] = []
    for reading in claim.readings:
        tie = tie_of(request, reading.handle, claim, facts) if reading.handle else None
        if tie in (Tie.BOUND, Tie.RENAMED):
            found.append(("NUMBER", weights.SAME_NUMBER))
        elif tie is not None:
            found.append(("NAME", weights.SAME_NAME))
        elif reading.handle and (like := likeness(request.handle, reading.handle)):
            found.append((like.kind.value, weights.NAME_LIKE[like.kind]))
        elif words(reading.text) and words(reading.text) == words(request.display_name):
            found.append(("TEXT", weights.SHOWS_THE_TEXT))
    return max(found, key=lambda fit: fit[1], default=("", 0.0))


def _approved(request: RequestFacts, facts: Facts) -> Fits:
    known = any(same_account(approved, request) for approved in facts.approved)
    return ("APPROVED", weights.SAME_NUMBER) if known else ("", 0.0)


def _guards(opinion: Opinion, request: RequestFacts) -> Iterator[Asked]:
    lowest: dict[Guard, Level] = {}
    for code, ceiling in opinion.lowered:
        guard = origin_of(code).guard
        if guard is not None:
            lowest[guard] = worse(lowest.get(guard, ceiling), ceiling)
    unasked = set(OF_A_MESSAGE) if opinion.claim is None else {g for code, _ in opinion.lowered for g in LEFT_UNASKED.get(code, ())}
    if request.born is None:
        unasked.add(Guard.ACCOUNT_AGE)
    for guard in Guard:
        yield Asked(guard.value, guard not in unasked or guard in lowest, lowest[guard].value if guard in lowest else "")


def _bar(field: Field, fit: str, bits: float) -> Bar:
    return Bar(field.value, fit, round(bits, 2))
