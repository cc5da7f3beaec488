"""Nobody is removed by accident, nobody who left stays: simulated years of schools whose offices get broken lists.

Three years in the ordinary run; twenty of every kind of school by

    python3 manage.py test tests/school_years/test_school_years.py -m slow -s -n 2

A school's whole history follows from its seed (YEARS_SEED=… for another one).
"""

import os
import sys
from collections import Counter

import pytest

from tests.school_years.years import SchoolYears

pytestmark = pytest.mark.django_db
SEED = int(os.environ.get("YEARS_SEED", "11"))


def _years(kind: str, years: int, *, families: int, dates: str, rhythm: str, shape: str, nights_apart: int) -> None:
    school = SchoolYears(kind, SEED, families=families, dates=dates, shape=shape)
    figures = school.run(years, rhythm=rhythm, nights_apart=nights_apart)
    waits, office = sorted(figures.waits) or [0], school.office
    said = [
        f"\n{kind}, {years} years, {families} families at first, {rhythm} lists, {shape}, leaving dates: {dates}",
        f"wrong: {len(figures.wrong)}, late: {len(figures.late)}",
        f"proposed after (days): median {waits[len(waits) // 2]}, longest {waits[-1]}",
        f"{dict(figures.counts)}",
        f"{dict(office.counts)}",
        f"broken lists: {dict(sorted(office.broken.items()))}",
        *figures.wrong,
        *figures.late,
        *(f"stopped {count} times: {reason}" for reason, count in Counter(figures.stops).items()),
    ]
    # To the errors: what workers print is lost.
    print("\n  ".join(said), file=sys.stderr)
    assert figures.wrong == []
    assert figures.late == []
    assert figures.counts["removals"] > years
    assert office.counts["broken lists"] > years // 2


def test_three_years_of_a_primary_school_that_loads_its_list_every_week() -> None:
    _years("primary", 3, families=24, dates="loose", rhythm="weekly", shape="long without numbers", nights_apart=14)


def test_three_years_of_a_junior_school_without_leaving_dates_that_loads_its_list_every_term() -> None:
    _years("junior", 3, families=24, dates="none", rhythm="termly", shape="wide", nights_apart=14)


def test_three_years_of_a_secondary_school_whose_sixth_form_begins_with_who_stays() -> None:
    _years("secondary", 3, families=24, dates="kept", rhythm="termly", shape="wide", nights_apart=14)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "families", "dates", "rhythm", "shape"),
    [
        ("primary", 48, "loose", "weekly", "long"),
        ("infant", 36, "none", "weekly", "long without numbers"),
        ("junior", 40, "none", "termly", "wide"),
        ("secondary", 48, "kept", "weekly", "wide"),
        ("secondary", 48, "none", "termly", "long"),
    ],
)
def test_twenty_years_of_every_kind_of_school(kind: str, families: int, dates: str, rhythm: str, shape: str) -> None:
    _years(kind, 20, families=families, dates=dates, rhythm=rhythm, shape=shape, nights_apart=14)
