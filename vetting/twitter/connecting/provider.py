"""Signing in at Twitter with the school's own account: allauth's walk (state, PKCE, the way back), our tables.

allauth would make the X account a way to sign in *here*: its row says "whoever can sign in to that X account is this
admin". A school's X account is often shared, so that must never be. Therefore no row of allauth's is ever made:
`OnlyForTheSchool` takes the tokens out of its hands before it would, and triggers in the database refuse the rows
(migration 0006). docs/security.md tells the whole story.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NoReturn

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter, get_adapter
from allauth.socialaccount.models import SocialApp, SocialLogin, SocialToken
from allauth.socialaccount.providers.base import AuthError, ProviderException
from allauth.socialaccount.providers.base.constants import AuthProcess
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from allauth.socialaccount.providers.twitter_oauth2.provider import TwitterOAuth2Provider
from allauth.socialaccount.providers.twitter_oauth2.views import TwitterOAuth2Adapter
from django.contrib import messages
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from vetting.school.models import Role, School, SchoolAccount
from vetting.school.queries import policy, roles_of
from vetting.twitter import scopes
from vetting.twitter.connecting.endpoint import Granted, GrantRefused, TokenEndpoint
from vetting.twitter.connecting.operations import connect_by_signing_in
from vetting.twitter.models import Connection
from vetting.twitter.port import TwitterError
from vetting.twitter.tweepy_client import TweepyTwitter
from vetting.values import BadValue, Handle, Refused, TwitterUserId

PROVIDER = "school_x"
MAY_CONNECT = frozenset({Role.ADMIN, Role.TECHNICIAN})
SETTINGS = "settings_twitter"

CANCELLED = "The sign-in at Twitter was cancelled. Nothing was changed."
NOT_BEGUN_HERE = "This sign-in was not begun here, or it took longer than ten minutes. Nothing was changed; please begin again."
TURNED_AWAY = "Twitter did not go through with the sign-in. Nothing was changed; please try again."
NO_APP = "Twitter needs to know the school's app first: give its client ID and client secret."


class SignInFailed(ProviderException):  # type: ignore[misc]  # allauth ships no types
    """Something in the walk failed. `sentence` is for the screen; nothing Twitter answered is in it."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class _JustGranted:
    """A token nobody stored yet: good for asking whose it is, and never renewed."""

    def __init__(self, token: str) -> None:
        self._token = token

    def current(self) -> str:
        return self._token

    def instead_of(self, refused: str) -> NoReturn:
        raise GrantRefused("Twitter gave a token and then refused it. Please try again.")


class SchoolXAdapter(TwitterOAuth2Adapter):  # type: ignore[misc]  # allauth ships no types
    """allauth's way to X and back, at the addresses of the school's connection. What is asked of Twitter goes by our own session."""

    provider_id = PROVIDER

    @property
    def authorize_url(self) -> str:
        return f"{self._connection.pages_url}/i/oauth2/authorize"

    @property
    def _connection(self) -> Connection:
        connection: Connection = self.get_provider().connection
        return connection

    def get_access_token_data(self, request: HttpRequest, app: Any, client: Any, pkce_code_verifier: str | None = None) -> dict[str, Any]:
        try:
            granted = TokenEndpoint(self._connection).redeem(
                code=request.GET["code"], verifier=pkce_code_verifier or "", callback=client.callback_url
            )
        except TwitterError as error:
            raise SignInFailed(f"{error.sentence} Nothing was changed.") from None
        return {"access_token": granted.access_token, "refresh_token": granted.refresh_token, "granted": granted}

    def get_user_info(self, token: SocialToken) -> dict[str, Any]:
        there = self._connection
        try:
            me = TweepyTwitter(base_url=there.base_url, pages_url=there.pages_url, tokens=_JustGranted(token.token)).whoami()
        except TwitterError as error:
            raise SignInFailed(f"{error.sentence} Nothing was changed.") from None
        return {"id": me.user_id.value, "username": me.handle.value}

    def complete_login(self, request: HttpRequest, app: Any, token: SocialToken, **kwargs: Any) -> SocialLogin:
        login = super().complete_login(request, app, token, **kwargs)
        login.granted = kwargs["response"]["granted"]
        return login


class SchoolXProvider(TwitterOAuth2Provider):  # type: ignore[misc]  # allauth ships no types
    """The school's own app at X, as its connection names it."""

    id = PROVIDER
    name = "Twitter"
    oauth2_adapter_class = SchoolXAdapter
    pkce_enabled_default = True

    def __init__(self, request: HttpRequest, app: SocialApp, connection: Connection) -> None:
        super().__init__(request, app=app)
        self.connection = connection

    def get_scope(self) -> list[str]:
        return list(scopes_of(self.connection.school_account.school))

    def extract_common_fields(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Nothing: no person is made of it."""
        return {}


class OnlyForTheSchool(DefaultSocialAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """SOCIALACCOUNT_ADAPTER: nobody signs in or up through another service. A school's account is connected, or nothing happens."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return False

    def is_auto_signup_allowed(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return False

    def can_authenticate_by_email(self, login: SocialLogin, email: str) -> bool:
        return False

    def list_apps(self, request: HttpRequest, provider: str | None = None, client_id: str | None = None) -> list[SocialApp]:
        """None: an app stands in a school's connection, never in settings or in allauth's table."""
        return []

    def list_providers(self, request: HttpRequest) -> list[Any]:
        return []

    def get_provider(self, request: HttpRequest, provider: str, client_id: str | None = None) -> SchoolXProvider:
        """Ours, for the school this request is about; anybody else is sent back."""
        if provider != PROVIDER:
            raise ImproperlyConfigured("There is no sign-in through other services here.")
        account = _account_to_connect(request)
        connection = getattr(account, "connection", None)
        if account is None or connection is None or not connection.client_id:
            _back(request, NO_APP)
        # allauth finds a state again only under this id: a sign-in begun for one school account cannot end at another.
        app = SocialApp(
            provider=PROVIDER, provider_id=f"{PROVIDER}-{account.pk}", client_id=connection.client_id, secret=connection.client_secret
        )
        return SchoolXProvider(request, app, connection)

    def get_requests_session(self) -> NoReturn:
        """allauth itself asks nobody: SchoolXAdapter does, through our own fenced session."""
        raise ImproperlyConfigured("allauth opens no connections here.")

    def get_connect_redirect_url(self, request: HttpRequest, socialaccount: Any) -> str:
        return str(redirect(SETTINGS)["Location"])

    def on_authentication_error(
        self, request: HttpRequest, provider: Any, error: Any = None, exception: Any = None, extra_context: Any = None
    ) -> None:
        """Every end but the good one: back to where it began, with a sentence."""
        state = (extra_context or {}).get("state")
        if isinstance(exception, SignInFailed):
            _back(request, exception.sentence, state)
        if error == AuthError.CANCELLED:
            _back(request, CANCELLED, state)
        _back(request, TURNED_AWAY if state else NOT_BEGUN_HERE, state)

    def pre_social_login(self, request: Any, sociallogin: SocialLogin) -> NoReturn:
        """The end of the walk: allauth would now sign somebody in or make its rows, and never gets that far."""
        account, state = _account_to_connect(request), sociallogin.state
        if account is None or state.get("process") != AuthProcess.CONNECT or not _is_same_walk(request, account, state):
            _back(request, NOT_BEGUN_HERE, state)
        facts, granted = sociallogin.account.extra_data, sociallogin.granted
        try:
            connect_by_signing_in(
                school_account=account,
                user_id=TwitterUserId.parse(facts["id"]),
                handle=Handle.parse(facts["username"]),
                granted=_with_scopes(granted, state),
                by=request.user,
                at=timezone.now(),
            )
        except (BadValue, Refused) as error:
            _back(request, error.sentence, state)
        messages.success(request, f"Signed in at Twitter as {account}. The first reading begins within a minute.")
        raise ImmediateHttpResponse(redirect(state["data"]["after"]))


def begin(request: HttpRequest, *, after: str, back: str) -> HttpResponse:
    """Send a person to Twitter's page to sign in there. They come back to the page `after`, or to `back` if it comes to nothing."""
    try:
        provider = get_adapter(request).get_provider(request, PROVIDER)
        asked = provider.get_scope()
        account = provider.connection.school_account
        walk = {"school_account": account.pk, "by": request.user.pk, "asked": asked, "after": after, "back": back}
        answer: HttpResponse = provider.redirect(request, process=AuthProcess.CONNECT, data=walk, scope=asked)
    except ImmediateHttpResponse as stopped:
        return stopped.response  # type: ignore[no-any-return]  # allauth ships no types
    return answer


come_back = OAuth2CallbackView.adapter_view(SchoolXAdapter)
"""The address Twitter sends people back to. Whoever mounts it guards it."""


def scopes_of(school: School) -> tuple[str, ...]:
    """What a sign-in asks for at this school at this moment."""
    return scopes.asked(removing=bool(policy(school, "remove_by_api")))


def _account_to_connect(request: Any) -> SchoolAccount | None:
    """The account this visitor may connect now; None for everybody else, signed in or not."""
    school = getattr(request, "school", None)
    if school is None or not request.user.is_authenticated or not roles_of(school=school, user=request.user) & MAY_CONNECT:
        return None
    return SchoolAccount.objects.filter(school=school).select_related("school", "connection").order_by("pk").first()


def _is_same_walk(request: Any, account: SchoolAccount, state: Mapping[str, Any]) -> bool:
    walk = state.get("data") or {}
    return bool(walk.get("school_account") == account.pk and walk.get("by") == request.user.pk)


def _with_scopes(granted: Granted, state: Mapping[str, Any]) -> Granted:
    """Where Twitter does not say what it granted, it granted what was asked (RFC 6749, 5.1)."""
    return granted if granted.scopes is not None else replace(granted, scopes=frozenset(state["data"]["asked"]))


def _back(request: HttpRequest, sentence: str, state: Mapping[str, Any] | None = None) -> NoReturn:
    walk = (state or {}).get("data") or {}
    messages.error(request, sentence)
    raise ImmediateHttpResponse(redirect(walk.get("back") or SETTINGS))
