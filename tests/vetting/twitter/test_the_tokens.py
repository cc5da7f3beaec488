"""The tokens of a sign-in: renewed in time, by one worker, stored before use, and never twice from one refresh token."""

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

import pytest
from django.db import connection as database
from django.db import transaction

from tests import given
from tests.given_sign_in import signed_in
from tests.given_twitter import AtTwitter, at_twitter
from tests.sandbox import Sandbox
from vetting.school.queries import open_alarms
from vetting.twitter.connecting import client_for
from vetting.twitter.connecting.tokens import LEASE, StoredTokens
from vetting.twitter.models import Connection, TokenPair
from vetting.twitter.operations import look_up_claimed_handles, sync_followers
from vetting.twitter.port import ContractViolation, ReconnectRequired, Transient
from vetting.twitter.scopes import READING
from vetting.values import Handle

pytestmark = pytest.mark.django_db
WORKERS = 8
T = TypeVar("T")


@pytest.fixture
def there(sandbox: Sandbox) -> AtTwitter:
    return at_twitter(sandbox)


def _never(seconds: float) -> None:
    raise AssertionError("nobody should wait here")


def _tokens(now: Connection, at: datetime = given.MONDAY, pause: Callable[[float], None] = _never) -> StoredTokens:
    return StoredTokens(now, clock=lambda: at, pause=pause)


def _renewals(there: AtTwitter) -> int:
    return there.sandbox.world.calls("token")


def test_a_token_is_used_until_two_minutes_before_its_end(there: AtTwitter) -> None:
    now = signed_in(there)
    first = now.tokens.access_token
    assert _tokens(now, given.MONDAY + timedelta(minutes=117)).current() == first
    assert _renewals(there) == 0
    late = given.MONDAY + timedelta(minutes=118)
    renewed = _tokens(now, late).current()
    pair = TokenPair.objects.get()
    assert renewed == pair.access_token != first
    assert (pair.version, pair.lease_until, pair.obtained_at, pair.expires_at) == (2, None, late, late + timedelta(hours=2))
    assert _tokens(now, late).current() == renewed
    assert _renewals(there) == 1


def test_each_renewal_uses_the_newest_refresh_token(there: AtTwitter) -> None:
    now = signed_in(there)
    seen = {_tokens(now, given.MONDAY + timedelta(hours=3 * count)).current() for count in range(6)}
    assert len(seen) == 6
    assert TokenPair.objects.get().version == 6


def test_a_token_that_twitter_refuses_before_its_time_is_renewed_once_and_the_call_goes_on(there: AtTwitter) -> None:
    now = signed_in(there, life=1, seconds=7200)
    time.sleep(1.1)
    assert client_for(now, clock=lambda: given.MONDAY).whoami().handle == Handle("stexample")
    assert [(call.operation, call.status) for call in there.sandbox.world.ledger] == [("me", 401), ("token", 200), ("me", 200)]


def test_whoever_was_refused_takes_what_somebody_else_renewed_meanwhile(there: AtTwitter) -> None:
    now = signed_in(there)
    refused = now.tokens.access_token
    theirs = _tokens(now).instead_of(refused)
    assert _tokens(now).instead_of(refused) == theirs
    assert _renewals(there) == 1


def test_a_permission_taken_back_asks_a_person_to_sign_in_again_and_stops_the_readings(there: AtTwitter) -> None:
    now = signed_in(there)
    there.sandbox.world.revoke_all()
    late = given.MONDAY + timedelta(hours=3)
    sync_followers(connection=now, twitter=client_for(now, clock=lambda: late), at=late)
    now.refresh_from_db()
    assert "must sign in again under Settings" in now.broken_because
    assert [alarm.kind for alarm in open_alarms(there.school)] == ["twitter-reconnect"]
    there.sandbox.world.forget_calls()
    there.claims("dana_hill")
    with pytest.raises(Exception, match="sign in again"):
        look_up_claimed_handles(connection=now, twitter=client_for(now), at=late)
    assert there.sandbox.world.calls() == 0
    again = signed_in(there)
    assert (again.broken_because, open_alarms(there.school)) == ("", [])


@pytest.mark.parametrize("fault", ["server_error", "dropped", "rate_limited", "redirect"])
def test_trouble_on_the_way_is_tried_again_with_the_same_refresh_token(there: AtTwitter, fault: str) -> None:
    now = signed_in(there)
    late = given.MONDAY + timedelta(hours=3)
    there.sandbox.world.fault("token", fault, times=1)
    with pytest.raises(Transient):
        _tokens(now, late).current()
    assert TokenPair.objects.get().lease_until is None
    assert _tokens(now, late).current() == TokenPair.objects.get().access_token


def test_a_dripping_answer_holds_a_worker_for_less_than_half_a_minute(there: AtTwitter) -> None:
    now = signed_in(there)
    there.sandbox.world.fault("token", "drip", times=1, seconds=40)
    began = time.monotonic()
    with pytest.raises(Transient):
        _tokens(now, given.MONDAY + timedelta(hours=3)).current()
    assert time.monotonic() - began < 15


@pytest.mark.parametrize("fault", ["web_page", "empty_body", "wrong_shape", "broken_body"])
def test_an_answer_that_cannot_be_read_changes_nothing(there: AtTwitter, fault: str) -> None:
    now = signed_in(there)
    before = TokenPair.objects.values().get()
    there.sandbox.world.fault("token", fault, times=1)
    with pytest.raises(ContractViolation):
        _tokens(now, given.MONDAY + timedelta(hours=3)).current()
    assert TokenPair.objects.values().get() == before


@pytest.mark.parametrize("fault", ["done_then_dropped", "half_body"])
def test_an_answer_that_was_lost_ends_in_signing_in_again_and_in_nothing_worse(there: AtTwitter, fault: str) -> None:
    """The pair exists at Twitter and nowhere here: what a crash between its answer and our row looks like."""
    now = signed_in(there)
    late = given.MONDAY + timedelta(hours=3)
    there.sandbox.world.fault("token", fault, times=1)
    with pytest.raises(Transient):
        _tokens(now, late).current()
    with pytest.raises(ReconnectRequired, match="sign in again"):
        _tokens(now, late).current()


def test_an_app_that_twitter_no_longer_knows_is_named_as_the_reason(there: AtTwitter) -> None:
    now = signed_in(there)
    Connection.objects.update(client_secret="an older one")
    with pytest.raises(ReconnectRequired, match="client ID and secret"):
        _tokens(now, given.MONDAY + timedelta(hours=3)).current()


def test_after_a_refusal_the_row_is_read_once_more_because_somebody_else_may_have_won(there: AtTwitter) -> None:
    now = signed_in(there)
    late = given.MONDAY + timedelta(hours=3)
    spent = TokenPair.objects.get()
    there.sandbox.world.refresh(spent.refresh_token)
    tokens = _tokens(now, late)
    held = tokens._row()
    assert tokens._leased(held)
    # Our lease ran out, another worker renewed: what stands there now counts, although our own try is refused.
    TokenPair.objects.update(access_token="theirs", version=5, expires_at=late + timedelta(hours=2), lease_until=None)
    assert tokens._renew(held) == "theirs"


def test_a_sign_in_during_a_renewal_counts_and_the_renewal_does_not(there: AtTwitter) -> None:
    now = signed_in(there)
    late = given.MONDAY + timedelta(hours=3)
    tokens = _tokens(now, late)
    held = tokens._row()
    assert tokens._leased(held)
    newer = signed_in(there, life=10**6)
    assert tokens._renew(held) == newer.tokens.access_token == TokenPair.objects.get().access_token


def test_whoever_finds_the_lease_taken_waits_in_small_steps_and_takes_what_comes(there: AtTwitter) -> None:
    now = signed_in(there)
    late = given.MONDAY + timedelta(hours=3)
    TokenPair.objects.update(lease_until=late + LEASE)
    steps: list[float] = []

    def pause(seconds: float) -> None:
        steps.append(seconds)
        if len(steps) == 3:
            TokenPair.objects.update(access_token="theirs", version=2, expires_at=late + timedelta(hours=2), lease_until=None)

    assert _tokens(now, late, pause).current() == "theirs"
    assert len(steps) == 3
    assert max(steps) < 0.5
    assert _renewals(there) == 0


def test_whoever_sees_another_fail_does_not_try_at_once_again(there: AtTwitter) -> None:
    now = signed_in(there)
    late = given.MONDAY + timedelta(hours=3)
    TokenPair.objects.update(lease_until=late + LEASE)
    with pytest.raises(Transient):
        _tokens(now, late, lambda _: TokenPair.objects.update(lease_until=None)).current()  # type: ignore[arg-type, return-value]
    assert _renewals(there) == 0


def test_waiting_has_an_end(there: AtTwitter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vetting.twitter.connecting.tokens.WAIT_SECONDS", 0.3)
    now = signed_in(there)
    late = given.MONDAY + timedelta(hours=3)
    TokenPair.objects.update(lease_until=late + LEASE)
    with pytest.raises(Transient, match="takes too long"):
        _tokens(now, late, time.sleep).current()


def test_a_lease_of_somebody_who_died_runs_out(there: AtTwitter) -> None:
    now = signed_in(there)
    late = given.MONDAY + timedelta(hours=3)
    TokenPair.objects.update(lease_until=late)
    assert _tokens(now, late).current() == TokenPair.objects.get().access_token


def test_without_a_refresh_token_and_without_a_sign_in_a_person_is_asked(there: AtTwitter) -> None:
    now = signed_in(there)
    TokenPair.objects.update(refresh_token="")
    with pytest.raises(ReconnectRequired):
        _tokens(now, given.MONDAY + timedelta(hours=3)).current()
    TokenPair.objects.all().delete()
    with pytest.raises(ReconnectRequired, match="Nobody has signed in"):
        _tokens(now).current()


@pytest.mark.django_db(transaction=True)
def test_no_transaction_is_open_while_twitter_is_asked(there: AtTwitter) -> None:
    now = signed_in(there)
    with pytest.raises(RuntimeError), transaction.atomic():
        _tokens(now, given.MONDAY + timedelta(hours=3)).current()
    assert _renewals(there) == 0


@pytest.fixture
def as_in_earnest(tmp_path: Path) -> Iterator[None]:
    """Threads that connect from now on find the tables in a file, as the product does; SQLite in memory locks whole tables.

    On PostgreSQL (where DATABASE_URL names one) nothing needs doing.
    """
    if database.vendor != "sqlite":
        yield
        return
    in_memory, path = database.settings_dict["NAME"], tmp_path / "race.sqlite3"
    with closing(sqlite3.connect(path)) as file:
        database.connection.backup(file)
    database.settings_dict["NAME"] = str(path)
    yield
    database.settings_dict["NAME"] = in_memory


def _all_at_once(work: Callable[[], T]) -> list[T]:
    if database.vendor == "postgresql":
        database.close()  # the pool has eight connections, and each worker needs one
    gate = threading.Barrier(WORKERS, timeout=30)

    def one(_: int) -> T:
        try:
            Connection.objects.exists()
            gate.wait()
            return work()
        finally:
            database.close()

    with ThreadPoolExecutor(WORKERS) as pool:
        return list(pool.map(one, range(WORKERS)))


def _elsewhere(look: Callable[[], T]) -> T:
    """What a thread of its own sees."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(lambda: (look(), database.close())[0]).result()


@pytest.mark.django_db(transaction=True)
def test_of_eight_workers_with_one_spent_token_one_renews_and_all_go_on(
    there: AtTwitter, request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]
) -> None:
    now = signed_in(there, life=1, seconds=-60)
    time.sleep(1.1)
    request.getfixturevalue("as_in_earnest")
    world = there.sandbox.world
    world.fault("token", "slow", times=1, seconds=0.5)

    def work() -> tuple[str, float]:
        began = time.monotonic()
        who = client_for(Connection.objects.get(pk=now.pk)).whoami().handle.value
        return who, time.monotonic() - began

    answers = _all_at_once(work)
    assert [who for who, _ in answers] == ["stexample"] * WORKERS
    assert (world.calls("token"), world.calls("me")) == (1, WORKERS)
    assert {call.status for call in world.ledger} == {200}
    assert _elsewhere(lambda: TokenPair.objects.get().version) == 2
    with capsys.disabled():
        print(f"\n{database.vendor}: {WORKERS} workers, 1 renewal, the slowest waited {max(took for _, took in answers):.2f} s")


@pytest.mark.django_db(transaction=True)
def test_of_eight_workers_that_are_all_refused_one_renews(there: AtTwitter, request: pytest.FixtureRequest) -> None:
    """The token is good by our clock, and Twitter says no to everybody at once."""
    now = signed_in(there, life=1, seconds=7200)
    time.sleep(1.1)
    request.getfixturevalue("as_in_earnest")
    world = there.sandbox.world
    answers = _all_at_once(lambda: client_for(Connection.objects.get(pk=now.pk), clock=lambda: given.MONDAY).whoami().handle.value)
    assert answers == ["stexample"] * WORKERS
    assert world.calls("token") == 1


@pytest.mark.django_db(transaction=True)
def test_when_the_one_that_renews_fails_the_others_do_not_try_one_after_the_other(there: AtTwitter, request: pytest.FixtureRequest) -> None:
    now = signed_in(there, life=1, seconds=-60)
    request.getfixturevalue("as_in_earnest")
    world = there.sandbox.world
    world.fault("token", "slow", times=1, seconds=10)
    began = time.monotonic()

    def work() -> str:
        try:
            return client_for(Connection.objects.get(pk=now.pk)).whoami().handle.value
        except Transient:
            return "later"

    assert _all_at_once(work) == ["later"] * WORKERS
    assert time.monotonic() - began < 15
    assert world.calls("me") == 0
    assert _elsewhere(lambda: TokenPair.objects.get().lease_until) is None


def test_scopes_are_kept_as_they_were_granted(there: AtTwitter) -> None:
    now = signed_in(there)
    _tokens(now, given.MONDAY + timedelta(hours=3)).current()
    assert set(TokenPair.objects.get().scopes.split()) == set(READING)
