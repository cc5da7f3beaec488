"""Reading what somebody copied from Twitter's page of requests or followers, or a list of names. Pure.

A copied page has a line with the shown name, a line with the @name, then buttons and perhaps a description; around it
stand Twitter's navigation and its suggestions, which have names and buttons too. A list has one name a line, or columns
separated by commas, semicolons or tabs. What cannot be told for certain is handed back as not understood, never guessed.
"""

import csv
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from vetting.values import BadValue, Handle, TwitterUserId


class Listed(StrEnum):
    """Which of Twitter's lists a text is a copy of."""

    REQUESTS = "REQUESTS"
    FOLLOWERS = "FOLLOWERS"


# Twitter's own words under a name: the buttons of a request, those of a follower, and marks that are no buttons.
ANSWERS = {"accept", "decline", "approve", "deny", "reject"}
FOLLOWS = {
    "follow", "follow back", "following", "follows you", "unfollow", "remove", "remove follower", "remove this follower",
    "requested", "pending", "block", "unblock", "mute", "unmute", "cancel",
}  # fmt: skip
MARKS = {"verified account", "verified", "protected account", "protected", "official", "parody account", "automated", "more"}
# Whatever comes after one of these lines is Twitter's own: suggestions, news, the foot of the page.
ENDS = {
    "who to follow", "you might like", "you might also like", "suggested", "suggestions", "relevant people", "trends for you",
    "trending", "trending now", "what's happening", "what’s happening", "today's news", "today’s news", "live on x",
    "subscribe to premium", "terms of service", "terms", "privacy policy", "cookie policy",
}  # fmt: skip
# A whole line like this is found on Twitter's pages and in no list that somebody typed.
OF_A_PAGE = {
    "follower requests", "follow requests", "verified followers", "followers you know", "who to follow", "trends for you",
    "view keyboard shortcuts", "to view keyboard shortcuts, press question mark", "skip to home timeline", "terms of service",
    "explore", "notifications", "bookmarks",
}  # fmt: skip
MOST_SUGGESTED = 6
LONGEST_WORD = 60
LONGEST_LINE = 20_000

HEADINGS = {
    "handle", "username", "user name", "user_name", "screen name", "screen_name", "twitter", "twitter name", "twitter handle", "x handle",
    "@",
}  # fmt: skip
NAME_HEADINGS = {"name", "display name", "display_name", "full name", "displayname"}
NUMBER_HEADINGS = {"id", "user id", "user_id", "userid", "twitter id", "twitter user id", "account id", "id_str", "rest_id", "number"}

_GAPS = r"\s·•|,"
_WORD = "|".join(re.escape(word) for word in sorted(ANSWERS | FOLLOWS | MARKS, key=len, reverse=True)) + r"|click to (?:un)?follow @?\w+"
_ONLY_WORDS = re.compile(rf"[{_GAPS}]*(?:(?:{_WORD})[{_GAPS}]*)+", re.IGNORECASE)
_LAST_WORD = re.compile(rf"(?:^|[{_GAPS}]|(?<=\w)(?=(?-i:Follows you)))(?P<word>{_WORD})[{_GAPS}]*$", re.IGNORECASE)
_EACH_WORD = re.compile(_WORD, re.IGNORECASE)
_NAMED = re.compile(r"(?P<name>(?:.*\s)?)(?P<handle>@\S+)|(?P<glued>.*\w)(?P<mark>@[A-Za-z0-9_]+)")
_NEXT_PERSON = re.compile(r"(\baccept\b[\s·|]*\bdecline\b)[ ·|]+(?=\S)", re.IGNORECASE)
_MARKED = re.compile(r"(?<![\w.])@\w+")
_ADDRESS = re.compile(r"(?:https?://)?(?:www\.|mobile\.|m\.)?(?:twitter|x)\.com/\S+", re.IGNORECASE)
_EXCEL = re.compile(r"""(?:=?"(.*)"|'(.*))""")
# Invisible marks that belong to emoji: the joiner, and the letters of a flag.
_OF_EMOJI = {"\u200d", *(chr(point) for point in range(0xE0020, 0xE0080))}


@dataclass(frozen=True)
class PastedProfile:
    """One person in a pasted list. The number is what the list wrote: Twitter showed it to nobody here, so it proves nothing."""

    handle: Handle
    display_name: str = ""
    user_id: TwitterUserId | None = None


@dataclass(frozen=True)
class Unread:
    """A line that should name somebody and does not: the text, and why."""

    line: str
    sentence: str


@dataclass(frozen=True)
class PastedList:
    """What a pasted text said: each person once, in its order."""

    profiles: tuple[PastedProfile, ...]
    unread: tuple[Unread, ...] = ()


@dataclass(frozen=True)
class _Cell:
    """A line with an @name at its end, before any words of Twitter's: the start of a person, or a description that ends so."""

    place: int
    name: str
    handle: str
    words: frozenset[str]


def read_pasted(text: str, *, of: Listed = Listed.REQUESTS, own: Handle | None = None) -> PastedList:
    """Who stands in the text. `own` is the school's account: it is on every page of Twitter's and never one of the people.

    Raises BadValue when there is nothing to read, a web page's source was pasted, or the other of Twitter's lists.
    """
    lines = [clean for line in text.splitlines() if (clean := _clean(line))]
    if not lines:
        raise BadValue("Paste the list first: open Twitter's page, select all, copy.")
    if max(map(len, lines)) > LONGEST_LINE:
        raise BadValue("A line of this text is too long to be a list. Copy the list again.")
    if lines[0].lower().startswith(("<!doctype", "<html")):
        raise BadValue("This is the source of a web page. Select the list on the page itself and copy that.")
    try:
        read = _page(lines, of) if _is_page(lines) else _list(lines)
    except csv.Error as error:
        raise BadValue("This cannot be read as a list: a line of it has no end. Copy it again.") from error
    once: dict[Handle, PastedProfile] = {}
    for one in read.profiles:
        if one.handle != own:
            once.setdefault(one.handle, one)
    if not once and not read.unread:
        raise BadValue("No Twitter name stands in this text. Copy Twitter's whole page of the list and paste it again.")
    return PastedList(tuple(once.values()), read.unread)


def _clean(line: str) -> str:
    """Without invisible characters and odd spaces; tabs are kept, for they may separate columns."""
    kept = "".join(char for char in line if unicodedata.category(char) not in ("Cf", "Cc") or char == "\t" or char in _OF_EMOJI)
    return "\t".join(" ".join(piece.split()) for piece in kept.split("\t")).strip(" ").strip("\u200d")


def _is_page(lines: Sequence[str]) -> bool:
    if _headings(lines) is not None:
        return False
    pieces = [piece for line in lines for piece in line.split("\t") if piece]
    return any(_key(piece) in OF_A_PAGE or _words_alone(piece) - MARKS or ("@" in piece and _words_after(piece)[1]) for piece in pieces)


def _key(line: str) -> str:
    return line.casefold().strip(" :.")


def _words_alone(line: str) -> frozenset[str]:
    """Twitter's words, where a line holds nothing else."""
    return _words_in(line) if len(line) <= 120 and _ONLY_WORDS.fullmatch(line) else frozenset()


def _words_in(text: str) -> frozenset[str]:
    return frozenset(word.lower() for word in _EACH_WORD.findall(text))


def _words_after(line: str) -> tuple[str, frozenset[str]]:
    """A line without Twitter's words at its end, and those words."""
    rest, words = line.strip(" ·•|,"), set()
    while (found := _LAST_WORD.search(rest, max(0, len(rest) - LONGEST_WORD))) is not None:
        words.add(found["word"].lower())
        rest = rest[: found.start()].rstrip(" ·•|,")
    return rest, frozenset(words)


# A page


def _page(lines: Sequence[str], of: Listed) -> PastedList:
    lines = [piece for line in lines for piece in _NEXT_PERSON.sub(r"\1\t", line).replace("·\t", "\t").split("\t") if piece]
    cells = [cell for place in range(len(lines)) if (cell := _cell(lines, place)) is not None]
    asking = [cell for cell in cells if cell.words & ANSWERS]
    following = _before_the_end(lines, [cell for cell in cells if cell.words & FOLLOWS and not cell.words & ANSWERS])
    if of is Listed.FOLLOWERS:
        if len(asking) > len(following):
            raise BadValue("This looks like the list of people who ask to follow, not of followers. Paste it as the waiting list.")
        return _people(lines, following or _without_buttons(lines))
    if not asking and following:
        raise BadValue("This looks like the list of followers, not of people who ask. Open Twitter's follower requests and copy that page.")
    return _people(lines, asking or _without_buttons(lines))


def _cell(lines: Sequence[str], place: int) -> _Cell | None:
    line, words = _words_after(lines[place])
    found = _NAMED.fullmatch(line)
    if found is None:
        return None
    below = place + 1
    while below < len(lines) and (more := _words_alone(lines[below])):
        words, below = words | more, below + 1
    name, handle = (found["name"] or found["glued"] or "").strip(" ·•|"), found["handle"] or found["mark"]
    if name and not _words_after(lines[place])[1] and below < len(lines) and _is_bare(lines[below]) and below - place == 2:
        # "… for @stexample", then somebody who is called "Follow", then their @name: a description and the next person.
        return None
    return _Cell(place, name, handle, words)


def _is_bare(line: str) -> bool:
    """A line that is an @name and nothing else."""
    return re.fullmatch(r"@\S+", _words_after(line)[0]) is not None


def _before_the_end(lines: Sequence[str], cells: list[_Cell]) -> list[_Cell]:
    """Those above Twitter's suggestions: the last heading with a few people below it. A description may read like that heading."""
    ends = [
        place
        for place, line in enumerate(lines)
        if _key(line) in ENDS
        and not (place + 1 < len(lines) and _is_bare(lines[place + 1]))
        and 0 < sum(cell.place > place for cell in cells) <= MOST_SUGGESTED
    ]
    return [cell for cell in cells if cell.place < ends[-1]] if ends else cells


def _without_buttons(lines: Sequence[str]) -> list[_Cell]:
    """Some browsers copy no buttons: then a person is a name with a bare @name below it."""
    pairs = []
    for place in range(1, len(lines)):
        if _is_bare(lines[place]) and not _is_bare(lines[place - 1]) and _key(lines[place - 1]) not in OF_A_PAGE:
            pairs.append(_Cell(place, "", _words_after(lines[place])[0], frozenset()))
    return _before_the_end(lines, pairs)


def _people(lines: Sequence[str], cells: Iterable[_Cell]) -> PastedList:
    profiles, unread = [], []
    for cell in cells:
        try:
            profiles.append(PastedProfile(Handle.parse(cell.handle), (cell.name or _name_above(lines, cell.place))[:200]))
        except BadValue as error:
            unread.append(Unread(lines[cell.place][:60], error.sentence))
    return PastedList(tuple(profiles), tuple(unread))


def _name_above(lines: Sequence[str], place: int) -> str:
    above = place - 1
    while above >= 0 and _words_alone(lines[above]) and not _words_alone(lines[above]) - MARKS:
        above -= 1
    if above < 0 or _words_alone(lines[above]) or _is_bare(lines[above]) or _key(lines[above]) in OF_A_PAGE:
        return ""
    return lines[above]


# A list


def _headings(lines: Sequence[str]) -> tuple[Sequence[str], str] | None:
    """The lines from the one with the headings on, and what separates its columns; None where no heading names the column."""
    body = lines[1:] if lines[0].lower().startswith("sep=") else lines
    for delimiter in ("\t", ";", ",", ""):
        if body and any(_key(cell) in HEADINGS or cell == "@" for cell in next(iter(_rows(body[:1], delimiter)), [])):
            return body, delimiter
    return None


def _list(lines: Sequence[str]) -> PastedList:
    headed = _headings(lines)
    if headed is not None:
        body, delimiter = headed
        head, *rows = _rows(body, delimiter)
        keys = ["@" if cell == "@" else _key(cell) for cell in head]
        columns = [
            next((place for place, key in enumerate(keys) if key in known), -1) for known in (HEADINGS, NAME_HEADINGS, NUMBER_HEADINGS)
        ]
        found = [_by_column(row, *columns) for row in rows]
    else:
        delimiter = next((mark for mark in ("\t", ";", ",") if any(mark in line for line in lines)), "")
        found = [_by_looks(row) for row in _rows(lines, delimiter)] if delimiter else _one_a_line(lines)
    profiles = [one for one in found if isinstance(one, PastedProfile)]
    return PastedList(tuple(profiles), tuple(one for one in found if isinstance(one, Unread)))


def _rows(lines: Sequence[str], delimiter: str) -> list[list[str]]:
    """The cells of each line. A quoted cell may go over several lines, unless a quotation mark is left open somewhere."""
    if not delimiter:
        return [[_bare(line)] for line in lines]
    is_whole = sum(line.count('"') for line in lines) % 2 == 0
    groups = [lines] if is_whole else [[line] for line in lines]
    return [[_bare(cell) for cell in row] for group in groups for row in csv.reader(group, delimiter=delimiter) if any(row)]


def _bare(cell: str) -> str:
    """Without what spreadsheets put around a cell: `="…"`, quotes, the apostrophe before a text."""
    dressed = _EXCEL.fullmatch(cell.strip())
    return (next(part for part in dressed.groups() if part is not None) if dressed else cell).strip()


def _one_a_line(lines: Sequence[str]) -> list[PastedProfile | Unread]:
    """One person a line. Words above a bare @name are their name; a single word there could be somebody by itself."""
    found: list[PastedProfile | Unread] = []
    name = ""
    for place, line in enumerate(lines):
        stands_above = "@" not in line and not _ADDRESS.fullmatch(line) and place + 1 < len(lines) and _is_bare(lines[place + 1])
        if stands_above and " " in line:
            name = line
            continue
        if stands_above:
            found.append(Unread(line[:60], f"“{line[:60]}”: is this a Twitter name? Then put an @ before it; else take the line out."))
        else:
            found.append(_by_looks([_bare(line), name] if name else [_bare(line)]))
        name = ""
    return found


def _by_column(row: Sequence[str], at: int, name_at: int, number_at: int) -> PastedProfile | Unread:
    cell, name, number = (row[place] if 0 <= place < len(row) else "" for place in (at, name_at, number_at))
    return _person(cell, name, number) if cell else Unread(" ".join(row).strip()[:60], "A line has no Twitter name in its column.")


def _by_looks(row: Sequence[str]) -> PastedProfile | Unread:
    """Without a heading: the cell with an @ or a profile address; else the only one that could be a Twitter name."""
    cells = [cell for cell in row if cell]
    marked = [cell for cell in cells if (cell.startswith(("@", "\uff20")) and " " not in cell) or _ADDRESS.fullmatch(cell)]
    marked = marked or [cell for cell in cells if len(_MARKED.findall(cell)) == 1]
    possible = marked or [cell for cell in cells if " " not in cell and not cell.isdecimal()] or cells or [""]
    if len(possible) > 1:
        sentence = f"“{' '.join(cells)[:60]}”: which of these is the Twitter name? Put an @ before it."
        return Unread(" ".join(cells)[:60], sentence)
    cell = possible[0]
    name = next((other for other in cells if other != cell and not other.isdecimal()), "")
    if " " in cell and (named := _MARKED.findall(cell)) and len(named) == 1:
        rest = cell.replace(named[0], "").strip(" ()-–,·")
        name, cell = ", ".join(filter(None, (name, rest))), named[0]
    return _person(cell, name)


def _person(cell: str, name: str, number: str = "") -> PastedProfile | Unread:
    try:
        handle = Handle.parse(cell.strip(" ·•;:"))
    except BadValue as error:
        return Unread(cell[:60], error.sentence)
    return PastedProfile(handle, name[:200], _number(number))


def _number(text: str) -> TwitterUserId | None:
    """A spreadsheet may have rounded it to 1.2E+18: then it says nothing."""
    try:
        return TwitterUserId.parse(text)
    except BadValue:
        return None
