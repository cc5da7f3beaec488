"""`manage.py up`: everything, with one command."""

import http.client
import logging
import os
import socket
import threading
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, connection
from django.utils import timezone

from vetting import heartbeat
from vetting.management import preparing
from vetting.management.one_at_a_time import AlreadyRunning, hold
from vetting.management.supervisor import CannotStart, Child, Supervisor
from vetting.values import Refused

logger = logging.getLogger(__name__)
SECONDS_TO_START = 60.0


class Command(BaseCommand):
    help = (
        "Start Known Followers: web server, clock and, in the demo, the practice Twitter. The first start makes the database, the "
        "secrets and an invented school to try everything on. With --school it starts empty and prints a one-time link for setting "
        "your school up; demo and school keep separate databases. Ctrl+C ends everything. With DATABASE_URL and REDIS_URL the same "
        "command uses PostgreSQL and Redis."
    )

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        # manage.py looks for "--school" itself before settings are read: a shortened form would be missed there.
        return super().create_parser(prog_name, subcommand, allow_abbrev=False, **kwargs)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--school", action="store_true", help="Your own school instead of the demo.")
        parser.add_argument(
            "--port", type=int, default=8000, help="Port of the dashboard (default: %(default)s; the demo uses the next two as well)."
        )
        parser.add_argument("--host", default="127.0.0.1", help="Address to listen on (default: %(default)s, this computer only).")

    def handle(self, *args: Any, **options: Any) -> None:
        host, port = options["host"], options["port"]
        if options["school"] == settings.DEMO:
            raise CommandError("Start this as: python3 manage.py up")
        self._expect_free(host, [port, port + 1, port + 2] if settings.DEMO else [port])
        kind = "demo" if settings.DEMO else "school"
        try:
            lock = hold(settings.DATA_DIR / f"up-{kind}.lock")
        except AlreadyRunning as error:
            raise CommandError(
                f"The {kind} is already running from this folder. End it there (Ctrl+C), or open it in your browser."
            ) from error
        if settings.DEMO:
            _tell_where_the_practice_twitter_is(port + 1)
            _tell_where_links_lead(preparing.base_url(host, port))
        with lock:
            link = self._prepare(host, port)
            self._run(host, port, link)

    def _expect_free(self, host: str, ports: list[int]) -> None:
        for port in ports:
            try:
                with socket.create_server((host, port)):
                    pass
            except OverflowError as error:
                raise CommandError(f"There is no port {port}; choose one from 1024 to 65533.") from error
            except OSError as error:
                raise CommandError(
                    f"Port {port} on {host} cannot be used ({error.strerror}). If Known Followers is running already, "
                    f"open http://{host}:{ports[0]}; otherwise choose another port: --port {ports[0] + 10}"
                ) from error

    def _prepare(self, host: str, port: int) -> str:
        """Tables, static files, a school. Returns the set-up link, empty when none is needed."""
        at = timezone.now()
        try:
            if settings.DEMO and preparing.holds_a_real_school():
                raise CommandError(
                    "DATABASE_URL names a database that holds a school of your own; the demo will not start in it. "
                    "Use --school, or leave DATABASE_URL away."
                )
            preparing.prepare_tables(self._say)
            preparing.prepare_static_files(self._say)
            if settings.DEMO:
                preparing.prepare_demo(self._say, at=at)
                return ""
            school = preparing.prepare_school(at=at)
            return preparing.set_up_link(school, base_url=preparing.base_url(host, port), at=at) if school else ""
        except Refused as error:
            raise CommandError(error.sentence) from error
        except KeyboardInterrupt:
            raise CommandError("Stopped before everything was ready. Run the same command again to go on.") from None
        except DatabaseError as error:
            logger.debug("the database refused", exc_info=True)
            raise CommandError(f"The database cannot be used: {str(error).strip()}") from error
        finally:
            connection.close()

    def _run(self, host: str, port: int, link: str) -> None:
        stopping = threading.Event()
        supervisor = Supervisor(self._children(host, port, started=timezone.now()), self._say, stopping)
        supervisor.listen_to_signals()
        try:
            supervisor.start(within=SECONDS_TO_START)
            if not stopping.is_set():
                self._greet(preparing.base_url(host, port), link)
            connection.close()
            supervisor.watch()
        except CannotStart as error:
            raise CommandError(str(error)) from error
        finally:
            if stopping.is_set():
                self._say("Stopping …")
            supervisor.stop()

    def _greet(self, address: str, link: str) -> None:
        if link:
            self._say(f"Set up your school with this link; it works once: {link}")
        self._say(f"Ready: {address}")

    def _children(self, host: str, port: int, *, started: datetime) -> list[Child]:
        local = "127.0.0.1" if host in ("0.0.0.0", "::") else host  # noqa: S104  # compared, not listened on
        children = [
            Child("The web server", ["web", "--host", host, "--port", str(port)], lambda: _answers_ok(local, port, "/healthz")),
            Child("The clock", ["worker"], lambda: _ticked_since(started)),
        ]
        if settings.DEMO:
            children.insert(
                0, Child("The practice Twitter", _sandbox(port, preparing.base_url(host, port)), _accepts("127.0.0.1", port + 1))
            )
        return children

    def _say(self, sentence: str) -> None:
        self.stdout.write(sentence)
        self.stdout.flush()


def _tell_where_links_lead(address: str) -> None:
    """To the demo's own pages on this computer; a school's letters carry links only where families can follow them."""
    os.environ.setdefault("PUBLIC_URL", address)


def _tell_where_the_practice_twitter_is(port: int) -> None:
    """The demo reads these wherever it speaks of its practice Twitter: in this process, the web server and the clock."""
    os.environ["SANDBOX_PORT"] = str(port)
    os.environ.setdefault("SANDBOX_STATE", str(settings.DATA_DIR / "sandbox.json"))
    os.environ.setdefault("SANDBOX_SECRET_FILE", str(settings.DATA_DIR / "secrets" / "sandbox"))


def _sandbox(port: int, address: str) -> list[str]:
    from vetting.demo import places

    return [
        "sandbox",
        f"--port={port + 1}",
        f"--control-port={port + 2}",
        f"--state-file={os.environ['SANDBOX_STATE']}",
        f"--secret-file={os.environ['SANDBOX_SECRET_FILE']}",
        f"--practice-phone-mailbox={places.mailbox_folder()}",
        f"--register-url={address}",
        "--verbosity=0",  # `up` itself says the one line that matters
    ]


def _answers_ok(host: str, port: int, path: str) -> bool:
    asked = http.client.HTTPConnection(host, port, timeout=2)
    try:
        asked.request("GET", path)
        return asked.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        asked.close()


def _accepts(host: str, port: int) -> Callable[[], bool]:
    def accepts() -> bool:
        try:
            with socket.create_connection((host, port), timeout=1):
                return True
        except OSError:
            return False

    return accepts


def _ticked_since(started: datetime) -> bool:
    tick = heartbeat.last_tick()
    return tick is not None and tick >= started
