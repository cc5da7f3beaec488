"""Days are the school's own, not the clock's in Greenwich."""

from datetime import UTC, datetime

import pytest

from tests import given
from vetting.school.queries import Calendar

pytestmark = pytest.mark.django_db


def test_what_came_after_midnight_in_summer_has_not_waited_a_school_day_by_the_morning() -> None:
    calendar = Calendar(given.a_school())
    just_after_midnight = datetime(2026, 6, 1, 23, 30, tzinfo=UTC)
    assert calendar.school_days_between(just_after_midnight, datetime(2026, 6, 2, 8, 0, tzinfo=UTC)) == 0
    assert calendar.school_days_between(just_after_midnight, datetime(2026, 6, 3, 8, 0, tzinfo=UTC)) == 1
