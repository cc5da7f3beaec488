"""What the register asks Twitter to be allowed when the school signs in: to read, and to block where the school wants that. Pure.

Nothing here lets it post or read private messages, and nothing may be added that would: a test reads the whole source.
"""

from collections.abc import Iterable

READING = ("tweet.read", "users.read", "follows.read", "offline.access")
# A follower is removed by blocking and unblocking. Asked for only while the school's rule says so.
REMOVING = ("block.read", "block.write")
LETS_REMOVE = "block.write"

_WORDS = {
    # X grants no reading of accounts without it, although the register never looks at a post.
    "tweet.read": "see what the account sees (X lets nobody look up accounts without it)",
    "users.read": "look up accounts",
    "follows.read": "read the school's own list of followers",
    "offline.access": "stay connected without somebody signing in each time",
    "block.read": "see whom the school blocks",
    "block.write": "block and unblock, which is how a follower is removed",
}


def asked(*, removing: bool) -> tuple[str, ...]:
    """The permissions a sign-in asks for."""
    return READING + REMOVING if removing else READING


def in_words(scopes: Iterable[str]) -> list[str]:
    """Permissions for the screen, in the order in which they are asked for."""
    granted = set(scopes)
    return [words for scope, words in _WORDS.items() if scope in granted]


def read(text: str) -> frozenset[str]:
    """What Twitter says it granted, or what was stored."""
    return frozenset(text.split())


def written(scopes: Iterable[str]) -> str:
    return " ".join(sorted(scopes))
