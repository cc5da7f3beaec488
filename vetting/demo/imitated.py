"""The four families a stranger tries to pass for, on the practice phone's own page. Pure."""

from dataclasses import dataclass
from datetime import UTC, datetime

from vetting.values import Handle


@dataclass(frozen=True)
class Imitated:
    """A parent on the school's list, the child, and the parent's own account on the practice Twitter."""

    given: str
    family: str
    relationship: str
    address: str
    child: str
    year: str
    handle: Handle
    bio: str
    since: datetime

    @property
    def name(self) -> str:
        return f"{self.given} {self.family}"


# Has an account and does not ask; her name has a single l.
NICOLA = Imitated(
    "Nicola",
    "Hepworth",
    "Mother",
    "nicola.hepworth@example.com",
    "Ivy",
    "Year 4",
    Handle("nicolahepworth"),
    "Choir, chips, long walks.",
    datetime(2013, 9, 14, 19, 5, tzinfo=UTC),
)
GARETH = Imitated(
    "Gareth",
    "Penrose",
    "Father",
    "gareth.penrose@example.net",
    "Toby",
    "Year 1",
    Handle("gpenrose_kites"),
    "Kites and old bicycles.",
    datetime(2012, 6, 30, 8, 40, tzinfo=UTC),
)
# Drops a letter when she writes her Twitter name.
HEATHER = Imitated(
    "Heather",
    "Ainsley",
    "Mother",
    "heather.ainsley@example.org",
    "Rory",
    "Year 5",
    Handle("heather_ainsley"),
    "Runs slowly, reads fast.",
    datetime(2015, 1, 11, 21, 15, tzinfo=UTC),
)
# Was let in long ago and follows.
SIMONE = Imitated(
    "Simone",
    "Hartnell",
    "Mother",
    "simone.hartnell@example.com",
    "Grace",
    "Year 3",
    Handle("simonehartnell"),
    "Allotment on Sundays. Too many hens.",
    datetime(2014, 3, 22, 12, 25, tzinfo=UTC),
)

IMITATED = (NICOLA, GARETH, HEATHER, SIMONE)
