"""Who and what may come into question, found through the indexes instead of by going through everybody.

Each answer holds everything that the rule asking for it would have found by comparing each with each (handles that share no key are
not alike, by definition), and perhaps more: the rule still looks at every one.
"""

import re
from collections.abc import Iterable
from itertools import chain

from vetting.matching import alphabets, names
from vetting.matching.facts import ApprovedFacts, ClaimFacts, Facts, FamilyAccount, PersonFacts, RequestFacts
from vetting.matching.index import pieces

_SLIPS = 2  # the most that `names.near` forgives
_SHORTEST_MISSPELT = 5  # and the shortest name in which it does
_SHORTEST_SURNAME = 3  # within a handle
_SHORTEST_PUPIL = 6


def people_named_in(text: str, facts: Facts) -> tuple[PersonFacts, ...]:
    """People whose surname stands in the text; in another alphabet, whose spelling may differ, also those it nearly names."""
    return people_shown_in(text, facts) if alphabets.wholly_foreign(text) else _in_order(_by_words(text, facts))


def people_shown_in(text: str, facts: Facts) -> tuple[PersonFacts, ...]:
    """Everybody whose name a text may show: in whole, in one word, or with a slip in the surname."""
    return _in_order(chain(people_in_words(text, facts), _by_near_surname(text, facts)))


def people_in_words(text: str, facts: Facts) -> tuple[PersonFacts, ...]:
    """People whose surname, or whose whole name in one word, stands in the text letter for letter."""
    found = names.words(text)
    wholes = (p for word in {*found, "".join(found)} for p in facts.people_by_whole.get(word, ()))
    return _in_order(chain(_by_words(text, facts), wholes))


def _by_words(text: str, facts: Facts) -> Iterable[PersonFacts]:
    return (p for word in names.words_and_pairs(text) for p in facts.people_by_word.get(word, ()))


def _by_near_surname(text: str, facts: Facts) -> Iterable[PersonFacts]:
    for word in names.words_and_pairs(text):
        for length in range(max(len(word) - _SLIPS, _SHORTEST_MISSPELT), len(word) + _SLIPS + 1):
            for surname in facts.surnames_like.get((word[0], length), ()):
                if names.near(word, frozenset((surname,))):
                    yield from facts.people_by_word.get(surname, ())


def _in_order(people: Iterable[PersonFacts]) -> tuple[PersonFacts, ...]:
    found = {person.pk: person for person in people}
    return tuple(found[pk] for pk in sorted(found))


def people_the_account_shows(request: RequestFacts, facts: Facts) -> tuple[PersonFacts, ...]:
    """Everybody whose name the account may show, or whose surname stands in its handle."""
    made_of = (p for piece in pieces(_letters(request), _SHORTEST_SURNAME) for p in facts.people_by_word.get(piece, ()))
    return _in_order(chain(people_shown_in(request.display_name, facts), made_of))


def pupil_in_handle(request: RequestFacts, facts: Facts) -> bool:
    """Whether a pupil's whole name stands in the handle."""
    return any(piece in facts.pupils_by_name for piece in pieces(_letters(request), _SHORTEST_PUPIL))


def _letters(request: RequestFacts) -> str:
    return re.sub(r"[^a-z]", "", request.handle)


def claims_to_weigh(request: RequestFacts, facts: Facts) -> list[ClaimFacts]:
    """Claims that may vouch for a request, in their order: of its names or one like it, or of somebody whom the account shows."""
    found_so = facts.lookups_finding.get(request.user_id, ()) if request.user_id is not None else ()
    handles = {request.handle, *(look.handle for look in found_so), *facts.claimed_alike[request.handle]}
    found = {claim.pk: claim for handle in handles for claim in facts.claims_naming.get(handle, ())}
    for person in people_the_account_shows(request, facts):
        for mailbox in person.mailboxes:
            found.update({claim.pk: claim for claim in facts.claims_from.get(mailbox, ())})
        found.update({claim.pk: claim for claim in facts.claims_linked_to.get(person.pk, ())})
    return sorted(found.values(), key=lambda claim: (claim.made_at, claim.pk))


def approvals_to_weigh(request: RequestFacts, facts: Facts) -> list[ApprovedFacts]:
    """Approvals of the request's number, or of its profile where one of the two numbers is not known."""
    by_number = facts.approvals_by_number.get(request.user_id, ()) if request.user_id is not None else ()
    return list(dict.fromkeys((*by_number, *facts.approvals_by_profile.get(request.profile, ()))))


def family_accounts_like(request: RequestFacts, facts: Facts) -> list[FamilyAccount]:
    """Accounts of families whose handle may be like the one that asks, in the order of handles."""
    handles = sorted(facts.family_alike[request.handle])
    return [account for handle in handles for account in facts.family_accounts_by_handle.get(handle, ())]


def family_accounts_of(people: Iterable[PersonFacts], facts: Facts) -> list[FamilyAccount]:
    """Accounts of these people, in the order of handles."""
    found = [account for person in people for account in facts.family_accounts_of.get(person.pk, ())]
    return sorted(found, key=lambda a: (a.handle, a.person, a.claim.pk if a.claim is not None else 0))
