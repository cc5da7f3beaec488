"""Who no longer belongs, as rules: they never take more than was written down."""

from datetime import date, timedelta

import pytest
from hypothesis import given as for_any
from hypothesis import strategies as st

from vetting.leavers.rules import Grace, Group, Kind, Limits, Reason, Standing, Tally, judge, stop_sentence, tally

GRACE = Grace(mid_year_days=14, staff_days=0, year_end_until=(9, 30), term_ends=(date(2026, 12, 18), date(2027, 3, 26)))
LIMITS = Limits(unexpected_people=3, unexpected_percent=2, ceiling_percent=15)
START = date(2025, 9, 1)


def _family(
    ends_on: date | None, says: str = "mother of Holly Jones, Year 4", *, top_year: bool = False, announced: bool = False
) -> Reason:
    return Reason(Kind.FAMILY, START, ends_on, says, top_year, announced)


def _group(day: date, *reasons: Reason, **marks: bool) -> Group | None:
    found = judge(Standing(reasons, **marks), day, GRACE)
    return found.group if found else None


def test_a_mid_year_leaver_stays_fourteen_days_after_the_last_day() -> None:
    gone = _family(date(2026, 11, 6))
    assert _group(date(2026, 11, 6), gone) is None
    assert _group(date(2026, 11, 7), gone) is Group.GRACE
    assert _group(date(2026, 11, 20), gone) is Group.GRACE
    assert _group(date(2026, 11, 21), gone) is Group.READY


def test_a_family_that_leaves_in_summer_stays_until_the_end_of_september() -> None:
    gone = _family(date(2026, 7, 21), top_year=True)
    found = judge(Standing((gone,)), date(2026, 9, 30), GRACE)
    assert found is not None
    assert (found.group, found.grace_ends_on, found.expected) == (Group.GRACE, date(2026, 9, 30), True)
    assert _group(date(2026, 10, 1), gone) is Group.READY


def test_staff_go_the_next_day_and_governors_with_the_term() -> None:
    staff = Reason(Kind.STAFF, START, date(2026, 11, 6), "staff")
    governor = Reason(Kind.OTHER, START, date(2026, 11, 6), "governor")
    assert _group(date(2026, 11, 7), staff) is Group.READY
    assert _group(date(2026, 12, 18), governor) is Group.GRACE
    assert _group(date(2026, 12, 19), governor) is Group.READY


def test_the_parent_of_a_sibling_is_kept_and_the_list_says_whose() -> None:
    found = judge(Standing((_family(date(2026, 11, 6)), _family(None, "mother of Noah Jones, Year 2"))), date(2026, 12, 1), GRACE)
    assert found is not None
    assert (found.group, found.why) == (Group.KEPT, "Still mother of Noah Jones, Year 2.")


def test_staff_who_are_also_parents_are_kept_as_parents() -> None:
    assert _group(date(2026, 12, 1), Reason(Kind.STAFF, START, date(2026, 11, 6), "staff"), _family(None)) is Group.KEPT


def test_a_mark_or_do_not_contact_is_never_a_matter_for_this_list() -> None:
    gone, later = _family(date(2026, 1, 6)), date(2026, 11, 6)
    assert _group(later, gone, with_lead=True) is Group.LEAD
    assert _group(later, gone, do_not_contact=True) is Group.KEPT


def test_who_was_kept_by_a_decision_stays_kept_until_another_reason_ends() -> None:
    gone, kept = _family(date(2026, 1, 6)), Standing((_family(date(2026, 1, 6)),), kept_since=date(2026, 2, 1), kept_says="Kept.")
    assert judge(kept, date(2026, 11, 6), GRACE) is not None
    assert judge(kept, date(2026, 11, 6), GRACE).group is Group.KEPT
    ended_since = Standing((gone, _family(date(2026, 6, 1), "aunt of Lee")), kept_since=date(2026, 2, 1), kept_says="Kept.")
    assert judge(ended_since, date(2026, 11, 6), GRACE).group is Group.READY


def test_somebody_without_any_recorded_reason_is_no_leaver() -> None:
    assert judge(Standing(()), date(2026, 11, 6), GRACE) is None


@pytest.mark.parametrize(
    ("counted", "says"),
    [
        (Tally(180, 3, 3, 0), ""),
        (Tally(180, 4, 4, 0), "4 of 180 followers would leave unexpectedly; at most 3 may."),
        (Tally(1000, 20, 20, 0), ""),
        (Tally(1000, 21, 21, 0), "21 of 1000 followers would leave unexpectedly; at most 20 may."),
        (Tally(180, 27, 0, 0), ""),
        (Tally(180, 28, 0, 0), "28 of 180 followers (15%) would leave at once; the limit is 15%."),
        (Tally(180, 60, 0, 60), ""),
        (Tally(2, 1, 1, 0), ""),
    ],
)
def test_the_limits_stop_a_list_and_name_the_numbers(counted: Tally, says: str) -> None:
    sentence = stop_sentence(counted, LIMITS)
    assert says in sentence
    assert bool(says) == bool(sentence)


_days = st.dates(date(2024, 1, 1), date(2028, 12, 31))


@st.composite
def _reasons(draw: st.DrawFn) -> Reason:
    starts_on = draw(_days)
    ends_on = draw(st.none() | st.integers(0, 900).map(lambda days: starts_on + timedelta(days=days)))
    return Reason(draw(st.sampled_from(Kind)), starts_on, ends_on, "somebody", draw(st.booleans()), draw(st.booleans()))


@for_any(st.lists(_reasons(), max_size=4), st.none() | _days, _days)
def test_one_more_current_reason_never_makes_anybody_a_leaver(reasons: list[Reason], until: date | None, day: date) -> None:
    one_more = Reason(Kind.FAMILY, date(2020, 1, 1), None if until is None else max(until, day), "parent of Noah")
    found = judge(Standing((*reasons, one_more)), day, GRACE)
    assert found is None or found.group is Group.KEPT


@for_any(st.lists(_reasons(), max_size=4), _days)
def test_a_leaver_has_a_last_day_behind_them_and_a_sentence(reasons: list[Reason], day: date) -> None:
    found = judge(Standing(reasons), day, GRACE)
    if found is not None and found.group in (Group.READY, Group.GRACE):
        assert any(reason.ends_on is not None and reason.ends_on < day for reason in reasons)
        assert not any(reason.holds_on(day) for reason in reasons)
        assert found.why.startswith("No longer somebody")


@for_any(st.lists(_reasons(), min_size=1, max_size=4), _days, st.integers(1, 400))
def test_waiting_longer_never_takes_a_leaver_off_the_ready_list(reasons: list[Reason], day: date, days: int) -> None:
    past = [Reason(one.kind, one.starts_on, one.ends_on or one.starts_on, one.says) for one in reasons]
    latest = max((one.ends_on or day for one in past), default=day)
    if _group(day, *past) is Group.READY and latest < day:
        assert _group(day + timedelta(days=days), *past) is Group.READY


@for_any(st.integers(0, 2000))
def test_an_empty_list_is_never_stopped_and_never_ready(followers: int) -> None:
    assert tally([], followers) == Tally(followers, 0, 0, 0)
    assert stop_sentence(tally([], followers), LIMITS) == ""
