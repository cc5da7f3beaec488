"""Finding the Twitter names in what a parent wrote: candidates with the rule that found them, never a silent choice.

Twitter names match [A-Za-z0-9_]{1,15}. A name that is written exactly is read exactly; a name with a space, a dot or a hyphen in it is
only guessed at and marked repaired; a text with a letter Twitter does not know is kept without a name, never shortened to the part
before that letter. Of 8,867 ordinary mails an unbounded "@name" fires in 4,824 and this bounded one in 127.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from vetting.intake.parsing.html import unwrap_link
from vetting.intake.parsing.parsed import FoundName, Zone, ZoneKind
from vetting.intake.parsing.vocabulary import words as word_set
from vetting.intake.parsing.zones import zone_at
from vetting.values.handles import HANDLE_MAX

MOST_NAMES = 12
_VALID = re.compile(r"[A-Za-z0-9_]{1,15}")
_URL = re.compile(r"https?://[^\s<>\"]{4,2000}", re.I)
_PROFILE = re.compile(
    r"(?<![\w.@/\-])(?:https?://)?(?:www\.|mobile\.|m\.)?(?:twitter|x)\.com/(?:#!/)?@?"
    r"(?:intent/(?:user|follow)/?\?(?:[\w.%\-]{1,40}=[^&\s]{0,80}&){0,4}screen_name=)?([A-Za-z0-9_]{1,40})(?![A-Za-z0-9_])",
    re.I,
)
_RESERVED = word_set(
    """
    home i intent search share hashtag settings login signup explore messages status about tos privacy index notifications
    compose account download jobs help who_to_follow following followers logout oauth en
    """
)
_RUN = r"[\w.'’\-]{1,60}"
_AT = re.compile(rf"(?<![\w.@＠/+\-=])[@＠]({_RUN})(?!@|://)")
_DOMAIN_END = re.compile(r"\.(?:com|org|net|uk|co|sch|school|edu|gov|test|example|info|io|eu|ie|me|live|email)\.?$", re.I)
_PLATFORM = r"(?:twitter(?:\s*(?:\(\s*x\s*\)|/\s*x))?|x\s*(?:\(\s*(?:formerly\s+)?twitter\s*\)|/\s*twitter)|tweet(?:er|ing)?|twiter|twitte)"
_KIND = r"(?:user\s?-?\s?name|screen\s?-?\s?name|handle|account(?:\s+name)?|name|profile(?:\s+name)?|id|@|tag)"
_SAYS = r"(?:\s*\((?:x|formerly twitter|twitter)\))?\s*(?:(?:is|was|are|will be|would be|=|:|\t|-|–|—|→|->|it'?s|called|under)\s*){1,3}"
# Space is bounded in all of them: two unbounded stretches side by side take quadratic time on a mail full of spaces.
_CUES = tuple(
    (rule, re.compile(pattern.replace(r"\s*", r"\s{0,6}").replace(r"\s+", r"\s{1,6}"), re.I | re.M))
    for rule, pattern in (
        (
            "label",
            rf"^[^\S\n>]*[>*•\-\s]{{0,4}}(?:your\s+|my\s+|parent'?s?\s+)?(?:{_PLATFORM}|x)\s*{_KIND}\s*\*?\s*(?:\n|[:=\t]\s*|[-–—]\s+)",
        ),
        ("label", rf"^[^\S\n>]*(?:my\s+)?(?:{_PLATFORM}|handle|user\s?name)\s*\*?\s*[:=\t]\s*"),
        ("cue", rf"\b(?:{_PLATFORM}|x)(?:['’]s)?\s+{_KIND}(?:\s+(?:there|here|on there))?{_SAYS}"),
        ("cue", rf"\b{_KIND}\s+(?:on|for|in)\s+(?:{_PLATFORM}|x){_SAYS}"),
        ("cue", rf"\bmy\s+(?:new\s+|own\s+|personal\s+)?(?:handle|user\s?name|account(?:\s+name)?|{_PLATFORM}){_SAYS}"),
        ("cue", r"\bfollow(?:er)?\s+request\s+(?:will be\s+|is\s+|was\s+|has come\s+)?(?:from|under|as)\s+"),
        ("cue", r"\brequest(?:ed)?(?:\s+to\s+follow)?\s+(?:will be\s+|is\s+|was\s+|has come\s+)?(?:from|under|as)\s+"),
        ("cue", rf"\bon\s+{_PLATFORM}\s*,?\s*(?:as|i\s?['’]?a?m|it['’]?s|we\s?['’]?a?re|under|my name is|known as|called)\s+"),
        ("cue", r"\b(?:user\s?name|handle)\s+"),
    )
)
_NAMED_ON = re.compile(
    rf"\b(?:i\s?['’]?a?m|we\s?['’]?a?re|it['’]?s|called|known as|goes by|under|find me as)\s+"
    rf"[\"'“”‘’*]?({_RUN})[\"'“”‘’*]?\s+on\s+{_PLATFORM}",
    re.I,
)
_OTHER_PLATFORM = re.compile(r"\b(?:insta(?:gram)?|facebook|fb|tik\s?tok|snapchat|threads|whatsapp|linkedin|youtube|e-?mail)\b", re.I)
_THIS_PLATFORM = re.compile(rf"\b(?:{_PLATFORM}|x)\b", re.I)
_WORD = re.compile(r"[^\s,;!?()\[\]{}<>\"“”*|:]+")
_OPENING = " \t\"'“‘”*([<{_"
_ENDS = word_set(
    """
    and but thanks thank please i im i'm we my mum mummy dad daddy the a an is for to on in if hope so can could would
    parent mother father not no with from as it it's its that this child or who because kind regards many best cheers xx
    though also mother's carer of at he she are was be private locked new different same one here below now then just still
    only asking sent requesting attached mine hers his using through by you your me us they our when what which has have had
    do does dont don't cant can't will ok okay yes above follow following requested request all there too
    """
)
_NOT_NAMES = _ENDS | word_set("name handle username account twitter called under either unknown none public protected really very")
_CLASS_LIKE = re.compile(r"(?:y|yr|year)?\d{1,2}[a-z]{0,2}", re.I)
_SPELLED = ((re.compile(r"\s*\bunder\s?-?\s?score\b\s*", re.I), "_"), (re.compile(r"\s*\bdash\b\s*|\s*\bhyphen\b\s*", re.I), "-"))
_ONE_WORD = re.compile(r"\b(?:all\s+)?(?:as\s+)?one word\b|\bno spaces\b|\ball together\b", re.I)
_ALONE = re.compile(r"^[ \t]*((?=[A-Za-z0-9_]*[_0-9])(?=[A-Za-z0-9_]*[A-Za-z]{2})[A-Za-z0-9_]{4,15})[ \t]*[.!]?[ \t]*$", re.M)
_RANK = (ZoneKind.NEW, ZoneKind.FORWARDED, ZoneKind.SUBJECT, ZoneKind.SIGNATURE, ZoneKind.QUOTED, ZoneKind.FORWARDED_HEADER)


@dataclass(frozen=True)
class _Reading:
    start: int
    end: int
    handle: str | None
    repaired: bool
    rule: str


def find(text: str, zones: tuple[Zone, ...], subject: str) -> tuple[FoundName, ...]:
    """Every Twitter name in the text and the subject, best first; each name once, where it stands best."""
    about_twitter = bool(_THIS_PLATFORM.search(subject) or _THIS_PLATFORM.search(text))
    found = [_placed(reading, text, zone_at(zones, reading.start)) for reading in _readings(text, alone=about_twitter)]
    found += [_placed(reading, subject, ZoneKind.SUBJECT) for reading in _readings(subject, alone=False)]
    found.sort(key=lambda name: (name.repaired, name.handle is None, _RANK.index(name.zone), name.start))
    kept: list[FoundName] = []
    for name in found:
        same = (other for other in kept if other.zone is name.zone and other.start < name.end and name.start < other.end)
        overlapped = next(same, None)
        if any(other.handle == name.handle and (name.handle or other.written == name.written) for other in kept):
            continue
        # The same words read twice: an exact reading makes guesses at them, and the bare words, superfluous.
        if overlapped and (name.handle is None or not overlapped.repaired):
            continue
        kept.append(name)
    return tuple(kept[:MOST_NAMES])


def read_token(token: str) -> list[tuple[str | None, bool]]:
    """The names one written word may mean, each with whether it needed repair; [(None, False)] when it is no Twitter name."""
    folded = "".join(c for c in unicodedata.normalize("NFKC", token) if unicodedata.category(c) != "Cf")
    if _VALID.fullmatch(folded):
        return [(folded.lower(), False)]
    # "@dana_h84's" and "@dana_h84.Thanks": the name ended before that.
    goes_on = re.fullmatch(r"([A-Za-z0-9_]{1,15})(?:['’]s?(?:\.[A-Z][\w'’]*)?|\.[A-Z][\w'’]*)", folded)
    if goes_on:
        return [(goes_on.group(1).lower(), False)]
    if folded.isascii() or re.fullmatch(r"[A-Za-z0-9_.'’\-]+", folded):
        guesses = {re.sub(r"[.'’\-]", "", folded), re.sub(r"[.'’\-]+", "_", folded)}
        valid = sorted(guess.lower() for guess in guesses if guess != folded and _VALID.fullmatch(guess))
        return [(guess, True) for guess in valid] or [(None, False)]
    return [(None, False)]


def _placed(reading: _Reading, text: str, zone: ZoneKind) -> FoundName:
    written = " ".join(text[reading.start : reading.end].split())[:200]
    return FoundName(written, reading.handle, reading.repaired, reading.rule, zone, reading.start, reading.end)


def _readings(text: str, *, alone: bool) -> Iterator[_Reading]:
    for reading in _in_addresses(text):
        yield reading
    for reading in _at_names(text):
        yield reading
    for reading in _after_cues(text):
        yield reading
    for match in _NAMED_ON.finditer(text):
        if match.group(1).lower() not in _NOT_NAMES and not match.group(1).startswith("@"):
            yield from _as_token(text, match.start(1), match.group(1), "cue")
    if alone:
        for match in _ALONE.finditer(text):
            if not _CLASS_LIKE.fullmatch(match.group(1)):
                yield _Reading(match.start(1), match.end(1), match.group(1).lower(), False, "alone on its line")


def _in_addresses(text: str) -> Iterator[_Reading]:
    for match in _PROFILE.finditer(text):
        yield from _profile(match.group(1), match.start(), match.end())
    for link in _URL.finditer(text):
        plain = unwrap_link(link.group())
        if plain != link.group() and (inner := _PROFILE.match(plain)):
            yield from _profile(inner.group(1), link.start(), link.end())


def _profile(name: str, start: int, end: int) -> Iterator[_Reading]:
    if name.lower() not in _RESERVED:
        yield _Reading(start, end, name.lower() if len(name) <= HANDLE_MAX else None, False, "profile address")


def _at_names(text: str) -> Iterator[_Reading]:
    for match in _AT.finditer(text):
        token = match.group(1).rstrip(".'’-")
        if not token or _DOMAIN_END.search(token) or _on_another_platform(text, match.start()):
            continue
        end = match.start(1) + len(token)
        spaced = re.match(r" ([A-Za-z]{2,}[A-Za-z_]*\d{2,}\w*|\w*_\w+)(?![\w@.])", text[end : end + 40])
        if spaced and _VALID.fullmatch(token) and not _CLASS_LIKE.fullmatch(spaced.group(1)):
            yield from _spaced([token, spaced.group(1)], match.start(), end + spaced.end(), "@name", one_word=False)
            continue
        yield from _as_token(text, match.start(), token, "@name", end=end)


def _after_cues(text: str) -> Iterator[_Reading]:
    for rule, pattern in _CUES:
        for cue in pattern.finditer(text):
            if not _on_another_platform(text, cue.end()):
                yield from _value_at(text, cue.end(), rule)


def _value_at(text: str, start: int, rule: str) -> Iterator[_Reading]:
    """Read the words that follow a cue on the same line: one word exactly, several as guesses."""
    while start < len(text) and text[start] in _OPENING[:-1]:
        start += 1
    rest = text[start : start + 80].split("\n", 1)[0]
    at_sign = re.match(rf"[@＠]\s+({_RUN})", rest)
    if at_sign:
        yield from _as_token(text, start, at_sign.group(1).rstrip(".'’-"), rule, end=start + len(at_sign.group().rstrip(".'’-")))
        return
    if rest[:1] in ("@", "＠") or _PROFILE.match(rest) or rest.lower().startswith(("http", "www.")):
        return
    one_word = bool(_ONE_WORD.search(rest))
    words, end = _name_words(rest)
    if not words:
        return
    first = words[0]
    alone = len(words) == 1
    if alone or (re.search(r"[0-9_]", first) and len(first) > 3 and not _joins_on(words)):
        if first.lower() not in _NOT_NAMES and not _DOMAIN_END.search(first) and "@" not in first:
            yield from _as_token(text, start, first, rule, end=start + rest.index(first) + len(first))
        return
    if not any("@" in word for word in words) and first.lower() not in _NOT_NAMES:
        yield from _spaced(words, start, start + end, rule, one_word=one_word)


def _joins_on(words: list[str]) -> bool:
    """ "jane_smith 84": a stretch of digits after a name belongs to it; "underscore" says so itself."""
    return words[1].isdigit() or words[1] == "_" or any(word in ("_", "-") for word in words)


def _name_words(rest: str) -> tuple[list[str], int]:
    """Up to four words of a spaced or spelled-out name, and where they end."""
    plain = rest
    for pattern, sign in _SPELLED:
        # Of the same length, so that places in it are places in the text.
        for spelled in reversed(list(pattern.finditer(plain))):
            plain = plain[: spelled.start()] + f" {sign} ".ljust(len(spelled.group())) + plain[spelled.end() :]
    words: list[str] = []
    end = 0
    for match in _WORD.finditer(plain):
        gap = plain[end : match.start()]
        word = match.group().strip("'’‘").rstrip(".-–—") if match.group() not in ("_", "-") else match.group()
        if len(words) >= 6 or (words and gap.strip(" ")) or word.lower() in _ENDS or not word or word in ("–", "—"):
            break
        if words and _OTHER_PLATFORM.fullmatch(word):
            break
        words.append(word)
        end = match.start() + len(match.group().rstrip(".")) if match.group() not in ("_", "-") else match.end()
        if match.group().endswith("."):
            break
    return words, end


def _spaced(words: list[str], start: int, end: int, rule: str, *, one_word: bool) -> Iterator[_Reading]:
    """ "Jane Smith 84": the ways to write it as one name, all marked repaired; the bare words when none is possible."""
    spelled = any(word in ("_", "-") for word in words)
    if spelled or one_word:
        guesses = ["".join(words)]
    else:
        guesses = ["".join(words), "_".join(words)]
        guesses += ["".join(words[:2]), "_".join(words[:2])] if len(words) > 2 else []
        guesses.append(words[0])
    valid = list(dict.fromkeys(guess.lower() for guess in guesses if _VALID.fullmatch(guess)))
    for guess in valid:
        yield _Reading(start, end, guess, True, rule)
    if not valid:
        yield _Reading(start, end, None, False, rule)


def _as_token(text: str, start: int, token: str, rule: str, *, end: int | None = None) -> Iterator[_Reading]:
    stop = start + len(token) if end is None else end
    for handle, repaired in read_token(token):
        ended_early = handle is not None and not repaired and token.lower().startswith(handle)
        shown_end = stop - len(token) + len(handle) if ended_early and handle else stop
        yield _Reading(start, shown_end, handle, repaired, rule)


def _on_another_platform(text: str, place: int) -> bool:
    """Whether the nearest platform named before this place on its line is another one ("Insta: @jane")."""
    line = text[max(0, place - 60) : place].rpartition("\n")[2]
    other = list(_OTHER_PLATFORM.finditer(line))
    if not other:
        return False
    ours = list(_THIS_PLATFORM.finditer(line))
    return not ours or ours[-1].start() < other[-1].start()
