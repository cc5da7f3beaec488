"""What every kind of file becomes: headings, and rows in a stream, each with the line it began on. Pure."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice

from vetting.values import BadValue

NOTHING = "Nothing was changed."
NO_ROWS = f"The file has headings but no rows. An empty list never means that everybody left. {NOTHING}"
CUT_SHORT = f"The last line breaks off: the file was cut short. Download it again. {NOTHING}"
LOOKED_THROUGH = 15
_SAMPLE = 60
_NOTES_OF_A_KIND = 20
_NAMES_NO_HEADING = re.compile(r"@|^\d[\d/.\- ]*$")
_TOTAL = re.compile(r"(grand )?total\b|count\b", re.I)
Row = tuple[int, Sequence[str]]


class Notes:
    """Sentences about liberties taken; of one kind only the first twenty are kept, the rest is counted."""

    def __init__(self, *sentences: str) -> None:
        self.whole = list(sentences)
        self._lines: list[str] = []
        self._seen: Counter[str] = Counter()

    def add(self, line: int, says: str, template: str = "Line {line}: {says}") -> None:
        self._seen[says] += 1
        if self._seen[says] <= _NOTES_OF_A_KIND:
            self._lines.append(template.format(line=line, says=says))

    def left_out(self, line: int, why: str) -> None:
        self.add(line, why, "Line {line} was left out: {says}")

    def sentences(self) -> list[str]:
        more = [f"{count - _NOTES_OF_A_KIND} more lines: {says}" for says, count in self._seen.items() if count > _NOTES_OF_A_KIND]
        return [*self.whole, *self._lines, *more]


@dataclass(frozen=True)
class Sheet:
    """The table in a file. `rows` is a stream that is read once; `notes` is complete when it has been."""

    headings: tuple[str, ...]
    rows: Iterator[Row]
    notes: Notes
    kind: str
    # Headings that stood in parts of the file that were not opened at all.
    unopened: tuple[str, ...] = ()


def sheet_of(rows: Iterable[Row], notes: Notes, unopened: tuple[str, ...] = (), *, kind: str) -> Sheet:
    """Find the headings in a stream of rows. Raises BadValue where there are none, or nothing below them."""
    stream = _of_text(rows)
    sample = list(islice(stream, _SAMPLE))
    top = heading_row(sample)
    headings = numbered([tidy(cell) for cell in sample[top][1]])
    if top:
        notes.whole.append(f"{top} {'line' if top == 1 else 'lines'} above the headings were left out.")
    if len(sample) == top + 1:
        raise BadValue(NO_ROWS)
    body = _body(chain(sample[top + 1 :], stream), sample[top][1], len(headings), notes)
    return Sheet(headings, body, notes, kind, unopened)


def _of_text(rows: Iterable[Row]) -> Iterator[Row]:
    """No list of names holds a character without any meaning, and no database takes one."""
    for line, cells in rows:
        if "\0" in "".join(cells):
            raise BadValue(f"Line {line} holds characters that are no text. Export the list as CSV (UTF-8). {NOTHING}")
        yield line, cells


def tidy(cell: str) -> str:
    return " ".join(cell.split())


def heading_row(sample: Sequence[Row]) -> int:
    """Which row holds the headings. Raises BadValue."""
    widest = max((sum(1 for cell in cells if cell.strip()) for _, cells in sample), default=0)
    for index, (_, cells) in enumerate(sample[:LOOKED_THROUGH]):
        filled = [tidy(cell) for cell in cells if cell.strip()]
        if len(filled) >= max(3, widest * 0.6) and not any(_NAMES_NO_HEADING.search(cell) for cell in filled):
            return index
    raise BadValue(f"No line of headings was found in the first {LOOKED_THROUGH} lines. Export the list with its headings. {NOTHING}")


def numbered(headings: list[str]) -> tuple[str, ...]:
    """Repeated headings get a number, so that each column has a name of its own: "Surname", "Surname (2)"."""
    while headings and not headings[-1]:
        headings = headings[:-1]
    seen: Counter[str] = Counter()
    named = []
    for number, heading in enumerate(headings, start=1):
        name = heading[:80] or f"Column {number}"
        seen[name.lower()] += 1
        named.append(name if seen[name.lower()] == 1 else f"{name} ({seen[name.lower()]})")
    return tuple(named)


def _body(rows: Iterable[Row], heading_cells: Sequence[str], width: int, notes: Notes) -> Iterator[Row]:
    """The rows below the headings. One is always held back: what the last one is decides whether the file is whole."""
    held: list[Row] = []
    short_before, count = False, 0
    for row in rows:
        if row[1] == heading_cells:
            notes.left_out(row[0], "the headings once more.")
            continue
        if held and not _is_total(row[1]):
            for one in held:
                short_before = short_before or len(one[1]) < width
                count += 1
                yield from _of_width(one, width, notes)
            held = []
        held.append(row)
    while held and _is_total(held[-1][1]):
        notes.left_out(held.pop()[0], "a total, not a person.")
    if held and len(held[-1][1]) < width and not short_before and all(len(cells) >= width for _, cells in held[:-1]):
        raise BadValue(CUT_SHORT)
    for one in held:
        count += 1
        yield from _of_width(one, width, notes)
    if not count:
        raise BadValue(NO_ROWS)


def _of_width(row: Row, width: int, notes: Notes) -> Iterator[Row]:
    line, cells = row
    if len(cells) == width:
        yield row
    elif any(cells[width:]):
        notes.left_out(line, "it has more columns than there are headings.")
    else:
        yield line, [*cells, *[""] * (width - len(cells))][:width]


def _is_total(cells: Sequence[str]) -> bool:
    if not any(map(_TOTAL.match, map(str.lstrip, cells[:2]))):
        return False
    return len([cell for cell in cells if cell.strip()]) <= 3
