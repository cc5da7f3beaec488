"""What tells that a Twitter name follows: cue phrases, labels of forms, other platforms' names. Patterns only.

Space is bounded in all of them: two unbounded stretches side by side take quadratic time on a mail full of spaces.
"""

import re
from collections.abc import Iterator

from vetting.intake.parsing.vocabulary import words

# Letters of any script and what hides among them: joiners, accents of their own, the full-width underscore, an escaped underscore.
RUN_CHARACTER = r"[\w.'’\-＿‿\u0300-\u036f\u200c\u200d\ufe00-\ufe0f]"
RUN = rf"(?:{RUN_CHARACTER}|\\_){{1,60}}+"

_TWITTER = r"(?:twit{1,3}er|twi?tt?er|tiwtter|twitte|twitetr|twittr|twiiter|tweet(?:er|ing)?)"
PLATFORM = (
    rf"(?:{_TWITTER}(?:\s*(?:\(\s*(?:now\s+)?x\s*\)|/\s*x\b|\s+\(?formerly|\s*-?\s*aka\s+x))?"
    rf"|x\s*(?:\(\s*(?:formerly\s+|was\s+|aka\s+)?{_TWITTER}\s*\)|/\s*{_TWITTER}|,?\s+formerly\s+{_TWITTER}))"
)
KIND = (
    r"(?:user\s?-?\s?names?|usernmae|screen\s?-?\s?names?|handles?|handels?|hadle|accounts?(?:\s+names?)?|names?|naem|nmae"
    r"|profiles?(?:\s+names?)?|user\s?id|id|@|tag)"
)
_LINK = r"is|was|are|will be|would be|=|:|\t|-|–|—|→|->|it['’]?s|called|under|named"
_SAYS = rf"(?:\s*\((?:[^()\n]{{1,30}})\))?\s*(?:(?:{_LINK})\s*){{1,3}}(?:now\s+|still\s+|just\s+)?"
_WHOSE = r"(?:my|our|his|her|their|the|mum['’]?s|dad['’]?s|husband['’]?s|wife['’]?s|partner['’]?s|parent['’]?s)"
_FAMILY = r"(?:husband|wife|partner|mum|mother|dad|father|nan|gran|sister|brother|boyfriend|girlfriend|ex)"
_TO_BE = r"(?:ist|est|es|è|é|to|este|jest|heißt|lautet|heet|är|er|on|е|is'n|yra)"


def _cue(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern.replace(r"\s*", r"\s{0,6}").replace(r"\s+", r"\s{1,6}"), re.I | re.M)


# Every spelling of Twitter above holds one of these; most mails hold none, which is quickly seen.
_SPELLINGS = ("twit", "tweet", "tiwt", "twtt", "twii", "twet")
_X_ALONE = re.compile(r"[xX](?<!\w.)(?!\w)")
_WORTH = (
    "@",
    "＠",
    "_",
    "handle",
    "hadle",
    "handel",
    "user",
    "account",
    "request",
    "screen",
    "x.com",
    ".com%2f",
    "%2fx",
    "&#",
    *_SPELLINGS,
)
_CUE_WORD = re.compile(rf"{'|'.join(_SPELLINGS)}|handle|user|account|request|husband|wife|partner|(?<!\w)x(?!\w)")
_LINES_AFTER = 8
_NEEDS = {"name": ("handle", "user", "account"), "request": ("request",)}
_CUES = tuple(
    (rule, needs, _cue(pattern))
    for rule, needs, pattern in (
        (
            "label",
            "platform",
            rf"^[^\S\n>]*[>*•\-\s\d.)]{{0,6}}(?:what(?:['’]s| is)\s+)?(?:your\s+|my\s+|our\s+|parent(?:/carer)?['’]?s?\s+"
            rf"|mum['’]?s?\s+|dad['’]?s?\s+)?(?:{PLATFORM}|x)"
            rf"(?:\s*{KIND})(?:\s*\([^()\n]{{1,60}}\))?\s*[*?]?\s*(?:\n\s*|[:=\t]\s*|[-–—]\s+)",
        ),
        (
            "label",
            "name",
            rf"^[^\S\n>]*(?:[>*•\-]\s*)?(?:my\s+|our\s+)?(?:{PLATFORM}|handle"
            rf"|user\s?name)(?:\s*\([^()\n]{{1,60}}\))?\s*[*?]?\s*(?:[:=\t]\s*|[-–—]\s+)",
        ),
        ("label", "platform", rf"(?:^|[,;|/.?!]\s)\s*(?:{PLATFORM}|(?-i:X))\s*(?:{KIND}\s*)?[:=]\s*"),
        ("cue", "platform", rf"\b(?:{PLATFORM}|x)(?:['’]s)?\s+{KIND}(?:\s+(?:there|here|on there))?{_SAYS}"),
        ("cue", "platform", rf"\b{PLATFORM}\s*-?\s*{KIND}\s+(?:from|to)\s+"),
        ("cue", "platform", rf"\b{KIND}\s+(?:on|for|in|at)\s+(?:{PLATFORM}|x){_SAYS}"),
        (
            "cue",
            "name",
            rf"\b{_WHOSE}\s+(?:new\s+|own\s+|personal\s+|actual\s+|old\s+)?(?:handles?|user\s?names?|accounts?(?:\s+names?)?"
            rf"|{PLATFORM}){_SAYS}",
        ),
        ("cue", "name", r"\b(?:handle|user\s?name)\s+(?:from|to)\s+"),
        ("cue", "family", rf"\b(?:my|and)\s+{_FAMILY}(?:['’]s)?(?:\s+(?:one|{PLATFORM}|name|handle|account)){{0,2}}\s+is\s+"),
        ("cue", "request", r"\bfollow(?:er)?\s+request\s+(?:will be\s+|is\s+|was\s+|has come\s+|sent\s+)?(?:from|under|as)\s+"),
        (
            "cue",
            "request",
            r"\brequest(?:ed|ing)?(?:\s+to\s+follow)?(?:\s+you)?\s+(?:will be\s+|is\s+|was\s+|has come\s+)?(?:from|under|as)\s+",
        ),
        (
            "cue",
            "platform",
            rf"\b(?:on|via)\s+(?:{PLATFORM}|(?-i:X))\s*,?\s*(?:as|i\s?['’]?a?m|it['’]?s|we\s?['’]?a?re|under|my name is|known as"
            rf"|called|at)\s+",
        ),
        (
            "cue",
            "platform",
            rf"\b(?:follow(?:ing|ed)?|requested)\s+(?:\w+\s+){{0,3}}on\s+(?:{PLATFORM}|(?-i:X))\s+(?:as|under|from|using|with)\s+",
        ),
        ("cue", "name", r"\b(?:user\s?name|handle)\s+"),
    )
)


def in_question(text: str) -> Iterator[tuple[str, re.Pattern[str]]]:
    """The cues that may stand in the text, told by words they cannot do without."""
    lowered = text.lower()
    platform = names_platform(text, lowered)
    for rule, needs, pattern in _CUES:
        if platform or any(word in lowered for word in _NEEDS.get(needs, ())):
            yield rule, pattern


def windows(text: str) -> list[tuple[int, int]]:
    """The stretches in which a cue may stand: whole lines around the words cues are made of, with the line before and two after."""
    lowered = text.lower()
    if len(lowered) != len(text):
        return [(0, len(text))]
    found: list[tuple[int, int]] = []
    place = 0
    while word := _CUE_WORD.search(lowered, place):
        start = text.rfind("\n", 0, max(0, text.rfind("\n", 0, word.start()))) + 1
        end = word.end()
        for _ in range(_LINES_AFTER):
            end = text.find("\n", end) + 1 or len(text)
        place = max(end, word.end())
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], end)
        else:
            found.append((start, end))
    return found


def names_platform(text: str, lowered: str) -> bool:
    """Whether Twitter may be named: quick, and never wrong when it says no."""
    return any(spelling in lowered for spelling in _SPELLINGS) or bool(_X_ALONE.search(text))


def says_twitter(text: str) -> bool:
    """Whether the text speaks of Twitter in so many words; a bare "x" is not enough."""
    lowered = text.lower()
    return ("x.com" in lowered or names_platform(text, lowered)) and bool(_SAID.search(text))


def speaks_of_following(text: str) -> bool:
    """Whether the text is about following the school, without naming Twitter."""
    lowered = text.lower()
    return any(word in lowered for word in ("follow", "request", "handle", "user")) and bool(_ABOUT.search(text))


def may_have(text: str) -> bool:
    """Whether it is worth looking for a name: quick, and never wrong when it says no."""
    lowered = text.lower()
    return any(word in lowered for word in _WORTH) or not text.isascii() or bool(_X_ALONE.search(text))


# "Mein Twitter-Name ist dana_h84", "Mon nom Twitter est dana_h84": any language, for words that look like a name themselves.
FOREIGN = _cue(rf"\btwitter[\w\-]{{0,12}}(?:\s+[^\W\d_]{{1,12}}){{0,2}}\s*(?:{_TO_BE}\s+|[:=：]\s*)")
# "Twitter name dana_h84", with nothing between: for words that look like a name themselves.
BARE = _cue(rf"\b(?:{PLATFORM}|(?-i:X))\s+(?:{KIND}\s+)?(?=\w*[A-Za-z_])(?=\w*[\d_])(?=\w)")
FOREIGN_WORD = re.compile(r"טוויטר|تويتر|تويتر|ٹوئٹر|توییتر|ट्विटर|টুইটার|ਟਵਿੱਟਰ|твит+ер|твітер|ツイッター|推特|트위터|τουίτερ|тви́ттер", re.I)
LATIN_NAME = re.compile(r"(?<![\w.@/\-])(?=[A-Za-z0-9_]*[A-Za-z])[A-Za-z0-9_]{4,15}(?![\w@/]|\.\w)")
NAMED_ON = _cue(
    rf"\b(?:i\s?['’]?a?m|we\s?['’]?a?re|it['’]?s|is|called|known as|goes by|under|find me as|as|at)\s+"
    rf"[\"'“”‘’*]?(?P<name>{RUN})[\"'“”‘’*]?\s+on\s+(?:{PLATFORM}|x\b)"
)
OTHER_PLATFORM = re.compile(
    r"\b(?:insta(?:gram)?|facebook|fb|face\s?book|tik\s?tok|snap(?:chat)?|threads|whats\s?app|linked\s?in|you\s?tube|mastodon"
    r"|bluesky|blue\s?sky|discord|telegram|signal|skype"
    r"|teams|pinterest|reddit|github|e-?mail(?:\s+address)?(?=\s*(?::|is\b)))",
    re.I,
)
ON_THIS = re.compile(rf"[\"'”’]?\s{{1,3}}on\s(?:{PLATFORM}|(?-i:X\b))", re.I)
ON_OTHER = re.compile(rf"[\"'”’]?\s{{1,3}}(?:on|in|for|\()\s?{OTHER_PLATFORM.pattern}", re.I)
THIS_PLATFORM = re.compile(rf"\b(?:{PLATFORM}|x)\b", re.I)
TOGETHER = re.compile(r"\s{0,3}(?:/|&|\+|,|and|or)\s{0,3}(?:my\s+)?", re.I)
EXAMPLE = re.compile(r"(?:e\.?\s?g\.?,?|for example,?|such as|for instance,?|example:?|like|i\.e\.)\s*[\"'“‘(]?$", re.I)
_SAID = re.compile(rf"(?i:\b{_TWITTER}|twitter|\bx\.com\b|\bon x\b(?!-))|\bX\s(?i:\(|name|handle|account|user|profile)")
_ABOUT = re.compile(
    r"\bfollow(?:er|ers)\b|\bfollowing (?:the school|you)\b|\b(?:to|can|let me|may i|could i) follow\b"
    r"|\bfollow (?:request|you|the school|your)"
    r"|\b(?:accept|approve) (?:my|our|the) request|\b(?:my|our) (?:handle|user\s?name)\b",
    re.I,
)

_ONLY_NAMES_OF_ENDINGS = """
    and but thanks thank please i im i'm we my mum mummy dad daddy the a an is for to on in if hope so can could would
    parent mother father not no with from as it it's its that this child or who because kind regards many best cheers xx
    though also mother's carer of at he she are was be private locked new different same one here below now then just still
    only asking sent requesting attached mine hers his using through by you your me us they our when what which has have had
    do does dont don't cant can't will ok okay yes above follow following requested request all there too
"""
ENDS = words(_ONLY_NAMES_OF_ENDINGS)
NOT_NAMES = ENDS | words(
    """
    name names handle handles username account accounts twitter called under either unknown none public protected really very n/a
    na nil tbc tba
    broken working down gone blocked suspended hacked disabled active inactive closed deleted deactivated great good fine bad old
    set setup ready open visible hidden pending waiting back online offline up out off x yet always never already currently
    fake real genuine safe important needed required optional ist est etc more like about spelt spelled written before after
    followed how where why something nothing anything someone listed shown linked included enclosed
    """
)
AT_WORDS = words(
    "media import font-face charset keyframes supports page namespace layer all everyone here channel param return author override"
)
CLASS_LIKE = re.compile(r"(?:y|yr|year)?\d{1,2}(?:[a-z]{0,2}|(?:st|nd|rd|th))", re.I)
TIME_LIKE = re.compile(r"\d{1,2}(?:[.:]?\d{2})?\s?(?:am|pm|ish|hrs?)?", re.I)
SPELLED = (
    (re.compile(r"\s*(?:\(|\b)under\s?-?\s?score(?:\)|\b)\s*", re.I), "_"),
    (re.compile(r"\s*\bdash\b\s*|\s*\bhyphen\b\s*", re.I), "-"),
)
ONE_WORD = re.compile(r"\b(?:all\s+)?(?:as\s+)?one word\b|\bno (?:spaces?|gaps?)\b|\ball together\b|\bwithout (?:a |any )?spaces?\b", re.I)
DOMAIN_END = re.compile(
    r"\.(?:com|org|net|uk|co|sch|school|edu|gov|test|example|info|io|eu|ie|me|live|email|local|de|fr|es|it|nl|pl|biz|cc|tv|us|ca|au"
    r"|academy|nhs|ac)\.?$",
    re.I,
)
ALONE = re.compile(r"^[ \t]*((?=[A-Za-z0-9_]*[_0-9])(?=[A-Za-z0-9_]*[A-Za-z]{2})[A-Za-z0-9_]{4,15})[ \t]*[.!]?[ \t]*$", re.M)
UNDERSCORED = re.compile(
    r"(?<![\w.@/\-=&?])(?!IMG_|DSC_|VID_|PXL_|utm_|image_|screenshot_)(?=[A-Za-z0-9_]{4,15}(?![\w@/]|\.\w|-\w))[A-Za-z0-9]+_[A-Za-z0-9_]+",
    re.I,
)
