"""The next step, the versions, and the two sums behind "How was this worked out?": values only, no database."""

import json
import re
from dataclasses import replace
from math import isclose, isfinite
from pathlib import Path

import pytest
from hypothesis import given, settings

from tests.given_matching import DANA, OTHERS, RAVI, TOM, a_school, approved, asks, looked_up, mail, named, opinion_of
from tests.vetting.matching.test_what_always_holds import schools
from vetting.matching import catalogue
from vetting.matching.catalogue import Guard
from vetting.matching.facts import Facts, ReadingFacts
from vetting.matching.next_action import NextAction, next_action
from vetting.matching.ranking import who_wrote
from vetting.matching.rules import decide_all
from vetting.matching.versions import VERSIONS
from vetting.matching.workings import Workings, who_wrote_bars, workings
from vetting.values import Level

MATCHING = Path(catalogue.__file__).parent

STEPS: list[tuple[str, Facts, NextAction]] = [
    ("everything proven", a_school(), NextAction.APPROVE),
    ("renamed since", a_school(requests=(asks(handle="hill_dana"),)), NextAction.APPROVE_SINGLY),
    ("the sender could not be checked", a_school(claims=(mail(authenticity="PARTLY"),)), NextAction.ASK),
    (
        "nobody of that name, nobody of that address",
        a_school(claims=(mail(sender="x@gmail.com", sender_name="Q", child_text=""),)),
        NextAction.FIND_OUT,
    ),
    (
        "somebody without an address",
        a_school(people=(replace(DANA, addresses=frozenset()), RAVI), claims=(mail(sender="d@gmail.com"),)),
        NextAction.FIND_OUT,
    ),
    (
        "another name was typed on the page",
        a_school(claims=(mail(readings=(*named("danahill7"), ReadingFacts("@other", "other", answered=True))),)),
        NextAction.CHOOSE_NAME,
    ),
    ("a look-alike", a_school(requests=(asks(handle="danahiil7", number=OTHERS),)), NextAction.COMPARE),
    ("a mark on the household", a_school(people=(DANA, replace(TOM, restricted=True), RAVI)), NextAction.REFER),
    ("nothing", a_school(claims=(), lookups=()), NextAction.WAIT),
]


@pytest.mark.parametrize(("facts", "step"), [case[1:] for case in STEPS], ids=[case[0] for case in STEPS])
def test_each_request_has_one_next_step(facts: Facts, step: NextAction) -> None:
    assert opinion_of(facts).next_action is step


def test_only_what_is_proven_without_any_difference_may_be_answered_with_others() -> None:
    assert [step for step in NextAction if step.in_bulk] == [NextAction.APPROVE]
    for level in Level:
        for reachable in (True, False):
            step = next_action(level, set(), reachable=reachable)
            assert (step in (NextAction.APPROVE, NextAction.APPROVE_SINGLY)) is level.offers_approval


def test_an_opinion_names_what_it_was_formed_with() -> None:
    opinion = opinion_of(a_school())
    assert opinion.versions == VERSIONS
    assert all((VERSIONS.engine, VERSIONS.weights, VERSIONS.data))
    assert re.fullmatch("[0-9a-f]{12}", VERSIONS.data)


def test_every_finding_has_its_place_in_the_catalogue_and_no_other_has() -> None:
    """Codes as they stand in the engine's own source: `Evidence("CODE", …)`."""
    written = {code for file in MATCHING.glob("*.py") for code in re.findall(r'Evidence\(\s*"([A-Z_]+)"', file.read_text("utf-8"))}
    assert written == set(catalogue.ORIGINS)


def worked_out(facts: Facts, pk: int = 1) -> Workings:
    return workings(opinion_of(facts, pk), next(request for request in facts.requests if request.pk == pk), facts)


def bars(found: tuple) -> dict[str, tuple[str, float]]:
    return {bar.field: (bar.fit, bar.bits) for bar in found}


def test_a_proven_request_shows_both_sums_apart_and_no_guard_that_lowers() -> None:
    found = worked_out(a_school())
    wrote, account = bars(found.wrote), bars(found.account)
    assert list(wrote) == ["LISTED", "ADDRESS", "NAME", "FIRST_NAME_RARITY", "SURNAME_RARITY", "CHILD"]
    assert wrote["LISTED"][1] < 0 < wrote["ADDRESS"][1]
    assert (wrote["ADDRESS"][0], wrote["NAME"][0], wrote["CHILD"][0]) == ("HELD", "FULL", "CHILD")
    assert wrote["FIRST_NAME_RARITY"][1] > wrote["SURNAME_RARITY"][1] > 0, "two of three people are called Hill"
    assert account["ACCOUNT"] == ("NUMBER", 16.0)
    assert account["SHOWN_NAME"][0] == "GIVEN"
    assert all(guard.asked and not guard.ceiling for guard in found.guards)
    assert [guard.guard for guard in found.guards] == list(Guard)


@pytest.mark.parametrize(
    ("handle", "fit"),
    [("danahil7", "SLIP"), ("danahiil7", "CONFUSABLE"), ("danahill7x", "AFFIX")],
)
def test_what_an_imitation_would_do_tells_less_than_a_slip(handle: str, fit: str) -> None:
    found = worked_out(a_school(claims=(mail(handle=handle),), lookups=(looked_up(handle, None),)))
    assert bars(found.account)["ACCOUNT"][0] == fit
    assert bars(found.account)["ACCOUNT"][1] <= bars(worked_out(a_school(lookups=())).account)["ACCOUNT"][1] - 8


def test_a_guard_that_lowered_says_to_which_level() -> None:
    found = {guard.guard: guard for guard in worked_out(a_school(claims=(mail(authenticity="SUSPICIOUS"),), lookups=())).guards}
    assert found["SENDER"].ceiling == Level.IMPOSTOR
    assert found["ACCOUNT"].ceiling == Level.CHECK
    assert found["IMITATION"].ceiling == ""


def test_where_nobody_wrote_there_is_nothing_to_ask_of_a_message() -> None:
    found = worked_out(a_school(claims=(), lookups=()))
    assert (found.wrote, found.account, found.other) == ((), (), None)
    asked = {guard.guard: guard.asked for guard in found.guards}
    assert (asked["MESSAGE"], asked["SENDER"], asked["IMITATION"]) == (True, False, True)
    before = worked_out(a_school(claims=(), lookups=(), approved=(approved(profile=1),)))
    assert (before.wrote, bars(before.account)["ACCOUNT"][0]) == ((), "APPROVED")


def results(facts: Facts) -> dict[str, str]:
    return {guard.guard: guard.ceiling if guard.asked else "not asked" for guard in worked_out(facts).guards}


def test_what_could_not_be_asked_is_not_said_to_have_passed() -> None:
    slip = results(a_school(claims=(mail(handle="danahil7"),), lookups=(looked_up("danahil7", None),)))
    assert (slip["ACCOUNT"], slip["READING"], slip["SENDER"]) == ("not asked", Level.CHECK, "")
    stranger = results(a_school(claims=(mail(sender="someone.else@gmail.com"),)))
    assert (stranger["MAILBOX"], stranger["OWNER"], stranger["ACCOUNT"]) == ("not asked", "not asked", "")
    assert results(a_school(requests=(asks(number=None),), lookups=()))["ACCOUNT_AGE"] == "not asked"


def test_what_fits_is_said_of_a_slip_as_well() -> None:
    opinion = opinion_of(
        a_school(claims=(mail(handle="danahil7"),), lookups=(looked_up("danahil7", None),), requests=(asks(display_name="Dana Hill"),))
    )
    assert opinion.level is Level.CHECK
    assert {"SENDER_ON_ROSTER", "CHILD_NAMED", "NAME_SHOWN"} <= {one.code for one in opinion.evidence}


@settings(max_examples=40, deadline=None)
@given(facts=schools())
def test_the_bars_add_up_to_the_figure_people_are_ordered_by_and_name_nobody(facts: Facts) -> None:
    for claim in facts.claims:
        for candidate in who_wrote(claim, facts):
            if isfinite(candidate.bits):
                assert isclose(sum(bar.bits for bar in who_wrote_bars(claim, candidate.person, facts)), candidate.bits, abs_tol=0.05)
    requests = {request.pk: request for request in facts.requests}
    for opinion in decide_all(facts):
        kept = workings(opinion, requests[opinion.request], facts)
        said = json.dumps(kept.as_json())
        assert Workings.from_json(json.loads(said)) == kept
        assert not any(word in said for word in ("Dana", "Hill", "Ravi", "Ada", "@"))
        assert {guard.ceiling for guard in kept.guards if guard.ceiling} <= set(Level)
        if opinion.level in (Level.IMPOSTOR, Level.HOLD):
            assert any(guard.ceiling == opinion.level for guard in kept.guards)
