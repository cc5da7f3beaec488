"""The clock's table: which drain ticks how often, in the order in which the house hands rows on.

Only the beat publishes (docs/decisions/0002). Drains decide themselves whether anything is due, so a tick is cheap; one
that a stopped or busy worker did not take before the next is due expires, and no pile grows. The stages an e-mail passes
one after the other tick every two seconds: at five, their waits add up to half a minute before the office sees it.
"""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Drain:
    """One task of one stage and the seconds between its ticks."""

    task: str
    every: int


DRAINS = (
    Drain("vetting.intake.tasks.collect_mail", 5),
    Drain("vetting.intake.tasks.parse_stored", 2),
    Drain("vetting.intake.tasks.judge_stored", 2),
    Drain("vetting.intake.tasks.watch_sources", 60),
    Drain("vetting.twitter.tasks.look_up_claimed_handles", 2),
    Drain("vetting.twitter.tasks.sync_requests", 5),
    Drain("vetting.twitter.tasks.sync_followers", 5),
    Drain("vetting.twitter.tasks.read_watched", 5),
    Drain("vetting.matching.tasks.note_new_day", 3600),
    Drain("vetting.matching.tasks.rematch", 2),
    Drain("vetting.matching.tasks.check_in_full", 600),
    Drain("vetting.leavers.tasks.propose_removals", 60),
    Drain("vetting.decisions.tasks.open_or_refresh_items", 2),
    Drain("vetting.execution.tasks.recover_stuck", 60),
    Drain("vetting.execution.tasks.carry_out_due", 5),
    Drain("vetting.execution.tasks.lift_owed_blocks", 5),
    Drain("vetting.execution.tasks.confirm_from_sightings", 2),
    Drain("vetting.execution.tasks.find_discrepancies", 10),
    Drain("vetting.correspondence.tasks.acknowledge", 30),
    Drain("vetting.correspondence.tasks.send_mail", 5),
    Drain("vetting.correspondence.tasks.send_probes", 5),
    Drain("vetting.retention.tasks.erase_due", 3600),
)
PULSE = Drain("vetting.tasks.pulse", 5)


def beat_schedule() -> dict[str, dict[str, Any]]:
    """Celery's form of the table."""
    return {
        drain.task: {"task": drain.task, "schedule": float(drain.every), "options": {"expires": drain.every}} for drain in (*DRAINS, PULSE)
    }
