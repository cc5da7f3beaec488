"""From rows to what a page says: chips, dates, counted days, marked words. Pure: nothing here asks the database."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.timezone import localtime

from vetting.dashboard.icons import ICONS, LINE
from vetting.dashboard.words import LEVELS, STATES, VERDICTS, Chip
from vetting.decisions.states import State
from vetting.values import Level, Verdict


def icon(name: str, label: str = "") -> SafeString:
    """Inline SVG. Hidden from screen readers unless it has a label, because a word stands beside it."""
    kind, path = ICONS[name]
    voice = format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"')
    return format_html(
        '<svg class="icon icon--{}" viewBox="0 0 16 16" focusable="false" {}><path d="{}"/></svg>', _drawn(kind), voice, path
    )


def _drawn(kind: str) -> str:
    return "line" if kind == LINE else "solid"


def chip(what: Chip) -> SafeString:
    return format_html('<span class="chip chip--{}">{}<span>{}</span></span>', what.tone, icon(what.icon), what.word)


def level_chip(level: str) -> SafeString:
    return chip(LEVELS[Level(level)])


def state_chip(state: str) -> SafeString:
    return chip(STATES[State(state)])


def verdict_icon(verdict: str, *, spoken: bool = True) -> SafeString:
    """The mark before a sentence of evidence, with its meaning for those who cannot see it, unless the words beside it say so."""
    what = VERDICTS[Verdict(verdict)]
    return format_html('<span class="verdict verdict--{}">{}</span>', what.tone, icon(what.icon, what.word if spoken else ""))


def day(value: date | datetime | None) -> str:
    """ "Mon 9 Nov 2026" """
    if value is None:
        return ""
    value = localtime(value) if isinstance(value, datetime) else value
    return f"{value:%a} {value.day} {value:%b %Y}"


def clock(value: datetime | None) -> str:
    """ "09:10" """
    return f"{localtime(value):%H:%M}" if value else ""


def when(value: datetime | None, today: date | None = None) -> str:
    """ "Mon 9 Nov 2026, 18:02"; for the day itself "today 18:02"."""
    if value is None:
        return ""
    if today and localtime(value).date() == today:
        return f"today {clock(value)}"
    return f"{day(value)}, {clock(value)}"


def counted(number: int, one: str, many: str = "") -> str:
    """ "1 school day", "2 school days"."""
    return f"{number} {one if number == 1 else (many or one + 's')}"


def school_days(number: int) -> str:
    return "today" if number == 0 else counted(number, "school day")


def marked(text: str, spans: Iterable[tuple[int, int]]) -> SafeString:
    """The text, escaped, with the stretches from start to end inside `<mark>`. Overlaps are joined, impossible ones left out."""
    pieces: list[tuple[SafeString]] = []
    at = 0
    for start, end in _joined(spans, len(text)):
        pieces += [(conditional_escape(text[at:start]),), (format_html("<mark>{}</mark>", text[start:end]),)]
        at = end
    pieces.append((conditional_escape(text[at:]),))
    return format_html_join("", "{}", pieces)


def _joined(spans: Iterable[tuple[int, int]], length: int) -> list[tuple[int, int]]:
    result: list[tuple[int, int]] = []
    for start, end in sorted((max(0, start), min(length, end)) for start, end in spans):
        if start >= end:
            continue
        if result and start <= result[-1][1]:
            result[-1] = (result[-1][0], max(end, result[-1][1]))
        else:
            result.append((start, end))
    return result


@dataclass(frozen=True)
class Tab:
    """One of a page's tabs, with its count (None: not counted)."""

    key: str
    word: str
    address: str
    count: int | None = None
    current: bool = False


@dataclass(frozen=True)
class Compared:
    """One line of a side-by-side table: what was written, what the school holds, what Twitter shows.

    `verdict` is of what was written; `written_is` and `shown_is` say beside each entry, in a word, whether it is the same.
    """

    what: str
    written: str
    held: str
    verdict: Verdict = Verdict.UNKNOWN
    shown: str = ""
    written_is: str = ""
    shown_verdict: Verdict = Verdict.UNKNOWN
    shown_is: str = ""


@dataclass(frozen=True)
class Slice:
    """Some rows of a long list and the address of the older ones, if there are any."""

    rows: Sequence[object]
    older: str = ""
    newer: str = ""
