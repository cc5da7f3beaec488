"""The suite listens to its own log (tests/listening.py). Here: that it would hear."""

import logging

import pytest

from tests import given
from tests.listening import given_away, said_on_purpose, secrets_of
from tests.sandbox import Sandbox
from vetting.roster.models import Pupil

log = logging.getLogger("vetting")


@pytest.mark.django_db
def test_a_childs_name_in_a_log_is_heard(request: pytest.FixtureRequest) -> None:
    Pupil.objects.create(school=given.a_school(), given="Marigold", family="Fen")
    with said_on_purpose() as ear:
        log.debug("reading the list of Marigold Fen")
    assert "“Marigold Fen…”" in given_away(ear.empty(), secrets_of(request.node))


def test_a_token_in_a_log_is_heard_whoever_made_it() -> None:
    with said_on_purpose() as ear:
        log.info("Authorization: Bearer %s", "x" * 90)
    assert len(given_away(ear.empty(), [])) == 2


def test_a_key_that_is_shorter_is_heard_by_its_value(sandbox: Sandbox, request: pytest.FixtureRequest) -> None:
    with said_on_purpose() as ear:
        log.info("signed with %s", sandbox.keys.access_secret)
    assert given_away(ear.empty(), secrets_of(request.node))


def test_the_libraries_under_us_stay_silent_whatever_level_somebody_sets(sandbox: Sandbox) -> None:
    loud = [logging.getLogger(name) for name in ("tweepy.client", "oauthlib.oauth1.rfc5849", "requests_oauthlib.oauth1_auth")]
    assert all(logger.isEnabledFor(logging.DEBUG) for logger in loud), "the suite asks them to speak"
    with said_on_purpose() as ear:
        for auth in ("keys", "token"):
            twitter = sandbox.asked_by(auth)
            twitter.whoami()
            twitter.list_followers()
    said = ear.empty()
    assert not any(family in said for family in ("tweepy", "oauthlib"))
