"""What the office reads of names that moved: renamed, taken over, suspended and gone are different things. Pure, as `evidence` is."""

from datetime import datetime

from vetting.matching.evidence import AGREES, DISAGREES, UNKNOWN, at_name, on_day, one_line, short
from vetting.matching.facts import ClaimFacts, PersonFacts, RequestFacts
from vetting.values import Evidence


def renamed(request: RequestFacts, handle: str) -> Evidence:
    return Evidence(
        "RENAMED_SINCE",
        AGREES,
        one_line(f"The e-mail named {at_name(handle)}; that same account is now called {at_name(request.handle)}."),
        {"was": handle, "is": request.handle},
    )


def none_then(handle: str) -> Evidence:
    return Evidence(
        "NO_ACCOUNT_THEN", UNKNOWN, f"No account was called {at_name(handle)} when the e-mail came; this one took the name later.", {}
    )


def suspended_then(handle: str) -> Evidence:
    return Evidence(
        "SUSPENDED_THEN",
        UNKNOWN,
        f"Twitter had suspended @{handle} when the e-mail came, so nobody could see whose account that was.",
        {},
    )


def called_otherwise(request: RequestFacts, since: datetime) -> Evidence:
    return Evidence(
        "CALLED_OTHERWISE",
        UNKNOWN,
        f"This account was still called {at_name(request.previous_handle)} when the e-mail came; it took this name on {on_day(since)}.",
        {"was": request.previous_handle},
    )


def name_taken_since(handle: str) -> Evidence:
    return Evidence(
        "NAME_TAKEN_SINCE",
        UNKNOWN,
        f"{at_name(handle)} belongs to a different account now; this one is known by its number.",
        {"was": handle},
    )


def moved_since(handle: str) -> Evidence:
    return Evidence("NAME_MOVED", UNKNOWN, f"{at_name(handle)} has belonged to two different accounts since the e-mail came.", {})


def has_another(person: PersonFacts, handle: str, away: str = "") -> Evidence:
    after = {"suspended": ", which Twitter has suspended", "gone": ", which is no longer on Twitter"}.get(away, "")
    return Evidence(
        "HAS_ANOTHER_ACCOUNT",
        UNKNOWN,
        one_line(f"{short(person.name, 45)} was already approved as {at_name(handle)}{after}."),
        {"person": person.pk},
    )


def another_account(handle: str, claim: ClaimFacts) -> Evidence:
    return Evidence(
        "ANOTHER_ACCOUNT",
        DISAGREES,
        f"{at_name(handle)} was a different account when the e-mail came on {on_day(claim.made_at)}.",
        {"claim": claim.pk},
    )


def recycled(handle: str, person: PersonFacts | None) -> Evidence:
    whose = short(person.name, 40) if person else "somebody else"
    return Evidence(
        "NAME_TAKEN_OVER", DISAGREES, one_line(f"{at_name(handle)} was approved as {whose}, but this is a different account."), {}
    )
