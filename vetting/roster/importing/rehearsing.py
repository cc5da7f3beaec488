"""From a file to what would change: the pure steps in order, over one school's register."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db.models import Case, Count, IntegerField, Q, QuerySet, When

from vetting.roster.importing.checks import STOPPED, LastList, as_facts, kept_as_json, stop_sentences, warnings_of
from vetting.roster.importing.comparing import Comparison, Terms, compare
from vetting.roster.importing.dates import warnings_of_dates
from vetting.roster.importing.gathering import gather
from vetting.roster.importing.keeping import unpack
from vetting.roster.importing.known import load_register
from vetting.roster.importing.leaving import Leaving, who_leaves
from vetting.roster.importing.mapping import Columns, Field, find_columns, fingerprint, given_columns, guess_columns
from vetting.roster.importing.reading import read_sheet
from vetting.roster.importing.rows import ListedRow, RowCount, read_rows
from vetting.roster.importing.summary import rehearsal
from vetting.roster.importing.tables import Notes
from vetting.roster.models import RosterImport
from vetting.school.models import School
from vetting.school.queries import limits_of, local_day, policy
from vetting.school.queries import terms_of as terms_of_school
from vetting.school.summer import frozen_until
from vetting.values import BadValue

_OTHER_HEADINGS = "The headings differ from the last list. Look at the columns before you apply it."
Chosen = Mapping[str, Sequence[int]]


@dataclass
class ListOpened:
    """A list whose columns are known; its rows are still to be read, and only then are count and notes complete."""

    headings: tuple[str, ...]
    columns: Columns
    rows: Iterable[ListedRow]
    notes: Notes
    last: LastList | None
    confirmed: bool
    count: RowCount = field(default_factory=RowCount)

    @property
    def fingerprint(self) -> str:
        return fingerprint(self.headings)


@dataclass(frozen=True)
class Outlook:
    """What applying the rows would do now. `stopped_because` holds one sentence for each reason."""

    comparison: Comparison
    leaving: Leaving
    summary: dict[str, Any]
    stopped_because: tuple[str, ...]
    warnings: list[str]

    @property
    def stop_sentence(self) -> str:
        return " ".join((STOPPED, *self.stopped_because))[:1000] if self.stopped_because else ""


def open_list(school: School, contents: bytes, mapping: Chosen | str | None, source: str = "") -> ListOpened:
    """Open a file and find its columns; those of a list with the same headings are remembered.

    Args:
        mapping: chosen columns ({field: [column numbers]}), or the name of the source whose columns are remembered.

    Raises BadValue with a sentence for whatever is not a list of contacts.
    """
    sheet = read_sheet(contents)
    print_of_headings = fingerprint(sheet.headings)
    applied = _applied(school)
    if isinstance(mapping, str):
        mapping = _remembered(applied, mapping, print_of_headings)
    last = _last_of_its_kind(applied, source.strip()[:60], print_of_headings)
    known = applied.filter(heading_fingerprint=print_of_headings).first()
    chosen = mapping or (known.mapping if known else None)
    columns = given_columns(sheet.headings, chosen, sheet.unopened) if chosen else find_columns(sheet.headings, sheet.unopened)
    if known is None and mapping is None and last is not None:
        sheet.notes.whole.insert(0, _OTHER_HEADINGS)
    count = RowCount()
    rows = read_rows(sheet, columns, count)
    confirmed = bool(mapping) or known is not None
    return ListOpened(sheet.headings, columns, rows, sheet.notes, _last_list(last), confirmed, count)


def propose_columns(contents: bytes) -> tuple[tuple[str, ...], dict[str, list[int]]]:
    """The headings of a file and what they were taken for as far as they say, for somebody to put right. Raises BadValue."""
    headings = read_sheet(contents).headings
    return headings, guess_columns(headings)


def reopen(row: RosterImport) -> ListOpened:
    """A list that was checked before, from what was kept of it."""
    headings = tuple(row.rehearsal["columns"]["headings"])
    last = _last_of_its_kind(_applied(row.school).exclude(pk=row.pk), row.source, row.heading_fingerprint)
    columns = given_columns(headings, row.mapping)
    count = RowCount(**row.rehearsal["filled"])
    return ListOpened(headings, columns, unpack(bytes(row.kept_rows or b"")), Notes(), _last_list(last), row.columns_confirmed, count)


def _applied(school: School) -> QuerySet[RosterImport]:
    applied = RosterImport.objects.filter(school=school, applied_at__isnull=False, rolled_back_at=None)
    return applied.defer("kept_rows", "journal").order_by("-applied_at", "-pk")


def _last_of_its_kind(applied: QuerySet[RosterImport], source: str, print_of_headings: str) -> RosterImport | None:
    """The last list of the same source, else with the same headings, else of any: a school may load the lists of two systems in turn."""
    own = When(source=source, then=0) if source else When(pk=None, then=0)
    kind = Case(own, When(heading_fingerprint=print_of_headings, then=1), default=2, output_field=IntegerField())
    return applied.annotate(kind_of_list=kind).order_by("kind_of_list", "-applied_at", "-pk").first()


def _remembered(applied: QuerySet[RosterImport], name: str, print_of_headings: str) -> Chosen:
    named = applied.filter(source=name).first()
    if named is None:
        raise BadValue(f"No columns are remembered under the name “{name}”. Nothing was changed.")
    if named.heading_fingerprint != print_of_headings:
        raise BadValue(f"The headings are not those remembered under “{name}”. Choose the columns again. Nothing was changed.")
    return dict(named.mapping)


def _last_list(last: RosterImport | None) -> LastList | None:
    if last is None:
        return None
    kept = {meaning: heading for heading, meaning in last.rehearsal.get("columns", {}).get("kept", [])}
    return LastList(last.rehearsal.get("filled", {}), kept)


def terms_of(school: School, kind: str, sha256: str, *, came_in: datetime, at: datetime, source: str = "") -> Terms:
    """What a file of these bytes, come in then, may say at a moment."""
    on, school_terms = local_day(school, at), terms_of_school(school)
    frozen = policy(school, "summer_freeze") and any(frozen_until(day, school_terms) for day in (local_day(school, came_in), on))
    same, newer = Q(sha256=sha256), Q(uploaded_at__gt=came_in) | Q(borne_out_at__gt=came_in)
    lists = _applied(school).aggregate(same=Count("pk", filter=same), newer=Count("pk", filter=newer))
    return Terms(
        came_in,
        on,
        complete=kind == RosterImport.Kind.COMPLETE,
        frozen=bool(frozen),
        source=source.strip()[:60],
        seen_before=bool(lists["same"]),
        school_terms=school_terms,
        overtaken=bool(lists["newer"]),
    )


def look_ahead(
    school: School, opened: ListOpened, terms: Terms, answers: Mapping[str, str] | None = None, rows: Iterable[ListedRow] | None = None
) -> Outlook:
    """Compare with the register as it stands; nothing is written. `rows` where somebody listens in on them."""
    # The list first: what putting it together takes is free again before the register is read.
    gathered = gather(opened.rows if rows is None else rows)
    register = load_register(school, terms.on)
    comparison = compare(gathered, register, replace(terms, has_dates=opened.columns.has(Field.LEAVING)), answers)
    leaving = who_leaves(comparison, register)
    stopped = stop_sentences(
        comparison,
        register,
        leaving,
        terms=terms,
        limits=limits_of(school),
        count=opened.count,
        columns=opened.columns,
        last=opened.last,
        columns_confirmed=opened.confirmed,
    )
    summary = rehearsal(comparison, register, leaving)
    summary |= {"counts": summary["counts"] | {"rows": opened.count.read or summary["counts"]["rows"]}, "filled": as_facts(opened.count)}
    summary |= {"stops": stopped}
    summary |= {"columns": kept_as_json(opened.columns) | {"headings": list(opened.headings)}}
    found = [*warnings_of_dates(comparison.pupils), *warnings_of(comparison, terms, opened.columns)]
    return Outlook(comparison, leaving, summary, tuple(stopped), [*opened.notes.sentences(), *found])


def likeness(summary: Mapping[str, Any]) -> tuple[str, list[str]]:
    """What two rehearsals with the same outcome have in common: what would be written, and what stops it."""
    return str(summary["outcome"]), list(summary.get("stops", []))
