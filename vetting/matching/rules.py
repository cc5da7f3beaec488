"""From facts to an opinion: what vouches for a request, and the ordered guards that can only lower it.

Four facts prove something: the account number seen when the e-mail came, a checked e-mail from an address on the
school's list, the person's current link, and nobody competing. Resemblance proves nothing. It ranks, explains and asks.
"""

from dataclasses import dataclass
from typing import Any

from vetting.matching import evidence as say
from vetting.matching.facts import Facts, RequestFacts
from vetting.matching.grounds import Finding, Ground, grounds_for, worse
from vetting.matching.guards import REQUEST_GUARDS, Case
from vetting.matching.next_action import NextAction, next_action
from vetting.matching.ranking import Candidate, linked_person, who_wrote, whom_it_names
from vetting.matching.versions import VERSIONS, Versions
from vetting.values import Evidence, Level

_CANDIDATES = 3


@dataclass(frozen=True)
class Opinion:
    """What the machine thinks of one request: a level, its next step and its one line, everything behind it, and who else it may be.

    `lowered`: the code of each guard's finding, with the level it allows at most.
    """

    request: int
    level: Level
    sentence: str
    evidence: tuple[Evidence, ...]
    person: int | None
    claim: int | None
    candidates: tuple[tuple[int, str], ...]
    next_action: NextAction
    lowered: tuple[tuple[str, Level], ...] = ()
    versions: Versions = VERSIONS

    def as_json(self) -> dict[str, Any]:
        return {
            "level": self.level.value,
            "next_action": self.next_action.value,
            "sentence": self.sentence,
            "evidence": [item.as_json() for item in self.evidence],
            "person": self.person,
            "claim": self.claim,
            "candidates": [list(candidate) for candidate in self.candidates],
        }


def decide(request: RequestFacts, facts: Facts) -> Opinion:
    """The opinion of one open request. A pure function: the order of the facts does not matter."""
    grounds = grounds_for(request, facts)
    best = grounds[0] if grounds else Ground(Level.NONE, None, None, (), (Finding(Level.NONE, say.nobody(request)),))
    case = Case(request, facts, best, tuple(grounds))
    findings = [*best.findings, *(finding for guard in REQUEST_GUARDS for finding in guard(case))]
    level = best.level
    for finding in findings:
        level = worse(level, finding.ceiling)
    deciding = next((f.evidence for f in findings if f.ceiling is level), None)
    top = deciding if deciding is not None else best.support[0]
    others = [item for item in (*best.support, *(f.evidence for f in findings)) if item is not top]
    shown = _without_repeats((top, *others))
    person, candidates = _people(case)
    return Opinion(
        request=request.pk,
        level=level,
        sentence=top.sentence,
        evidence=shown,
        person=person,
        claim=best.claim.pk if best.claim is not None else None,
        candidates=tuple((c.person.pk, c.sentence) for c in candidates),
        next_action=next_action(
            level, {item.code for item in shown}, reachable=person is not None and bool(case.facts.person[person].addresses)
        ),
        lowered=tuple((f.evidence.code, f.ceiling) for f in findings),
    )


def decide_all(facts: Facts) -> list[Opinion]:
    """An opinion for every open request, in the order of their keys."""
    return [decide(request, facts) for request in sorted(facts.requests, key=lambda r: r.pk)]


def _without_repeats(items: tuple[Evidence, ...]) -> tuple[Evidence, ...]:
    seen: set[str] = set()
    kept = []
    for item in items:
        if item.sentence not in seen:
            seen.add(item.sentence)
            kept.append(item)
    return tuple(kept)


def _people(case: Case) -> tuple[int | None, list[Candidate]]:
    """The best person, and others who come into question with what speaks for each."""
    best = case.best
    ranked = who_wrote(best.claim, case.facts) if best.claim is not None else []
    linked = linked_person(best.claim, case.facts) if best.claim is not None else None
    ranked += [c for c in whom_it_names(case.request, case.facts) if c.person.pk not in {r.person.pk for r in ranked}]
    first = linked or best.person
    person = first.pk if first is not None else None
    if person is None and best.claim is not None and ranked:
        clear = len(ranked) == 1 or ranked[0].bits > ranked[1].bits
        person = ranked[0].person.pk if clear else None
    return person, [c for c in ranked if c.person.pk != person][:_CANDIDATES]
