"""Reading what somebody copied from Twitter's page of requests or followers, or a list of names. Pure.

A copied page has a line with the shown name, a line with the @name, then buttons and perhaps a description. A list
has one name a line, or columns separated by commas, semicolons or tabs.
"""

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass

from vetting.values import BadValue, Handle

# The words of Twitter's own buttons and marks, under a name in a copied page.
BUTTONS = {
    "accept", "decline", "deny", "reject", "follow", "follow back", "following", "follows you", "remove", "remove this follower",
    "requested", "pending", "more", "cancel", "block", "unblock", "mute",
}  # fmt: skip
HEADINGS = {"handle", "username", "user name", "screen name", "screen_name", "twitter", "twitter name", "@"}
NAME_HEADINGS = {"name", "display name", "display_name", "full name"}
_LOOKS_LIKE_A_HANDLE = re.compile(r"@\S+")
_MARKED = re.compile(r"(?<!\w)@\w+")


@dataclass(frozen=True)
class PastedProfile:
    """One person in a pasted list."""

    handle: Handle
    display_name: str = ""


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


def read_pasted(text: str) -> PastedList:
    """Raises BadValue when there is nothing to read, or a web page's source was pasted."""
    lines = [line.strip().strip("\u200e\u200f\u2066\u2069\ufeff").strip() for line in text.splitlines()]
    lines = [line for line in lines if line]
    if not lines:
        raise BadValue("Paste the list first: open Twitter's page, select all, copy.")
    if lines[0].lower().startswith(("<!doctype", "<html")):
        raise BadValue("This is the source of a web page. Select the list on the page itself and copy that.")
    is_page = any(line.lower() in BUTTONS for line in lines)
    read = _page(lines) if is_page else _list(lines)
    if not read.profiles and not read.unread:
        raise BadValue("No Twitter name stands in this text. Copy Twitter's whole page of the list and paste it again.")
    once: dict[Handle, PastedProfile] = {}
    for one in read.profiles:
        once.setdefault(one.handle, one)
    return PastedList(tuple(once.values()), read.unread)


def _page(lines: Sequence[str]) -> PastedList:
    """Somebody stands where an @name has a button under it; an @name elsewhere is part of a description."""
    profiles, unread = [], []
    for place, line in enumerate(lines):
        below = lines[place + 1].lower() if place + 1 < len(lines) else ""
        if not _LOOKS_LIKE_A_HANDLE.fullmatch(line) or below not in BUTTONS:
            continue
        above = lines[place - 1] if place else ""
        name = "" if above.lower() in BUTTONS or _LOOKS_LIKE_A_HANDLE.fullmatch(above) else above
        try:
            profiles.append(PastedProfile(Handle.parse(line), name[:200]))
        except BadValue as error:
            unread.append(Unread(line[:60], error.sentence))
    return PastedList(tuple(profiles), tuple(unread))


def _list(lines: Sequence[str]) -> PastedList:
    delimiter = next((mark for mark in ("\t", ";", ",") if any(mark in line for line in lines)), "\n")
    rows = (
        [[cell.strip() for cell in row] for row in csv.reader(lines, delimiter=delimiter)]
        if delimiter != "\n"
        else [[line] for line in lines]
    )
    heads = [cell.lower() for cell in rows[0]]
    at = next((place for place, head in enumerate(heads) if head in HEADINGS), None)
    name_at = next((place for place, head in enumerate(heads) if head in NAME_HEADINGS), None)
    profiles, unread = [], []
    for row in rows if at is None else rows[1:]:
        marked = next((cell for cell in row if cell.startswith("@")), "")
        cell = (row[at] if at is not None and at < len(row) else "") or marked or row[0]
        name = row[name_at] if name_at is not None and name_at < len(row) else next((other for other in row if other and other != cell), "")
        if " " in cell and len(named := _MARKED.findall(cell)) == 1:
            name, cell = cell.replace(named[0], "").strip(" ()-–,"), named[0]
        try:
            profiles.append(PastedProfile(Handle.parse(cell), name[:200]))
        except BadValue as error:
            unread.append(Unread(cell[:60], error.sentence))
    return PastedList(tuple(profiles), tuple(unread))
