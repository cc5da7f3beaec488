"""The sentences about which account a message means, and whose it is by now. Pure, as `evidence` is."""

from vetting.matching.evidence import DISAGREES, UNKNOWN, at_name, one_line, short
from vetting.matching.facts import ClaimFacts, PersonFacts, RequestFacts
from vetting.values import Evidence


def named_beside(handle: str) -> Evidence:
    return Evidence(
        "NAMED_BESIDE",
        UNKNOWN,
        f"The e-mail mentions {at_name(handle)}, but not as the sender’s own; ask whose it is.",
        {"handle": handle},
    )


def also_mentioned(claim: ClaimFacts) -> Evidence:
    return Evidence(
        "ALSO_MENTIONED", UNKNOWN, "Somebody else’s message speaks of this account, not as their own; read both.", {"claim": claim.pk}
    )


def several_names(claim: ClaimFacts) -> Evidence:
    return Evidence("SEVERAL_NAMES", UNKNOWN, "The e-mail names more than one Twitter name as the sender’s.", {"claim": claim.pk})


def older_twin(request: RequestFacts, other: RequestFacts) -> Evidence:
    return Evidence(
        "OLDER_TWIN_ASKS",
        UNKNOWN,
        one_line(
            f"{at_name(other.handle)} asks as well, is older and almost the same as {at_name(request.handle)}; ask which is meant.",
            f"{at_name(other.handle)} asks as well, is older and almost the same; ask which is meant.",
        ),
        {"other": other.handle},
    )


def said_by_a_colleague(person: PersonFacts) -> Evidence:
    return Evidence(
        "SAID_BY_A_COLLEAGUE",
        UNKNOWN,
        one_line(f"A colleague said that this account is {short(person.name, 50)}’s; no admin has approved it yet."),
        {"person": person.pk},
    )


def made_since_approval(request: RequestFacts) -> Evidence:
    return Evidence(
        "MADE_SINCE_APPROVAL", DISAGREES, f"{at_name(request.handle)} was made after the account of that name was approved.", {}
    )


def shows_another_name(request: RequestFacts, person: PersonFacts) -> Evidence:
    return Evidence(
        "SHOWS_ANOTHER_NAME",
        UNKNOWN,
        one_line(f"Approved before as {short(person.name, 40)}, but it shows the name “{short(request.display_name, 30)}” now."),
        {"person": person.pk},
    )
