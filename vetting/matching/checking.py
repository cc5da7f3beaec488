"""The nightly check: everything is decided afresh from the database and compared with what stands.

What was decided change by change must be the same. Where it is not, a change was missed: it is put right, and a technician is told.
"""

import logging
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import transaction

from vetting.matching.knowing import Known, form_opinions
from vetting.matching.models import Match
from vetting.matching.operations import write_opinions
from vetting.matching.queries import standing_opinions
from vetting.matching.reading import read_rows
from vetting.matching.rows import state_on
from vetting.matching.versions import VERSIONS, Versions
from vetting.school.changes import DAY_TURNED, EVERYTHING
from vetting.school.models import ChangedFact, School
from vetting.school.operations import clear_alarm, facts_changed, raise_alarm
from vetting.school.queries import local_day

log = logging.getLogger(__name__)

ALARM = "matching-missed"
# Not before everybody has gone home, and not before the day has turned for every link.
NIGHT_BEGINS = 2
VERSIONS_KEPT = 2_000


@dataclass(frozen=True)
class Checked:
    """What a full run found: how many opinions were compared, how many were missed, and how many were written."""

    compared: int
    missed: int
    written: int


def check_in_full(*, school: School, at: datetime) -> Checked | None:
    """Decide a school's open requests afresh, for the day for which they were decided last, and write what differs.

    None when it cannot be told now: changed facts are still to be matched, or facts changed meanwhile. The next tick asks again.
    Opinions of an older engine are only written anew; nothing was missed there.
    """
    now = School.objects.get(pk=school.pk)
    version, today = now.facts_version, local_day(school, at)
    if now.matched_version != version or now.matched_on is None:
        return None
    known = form_opinions(state_on(read_rows(school=school), now.matched_on), version=version, mark=None)
    with transaction.atomic():
        missed = _missed(school, known)
        written = write_opinions(school, known, at)
        _say(school, len(known.formed), missed, at)
        # Last, because what is recorded is recorded before a school's row is held. Had a fact changed meanwhile, nothing was missed.
        if not School.objects.filter(pk=school.pk, facts_version=version, matched_version=version).update(checked_on=today):
            transaction.set_rollback(True)
            return None
        _tidy(school, version, everything=missed > 0, day_turned=now.matched_on != today)
    return Checked(len(known.formed), missed, written)


def _missed(school: School, known: Known) -> int:
    """How many requests have an opinion of this engine that is not the one formed afresh, or none at all."""
    standing = {
        match.follow_request_id: match
        for match in standing_opinions(school).only("follow_request", "fingerprint", "engine_version", "weights_version", "data_version")
    }
    missed = 0
    for pk, formed in known.formed.items():
        match = standing.get(pk)
        if match is None or (_versions_of(match) == VERSIONS and match.fingerprint != formed.fingerprint):
            missed += 1
    return missed


def _versions_of(match: Match) -> Versions:
    return Versions(match.engine_version, match.weights_version, match.data_version)


def _say(school: School, compared: int, missed: int, at: datetime) -> None:
    if not missed:
        clear_alarm(school=school, kind=ALARM, at=at)
        return
    log.warning("The nightly check of school %s found %s of %s opinions that had not followed a change.", school.pk, missed, compared)
    sentence = (
        f"The nightly check put {missed} of {compared} comparisons of requests and messages right, which had not followed a change. "
        "Please tell whoever looks after Known Followers."
    )
    raise_alarm(school=school, kind=ALARM, sentence=sentence, at=at)


def _tidy(school: School, version: int, *, everything: bool, day_turned: bool) -> None:
    """Drop the old end of the log, make every process read the school anew where one missed something, and begin the new day."""
    ChangedFact.objects.filter(school=school, version__lte=version - VERSIONS_KEPT).delete()
    if everything:
        facts_changed(school.pk, EVERYTHING)
    elif day_turned:
        facts_changed(school.pk, DAY_TURNED)


def is_due(school: School, at: datetime) -> bool:
    """Once a day, in the night or as soon after it as the computer is on."""
    local = at.astimezone(ZoneInfo(school.time_zone))
    day = local_day(school, at)
    return local.hour >= NIGHT_BEGINS and (school.checked_on is None or school.checked_on < day)


def schools_to_check(at: datetime) -> list[School]:
    return [school for school in School.objects.filter(matched_on__isnull=False).order_by("pk") if is_due(school, at)]
