"""The school's account is connected by signing in at Twitter: by whom, for which account, with what; and let go of again."""

import logging
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from tests import given
from tests.given_sign_in import HOST, PAGE, SIGN_IN, SIGNED_IN, Walk, asked_of_twitter, know_the_app
from tests.given_twitter import AtTwitter, at_twitter
from tests.sandbox import Sandbox
from vetting.audit.models import AuditEvent
from vetting.school.models import Role, SchoolAccount
from vetting.school.operations import create_school, set_policy
from vetting.twitter.connecting import client_for
from vetting.twitter.connecting.endpoint import Granted
from vetting.twitter.connecting.provider import CANCELLED, NO_APP, NOT_BEGUN_HERE, TURNED_AWAY
from vetting.twitter.models import Capability, Connection, TokenPair
from vetting.twitter.operations import (
    GrantedTooLittle,
    connect,
    connect_by_signing_in,
    disconnect,
    keep_app,
    look_up_claimed_handles,
    sync_requests,
)
from vetting.twitter.queries import connection_health
from vetting.values import BadValue, Handle, TwitterUserId

pytestmark = pytest.mark.django_db


@pytest.fixture
def there(sandbox: Sandbox) -> AtTwitter:
    scene = at_twitter(sandbox)
    know_the_app(scene)
    return scene


@pytest.fixture
def okafor(there: AtTwitter) -> Walk:
    return Walk.of(there.okafor, there.sandbox)


# Who connects what.


def test_an_admin_signs_in_and_the_school_reads_by_tokens_from_then_on(there: AtTwitter, okafor: Walk) -> None:
    there.asks("dana_hill")
    assert "Signed in at Twitter as @stexample" in okafor.all_of_it()
    now = Connection.objects.get()
    assert (now.auth, now.kind, now.connected_by, now.broken_because) == ("SIGN_IN", "SANDBOX", there.okafor, "")
    assert now.tokens.scopes.split() == sorted(READING)
    assert timedelta(minutes=115) < now.tokens.expires_at - timezone.now() <= timedelta(hours=2)
    there.sandbox.world.forget_calls()
    assert client_for(now).whoami().handle == Handle("stexample")
    assert [call.auth for call in there.sandbox.world.ledger] == ["oauth2"]


def test_a_technician_may_connect_and_the_record_names_them(there: AtTwitter) -> None:
    tess = given.a_colleague(there.school, "Tess", Role.TECHNICIAN)
    Walk.of(tess, there.sandbox).all_of_it()
    event = AuditEvent.objects.get(event="twitter.signed_in")
    assert (event.by_id, event.facts) == (tess.pk, {"scopes": " ".join(sorted(READING))})


@pytest.mark.parametrize("role", [Role.OFFICE, Role.LEAD, Role.READER, Role.DATA_LEAD])
def test_nobody_else_may_begin_or_end_it(there: AtTwitter, okafor: Walk, role: Role) -> None:
    other = Walk.of(given.a_colleague(there.school, "Somebody Else", role), there.sandbox)
    assert other.client.post(SIGN_IN).status_code == 403
    assert other.client.get(SIGNED_IN, {"code": "x", "state": "y"}).status_code == 403
    back = okafor.there(okafor.begin())
    assert "This page is for" in other.come_back(back)
    assert not TokenPair.objects.exists()


def test_a_role_that_ended_on_the_way_to_twitter_counts_no_longer(there: AtTwitter, okafor: Walk) -> None:
    back = okafor.there(okafor.begin())
    there.school.memberships.filter(user=there.okafor).update(until=timezone.now())
    okafor.come_back(back)
    assert not TokenPair.objects.exists()


def test_older_keys_stay_because_only_they_show_the_list_of_requests(there: AtTwitter, okafor: Walk) -> None:
    there.asks("dana_hill")
    okafor.all_of_it()
    now = Connection.objects.get()
    there.sandbox.world.forget_calls()
    reading = sync_requests(connection=now, twitter=client_for(now), at=timezone.now())
    assert (reading.complete, reading.count) == (True, 1)
    assert {(call.operation, call.auth) for call in there.sandbox.world.ledger} >= {("incoming", "oauth1"), ("users", "oauth2")}


def test_without_older_keys_the_names_that_families_wrote_are_asked_about(there: AtTwitter, okafor: Walk) -> None:
    there.asks("dana_hill")
    there.claims("dana_hill")
    Connection.objects.update(**dict.fromkeys(("consumer_key", "consumer_secret", "access_token", "access_secret"), ""))
    okafor.all_of_it()
    now = Connection.objects.get()
    look_up_claimed_handles(connection=now, twitter=client_for(now), at=timezone.now())
    reading = sync_requests(connection=now, twitter=client_for(now), at=timezone.now())
    now.refresh_from_db()
    assert (reading.complete, now.broken_because) == (False, "")
    assert there.account.follow_requests.filter(ended_at=None, profile__handle="dana_hill").exists()
    assert not connection_health(now, at=timezone.now()).sees_everybody


def test_keys_of_another_account_are_dropped(there: AtTwitter, okafor: Walk) -> None:
    Connection.objects.update(access_token="12345-somebodyelses")
    okafor.all_of_it()
    assert Connection.objects.get().access_token == ""
    Connection.objects.update(access_token=f"{there.sandbox.world.me.user_id}-theschools")
    okafor.all_of_it()
    assert Connection.objects.get().access_token.endswith("-theschools")


def test_signing_in_begins_anew_with_health_and_what_was_learnt(there: AtTwitter, okafor: Walk) -> None:
    Connection.objects.update(
        broken_because="Twitter no longer accepts the keys.", failures=7, not_before=timezone.now() + timedelta(days=1)
    )
    Capability.objects.filter(name="remove").update(state="NO", checked_at=timezone.now())
    okafor.all_of_it()
    now = Connection.objects.get()
    assert (now.broken_because, now.failures, now.not_before) == ("", 0, None)
    assert set(now.capabilities.values_list("state", flat=True)) == {"UNKNOWN"}


def test_pasting_keys_afterwards_forgets_the_tokens(there: AtTwitter, okafor: Walk) -> None:
    okafor.all_of_it()
    there.sandbox.connect(there.account, by=there.okafor, at=given.MONDAY)
    now = Connection.objects.get()
    assert (now.auth, TokenPair.objects.count()) == ("KEYS", 0)
    assert now.client_id == there.sandbox.keys.client_id


# The right account.


def test_another_account_is_named_and_nothing_is_stored(there: AtTwitter, okafor: Walk) -> None:
    there.sandbox.world.add_user("headteacher")
    there.sandbox.world.sign_in_as("headteacher")
    said = okafor.all_of_it()
    assert "You signed in to Twitter as @headteacher; the school's account is @stexample. Sign out there and try again." in said
    assert not TokenPair.objects.exists()
    assert Connection.objects.get().auth == "KEYS"


def test_once_the_number_is_known_a_name_taken_over_by_somebody_else_does_not_do(there: AtTwitter, okafor: Walk) -> None:
    SchoolAccount.objects.update(twitter_user_id=there.sandbox.world.me.user_id)
    there.sandbox.world.rename("stexample", "stexample_old")
    there.sandbox.world.add_user("stexample")
    there.sandbox.world.sign_in_as("stexample")
    assert "You signed in to Twitter as @stexample" in okafor.all_of_it()
    assert not TokenPair.objects.exists()
    there.sandbox.world.sign_in_as("stexample_old")
    assert "Signed in at Twitter" in okafor.all_of_it()


@pytest.mark.parametrize("granted", [("users.read", "tweet.read"), (*READING, "block.write", "something.else"), None])
def test_permissions_that_are_not_the_ones_asked_for_are_not_stored(there: AtTwitter, granted: tuple[str, ...] | None) -> None:
    pair = Granted("access", "refresh", 7200, frozenset(granted) if granted else None)
    number = TwitterUserId(there.sandbox.world.me.user_id)
    with pytest.raises(GrantedTooLittle):
        connect_by_signing_in(
            school_account=there.account, user_id=number, handle=Handle("stexample"), granted=pair, by=there.okafor, at=given.MONDAY
        )
    assert not TokenPair.objects.exists()


# What is asked for.


def test_only_reading_is_asked_for_and_blocking_where_the_school_wants_it(there: AtTwitter, okafor: Walk) -> None:
    asked = asked_of_twitter(okafor.begin(scope="dm.read", auth_params="scope=tweet.write"))
    assert set(asked["scope"].split()) == set(READING)
    assert (asked["code_challenge_method"], asked["response_type"]) == ("S256", "code")
    assert asked["redirect_uri"] == f"http://{HOST}{SIGNED_IN}"
    set_policy(school=there.school, key="remove_by_api", value=True, by=there.okafor, at=given.MONDAY)
    assert set(asked_of_twitter(okafor.begin())["scope"].split()) == {*READING, *REMOVING}


def test_a_rule_switched_on_later_asks_to_sign_in_again(there: AtTwitter, okafor: Walk) -> None:
    okafor.all_of_it()
    assert "Sign in again to allow removing" not in Walk.said(okafor.client.get(PAGE))
    set_policy(school=there.school, key="remove_by_api", value=True, by=there.okafor, at=given.MONDAY)
    assert "Sign in again to allow removing" in Walk.said(okafor.client.get(PAGE))
    assert "Sign in again to allow removing" not in okafor.all_of_it()
    assert "block.write" in Connection.objects.get().tokens.scopes


# What goes wrong on the way.


def test_a_cancelled_sign_in_comes_back_calmly(okafor: Walk) -> None:
    assert CANCELLED in okafor.all_of_it(press="cancel")
    assert not TokenPair.objects.exists()


def test_a_sign_in_that_was_not_begun_here_is_not_finished_here(there: AtTwitter, okafor: Walk) -> None:
    for address in (SIGNED_IN, f"{SIGNED_IN}?code=x", f"{SIGNED_IN}?code=x&state=y", f"{SIGNED_IN}?error=access_denied&state=y"):
        assert NOT_BEGUN_HERE in okafor.come_back(address)
    elsewhere = Walk.of(there.okafor, there.sandbox)
    assert NOT_BEGUN_HERE in elsewhere.come_back(okafor.there(okafor.begin()))
    assert not TokenPair.objects.exists()


def test_an_answer_counts_once(okafor: Walk) -> None:
    back = okafor.there(okafor.begin())
    assert "Signed in at Twitter" in okafor.come_back(back)
    assert NOT_BEGUN_HERE in okafor.come_back(back)


def test_a_sign_in_begun_for_one_school_does_not_end_at_another(there: AtTwitter) -> None:
    second = create_school(slug="second", name="Second Practice School", at=given.MONDAY, is_demo=True)
    both = there.okafor
    other = given.an_account(second, "secondschool")
    connect(
        school_account=other, kind="SANDBOX", by=None, at=given.MONDAY, base_url=there.sandbox.url, pages_url=there.sandbox.url,
        **dict.fromkeys(("consumer_key", "consumer_secret", "access_token", "access_secret"), "x"),
    )  # fmt: skip
    keep_app(school_account=other, client_id="theirs", client_secret="theirs", by=None, at=given.MONDAY)
    second.memberships.create(user=both, role=Role.ADMIN, since=given.MONDAY)
    walk = Walk.of(both, there.sandbox)
    back = walk.there(walk.begin())
    session = walk.client.session
    session["school"] = second.pk
    session.save()
    there.sandbox.world.forget_calls()
    assert NOT_BEGUN_HERE in walk.come_back(back)
    assert there.sandbox.world.calls("token") == 0, "the code is not even tried"
    assert not TokenPair.objects.exists()


@pytest.mark.parametrize(
    ("operation", "fault", "sentence"),
    [
        ("token", "server_error", "Twitter does not answer about the sign-in at the moment (500)"),
        ("token", "dropped", "Twitter could not be reached"),
        ("token", "half_body", "Twitter could not be reached"),
        ("token", "redirect", "Twitter does not answer about the sign-in at the moment (302)"),
        ("token", "web_page", "could not be understood"),
        ("token", "empty_body", "could not be understood"),
        ("token", "wrong_shape", "could not be understood"),
        ("token", "unauthorized", "does not accept the client ID and secret"),
        ("me", "server_error", "Twitter has a problem of its own"),
        ("me", "unauthorized", "Twitter gave a token and then refused it"),
        ("me", "web_page", "could not be read"),
        ("me", "wrong_shape", "without its name"),
        ("me", "dropped", "Twitter could not be reached"),
        ("me", "out_of_credit", "no credit left"),
    ],
)
def test_trouble_at_twitter_is_a_sentence_and_changes_nothing(
    there: AtTwitter, okafor: Walk, caplog: pytest.LogCaptureFixture, operation: str, fault: str, sentence: str
) -> None:
    caplog.set_level(logging.DEBUG)
    there.sandbox.world.fault(operation, fault)
    back = okafor.there(okafor.begin())
    assert sentence in okafor.come_back(back)
    assert not TokenPair.objects.exists()
    keys = there.sandbox.keys
    for secret in (asked_of_twitter(back)["code"], keys.client_secret, keys.access_secret):
        assert secret not in caplog.text


def test_twitters_own_refusal_before_any_code_is_a_sentence_too(okafor: Walk) -> None:
    state = asked_of_twitter(okafor.begin())["state"]
    assert TURNED_AWAY in okafor.come_back(f"{SIGNED_IN}?error=invalid_scope&state={state}")


def test_no_token_stands_in_a_log_a_page_or_the_database_file(there: AtTwitter, okafor: Walk, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    back = okafor.there(okafor.begin())
    page = okafor.come_back(back)
    pair, keys = TokenPair.objects.get(), there.sandbox.keys
    with connection.cursor() as cursor:
        cursor.execute("SELECT access_token, refresh_token FROM vetting_tokenpair")
        stored = " ".join(cursor.fetchone())
    for secret in (pair.access_token, pair.refresh_token, keys.client_secret, asked_of_twitter(back)["code"]):
        assert len(secret) > 20
        assert secret not in caplog.text + page + stored


# The app, and letting go.


def test_without_an_app_there_is_nowhere_to_go(there: AtTwitter, okafor: Walk) -> None:
    Connection.objects.update(client_id="")
    assert okafor.begin() == PAGE
    assert NO_APP in Walk.said(okafor.client.get(PAGE))


def test_an_apps_secret_may_be_left_out_only_for_the_same_app(there: AtTwitter) -> None:
    keys = there.sandbox.keys
    for client_id, secret in (("", keys.client_secret), ("another", "")):
        with pytest.raises(BadValue):
            keep_app(school_account=there.account, client_id=client_id, client_secret=secret, by=there.okafor, at=given.MONDAY)
    before = AuditEvent.objects.count()
    assert keep_app(school_account=there.account, client_id=keys.client_id, client_secret="", by=there.okafor, at=given.MONDAY)
    assert AuditEvent.objects.count() == before
    assert Connection.objects.get().client_secret == keys.client_secret


def test_a_school_with_nothing_gives_its_app_first_and_pastes_lists_until_it_has_signed_in() -> None:
    school = given.a_school()
    okafor = Walk.of(given.mr_okafor(school), None)  # type: ignore[arg-type]
    form = {"kind": "SIGN_IN", "handle": "@stexample", "client_id": "the-app", "client_secret": "its-secret"}
    answer = okafor.client.post(PAGE, form)
    assert answer["Location"].startswith("https://x.com/i/oauth2/authorize?")
    assert asked_of_twitter(answer["Location"])["client_id"] == "the-app"
    now = Connection.objects.get()
    assert (now.kind, now.base_url, now.client_secret) == ("BY_HAND", "https://api.x.com", "its-secret")
    page = okafor.client.get(PAGE)
    assert "its-secret" not in page.content.decode()
    assert "form-action 'self' https://x.com;" in page["Content-Security-Policy"]
    assert "form-action 'self';" in okafor.client.get("/settings/people/")["Content-Security-Policy"]


def test_the_first_run_goes_on_to_families_after_signing_in(there: AtTwitter, okafor: Walk) -> None:
    keys = there.sandbox.keys
    form = {"kind": "SIGN_IN", "handle": "@stexample", "client_id": keys.client_id, "client_secret": keys.client_secret}
    away = okafor.client.post("/set-up/twitter/", form)["Location"]
    cancelled = okafor.client.get(okafor.there(away, press="cancel").removeprefix(f"http://{HOST}"))
    assert cancelled["Location"] == "/set-up/twitter/"
    away = okafor.client.post("/set-up/twitter/", form)["Location"]
    assert okafor.client.get(okafor.there(away).removeprefix(f"http://{HOST}"))["Location"] == "/set-up/families/"
    assert TokenPair.objects.exists()


def test_disconnecting_gives_the_permission_back_and_forgets_everything(there: AtTwitter, okafor: Walk) -> None:
    okafor.all_of_it()
    access = TokenPair.objects.get().access_token
    assert there.sandbox.world.allowed_by(access) is not None
    said = Walk.said(okafor.client.post("/settings/twitter/disconnect/", follow=True))
    assert "Disconnected. Every key is forgotten" in said
    assert there.sandbox.world.allowed_by(access) is None
    now = Connection.objects.get()
    assert (now.kind, now.auth, now.access_secret, TokenPair.objects.count()) == ("BY_HAND", "KEYS", "", 0)
    assert AuditEvent.objects.filter(event="twitter.disconnected", by_id=there.okafor.pk, facts={"told": True}).exists()
    assert "Signed in at Twitter" in okafor.all_of_it(), "the demo's visitor may come back"


def test_a_real_school_that_disconnects_leaves_no_secret_behind_although_twitter_cannot_be_told() -> None:
    school = given.a_school()
    account, okafor = given.an_account(school), given.mr_okafor(school)
    keep_app(school_account=account, client_id="app", client_secret="secret", by=okafor, at=given.MONDAY)
    pair = Granted("access", "refresh", 7200, frozenset(READING))
    now = connect_by_signing_in(
        school_account=account, user_id=TwitterUserId("12"), handle=Handle("stexample"), granted=pair, by=okafor, at=given.MONDAY
    )
    assert now.kind == "LIVE"
    Connection.objects.update(base_url="https://127.0.0.1:1")
    now.refresh_from_db()
    assert disconnect(connection=now, by=okafor, at=given.MONDAY) is False
    now.refresh_from_db()
    names = ("client_id", "client_secret", "consumer_key", "consumer_secret", "access_token", "access_secret")
    assert {getattr(now, name) for name in names} == {""}
    assert not TokenPair.objects.exists()


def test_going_over_to_pasted_lists_lets_go_of_what_was_connected(there: AtTwitter, okafor: Walk) -> None:
    okafor.all_of_it()
    said = Walk.said(okafor.client.post(PAGE, {"kind": "BY_HAND", "handle": "@stexample"}, follow=True))
    assert "Disconnected." in said
    assert Connection.objects.get().kind == "BY_HAND"


def test_the_page_tells_who_connected_what_was_granted_and_when_it_was_renewed(okafor: Walk) -> None:
    said = okafor.all_of_it()
    for words in (
        "by signing in at Twitter",
        "by Mr Okafor",
        "Sign-in renewed",
        "read the school's own list of followers",
        "It cannot post",
    ):
        assert words in said
    assert "block and unblock" not in said
