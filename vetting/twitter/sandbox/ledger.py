"""Which calls the API was asked for: so that a test or a person can count them. In memory alone, and never a token."""

import threading
from collections import deque
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode

REMEMBERED = 5000
HIDDEN = "hidden"
_OPEN_IN_A_FORM = ("grant_type", "client_id", "redirect_uri", "token_type_hint", "scope")
_SECRET_IN_A_QUERY = ("access_token", "refresh_token", "token", "code", "code_verifier", "client_secret")


@dataclass(frozen=True)
class Call:
    """One call as it arrived. `status` is 0 where the connection was closed without an answer."""

    at: float
    operation: str
    method: str
    path: str
    query: str
    auth: str
    body: bytes
    content_type: str
    status: int

    def as_json(self) -> dict[str, Any]:
        return {name: value for name, value in asdict(self).items() if name != "body"}


class Ledger:
    """The last calls, oldest first."""

    def __init__(self) -> None:
        self._calls: deque[Call] = deque(maxlen=REMEMBERED)
        self._lock = threading.Lock()

    def record(self, call: Call) -> None:
        with self._lock:
            self._calls.append(call)

    def calls(self, operation: str = "*") -> list[Call]:
        with self._lock:
            return [call for call in self._calls if operation in ("*", call.operation)]

    def forget(self) -> None:
        with self._lock:
            self._calls.clear()


def query_without_secrets(query: str) -> str:
    """The query as it was sent, unless it carries a secret: then with that hidden."""
    pairs = parse_qsl(query, keep_blank_values=True)
    if not any(_is_secret(name) for name, _ in pairs):
        return query
    return urlencode([(name, HIDDEN if _is_secret(name) else value) for name, value in pairs])


def form_without_secrets(body: bytes) -> bytes:
    """A form sent for a token: its plain fields as they are, every other value hidden."""
    pairs = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)
    return urlencode([(name, value if name in _OPEN_IN_A_FORM else HIDDEN) for name, value in pairs]).encode()


def _is_secret(name: str) -> bool:
    return name in _SECRET_IN_A_QUERY or name.startswith("oauth_")
