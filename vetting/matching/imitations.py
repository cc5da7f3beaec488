"""When a resemblance is an imitation, and when it is a coincidence. Pure; nothing here approves.

An imitation carries the shown name of the person imitated, or no name at all. Families meet by chance in handles like @mumof2_hall,
and by birth in names: whoever shows another name of the school, or shares a name, imitates nobody by that alone.
"""

from datetime import timedelta

from vetting.matching import alphabets, names
from vetting.matching.addresses import imitates, imitates_provider, shape_of_name
from vetting.matching.candidates import people_named_in
from vetting.matching.facts import ApprovedFacts, Facts, FamilyAccount, PersonFacts, RequestFacts
from vetting.matching.handles import likeness
from vetting.matching.names import Fit, compare, compare_handle
from vetting.values import MailAddress

# Whoever lies in wait for a slip made their account not long before it.
_NEW_ACCOUNT = timedelta(days=120)


def shown_fit(request: RequestFacts, person: PersonFacts) -> Fit:
    """How the shown name fits, read by sound or by eye."""
    return max(compare(request.display_name, person.keys), compare(alphabets.by_eye(request.display_name), person.keys))


def is_theirs(account: FamilyAccount, facts: Facts) -> bool:
    """Whether a handle is the person's own rather than of somebody else in the household, for whom they wrote."""
    if account.claim is None:
        return True
    person = facts.person[account.person]
    others = [facts.person[pk] for pk in facts.households[person.pk] if pk != person.pk]
    own = max(compare_handle(account.handle, person.keys), Fit.ABSENT)
    if any(compare_handle(account.handle, other.keys) > own for other in others):
        return False
    asking = facts.requests_by_handle.get(account.handle, ())
    return not any(compare(r.display_name, o.keys) > max(compare(r.display_name, person.keys), Fit.ABSENT) for r in asking for o in others)


def shows_somebody_else(request: RequestFacts, person: PersonFacts, facts: Facts) -> bool:
    """Whether the shown name is another one of the school's and not this person's. "Just me" is nobody's."""
    fit = shown_fit(request, person)
    if fit in (Fit.FAMILY, Fit.GIVEN):
        others = people_named_in(request.display_name, facts)
        return any(compare(request.display_name, other.keys) >= Fit.INITIAL for other in others if other.pk != person.pk)
    if fit > Fit.ABSENT:
        return False
    return any(word in facts.given_counts or word in facts.family_counts for word in names.words(request.display_name) if len(word) > 1)


def has_an_unknown_namesake(request: RequestFacts, person: PersonFacts, facts: Facts) -> bool:
    """Whether the shown name is also that of somebody on the list whose account nobody knows yet: then it may be theirs."""
    namesakes = {
        other.pk
        for other in people_named_in(request.display_name, facts)
        if other.pk != person.pk and compare(request.display_name, other.keys) is Fit.FULL
    }
    return any(not any(is_theirs(account, facts) for account in facts.family_accounts_of.get(pk, ())) for pk in namesakes)


def older_twin(new: RequestFacts, person: PersonFacts, facts: Facts) -> RequestFacts | None:
    """The request whose account a new one may have been made to catch: older, a slip away, and in the person's name."""
    if new.born is None or new.first_seen_at - new.born > _NEW_ACCOUNT:
        return None
    alike = (other for handle in sorted(facts.asking_alike[new.handle]) for other in facts.requests_by_handle.get(handle, ()))
    return next((other for other in alike if is_older_twin(other, new, person)), None)


def is_older_twin(old: RequestFacts, new: RequestFacts, person: PersonFacts) -> bool:
    """Whether `old` is what somebody mistyped and `new` what lay in wait for it."""
    if old.pk == new.pk or old.born is None or new.born is None or not old.born < new.born:
        return False
    if new.first_seen_at - new.born > _NEW_ACCOUNT:
        return False
    return likeness(old.handle, new.handle) is not None and shown_fit(old, person) >= Fit.INITIAL


def imitated_address(address: MailAddress, facts: Facts) -> str:
    """The address or provider that an address is made to look like, or nothing."""
    if address.mailbox in facts.holders:
        return ""
    like = next((known for known in facts.addresses_by_shape.get(shape_of_name(address), ()) if imitates(address, known)), None)
    return str(like) if like is not None else imitates_provider(address)


def same_account(approved: ApprovedFacts, request: RequestFacts) -> bool:
    """The number decides; without one, the profile's own row."""
    if approved.user_id is not None and request.user_id is not None:
        return approved.user_id == request.user_id
    return approved.profile == request.profile


def account_exists(handle: str, request: RequestFacts, facts: Facts) -> bool:
    """Whether another account than the one that asks is known under this handle."""
    looked = any(look.user_id is not None and look.user_id != request.user_id for look in facts.lookups_of.get(handle, ()))
    asking = any(other.profile != request.profile for other in facts.requests_by_handle.get(handle, ()))
    approved = any(not same_account(a, request) for a in facts.approvals_by_handle.get(handle, ()))
    return looked or asking or approved
