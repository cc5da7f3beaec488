"""Whatever happens to a small school, in whatever order: nobody who belongs is proposed, nobody the register knows to be gone is forgotten.

A few histories in the ordinary run; hundreds by

    python3 manage.py test tests/school_years/test_any_history.py -m slow
"""

from itertools import count

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test

from tests.school_years.breaking import BREAKAGES
from tests.school_years.exports import SHAPES
from tests.school_years.life import DATES, SCHOOLS
from tests.school_years.years import SchoolYears

pytestmark = pytest.mark.django_db
_SCHOOLS = count()


class AnyHistory(RuleBasedStateMachine):
    """Days pass and bring what they bring; families, the office and the night do what the rules say."""

    @initialize(
        kind=st.sampled_from(sorted(SCHOOLS)),
        seed=st.integers(0, 10_000),
        dates=st.sampled_from(sorted(DATES)),
        shape=st.sampled_from(SHAPES),
    )
    def a_school(self, kind: str, seed: int, dates: str, shape: str) -> None:
        self.there = SchoolYears(kind, seed, families=12, dates=dates, shape=shape, slug=f"school-{next(_SCHOOLS)}")
        # A wrong list that was let through is noticed within the days of grace: the next one is a good one.
        self.let_through = 0

    def _is_quiet(self) -> bool:
        return not self.let_through

    # What happens to families.

    @rule(in_days=st.integers(0, 40))
    def a_family_moves_away(self, in_days: int) -> None:
        self.there.life.a_family_moves_away(in_days=in_days)

    @rule(what=st.sampled_from(["arrives", "comes_back", "stays_after_all"]))
    def a_family(self, what: str) -> None:
        getattr(self.there.life, f"a_family_{what}")()

    @rule(what=st.sampled_from(["parents_part", "somebody_changes_surname", "somebody_changes_mail", "one_child_leaves", "a_mark_appears"]))
    def within_a_family(self, what: str) -> None:
        getattr(self.there.life, what)()

    @rule(takes=st.booleans())
    def a_role_changes(self, takes: bool) -> None:
        life = self.there.life
        (life.somebody_takes_a_role if takes else life.somebody_gives_up_a_role)()

    # What the office does.

    @rule(complete=st.booleans())
    def a_good_list_is_loaded(self, complete: bool) -> None:
        self.there.office.brings_the_list(complete=complete)
        self.there.somebody_follows()
        self.let_through = 0 if complete else self.let_through

    @precondition(_is_quiet)
    @rule(how=st.sampled_from(sorted(BREAKAGES)), complete=st.booleans())
    def a_broken_list_is_loaded(self, how: str, complete: bool) -> None:
        self.let_through = 10 if self.there.office.brings_a_broken_list(how, complete=complete) and how != "new numbers" else 0

    # What the clock does.

    @rule(days=st.sampled_from([1, 2, 6, 13, 15, 31, 90]))
    def days_pass(self, days: int) -> None:
        """A night before and one after; the admins answer in the morning. A good list comes once a week in term, as it does."""
        for day in range(days):
            self.there.a_day_passes()
            self.let_through = max(self.let_through - 1, 0)
            if self.let_through == 1 or self.there.is_list_day("weekly"):
                self.there.office.brings_the_list()
                self.let_through = 0
            if day in (0, days - 1) or day % 7 == 6:
                self.there.a_night()

    @invariant()
    def nobody_who_belongs_was_proposed(self) -> None:
        assert self.there.figures.wrong == []

    @invariant()
    def nobody_who_is_known_to_be_gone_was_forgotten(self) -> None:
        assert self.there.figures.late == []


def _run(examples: int, steps: int) -> None:
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
    chosen = settings(max_examples=examples, stateful_step_count=steps, deadline=None, suppress_health_check=checks, print_blob=True)
    run_state_machine_as_test(AnyHistory, settings=chosen)


def test_a_few_histories_of_a_small_school() -> None:
    _run(examples=3, steps=8)


@pytest.mark.slow
def test_hundreds_of_histories_of_a_small_school() -> None:
    _run(examples=200, steps=15)
