"""From what a process remembers of a school to what the school's facts are now, by the log of what changed since."""

from datetime import datetime

from vetting.matching.knowing import Known, Memory, form_opinions
from vetting.matching.reading import named_in, read_changed_rows, read_rows
from vetting.matching.rows import SchoolRows, state_on
from vetting.school.changes import Changed, What
from vetting.school.models import ChangedFact, School
from vetting.school.queries import local_day

# Reading so many rows one by one saves nothing any more.
_MOST_CHANGES = 500

memory = Memory()


def read_facts(*, school: School, at: datetime, version: int, was: Known | None) -> Known:
    """What matching knows of a school at this version of its facts or later, with an opinion of each open request.

    Only what the log names is read anew. Everything is where nothing is remembered, where the log names everything, or where it does
    not reach back to what is remembered.
    """
    day = local_day(school, at)
    log = list(ChangedFact.objects.filter(school=school, version__gte=_from(version, was), version__lte=version).order_by("version", "pk"))
    mark = log[-1].mark if log and log[-1].version == version else None
    rows = _changed_rows(school, log, version, was) if was is not None else None
    if was is None or rows is None:
        return form_opinions(state_on(read_rows(school=school), day), version=version, mark=mark)
    return form_opinions(state_on(rows, day, was.state), version=version, mark=mark, was=was)


def _from(version: int, was: Known | None) -> int:
    return min(was.version, version) if was is not None else version


def _changed_rows(school: School, log: list[ChangedFact], version: int, was: Known) -> SchoolRows | None:
    """The rows at the end of the log, or None where the log does not lead there from what is remembered."""
    marks = {row.version: row.mark for row in log}
    unbroken = was.version <= version and set(marks) == set(range(was.version, version + 1))
    if not unbroken or marks[was.version] != was.mark or len(log) > _MOST_CHANGES:
        return None
    named = named_in(Changed(What(row.what), row.key) for row in log if row.version > was.version)
    return read_changed_rows(school=school, was=was.state.rows, named=named) if named is not None else None
