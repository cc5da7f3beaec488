"""Loading a list: rehearsed first, applied, thrown away or rolled back by a named person, kept with its counts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import PurePath

from django.db import transaction

from accounts.models import User
from vetting.audit.events import Event
from vetting.audit.operations import record
from vetting.roster.importing.applying import write
from vetting.roster.importing.checks import OVERTAKEN
from vetting.roster.importing.keeping import Packing, digest, numbers_of
from vetting.roster.importing.recognising import DIFFERENT, SAME
from vetting.roster.importing.rehearsing import Chosen, ListOpened, Outlook, likeness, look_ahead, open_list, reopen, terms_of
from vetting.roster.importing.undoing import Journal, marks_that_go, restore, what_builds_on
from vetting.roster.models import Restriction, RosterImport
from vetting.school.limits import LONE_ADMIN_WAITS
from vetting.school.models import Role, School
from vetting.school.operations import facts_changed
from vetting.school.queries import is_only_admin, local_day, policy, roles_of
from vetting.values import Refused

# So long after it was checked, or let through, a list may be applied.
GOOD_FOR = timedelta(hours=24)
# The register can be put back to before each of the last so many lists.
LISTS_THAT_CAN_GO_BACK = 3
LET_THROUGH_NO_MORE = "It was let through before the answers changed what it would do: it has to be let through again."


class ListIsStopped(Refused):
    """The list was stopped by its shape and cannot be applied."""


class ListIsSettled(Refused):
    """The list was applied or thrown away already."""


class CheckIsOld(Refused):
    """The list was checked too long ago: it may not be the school's list any more."""


class RegisterChangedSince(Refused):
    """The register is no longer what the list was compared with."""


class CannotRollBack(Refused):
    """Something later builds on the list."""


class ReleaseNeedsAnother(Refused):
    """A stopped list is let through by an admin who did not bring it."""


@dataclass(frozen=True)
class Loaded:
    """What became of a file that was loaded at one go. `row` is None where nothing was to be written."""

    outlook: Outlook
    opened: ListOpened
    row: RosterImport | None


@transaction.atomic
def rehearse_import(
    *,
    school: School,
    file_name: str,
    contents: bytes,
    by: User | None,
    at: datetime,
    kind: str = RosterImport.Kind.ADDITIONS,
    mapping: Chosen | str | None = None,
    source: str = "",
) -> RosterImport:
    """Read a list and say what applying it would do. Nothing of the register is changed.

    A list whose shape cannot be believed is stored as stopped, with the sentences.

    Args:
        mapping: columns a person chose ({field: [column numbers from 0]}), where the headings do not say.
        source: what the school calls this export; the columns are remembered under it.

    Raises:
        BadValue: the file is not a list of contacts; nothing is stored.
    """
    opened, sha256 = open_list(school, contents, mapping, source), digest(contents)
    packing, terms = Packing(), terms_of(school, kind, sha256, came_in=at, at=at, source=source)
    outlook = look_ahead(school, opened, terms, rows=packing.pass_on(opened.rows))
    row = _new_row(school, file_name, sha256, opened, outlook, kind=kind, source=source, by=by, at=at)
    row.kept_rows = packing.packed()
    row.save()
    _record_look(row, outlook, by, at)
    return row


def load_list(
    *,
    school: School,
    file_name: str,
    contents: bytes,
    by: User | None,
    at: datetime,
    apply: bool,
    kind: str = RosterImport.Kind.ADDITIONS,
    mapping: Chosen | str | None = None,
    source: str = "",
) -> Loaded:
    """Check a list and, with `apply`, load it at one go: what was checked is what is written, in one transaction.

    Without `apply`, and where the list holds nothing new, no row is written at all; the list before it is noted as borne out then. A
    stopped list leaves its record only.

    Raises:
        BadValue: the file is not a list of contacts; nothing is stored.
    """
    with transaction.atomic():
        opened, sha256 = open_list(school, contents, mapping, source), digest(contents)
        del contents  # a large file is not held beside the register: its rows are on their way
        outlook = look_ahead(school, opened, terms_of(school, kind, sha256, came_in=at, at=at, source=source))
        says_nothing_new = not outlook.stopped_because and outlook.comparison.writes_nothing
        if apply and says_nothing_new:
            _note_as_borne_out(school, at)
        if not apply or says_nothing_new:
            return Loaded(outlook, opened, None)
        row = _new_row(school, file_name, sha256, opened, outlook, kind=kind, source=source, by=by, at=at)
        row.save()
        if outlook.stopped_because:
            _record_look(row, outlook, by, at)
        else:
            _write(row, outlook, by, at)
        return Loaded(outlook, opened, row)


def _note_as_borne_out(school: School, at: datetime) -> None:
    newest = RosterImport.objects.filter(school=school, applied_at__isnull=False, rolled_back_at=None).order_by("-applied_at", "-pk")
    RosterImport.objects.filter(pk__in=newest.values_list("pk", flat=True)[:1]).update(borne_out_at=at)


def _new_row(
    school: School,
    file_name: str,
    sha256: str,
    opened: ListOpened,
    outlook: Outlook,
    *,
    kind: str,
    source: str,
    by: User | None,
    at: datetime,
) -> RosterImport:
    return RosterImport(
        school=school,
        kind=kind,
        file_name=PurePath(file_name.replace("\\", "/")).name[:200] or "list.csv",
        sha256=sha256,
        source=source.strip()[:60],
        by=by,
        uploaded_at=at,
        heading_fingerprint=opened.fingerprint,
        mapping=opened.columns.as_json(),
        columns_confirmed=opened.confirmed,
        rehearsal=outlook.summary,
        warnings=outlook.warnings,
        stopped_because=outlook.stop_sentence,
    )


def _record_look(row: RosterImport, outlook: Outlook, by: User | None, at: datetime) -> None:
    facts: dict[str, object] = {"rows": outlook.summary["counts"]["rows"]}
    if row.stopped_because:
        facts["why"] = row.stopped_because
    event = Event.ROSTER_STOPPED if row.stopped_because else Event.ROSTER_REHEARSED
    record(school_id=row.school_id, event=event, by=by, at=at, subject=row, facts=facts, words={"file": row.file_name})


@transaction.atomic
def answer_questions(*, roster_import: RosterImport, answers: Mapping[str, str], by: User, at: datetime) -> RosterImport:
    """Say of entries that need a person whether they are the one of the register, and look again. Nothing of the register is changed.

    Where the list would now do something else than what it was let through for, it has to be let through again.

    Raises ListIsSettled.
    """
    row = _open_import(roster_import)
    said = {key[:16]: answer for key, answer in answers.items() if answer in (SAME, DIFFERENT)}
    row.answers = {**row.answers, **said}
    outlook = _look_again(row, at)
    lapses = row.released_at is not None and likeness(outlook.summary) != likeness(row.rehearsal)
    row.rehearsal, row.stopped_because = outlook.summary, outlook.stop_sentence
    if OVERTAKEN in outlook.warnings and OVERTAKEN not in row.warnings:
        row.warnings = [OVERTAKEN, *row.warnings]
    if lapses:
        row.released_at, row.released_by, row.released_why = None, None, ""
        room = 1000 - len(LET_THROUGH_NO_MORE) - 1
        row.stopped_because = f"{row.stopped_because[:room]} {LET_THROUGH_NO_MORE}" if row.stopped_because else ""
    row.save(update_fields=["answers", "rehearsal", "warnings", "stopped_because", "released_at", "released_by", "released_why"])
    if said:
        counted = {answer: sum(1 for one in said.values() if one == answer) for answer in (SAME, DIFFERENT)}
        words = {"file": row.file_name}
        record(school_id=row.school_id, event=Event.ROSTER_ANSWERED, by=by, at=at, subject=row, facts=counted, words=words)
    return row


@transaction.atomic
def apply_import(*, roster_import: RosterImport, by: User | None, at: datetime) -> RosterImport:
    """Write a rehearsed list into the register: all of it or nothing, and only as it was shown.

    A reason ends by a leaving date in the list, or when a second complete list, a day or more after the first, lacks it too.

    Raises:
        ListIsStopped, ListIsSettled, CheckIsOld: it cannot be applied (any more).
        RegisterChangedSince: what would happen is no longer what the rehearsal showed.
    """
    row = _open_import(roster_import)
    if row.stopped_because and row.released_at is None:
        raise ListIsStopped("This list was stopped. Choose another file.")
    if at - (row.released_at or row.uploaded_at) > GOOD_FOR:
        raise CheckIsOld("This list was checked more than a day ago. Choose the file again, so that it is checked once more.")
    outlook = _look_again(row, at)
    if (outlook.stopped_because and row.released_at is None) or likeness(outlook.summary) != likeness(row.rehearsal):
        raise RegisterChangedSince("The register changed since this list was checked. Check it again.")
    _write(row, outlook, by, at)
    return row


def _look_again(row: RosterImport, at: datetime) -> Outlook:
    terms = terms_of(row.school, row.kind, row.sha256, came_in=row.uploaded_at, at=at, source=row.source)
    return look_ahead(row.school, reopen(row), terms, row.answers)


def _write(row: RosterImport, outlook: Outlook, by: User | None, at: datetime) -> None:
    row.applied_at, row.applied_by = at, by
    applied, journal = write(outlook.comparison, roster_import=row, on=local_day(row.school, at), at=at)
    row.journal = None if journal.is_empty else journal.packed()
    _settle(row)
    facts = {"added": applied.added, "changed": applied.changed, "children_added": applied.pupils_added, "marks": applied.marks}
    record(
        school_id=row.school_id,
        event=Event.ROSTER_APPLIED,
        by=by,
        at=at,
        subject=row,
        facts={**facts, "ended": applied.ended},
        words={"file": row.file_name},
    )
    if not journal.is_empty:
        _forget_older_journals(row)
        facts_changed(row.school_id)


def _forget_older_journals(row: RosterImport) -> None:
    applied = RosterImport.objects.filter(school_id=row.school_id, journal__isnull=False, rolled_back_at=None)
    kept = list(applied.order_by("-applied_at", "-pk").values_list("pk", flat=True)[:LISTS_THAT_CAN_GO_BACK])
    applied.exclude(pk__in=kept).update(journal=None)


@transaction.atomic
def roll_back_import(*, roster_import: RosterImport, by: User, at: datetime) -> RosterImport:
    """Put the register back to what it was before a list, as long as nothing later builds on it.

    Marks on people who stay in the register go only where the safeguarding lead does it. Anybody else is told nothing of them and
    leaves them where they are: the lead lifts them.

    Raises:
        CannotRollBack: with the sentence that says what stands in the way.
    """
    row = RosterImport.objects.select_for_update().select_related("school").get(pk=roster_import.pk)
    journal = _journal_of(row)
    if why := what_builds_on(journal, row):
        raise CannotRollBack(f"This list cannot be rolled back: {why}")
    going = marks_that_go(journal, by_the_lead=Role.LEAD in roles_of(school=row.school, user=by))
    _record_marks_that_go(going, row, by, at)
    restore(journal, without=going)
    row.rolled_back_at, row.rolled_back_by, row.journal = at, by, None
    row.save(update_fields=["rolled_back_at", "rolled_back_by", "journal"])
    record(school_id=row.school_id, event=Event.ROSTER_ROLLED_BACK, by=by, at=at, subject=row, words={"file": row.file_name})
    facts_changed(row.school_id)
    return row


def _record_marks_that_go(marks: Iterable[Restriction], row: RosterImport, by: User, at: datetime) -> None:
    """Whoever loses a mark with a list has it in the record, as with any mark that is lifted."""
    for person in (mark.person for mark in marks):
        words = {"name": person.name}
        record(school_id=row.school_id, event=Event.RESTRICTION_LIFTED, by=by, at=at, subject=person, words=words)


def _journal_of(row: RosterImport) -> Journal:
    if row.applied_at is None or row.rolled_back_at is not None:
        raise CannotRollBack("This list is not loaded.")
    later = RosterImport.objects.filter(school_id=row.school_id, applied_at__isnull=False, rolled_back_at=None, journal__isnull=False)
    later = later.exclude(pk=row.pk).filter(applied_at__gte=row.applied_at, pk__gt=row.pk) | later.filter(applied_at__gt=row.applied_at)
    last = later.order_by("-applied_at", "-pk").first()
    if last is not None and last.applied_at is not None:
        raise CannotRollBack(f"Another list was loaded since: roll back {last.file_name} of {last.applied_at:%-d %b %Y} first.")
    if row.journal is None:
        days = policy(row.school, "roll_back_days")
        raise CannotRollBack(f"This list changed nothing, or is too old: only the last three lists can be rolled back, for {days} days.")
    return Journal.unpacked(bytes(row.journal))


@transaction.atomic
def release_import(*, roster_import: RosterImport, why: str, by: User, at: datetime, seen: str = "") -> RosterImport:
    """Let a stopped list through: a second admin looked at it and says why it is right. Applying is the next step.

    It is let through for what it would do now, as the check shows it. The only admin of a school may do it 48 hours after the stop.

    Args:
        seen: the outcome that stood on the page they read; empty where they read no page.

    Raises:
        ListIsSettled, ReleaseNeedsAnother
        Refused: it is not stopped, it is no longer what they read, or no reason was given.
    """
    row = _open_import(roster_import)
    if not row.stopped_because or row.released_at is not None:
        raise Refused("This list is not stopped.")
    if seen and seen != row.rehearsal.get("outcome"):
        raise Refused("This list was looked at again since you opened this page. Read what it would do now.")
    if not why.strip():
        raise Refused("Write why this list is right.")
    if Role.ADMIN not in roles_of(school=row.school, user=by):
        raise ReleaseNeedsAnother("Only an admin may let a stopped list through.")
    if row.by_id == by.pk:
        if not is_only_admin(row.school, by):
            raise ReleaseNeedsAnother("You brought this list yourself. Another admin must let it through.")
        if at < row.uploaded_at + LONE_ADMIN_WAITS:
            raise ReleaseNeedsAnother("You are the only admin and brought this list yourself. You may let it through after 48 hours.")
    if row.kept_rows is None:
        raise Refused("Nothing was kept of this list. Check it on the Import page first.")
    row.released_at, row.released_by, row.released_why = at, by, why.strip()[:300]
    row.save(update_fields=["released_at", "released_by", "released_why"])
    record(
        school_id=row.school_id,
        event=Event.ROSTER_RELEASED,
        by=by,
        at=at,
        subject=row,
        words={"file": row.file_name, "why": row.released_why},
    )
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
    row.rehearsal = numbers_of(row.rehearsal)
    row.kept_rows, row.answers = None, {}
    row.save(update_fields=["kept_rows", "answers", "rehearsal", "journal", "applied_at", "applied_by", "discarded_at"])
