"""Whether a sentence says of a Twitter name that it is the sender's own, or tells something about whoever has it.

What people write about somebody else cannot be listed in full, so a sentence that speaks of others, goes on about the name, or says much
without any of the ways of saying "mine" makes it a name that is only mentioned: then a colleague says which one is meant.
"""

import re

# A name just before, in a list: "@dana_hill and also @dana_h".
_LISTED = r"(?:[\"'“”‘’(]{0,2}@?[A-Za-z0-9_]{1,15}[\"'“”‘’)]{0,2}\s{0,2}(?:,|and also|and|or|also|&|/)\s{0,2}){0,3}"
_HERE = r"[\"'“‘(\[<]{0,2}$"
_IS = r"\s{0,3}(?:\b(?:is|was|being|are|will be|called|as)\b|[:=–—-]|['’]s)?\s{0,3}(?::\s{0,2})?"
_WHAT = r"(?:handle|name|account|user\s?name|twitter|x|id|profile|tag|nickname|@)"
_PLACE = r"(?:\s(?:name|handle|account|id|profile|on (?:twitter|x)|for (?:twitter|x)|there|here)){0,3}"
_THIRD = re.compile(
    r"\b(?:he|she|they|him|her|hers|his|them|their|theirs|man|woman|guy|bloke|people|person|stranger|somebody|someone|anyone|anybody"
    r"|daughters?|sons?|kids?|children|photos?|pictures?|messag\w{2,5}|worr\w{2,5}|concern\w{0,3}|fake|hacked|pretend\w{0,4}"
    r"|ex|neighbou?r|friends?|brother|sister|cousin)\b",
    re.I,
)
_MINE = re.compile(
    rf"\b(?:my|our)\s(?:\w{{1,12}}\s){{0,3}}?{_WHAT}{_PLACE}{_IS}{_LISTED}{_HERE}"
    rf"|\b(?:i am|i['’]?m|we are|we['’]re|it is|it['’]?s|that['’]?s|this is|i go by|i use|i have|known as|called|find me)"
    rf"(?:\s(?:on|called|known|as|at|twitter|x|also|just|now|the|under|by|account|handle|name)){{0,4}}?\s{{0,2}}[:–—,-]?\s{{0,2}}{_LISTED}{_HERE}",
    re.I,
)
_LABEL = re.compile(rf"^\W{{0,3}}(?:\w{{1,12}}['’]?s?\s){{0,3}}?{_WHAT}{_PLACE}{_IS}{_LISTED}{_HERE}", re.I)
_I_ASKED = re.compile(
    r"\b(?:i|we)\b[^@]{0,60}?\b(?:follow\w{0,3}|request\w{0,3}|ask\w{0,3}|appl\w{1,3}|sign\w{0,4}|join\w{0,3}|sent|send|tweet|made|created"
    r"|changed|set up|registered)\b[^@]{0,60}?"
    rf"\b(?:as|under|from|with|using|by|via|through|account|name|handle|is|to)\s(?:\w{{1,10}}\s){{0,3}}?{_HERE}",
    re.I,
)
_LET_ME_IN = re.compile(
    r"\b(?:please|pls|can|could|would|kindly)\b[^@]{0,40}?\b(?:accept|approve|add|let|allow|confirm|verify|admit)\b"
    rf"(?:\s(?:me|us|my|our|the|to|in|follow|following|request|requests|account|on|twitter|x|school|as|from|name|user|handle|is)){{0,9}}\W{{0,3}}{_LISTED}{_HERE}",
    re.I,
)
_REQUEST_FROM = re.compile(rf"^\W{{0,3}}(?:\w{{1,12}}\s){{0,4}}?requests?\s(?:is\s)?(?:from|by|as|under|for)?\s?{_HERE}", re.I)
_THEN_MINE = re.compile(
    r"^[\"'”’)\]>]{0,2}\s{0,2}(?:[,(–—-]\s{0,2})?(?:(?:that['’]?s|that is|it['’]?s|which is|this is|is|=|are)\s)?"
    r"(?:also\s)?(?:my|our|mine|ours|me)\b(?!\s(?:ex|neighbou?r|friend|boss)\b)",
    re.I,
)
_SAYS_NOTHING = re.compile(
    r"(?:hi|hello|dear|all|thanks|thank|you|many|regards|kind|best|please|pls|twitter|x|name|handle|account|username|user|id|profile|tag|follow"
    r"|follower|following|request|requests|add|accept|verify|verification|for|the|school|new|and|or|also|re|mum|dad|parent|of|in|class|year|is|on|from"
    r"|confirm|confirmation|approve|approval|access|my|our|me|y\d|\d{1,2}\w?|r)",
    re.I,
)
# "@x has been…", "@x keeps…": the sentence goes on about whoever that is.
_DOES = re.compile(
    r"^[\"'”’)]{0,2}\s{1,3}(?:has|is|was|keeps|sent|sends|wants|asked|asks|says|said|tried|tries|who|among|using)\b(?!\s(?:my|our|me|mine)\b)",
    re.I,
)
_MOST_OTHER_WORDS = 5
_NAME = re.compile(r"[A-Z][\w'’-]*")


def tells_of_another(before: str, after: str, *, alone: bool = False) -> bool:
    """Whether the sentence around a name, up to it and from it on, does not say that it is the sender's and speaks of something else.

    `alone`: it stands alone on its line.
    """
    if alone or _THEN_MINE.match(after) or _MINE.search(before):
        return False
    rest = _to_the_end(after)
    if _THIRD.search(before) or _THIRD.search(rest) or _DOES.match(rest):
        return True
    if any(way.search(before) for way in (_LABEL, _I_ASKED, _LET_ME_IN, _REQUEST_FROM)):
        return False
    words = f"{before} {rest}"
    return words.isascii() and _other_words(words) > _MOST_OTHER_WORDS


def _to_the_end(after: str) -> str:
    return re.split(r"[.!?;\n]", after, maxsplit=1)[0]


def _other_words(words: str) -> int:
    """How many words are neither greetings, labels nor people's names."""
    return sum(1 for word in re.findall(r"[\w'’-]+", words) if not _NAME.fullmatch(word) and not _SAYS_NOTHING.fullmatch(word))
