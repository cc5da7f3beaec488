"""The keys of Practice Twitter, and the check of a signed request (OAuth 1.0a, RFC 5849)."""

import base64
import hashlib
import hmac
import os
import re
import secrets
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from oauthlib.oauth1 import Client
from oauthlib.oauth1.rfc5849 import signature

CLOCK_SKEW = 300


@dataclass(frozen=True)
class Keys:
    """What a Technician would copy from X's developer console."""

    consumer_key: str
    consumer_secret: str
    access_token: str
    access_secret: str
    bearer_token: str
    client_id: str
    client_secret: str


def keys(secret: str) -> Keys:
    """The keys that go with a sandbox's secret: whoever holds the secret's file can sign."""

    def derived(name: str, length: int) -> str:
        return hmac.new(secret.encode(), name.encode(), hashlib.sha256).hexdigest()[:length]

    return Keys(
        consumer_key=derived("consumer key", 25),
        consumer_secret=derived("consumer secret", 50),
        access_token=derived("access token", 50),
        access_secret=derived("access secret", 45),
        bearer_token=derived("bearer token", 60),
        client_id=derived("client id", 34),
        client_secret=derived("client secret", 50),
    )


def secret_in(path: Path) -> str:
    """The secret kept in a file, made on the first call and readable by its owner alone."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text("utf-8").strip()
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        made = secrets.token_urlsafe(32)
        file.write(made)
    return made


class Guard:
    """Tells a well-signed request from any other. Remembers nonces for as long as a timestamp is accepted."""

    def __init__(self, allowed: Keys) -> None:
        self._keys = allowed
        self._signer = Client(allowed.consumer_key, client_secret=allowed.consumer_secret, resource_owner_secret=allowed.access_secret)
        self._seen: dict[tuple[str, str], float] = {}
        self._lock = threading.Lock()

    def bearer_is_good(self, authorization: str) -> bool:
        return hmac.compare_digest(authorization.encode(), f"Bearer {self._keys.bearer_token}".encode())

    def client_is_good(self, authorization: str) -> bool:
        """The app names itself as a confidential client does (RFC 6749, 2.3.1)."""
        pair = f"{self._keys.client_id}:{self._keys.client_secret}".encode()
        return hmac.compare_digest(authorization.encode(), b"Basic " + base64.b64encode(pair))

    def knows_client(self, client_id: str) -> bool:
        return hmac.compare_digest(client_id.encode(), self._keys.client_id.encode())

    def is_signed(self, *, method: str, url: str, query: str, authorization: str) -> bool:
        """Whether the OAuth header belongs to our keys, fits this very request, and is neither old nor used before."""
        values = dict(re.findall(r'(\w+)="([^"]*)"', authorization))
        given = {name: unquote(value) for name, value in values.items()}
        if given.get("oauth_consumer_key") != self._keys.consumer_key or given.get("oauth_token") != self._keys.access_token:
            return False
        if given.get("oauth_signature_method") != "HMAC-SHA1":
            return False
        parameters = signature.collect_parameters(uri_query=query, headers={"Authorization": authorization})
        base = signature.signature_base_string(method, signature.base_string_uri(url), signature.normalize_parameters(parameters))
        expected = signature.sign_hmac_sha1_with_client(base, self._signer)
        fits = hmac.compare_digest(expected.encode(), given.get("oauth_signature", "").encode())
        return fits and self._is_fresh(given.get("oauth_timestamp", ""), given.get("oauth_nonce", ""))

    def _is_fresh(self, timestamp: str, nonce: str) -> bool:
        now = time.time()
        if not timestamp.isdigit() or abs(now - int(timestamp)) > CLOCK_SKEW or not nonce:
            return False
        with self._lock:
            self._seen = {key: until for key, until in self._seen.items() if until > now} if len(self._seen) > 5000 else self._seen
            if (timestamp, nonce) in self._seen:
                return False
            self._seen[timestamp, nonce] = now + CLOCK_SKEW
        return True
