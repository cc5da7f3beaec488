"""How a program asks Practice Twitter: signed with OAuth 1.0a as tweepy signs, or with an OAuth 2.0 token."""

import base64
import hashlib
from urllib.parse import parse_qsl, urlsplit

import requests
from requests_oauthlib import OAuth1

from tests.sandbox import Sandbox
from vetting.twitter.http import silence

READ = ("tweet.read", "users.read", "follows.read", "offline.access")
BLOCK = ("block.read", "block.write")
VERIFIER = "a-verifier-of-more-than-forty-three-characters-as-the-rule-says"
CALLBACK = "http://127.0.0.1:8000/connect/callback/"
Auth = OAuth1 | dict[str, str]


def signed(sandbox: Sandbox) -> OAuth1:
    """A signature of the school's own account, as tweepy makes it."""
    silence()  # the library logs what it signs; here as in the product nobody hears it
    keys = sandbox.keys
    return OAuth1(keys.consumer_key, keys.consumer_secret, keys.access_token, keys.access_secret)


def bearer(sandbox: Sandbox, *scopes: str, life: int = 7200) -> dict[str, str]:
    access, _ = sandbox.world.issue_tokens(scopes or READ, life=life)
    return {"Authorization": f"Bearer {access}"}


def ask(sandbox: Sandbox, method: str, path: str, auth: Auth | None = None, **more: object) -> requests.Response:
    """One call; `auth` is a signature or a header, and the school's signature where nothing else is said."""
    auth = signed(sandbox) if auth is None else auth
    sent = {"headers": auth} if isinstance(auth, dict) else {"auth": auth}
    return requests.request(method, sandbox.url + path, timeout=5, allow_redirects=False, **sent, **more)


def own(sandbox: Sandbox, what: str) -> str:
    return f"/2/users/{sandbox.world.me.user_id}/{what}"


def page_query(sandbox: Sandbox, **changed: str | None) -> dict[str, str]:
    """What the register's link to the page of permission carries; a None leaves something out."""
    digest = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
    asked = {
        "response_type": "code",
        "client_id": sandbox.keys.client_id,
        "redirect_uri": CALLBACK,
        "scope": " ".join(READ),
        "state": "a state of the register",
        "code_challenge": digest,
        "code_challenge_method": "S256",
        **changed,
    }
    return {name: value for name, value in asked.items() if value is not None}


def press(sandbox: Sandbox, answer: str, **changed: str | None) -> requests.Response:
    form = page_query(sandbox, **changed) | {"answer": answer}
    return requests.post(f"{sandbox.url}/i/oauth2/authorize", data=form, headers={"Origin": sandbox.url}, timeout=5, allow_redirects=False)


def brought_back(answer: requests.Response) -> dict[str, str]:
    """What the browser carries back to the register."""
    assert answer.headers["Location"].startswith(CALLBACK)
    return dict(parse_qsl(urlsplit(answer.headers["Location"]).query))


def a_code(sandbox: Sandbox, **changed: str | None) -> str:
    return brought_back(press(sandbox, "authorise", **changed))["code"]


def for_tokens(sandbox: Sandbox, where: str = "token", *, client_secret: str = "", **form: str) -> requests.Response:
    client = (sandbox.keys.client_id, client_secret or sandbox.keys.client_secret)
    return requests.post(f"{sandbox.url}/2/oauth2/{where}", data=form, auth=client, timeout=5, allow_redirects=False)


def redeem(sandbox: Sandbox, code: str, **changed: str) -> requests.Response:
    form = {"grant_type": "authorization_code", "code": code, "code_verifier": VERIFIER, "redirect_uri": CALLBACK, **changed}
    return for_tokens(sandbox, **form)


def refresh(sandbox: Sandbox, token: str) -> requests.Response:
    return for_tokens(sandbox, grant_type="refresh_token", refresh_token=token)
