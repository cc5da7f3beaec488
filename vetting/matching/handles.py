"""Twitter names that look like one another.

Handles are kept in lower case, so i, I, l, 1 count as one shape. A likeness never approves: it asks for a look,
or warns of an imitation.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from rapidfuzz.distance import OSA

# What one glance confuses. Pairs of letters first.
_PAIRS = (("rn", "m"), ("vv", "w"), ("cl", "d"), ("nn", "m"))
_SHAPES = str.maketrans("01i53487269qu", "ollseabtzgggv")
PREFIXES = ("real", "the", "its", "official", "im", "iam", "mr", "mrs", "ms", "miss", "hello", "not", "actual", "my")
SUFFIXES = ("official", "real", "uk", "x", "xx", "xo", "here", "again", "new", "tv")

SHORT = 6


class Kind(StrEnum):
    """How two different Twitter names resemble each other, from an imitation's doing to a slip of the finger."""

    CONFUSABLE = "CONFUSABLE"
    AFFIX = "AFFIX"
    SLIP = "SLIP"
    TWO_SLIPS = "TWO_SLIPS"


@dataclass(frozen=True)
class Likeness:
    """A resemblance, with the few words that show it: "0 for o"."""

    kind: Kind
    words: str


@lru_cache(maxsize=50_000)
def skeleton(handle: str) -> str:
    """The shape of a handle: look-alike letters made one, underscores left out."""
    shape = handle.lower().replace("_", "")
    for pair, letter in _PAIRS:
        shape = shape.replace(pair, letter)
    return shape.translate(_SHAPES)


def plain_shape(handle: str) -> str:
    """The shape with its pairs of letters left as they are: a slip may make or break one ("heron", "heorn")."""
    return handle.lower().replace("_", "").translate(_SHAPES)


def _difference(asking: str, named: str) -> str:
    if asking.replace("_", "") == named.replace("_", ""):
        return "an underscore more or less"
    if len(asking) == len(named):
        changed = [(a, n) for a, n in zip(asking, named, strict=True) if a != n]
        if len(changed) == 1:
            return f"{changed[0][0]} for {changed[0][1]}"
    for pair, letter in _PAIRS:
        if asking.replace(pair, letter) == named:
            return f"{pair} for {letter}"
        if named.replace(pair, letter) == asking:
            return f"{letter} for {pair}"
    return "letters that look alike"


def _affix(asking: str, named: str) -> str:
    long, short = (asking, named) if len(asking) > len(named) else (named, asking)
    core = short.replace("_", "")
    whole = long.replace("_", "")
    if len(core) < 4:
        return ""
    extra = ""
    if whole.endswith(core) and whole.removesuffix(core) in PREFIXES:
        extra = whole.removesuffix(core)
    elif whole.startswith(core):
        rest = whole.removeprefix(core)
        extra = rest if rest in SUFFIXES or re.fullmatch(r"[0-9]{1,4}", rest) else ""
    return f"“{extra}” {'added' if long == asking else 'left out'}" if extra else ""


def likeness(asking: str, named: str) -> Likeness | None:
    """How the handle that asks resembles the handle that was named; None when it does not, or is the same."""
    if asking == named or abs(len(asking) - len(named)) > 9:
        return None
    if skeleton(asking) == skeleton(named):
        return Likeness(Kind.CONFUSABLE, _difference(asking, named))
    if affix := _affix(asking, named):
        return Likeness(Kind.AFFIX, affix)
    if min(len(asking), len(named)) < 4:
        return None
    return _slips(asking, named)


def _slips(asking: str, named: str) -> Likeness | None:
    """One slip of the finger (restricted Damerau), or two in a long name."""
    distance = OSA.distance(asking, named, score_cutoff=2)
    if distance == 1:
        return Likeness(Kind.SLIP, "one character different")
    if OSA.distance(skeleton(asking), skeleton(named), score_cutoff=1) == 1 and len(named) > SHORT:
        return Likeness(Kind.TWO_SLIPS, "almost the same letters")
    if distance == 2 and min(len(asking), len(named)) >= 8:
        return Likeness(Kind.TWO_SLIPS, "two characters different")
    return None


TABLES = (str(_PAIRS), str(sorted(_SHAPES.items())), " ".join(PREFIXES), " ".join(SUFFIXES))
