"""What changed of a school's facts: said by whoever changes them, read by matching."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Self


class What(StrEnum):
    """The kinds of facts matching rests on. A row's own number tells which; nothing personal is ever noted."""

    PERSON = "PERSON"
    PUPIL = "PUPIL"
    CLAIM = "CLAIM"
    EMAIL = "EMAIL"
    LOOKUP = "LOOKUP"
    PROFILE = "PROFILE"
    RULES = "RULES"
    DAY = "DAY"
    EVERYTHING = "EVERYTHING"


@dataclass(frozen=True)
class Changed:
    """One row that is new, different or gone. `key` is its number; none for the rules, the day and everything."""

    what: What
    key: int | None = None

    @classmethod
    def person(cls, pk: int) -> Self:
        """Their name, addresses, reasons, marks or concerns."""
        return cls(What.PERSON, pk)

    @classmethod
    def pupil(cls, pk: int) -> Self:
        return cls(What.PUPIL, pk)

    @classmethod
    def claim(cls, pk: int) -> Self:
        """It, its readings, its e-mail's standing, or whose message it is."""
        return cls(What.CLAIM, pk)

    @classmethod
    def email(cls, pk: int) -> Self:
        """Every claim it made."""
        return cls(What.EMAIL, pk)

    @classmethod
    def lookup(cls, pk: int) -> Self:
        return cls(What.LOOKUP, pk)

    @classmethod
    def profile(cls, pk: int) -> Self:
        """What Twitter shows of an account, that it asks, or who it is."""
        return cls(What.PROFILE, pk)


RULES_CHANGED = Changed(What.RULES)
DAY_TURNED = Changed(What.DAY)
EVERYTHING = Changed(What.EVERYTHING)
