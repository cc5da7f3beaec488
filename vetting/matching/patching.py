"""Indexes made of rows, one bucket for each key, that can be made anew or from the ones before and the rows that changed."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vetting.matching import names

if TYPE_CHECKING:
    from vetting.matching.facts import ApprovedFacts, ClaimFacts, Facts, FamilyAccount

Pairs = Callable[["Facts", Any], Iterable[tuple[Hashable, Any]]]


@dataclass(frozen=True)
class Index:
    """`made_of`: for each set of rows, the keys of a row with what stands under them. `order`: of what stands under one key.

    `also`: what else that depends on; where it changed, the index is made anew.
    """

    made_of: Mapping[str, Pairs]
    order: Callable[[Any], Any]
    also: tuple[str, ...] = ()

    def build(self, facts: "Facts") -> dict[Any, tuple[Any, ...]]:
        buckets: defaultdict[Hashable, list[Any]] = defaultdict(list)
        for source, pairs in self.made_of.items():
            for row in getattr(facts, source):
                for key, value in pairs(facts, row):
                    buckets[key].append(value)
        return {key: self._in_order(values) for key, values in buckets.items()}

    def patch(self, index: Mapping[Any, tuple[Any, ...]], was: "Facts", now: "Facts") -> tuple[dict[Any, tuple[Any, ...]], set[Hashable]]:
        """The index of `now` from that of `was`, and the keys under which something else stands."""
        out: defaultdict[Hashable, list[Any]] = defaultdict(list)
        new: defaultdict[Hashable, list[Any]] = defaultdict(list)
        for source, pairs in self.made_of.items():
            gone, come = changed_rows(getattr(was, source), getattr(now, source))
            for facts, rows, buckets in ((was, gone, out), (now, come, new)):
                for row in rows:
                    for key, value in pairs(facts, row):
                        buckets[key].append(value)
        patched = dict(index)
        for key in out.keys() | new.keys():
            kept = list(patched.pop(key, ()))
            for value in out[key]:
                kept.remove(value)
            if kept or new[key]:
                patched[key] = self._in_order([*kept, *new[key]])
        touched = {key for key in out.keys() | new.keys() if patched.get(key) != index.get(key)}
        return patched, touched

    def _in_order(self, values: list[Any]) -> tuple[Any, ...]:
        return tuple(sorted(values, key=self.order)) if len(values) > 1 else tuple(values)


def changed_rows(was: tuple[Any, ...], now: tuple[Any, ...]) -> tuple[list[Any], list[Any]]:
    """The rows that are gone and those that came; a row that changed is both. What stayed is the same object."""
    if was is now:
        return [], []
    before, after = {id(row) for row in was}, {id(row) for row in now}
    return [row for row in was if id(row) not in after], [row for row in now if id(row) not in before]


def _handles(claim: "ClaimFacts") -> set[str]:
    return {reading.handle for reading in claim.readings if reading.handle is not None}


def _accounts_given(facts: "Facts", claim: "ClaimFacts") -> "list[FamilyAccount]":
    """The handles of a message: the sender's, or made from a partner's name. What may be forged does not count."""
    from vetting.matching.facts import FamilyAccount  # which needs the indexes

    if claim.sender is None or claim.suspicious:
        return []
    return [
        FamilyAccount(handle, pk, claim=claim)
        for handle in sorted({reading.handle for reading in claim.readings if reading.handle is not None and reading.claimed})
        for holder in facts.holders.get(claim.sender.mailbox, ())
        for pk in sorted(facts.households[holder.pk])
        if pk == holder.pk or names.compare_handle(handle, facts.person[pk].keys) >= names.Fit.INITIAL
    ]


def _accounts_held(facts: "Facts", approved: "ApprovedFacts") -> "list[FamilyAccount]":
    from vetting.matching.facts import FamilyAccount  # which needs the indexes

    if not approved.standing or approved.person not in facts.person:
        return []
    return [FamilyAccount(handle, approved.person, approved=approved) for handle in approved.handles]


def _family(key: Callable[["FamilyAccount"], Hashable]) -> Index:
    return Index(
        {
            "claims": lambda facts, claim: [(key(account), account) for account in _accounts_given(facts, claim)],
            "approved": lambda facts, approved: [(key(account), account) for account in _accounts_held(facts, approved)],
        },
        order=lambda account: (
            account.handle,
            account.person,
            account.claim.pk if account.claim is not None else 0,
            account.approved.profile if account.approved is not None else 0,
        ),
        also=("people",),
    )


def _of_claims(keys: Callable[["ClaimFacts"], Iterable[Hashable]]) -> Index:
    return Index({"claims": lambda _, claim: [(key, claim) for key in keys(claim)]}, order=lambda claim: (claim.made_at, claim.pk))


def _of_approvals(keys: Callable[["ApprovedFacts"], Iterable[Hashable]]) -> Index:
    return Index(
        {"approved": lambda _, approved: [(key, approved) for key in keys(approved)]},
        order=lambda approved: (approved.since, approved.person, approved.profile),
    )


def _of_lookups(key: str) -> Index:
    return Index(
        {"lookups": lambda _, look: [(getattr(look, key), look)]},
        order=lambda look: (look.asked_at, look.handle, look.user_id or ""),
    )


INDEXES: dict[str, Index] = {
    "claims_naming": _of_claims(_handles),
    "claims_from": _of_claims(lambda claim: [claim.sender.mailbox] if claim.sender is not None else []),
    "claims_linked_to": _of_claims(lambda claim: [claim.linked] if claim.linked is not None else []),
    "lookups_of": _of_lookups("handle"),
    "lookups_finding": _of_lookups("user_id"),
    "requests_by_handle": Index({"requests": lambda _, request: [(request.handle, request)]}, order=lambda request: request.pk),
    "approvals_by_handle": _of_approvals(lambda approved: approved.handles),
    "approvals_by_number": _of_approvals(lambda approved: [approved.user_id] if approved.user_id is not None else []),
    "approvals_by_profile": _of_approvals(lambda approved: [approved.profile]),
    "approvals_of_person": _of_approvals(lambda approved: [approved.person] if approved.standing else []),
    "family_accounts_by_handle": _family(lambda account: account.handle),
    "family_accounts_of": _family(lambda account: account.person),
}
