"""One state of a school's facts after another: what rests on nothing that changed is taken over, and most of the rest is patched."""

from collections.abc import Hashable

from vetting.matching.facts import Facts
from vetting.matching.patching import INDEXES

# Everything else there is of the people; where they changed it is made anew.
_OF_PEOPLE = (
    "person",
    "holders",
    "households",
    "people_by_word",
    "people_by_whole",
    "people_by_child",
    "surnames_like",
    "given_counts",
    "family_counts",
    "population",
    "addresses_by_shape",
)
_ALIKE = {"claimed_alike": "claims_naming", "family_alike": "family_accounts_by_handle", "asking_alike": "requests_by_handle"}


def take_over(was: Facts, now: Facts) -> dict[str, set[Hashable]]:
    """Give `now`, before anybody has asked it anything, what `was` has worked out already. Returns the keys that differ of each index.

    An index that is not among them is made anew by whoever asks for it, and differs as it differs.
    """
    known, made = vars(was), vars(now)
    if was.people is now.people:
        made.update({name: known[name] for name in _OF_PEOPLE if name in known})
        if was.pupils is now.pupils and "pupils_by_name" in known:
            made["pupils_by_name"] = known["pupils_by_name"]
    touched: dict[str, set[Hashable]] = {}
    for name, index in INDEXES.items():
        if name in known and all(getattr(was, other) is getattr(now, other) for other in index.also):
            unchanged = all(getattr(was, source) is getattr(now, source) for source in index.made_of)
            made[name], touched[name] = (known[name], set()) if unchanged else index.patch(known[name], was, now)
    asking = {request.handle for request in (*was.requests, *now.requests)}
    for name, handles in _ALIKE.items():
        if name in known:
            same = handles in made and made[handles] is known.get(handles)
            made[name], touched[name] = (known[name], set()) if same else known[name].following(getattr(now, handles), asking=asking)
    return touched
