"""Whoever can sign in to the school's Twitter account can do nothing here by it: before, during and after an admin connected it."""

from collections.abc import Callable

import pytest
from allauth.core import context
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, transaction
from django.test import Client, RequestFactory

from accounts.models import User
from tests.given_sign_in import HOST, SIGN_IN, Walk, know_the_app, nothing_of_allauth_is_stored
from tests.given_twitter import AtTwitter, at_twitter
from tests.sandbox import Sandbox
from vetting.twitter.connecting.provider import OnlyForTheSchool
from vetting.twitter.models import TokenPair

pytestmark = pytest.mark.django_db


@pytest.fixture
def there(sandbox: Sandbox) -> AtTwitter:
    scene = at_twitter(sandbox)
    know_the_app(scene)
    return scene


@pytest.fixture
def okafor(there: AtTwitter) -> Walk:
    return Walk.of(there.okafor, there.sandbox)


def test_a_stranger_with_the_schools_twitter_account_gets_nothing_before_and_after(there: AtTwitter, okafor: Walk) -> None:
    """X's accounts are shared more widely than an admin's rights here."""
    for admin_connected in (False, True):
        if admin_connected:
            okafor.all_of_it()
        pairs = TokenPair.objects.count()
        back = okafor.there(okafor.begin())
        stranger = Client(SERVER_NAME=HOST)
        answer = stranger.get(back.removeprefix(f"http://{HOST}"))
        assert answer["Location"].startswith("/sign-in/login/")
        assert stranger.post(SIGN_IN)["Location"].startswith("/sign-in/login/")
        assert "_auth_user_id" not in stranger.session
        assert stranger.get("/")["Location"].startswith("/sign-in/login/")
        assert TokenPair.objects.count() == pairs
        assert User.objects.count() == 1
        assert nothing_of_allauth_is_stored()


@pytest.mark.parametrize(
    "path", ["/sign-in/social/", "/sign-in/social/login/cancelled/", "/sign-in/twitter_oauth2/login/", "/social/signup/"]
)
def test_allauths_own_doors_are_not_there(okafor: Walk, path: str) -> None:
    assert okafor.client.get(path).status_code == 404


def test_the_database_refuses_allauths_rows(there: AtTwitter) -> None:
    makes: list[Callable[[], object]] = [
        lambda: SocialAccount.objects.create(user=there.okafor, provider="school_x", uid="1"),
        lambda: SocialApp.objects.create(provider="school_x", name="x", client_id="x"),
        lambda: SocialToken.objects.create(account_id=1, token="x"),
    ]
    for make in makes:
        with pytest.raises(DatabaseError, match="nobody signs in here"), transaction.atomic():
            make()
    assert nothing_of_allauth_is_stored()


def test_a_walk_that_was_begun_to_sign_in_rather_than_to_connect_ends_in_nothing(there: AtTwitter, okafor: Walk) -> None:
    back = okafor.there(okafor.begin())
    session = okafor.client.session
    states = session["socialaccount_states"]
    for state, *_ in states.values():
        state["process"] = "login"
    session["socialaccount_states"] = states
    session.save()
    assert "was not begun here" in okafor.come_back(back)
    assert okafor.client.session["_auth_user_id"] == str(there.okafor.pk)
    assert not TokenPair.objects.exists()
    assert nothing_of_allauth_is_stored()


def test_allauth_is_given_no_other_provider_and_no_connection_of_its_own(there: AtTwitter) -> None:
    with context.request_context(RequestFactory().get("/")) as request:
        adapter = OnlyForTheSchool(request)
        for provider in ("google", "twitter_oauth2", "openid_connect"):
            with pytest.raises(ImproperlyConfigured):
                adapter.get_provider(request, provider)
        with pytest.raises(ImproperlyConfigured):
            adapter.get_requests_session()
        assert adapter.list_apps(request) == adapter.list_providers(request) == []
