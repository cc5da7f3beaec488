"""Children as a list names them: name, year group and class. Pure."""

import re
from dataclasses import dataclass

from vetting.values import BadValue

_NURSERY = frozenset({"n", "nur", "nursery", "n1", "n2", "pre school", "preschool", "f1", "yn", "year n"})
_RECEPTION = frozenset({"r", "rec", "reception", "yr", "year r", "f2", "foundation", "eyfs", "0"})
_YEAR = re.compile(r"(?:year group|year|yr|y|nc year|grade)?\s*0?(\d{1,2})")
LAST_YEAR = 14


@dataclass(frozen=True)
class ChildName:
    """A child as the office types one: the name, and the year and class where known."""

    given: str
    family: str
    year: str = ""
    class_name: str = ""

    def __post_init__(self) -> None:
        if not (self.given.strip() or self.family.strip()):
            raise BadValue("A child needs a first name or a surname.")

    def __str__(self) -> str:
        return f"{self.given.strip()} {self.family.strip()}".strip()


def year_group(text: str) -> str:
    """One spelling for "Year 4", "Y4", "4", "Rec" and "R"; whatever else a school writes stays as written."""
    clean = " ".join(re.sub(r"[^a-z0-9]+", " ", text.lower()).split())
    if clean in _NURSERY:
        return "Nursery"
    if clean in _RECEPTION:
        return "Reception"
    found = _YEAR.fullmatch(clean)
    if found and 1 <= int(found[1]) <= LAST_YEAR:
        return f"Year {int(found[1])}"
    return text.strip()[:20]


def year_number(year: str) -> int | None:
    """Where a year group stands: Nursery -1, Reception 0, Year 6 6; None for a group that is not a school year."""
    if year in ("Nursery", "Reception"):
        return -1 if year == "Nursery" else 0
    found = re.fullmatch(r"Year (\d{1,2})", year)
    return int(found[1]) if found else None
