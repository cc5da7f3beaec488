"""The demo's school lists as files: the one loaded, a good and a broken one to try. Headings as a school system exports them."""

import csv
import io
from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from vetting.demo.people import Adult, Child, Family, People, Sort

HEADINGS = (
    "Pupil ID",
    "Legal Forename",
    "Legal Surname",
    "Year Group",
    "Reg Group",
    "Leaving Date",
    "Contact ID",
    "Relationship",
    "Priority",
    "Parental Responsibility",
    "Court Order",
    "Lives With Pupil",
    "Salutation",
    "Contact Title",
    "Contact Forename",
    "Contact Surname",
    "Primary Email",
)

# What a browser saves when the school system's session had run out: a page, whatever its name says.
LOGIN_PAGE = """<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>Sign in</title></head>
<body>
<h1>Your session has ended</h1>
<form method="post" action="/login">
<label>User name <input name="user"></label>
<label>Password <input name="password" type="password"></label>
<button>Sign in</button>
</form>
</body>
</html>
"""


def full_list(people: People, *, left_on: date | None = None) -> bytes:
    """Every family, one line for each child and contact. With `left_on`, those who left carry that leaving date."""
    return _csv(people.families, left_on)


def list_with_joiners(people: People) -> bytes:
    """A good file to try: three new families, a new address for one parent, a second contact for another family."""
    known = [family for family in people.drawn if not family.has_left]
    moved = next(family for family in known if len(family.adults) == 1 and family.adults[0].address)
    alone = next(family for family in known if len(family.adults) == 1 and family is not moved)
    return _csv([*_joiners(), _with_new_address(moved), _with_second_contact(alone)], None)


def _with_new_address(family: Family) -> Family:
    adult = family.adults[0]
    return replace(family, adults=(replace(adult, address=f"{adult.given[0]}.{adult.family}2026@example.org".lower()),))


def _with_second_contact(family: Family) -> Family:
    uncle = Adult("C0901", "Mr", "Rupert", "Fairbairn", "rupert.fairbairn@example.org", Sort.PARENT, "Uncle")
    return replace(family, adults=(*family.adults, uncle))


def _joiners() -> list[Family]:
    rows = (
        ("P0901", "Wren", "Abbott", "Reception", "C0902", "Mrs", "Tessa", "Abbott", "tessa.abbott@example.com", "Mother"),
        ("P0902", "Idris", "Okonjo", "Year 3", "C0903", "Mr", "Samuel", "Okonjo", "s.okonjo@example.net", "Father"),
        ("P0903", "Milena", "Jankowska", "Year 5", "C0904", "Mrs", "Beata", "Jankowska", "beata.j88@example.com", "Mother"),
    )
    return [
        Family((Child(pupil, first, last, year),), (Adult(number, title, given, family, address, Sort.PARENT, relationship),))
        for pupil, first, last, year, number, title, given, family, address, relationship in rows
    ]


def _csv(families: Iterable[Family], left_on: date | None) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(HEADINGS)
    for family in families:
        for child in family.children:
            for priority, adult in enumerate(family.adults, start=1):
                writer.writerow(_row(child, adult, priority, left_on))
    # School systems write a byte-order mark.
    return text.getvalue().encode("utf-8-sig")


def _row(child: Child, adult: Adult, priority: int, left_on: date | None) -> tuple[str, ...]:
    leaving = f"{left_on:%d/%m/%Y}" if child.left and left_on else ""
    return (
        child.number,
        child.given,
        child.family,
        child.year,
        child.class_name,
        leaving,
        adult.number,
        adult.relationship,
        str(priority),
        "Yes" if adult.relationship in ("Mother", "Father") else "No",
        "Yes" if adult.court_order else "No",
        "Yes" if adult.lives_with_child else "No",
        f"{adult.title} {adult.given[0]} {adult.family}".strip(),
        adult.title,
        adult.given,
        adult.family,
        adult.address,
    )
