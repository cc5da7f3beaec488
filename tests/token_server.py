"""The sign-in servers of Microsoft and Google as they answer a mail program, on loopback, over real HTTP.

A test says what they know (secrets, consent, which mailbox) and what befalls them (revoked, down, slow); the product's own
HTTP session is only pointed here instead of at their public names.
"""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from requests.adapters import HTTPAdapter

from vetting.intake.mailbox.token_http import TokenSession

TENANT = "11111111-2222-4333-8444-555555555555"
CLIENT = "66666666-7777-4888-8999-aaaaaaaaaaaa"
MICROSOFT, GOOGLE = "login.microsoftonline.com", "oauth2.googleapis.com"
MAIL = "https://mail.google.com/"


@dataclass
class TokenServer:
    """Both sign-in servers. `issue` makes a token for a mailbox; `asked` counts the questions for one."""

    address: tuple[str, int] = ("127.0.0.1", 0)
    issue: Callable[[str], str] = lambda mailbox: f"token-for-{mailbox}"
    mailbox: str = ""
    lasts: int = 3600
    secret: str = "the-secret-value"
    refresh_token: str = "refresh-1"
    rotates: bool = False
    # What Microsoft answers instead of a token: the number in AADSTS….
    microsoft_refuses: str = ""
    google_refuses: tuple[str, str] = ("", "")
    status: int = 200
    slow: float = 0.0
    body: bytes | None = None
    asked: int = 0
    _key: rsa.RSAPrivateKey = field(default_factory=lambda: rsa.generate_private_key(public_exponent=65537, key_size=2048))

    def session(self, *, seconds: float = 5.0) -> TokenSession:
        """The product's session; only the two public names lead here."""
        session = TokenSession(seconds=seconds)
        for host in (MICROSOFT, GOOGLE):
            session.mount(f"https://{host}/", _ToLoopback(self))
        return session

    def service_account_file(self) -> str:
        private = self._key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode()
        return json.dumps(
            {
                "type": "service_account",
                "client_email": "register@hilltop.iam.example",
                "client_id": "112233445566",
                "private_key_id": "k1",
                "private_key": private,
                # A file may name any address; nobody is to be called there.
                "token_uri": "http://192.0.2.1/token",
            }
        )

    def user_file(self) -> str:
        return json.dumps({"client_id": "c.apps.example", "client_secret": self.secret, "refresh_token": self.refresh_token})

    def microsoft(self, form: dict[str, str]) -> tuple[int, dict[str, object]]:
        refusal = self.microsoft_refuses or ("" if form.get("client_secret") == self.secret else "7000215")
        if form.get("client_id") != CLIENT:
            refusal = "700016"
        if refusal or form.get("scope") != "https://outlook.office365.com/.default" or form.get("grant_type") != "client_credentials":
            return 401, {"error": "invalid_client", "error_description": f"AADSTS{refusal}: {form.get('client_secret')} is not right."}
        return 200, {"token_type": "Bearer", "expires_in": self.lasts, "access_token": self.issue(self.mailbox)}

    def google(self, form: dict[str, str]) -> tuple[int, dict[str, object]]:
        if self.google_refuses[0]:
            return 400, {"error": self.google_refuses[0], "error_description": self.google_refuses[1]}
        given: dict[str, object] = {"token_type": "Bearer", "expires_in": self.lasts}
        if "assertion" in form:
            claims = jwt.decode(
                form["assertion"], self._key.public_key(), algorithms=["RS256"], audience="https://oauth2.googleapis.com/token"
            )
            assert claims["scope"] == MAIL
            return 200, {**given, "access_token": self.issue(claims["sub"])}
        if (form.get("refresh_token"), form.get("client_secret")) != (self.refresh_token, self.secret):
            return 400, {"error": "invalid_grant", "error_description": "Token has been expired or revoked."}
        if self.rotates:
            self.refresh_token = f"refresh-{int(self.refresh_token.partition('-')[2]) + 1}"
            given["refresh_token"] = self.refresh_token
        return 200, {**given, "access_token": self.issue(self.mailbox)}


class _ToLoopback(HTTPAdapter):
    def __init__(self, server: TokenServer) -> None:
        self._server = server
        super().__init__()

    def send(self, request: requests.PreparedRequest, *args: object, **kwargs: object) -> requests.Response:
        parts = urlsplit(request.url)
        request.url = parts._replace(scheme="http", netloc="{}:{}".format(*self._server.address)).geturl()
        return super().send(request, *args, **kwargs)


def _handler(server: TokenServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            tenant = self.path.split("/")[1]
            known = tenant == TENANT and self.path == f"/{TENANT}/v2.0/.well-known/openid-configuration"
            base = f"https://{MICROSOFT}/{tenant}"
            self._answer(200 if known else 400, {
                "issuer": f"{base}/v2.0", "authorization_endpoint": f"{base}/authorize", "token_endpoint": f"{base}/oauth2/v2.0/token",
            } if known else {"error": "invalid_tenant"})  # fmt: skip

        def do_POST(self) -> None:
            server.asked += 1
            time.sleep(server.slow)
            text = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = {name: values[0] for name, values in parse_qs(text).items()}
            if server.status != 200:
                self._answer(server.status, {"error": "temporarily_unavailable"})
            else:
                self._answer(*(server.google(form) if self.path == "/token" else server.microsoft(form)))

        def _answer(self, status: int, said: dict[str, object]) -> None:
            body = json.dumps(said).encode() if server.body is None else server.body
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("Location", "http://192.0.2.1/elsewhere")
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            # Who does not want to wait for a slow answer has left.
            with suppress(ConnectionError):
                self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Quiet."""

    return Handler


@pytest.fixture
def tokens() -> Iterator[TokenServer]:
    server = TokenServer()
    http = ThreadingHTTPServer(server.address, _handler(server))
    server.address = http.server_address[:2]
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield server
    http.shutdown()
    http.server_close()
    thread.join()
