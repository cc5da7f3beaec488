"""The table of states, generated: what it has works, what it has not is refused."""

from itertools import product
from pathlib import Path

import pytest
from django.db import IntegrityError, transaction

from tests import given
from tests.given_questions import a_question
from vetting.decisions.models import QueueItem
from vetting.decisions.operations import MoveNotAllowed, move
from vetting.decisions.states import CLOSED, MEANING, OWNER, TRANSITIONS, Owner, State, can_move, diagram

EVERY_PAIR = list(product(State, State))
STATES_PAGE = Path(__file__).parents[3] / "docs" / "states.md"


@pytest.fixture
def item() -> QueueItem:
    return a_question(given.an_account(given.a_school()))


@pytest.mark.django_db
@pytest.mark.parametrize(("was", "to"), [pair for pair in EVERY_PAIR if not can_move(*pair)], ids=lambda state: state.value)
def test_a_pair_that_is_not_in_the_table_is_refused(item: QueueItem, was: State, to: State) -> None:
    QueueItem.objects.filter(pk=item.pk).update(state=was)
    item.refresh_from_db()
    with pytest.raises(MoveNotAllowed):
        move(item=item, to=to, at=given.MONDAY)
    assert QueueItem.objects.get(pk=item.pk).state == was


@pytest.mark.django_db
@pytest.mark.parametrize(("was", "to"), [pair for pair in EVERY_PAIR if can_move(*pair)], ids=lambda state: state.value)
def test_a_pair_of_the_table_moves_the_item_and_raises_its_version(item: QueueItem, was: State, to: State) -> None:
    QueueItem.objects.filter(pk=item.pk).update(state=was)
    item.refresh_from_db()
    version = item.version
    move(item=item, to=to, at=given.MONDAY)
    assert (item.state, item.version) == (to, version + 1)
    assert (item.closed_at is not None) == (to in CLOSED)


@pytest.mark.django_db
def test_a_state_outside_the_table_cannot_be_stored(item: QueueItem) -> None:
    with pytest.raises(IntegrityError, match="queueitem_state_is_known"), transaction.atomic():
        QueueItem.objects.filter(pk=item.pk).update(state="APPROVED")


def test_every_state_has_an_owner_and_a_meaning_and_only_closed_ones_have_nobody() -> None:
    assert set(OWNER) == set(MEANING) == set(TRANSITIONS) == set(State)
    assert {state for state in State if OWNER[state] is Owner.NOBODY} == CLOSED


def test_the_states_page_is_what_the_code_says() -> None:
    assert f"```mermaid\n{diagram()}\n```" in STATES_PAGE.read_text("utf-8"), "run: python3 manage.py write_states_page"
