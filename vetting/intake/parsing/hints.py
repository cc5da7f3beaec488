"""What the sender says of children and a class. Hints for a person's eye and for ranking; never required, never proof."""

import re

from vetting.intake.parsing.vocabulary import words as word_set

MOST_CHILDREN = 8
_MOST_CHARACTERS = 10_000
_RELATION = (
    r"(?:mum|mummy|mam|mom|mommy|mumma|mama|dad|daddy|mother|father|parents?|carers?|guardians?|nan|nanny|nana|granny|gran|grandma"
    r"|grandad|granddad|"
    r"grandmother|grandfather|grandparents?|aunty?|auntie|uncle|step-?\s?(?:mum|dad|mother|father|parent)|foster (?:carer|mum|dad|parent))"
)
_ABROAD = (
    r"(?:maman|papa|père|mère|parent|mutter|vater|mama|mamá|papá|madre|padre|mãe|pai|mamma|papà|moeder|vader|tata"
    r"|mam[aă])\s+(?:de|d'|von|di|van|do|da|lui)"
)
_CHILD = (
    r"(?:son|daughter|child|children|kids?|boys?|girls?|grandson|granddaughter|grandchild(?:ren)?|little one|twins|sons"
    r"|daughters|stepson|stepdaughter)\b"
)
_NAME = r"[^\W\d_](?:[^\W\d_]|['’\-])*(?![\w])"
_AFTER = re.compile(
    rf"\b{_RELATION}(?:\s*(?:and|/|or|&)\s*{_RELATION})?\s*(?:of|to|for)\s*:?\s+(?:{_CHILD}\s+|my\s+|twins\s+|both\s+)?"
    rf"|\b{_ABROAD}\s+"
    rf"|\b(?:my|our)\s+(?:\w+\s+)?{_CHILD}(?:['’]s?\s+names?)?(?:\s+in\s+(?:\w+\s+){{1,3}}?(?=is|called|named))?(?:\s*(?:is|are)\b)?\s*(?:called\s+|named\s+)?[,:]?\s*"
    rf"|\bi\s+have\s+(?:\w+\s+){{1,3}}{_CHILD}\s*(?:(?:at|in)\s+(?:the|your|this)\s+school)?\s*(?:,|:|called|named|-|–)?\s*"
    r"|^[^\w\n]{0,20}(?:names? of (?:your\s+)?(?:child(?:ren)?|pupils?)|(?:your\s+|my\s+|full\s+)?(?:child|children|pupil|pupils|student"
    r"|son|daughter)(?:'s|’s|s'|s’|\(ren\))?"
    r"(?:\s+(?:full\s+|first\s+)?names?(?:\(s\))?)?)\s*\*?\??\s*(?:[:=\t\-–]\s*|\n\s*(?=[A-Z]))",
    re.I | re.M,
)
_LABEL = re.compile(r"[:=\t\-–\n]\s*$")
# Bounded, like every stretch here that can be tried from many places: otherwise a hostile text takes quadratic time.
_NAMES_BEFORE = r"[A-Z][\w\-]{0,40}(?:\s{1,6}[A-Z][\w\-]{0,40})?"
_BEFORE = re.compile(
    rf"(?<![\w\-])((?:{_NAMES_BEFORE}(?:\s{{0,6}},\s{{0,6}}|\s{{1,6}}(?:and|&)\s{{1,6}})){{0,3}}{_NAMES_BEFORE})(?:['’]s|s['’])\s+{_RELATION}\b"
)
_STOP = word_set(
    """
    who is in and at from on the a an my our your his her their twitter x name handle username account i im i'm we he she
    they it thanks thank please kind regards best many cheers year yr class reception nursery has have was are would could
    can will with for to also but or so this that if hope year's aged age of tree two three four parent mum dad both pupil
    pupils child children there here too school hi hello dear good morning afternoon evening subject re fw fwd sent form group mr mrs
    ms miss dr mx i’m names follow following request requested phone tel email e-mail date
    """
)
_ROOM = (
    r"(?:[Yy]ear|[Yy]r|YEAR)\s*\.?\s*(?:1[0-3]|[1-9]|one|two|three|four|five|six)(?:\s?[A-Za-z](?![\w]))?|[Yy]\s?(?:1[0-3]|[1-9])[A-Za-z]?|(?:1[0-3]"
    r"|[1-9])[A-HJ-Z]{1,2}"
    r"|[Rr]eception|[Nn]ursery|[Pp]re-?school|[Ff]oundation stage|(?:[Cc]lass|[Ff]orm)\s+\w{1,12}|[A-Z][a-z]+\s+class|(?:Mr|Mrs|Ms|Miss|Mx"
    r"|Dr)\.?\s+[A-Z][\w'’\-]+(?:\s+class)?"
)
_IN_ROOM = re.compile(
    rf"\s*,?\s*(?:\((?:[^()\n]{{1,30}})\)|(?:who\s+is\s+)?(?:is\s+)?(?:in|from|of|-|–)?\s*(?:{_ROOM})\b(?:\s+(?-i:[A-Z][a-z]+)\b)?)", re.I
)
_BESIDE = re.compile(
    rf"\b([A-Z](?:[^\W\d_]|['’\-]){{1,40}}(?:[ \t]{{1,6}}[A-Z](?:[^\W\d_]|['’\-]){{1,40}}){{0,2}})[ \t]{{0,6}}(?:,|\(|-|–|is in|in"
    rf"|from)?[ \t]{{0,6}}(?:in[ \t]{{1,6}})?(?:{_ROOM})\b"
)
_YEAR = re.compile(
    r"\b(?:year|yr)\s*\.?\s*(?:1[0-3]|[1-9]|one|two|three|four|five|six)\b(?:\s+(?!is\b|and\b|my\b|the\b|at\b|in\b|so\b"
    r"|with\b)[A-Z][a-z]+\b)?"
    r"|\by\s?(?:1[0-3]|[1-9])[a-z]?\b(?:\s+[A-Z][a-z]+\b)?|\b(?:reception|nursery|pre-?school|foundation stage)\b(?:\s+class\b)?",
    re.I,
)
_CLASS = re.compile(
    r"\b(?:class|form)\s+(?:[1-9][0-3]?[A-Za-z]{0,2}|[A-Z][a-z]+)\b|\b[A-Z][a-z]+ class\b|\b(?:[1-9]|1[0-3])[A-HJ-Z]{1,2}\b"
    r"|\b(?:Mr|Mrs|Ms|Miss|Mx|Dr)\.?\s+[A-Z][\w'’\-]+?(?:['’]s?)?\s+class\b"
)
_NO_CLASS = ("the class", "my class", "this class", "your class", "in class", "our class")


def children(text: str) -> tuple[str, tuple[str, ...]]:
    """The child as the sender wrote it first ("Ada and Ben Hill"), and the names of all children spoken of, one by one."""
    text = text[:_MOST_CHARACTERS]
    first, found = "", []
    for cue in _AFTER.finditer(text):
        place = cue.end()
        for _ in range(MOST_CHILDREN):
            name, end = _name_at(text, place, label=bool(_LABEL.search(cue.group())))
            if not name:
                break
            first = first or name
            found += re.split(r"\s*,\s*|\s+and\s+|\s*&\s*", name)
            following = _after_room(text, end)
            if following is None:
                break
            place = following
    for before in _BEFORE.finditer(text):
        if before.group(1).split()[0].lower() not in _STOP:
            first = first or before.group(1)
            found += re.split(r"\s*,\s*|\s+(?:and|&)\s+", before.group(1))
    found = [name for name in found if name and name.split()[0].lower() not in _STOP] or _beside(text)
    return (first or (found[0] if found else ""))[:200], tuple(dict.fromkeys(found))[:MOST_CHILDREN]


def class_name(text: str) -> str:
    """A class or year as written ("Year 4 Oak", "6B", "Mrs Patel's class")."""
    text = text[:_MOST_CHARACTERS]
    found = [match for pattern in (_YEAR, _CLASS) if (match := pattern.search(text))]
    found = [match for match in found if match.group().lower() not in _NO_CLASS]
    if not found:
        return ""
    return " ".join(min(found, key=lambda match: match.start()).group().split())[:80]


def _beside(text: str) -> list[str]:
    """ "Ada Hill, 6B": a name directly before a class."""
    return [match.group(1) for match in _BESIDE.finditer(text) if not any(word.lower() in _STOP for word in match.group(1).split())]


def _after_room(text: str, end: int) -> int | None:
    """Where the next name of "Ada in Year 4 and Ben in Year 2" begins; None when there is none."""
    room = _IN_ROOM.match(text, end)
    if not room:
        return None
    following = re.compile(r"\s*(?:,\s*and|,|and|&)\s+(?:my\s+)?(?:(?:son|daughter)\s+)?(?=[A-Z])").match(text, room.end())
    return following.end() if following and _looks_like_name(text[following.end() : following.end() + 60]) else None


def _name_at(text: str, start: int, *, label: bool = False) -> tuple[str, int]:
    """Up to three name words, then after "and" or a comma more of them, as long as they look like names; and where they end."""
    rest = text[start : start + 120].split("\n", 1)[0]
    words: list[str] = []
    in_row, place = 0, 0
    for word in re.finditer(rf"\s*({_NAME})|\s*(,|&)|\s*(\S)", rest):
        said, sign = word.group(1), word.group(2)
        if (said and said.lower() == "and") or sign:
            goes_on = _looks_like_name(rest[word.end() :]) and (sign != "," or label or _is_list(rest[word.end() :]))
            if not in_row or not goes_on:
                break
            words.append("," if sign == "," else "and")
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
    while words and words[-1] in ("and", ","):
        words.pop()
    if place == 0 or not words or (words[0].islower() and len(words) > 3):
        return "", start
    return " ".join(words).replace(" ,", ",")[:200], start + place


def _is_list(rest: str) -> bool:
    """Whether the name after a comma is followed by another "and" or comma: "Ada, Ben and Zoe", unlike "Ada, Dana Hill"."""
    return bool(re.match(rf"\s*{_NAME}(?:\s+{_NAME})?\s*(?:,|&|\band\b)\s*{_NAME}", rest))


def _looks_like_name(rest: str) -> bool:
    following = re.match(rf"\s*({_NAME})", rest)
    return bool(following) and following is not None and following.group(1)[:1].isupper() and following.group(1).lower() not in _STOP
