"""The page on which the school's account lets the register in (OAuth 2.0 with PKCE)."""

import re
from dataclasses import dataclass
from urllib.parse import parse_qs, urlencode, urlsplit

from vetting.twitter.sandbox.signing import Guard
from vetting.twitter.sandbox.tokens import SCOPES

CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
ADDRESS = re.compile(r"http://(127\.0\.0\.1|localhost)(:[0-9]{1,5})?/[!-~]*")


class NotAsked(Exception):
    """The link that led here does not ask as X demands; the message is a sentence for the page."""


@dataclass(frozen=True)
class Asked:
    """What an app asks for, checked."""

    client_id: str
    redirect_uri: str
    scopes: tuple[str, ...]
    state: str
    challenge: str

    @classmethod
    def read(cls, query: str, guard: Guard) -> "Asked":
        """The question in a query or a form.

        Raises:
            NotAsked: something is missing, wrong or unknown; then nobody may be sent anywhere.
        """
        given = {name: values[0] for name, values in parse_qs(query).items()}
        if not guard.knows_client(given.get("client_id", "")):
            raise NotAsked("No app is known here by this client id.")
        redirect_uri = given.get("redirect_uri", "")
        if not ADDRESS.fullmatch(redirect_uri) or "#" in redirect_uri:
            raise NotAsked("The address to return to must begin with http://127.0.0.1 or http://localhost, because practice stays here.")
        if given.get("response_type") != "code" or not given.get("state"):
            raise NotAsked("The link must ask for a code (response_type=code) and carry a state.")
        if given.get("code_challenge_method") != "S256" or not CHALLENGE.fullmatch(given.get("code_challenge", "")):
            raise NotAsked("The link must carry a code challenge of the kind S256 (PKCE).")
        scopes = tuple(dict.fromkeys(given.get("scope", "").split()))
        if not scopes:
            raise NotAsked("The link asks for no permission at all.")
        if unknown := [scope for scope in scopes if scope not in SCOPES]:
            raise NotAsked(f"There is no permission {unknown[0]} here.")
        return cls(given["client_id"], redirect_uri, scopes, given["state"], given["code_challenge"])

    @property
    def fields(self) -> dict[str, str]:
        """The question again, for the form's hidden fields."""
        return {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": self.redirect_uri,
            "scope": " ".join(self.scopes),
            "state": self.state,
            "code_challenge": self.challenge,
            "code_challenge_method": "S256",
        }

    @property
    def permissions(self) -> list[str]:
        return [SCOPES[scope] for scope in self.scopes]

    @property
    def origin(self) -> str:
        parts = urlsplit(self.redirect_uri)
        return f"{parts.scheme}://{parts.netloc}"

    def back(self, **answer: str) -> str:
        """The address to return to, with the answer and the state the app sent."""
        join = "&" if "?" in self.redirect_uri else "?"
        return f"{self.redirect_uri}{join}{urlencode({**answer, 'state': self.state})}"
