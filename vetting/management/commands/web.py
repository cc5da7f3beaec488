"""The web server by itself."""

import signal
from typing import Any

from django.core.management.base import BaseCommand, CommandParser


class Command(BaseCommand):
    help = (
        "Serve the dashboard with waitress, on every system. `up` runs this for you; run it yourself only where something else "
        "(a service manager, a second computer) keeps the processes alive. Containers use gunicorn instead."
    )

    requires_system_checks = []  # `up` has checked; a restart should be quick

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="Address to listen on (default: %(default)s, this computer only).")
        parser.add_argument("--port", type=int, default=8000, help="Port to listen on (default: %(default)s).")

    def handle(self, *args: Any, **options: Any) -> None:
        from waitress import serve

        from vetting.wsgi import application

        signal.signal(signal.SIGTERM, _stop)
        serve(application, host=options["host"], port=options["port"], threads=8, ident=None)


def _stop(*_: object) -> None:
    raise SystemExit(0)
