"""What is said to a person whose tick Twitter does not bear out."""

import pytest

from vetting.decisions.models import Decision
from vetting.decisions.queries import AS_BEFORE
from vetting.execution.outcomes import Reading, contradiction, read_outcome
from vetting.twitter.models import Sighting

WAITING = "Twitter still shows this request as waiting"


@pytest.mark.parametrize(
    ("outcome", "relation", "sentence"),
    [
        ("APPROVE", "REQUESTS", WAITING),
        ("REJECT", "REQUESTS", f"{WAITING}, not declined"),
        ("REMOVE", "FOLLOWS", "Twitter still shows them as a follower"),
        ("REJECT", "FOLLOWS", "Twitter shows them as a follower instead"),
        ("APPROVE", "NEITHER", "Twitter shows neither a request nor a follower instead"),
        ("APPROVE", "GONE", "Twitter shows no such account instead"),
        ("APPROVE", "SUSPENDED", "Twitter shows the account as suspended instead"),
    ],
)
def test_each_answer_has_its_own_sentence(outcome: str, relation: str, sentence: str) -> None:
    assert contradiction(outcome=outcome, relation=relation) == sentence


@pytest.mark.parametrize("outcome", ["APPROVE", "REJECT", "REMOVE"])
@pytest.mark.parametrize("relation", Sighting.Relation.values)
def test_nothing_is_said_exactly_where_twitter_agrees(outcome: str, relation: str) -> None:
    agrees = read_outcome(outcome=outcome, relation=relation).outcome is Reading.AGREES
    assert (contradiction(outcome=outcome, relation=relation) == "") is agrees


@pytest.mark.parametrize("outcome", [Decision.Outcome.APPROVE, Decision.Outcome.REJECT, Decision.Outcome.REMOVE])
@pytest.mark.parametrize("relation", Sighting.Relation.values)
def test_the_list_of_open_work_and_the_reading_of_outcomes_mean_the_same(outcome: str, relation: str) -> None:
    """An item stays open exactly where it is not yet so; anything else closes it at the next tick of the clock."""
    kind = "REMOVAL" if outcome == Decision.Outcome.REMOVE else "APPROVAL"
    assert (read_outcome(outcome=outcome, relation=relation).outcome is Reading.NOT_YET) == (AS_BEFORE[kind] == relation)
