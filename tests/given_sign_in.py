"""Signing in at Practice Twitter for the school: a person in a browser without script, who goes there and comes back."""

from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

import requests
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from django.http import HttpResponse
from django.test import Client
from selectolax.lexbor import LexborHTMLParser as HTMLParser

from accounts.models import User
from tests import given
from tests.given_twitter import AtTwitter
from tests.sandbox import Sandbox
from vetting.twitter.connecting.endpoint import Granted
from vetting.twitter.models import Connection
from vetting.twitter.operations import connect_by_signing_in, keep_app
from vetting.twitter.scopes import READING
from vetting.values import Handle, TwitterUserId

SIGN_IN, SIGNED_IN, PAGE = "/settings/twitter/sign-in/", "/settings/twitter/signed-in/", "/settings/twitter/"
# Practice Twitter leads back to this computer only.
HOST = "localhost"
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def know_the_app(there: AtTwitter) -> Connection:
    """A technician gave the client ID and secret of Practice Twitter's app."""
    keys = there.sandbox.keys
    return keep_app(
        school_account=there.account, client_id=keys.client_id, client_secret=keys.client_secret, by=there.okafor, at=given.MONDAY
    )


def signed_in(there: AtTwitter, *scopes: str, life: int = 7200, seconds: int | None = None) -> Connection:
    """The school signed in a moment ago. `seconds`: for how long we believe the token good, where that is not the truth."""
    know_the_app(there)
    asked = scopes or READING
    access, refresh = there.sandbox.world.issue_tokens(asked, life=life)
    granted = Granted(access, refresh, life if seconds is None else seconds, frozenset(asked))
    me = there.sandbox.world.me
    return connect_by_signing_in(
        school_account=there.account,
        user_id=TwitterUserId(me.user_id),
        handle=Handle.parse(me.handle),
        granted=granted,
        by=there.okafor,
        at=given.MONDAY,
    )


@dataclass
class Walk:
    """One person's browser, on the way to Practice Twitter and back."""

    client: Client
    sandbox: Sandbox

    @classmethod
    def of(cls, person: User | None, sandbox: Sandbox) -> "Walk":
        client = Client(SERVER_NAME=HOST)
        if person is not None:
            client.force_login(person, backend=BACKEND)
        return cls(client, sandbox)

    def begin(self, **form: str) -> str:
        """Press “Sign in”: the address at Twitter it leads to."""
        answer = self.client.post(SIGN_IN, form)
        assert answer.status_code == 302
        return str(answer["Location"])

    def there(self, address: str, *, press: str = "authorise") -> str:
        """On Twitter's page, press a button: the address it sends the browser back to."""
        with requests.Session() as browser:
            browser.trust_env = False
            page = browser.get(address, timeout=10)
            assert page.status_code == 200, page.text
            form = {str(box.attributes["name"]): box.attributes.get("value") or "" for box in HTMLParser(page.text).css("form input[name]")}
            url = self.sandbox.url
            answer = browser.post(
                f"{url}/i/oauth2/authorize", {**form, "answer": press}, headers={"Origin": url}, allow_redirects=False, timeout=10
            )
            assert answer.status_code == 303, answer.text
            return answer.headers["Location"]

    def come_back(self, address: str) -> str:
        """Follow that address to the register: what the page then says."""
        parts = urlsplit(address)
        return self.said(self.client.get(f"{parts.path}?{parts.query}", follow=True))

    def all_of_it(self, *, press: str = "authorise") -> str:
        return self.come_back(self.there(self.begin(), press=press))

    @staticmethod
    def said(answer: HttpResponse) -> str:
        body = HTMLParser(answer.content.decode()).body
        return " ".join(body.text(separator=" ").split()) if body is not None else ""


def asked_of_twitter(address: str) -> dict[str, str]:
    """What an address at Twitter asks for."""
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


def nothing_of_allauth_is_stored() -> bool:
    return not (SocialAccount.objects.exists() or SocialToken.objects.exists() or SocialApp.objects.exists())
