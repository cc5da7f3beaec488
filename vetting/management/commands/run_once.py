"""Every drain once, in order, in this process."""

import json
import logging
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.module_loading import import_string

from vetting.schedule import DRAINS

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = (
        "Do what the clock does, once: collect mail, read it, ask Twitter, match, open and carry out, confirm, plan removals, send. "
        "Each step hands its rows to the next, so one run takes a new e-mail all the way to a question on screen. "
        "Useful from cron where no worker may run, and to see each step's count. "
        "A step that fails is reported and the others still run; the exit code is then 1."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="One line of JSON instead of a table, for scripts.")

    def handle(self, *args: Any, **options: Any) -> None:
        steps = [_run(drain.task) for drain in DRAINS]
        if options["json"]:
            self.stdout.write(json.dumps({"steps": steps}, ensure_ascii=False))
        else:
            for step in steps:
                outcome = f"failed: {step['error']}" if step["error"] else f"{step['count']:>6}"
                self.stdout.write(f"{step['step']:<34}{outcome}   {step['seconds']:.2f} s")
        failed = [step["step"] for step in steps if step["error"]]
        if failed:
            raise CommandError(f"{len(failed)} of {len(steps)} steps failed: {', '.join(failed)}. The log says more.")


def _run(task: str) -> dict[str, Any]:
    """One drain, called directly: no broker, no worker, no lock."""
    _, stage, _, name = task.split(".")
    began = time.monotonic()
    count, error = 0, ""
    try:
        count = import_string(task).run() or 0
    except Exception as failure:
        # One stage's trouble (a mailbox that refuses, say) must not keep the others from their rows.
        logger.exception("%s failed", task)
        error = type(failure).__name__
    return {"step": f"{stage}: {name.replace('_', ' ')}", "count": count, "seconds": round(time.monotonic() - began, 3), "error": error}
