"""Worker and beat in one process: the clock of an installation without containers."""

import warnings
from typing import Any

from django.core.management.base import BaseCommand, CommandParser


class Command(BaseCommand):
    help = (
        "Run the clock: a Celery worker (threads) with its beat in the same process. It needs no Redis; with REDIS_URL it uses it. "
        "`up` runs this for you. Run exactly one: a second does no harm, but twice the work."
    )

    requires_system_checks = []  # `up` has checked; a restart should be quick

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--threads", type=int, default=4, help="Drains that may run at the same time (default: %(default)s).")

    def handle(self, *args: Any, **options: Any) -> None:
        from celery.beat import EmbeddedService
        from celery.platforms import SecurityWarning

        from vetting.celery import app
        from vetting.management.quiet_worker import QuietWorker
        from vetting.schedule import PULSE

        # Celery warns root of pickled messages; ours are JSON, and who runs `up` was asked for no other user.
        warnings.simplefilter("ignore", SecurityWarning)
        worker = QuietWorker(
            app=app,
            pool="threads",
            concurrency=options["threads"],
            loglevel="WARNING",
            quiet=True,
            without_gossip=True,
            without_mingle=True,
            without_heartbeat=True,
        )
        beat = EmbeddedService(app, thread=True, scheduler_cls=app.conf.beat_scheduler)
        # The first pulse at once: it tells whoever waits that ticks go all the way round.
        app.send_task(PULSE.task, expires=PULSE.every)
        beat.start()
        try:
            worker.start()
        finally:
            beat.stop()
        if worker.exitcode:
            raise SystemExit(worker.exitcode)
