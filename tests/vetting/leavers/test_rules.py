"""Who no longer belongs, as rules: they never take more than was written down."""

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given as for_any
from hypothesis import strategies as st

from vetting.leavers.rules import Grace, Group, Kept, Kind, Reason, Standing, judge, leaves_soon
from vetting.school.summer import goes_with_the_year

GRACE = Grace(mid_year_days=14, staff_days=0, year_end_until=(9, 30), term_ends=(date(2026, 12, 18), date(2027, 3, 26)))
START = date(2025, 9, 1)


def _family(
    ends_on: date | None, says: str = "mother of Holly Jones, Year 4", *, top_year: bool = False, announced: bool = False
) -> Reason:
    return Reason(Kind.FAMILY, START, ends_on, says, top_year=top_year, announced=announced)


def _group(day: date, *reasons: Reason, **marks: object) -> Group | None:
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


def test_a_school_may_give_governors_days_instead_of_the_term() -> None:
    governor = Reason(Kind.OTHER, START, date(2026, 11, 6), "governor")
    found = judge(Standing((governor,)), date(2026, 11, 12), replace(GRACE, other_days=5))
    assert found is not None
    assert (found.group, found.grace_ends_on) == (Group.READY, date(2026, 11, 11))


def test_absent_from_one_list_without_a_leaving_date_is_not_gone() -> None:
    once = replace(_family(date(2026, 11, 6)), seen_once=True)
    found = judge(Standing((once,)), date(2026, 12, 24), GRACE)
    assert found is not None
    assert found.group is Group.GRACE
    assert found.why.endswith("One complete list was without them; a second one, a day or more later, has to be as well.")


def test_in_the_summer_freeze_only_who_was_announced_goes() -> None:
    frozen = replace(GRACE, frozen_until=date(2026, 9, 18))
    staff = Reason(Kind.STAFF, START, date(2026, 7, 31), "staff")
    found = judge(Standing((staff,)), date(2026, 8, 3), frozen)
    assert found is not None
    assert (found.group, found.grace_ends_on) == (Group.GRACE, date(2026, 9, 18))
    assert "In the summer nobody goes unannounced: waits until 18 Sep 2026." in found.why
    assert judge(Standing((staff,)), date(2026, 9, 19), GRACE).group is Group.READY
    assert judge(Standing((replace(staff, announced=True),)), date(2026, 8, 3), frozen).group is Group.READY


def test_in_july_families_of_the_last_year_group_leave_soon_and_siblings_do_not() -> None:
    holly, noah = _family(None, "mother of Holly Jones, Year 6", top_year=True), _family(None, "mother of Noah Jones, Year 2")
    found = leaves_soon(Standing((holly,)), date(2026, 7, 6), GRACE)
    assert found is not None
    assert (found.group, found.grace_ends_on) == (Group.SOON, date(2026, 9, 30))
    assert found.why == "Mother of Holly Jones, Year 6: leaves with the last year group. May stay until 30 Sep 2026."
    assert leaves_soon(Standing((holly, noah)), date(2026, 7, 6), GRACE) is None
    assert leaves_soon(Standing((holly,)), date(2026, 6, 30), GRACE) is None
    assert leaves_soon(Standing((holly,), with_lead=True), date(2026, 7, 6), GRACE) is None


def test_a_last_day_that_is_written_down_is_noticed_a_month_before() -> None:
    ending = _family(date(2026, 12, 11))
    assert leaves_soon(Standing((ending,)), date(2026, 11, 9), GRACE) is None
    assert leaves_soon(Standing((ending,)), date(2026, 11, 10), GRACE) is not None


def test_a_reason_that_begins_tomorrow_keeps_somebody_today() -> None:
    gone = _family(date(2026, 10, 6))
    tomorrow = Reason(Kind.OTHER, date(2026, 11, 11), None, "governor")
    found = judge(Standing((gone, tomorrow)), date(2026, 11, 10), GRACE)
    assert found is not None
    assert (found.group, found.why) == (Group.KEPT, "From 11 Nov 2026 governor.")


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
    gone, answer = _family(date(2026, 1, 6)), Kept(date(2026, 2, 1), "Kept.")
    found = judge(Standing((gone,), kept=answer), date(2026, 11, 6), GRACE)
    assert found is not None
    assert (found.group, found.why) == (Group.KEPT, "Kept.")
    assert _group(date(2026, 11, 6), gone, _family(date(2026, 6, 1), "aunt of Lee"), kept=answer) is Group.READY


def test_who_was_kept_though_they_had_left_stays_kept_when_the_last_day_moves_on() -> None:
    answer = Kept(date(2026, 2, 1), "Kept.", though_left=True)
    assert _group(date(2026, 11, 6), _family(date(2026, 3, 6)), kept=answer) is Group.KEPT
    new_since = replace(_family(date(2026, 6, 1)), starts_on=date(2026, 3, 1))
    assert _group(date(2026, 11, 6), _family(date(2026, 3, 6)), new_since, kept=answer) is Group.READY


def test_what_the_lead_answered_is_no_sentence_on_the_list() -> None:
    found = judge(Standing((_family(date(2026, 1, 6)),), kept=Kept(date(2026, 2, 1), "Kept.", by_the_lead=True)), date(2026, 11, 6), GRACE)
    assert found is not None
    assert (found.group, found.why) == (Group.LEAD, "This one needs the safeguarding lead.")


def test_somebody_of_the_same_name_who_belongs_keeps_a_leaver_until_a_person_looks() -> None:
    found = judge(Standing((_family(date(2026, 1, 6)),), namesake="mother of Sam Khan, Year 7"), date(2026, 11, 6), GRACE)
    assert found is not None
    assert (found.group, found.why) == (
        Group.KEPT,
        "Somebody of the same name may follow as mother of Sam Khan, Year 7. Look whether they are one person.",
    )


def test_whom_a_list_of_the_new_school_year_named_did_not_leave_with_the_old_one() -> None:
    assert goes_with_the_year(date(2026, 8, 31), None, ())
    assert goes_with_the_year(date(2026, 8, 31), date(2025, 9, 8), ())
    assert not goes_with_the_year(date(2026, 8, 31), date(2026, 9, 7), ())
    assert not goes_with_the_year(date(2026, 9, 21), date(2026, 9, 7), ())


def test_somebody_without_any_recorded_reason_is_no_leaver() -> None:
    assert judge(Standing(()), date(2026, 11, 6), GRACE) is None


_days = st.dates(date(2024, 1, 1), date(2028, 12, 31))


@st.composite
def _reasons(draw: st.DrawFn) -> Reason:
    starts_on = draw(_days)
    ends_on = draw(st.none() | st.integers(0, 900).map(lambda days: starts_on + timedelta(days=days)))
    return Reason(draw(st.sampled_from(Kind)), starts_on, ends_on, "somebody", top_year=draw(st.booleans()), announced=draw(st.booleans()))


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
