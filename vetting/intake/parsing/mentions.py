"""Whether a Twitter name is spoken of as somebody else's: warned of, asked about, denied. Patterns within one sentence only.

Where the sentence says "my name is" just before it, the name is the sender's whatever else stands there. To be wrong here costs a
question; to be wrong the other way would let a stranger pass for the family that warned of them.
"""

import re

from vetting.intake.parsing.owning import tells_of_another
from vetting.intake.parsing.parsed import ZoneKind

MENTIONED = "mentioned"
_BEFORE = 160
_AFTER = 80

_SENTENCE_ENDS = re.compile(r"[.!?;](?=\s)|\n\s{0,3}\n|\n(?=[A-Z>*•-])")
_OWN = re.compile(
    r"\b(?:my|our)\s(?:\w{1,12}\s){0,3}(?:handle|name|account|user\s?name|twitter|x|id|@)(?:\s\w{1,10}){0,2}?"
    r"\s?(?:is|was|:|=|-|–)\s{0,3}[\"'“‘(@]{0,2}$"
    r"|\b(?:i am|i['’]m|it['’]s|we are|we['’]re|this is)\s{0,2}(?:called\s|on\s\w{1,8}\s(?:as\s)?)?[\"'“‘(@]{0,2}$",
    re.I,
)
_DENIED = re.compile(r"\b(?:not|isn['’]?t|never)\s{0,2}[\"'“‘(@]{0,2}$", re.I)
_TURNED_AWAY = re.compile(
    r"\b(?:do\s?n[o'’]?t|don['’]?t|never|not|refuse|decline|reject|block|remove|ignore|report|beware of|wary of|careful (?:of|with)"
    r"|watch out for|keep out|kick out|get rid of|nothing to do with|no idea who|warn\w{0,4} (?:you )?(?:of|about))\b[^,;:\n]{0,50}$",
    re.I,
)
_OTHERS = re.compile(
    r"\b(?:my|the|his|her|their|our)\s(?:\w{1,12}\s){0,2}?(?:ex|ex-\w{2,10}|neighbou?rs?|friends?|colleagues?|boss|landlord|lodger)\b(?![:])"
    r"|\b(?:stranger|somebody|someone|some (?:man|woman|guy|account|person)|fake|impost[eo]r|imperson\w{1,8}|pretend\w{0,4}"
    r"|suspicious|scam\w{0,4}|hacked|creepy|weird|odd|strange)\b|\b(?:used to be|formerly|previously|i was)\s{0,2}[\"'“‘(@]{0,2}$",
    re.I,
)
_ASKED = re.compile(
    r"^\s{0,3}(?:and\s|but\s|also\s)?(?P<is>is|are|was)?"
    r"(?(is)\s{1,3}[\"'“‘(@]{0,2}$|(?:who(?:['’]s)?|whose|do you know|does|have you|has|any idea)\b)",
    re.I,
)
_KNOWN_TO_YOU = re.compile(
    r"^[\"'”’)]{0,2}\s{1,3}(?:one|an?|you|yours|known|real|genuine|any\w{0,4}|some\w{0,4}|part|from|connected)\b", re.I
)
_THEN_DENIED = re.compile(
    r"^[\"'”’)]{0,2}(?:\s(?:on|at)\s(?:twitter|x))?[,.]?\s{0,2}(?:(?:that|it|this|which)\s)?(?:is|was|are|['’]s)?\s?(?:not\b|n['’]t\b|isn['’]?t\b|wasn['’]?t\b|nobody\b|fake\b"
    r"|an? impost|pretend|my ex\b|nothing to do)",
    re.I,
)


def is_of_another(text: str, start: int, end: int, *, alone: bool = False) -> bool:
    """Whether the sentence around the name says that it is not the sender's, asks whose it is, or tells of somebody else.

    `alone`: it stands alone on its line.
    """
    before = _SENTENCE_ENDS.split(text[max(0, start - _BEFORE) : start])[-1]
    after = text[end : end + _AFTER]
    if _DENIED.search(before):
        return True
    if _OWN.search(before):
        return False
    return (
        _THEN_DENIED.match(after) is not None
        or _is_asked(before, after)
        or _TURNED_AWAY.search(before) is not None
        or _OTHERS.search(before) is not None
        or tells_of_another(before, after, alone=alone)
    )


def _is_asked(before: str, after: str) -> bool:
    """Whether it is a question whose name that is: "who is @sam?", "is @sam one of yours?"."""
    question = _ASKED.match(before)
    if question is None or "?" not in re.split(r"[.!;\n]", after, maxsplit=1)[0]:
        return False
    return not question["is"] or _KNOWN_TO_YOU.match(after) is not None


def stands_beside(zone: str, rule: str, *, own_forward: bool = False) -> bool:
    """Whether a name that was read is nobody's claim: quoted, forwarded, in a signature or a disclaimer, or spoken of as another's.

    With `own_forward` a colleague passed the message on, and what is forwarded are the sender's own words. A name without a zone was
    typed, not read.
    """
    own = {"", ZoneKind.NEW, ZoneKind.SUBJECT, *((ZoneKind.FORWARDED,) if own_forward else ())}
    return rule == MENTIONED or zone not in own
