"""How a Twitter name that a message gives is tied to the account that asks: by the number, as it was when the message came. Pure."""

from enum import StrEnum

from vetting.matching.facts import ClaimFacts, Facts, RequestFacts


class Tie(StrEnum):
    """How a named handle is tied to the account that asks."""

    BOUND = "BOUND"
    RENAMED = "RENAMED"
    LATE = "LATE"
    NOT_LOOKED_UP = "NOT_LOOKED_UP"
    NONE_THEN = "NONE_THEN"
    SUSPENDED_THEN = "SUSPENDED_THEN"
    MOVED = "MOVED"
    ANOTHER = "ANOTHER"
    NUMBER_UNKNOWN = "NUMBER_UNKNOWN"


def tie_of(request: RequestFacts, handle: str, claim: ClaimFacts, facts: Facts) -> Tie | None:
    """Whether `handle` meant this very account when the message came. None: it is another handle and never was this account's.

    Guards G1 and G2: the number is the identity; the look-up made when the e-mail came decides. A later one never makes up
    for a first one that found nobody: whoever is found then may have taken the name since.
    """
    near = [look for look in facts.lookups_of.get(handle, ()) if abs(look.asked_at - claim.made_at) <= facts.lookup_within]
    numbers = {look.user_id for look in near if look.user_id is not None}
    first = next((look for look in near if look.asked_at >= claim.made_at), None)
    was_nobodys = first is not None and first.user_id is None
    if handle != request.handle:
        return Tie.RENAMED if numbers == {request.user_id} and not was_nobodys else None
    if request.user_id is None:
        return Tie.NUMBER_UNKNOWN
    after = {look.user_id for look in facts.lookups_of.get(handle, ()) if look.asked_at >= claim.made_at and look.user_id is not None}
    if first is not None and was_nobodys:
        return Tie.SUSPENDED_THEN if first.suspended else Tie.NONE_THEN
    if numbers:
        return Tie.ANOTHER if numbers - {request.user_id} else Tie.MOVED if after - {request.user_id} else Tie.BOUND
    if near:
        return Tie.SUSPENDED_THEN if near[-1].suspended else Tie.NONE_THEN
    if after - {request.user_id}:
        return Tie.ANOTHER
    alone = len({other.profile for other in facts.requests_by_handle.get(handle, ())} | {request.profile}) == 1
    return _without_look_up(request, claim, alone=alone, looked_up_later=bool(after))


def _without_look_up(request: RequestFacts, claim: ClaimFacts, *, alone: bool, looked_up_later: bool) -> Tie:
    """Nobody asked Twitter in time; but this very request, and no other, may have been waiting under this handle already."""
    named_so = request.handle_since is None or request.handle_since <= claim.made_at
    if request.first_seen_at <= claim.made_at and named_so and alone:
        return Tie.BOUND
    return Tie.LATE if looked_up_later else Tie.NOT_LOOKED_UP
