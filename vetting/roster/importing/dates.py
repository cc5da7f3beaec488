"""Dates of a list that are not taken as they stand: those that cannot be, and leaving dates that were taken back before. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from vetting.roster.importing.gathering import ListedPupil

# Longer than a child stays at a school that begins with the nursery. Systems write 31/12/9999 where they mean "no date".
MOST_YEARS_AHEAD = 8
# Nobody who left so long ago stands on a list; 01/01/1900 is another way of writing "no date".
MOST_YEARS_BACK = 20
_TURNS = 13


def leave_out_impossible(pupils: Iterable[ListedPupil], on: date) -> None:
    """A leaving date a lifetime ahead would hide for as long that a child is missing; a child not born yet turns no age."""
    first, last, youngest = _years_on(on, -MOST_YEARS_BACK), _years_on(on, MOST_YEARS_AHEAD), _years_on(on, _TURNS)
    for pupil in pupils:
        row = pupil.row
        if row.left_on is not None and not first <= row.left_on <= last:
            pupil.far_off, pupil.row = row.left_on, row._replace(left_on=None)
        if row.thirteen_on is not None and row.thirteen_on > youngest:
            pupil.is_unborn, pupil.row = True, pupil.row._replace(thirteen_on=None)


def leave_out_old_news(pupils: Iterable[ListedPupil], on: date) -> None:
    """What was taken back is over: only another date is news, and an earlier one only while it is still to come."""
    for pupil in pupils:
        known, left_on = pupil.known, pupil.row.left_on
        if known is None or known.taken_back is None or left_on is None or left_on == known.left_on or known.has_left:
            continue
        if left_on == known.taken_back or (left_on < known.taken_back and left_on < on):
            pupil.no_news, pupil.row = left_on, pupil.row._replace(left_on=None)


def lines_of_dates(pupils: Iterable[ListedPupil]) -> Iterator[dict[str, str]]:
    """Of whom a leaving date was not taken again, for the page."""
    for pupil in pupils:
        if pupil.no_news is not None:
            sentence = f"the leaving date {pupil.no_news:%-d %b %Y} was taken back before: not taken again."
            yield {"name": pupil.name, "sentence": sentence}


def warnings_of_dates(pupils: Sequence[ListedPupil]) -> list[str]:
    """How many dates were not taken, and why."""
    found = []
    if back := sum(1 for pupil in pupils if pupil.no_news is not None):
        dates = "leaving date was taken back before and is" if back == 1 else "leaving dates were taken back before and are"
        found.append(f"{back} {dates} not taken again. Who has left all the same is marked as left by hand.")
    if far := sum(1 for pupil in pupils if pupil.far_off is not None):
        dates = "leaving date lies" if far == 1 else "leaving dates lie"
        found.append(f"{far} {dates} more than eight years ahead or twenty back: not taken.")
    if unborn := sum(1 for pupil in pupils if pupil.is_unborn):
        dates = "a date of birth lies" if unborn == 1 else f"{unborn} dates of birth lie"
        found.append(f"{dates[0].upper()}{dates[1:]} in the future: not taken.")
    return found


def _years_on(day: date, years: int) -> date:
    return date(day.year + years, 3, 1) if (day.month, day.day) == (2, 29) else day.replace(year=day.year + years)
