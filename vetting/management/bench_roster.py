"""How fast a list of families is loaded: ours beside django-import-export, on the same file and into the same tables."""

import csv
import io
import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from vetting.management.benches import Bench, NotHere, Way

HEADINGS = (
    "Pupil ID,UPN,Legal Forename,Legal Surname,Year Group,Reg Group,DOB,Contact ID,Relationship,Priority,Parental Responsibility,"
    "Court Order,Lives With Pupil,Salutation,Contact Title,Contact Forename,Contact Surname,Primary Email,Mobile"
).split(",")
AT = datetime(2026, 11, 9, 9, 0, tzinfo=UTC)
_SYLLABLES = ("an", "bel", "cor", "dan", "el", "fin", "gar", "hal", "is", "jo", "kel", "lor", "mor", "nel", "os", "per", "ral", "sim", "tor", "wen")


def a_list(rows: int, *, seed: int = 5) -> bytes:
    """A made-up export of so many rows: families of one to three children and one or two adults, the same for the same seed."""
    chance = random.Random(seed)  # noqa: S311  # a list for a bench is no secret
    held = io.StringIO(newline="")
    writer = csv.writer(held)
    writer.writerow(HEADINGS)
    lines = _families(chance)
    for _ in range(rows):
        writer.writerow(next(lines))
    return b"\xef\xbb\xbf" + held.getvalue().encode()


def _families(chance: random.Random) -> Iterator[list[str]]:
    pupil = contact = 0
    while True:
        surname = _name(chance, 3)
        children = []
        for _ in range(chance.choice((1, 1, 1, 2, 2, 3))):
            pupil += 1
            year = chance.randrange(1, 12)
            day = f"{chance.randrange(1, 28):02}/{chance.randrange(1, 13):02}/{2022 - year}"
            children.append([f"P{pupil:07}", f"Z{pupil:012}", _name(chance, 2), surname, f"Year {year}", f"{year}W", day])
        for priority in range(1, chance.choice((1, 2, 2)) + 1):
            contact += 1
            given = _name(chance, 2)
            mail = f"{given}.{surname}{contact}@example.test".lower()
            adult = [f"C{contact:07}", ("Mother", "Father")[priority - 1], str(priority), "Yes", "No", "Yes", f"M {surname}", "M"]
            for child in children:
                yield [*child, *adult, given, surname, mail, f"07700 {contact:06}"]


def _name(chance: random.Random, syllables: int) -> str:
    return "".join(chance.choice(_SYLLABLES) for _ in range(syllables)).capitalize()
