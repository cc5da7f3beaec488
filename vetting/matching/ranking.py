"""Who may have written this, best first: an additive comparison in bits, for ordering and explaining only.

What it says never raises a level: an impostor can make every one of these agree.
"""

from dataclasses import dataclass
from functools import lru_cache
from math import inf, log2

from vetting.matching import evidence as say
from vetting.matching import weights
from vetting.matching.candidates import people_named_in
from vetting.matching.facts import ClaimFacts, Facts, PersonFacts, RequestFacts
from vetting.matching.names import Fit, compare, compare_handle, words


@dataclass(frozen=True)
class Candidate:
    """A person, what speaks for them, and by how many bits (never shown)."""

    person: PersonFacts
    bits: float
    sentence: str


@lru_cache(maxsize=1_000)
def _rarity(count: int, people: int) -> float:
    return min(weights.RARITY_CAP, -log2((count + 0.5) / (people + 1)))


def name_bits(fit: Fit, person: PersonFacts, facts: Facts) -> float:
    """What a name's agreement tells: a rare name tells more than a common one."""
    if fit <= Fit.ABSENT:
        return weights.NAME_CONTRADICTS if fit is Fit.CONTRADICTS else 0.0
    people = facts.population
    first = max([_rarity(facts.given_counts.get(word, 0), people) for word in person.keys.given], default=0.0)
    last = max([_rarity(facts.family_counts.get(word, 0), people) for word in person.keys.families], default=0.0)
    return {
        Fit.FULL: first + last,
        Fit.NEAR: weights.NAME_NEAR_FACTOR * first + last + weights.NAME_NEAR,
        Fit.INITIAL: weights.NAME_INITIAL + last,
        Fit.FAMILY: last + weights.NAME_FAMILY_ONLY,
        Fit.GIVEN: first + weights.NAME_GIVEN_ONLY,
    }[fit]


def child_fit(claim: ClaimFacts, person: PersonFacts) -> tuple[float, str]:
    """Whether the child a claim names is theirs: bits, and the child's first name where it is."""
    named = words(claim.child_text)
    if not named:
        return 0.0, ""
    for child in person.children:
        if words(child.given)[:1] == named[:1]:
            stated = [word for word in words(claim.class_text) if word not in ("class", "year", "y")]
            if stated and child.class_name:
                right = bool(set(stated) & set(words(child.class_name)))
                return (weights.CHILD_AND_CLASS if right else weights.CHILD_WRONG_CLASS), child.given
            return weights.CHILD, child.given
    return (weights.CHILD_CONTRADICTS if person.children else 0.0), ""


def prior_bits(facts: Facts) -> float:
    """Before anything is compared: one of those on the list, if the sender is on it at all."""
    return log2(weights.SHARE_KNOWN / facts.population)


def address_bits(claim: ClaimFacts, person: PersonFacts, facts: Facts) -> tuple[float, str]:
    """What the sender's address tells, and how it stands to the person: "HELD", "NEW", "ANOTHERS", or nothing to go by."""
    if claim.sender is None:
        return 0.0, ""
    holders = facts.holders.get(claim.sender.mailbox, ())
    if any(person.pk == holder.pk for holder in holders):
        return log2(weights.ADDRESS_EQUAL_SHARE * facts.population / len(holders)), "HELD"
    return (weights.ADDRESS_OF_ANOTHER, "ANOTHERS") if holders else (weights.ADDRESS_NEW, "NEW")


def _of_claim(claim: ClaimFacts, person: PersonFacts, facts: Facts) -> tuple[float, list[str]]:
    """The bits, and what says so."""
    said: list[str] = []
    told, address = address_bits(claim, person, facts)
    bits = prior_bits(facts) + told
    if address == "HELD":
        said.append("the e-mail came from their address")
    fit = compare(claim.sender_name, person.keys)
    bits += name_bits(fit, person, facts)
    if fit >= Fit.INITIAL:
        said.append("the name fits")
    child_bits, child = child_fit(claim, person)
    bits += child_bits
    if child:
        said.append(f"it names their child {child}")
    return bits, said


def _sentence(person: PersonFacts, said: list[str]) -> str:
    listed = " and ".join(part for part in (", ".join(said[:-1]), *said[-1:]) if part)
    whole = f"{person.name}: {listed}."
    return whole if len(whole) <= 120 else whole[:119] + "…"


def who_wrote(claim: ClaimFacts, facts: Facts) -> list[Candidate]:
    """The people a claim may be from, best first, without those for whom nothing speaks more than for "nobody we know".

    Whoever a colleague linked it to goes before everybody else.
    """
    linked = linked_person(claim, facts)
    ranked = [candidate for candidate in _ranked(claim, facts) if candidate.person != linked]
    if linked is not None:
        ranked.insert(0, Candidate(linked, inf, say.link_words(claim, linked)))
    return ranked


def linked_person(claim: ClaimFacts, facts: Facts) -> PersonFacts | None:
    """Whose message it is according to a colleague."""
    return facts.person.get(claim.linked) if claim.linked is not None else None


def _ranked(claim: ClaimFacts, facts: Facts) -> list[Candidate]:
    pool = {p.pk: p for p in people_named_in(claim.sender_name, facts)}
    for word in words(claim.child_text)[:1]:
        pool.update({p.pk: p for p in facts.people_by_child.get(word, ())})
    if claim.sender is not None:
        pool.update({p.pk: p for p in facts.holders.get(claim.sender.mailbox, ())})
    weighed = [(person, *_of_claim(claim, person, facts)) for person in pool.values()]
    nobody = log2(weights.NOBODY_KNOWN)
    ranked = [Candidate(person, bits, _sentence(person, said)) for person, bits, said in weighed if bits > nobody]
    return sorted(ranked, key=lambda c: (-c.bits, c.person.pk))


def account_bits(request: RequestFacts, person: PersonFacts) -> float:
    """What the account's own words say for a person: small, since anybody may choose them."""
    shown = compare(request.display_name, person.keys)
    made = compare_handle(request.handle, person.keys)
    return weights.ACCOUNT_NAME[shown] + (weights.ACCOUNT_NAME[made] if made is not Fit.ABSENT else 0.0)


def whom_it_names(request: RequestFacts, facts: Facts) -> list[Candidate]:
    """The people whose name the account shows, best first."""
    found = []
    for person in people_named_in(request.display_name, facts):
        fit = compare(request.display_name, person.keys)
        if fit >= Fit.INITIAL:
            found.append(Candidate(person, name_bits(fit, person, facts), f"{person.name}: the account shows this name."[:120]))
    return sorted(found, key=lambda c: (-c.bits, c.person.pk))
