"""Comparing and splitting names in lists. A salutation is never made into people. Pure."""

import re
import unicodedata

from vetting.values import BadValue, PersonName

_TITLES = frozenset({"mr", "mrs", "ms", "miss", "mx", "dr", "prof", "professor", "rev", "revd", "sir", "lady", "fr"})
_SEVERAL = re.compile(r"&|\band\b|/|\+", re.I)
# Letters that Unicode does not take apart into a plain letter and a mark.
_PLAIN = str.maketrans({"đ": "d", "ð": "d", "ł": "l", "ø": "o", "ı": "i", "þ": "th", "æ": "ae", "œ": "oe"})


def folded(text: str) -> str:
    """A name as compared: lower case, no accents, no apostrophes or hyphens, single spaces."""
    plain = unicodedata.normalize("NFKD", text.casefold().translate(_PLAIN))
    letters = (c for c in plain if not unicodedata.combining(c))
    return " ".join(re.sub(r"[^a-z0-9 ]", "", re.sub(r"[-‐‑–_.,]", " ", "".join(letters))).split()) or text.casefold().strip()


def compatible(one: tuple[str, str], other: tuple[str, str]) -> bool:
    """Whether two (given, family) names may be one person's: same surname, and a first name that agrees or is an initial of it."""
    return folded(one[1]) == folded(other[1]) and given_names_agree(one[0], other[0])


def given_names_agree(one: str, other: str) -> bool:
    """Equal, or one the initial of the other ("J" and "Jamie"), or one with a middle name the other leaves out."""
    first, second = folded(one).split(), folded(other).split()
    if not first or not second:
        return first == second
    short, long = sorted((first[0], second[0]), key=len)
    return short == long or (len(short) == 1 and long.startswith(short))


def same_given_name(one: str, other: str) -> bool:
    """Equal but for accents, capitals and middle names. An initial is the same only as an initial."""
    return folded(one).split()[:1] == folded(other).split()[:1]


def split_full_name(text: str) -> PersonName:
    """ "Dr Lucy Begum" or "Begum, Lucy" into its parts.

    Raises:
        BadValue: for a salutation that names several people at once ("Mr & Mrs J Smith").
    """
    if _SEVERAL.search(text):
        raise BadValue("The name stands for several people.")
    family, comma, given = text.partition(",")
    words = given.split() if comma else text.split()
    title = words.pop(0).rstrip(".") if words and words[0].rstrip(".").lower() in _TITLES else ""
    if comma:
        return PersonName(" ".join(words), family.strip(), title)
    if not words:
        raise BadValue("The name is empty.")
    return PersonName(" ".join(words[:-1]), words[-1], title)
