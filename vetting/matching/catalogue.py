"""Every finding the engine can make: where it comes from, and which guard speaks it. A test sees that none is missing."""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple


class Source(StrEnum):
    """Where something is known from."""

    EMAIL = "EMAIL"
    TWITTER = "TWITTER"
    LIST = "LIST"
    COLLEAGUE = "COLLEAGUE"
    ANSWERS = "ANSWERS"
    LETTER = "LETTER"


class Guard(StrEnum):
    """A question that every request must stand. A guard can only lower a level."""

    MESSAGE = "MESSAGE"
    ACCOUNT = "ACCOUNT"
    ACCOUNT_AGE = "ACCOUNT_AGE"
    READING = "READING"
    SENDER = "SENDER"
    MAILBOX = "MAILBOX"
    OWNER = "OWNER"
    COMPETING = "COMPETING"
    EARLIER = "EARLIER"
    IMITATION = "IMITATION"
    YOUNG = "YOUNG"
    LEAD = "LEAD"


# What can only be asked of a message.
OF_A_MESSAGE = frozenset({Guard.ACCOUNT, Guard.ACCOUNT_AGE, Guard.READING, Guard.SENDER, Guard.MAILBOX, Guard.OWNER})


class Origin(NamedTuple):
    """Where a finding comes from, and the guard that spoke it; none where it only speaks for the request."""

    sources: tuple[Source, ...] = ()
    guard: Guard | None = None


_EMAIL, _TWITTER, _LIST = Source.EMAIL, Source.TWITTER, Source.LIST
_COLLEAGUE, _ANSWERS, _LETTER = Source.COLLEAGUE, Source.ANSWERS, Source.LETTER

ORIGINS: Mapping[str, Origin] = {
    "SAME_ACCOUNT": Origin((_EMAIL, _TWITTER, _LIST)),
    "APPROVED_BEFORE": Origin((_ANSWERS,)),
    "SENDER_ON_ROSTER": Origin((_EMAIL, _LIST)),
    "CHILD_NAMED": Origin((_EMAIL, _LIST)),
    "NAME_SHOWN": Origin((_TWITTER, _LIST)),
    "NAMED": Origin((_EMAIL,)),
    "CONFIRMED": Origin((_LETTER, _LIST)),
    "NO_EMAIL": Origin((_EMAIL,), Guard.MESSAGE),
    "NUMBER_UNKNOWN": Origin((_TWITTER,), Guard.ACCOUNT),
    "NOT_LOOKED_UP": Origin((_TWITTER,), Guard.ACCOUNT),
    "LOOKED_UP_LATE": Origin((_TWITTER,), Guard.ACCOUNT),
    "RENAMED_SINCE": Origin((_EMAIL, _TWITTER), Guard.ACCOUNT),
    "NO_ACCOUNT_THEN": Origin((_TWITTER,), Guard.ACCOUNT),
    "SUSPENDED_THEN": Origin((_TWITTER,), Guard.ACCOUNT),
    "CALLED_OTHERWISE": Origin((_TWITTER,), Guard.ACCOUNT),
    "NAME_TAKEN_SINCE": Origin((_TWITTER,), Guard.ACCOUNT),
    "NAME_MOVED": Origin((_TWITTER,), Guard.ACCOUNT),
    "ANOTHER_ACCOUNT": Origin((_EMAIL, _TWITTER), Guard.ACCOUNT),
    "YOUNGER_THAN_EMAIL": Origin((_EMAIL, _TWITTER), Guard.ACCOUNT_AGE),
    "READ_FROM_TEXT": Origin((_EMAIL,), Guard.READING),
    "HANDLE_GUESSED": Origin((_EMAIL,), Guard.READING),
    "SEVERAL_NAMES": Origin((_EMAIL,), Guard.READING),
    "NAMED_BESIDE": Origin((_EMAIL,), Guard.READING),
    "OLDER_TWIN_ASKS": Origin((_TWITTER,), Guard.IMITATION),
    "PERHAPS_A_SLIP": Origin((_EMAIL, _TWITTER), Guard.READING),
    "NAME_FITS_SENDER": Origin((_EMAIL, _TWITTER), Guard.READING),
    "NAME_FITS_LINK": Origin((_COLLEAGUE, _TWITTER), Guard.READING),
    "TYPED_BY_COLLEAGUE": Origin((_COLLEAGUE,), Guard.READING),
    "TYPED_ON_PAGE": Origin((_LETTER, _COLLEAGUE), Guard.READING),
    "ANOTHER_NAME_TYPED": Origin((_LETTER,), Guard.READING),
    "TOLD": Origin((_COLLEAGUE,), Guard.SENDER),
    "SENDER_UNKNOWN": Origin((_EMAIL, _LIST), Guard.SENDER),
    "SENDER_NOT_CHECKED": Origin((_EMAIL,), Guard.SENDER),
    "SENDER_FORGED": Origin((_EMAIL,), Guard.SENDER),
    "ADDRESS_IMITATES": Origin((_EMAIL, _LIST), Guard.SENDER),
    "CONFIRMED_ELSEWHERE": Origin((_LETTER, _LIST), Guard.SENDER),
    "DISOWNED": Origin((_LETTER,), Guard.SENDER),
    "MAILBOX_SHARED": Origin((_LIST,), Guard.MAILBOX),
    "MAILBOX_SHARED_WITH_LEAVER": Origin((_LIST,), Guard.MAILBOX),
    "LEAVER": Origin((_LIST,), Guard.MAILBOX),
    "LINKED_BY_COLLEAGUE": Origin((_COLLEAGUE,), Guard.OWNER),
    "LINKED_TO_ANOTHER": Origin((_COLLEAGUE, _EMAIL), Guard.OWNER),
    "ANOTHER_IN_HOUSEHOLD": Origin((_TWITTER, _LIST), Guard.OWNER),
    "SIGNED_AS_ANOTHER": Origin((_EMAIL, _LIST), Guard.OWNER),
    "CHILD_NOT_THEIRS": Origin((_EMAIL, _LIST), Guard.OWNER),
    "HAS_ANOTHER_ACCOUNT": Origin((_ANSWERS,), Guard.OWNER),
    "ALSO_TOLD": Origin((_COLLEAGUE,), Guard.COMPETING),
    "ALSO_MENTIONED": Origin((_EMAIL,), Guard.COMPETING),
    "SECOND_EMAIL_NOT_CHECKED": Origin((_EMAIL,), Guard.COMPETING),
    "TWO_SENDERS": Origin((_EMAIL,), Guard.COMPETING),
    "APPROVED_AS_ANOTHER": Origin((_ANSWERS,), Guard.COMPETING),
    "APPROVAL_ENDED": Origin((_ANSWERS,), Guard.EARLIER),
    "CHANGED_SINCE_APPROVAL": Origin((_ANSWERS, _TWITTER), Guard.EARLIER),
    "SAID_BY_A_COLLEAGUE": Origin((_COLLEAGUE,), Guard.EARLIER),
    "MADE_SINCE_APPROVAL": Origin((_ANSWERS, _TWITTER), Guard.EARLIER),
    "SHOWS_ANOTHER_NAME": Origin((_ANSWERS, _TWITTER), Guard.EARLIER),
    "NAME_TAKEN_OVER": Origin((_ANSWERS, _TWITTER), Guard.EARLIER),
    "MIXED_ALPHABETS": Origin((_TWITTER,), Guard.IMITATION),
    "LOOKS_LIKE": Origin((_TWITTER,), Guard.IMITATION),
    "NAME_COPIED": Origin((_TWITTER, _LIST), Guard.IMITATION),
    "PUPIL_NAME": Origin((_TWITTER, _LIST), Guard.YOUNG),
    "PUPIL_SIGNED": Origin((_EMAIL, _LIST), Guard.YOUNG),
    "PUPIL_ADDRESS": Origin((_EMAIL,), Guard.YOUNG),
    "OWN_ADDRESS": Origin((_EMAIL, _LIST), Guard.YOUNG),
    "YOUNG_WORDS": Origin((_TWITTER,), Guard.YOUNG),
    "SAFEGUARDING": Origin((), Guard.LEAD),
}


# What a finding leaves open: with an unknown sender, nobody can say who reads the mailbox.
LEFT_UNASKED: Mapping[str, frozenset[Guard]] = {
    "PERHAPS_A_SLIP": frozenset({Guard.ACCOUNT}),
    "NAME_FITS_SENDER": frozenset({Guard.ACCOUNT}),
    "NAME_FITS_LINK": frozenset({Guard.ACCOUNT}),
    "TOLD": frozenset({Guard.MAILBOX, Guard.OWNER}),
    "SENDER_UNKNOWN": frozenset({Guard.MAILBOX, Guard.OWNER}),
    "ADDRESS_IMITATES": frozenset({Guard.MAILBOX, Guard.OWNER}),
}


def origin_of(code: str) -> Origin:
    """Of a code that an older engine wrote nothing is known any more."""
    return ORIGINS.get(code, Origin())
