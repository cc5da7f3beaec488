"""OAuth 2.0 as X does it: codes of thirty seconds, access tokens of two hours, refresh tokens that work once.

The texts are random and handed out once; what is remembered is their SHA-256.
"""

import base64
import hashlib
import hmac
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass

from vetting.twitter.sandbox.state import Permission, State

SCOPES = {
    "tweet.read": "See the posts you can see, those of protected accounts too.",
    "users.read": "See the accounts you can see, protected ones too.",
    "follows.read": "See who follows you and whom you follow.",
    "block.read": "See which accounts you have blocked.",
    "block.write": "Block and unblock accounts for you.",
    "offline.access": "Stay connected until you take this permission back.",
}
CODE_SECONDS = 30
REMEMBERED_SECONDS = 24 * 3600
CODE, ACCESS, REFRESH = "code", "access", "refresh"


class Refused(Exception):
    """A code or token is not good; the message is what X says of it."""


@dataclass(frozen=True, repr=False)
class Pair:
    """What the token endpoint hands out. `refresh` is empty where offline.access was not granted."""

    access: str
    refresh: str
    scopes: tuple[str, ...]
    seconds: int


class Tokens:
    """The codes and tokens of one world. Whoever calls holds the world's lock and saves."""

    def __init__(self, state: State) -> None:
        self._state = state

    def code(self, *, user_id: str, scopes: Sequence[str], challenge: str, redirect_uri: str) -> str:
        text = secrets.token_urlsafe(48)
        self._keep(
            text,
            Permission(CODE, user_id, list(scopes), secrets.token_hex(8), time.time() + CODE_SECONDS, challenge, redirect_uri),
        )
        return text

    def redeem(self, code: str, *, verifier: str, redirect_uri: str) -> Pair:
        """A code against its pair, once, whether or not the verifier fits.

        Raises:
            Refused: it is unknown, used, too old, or not for this verifier and address.
        """
        given = self._take(code, CODE)
        if given is None:
            raise Refused("Value passed for the authorization code was invalid.")
        if given.redirect_uri != redirect_uri:
            raise Refused("Value passed for the redirect uri did not match the uri of the authorization code.")
        if not hmac.compare_digest(challenge_of(verifier), given.challenge):
            raise Refused("Value passed for the code verifier did not match the code challenge.")
        return self.issue(user_id=given.user_id, scopes=given.scopes, seconds=self._state.token_life, grant=given.grant)

    def refresh(self, token: str) -> Pair:
        """A refresh token against a new pair, once. The access token from before lives out its time.

        Raises:
            Refused: it is unknown, revoked or was used before.
        """
        given = self._take(token, REFRESH)
        if given is None:
            raise Refused("Value passed for the token was invalid.")
        return self.issue(user_id=given.user_id, scopes=given.scopes, seconds=self._state.token_life, grant=given.grant)

    def issue(self, *, user_id: str, scopes: Sequence[str], seconds: int, grant: str = "") -> Pair:
        """A new pair.

        Raises:
            ValueError: there is no such scope.
        """
        if unknown := [scope for scope in scopes if scope not in SCOPES]:
            raise ValueError(f"There is no permission {unknown[0]}.")
        grant = grant or secrets.token_hex(8)
        access = secrets.token_urlsafe(64)
        self._keep(access, Permission(ACCESS, user_id, list(scopes), grant, time.time() + seconds))
        refresh = ""
        if "offline.access" in scopes:
            refresh = secrets.token_urlsafe(64)
            self._keep(refresh, Permission(REFRESH, user_id, list(scopes), grant))
        return Pair(access, refresh, tuple(scopes), seconds)

    def allowed_by(self, access: str) -> Permission | None:
        """What an access token that is good at this moment allows."""
        found = self._state.permissions.get(_digest(access))
        return found if found is not None and found.kind == ACCESS and not _is_over(found) else None

    def revoke(self, token: str) -> None:
        """Take one token back; with a refresh token go the access tokens of the same grant (RFC 7009)."""
        gone = self._state.permissions.pop(_digest(token), None)
        if gone is not None and gone.kind == REFRESH:
            for key in [key for key, one in self._state.permissions.items() if one.grant == gone.grant]:
                del self._state.permissions[key]

    def revoke_all(self) -> None:
        self._state.permissions.clear()

    def _keep(self, text: str, permission: Permission) -> None:
        forgotten = time.time() - REMEMBERED_SECONDS
        for key in [key for key, one in self._state.permissions.items() if one.until is not None and one.until < forgotten]:
            del self._state.permissions[key]
        self._state.permissions[_digest(text)] = permission

    def _take(self, text: str, kind: str) -> Permission | None:
        found = self._state.permissions.get(_digest(text))
        if found is None or found.kind != kind:
            return None
        del self._state.permissions[_digest(text)]
        return None if _is_over(found) else found


def challenge_of(verifier: str) -> str:
    """PKCE's S256 (RFC 7636)."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def _is_over(one: Permission) -> bool:
    return one.until is not None and one.until <= time.time()


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
