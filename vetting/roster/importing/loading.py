"""Loading a list: rehearsed first, applied or thrown away by a named person, kept with its counts."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import PurePath

from django.db import transaction

from accounts.models import User
from vetting.audit.events import Event
from vetting.audit.operations import record
from vetting.roster.importing.applying import write
from vetting.roster.importing.rehearsing import likeness, look_ahead, read_file
from vetting.roster.importing.rows import ListedRow
from vetting.roster.models import RosterImport
from vetting.school.changes import EVERYTHING
from vetting.school.models import School
from vetting.school.operations import facts_changed
from vetting.school.queries import local_day
from vetting.values import Refused

# What stays of a rehearsal once the list is applied or thrown away: numbers, no names.
_KEPT_OF_A_REHEARSAL = ("counts", "before", "after", "years", "same", "children", "marks", "changes", "columns")
_NAMED_IN_A_REHEARSAL = ("new", "changed", "no_longer_listed", "needs_you")


class ListIsStopped(Refused):
    """The list was stopped by its shape and cannot be applied."""


class ListIsSettled(Refused):
    """The list was applied or thrown away already."""


class RegisterChangedSince(Refused):
    """The register is no longer what the list was compared with."""


@transaction.atomic
def rehearse_import(
    *,
    school: School,
    file_name: str,
    contents: bytes,
    by: User,
    at: datetime,
    kind: str = RosterImport.Kind.ADDITIONS,
    mapping: Mapping[str, Sequence[int]] | None = None,
) -> RosterImport:
    """Read a list and say what applying it would do. Nothing of the register is changed.

    A complete list whose shape cannot be believed is stored as stopped, with the sentence, and can only be thrown away.

    Args:
        mapping: columns a person chose ({field: [column numbers from 0]}), where the headings do not say.

    Raises:
        BadValue: the file is not a list of contacts; nothing is stored.
    """
    file = read_file(school, contents, mapping)
    outlook = look_ahead(school, file.rows, kind, local_day(school, at))
    columns = {"kept": [list(pair) for pair in file.columns.kept], "dropped": list(file.columns.dropped)}
    row = RosterImport.objects.create(
        school=school,
        kind=kind,
        file_name=PurePath(file_name.replace("\\", "/")).name[:200] or "list.csv",
        sha256=hashlib.sha256(contents).hexdigest(),
        by=by,
        uploaded_at=at,
        heading_fingerprint=file.fingerprint,
        mapping=file.columns.as_json(),
        rows=[] if outlook.stopped_because else [listed.as_json() for listed in file.rows],
        rehearsal={**outlook.summary, "columns": columns},
        warnings=[*file.warnings, *outlook.warnings],
        stopped_because=outlook.stopped_because[:500],
    )
    facts: dict[str, object] = {"rows": len(file.rows)}
    if row.stopped_because:
        facts["why"] = row.stopped_because
    event = Event.ROSTER_STOPPED if row.stopped_because else Event.ROSTER_REHEARSED
    record(school_id=school.pk, event=event, by=by, at=at, subject=row, facts=facts, words={"file": row.file_name})
    return row


@transaction.atomic
def apply_import(*, roster_import: RosterImport, by: User, at: datetime) -> RosterImport:
    """Write a rehearsed list into the register: all of it or nothing. It ends nobody's reason unless a leaving date says so.

    Raises:
        ListIsStopped, ListIsSettled: it cannot be applied (any more).
        RegisterChangedSince: what would happen is no longer what the rehearsal showed.
    """
    row = _open_import(roster_import)
    if row.stopped_because:
        raise ListIsStopped("This list was stopped. Choose another file.")
    school, on = row.school, local_day(row.school, at)
    outlook = look_ahead(school, [ListedRow.from_json(listed) for listed in row.rows], row.kind, on)
    if outlook.stopped_because or likeness(outlook.summary) != likeness(row.rehearsal):
        raise RegisterChangedSince("The register changed since this list was checked. Check it again.")
    row.applied_at, row.applied_by = at, by
    applied = write(outlook.comparison, roster_import=row, on=on, at=at)
    _settle(row)
    record(
        school_id=school.pk,
        event=Event.ROSTER_APPLIED,
        by=by,
        at=at,
        subject=row,
        facts={"added": applied.added, "changed": applied.changed, "children_added": applied.pupils_added, "marks": applied.marks},
        words={"file": row.file_name},
    )
    facts_changed(school.pk, EVERYTHING)
    return row


@transaction.atomic
def discard_import(*, roster_import: RosterImport, by: User, at: datetime) -> None:
    """Throw a rehearsed or stopped list away. Raises ListIsSettled."""
    row = _open_import(roster_import)
    row.discarded_at = at
    _settle(row)
    record(school_id=row.school_id, event=Event.ROSTER_DISCARDED, by=by, at=at, subject=row, words={"file": row.file_name})


def _open_import(roster_import: RosterImport) -> RosterImport:
    row = RosterImport.objects.select_for_update().select_related("school").get(pk=roster_import.pk)
    if row.applied_at or row.discarded_at:
        raise ListIsSettled("This list was applied already." if row.applied_at else "This list was thrown away.")
    return row


def _settle(row: RosterImport) -> None:
    """Forget the rows and the names; keep what happened, in numbers."""
    totals = {name: len(row.rehearsal.get(name, [])) for name in _NAMED_IN_A_REHEARSAL}
    row.rehearsal = {**{name: row.rehearsal[name] for name in _KEPT_OF_A_REHEARSAL if name in row.rehearsal}, "totals": totals}
    row.rows = []
    row.save(update_fields=["rows", "rehearsal", "applied_at", "applied_by", "discarded_at"])
