"""Twitter's token endpoint: a code against the first pair of tokens, a refresh token against the next one, a token given back.

Asked over our own session: in time, without redirects, without a word in any log. No error carries what Twitter answered.
"""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.auth import HTTPBasicAuth
from urllib3.exceptions import HTTPError

from vetting.outbound import explain_tls_failure
from vetting.twitter import scopes
from vetting.twitter.http import RebasedSession
from vetting.twitter.models import Connection
from vetting.twitter.port import ContractViolation, ReconnectRequired, Transient, TwitterError

TOKEN, REVOKE = "/2/oauth2/token", "/2/oauth2/revoke"
# Shorter than a reading's: whoever waits for a token still has a call to make with it, and is held half a minute in all.
READ_SECONDS, WHOLE_SECONDS = 6, 8


class GrantRefused(TwitterError):
    """The code or refresh token is not good any longer: used, taken back or too old."""


@dataclass(frozen=True, repr=False)
class Granted:
    """A pair of tokens. `scopes` is None where Twitter did not say, which means: as asked."""

    access_token: str
    refresh_token: str
    seconds: int
    scopes: frozenset[str] | None = None


class TokenEndpoint:
    """Of one connection, with the client ID and secret of the school's app."""

    def __init__(self, connection: Connection) -> None:
        self._app = HTTPBasicAuth(connection.client_id, connection.client_secret)
        self._base_url = connection.base_url

    def redeem(self, *, code: str, verifier: str, callback: str) -> Granted:
        """A code that came back from a sign-in against its tokens. Raises TwitterError."""
        return self._granted({"grant_type": "authorization_code", "code": code, "code_verifier": verifier, "redirect_uri": callback})

    def renew(self, refresh_token: str) -> Granted:
        """A refresh token, which is good once, against the next pair. Raises TwitterError; GrantRefused where it was used before."""
        return self._granted({"grant_type": "refresh_token", "refresh_token": refresh_token})

    def give_back(self, token: str) -> bool:
        """Tell Twitter that a token is not used any longer. False when nobody can say whether it heard."""
        try:
            return self._ask(REVOKE, {"token": token}).status_code == 200
        except TwitterError:
            return False

    def _granted(self, form: dict[str, str]) -> Granted:
        response = self._ask(TOKEN, form)
        if response.status_code != 200:
            raise _refusal(response)
        try:
            return _read(response.json())
        except (ValueError, TypeError, KeyError, AttributeError):
            raise ContractViolation("Twitter's answer about the sign-in could not be understood.") from None

    def _ask(self, path: str, form: dict[str, str]) -> requests.Response:
        with RebasedSession(self._base_url, read_seconds=READ_SECONDS, whole_seconds=WHOLE_SECONDS) as session:
            try:
                return session.post(f"{self._base_url}{path}", data=form, auth=self._app)
            except requests.exceptions.SSLError:
                raise Transient(explain_tls_failure(urlsplit(self._base_url).hostname or "")) from None
            except (requests.RequestException, HTTPError, OSError):
                raise Transient("Twitter could not be reached about the sign-in, or did not answer in time.") from None


def _read(data: Any) -> Granted:
    access, refresh, seconds = data["access_token"], data.get("refresh_token") or "", int(data["expires_in"])
    if not isinstance(access, str) or not isinstance(refresh, str) or not access or seconds <= 0:
        raise TypeError("no pair of tokens")
    told = data.get("scope")
    return Granted(access, refresh, seconds, scopes.read(told) if isinstance(told, str) else None)


def _refusal(response: requests.Response) -> TwitterError:
    """What a refusal means, by its status alone but for the one word that tells the app from the token."""
    status = response.status_code
    if status == 400 and _error_of(response) not in ("invalid_client", "unauthorized_client"):
        return GrantRefused("Twitter no longer accepts this sign-in (400).")
    if status in (400, 401):
        return ReconnectRequired(f"Twitter does not accept the client ID and secret of the school's app ({status}). Give them anew.")
    if status == 403 and _error_of(response):
        return ReconnectRequired("Twitter refuses the school's app (403). See the developer page at X, then sign in again.")
    return Transient(f"Twitter does not answer about the sign-in at the moment ({status}).")


def _error_of(response: requests.Response) -> str:
    try:
        data = response.json()
    except ValueError:
        return ""
    return str(data.get("error") or "") if isinstance(data, dict) else ""
