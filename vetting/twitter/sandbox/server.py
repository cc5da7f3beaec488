"""Putting Practice Twitter together and running it: API and pages on one port, the control endpoint on another."""

import threading
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

from waitress import wasyncore
from waitress.server import create_server

from vetting.twitter.sandbox.api import Api
from vetting.twitter.sandbox.control import Control
from vetting.twitter.sandbox.http import Answer, Request, StartResponse, WsgiApp
from vetting.twitter.sandbox.pages import Pages
from vetting.twitter.sandbox.signing import Guard, keys
from vetting.twitter.sandbox.world import World

HOST = "127.0.0.1"


def make_app(world: World, *, secret: str, extra: Mapping[str, WsgiApp] | None = None) -> WsgiApp:
    """API and pages as one WSGI app. `extra` puts further apps under a prefix, such as {"/practice-phone": app}."""
    guard = Guard(keys(secret))
    api, pages = Api(world, guard), Pages(world, guard, links=tuple(extra or ()))

    def app(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "/") or "/"
        for prefix, mounted in (extra or {}).items():
            if path == prefix or path.startswith(f"{prefix}/"):
                inner = {**environ, "SCRIPT_NAME": environ.get("SCRIPT_NAME", "") + prefix, "PATH_INFO": path.removeprefix(prefix) or "/"}
                return mounted(inner, start_response)
        request = Request.read(environ)
        if not request.is_for_this_computer:
            return Answer(421, b"Practice Twitter answers to this computer only.", "text/plain; charset=utf-8").send(start_response)
        wants_api = path.startswith(("/2/", "/1.1/"))
        return (api.answer(request) if wants_api else pages.answer(request)).send(start_response)

    return app


@dataclass
class Running:
    """A started sandbox."""

    url: str
    control_url: str
    world: World
    secret: str
    _servers: tuple[Any, ...]
    _threads: tuple[threading.Thread, ...]

    @property
    def is_open(self) -> bool:
        return any(thread.is_alive() for thread in self._threads)

    def wait(self) -> None:
        """Until it is closed from elsewhere, or Ctrl+C."""
        for thread in self._threads:
            thread.join()

    def close(self) -> None:
        """Stop both servers. Their sockets are closed by the threads that serve them, so that no request is cut in two."""
        for server in self._servers if self.is_open else ():
            # The serving thread may wake by itself and close everything, this bell included, before we ring it.
            with suppress(OSError):
                server.trigger.pull_trigger(partial(wasyncore.close_all, server._map))
        for server, thread in zip(self._servers, self._threads, strict=True):
            thread.join(timeout=2)
            server.task_dispatcher.shutdown(timeout=2)


def serve(
    world: World, *, secret: str, port: int = 0, control_port: int = 0, extra: Mapping[str, WsgiApp] | None = None, threads: int = 8
) -> Running:
    """Start both servers on loopback, in threads of this process; port 0 takes a free one.

    Raises:
        OSError: a port is taken.
    """
    # Without logging, an app that raises a socket error has its connection closed and nothing said: how a dropped answer is made.
    front = create_server(make_app(world, secret=secret, extra=extra), host=HOST, port=port, threads=threads, log_socket_errors=False)
    try:
        back = create_server(Control(world, secret), host=HOST, port=control_port, threads=2)
    except OSError:
        front.close()
        raise
    workers = tuple(threading.Thread(target=server.run, daemon=True, name="practice-twitter") for server in (front, back))
    for worker in workers:
        worker.start()
    return Running(f"http://{HOST}:{front.effective_port}", f"http://{HOST}:{back.effective_port}", world, secret, (front, back), workers)
