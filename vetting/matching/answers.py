"""The sentences about what came back from a link to confirm. It proves who reads a mailbox, never whose account it is."""

from vetting.matching.evidence import AGREES, DISAGREES, UNKNOWN, at_name, on_day, one_line, short
from vetting.matching.facts import ClaimFacts, PersonFacts, RequestFacts
from vetting.values import Evidence


def confirmed(person: PersonFacts, claim: ClaimFacts, request: RequestFacts) -> Evidence:
    on = on_day(claim.confirmed_at or claim.made_at)
    first = f"Confirmed on {on} through the address we hold for {person.name}: {at_name(request.handle)}."
    return Evidence(
        "CONFIRMED",
        AGREES,
        one_line(
            f"{first} {person.tie}.",
            first,
            f"Confirmed on {on} through the address we hold for {short(person.name)}.",
        ),
        {"claim": claim.pk, "person": person.pk},
    )


def confirmed_elsewhere(claim: ClaimFacts) -> Evidence:
    on = on_day(claim.confirmed_elsewhere or claim.made_at)
    return Evidence(
        "CONFIRMED_ELSEWHERE",
        UNKNOWN,
        one_line(f"Confirmed on {on}, but through an address that is not on the school’s list."),
        {"claim": claim.pk},
    )


def another_name_typed(claim: ClaimFacts) -> Evidence:
    return Evidence(
        "ANOTHER_NAME_TYPED",
        UNKNOWN,
        "Asked to confirm, the family typed another Twitter name; choose which one is meant.",
        {"claim": claim.pk},
    )


def typed_on_page(handle: str) -> Evidence:
    return Evidence(
        "TYPED_ON_PAGE", AGREES, f"Asked to confirm, the family typed {at_name(handle)}, and a colleague chose it.", {"handle": handle}
    )


def disowned(claim: ClaimFacts) -> Evidence:
    return Evidence("DISOWNED", DISAGREES, "Asked through a link, the family said that this was not them.", {"claim": claim.pk})
