"""Reading the words at one place as a Twitter name: exactly, as guesses, or as words that are none."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from vetting.intake.parsing import cues
from vetting.intake.parsing.html import unwrap_link
from vetting.intake.parsing.vocabulary import words as word_set
from vetting.values.handles import HANDLE_MAX

# Some old accounts are longer than the 15 characters a name may have today.
LONGEST_OLD_NAME = 20
_MOST_CUES = 400
_VALID = re.compile(r"[A-Za-z0-9_]{1,15}")
_OLD = re.compile(rf"[A-Za-z0-9_]{{{HANDLE_MAX + 1},{LONGEST_OLD_NAME}}}")
_HANDLE_LIKE = re.compile(r"(?=\w*[\d_])(?=\w*[A-Za-z])\w{3,}|[a-z]+[A-Z]\w*|[A-Z][a-z]+[A-Z]\w*")
_URL = re.compile(r"https?://[^\s<>\"]{4,2000}", re.I)
_PROFILE = re.compile(
    r"(?<![\w.@/\-])(?:https?://)?(?:www\.|mobile\.|m\.)?(?:twitter|x)\.com/(?:#!/)?(?:@|%40)?"
    r"(?:intent/(?:user|follow)/?\?(?:[\w.%\-]{1,40}=[^&\s]{0,80}&(?:amp;)?){0,4}screen_name=)?"
    rf"({cues.RUN})",
    re.I,
)
_RESERVED = word_set(
    """
    home i intent search share hashtag settings login signup explore messages status about tos privacy index notifications
    compose account download jobs help who_to_follow following followers logout oauth en personalization search-advanced widgets
    statuses favorites lists
    index.html index.php robots.txt favicon.ico share.php sharer.php account.html hashtags tweets web rules
    """
)
_AT = re.compile(rf"(?<![\w.@＠/+\-=])[@＠]({cues.RUN})(?!@|＠|://)")
_AT_APART = re.compile(r"(?<![\w.@])[@＠] ([A-Za-z0-9_]{4,15})(?![\w@]|\.\w)")
_AT_AFTER_SLASH = re.compile(rf"\s?[/&+]\s?[@＠]({cues.RUN})(?!@|＠|://)")
_WORD = re.compile(r"[^\s,;!?()\[\]{}<>\"“”*|:]+")
_OPENING = " \t\"'“‘”*([<{`"
_DIGITS_NEXT = re.compile(r" \d")
_NEXT_OF_SEVERAL = re.compile(r"\s{0,3}(?:,|&|/|\+|and|or)\s{0,3}(?:and\s)?[\"'“‘]?@?", re.I)


@dataclass(frozen=True, slots=True)
class Reading:
    """Words read as a name: which name, whether that took guessing, the rule, and where they stand."""

    start: int
    end: int
    handle: str | None
    repaired: bool
    rule: str
    unusual: bool = False


def readings(text: str, *, alone: bool) -> Iterator[Reading]:
    """Every reading in the text; `alone`: also words without any mark, in a mail that is about Twitter."""
    lowered = text.lower()
    if ".com" in lowered:
        yield from _in_addresses(text)
    if "@" in text or "＠" in text:
        yield from _at_names(text)
        yield from _at_apart(text)
    yield from _after_cues(text)
    if cues.names_platform(text, lowered):
        for match in cues.NAMED_ON.finditer(text):
            name = match.group("name")
            sure = _HANDLE_LIKE.fullmatch(name) or not (match.group()[-1:] in "xX" or match.group().lower().startswith("is"))
            if sure and name.lower() not in cues.NOT_NAMES and not name.startswith("@"):
                yield from _as_token(text, match.start("name"), name, "cue")
    if not text.isascii() and cues.FOREIGN_WORD.search(text):
        yield from _beside_a_foreign_word(text)
    if alone:
        yield from _without_a_mark(text)


def read_token(token: str) -> list[tuple[str | None, bool]]:
    """The names one written word may mean, each with whether it needed repair; [(None, False)] when it is no Twitter name."""
    folded = fold(token)
    if _VALID.fullmatch(folded):
        return [(folded.lower(), False)]
    # "@dana_h84's" and "@dana_h84.Thanks": the name ended before that.
    goes_on = re.fullmatch(r"([A-Za-z0-9_]{1,15})(?:['’]s?(?:\.[A-Z][\w'’]*)?|\.{1,3}[A-Z][\w'’]*|\.{2,}\w*)", folded)
    if goes_on:
        return [(goes_on.group(1).lower(), False)]
    if re.fullmatch(r"[A-Za-z0-9_.'’\-]+", folded):
        guesses = {re.sub(r"[.'’\-]", "", folded), re.sub(r"[.'’\-]+", "_", folded)}
        if sentence := re.fullmatch(r"([A-Za-z0-9_]{4,15})\.[a-z]+", folded):
            guesses.add(sentence.group(1))
        valid = sorted(guess.lower() for guess in guesses if guess != folded and _VALID.fullmatch(guess))
        return [(guess, True) for guess in valid] or [(None, False)]
    return [(None, False)]


def fold(token: str) -> str:
    """Full-width, bold and invisible forms made plain, exactly; a letter of another alphabet stays what it is."""
    plain = token.replace("\\_", "_")
    if plain.isascii():
        return plain
    return "".join(c for c in unicodedata.normalize("NFKC", plain) if unicodedata.category(c) != "Cf" and not "\ufe00" <= c <= "\ufe0f")


def _in_addresses(text: str) -> Iterator[Reading]:
    for match in _PROFILE.finditer(text):
        yield from _profile(match.group(1), match.start(), match.start(1))
    for link in _URL.finditer(text):
        if "%" not in link.group() and "__" not in link.group() and "url" not in link.group():
            continue
        plain = unwrap_link(link.group())
        if plain != link.group() and (inner := _PROFILE.match(plain)):
            for reading in _profile(inner.group(1), link.start(), link.start()):
                yield Reading(link.start(), link.end(), reading.handle, reading.repaired, reading.rule, reading.unusual)


def _profile(name: str, start: int, name_start: int) -> Iterator[Reading]:
    name = name.rstrip(".'’-")
    if name and name.lower() not in _RESERVED:
        for handle, repaired in read_token(name):
            yield Reading(start, name_start + len(name), handle, repaired, "profile address", _is_unusual(name))


def _at_names(text: str) -> Iterator[Reading]:
    for match in _at_signs(text):
        token = match.group(1).rstrip(".'’-")
        if not token or cues.DOMAIN_END.search(token) or cues.TIME_LIKE.fullmatch(token) or token.lower() in cues.AT_WORDS:
            continue
        end = match.start(1) + len(token)
        if _on_another_platform(text, match.start(), end):
            continue
        spaced = re.match(r" ([A-Za-z]{2,}[A-Za-z_]*\d{2,}\w*|\w*_\w+)(?![\w@.])", text[end : end + 40])
        if spaced and _VALID.fullmatch(token) and not cues.CLASS_LIKE.fullmatch(spaced.group(1)):
            yield from _spaced([token, spaced.group(1)], match.start(), end + spaced.end(), "@name", one_word=False)
            continue
        yield from _as_token(text, match.start(1) - 1, token, "@name", end=end)


def _at_apart(text: str) -> Iterator[Reading]:
    """ "@ dana_h84", where what follows looks like a name by itself."""
    for match in _AT_APART.finditer(text):
        name = match.group(1)
        if _HANDLE_LIKE.fullmatch(name) and not cues.CLASS_LIKE.fullmatch(name) and not cues.TIME_LIKE.fullmatch(name):
            yield from _as_token(text, match.start(), name, "@name", end=match.end())


def _at_signs(text: str) -> Iterator[re.Match[str]]:
    """Each "@name", and those written against it: "@dana/@tom"."""
    for match in _AT.finditer(text):
        yield match
        following = _AT_AFTER_SLASH.match(text, match.end())
        if following:
            yield following


def _after_cues(text: str) -> Iterator[Reading]:
    stretches = cues.windows(text)
    for rule, pattern in cues.in_question(text) if stretches else ():
        found = (cue for start, end in stretches for cue in pattern.finditer(text, start, end))
        for cue in islice(found, _MOST_CUES):
            if not _on_another_platform(text, cue.end(), cue.end()):
                yield from _value_at(text, cue.end(), rule)
                if re.search(r"names|handles|accounts|\bare\b", cue.group(), re.I):
                    yield from _several(text, cue.end(), rule)
    for pattern in (cues.FOREIGN, cues.BARE) if cues.names_platform(text, text.lower()) else ():
        for cue in pattern.finditer(text):
            word = _WORD.match(text, cue.end())
            name = word.group().rstrip(".'’") if word else ""
            if _HANDLE_LIKE.fullmatch(name) and not _DIGITS_NEXT.match(text, cue.end() + len(name)):
                yield from _as_token(text, cue.end(), name, "cue")


def _several(text: str, start: int, rule: str) -> Iterator[Reading]:
    """ "Our names are dana_h84 and tom_h": those after the first."""
    first = _WORD.match(text, start)
    place = first.end() if first else start
    for _ in range(5):
        between = _NEXT_OF_SEVERAL.match(text, place)
        if not between or "\n" in between.group():
            return
        word = _WORD.match(text, between.end())
        name = word.group().rstrip(".'’") if word else ""
        if not word or name.lower() in cues.NOT_NAMES or not _HANDLE_LIKE.fullmatch(name):
            return
        yield from _as_token(text, word.start(), name, rule)
        place = word.end()


def _beside_a_foreign_word(text: str) -> Iterator[Reading]:
    """A Latin word in a line that says Twitter in another script."""
    for line in re.finditer(r"[^\n]+", text):
        if cues.FOREIGN_WORD.search(line.group()):
            for match in cues.LATIN_NAME.finditer(text, line.start(), line.end()):
                if _HANDLE_LIKE.fullmatch(match.group()):
                    yield from _as_token(text, match.start(), match.group(), "cue")


def _without_a_mark(text: str) -> Iterator[Reading]:
    for match in cues.ALONE.finditer(text):
        if not cues.CLASS_LIKE.fullmatch(match.group(1)):
            yield Reading(match.start(1), match.end(1), match.group(1).lower(), False, "alone on its line")
    for match in cues.UNDERSCORED.finditer(text):
        yield Reading(match.start(), match.end(), match.group().lower(), False, "looks like one")


def _value_at(text: str, start: int, rule: str) -> Iterator[Reading]:
    """Read the words that follow a cue on the same line: one word exactly, several as guesses."""
    while start < len(text) and text[start] in _OPENING:
        start += 1
    if at_word := re.compile(r"at\s{1,2}(?=[A-Za-z]\w*[\d_])", re.I).match(text, start):
        start = at_word.end()
    rest = text[start : start + 80].split("\n", 1)[0]
    at_sign = re.match(rf"[@＠]\s+({cues.RUN})", rest)
    if at_sign:
        yield from _as_token(text, start, at_sign.group(1).rstrip(".'’-"), rule, end=start + len(at_sign.group().rstrip(".'’-")))
        return
    if rest[:1] in ("@", "＠") and start and text[start - 1].isalnum() and (against := re.match(rf"[@＠]({cues.RUN})", rest)):
        yield from _as_token(text, start, against.group(1).rstrip(".'’-"), rule, end=start + len(against.group().rstrip(".'’-")))
        return
    if rest[:1] in ("@", "＠") or _PROFILE.match(rest) or rest.lower().startswith(("http", "www.")):
        return
    one_word = bool(cues.ONE_WORD.search(rest))
    words, end = _name_words(rest)
    if not words:
        return
    first = words[0]
    if cues.ON_OTHER.match(rest, len(first)):
        return
    alone = len(words) == 1
    if alone or (re.search(r"[0-9_]", first) and len(first) > 3 and not _joins_on(words)):
        if first.lower() not in cues.NOT_NAMES and not cues.DOMAIN_END.search(first) and "@" not in first:
            yield from _as_token(text, start, first, rule, end=start + rest.index(first) + len(first))
        return
    if not any("@" in word for word in words) and first.lower() not in cues.NOT_NAMES:
        yield from _spaced(words, start, start + end, rule, one_word=one_word)


def _joins_on(words: list[str]) -> bool:
    """ "jane_smith 84": a stretch of digits after a name belongs to it; "underscore" says so itself."""
    return words[1].isdigit() or words[1] == "_" or any(word in ("_", "-") for word in words)


def _name_words(rest: str) -> tuple[list[str], int]:
    """Up to four words of a spaced or spelled-out name, and where they end."""
    plain = rest
    for pattern, sign in cues.SPELLED:
        # Of the same length, so that places in it are places in the text.
        for spelled in reversed(list(pattern.finditer(plain))):
            plain = plain[: spelled.start()] + f" {sign} ".ljust(len(spelled.group())) + plain[spelled.end() :]
    words: list[str] = []
    end = 0
    for match in _WORD.finditer(plain):
        gap = plain[end : match.start()]
        word = match.group().strip("'’‘").rstrip(".-–—'’…") if match.group() not in ("_", "-") else match.group()
        if len(words) >= 6 or (words and gap.strip(" ")) or word.lower() in cues.ENDS or not word or word in ("–", "—"):
            break
        if words and cues.OTHER_PLATFORM.fullmatch(word):
            break
        # A symbol or an emoji ends a name; what it stands beside does not belong to it.
        if words and not re.search(r"\w", word) and word not in ("_", "-"):
            break
        words.append(word)
        end = match.start() + len(match.group().rstrip(".'’…")) if match.group() not in ("_", "-") else match.end()
        if match.group().endswith((".", "…")):
            break
    return words, end


def _spaced(words: list[str], start: int, end: int, rule: str, *, one_word: bool) -> Iterator[Reading]:
    """ "Jane Smith 84": the ways to write it as one name, all marked repaired; the bare words when none is possible."""
    spelled = any(word in ("_", "-") for word in words)
    if spelled or one_word:
        guesses = ["".join(words)]
    else:
        guesses = ["".join(words), "_".join(words)]
        guesses += ["".join(words[:2]), "_".join(words[:2])] if len(words) > 2 else []
        guesses.append(words[0])
    valid = list(dict.fromkeys(guess.lower() for guess in map(fold, guesses) if _VALID.fullmatch(guess)))
    for guess in valid:
        yield Reading(start, end, guess, True, rule)
    if not valid:
        yield Reading(start, end, None, False, rule)


def _as_token(text: str, start: int, token: str, rule: str, *, end: int | None = None) -> Iterator[Reading]:
    stop = start + len(token) if end is None else end
    # An emoji written against the name is no part of it.
    shown = re.match(cues.RUN, token)
    if shown and shown.end() < len(token) and not re.search(r"\w", token[shown.end() :]):
        stop, token = stop - (len(token) - shown.end()), shown.group()
    for handle, repaired in read_token(token):
        ended_early = handle is not None and not repaired and token.lower().startswith(handle)
        shown_end = stop - len(token) + len(handle) if ended_early and handle else stop
        yield Reading(start, shown_end, handle, repaired, rule, _is_unusual(token))


def _is_unusual(token: str) -> bool:
    return bool(_OLD.fullmatch(fold(token)))


def _on_another_platform(text: str, place: int, end: int) -> bool:
    """Whether the nearest platform named before this place on its line is another one ("Insta: @jane"), or the words after it say so."""
    if end > place and cues.ON_OTHER.match(text, end):
        return True
    if end > place and cues.ON_THIS.match(text, end):
        return False
    line = text[max(0, place - 60) : place].rpartition("\n")[2]
    others = list(cues.OTHER_PLATFORM.finditer(line))
    if not others:
        return False
    last = others[-1]
    ours = list(cues.THIS_PLATFORM.finditer(line))
    if not ours:
        return True
    if ours[-1].start() > last.start():
        return False
    # "Twitter/Instagram: @jane" is both.
    return not cues.TOGETHER.fullmatch(line[ours[-1].end() : last.start()])
