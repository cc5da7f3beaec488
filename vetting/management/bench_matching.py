"""What matching costs: a school in full, one new mail, and a hundred thousand Twitter names searched for those that look alike."""

import time
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from itertools import cycle
from random import Random
from statistics import median

from vetting.management.benches import Bench, Figure, Way
from vetting.management.made_up_rows import store, store_claim, store_lookup
from vetting.management.made_up_school import MORNING, made_up_handles, made_up_school
from vetting.matching.facts import ClaimFacts, Facts, LookupFacts, ReadingFacts
from vetting.matching.index import HandleIndex, handles_sharing
from vetting.matching.operations import rematch
from vetting.matching.remembering import memory
from vetting.matching.rules import decide_all
from vetting.school.changes import Changed
from vetting.school.operations import facts_changed

SCHOOLS = 5
MAILS = 100


@dataclass
class _Timed:
    """What one way took, round by round."""

    run: Callable[[], object]
    seconds: list[float] = field(default_factory=list)

    def __call__(self) -> None:
        began = time.perf_counter()
        self.run()
        self.seconds.append(time.perf_counter() - began)


def full() -> Bench:
    """Deciding a school afresh, its indexes included: 250 families and 500, so that the ratio tells whether each is compared with each."""

    def decides(families: int) -> _Timed:
        schools = cycle([made_up_school(families=families, seed=seed) for seed in range(SCHOOLS)])
        return _Timed(lambda: decide_all(_anew(next(schools))))

    small, large = decides(250), decides(500)
    return Bench(
        "matching: a school in full",
        Way("250 families", small),
        Way("500 families", large),
        3.2,
        "twice as many, little more than twice the time",
        figures=lambda: (Figure("250 families in full", median(small.seconds), "s", 0.5),),
    )


def _anew(facts: Facts) -> Facts:
    """The same school without what was worked out of it before."""
    return replace(facts, people=tuple(replace(person) for person in facts.people))


def one_mail() -> Bench:
    """From a new mail's facts to its written match, database included; against reading and deciding the whole school."""
    facts = made_up_school(seed=11)
    school = store(facts, slug="mails")
    mails = _mails_for_strangers(facts)
    rematch(school=school, at=MORNING)

    def whole_school() -> None:
        memory.forget(school.pk)
        facts_changed(school.pk)
        rematch(school=school, at=MORNING)

    def one() -> None:
        claim, look = next(mails)
        facts_changed(school.pk, Changed.claim(store_claim(claim, school).pk), Changed.lookup(store_lookup(look, school).pk))
        rematched()

    def matched() -> None:
        if rematch(school=school, at=MORNING) == 0:
            raise RuntimeError("The mail made no match, so this measures nothing.")

    rematched = _Timed(matched)

    def figures() -> tuple[Figure, ...]:
        while len(rematched.seconds) < MAILS:
            one()
        in_order = sorted(rematched.seconds)
        p50, p95 = in_order[len(in_order) // 2], in_order[len(in_order) * 95 // 100]
        return Figure("one mail, p50", p50 * 1000, "ms", 20.0), Figure("one mail, p95", p95 * 1000, "ms", 20.0)

    return Bench(
        "matching: one new mail",
        Way("the whole school", whole_school),
        Way("what the mail bears on", one),
        0.25,
        "what changed costs a small part of the whole",
        figures=figures,
    )


def _mails_for_strangers(facts: Facts) -> Iterator[tuple[ClaimFacts, LookupFacts]]:
    """Mails, with their look-ups, that name the accounts nobody wrote of so far."""
    named = {reading.handle for claim in facts.claims for reading in claim.readings}
    for place, request in enumerate(request for request in facts.requests if request.handle not in named):
        person = facts.people[place]
        claim = ClaimFacts(
            pk=100_000 + place,
            made_at=MORNING,
            readings=(ReadingFacts(f"@{request.handle}", request.handle),),
            sender=next(iter(person.addresses)),
            sender_name=person.name,
            authenticity="CHECKED",
        )
        yield claim, LookupFacts(request.handle, MORNING, request.user_id)


def handle_index() -> Bench:
    """Indexing Twitter names and looking for each one's likenesses: 50,000 and 100,000."""
    names = made_up_handles(100_000, seed=3)
    draw = Random(5)  # noqa: S311  # slips of the finger, no secret
    slips = [_slip(name, draw) for name in names]

    def index_and_probe(many: int) -> None:
        index = HandleIndex(names[:many])
        for slip in slips[:many]:
            handles_sharing(slip, index)

    whole = _Timed(lambda: index_and_probe(len(names)))
    return Bench(
        "matching: names that look alike",
        Way("50,000 names", lambda: index_and_probe(50_000)),
        Way("100,000 names", whole),
        2.6,
        "twice as many, about twice the time",
        most_rounds=3,
        figures=lambda: (
            Figure("100,000 names indexed and each looked for", median(whole.seconds), "s", 5.0),
            Figure("memory of the index", _megabytes(lambda: HandleIndex(names)), "MB", 200.0),
        ),
    )


def _slip(name: str, draw: Random) -> str:
    place = draw.randrange(len(name))
    return name[:place] + draw.choice("abcdefghijklmnopqrstuvwxyz") + name[place + 1 :]


def _megabytes(make: Callable[[], object]) -> float:
    tracemalloc.start()
    try:
        kept = make()
        held, _ = tracemalloc.get_traced_memory()
        del kept
    finally:
        tracemalloc.stop()
    return held / 1e6
