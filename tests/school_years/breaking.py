"""What comes out of an office's computer instead of the list. Pure."""

from collections.abc import Callable
from datetime import date, timedelta
from random import Random

from tests.school_years.exports import Form, Table, as_bytes, table_of, the_list
from tests.school_years.life import SCHOOLS, Life
from tests.school_years.truth import Truth

LOGIN_PAGE = b"<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body>Your session, has, expired</body></html>"
_CLASS, _SURNAME = 4, 2


def broken(how: str, truth: Truth, day: date, form: Form, draw: Random) -> bytes:
    return BREAKAGES[how](truth, day, form, draw)


def _table(truth: Truth, day: date, form: Form) -> Table:
    return table_of(truth.lines(day), day, form)


def _one_year(truth: Truth, day: date, form: Form, draw: Random) -> bytes:
    table = _table(truth, day, form)
    one = draw.choice(sorted(set(table.years)))
    table.keep(lambda year, _: year == one)
    return as_bytes(table, form)


def _without_one_year(truth: Truth, day: date, form: Form, draw: Random) -> bytes:
    table = _table(truth, day, form)
    one = draw.choice(sorted(set(table.years)))
    table.keep(lambda year, _: year != one)
    return as_bytes(table, form)


def _one_class(truth: Truth, day: date, form: Form, draw: Random) -> bytes:
    table = _table(truth, day, form)
    one = draw.choice(table.rows)[_CLASS]
    table.keep(lambda _, row: row[_CLASS] == one)
    return as_bytes(table, form)


def _without_one_class(truth: Truth, day: date, form: Form, draw: Random) -> bytes:
    table = _table(truth, day, form)
    one = draw.choice(table.rows)[_CLASS]
    table.keep(lambda _, row: row[_CLASS] != one)
    return as_bytes(table, form)


def _end_of_the_alphabet(truth: Truth, day: date, form: Form, draw: Random) -> bytes:
    table, letter = _table(truth, day, form), draw.choice("CGMS")
    table.keep(lambda _, row: row[_SURNAME] >= letter)
    return as_bytes(table, form)


def _cut_short(truth: Truth, day: date, form: Form, draw: Random) -> bytes:
    whole = the_list(truth, day, form)
    return whole[: draw.randrange(len(whole) // 20, len(whole) * 99 // 100)]


def _cut_between_lines(truth: Truth, day: date, form: Form, draw: Random) -> bytes:
    table = _table(truth, day, form)
    table.rows = table.rows[: draw.randrange(1, max(len(table.rows) * 19 // 20, 2))]
    return as_bytes(table, form)


def _headings_only(truth: Truth, day: date, form: Form, draw: Random) -> bytes:
    table = _table(truth, day, form)
    table.rows = []
    return as_bytes(table, form)


def _login_page(truth: Truth, day: date, form: Form, draw: Random) -> bytes:
    return LOGIN_PAGE


def _no_mail(truth: Truth, day: date, form: Form, draw: Random) -> bytes:
    """The right to see addresses is gone: for all, or for most."""
    table, share = _table(truth, day, form), draw.choice([1.0, 1.0, 0.6])
    mails = [index for index, heading in enumerate(table.headings) if "Email" in heading]
    for row in table.rows:
        for index in mails:
            row[index] = "" if draw.random() < share else row[index]
    return as_bytes(table, form)


def _another_school(truth: Truth, day: date, form: Form, draw: Random) -> bytes:
    """The list of a school of the same trust: other families under the same numbers."""
    kind = next(name for name, years in SCHOOLS.items() if years == (truth.first_year, truth.top_year))
    families = max(sum(1 for one in truth.families if one.on_roll(day)), 20)
    return the_list(Life(kind, draw.randrange(1_000_000), day, families=families, dates="kept").truth, day, form)


def _last_year(truth: Truth, day: date, form: Form, draw: Random) -> bytes:
    """The report still stands on the school year before: its children, its classes."""
    return the_list(truth, day - timedelta(days=365), form)


def _next_year(truth: Truth, day: date, form: Form, draw: Random) -> bytes:
    """Everybody moved up too early; the last year group is off the list."""
    lines = [line for line in truth.lines(day) if line.child.year_on(day) < truth.top_year]
    return as_bytes(table_of(lines, day + timedelta(days=365), form), form)


def _new_numbers(truth: Truth, day: date, form: Form, draw: Random) -> bytes:
    """A new system gave everybody somebody else's number: the list is right, and goes on so."""
    form.renumber(truth, draw)
    return the_list(truth, day, form)


BREAKAGES: dict[str, Callable[[Truth, date, Form, Random], bytes]] = {
    "one year group only": _one_year,
    "without one year group": _without_one_year,
    "one class only": _one_class,
    "without one class": _without_one_class,
    "the end of the alphabet": _end_of_the_alphabet,
    "cut short": _cut_short,
    "cut between two lines": _cut_between_lines,
    "headings only": _headings_only,
    "a login page": _login_page,
    "without e-mail": _no_mail,
    "another school's": _another_school,
    "last year's": _last_year,
    "next year's": _next_year,
    "new numbers": _new_numbers,
}
# Right in what it says of people, so that it is believed.
TELLS_THE_TRUTH = "new numbers"
# Lists that may name somebody who is gone.
NAMES_THE_GONE = frozenset({"last year's", "another school's"})
