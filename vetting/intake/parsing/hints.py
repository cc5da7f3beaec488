"""What the sender says of a child and a class. Hints for a person's eye and for ranking; never required, never proof."""

import re

from vetting.intake.parsing.vocabulary import words as word_set

_RELATION = (
    r"(?:mum|mummy|mam|mom|dad|daddy|mother|father|parents?|carers?|guardian|nan|nanny|nana|granny|gran|grandma|grandad|granddad|"
    r"grandmother|grandfather|grandparents?|aunty?|auntie|uncle|step-?\s?(?:mum|dad|mother|father|parent)|foster (?:carer|mum|dad|parent))"
)
_CHILD = r"(?:son|daughter|child|children|kids?|boy|girl|grandson|granddaughter|grandchild|little one|twins)"
_NAME = r"[^\W\d_][\w'’\-]*"
_AFTER = re.compile(
    rf"\b{_RELATION}(?:\s+and\s+{_RELATION})?\s*(?:of|to)\s+"
    rf"|\bmy\s+(?:\w+\s+)?{_CHILD}(?:'s name)?(?:\s+(?:is|are))?\s*(?:called\s+)?[,:]?\s*"
    rf"|^\W*(?:name of (?:child|pupil)|(?:your\s+|my\s+)?(?:child|pupil|son|daughter)(?:'s|’s)?(?:\s+(?:full\s+)?names?)?)\s*[:=\t\-–]\s*",
    re.I | re.M,
)
_BEFORE = re.compile(rf"\b((?:[A-Z][\w\-]*\s+)?[A-Z][\w\-]*)(?:['’]s|s['’])\s+{_RELATION}\b")
_STOP = word_set(
    """
    who is in and at from on the a an my our your his her their twitter x name handle username account i im i'm we he she
    they it thanks thank please kind regards best many cheers year yr class reception nursery has have was are would could
    can will with for to also but or so this that if hope year's aged age of tree two three four parent mum dad both pupil
    pupils child children there here too school
    """
)
_YEAR = re.compile(
    r"\b(?:year|yr)\s*\.?\s*(?:1[0-3]|[1-9]|one|two|three|four|five|six)\b(?:\s+(?!is\b|and\b|my\b|the\b|at\b|in\b|so\b|with\b)[A-Z][a-z]+\b)?"
    r"|\by\s?(?:1[0-3]|[1-9])[a-z]?\b(?:\s+[A-Z][a-z]+\b)?|\b(?:reception|nursery|pre-?school|foundation stage)\b(?:\s+class\b)?",
    re.I,
)
_CLASS = re.compile(
    r"\b(?:class|form)\s+(?:[1-9][0-3]?[A-Za-z]{0,2}|[A-Z][a-z]+)\b|\b[A-Z][a-z]+ class\b|\b(?:[1-9]|1[0-3])[A-HJ-Z]{1,2}\b"
    r"|\b(?:Mr|Mrs|Ms|Miss|Mx|Dr)\.?\s+[A-Z][\w'’\-]+?(?:['’]s?)?\s+class\b"
)


def child(text: str) -> str:
    """The name of the child, or of several joined as written ("Ada and Ben Hill"); empty when nothing says so."""
    for cue in _AFTER.finditer(text):
        if name := _name_at(text, cue.end()):
            return name
    before = _BEFORE.search(text)
    return before.group(1)[:200] if before else ""


def class_name(text: str) -> str:
    """A class or year as written ("Year 4 Oak", "6B", "Mrs Patel's class")."""
    found = [match for pattern in (_YEAR, _CLASS) if (match := pattern.search(text))]
    found = [match for match in found if match.group().lower() not in ("the class", "my class", "this class", "your class", "in class")]
    if not found:
        return ""
    return " ".join(min(found, key=lambda match: match.start()).group().split())[:80]


def _name_at(text: str, start: int) -> str:
    """Up to three name words, and once "and" or a comma with up to three more, as long as they look like a name."""
    rest = text[start : start + 120].split("\n", 1)[0]
    words: list[str] = []
    in_row, place = 0, 0
    for word in re.finditer(rf"\s*({_NAME})|\s*(,|&)|\s*(\S)", rest):
        said = word.group(1)
        if (said and said.lower() == "and") or word.group(2) == "&":
            if not in_row or "and" in words or not _looks_like_name(rest[word.end() :]):
                break
            words.append("and")
            in_row = 0
        elif said and said.lower() not in _STOP and in_row < 3:
            # Lower-case writers write lower-case names; but a name that began with a capital does not go on without one.
            if in_row and words[-1][:1].isupper() and not said[:1].isupper():
                break
            words.append(said.removesuffix("'s").removesuffix("’s"))
            in_row += 1
        else:
            break
        place = word.end()
    while words and words[-1] == "and":
        words.pop()
    if place == 0 or (words and words[0].islower() and len(words) > 3):
        return ""
    return " ".join(words)[:200]


def _looks_like_name(rest: str) -> bool:
    following = re.match(rf"\s*({_NAME})", rest)
    return bool(following) and following is not None and following.group(1)[:1].isupper() and following.group(1).lower() not in _STOP
