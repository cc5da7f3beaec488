"""Twitter names and numbers.

A handle is a label that may move between people; the numeric id is the identity (x-api: usernames match
`^[A-Za-z0-9_]{1,15}$`, ids `^[0-9]{1,19}$`).
"""

import re
import unicodedata
from dataclasses import dataclass

from vetting.values.errors import BadValue

HANDLE_MAX = 15
_HANDLE = re.compile(r"[a-z0-9_]{1,15}")
_USER_ID = re.compile(r"[1-9][0-9]{0,18}")
_PROFILE_URL = re.compile(r"(?:https?://)?(?:www\.|mobile\.|m\.)?(?:twitter|x)\.com/(?:#!/)?@?([A-Za-z0-9_]+)/?(?:\?\S*)?", re.I)
_INVISIBLE = {"Cf", "Cc"}


@dataclass(frozen=True, order=True)
class Handle:
    """A Twitter name, lower case, without the @. Make one with `Handle.parse`."""

    value: str

    def __post_init__(self) -> None:
        if not _HANDLE.fullmatch(self.value):
            raise BadValue("A Twitter name has 1 to 15 letters, digits or underscores.")

    @classmethod
    def parse(cls, text: str) -> "Handle":
        """`" @MumOfTwo "` or a profile address -> `Handle("mumoftwo")`.

        Only harmless dressing is taken off: spaces, one @, a profile address, invisible characters, full-width forms.
        Nothing is guessed: a name with a space inside or a letter of another alphabet is refused.

        Raises:
            BadValue: with a sentence for the person who typed it.
        """
        shown = text.strip()[:60]
        clean = "".join(c for c in unicodedata.normalize("NFKC", text) if unicodedata.category(c) not in _INVISIBLE).strip()
        address = _PROFILE_URL.fullmatch(clean)
        clean = address.group(1) if address else clean.removeprefix("@")
        if not clean:
            raise BadValue("Type a Twitter name, for example @mumoftwo.")
        if len(clean) > HANDLE_MAX and re.fullmatch(r"[A-Za-z0-9_]+", clean):
            raise BadValue(f"“{shown}” has {len(clean)} characters. A Twitter name has at most {HANDLE_MAX}.")
        if not clean.isascii():
            raise BadValue(
                f"“{shown}” contains a letter that Twitter names cannot have. It may be a look-alike; copy the name from Twitter."
            )
        if not _HANDLE.fullmatch(clean.lower()):
            raise BadValue(f"“{shown}” is not a Twitter name: only letters, digits and underscores are allowed.")
        return cls(clean.lower())

    def __str__(self) -> str:
        return f"@{self.value}"


@dataclass(frozen=True, order=True)
class TwitterUserId:
    """Twitter's number for an account, as text: it can exceed what JavaScript and some databases hold."""

    value: str

    @classmethod
    def parse(cls, text: str | int) -> "TwitterUserId":
        """Raises BadValue unless `text` is a number of 1 to 19 digits without leading zero."""
        value = str(text).strip()
        if not _USER_ID.fullmatch(value):
            raise BadValue("A Twitter account number has 1 to 19 digits.")
        return cls(value)

    def __post_init__(self) -> None:
        if not _USER_ID.fullmatch(self.value):
            raise BadValue("A Twitter account number has 1 to 19 digits.")

    def __str__(self) -> str:
        return self.value
