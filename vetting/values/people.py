"""People's names and e-mail addresses, as compared and as shown."""

import re
from dataclasses import dataclass

from vetting.values.errors import BadValue

_ADDRESS = re.compile(r"[^@\s<>()\[\],;:\"\\]+@[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+")
_GMAIL = {"gmail.com", "googlemail.com"}


@dataclass(frozen=True, order=True)
class MailAddress:
    """One e-mail address, lower case. Two addresses reach the same mailbox when their `mailbox` is equal."""

    value: str

    @classmethod
    def parse(cls, text: str) -> "MailAddress":
        """Raises BadValue unless `text` is exactly one address."""
        value = text.strip().lower()
        if len(value) > 254 or not _ADDRESS.fullmatch(value):
            raise BadValue("That is not one e-mail address.")
        return cls(value)

    @property
    def domain(self) -> str:
        return self.value.rpartition("@")[2]

    @property
    def mailbox(self) -> str:
        """The address with what its provider ignores taken off: dots and plus tags at Gmail, nowhere else (matching.md, 5)."""
        local, _, domain = self.value.rpartition("@")
        if domain not in _GMAIL:
            return self.value
        return f"{local.partition('+')[0].replace('.', '')}@gmail.com"

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True)
class PersonName:
    """A name as a school list gives it: already split, never parsed out of a salutation."""

    given: str
    family: str
    title: str = ""

    def __post_init__(self) -> None:
        if not (self.given.strip() or self.family.strip()):
            raise BadValue("A person needs a first name or a surname.")

    def __str__(self) -> str:
        return " ".join(part for part in (self.given.strip(), self.family.strip()) if part)
