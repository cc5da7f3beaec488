"""The brake, layer by layer: each says in a sentence, with its figures, why a list must not go on by itself."""

from datetime import date, timedelta

import pytest
from hypothesis import given as for_any
from hypothesis import strategies as st

from vetting.leavers import brake
from vetting.leavers.brake import Shape, Tally
from vetting.school.limits import Limits
from vetting.school.summer import frozen_until, summer_freeze

LIMITS = Limits(unexpected_people=3, unexpected_percent=2, ceiling_percent=15, list_days=180)
NOVEMBER, AUGUST = date(2026, 11, 10), date(2026, 8, 20)
WAS = Shape(210, 243, 231, {"Reception": 30, "Year 1": 30, "Year 2": 30, "Year 4": 30, "Year 5": 30, "Year 6": 30})


def _now(**years: int) -> Shape:
    named = {**WAS.years, **{word.replace("_", " "): count for word, count in years.items()}}
    return Shape(WAS.children, WAS.adults, WAS.with_address, named)


def test_layer_1_a_list_nobody_loaded_for_long_stops_and_a_roster_typed_by_hand_does_not() -> None:
    assert brake.roster_is_old(NOVEMBER - timedelta(days=180), NOVEMBER, LIMITS) == ""
    assert brake.roster_is_old(None, NOVEMBER, LIMITS) == ""
    assert brake.roster_is_old(date(2020, 1, 1), NOVEMBER, Limits(3, 2, 15)) == ""
    says = "The list of families was last loaded on 13 May 2026, 181 days ago; it may be at most 180 days old. Load a new one first."
    assert brake.roster_is_old(NOVEMBER - timedelta(days=181), NOVEMBER, LIMITS) == says


def test_layer_1_an_empty_roster_never_means_that_everybody_left() -> None:
    says = "Nobody has a reason to follow any more, though 243 people had one. The list of families looks empty."
    assert brake.roster_is_empty(Shape(), 243) == says
    assert brake.roster_is_empty(Shape(adults=1), 243) == ""
    assert brake.roster_is_empty(Shape(), 1) == ""


def test_layer_2_a_year_group_that_vanished_is_named() -> None:
    assert brake.years_are_missing(WAS, _now(Year_4=0), NOVEMBER) == "Year 4 had 30 children at the last good list and has none now."
    assert brake.years_are_missing(WAS, _now(Year_4=1), NOVEMBER) == ""
    assert brake.years_are_missing(None, _now(Year_4=0), NOVEMBER) == ""


def test_layer_2_at_the_turn_of_the_year_the_first_and_the_last_year_group_may_be_empty() -> None:
    assert brake.years_are_missing(WAS, _now(Reception=0, Year_6=0), AUGUST) == ""
    assert "Year 4" in brake.years_are_missing(WAS, _now(Year_4=0), AUGUST)
    assert "Reception" in brake.years_are_missing(WAS, _now(Reception=0), NOVEMBER)


def test_layer_2_a_roster_a_fifth_smaller_is_told_in_figures() -> None:
    smaller = Shape(160, 243, 100, WAS.years)
    says = (
        "The list of families is much smaller than at the last good list: "
        "children (was 210, now 160), adults with an e-mail address (was 231, now 100)."
    )
    assert brake.roster_has_shrunk(WAS, smaller, NOVEMBER) == says
    assert brake.roster_has_shrunk(WAS, smaller, AUGUST) == ""
    assert brake.roster_has_shrunk(WAS, Shape(168, 243, 231), NOVEMBER) == ""
    assert brake.roster_has_shrunk(Shape(8, 8, 8), Shape(4, 4, 4), NOVEMBER) == ""


@pytest.mark.parametrize(
    ("counted", "says"),
    [
        (Tally(followers=180, unexpected=3), ""),
        (Tally(followers=180, unexpected=4), "4 of 180 followers would leave unexpectedly; at most 3 may."),
        (Tally(followers=1000, unexpected=20), ""),
        (Tally(followers=1000, unexpected=21), "21 of 1000 followers would leave unexpectedly; at most 20 may."),
        (Tally(followers=2, unexpected=1), ""),
        (Tally(adults=243, found=4, surprises=4), ""),
        (
            Tally(followers=2, adults=243, found=30, surprises=5),
            "5 of 243 adults would have left unexpectedly, followers or not; at most 4 may. 25 were expected, 30 were found.",
        ),
    ],
)
def test_layer_3_found_against_foreseen(counted: Tally, says: str) -> None:
    sentence = brake.too_many_surprises(counted, LIMITS)
    assert says in sentence
    assert bool(says) == bool(sentence)


def test_layer_5_the_ceiling_counts_whom_nobody_announced() -> None:
    assert brake.too_many_at_once(Tally(followers=180, ready=100, unannounced=27), LIMITS) == ""
    says = "28 of 180 followers (15%) would leave at once without having been announced; the limit is 15%."
    assert brake.too_many_at_once(Tally(followers=180, ready=28, unannounced=28), LIMITS) == says
    assert brake.too_many_at_once(Tally(followers=4, ready=3, unannounced=3), LIMITS) == ""


@pytest.mark.parametrize(
    ("day", "until"),
    [
        (date(2026, 7, 16), None),
        (date(2026, 7, 17), date(2026, 9, 15)),
        (date(2026, 9, 15), date(2026, 9, 15)),
        (date(2026, 9, 16), None),
    ],
)
def test_layer_7_the_freeze_runs_from_two_days_before_the_end_of_term_to_two_weeks_into_autumn(day: date, until: date | None) -> None:
    terms = [(date(2026, 4, 13), date(2026, 7, 19)), (date(2026, 9, 1), date(2026, 12, 18))]
    assert frozen_until(day, terms) == until


def test_layer_7_a_school_without_terms_has_the_usual_summer() -> None:
    freeze = summer_freeze(2026, [])
    assert (freeze.first, freeze.last) == (date(2026, 7, 18), date(2026, 9, 18))
    assert frozen_until(NOVEMBER, []) is None


def test_layer_8_on_whom_a_list_stopped_it_stops_again() -> None:
    says = "2 people on whom the list of 9 Nov 2026 stopped are still on it, and nobody has said that it is right."
    assert brake.stopped_before([1, 2, 3], [2, 3, 4], date(2026, 11, 9)) == says
    assert brake.stopped_before([1], [2], date(2026, 11, 9)) == ""
    assert brake.stopped_before([1], [1], None) == ""


@for_any(st.integers(0, 2000), st.integers(0, 2000))
def test_nobody_leaving_never_stops_a_list(followers: int, adults: int) -> None:
    counted = Tally(followers=followers, adults=adults)
    assert brake.too_many_surprises(counted, LIMITS) == ""
    assert brake.too_many_at_once(counted, LIMITS) == ""


@for_any(st.integers(0, 2000), st.integers(0, 400), st.integers(1, 400))
def test_more_surprises_never_let_a_stopped_list_go_on(followers: int, unexpected: int, more: int) -> None:
    if brake.too_many_surprises(Tally(followers=followers, unexpected=unexpected), LIMITS):
        assert brake.too_many_surprises(Tally(followers=followers, unexpected=unexpected + more), LIMITS)


@for_any(st.dates(date(2020, 1, 1), date(2035, 12, 31)), st.lists(st.tuples(st.dates(), st.dates()), max_size=6))
def test_whatever_the_terms_say_august_is_frozen(day: date, terms: list[tuple[date, date]]) -> None:
    until = frozen_until(date(day.year, 9, 1), [])
    assert until is not None
    assert frozen_until(day, terms) is None or frozen_until(day, terms) >= day
