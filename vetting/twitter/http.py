"""How Twitter is asked over HTTP: at the configured server, within time, without redirects, and never aloud."""

import logging
import time
from typing import Any
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import HTTPError

from vetting.outbound import http_session
from vetting.twitter.patience import seconds_left
from vetting.values import BadValue

CONNECT_SECONDS, READ_SECONDS, WHOLE_SECONDS = 5, 20, 25
MAX_BODY = 16 * 1024 * 1024
LOOPBACK = ("127.0.0.1", "localhost", "::1")
# What these libraries write holds keys, tokens, signatures and whole answers.
_TALKATIVE = ("tweepy", "oauthlib", "requests_oauthlib")


class _Never(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        return False


_NEVER = _Never()


def silence() -> None:
    """No level that anybody sets makes the libraries under us print what they send: none of their loggers lets a line out."""
    families = [name for name in logging.root.manager.loggerDict if name.partition(".")[0] in _TALKATIVE]
    for name in {*_TALKATIVE, *families}:
        logging.getLogger(name).addFilter(_NEVER)


class RebasedSession(requests.Session):
    """Sends a library's requests to the configured server, within time, without redirects, and remembers the last answer.

    The address is changed before the request is signed, so the signature fits the server that is asked.

    Raises:
        BadValue: the server is neither reached by https nor this computer itself.
    """

    def __init__(self, base_url: str, *, read_seconds: float = READ_SECONDS, whole_seconds: float = WHOLE_SECONDS) -> None:
        super().__init__()
        parts = urlsplit(base_url)
        if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
            raise BadValue("Twitter is asked over https only; plain http is for this computer itself.")
        silence()
        http_session(self)
        self.trust_env = parts.hostname not in LOOPBACK
        self._scheme, self._netloc = parts.scheme, parts.netloc
        self._read_seconds, self._whole_seconds = read_seconds, whole_seconds
        self.last: requests.Response | None = None
        self.rate: dict[str, str] = {}

    def request(self, method: str | bytes, url: str | bytes, *args: Any, **kwargs: Any) -> requests.Response:
        self.last = None
        whole = min(self._whole_seconds, seconds_left())
        if whole <= 0:
            raise requests.Timeout("There was no time left to ask.")
        kwargs.update(timeout=(min(CONNECT_SECONDS, whole), min(self._read_seconds, whole)), allow_redirects=False, stream=True)
        kwargs.pop("proxies", None)
        until = time.monotonic() + whole
        there = urlsplit(str(url))._replace(scheme=self._scheme, netloc=self._netloc).geturl()
        response = super().request(method, there, *args, **kwargs)
        _read_within(response, until)
        self.last = response
        self.rate = {name.lower(): value for name, value in response.headers.items() if name.lower().startswith("x-rate-limit-")}
        return response


def _read_within(response: requests.Response, until: float) -> None:
    """Read the whole body before a moment; a server that drips a byte a second, or falls silent half-way, does not hold a worker."""
    body = bytearray()
    while piece := _next_piece(response, until):
        body += piece
        if time.monotonic() > until or len(body) > MAX_BODY:
            response.close()
            raise requests.Timeout("The answer took too long or was too long.")
    response._content, response._content_consumed = bytes(body), True  # type: ignore[attr-defined]  # what requests itself sets after reading


def _next_piece(response: requests.Response, until: float) -> bytes:
    _wait_no_longer_than(response, until)
    try:
        piece: bytes = response.raw.read1(65536, decode_content=True)
    except HTTPError:
        # requests translates these only where it reads the body itself.
        response.close()
        raise requests.ConnectionError("The answer broke off or fell silent.") from None
    return piece


def _wait_no_longer_than(response: requests.Response, until: float) -> None:
    """Shorten the socket's own time-out to what is left. A body that came whole has no socket any more."""
    stream = getattr(getattr(response.raw, "_fp", None), "fp", None)
    connected = getattr(getattr(stream, "raw", None), "_sock", None)
    if connected is not None:
        connected.settimeout(max(until - time.monotonic(), 0.001))
