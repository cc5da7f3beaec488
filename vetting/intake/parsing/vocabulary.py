"""Word lists, written as text."""

import re


def words(text: str) -> frozenset[str]:
    """The words of a text, as a set."""
    return frozenset(text.split())


def phrases(text: str) -> frozenset[str]:
    """The phrases between commas, as a set; a comma inside a phrase is written with a backslash."""
    return frozenset(" ".join(phrase.split()).replace("\\,", ",") for phrase in re.split(r"(?<!\\),", text) if phrase.strip())


def any_of(choices: frozenset[str]) -> str:
    """A pattern that matches one of the phrases, the longest first, whatever space stands in them."""
    return "(?:" + "|".join(re.escape(choice).replace(r"\ ", r"\s{1,3}") for choice in sorted(choices, key=lambda c: (-len(c), c))) + ")"
