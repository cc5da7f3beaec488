"""Walks every address and fails for one that does not say who may go there."""

from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.urls.exceptions import NoReverseMatch

from vetting.dashboard.permissions import Permission

# The sign-in library guards its own pages; each is listed here, so that a new one of its is a decision too.
OF_ALLAUTH = {
    "account_login", "account_logout", "account_inactive", "account_signup", "account_reauthenticate", "account_email",
    "account_email_verification_sent", "account_change_password", "account_set_password", "account_reset_password",
    "account_confirm_login_code", "account_confirm_email", "account_reset_password_from_key_done", "account_reset_password_from_key",
    "account_reset_password_done", "mfa_index", "mfa_authenticate", "mfa_reauthenticate", "mfa_activate_totp", "mfa_deactivate_totp",
    "mfa_view_recovery_codes", "mfa_generate_recovery_codes", "mfa_download_recovery_codes",
}  # fmt: skip
# Whoever has no sign-in yet: each guards itself by a token, by loopback, or shows nothing of anybody's.
FOR_ANYBODY = {"confirm", "join", "set_up", "demo_sign_in", "start_with_my_school"}
# For the machine in front: they say "up" or "not up" and nothing else.
FOR_MACHINES = {"healthz", "healthz_mail", "readyz"}


def _addresses(patterns: list[URLPattern | URLResolver]) -> Iterator[URLPattern]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from _addresses(pattern.url_patterns)
        else:
            yield pattern


ADDRESSES = [address for address in _addresses(get_resolver().url_patterns) if address.name not in OF_ALLAUTH | FOR_MACHINES]


def test_there_are_addresses_to_walk() -> None:
    assert {"today", "requests", "settings_rules", "set_up"} - {address.name for address in ADDRESSES} <= {"requests"}


@pytest.mark.parametrize("address", ADDRESSES, ids=lambda address: str(address.name))
def test_an_address_says_who_may_go_there(address: URLPattern) -> None:
    permission = getattr(address.callback, "permission", None)
    assert isinstance(permission, Permission), f"{address.name}: decorate its view with @page(...) of vetting.dashboard.permissions"
    assert (permission.who == "anybody") == (address.name in FOR_ANYBODY)


@pytest.mark.django_db
@pytest.mark.parametrize("address", [a for a in ADDRESSES if a.name not in FOR_ANYBODY], ids=lambda address: str(address.name))
def test_an_address_sends_strangers_to_the_door(address: URLPattern) -> None:
    names = address.pattern.converters
    try:
        path = reverse(address.name, kwargs={name: converter_example(str(type(kind).__name__)) for name, kind in names.items()})
    except NoReverseMatch:
        pytest.fail(f"{address.name}: this test does not know an example for its address")
    for answer in (Client().get(path), Client().post(path)):
        assert answer.status_code == 302
        assert answer["Location"].startswith("/sign-in/login/")


def converter_example(kind: str) -> str | int:
    return 1 if kind == "IntConverter" else "abcdefghjkmn"
