"""Whose of a household an account looks like. Pure; anybody may choose what these compare, so they only lower and explain."""

from vetting.matching.facts import ClaimFacts, PersonFacts, RequestFacts
from vetting.matching.names import Fit, compare, compare_handle, given_words


def of_one_stranger(request: RequestFacts, claim: ClaimFacts, holders: tuple[PersonFacts, ...]) -> bool:
    """The signature and the account carry one first name, and it is of nobody whom this mailbox belongs to: a relative who borrowed it."""
    signed, shown = (set(given_words(text)) for text in (claim.sender_name, request.display_name))
    if not (signed & shown).difference(*(holder.keys.families for holder in holders)):
        return False
    fits = (Fit.GIVEN, Fit.INITIAL, Fit.NEAR, Fit.FULL)
    return not any(compare(text, holder.keys) in fits for holder in holders for text in (claim.sender_name, request.display_name))


def fits_better(request: RequestFacts, other: PersonFacts, person: PersonFacts) -> bool:
    """The shown name decides; the handle only where the shown name tells the two not apart."""
    shown, own = compare(request.display_name, other.keys), compare(request.display_name, person.keys)
    if max(shown, own) >= Fit.INITIAL or Fit.GIVEN in (shown, own):
        return shown > max(own, Fit.ABSENT)
    made, own_made = compare_handle(request.handle, other.keys), compare_handle(request.handle, person.keys)
    return (made >= Fit.INITIAL or made is Fit.GIVEN) and made > own_made


def shows(request: RequestFacts, person: PersonFacts) -> bool:
    """Whether the account carries the person's name, shown or in its handle. Anybody may choose either."""
    return max(compare(request.display_name, person.keys), compare_handle(request.handle, person.keys)) >= Fit.INITIAL
