"""What the tweepy adapter makes of every refusal, and what it never lets out."""

import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from tests.sandbox import Sandbox
from vetting.twitter import port
from vetting.twitter.http import RebasedSession
from vetting.twitter.port import Twitter, TwitterError
from vetting.twitter.tweepy_client import TweepyTwitter, UserKeys
from vetting.values import BadValue, TwitterUserId

OPERATIONS: dict[str, Callable[[Twitter], object]] = {
    "users": lambda twitter: twitter.relation([TwitterUserId("12")]),
    "me": lambda twitter: twitter.whoami(),
    "incoming": lambda twitter: twitter.list_incoming(),
    "followers": lambda twitter: twitter.list_followers(),
}


def _twitter(sandbox: Sandbox, **changed: str) -> TweepyTwitter:
    held = {name: getattr(sandbox.keys, name) for name in ("consumer_key", "consumer_secret", "access_token", "access_secret")}
    return TweepyTwitter(
        base_url=sandbox.url, pages_url=sandbox.url, keys=UserKeys(**{**held, **changed}), user_id=TwitterUserId(sandbox.world.me.user_id)
    )


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize(
    ("fault", "error", "words"),
    [
        ("unauthorized", port.ReconnectRequired, "(401)"),
        ("suspended_keys", port.ReconnectRequired, "locked or suspended"),
        ("out_of_credit", port.OutOfCredit, "(402)"),
        ("usage_cap", port.OutOfCredit, "monthly limit"),
        ("forbidden", port.CapabilityUnavailable, "(403)"),
        ("not_in_plan", port.CapabilityUnavailable, "(453)"),
        ("not_found", port.CapabilityUnavailable, "(404)"),
        ("rate_limited", port.RateLimited, "(429)"),
        ("rate_limited_no_reset", port.RateLimited, "(429)"),
        ("server_error", port.Transient, "(500)"),
        ("broken_body", port.ContractViolation, "could not be"),
        ("web_page", port.ContractViolation, "could not be"),
        ("empty_body", port.ContractViolation, "could not be"),
        ("wrong_shape", port.ContractViolation, ""),
        ("redirect", port.ContractViolation, "(302)"),
    ],
)
def test_every_refusal_has_its_own_error_and_sentence(
    sandbox: Sandbox, operation: str, fault: str, error: type[TwitterError], words: str
) -> None:
    sandbox.world.fault(operation, fault)
    with pytest.raises(error) as refused:
        OPERATIONS[operation](_twitter(sandbox))
    assert words in refused.value.sentence
    assert refused.value.__cause__ is None, "tweepy's exception holds the answer; it must not travel further"


def test_a_refusal_costs_one_call_and_never_a_wait(sandbox: Sandbox) -> None:
    sandbox.world.fault("users", "rate_limited_no_reset", times=1)
    began = time.monotonic()
    with pytest.raises(port.RateLimited) as refused:
        OPERATIONS["users"](_twitter(sandbox))
    assert time.monotonic() - began < 2
    assert refused.value.reset_at is None
    OPERATIONS["users"](_twitter(sandbox))


def test_a_rate_limit_tells_when_to_come_back(sandbox: Sandbox) -> None:
    sandbox.world.set_limit("incoming", 2)
    twitter = _twitter(sandbox)
    twitter.list_incoming()
    twitter.list_incoming()
    assert twitter.rate["x-rate-limit-remaining"] == "0"
    with pytest.raises(port.RateLimited) as refused:
        twitter.list_incoming()
    now = datetime.now(UTC)
    assert now < refused.value.reset_at <= now + timedelta(minutes=15)


@pytest.mark.parametrize("name", ["consumer_secret", "access_secret", "access_token"])
def test_practice_twitter_really_checks_signatures(sandbox: Sandbox, name: str) -> None:
    with pytest.raises(port.ReconnectRequired):
        _twitter(sandbox, **{name: "not the key"}).whoami()


def test_a_server_that_is_not_there_is_a_passing_problem(sandbox: Sandbox) -> None:
    twitter = _twitter(sandbox)
    sandbox.running.close()
    for ask in OPERATIONS.values():
        with pytest.raises(port.Transient):
            ask(twitter)


@pytest.mark.parametrize("address", ["http://api.x.com", "ftp://api.x.com", "http://127.0.0.1.example.org"])
def test_plain_http_goes_to_this_computer_only(address: str) -> None:
    with pytest.raises(BadValue):
        RebasedSession(address)


def test_a_loop_of_pages_is_an_incomplete_list(sandbox: Sandbox) -> None:
    sandbox.world.fault("incoming", "cursor_loop")
    listed = _twitter(sandbox).list_incoming()
    assert not listed.complete
    assert listed.why_not == "Twitter sent the same page twice."


def test_no_key_stands_in_any_log_even_at_debug(sandbox: Sandbox, caplog: pytest.LogCaptureFixture) -> None:
    twitter = _twitter(sandbox)
    with caplog.at_level(logging.DEBUG):
        twitter.whoami()
        twitter.list_incoming()
        sandbox.world.fault("users", "unauthorized")
        with pytest.raises(port.ReconnectRequired) as refused:
            OPERATIONS["users"](twitter)
    keys = sandbox.keys
    said = caplog.text + repr(twitter.__dict__) + repr(refused.value)
    for secret in (keys.consumer_key, keys.consumer_secret, keys.access_token, keys.access_secret):
        assert secret not in said
