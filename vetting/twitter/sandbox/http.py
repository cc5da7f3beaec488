"""The little of WSGI that Practice Twitter needs: a request, an answer, and whose browser is asking."""

import json
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs, urlsplit

StartResponse = Callable[..., Any]
WsgiApp = Callable[[dict[str, Any], StartResponse], Iterable[bytes]]
LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
MAX_BODY = 1_000_000


class Delivery(StrEnum):
    """How an answer travels."""

    WHOLE = "whole"
    HALF = "half"
    DRIPPING = "dripping"
    DROPPED = "dropped"


@dataclass(frozen=True)
class Request:
    """One HTTP request as the handlers read it."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes
    scheme: str

    @classmethod
    def read(cls, environ: dict[str, Any]) -> "Request":
        length = min(int(environ.get("CONTENT_LENGTH") or 0), MAX_BODY)
        headers = {name[5:].replace("_", "-").lower(): value for name, value in environ.items() if name.startswith("HTTP_")}
        headers["content-type"] = environ.get("CONTENT_TYPE", "")
        return cls(
            method=environ["REQUEST_METHOD"],
            path=environ.get("PATH_INFO", "/") or "/",
            query=environ.get("QUERY_STRING", ""),
            headers=headers,
            body=environ["wsgi.input"].read(length) if length else b"",
            scheme=environ.get("wsgi.url_scheme", "http"),
        )

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.headers.get('host', '')}{self.path}"

    def first(self, name: str, default: str = "") -> str:
        return parse_qs(self.query).get(name, [default])[0]

    @property
    def content_type(self) -> str:
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    def form(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(self.body.decode("utf-8", "replace")).items()}

    @property
    def is_for_this_computer(self) -> bool:
        """The Host names a loopback address: no page elsewhere can reach us under a name of its own."""
        host = self.headers.get("host", "").rpartition(":")[0] or self.headers.get("host", "")
        return host in LOOPBACK

    @property
    def comes_from_our_own_page(self) -> bool:
        """The browser says that a page of this very server sent the form."""
        origin = self.headers.get("origin") or self.headers.get("referer", "")
        return bool(origin) and urlsplit(origin).netloc == self.headers.get("host", "")


@dataclass
class Answer:
    """What goes back."""

    status: int
    body: bytes
    content_type: str = "application/json; charset=utf-8"
    headers: dict[str, str] = field(default_factory=dict)
    delivery: Delivery = Delivery.WHOLE

    @classmethod
    def of_json(cls, data: Any, status: int = 200, **headers: str) -> "Answer":
        return cls(status, json.dumps(data).encode(), headers={name.replace("_", "-"): value for name, value in headers.items()})

    @classmethod
    def redirect(cls, where: str) -> "Answer":
        return cls(303, b"", headers={"Location": where})

    def send(self, start_response: StartResponse) -> Iterable[bytes]:
        """Hand the answer to the server.

        Raises:
            ConnectionAbortedError: it is to be dropped. The server, told not to log broken connections, closes this one without a word.
        """
        if self.delivery is Delivery.DROPPED:
            raise ConnectionAbortedError
        phrase = HTTPStatus(self.status).phrase if self.status in HTTPStatus._value2member_map_ else "Unknown"
        fixed = [("Content-Type", self.content_type), ("Content-Length", str(len(self.body))), ("X-Content-Type-Options", "nosniff")]
        start_response(f"{self.status} {phrase}", [*fixed, *self.headers.items()])
        if self.delivery is Delivery.DRIPPING:
            return _dripping(self.body)
        return [self.body[: len(self.body) // 2] if self.delivery is Delivery.HALF else self.body]


def _dripping(body: bytes) -> Iterator[bytes]:
    for place in range(len(body)):
        yield body[place : place + 1]
        time.sleep(1)
