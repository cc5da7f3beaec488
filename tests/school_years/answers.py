"""What a careful colleague answers when a list needs a person: right where the truth leaves no doubt, else nothing. Pure."""

import re
from collections.abc import Sequence
from datetime import date

from tests.school_years.truth import Adult, Child, Truth

SAME, DIFFERENT = "same", "different"
_ABOUT_A_CHILD = re.compile(r"Is this the (?P<listed>.+) of the register \(|(?P<back>.+) is marked as left on |The number P")
_ABOUT_AN_ADULT = re.compile(
    r"Is .+ the (?:same as )?(?P<known>.+?)(?: of the register)?\? |The number C\S+ belongs to (?P<held>.+) in the register; the "
)
_BOTH_AGAIN = "was ended, but they stand on this list together"


def right_answer(truth: Truth, line: dict[str, str], last_list: date | None) -> str:
    sentence = line["sentence"]
    if _BOTH_AGAIN in sentence:
        return SAME
    if found := _ABOUT_A_CHILD.match(sentence):
        if found["back"]:
            return SAME
        return _which_child(truth, found["listed"], last_list) if found["listed"] else DIFFERENT
    if found := _ABOUT_AN_ADULT.match(sentence):
        return _which_adult(truth, line["name"], found["known"] or found["held"], last_list)
    return ""


def _which_child(truth: Truth, name: str, last_list: date | None) -> str:
    called = [child for child in truth.children if f"{child.given} {child.family}" == name]
    if len(called) == 1:
        return SAME
    here = [(child, child.spells[0].starts_on) for child in called if child.on_roll(truth.today)]
    return DIFFERENT if _one_is_new(here, last_list) else ""


def _which_adult(truth: Truth, listed: str, known: str, last_list: date | None) -> str:
    """Whoever the list calls so was once called what the register says, or never."""
    called = [adult for adult in truth.adults if adult.name == listed]
    ever = [adult for adult in truth.adults if known in adult.names]
    if not set(called) & set(ever):
        return DIFFERENT
    if len(called) == len(ever) == 1:
        return SAME
    here = [(adult, adult.ties[0].spell.starts_on) for adult in called if adult.ties and adult.belongs(truth.today)]
    return DIFFERENT if _one_is_new(here, last_list) else ""


def _one_is_new(here: Sequence[tuple[Adult | Child, date]], last_list: date | None) -> bool:
    return len(here) == 1 and last_list is not None and here[0][1] > last_list
