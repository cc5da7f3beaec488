"""`manage.py sandbox`: Practice Twitter, for the demo and for development."""

import signal
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError

from vetting.management.one_school import PlainCommand
from vetting.twitter.sandbox import World, secret_in, serve
from vetting.twitter.sandbox.http import WsgiApp

HELP = """Run Practice Twitter on this computer: an invented Twitter with its API and the pages on which a person accepts,
declines and removes. Nothing in it is real, and it never talks to Twitter.

  manage.py sandbox --port 8001 --control-port 8002 --state-file twitter.json --secret-file control-secret

The secret file is made on the first start (readable by you alone). The API's keys are derived from it, and the control
endpoint wants it: POST http://127.0.0.1:8002/world/ask_to_follow with "Authorization: Bearer <secret>" and {"handle": "…"}.
With a state file everything that happens is kept, even when the process is killed."""


class Command(PlainCommand):
    """Starts both servers and stays until Ctrl+C."""

    help = HELP
    requires_system_checks = []  # nothing of the register is touched

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8001, help="API and pages; 0 takes a free port (default 8001)")
        parser.add_argument("--control-port", type=int, default=8002, help="the control endpoint; 0 takes a free port (default 8002)")
        parser.add_argument("--state-file", type=Path, help="keep what happens in this file")
        parser.add_argument("--secret-file", type=Path, required=True, help="the control endpoint's secret; made when it is not there")
        parser.add_argument("--seed", type=int, default=1, help="the same seed gives a new world the same numbers (default 1)")
        parser.add_argument("--practice-phone-mailbox", type=Path, help="offer the demo's practice phone, which drops e-mails here")
        parser.add_argument("--register-url", default="http://127.0.0.1:8000", help="where the practice phone says the register is")

    def handle(self, *args: Any, **options: Any) -> None:
        world = World(seed=options["seed"], state_file=options["state_file"])
        extra: dict[str, WsgiApp] = {}
        if options["practice_phone_mailbox"] is not None:
            from vetting.demo import phone

            extra["/practice-phone"] = phone.make_app(
                world, options["practice_phone_mailbox"], letters=Path(settings.EMAIL_FILE_PATH), register_url=options["register_url"]
            )
        secret = secret_in(options["secret_file"])
        try:
            running = serve(world, secret=secret, port=options["port"], control_port=options["control_port"], extra=extra)
        except OSError as error:
            raise CommandError(f"Port {options['port']} or {options['control_port']} cannot be used: {error.strerror}.") from error
        if options["verbosity"]:
            self.stdout.write(f"Practice Twitter: {running.url}")
            self.stdout.write(f"Its control endpoint: {running.control_url}")
            self.stdout.flush()
        signal.signal(signal.SIGTERM, _stop)
        try:
            running.wait()
        except KeyboardInterrupt:
            running.close()


def _stop(*_: object) -> None:
    raise KeyboardInterrupt
