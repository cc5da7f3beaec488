"""A stretch of days, the last one included; open at the end while nobody knows it."""

from dataclasses import dataclass
from datetime import date

from vetting.values.errors import BadValue


@dataclass(frozen=True)
class Period:
    """From `start` to `end`, both included. `end` None means still running."""

    start: date
    end: date | None = None

    def __post_init__(self) -> None:
        if self.end is not None and self.end < self.start:
            raise BadValue("The end date lies before the start date.")

    def __contains__(self, day: date) -> bool:
        return self.start <= day and (self.end is None or day <= self.end)
