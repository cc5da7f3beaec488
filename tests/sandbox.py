"""Practice Twitter for a test: a real HTTP server on a free loopback port, and the world behind it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import pytest

from accounts.models import User
from vetting.school.models import SchoolAccount
from vetting.twitter.models import Connection
from vetting.twitter.operations import connect
from vetting.twitter.sandbox import Keys, Running, World, keys, serve
from vetting.twitter.scopes import READING, REMOVING
from vetting.twitter.tweepy_client import TweepyTwitter, UserKeys
from vetting.values import TwitterUserId

SECRET = "the sandbox of a test"


@dataclass
class OneToken:
    """A token that is good for the whole test. `asked_again` counts how often Twitter refused it."""

    token: str
    asked_again: int = 0

    def current(self) -> str:
        return self.token

    def instead_of(self, refused: str) -> str:
        self.asked_again += 1
        return self.token


@dataclass
class Sandbox:
    """What a test holds of a running Practice Twitter."""

    running: Running

    @property
    def url(self) -> str:
        return self.running.url

    @property
    def world(self) -> World:
        return self.running.world

    @property
    def keys(self) -> Keys:
        return keys(SECRET)

    @property
    def user_keys(self) -> UserKeys:
        return UserKeys(self.keys.consumer_key, self.keys.consumer_secret, self.keys.access_token, self.keys.access_secret)

    def asked_by(self, auth: str, *, knows_itself: bool = True) -> TweepyTwitter:
        """The adapter, by four keys ("keys") or by a token ("token"); allowed to remove where the world allows it."""
        token = OneToken(self.world.issue_tokens([*READING, *REMOVING])[0]) if auth == "token" else None
        return TweepyTwitter(
            base_url=self.url,
            pages_url=self.url,
            keys=None if token else self.user_keys,
            tokens=token,
            user_id=TwitterUserId(self.world.me.user_id) if knows_itself else None,
            may_remove=True,
        )

    def connect(self, school_account: SchoolAccount, by: User | None, at: datetime) -> Connection:
        """The account, which must belong to a demo school, reads this world; the world's school takes its name."""
        self.world.rename(self.world.me.handle, school_account.handle)
        return connect(
            school_account=school_account,
            kind=Connection.Kind.SANDBOX,
            by=by,
            at=at,
            base_url=self.url,
            pages_url=self.url,
            consumer_key=self.keys.consumer_key,
            consumer_secret=self.keys.consumer_secret,
            access_token=self.keys.access_token,
            access_secret=self.keys.access_secret,
        )


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    running = serve(World(seed=7), secret=SECRET, threads=4)
    yield Sandbox(running)
    running.close()
