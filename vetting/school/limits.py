"""When a list of families or of leavers must not go on by itself, and how a school with one admin lets it. Pure."""

from dataclasses import dataclass
from datetime import timedelta

# Where a school has one admin, this delay stands in for the second person.
LONE_ADMIN_WAITS = timedelta(hours=48)
# A year group, or a school, smaller than this may really be gone from one list to the next; a larger one means a filtered report.
SMALLEST_THAT_CANNOT_VANISH = 5


@dataclass(frozen=True)
class Limits:
    """The school's numbers: unexpected leavers above the larger of people and percent, and a share of everybody at once.

    `list_days`: how old the list of families may be.
    """

    unexpected_people: int
    unexpected_percent: int
    ceiling_percent: int
    list_days: int = 0
