"""The school's list as a file, in the shapes that systems write. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from random import Random

from tests.school_years.calendar import year_name
from tests.school_years.truth import Adult, Child, Line, Truth

Cells = list[str]
SHAPES = ("long", "long without numbers", "wide")
_OF_THE_CHILD = ["Pupil ID", "Pupil Forename", "Pupil Surname", "Year Group", "Class", "Leaving Date"]
_OF_AN_ADULT = ["Forename", "Surname", "Email", "Relationship", "Court Order"]


@dataclass
class Form:
    """How a school's system writes its list. `numbers`: its own numbers, where it gave out new ones to everybody."""

    shape: str
    encoding: str = "utf-8-sig"
    separator: str = ","
    title_row: bool = False
    numbers: dict[int, int] = field(default_factory=dict)

    @classmethod
    def drawn(cls, draw: Random, shape: str = "") -> "Form":
        encoding = draw.choice(["utf-8-sig", "utf-8", "cp1252", "utf-16"])
        separator = "\t" if encoding == "utf-16" else draw.choice([",", ",", ";", "\t"])
        return cls(shape or draw.choice(SHAPES), encoding, separator, draw.random() < 0.2)

    def number(self, of: Adult | Child) -> str:
        prefix = "C" if isinstance(of, Adult) else "P"
        return f"{prefix}{self.numbers.get(of.number, of.number):05}"

    def renumber(self, truth: Truth, draw: Random) -> None:
        """A new system: everybody's number is somebody else's now."""
        everybody = [one.number for one in (*truth.adults, *truth.children)]
        old = [self.numbers.get(number, number) for number in everybody]
        draw.shuffle(old)
        self.numbers = dict(zip(everybody, old, strict=True))


@dataclass
class Table:
    """Headings and rows before they become bytes: where most of what can break breaks."""

    headings: Cells
    rows: list[Cells]
    years: list[int]

    def keep(self, wanted: Callable[[int, Cells], bool]) -> None:
        both = [(year, row) for year, row in zip(self.years, self.rows, strict=True) if wanted(year, row)]
        self.years, self.rows = [year for year, _ in both], [row for _, row in both]


def table_of(lines: Sequence[Line], day: date, form: Form) -> Table:
    return _wide(lines, day, form) if form.shape == "wide" else _long(lines, day, form)


def _child(line: Line, day: date, form: Form) -> Cells:
    child, left = line.child, line.left_on
    year = child.year_on(min(left or day, day))
    return [form.number(child), child.given, child.family, year_name(year), f"{year}{'AB'[child.number % 2]}", _day(left)]


def _adult(line: Line) -> Cells:
    adult = line.adult
    return [adult.given, adult.family, " ".join(adult.addresses), line.relationship, "Yes" if line.marked else "No"]


def _day(day: date | None) -> str:
    return f"{day:%d/%m/%Y}" if day else ""


def _long(lines: Sequence[Line], day: date, form: Form) -> Table:
    numbered = form.shape == "long"
    names = [*(["ID"] if numbered else []), *_OF_AN_ADULT]
    headings = [*_OF_THE_CHILD, *(name if name in ("Email", "Relationship", "Court Order") else f"Contact {name}" for name in names)]
    rows = [[*_child(line, day, form), *([form.number(line.adult)] if numbered else []), *_adult(line)] for line in lines]
    return Table(headings, rows, [line.child.year_on(day) for line in lines])


def _wide(lines: Sequence[Line], day: date, form: Form) -> Table:
    """One row for each child, its adults side by side; no adult has a number."""
    headings = [*_OF_THE_CHILD, *(f"Contact {number} {what}" for number in (1, 2, 3) for what in _OF_AN_ADULT)]
    by_child: dict[int, list[Line]] = {}
    for line in lines:
        by_child.setdefault(line.child.number, []).append(line)
    rows = []
    for theirs in by_child.values():
        cells = [*_child(theirs[0], day, form), *(cell for line in theirs[:3] for cell in _adult(line))]
        rows.append(cells + [""] * (len(headings) - len(cells)))
    return Table(headings, rows, [theirs[0].child.year_on(day) for theirs in by_child.values()])


def as_bytes(table: Table, form: Form) -> bytes:
    body = [table.headings, *table.rows]
    if form.title_row:
        body.insert(0, ["Contacts of our pupils", *[""] * (len(table.headings) - 1)])
    text = "".join(form.separator.join(cells) + "\r\n" for cells in body)
    return text.encode(form.encoding)


def the_list(truth: Truth, day: date, form: Form) -> bytes:
    return as_bytes(table_of(truth.lines(day), day, form), form)
