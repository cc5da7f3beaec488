"""A school with two systems loads two lists in turn: each is compared with the last of its own kind."""

import pytest

from accounts.models import User
from tests import given
from tests.given_roster import a_list, days_later, everything
from vetting.roster.models import RosterImport
from vetting.roster.operations import apply_import, rehearse_import, release_import
from vetting.school.models import School

pytestmark = pytest.mark.django_db
PUPILS = [f"{n},Child{n},Ward,Year 2,{n}0,Par{n},Ward,p{n}@home.test,Mother,No," for n in range(1, 13)]
# The club's own list knows few addresses and no year groups.
CLUB_HEADINGS = "Child,Parent name,Email"
CLUB = [f"Child{n} Ward,Par{n} Ward,{'' if n > 2 else f'p{n}@home.test'}" for n in range(1, 9)]


@pytest.fixture
def school() -> School:
    return given.a_school()


@pytest.fixture
def priya(school: School) -> User:
    return given.priya(school)


def _checked(school: School, by: User, source: str, contents: bytes, day: int) -> RosterImport:
    complete = source in ("", "Arbor") and contents.startswith(b"Pupil ID")
    kind = RosterImport.Kind.COMPLETE if complete else RosterImport.Kind.ADDITIONS
    return rehearse_import(
        school=school, file_name="list.csv", contents=contents, by=by, at=days_later(day), kind=kind, source=source if source != "-" else ""
    )


@pytest.mark.parametrize("names", [("Arbor", "Club"), ("", "")], ids=["named", "unnamed"])
def test_two_lists_loaded_in_turn_go_through_every_time(school: School, priya: User, names: tuple[str, str]) -> None:
    seen = []
    for week in range(4):
        for source, contents in zip(names, (a_list(*PUPILS), a_list(*CLUB, headings=CLUB_HEADINGS)), strict=True):
            row = _checked(school, priya, source, contents, week * 7)
            if not week and row.stopped_because:
                # The club's first list has none of its own kind before it: another admin looks at it once.
                release_import(roster_import=row, why="It is the club's list.", by=given.mrs_lane(school), at=days_later(0))
            else:
                assert row.stopped_because == ""
            apply_import(roster_import=row, by=priya, at=days_later(week * 7))
        seen.append(everything(school))
    assert seen[1:] == seen[:-1]


def test_a_list_is_still_compared_with_the_last_of_its_own_source_when_another_was_loaded_between(school: School, priya: User) -> None:
    full = a_list(*PUPILS)
    bare = a_list(*(line.replace(f"p{n}@home.test", "") for n, line in enumerate(PUPILS, start=1) if n < 9), *PUPILS[8:])
    apply_import(roster_import=_checked(school, priya, "Arbor", full, 0), by=priya, at=days_later(0))
    assert "have no e-mail address" in _checked(school, priya, "Arbor", bare, 1).stopped_because
