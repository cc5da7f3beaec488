"""One state of a school's facts after another: whatever rests on nothing that changed is taken over, not worked out again."""

from vetting.matching.facts import Facts

_PEOPLE, _CLAIMS, _LOOKUPS, _REQUESTS, _APPROVED = ("people",), ("claims",), ("lookups",), ("requests",), ("approved",)
_FAMILY = ("people", "claims", "approved")

# What each index is made of. One that does not stand here is made anew each time.
RESTS_ON: dict[str, tuple[str, ...]] = {
    "person": _PEOPLE,
    "holders": _PEOPLE,
    "households": _PEOPLE,
    "people_by_word": _PEOPLE,
    "people_by_whole": _PEOPLE,
    "people_by_child": _PEOPLE,
    "surnames_like": _PEOPLE,
    "given_counts": _PEOPLE,
    "family_counts": _PEOPLE,
    "population": _PEOPLE,
    "addresses_by_shape": _PEOPLE,
    "pupils_by_name": ("people", "pupils"),
    "claims_in_order": _CLAIMS,
    "claims_naming": _CLAIMS,
    "claimed_handles": _CLAIMS,
    "claims_from": _CLAIMS,
    "claims_linked_to": _CLAIMS,
    "lookups_of": _LOOKUPS,
    "handles_of_number": _LOOKUPS,
    "requests_by_handle": _REQUESTS,
    "approvals_by_handle": _APPROVED,
    "approvals_by_number": _APPROVED,
    "approvals_by_profile": _APPROVED,
    "approvals_of_person": _APPROVED,
    "family_accounts": _FAMILY,
    "family_handles": _FAMILY,
    "family_accounts_by_handle": _FAMILY,
    "family_accounts_of": _FAMILY,
}


def take_over(was: Facts, now: Facts) -> None:
    """Give `now`, before anybody has asked it anything, what `was` has worked out already of the very same rows."""
    for name, sources in RESTS_ON.items():
        if name in vars(was) and all(getattr(now, source) is getattr(was, source) for source in sources):
            vars(now)[name] = vars(was)[name]
