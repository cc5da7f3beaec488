"""What holds for every school that can be thought up: found by generating thousands of small ones."""

from dataclasses import replace
from datetime import timedelta
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.given_matching import ADA, DANA, DANAS, KIERAN, MAIL_CAME, OTHERS, RAVI, TOM, mail, named, number_made
from vetting.matching.facts import ApprovedFacts, ClaimFacts, Facts, LookupFacts, PersonFacts, ReadingFacts, RequestFacts
from vetting.matching.grounds import holders_of
from vetting.matching.rules import Opinion, decide_all
from vetting.values import Level, MailAddress

EXAMPLES = 40  # for each statement, on every run; 400 when a rule changes
HANDLES = ["danahill7", "danahiil7", "dana_hill7", "realdanahill7", "tomhill", "ravi_m", "kzz"]
YOUNG = number_made(MAIL_CAME + timedelta(days=1))
NUMBERS = [DANAS, OTHERS, YOUNG, "1180000000000000003"]
SENDERS = ["dana.hill@brightwork.example", "tom@brightwork.example", "ravi.marsh@gmail.com", "hills@brightwork.example", "sam@gmail.com"]
NAMES = ["Dana Hill", "Tom Hill", "Ravi Marsh", "Sam", "Mrs Hill", "Kieran Marsh", ""]
SHARED = MailAddress("hills@brightwork.example")

moments = st.integers(-72, 72).map(lambda hours: MAIL_CAME + timedelta(hours=hours))
readings = st.builds(
    lambda handle, repaired, chosen: ReadingFacts(f"@{handle}" if not repaired else "some words", handle, repaired, chosen),
    st.sampled_from(HANDLES),
    st.booleans(),
    st.booleans(),
)


@st.composite
def people(draw: st.DrawFn) -> tuple[PersonFacts, ...]:
    found = []
    for person in (DANA, TOM, RAVI):
        addresses = person.addresses | ({SHARED} if draw(st.integers(0, 3)) == 0 else set())
        found.append(
            replace(person, addresses=frozenset(addresses), current=draw(st.integers(0, 4)) > 0, restricted=draw(st.integers(0, 7)) == 0)
        )
    return tuple(found)


claims = st.builds(
    lambda pk, at, read, sender, name, label: ClaimFacts(pk, at, tuple(read), MailAddress(sender), name, authenticity=label),
    st.integers(1, 10_000),
    moments,
    st.lists(readings, min_size=0, max_size=2),
    st.sampled_from(SENDERS),
    st.sampled_from(NAMES),
    st.sampled_from(["CHECKED", "CHECKED", "CHECKED", "PARTLY", "NOT_CHECKED", "SUSPICIOUS"]),
)
lookups = st.builds(LookupFacts, st.sampled_from(HANDLES), moments, st.sampled_from([*NUMBERS, None]))
approvals = st.builds(
    lambda number, handle, person, standing: ApprovedFacts(NUMBERS.index(number) + 1, number, (handle,), person, MAIL_CAME, standing),
    st.sampled_from(NUMBERS),
    st.sampled_from(HANDLES),
    st.sampled_from([1, 2, 3]),
    st.booleans(),
)


@st.composite
def requests(draw: st.DrawFn) -> tuple[RequestFacts, ...]:
    numbers = draw(st.lists(st.sampled_from(NUMBERS), unique=True, max_size=4))
    return tuple(
        RequestFacts(
            pk=NUMBERS.index(number) + 1,
            profile=NUMBERS.index(number) + 1,
            handle=draw(st.sampled_from(HANDLES)),
            user_id=number if draw(st.integers(0, 5)) else None,
            first_seen_at=draw(moments),
            display_name=draw(st.sampled_from(NAMES)),
            concern=draw(st.integers(0, 9)) == 0,
        )
        for number in numbers
    )


@st.composite
def schools(draw: st.DrawFn) -> Facts:
    """A small school in which a proven request is common and everything may be wrong with it."""
    found = Facts(
        people=draw(people()),
        pupils=(ADA, KIERAN),
        claims=tuple(draw(st.lists(claims, max_size=4, unique_by=lambda claim: claim.pk))),
        lookups=tuple(draw(st.lists(lookups, max_size=4))),
        requests=draw(requests()),
        approved=tuple(draw(st.lists(approvals, max_size=2, unique_by=lambda a: a.user_id))),
    )
    if draw(st.booleans()):
        request = RequestFacts(1, 1, "danahill7", DANAS, MAIL_CAME, display_name=draw(st.sampled_from(NAMES)))
        found = replace(
            found,
            claims=(*found.claims, mail(pk=20_000)),
            lookups=(*found.lookups, LookupFacts("danahill7", MAIL_CAME, DANAS)),
            requests=(request, *(other for other in found.requests if other.pk != 1)),
        )
    return found


def offers(facts: Facts) -> dict[int, int]:
    rank = {Level.STRONG: 2, Level.LIKELY: 1}
    return {opinion.request: rank.get(opinion.level, 0) for opinion in decide_all(facts)}


def never_raised(before: Facts, after: Facts) -> None:
    was = offers(before)
    for request, now in offers(after).items():
        assert now <= was[request]


@settings(max_examples=EXAMPLES, deadline=None)
@given(facts=schools(), seed=st.integers(0, 1000))
def test_the_order_in_which_facts_are_read_changes_nothing(facts: Facts, seed: int) -> None:
    def stirred(rows: tuple) -> tuple:
        return tuple(Random(seed).sample(rows, len(rows)))  # noqa: S311  # a shuffle, no secret

    other = Facts(
        people=stirred(facts.people),
        pupils=stirred(facts.pupils),
        claims=stirred(facts.claims),
        lookups=stirred(facts.lookups),
        requests=stirred(facts.requests),
        approved=stirred(facts.approved),
    )
    assert decide_all(other) == decide_all(facts)


@settings(max_examples=EXAMPLES, deadline=None)
@given(facts=schools(), handle=st.sampled_from(HANDLES), at=moments, label=st.sampled_from(["CHECKED", "NOT_CHECKED", "SUSPICIOUS"]))
def test_a_stranger_s_email_raises_nobody(facts: Facts, handle: str, at: object, label: str) -> None:
    stranger = ClaimFacts(30_000, at, named(handle), MailAddress("sam@gmail.com"), "Dana Hill", "Ada", authenticity=label)
    after = replace(facts, claims=(*facts.claims, stranger))
    never_raised(facts, after)
    was = {opinion.request: opinion.level for opinion in decide_all(facts)}
    for opinion in decide_all(after):
        if was[opinion.request] is Level.HOLD:
            assert opinion.level is Level.HOLD
        if was[opinion.request] is Level.IMPOSTOR:
            assert opinion.level in (Level.IMPOSTOR, Level.HOLD)


@settings(max_examples=EXAMPLES, deadline=None)
@given(facts=schools(), handle=st.sampled_from(HANDLES), name=st.sampled_from(NAMES))
def test_a_stranger_s_request_raises_nobody(facts: Facts, handle: str, name: str) -> None:
    stranger = RequestFacts(99, 99, handle, "1190000000000000009", MAIL_CAME + timedelta(days=5), display_name=name)
    now = offers(replace(facts, requests=(*facts.requests, stranger)))
    assert now.pop(99) == 0
    was = offers(facts)
    assert all(now[request] <= was[request] for request in was)


@settings(max_examples=EXAMPLES, deadline=None)
@given(facts=schools(), pk=st.sampled_from([1, 2, 3]))
def test_a_restriction_never_raises_and_always_reaches_the_lead(facts: Facts, pk: int) -> None:
    after = replace(facts, people=tuple(replace(p, restricted=True) if p.pk == pk else p for p in facts.people))
    never_raised(facts, after)
    for opinion in decide_all(after):
        if opinion.person == pk and opinion.claim is not None:
            assert opinion.level is Level.HOLD


@settings(max_examples=EXAMPLES, deadline=None)
@given(facts=schools(), people=st.lists(st.sampled_from([None, 1, 2, 3]), min_size=5, max_size=5))
def test_whose_message_a_colleague_says_it_is_makes_nobody_easier_to_let_in(facts: Facts, people: list[int | None]) -> None:
    linked = [replace(claim, linked=pk, linked_by="Priya") for claim, pk in zip(facts.claims, people, strict=False)]
    after = replace(facts, claims=(*linked, *facts.claims[len(linked) :]))
    never_raised(facts, after)
    was = {opinion.request: opinion.level for opinion in decide_all(facts)}
    for opinion in decide_all(after):
        if was[opinion.request] is Level.HOLD:
            assert opinion.level is Level.HOLD
        if was[opinion.request] is Level.IMPOSTOR:
            assert opinion.level in (Level.IMPOSTOR, Level.HOLD)
        if opinion.level.offers_approval:
            _is_proven(opinion, after)


@settings(max_examples=EXAMPLES, deadline=None)
@given(facts=schools())
def test_taking_away_authentication_look_ups_or_current_links_never_raises(facts: Facts) -> None:
    never_raised(facts, replace(facts, claims=tuple(replace(claim, authenticity="NOT_CHECKED") for claim in facts.claims)))
    never_raised(facts, replace(facts, people=tuple(replace(person, current=False) for person in facts.people)))
    was = offers(facts)
    # An approval that stands rests on the number itself. There a look-up can only speak against (it ties somebody else's
    # message to the account), so forgetting it may raise; everywhere else it may not.
    approved = {approval.user_id for approval in facts.approved if approval.standing}
    for request in facts.requests:
        if request.user_id in approved:
            continue
        unseen = replace(facts, lookups=tuple(look for look in facts.lookups if look.user_id != request.user_id))
        assert offers(unseen)[request.pk] <= was[request.pk]


@settings(max_examples=EXAMPLES, deadline=None)
@given(facts=schools())
def test_every_opinion_has_its_reason_on_one_line(facts: Facts) -> None:
    for opinion in decide_all(facts):
        assert 0 < len(opinion.sentence) <= 120
        assert opinion.evidence[0].sentence == opinion.sentence
        assert all(len(item.sentence) <= 120 for item in opinion.evidence)
        assert all(len(sentence) <= 120 for _, sentence in opinion.candidates)


@settings(max_examples=EXAMPLES, deadline=None)
@given(facts=schools())
def test_what_is_offered_for_approval_rests_on_proof_alone(facts: Facts) -> None:
    for opinion in decide_all(facts):
        if opinion.level.offers_approval:
            _is_proven(opinion, facts)


def _is_proven(opinion: Opinion, facts: Facts) -> None:
    """Said again in other words than the engine's."""
    request = next(r for r in facts.requests if r.pk == opinion.request)
    assert request.user_id is not None
    assert not request.concern
    if opinion.claim is None:
        assert any(a.user_id == request.user_id and a.standing and facts.person[a.person].current for a in facts.approved)
        return
    claim = next(c for c in facts.claims if c.pk == opinion.claim)
    holders = holders_of(claim, facts)
    assert claim.authenticity == "CHECKED"
    assert holders
    assert all(holder.current and not holder.restricted for holder in holders)
    assert opinion.level is Level.LIKELY or len(holders) == 1
    written = [r for r in claim.readings if r.handle is not None and (not r.repaired or r.chosen)]
    in_time = [look for look in facts.lookups if abs(look.asked_at - claim.made_at) <= timedelta(hours=24)]
    seen = any(look.user_id == request.user_id and look.handle in {r.handle for r in written} for look in in_time)
    waiting = request.first_seen_at <= claim.made_at and request.handle in {r.handle for r in written}
    assert seen or waiting
