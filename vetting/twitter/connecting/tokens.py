"""The tokens of a sign-in: renewed by one worker at a time, stored before anybody uses them.

An access token lives two hours and its refresh token is good once, so two workers that renewed at the same moment would
throw the school out. Whoever renews therefore holds a lease on the row, taken by a conditional UPDATE; no transaction is
open while Twitter is asked; the others look at the row again every moment until the new pair stands there.

Between Twitter's answer and our UPDATE lies a moment in which a killed process loses the new pair, while the old refresh
token is spent. No order of steps closes it: the pair exists at Twitter first. Then the lease runs out, the next worker
tries the old token, Twitter refuses it, and the banner asks a person to sign in again. Nothing else is lost.
"""

import time
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction

from vetting.twitter import scopes
from vetting.twitter.connecting.endpoint import Granted, GrantRefused, TokenEndpoint
from vetting.twitter.models import Connection, TokenPair
from vetting.twitter.port import ReconnectRequired, Transient, TwitterError

# A token is not used in its last minutes: a reading takes a while, and clocks differ.
SPARE = timedelta(minutes=2)
# Longer than the endpoint may take, so that it runs out under nobody but the dead.
LEASE = timedelta(seconds=30)
POLL_SECONDS, WAIT_SECONDS = 0.1, 8.0
SIGN_IN_AGAIN = "Twitter no longer accepts this sign-in. An admin or a technician must sign in again under Settings, Twitter (X)."


class StoredTokens:
    """The tokens of one connection, as vetting.twitter.tweepy_client.Tokens asks for them.

    Both calls may ask Twitter and raise RuntimeError inside a transaction.
    """

    def __init__(self, connection: Connection, *, clock: Callable[[], datetime], pause: Callable[[float], None] = time.sleep) -> None:
        self._connection, self._clock, self._pause = connection, clock, pause

    def current(self) -> str:
        """The stored token while it is good for two minutes more, else the one of a new pair.

        Raises:
            ReconnectRequired: nobody is signed in, or Twitter no longer accepts it.
            Transient: Twitter could not be asked; the next call tries again.
        """
        row = self._row()
        return row.access_token if self._is_good(row) else self._renewed(row)

    def instead_of(self, refused: str) -> str:
        """Another token after Twitter refused this one before its time: somebody else's new one, or our own. Raises as `current`."""
        row = self._row()
        return row.access_token if row.access_token != refused and self._is_good(row) else self._renewed(row)

    def _row(self) -> TokenPair:
        row = TokenPair.objects.filter(connection_id=self._connection.pk).first()
        if row is None:
            raise ReconnectRequired("Nobody has signed in at Twitter for the school yet. It is done under Settings, Twitter (X).")
        return row

    def _is_good(self, row: TokenPair) -> bool:
        return row.expires_at - SPARE > self._clock()

    def _renewed(self, stale: TokenPair) -> str:
        """Renew, or wait until whoever is renewing has done so."""
        until, others_turn = time.monotonic() + WAIT_SECONDS, False
        while True:
            row = self._row()
            if (row.pk, row.version) != (stale.pk, stale.version):
                return row.access_token
            if not self._is_held(row):
                if others_turn and row.lease_until is None:
                    # They tried and failed a moment ago. Eight workers trying one after the other would help nobody.
                    raise Transient("The sign-in at Twitter could not be renewed just now.")
                if self._leased(row):
                    return self._renew(row)
            if time.monotonic() > until:
                raise Transient("The sign-in at Twitter is being renewed elsewhere, and that takes too long.")
            others_turn = True
            self._pause(POLL_SECONDS)

    def _is_held(self, row: TokenPair) -> bool:
        return row.lease_until is not None and row.lease_until > self._clock()

    def _leased(self, row: TokenPair) -> bool:
        """Whether the lease is ours now. `durable`: nobody comes here with a transaction open."""
        now = self._clock()
        free = TokenPair.objects.filter(pk=row.pk, version=row.version).exclude(lease_until__gt=now)
        with transaction.atomic(durable=True):
            return free.update(lease_until=now + LEASE) == 1

    def _renew(self, row: TokenPair) -> str:
        if not row.refresh_token:
            self._give_up_lease(row)
            raise ReconnectRequired(SIGN_IN_AGAIN)
        connection = Connection.objects.get(pk=self._connection.pk)
        try:
            granted = TokenEndpoint(connection).renew(row.refresh_token)
        except GrantRefused:
            return self._what_somebody_else_stored(row)
        except TwitterError:
            self._give_up_lease(row)
            raise
        # Zero rows: somebody signed in anew meanwhile, and theirs is the pair that counts.
        return granted.access_token if self._stored(row, granted) else self._what_somebody_else_stored(row)

    def _stored(self, row: TokenPair, granted: Granted) -> bool:
        now = self._clock()
        with transaction.atomic(durable=True):
            mine = TokenPair.objects.filter(pk=row.pk, version=row.version)
            stored = mine.update(
                access_token=granted.access_token,
                refresh_token=granted.refresh_token or row.refresh_token,
                scopes=scopes.written(granted.scopes) if granted.scopes is not None else row.scopes,
                obtained_at=now,
                expires_at=now + timedelta(seconds=granted.seconds),
                version=row.version + 1,
                lease_until=None,
            )
        return stored == 1

    def _what_somebody_else_stored(self, row: TokenPair) -> str:
        """After a refusal: our lease may have run out under us, and another worker may have renewed."""
        now = self._row()
        if (now.pk, now.version) != (row.pk, row.version) and self._is_good(now):
            return now.access_token
        self._give_up_lease(row)
        raise ReconnectRequired(SIGN_IN_AGAIN)

    def _give_up_lease(self, row: TokenPair) -> None:
        TokenPair.objects.filter(pk=row.pk, version=row.version).update(lease_until=None)
