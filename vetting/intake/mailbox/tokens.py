"""The tokens of the modern sign-in: asked for outside any transaction, saved before use, kept until shortly before they run out."""

import base64
import binascii
import json
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction

from vetting.intake.mailbox import google, microsoft
from vetting.intake.mailbox.port import MailboxTrouble
from vetting.intake.mailbox.token_http import Granted, TokenSession
from vetting.intake.models import IntakeSource
from vetting.values import BadValue

# A token is not used in its last minutes: reading a full mailbox takes a while, and clocks differ.
SPARE = timedelta(minutes=5)
_CREDENTIALS = ("sign_in", "tenant", "client_id", "client_secret", "username")


class SourceTokens:
    """The tokens of one source. A source that is not saved (it is only being tested) gets one that is kept nowhere."""

    def __init__(self, source: IntakeSource, *, clock: Callable[[], datetime], http: TokenSession | None = None) -> None:
        self._source, self._clock = source, clock
        self._http = http or TokenSession()
        self._fresh = ""

    def current(self) -> str:
        """The kept token while it is good, else a new one. Raises MailboxTrouble."""
        return self._kept() or self._asked(refused="")

    def instead_of(self, refused: str) -> str | None:
        """Another token than the one the mail server refused before its time; None when that one was just asked for."""
        return None if refused == self._fresh else self._asked(refused=refused)

    def why_refused(self, token: str) -> MailboxTrouble:
        if self._source.sign_in == IntakeSource.SignIn.MICROSOFT:
            return microsoft.why_refused(_claims(token), host=self._source.host)
        return google.why_refused(host=self._source.host)

    def _kept(self, *, refused: str = "") -> str:
        """The token on the row, "" when there is none that can be used. Another reader may have put it there."""
        if self._source.pk is None:
            return ""
        row = IntakeSource.objects.only("access_token", "access_token_until").get(pk=self._source.pk)
        return _good(row, self._clock(), refused)

    def _asked(self, *, refused: str) -> str:
        try:
            granted = self._ask()
        except MailboxTrouble:
            # Where another reader asked at the same moment, only one of the two answers may count.
            if theirs := self._kept(refused=refused):
                return theirs
            self._forget(refused)
            raise
        self._fresh = granted.token if self._source.pk is None else self._saved(granted, refused)
        return self._fresh

    def _ask(self) -> Granted:
        source = self._source
        if source.sign_in == IntakeSource.SignIn.MICROSOFT:
            return microsoft.ask(tenant=source.tenant, client_id=source.client_id, client_secret=source.client_secret, http=self._http)
        try:
            key = google.GoogleKey.parse(source.client_secret)
        except BadValue as error:
            raise MailboxTrouble(error.sentence, lasting=True) from error
        return google.ask(key=key, mailbox=source.username, http=self._http)

    @transaction.atomic
    def _saved(self, granted: Granted, refused: str) -> str:
        """Keep what was granted, unless somebody was first or the credentials are no longer the ones it was asked with."""
        row = IntakeSource.objects.select_for_update().get(pk=self._source.pk)
        if theirs := _good(row, self._clock(), refused):
            return theirs
        if any(getattr(row, name) != getattr(self._source, name) for name in _CREDENTIALS):
            raise MailboxTrouble("The sign-in of this mailbox was changed just now. The next reading uses the new one.")
        row.access_token = granted.token
        row.access_token_until = self._clock() + timedelta(seconds=granted.seconds)
        row.client_secret = granted.new_secret or row.client_secret
        row.save(update_fields=["access_token", "access_token_until", "client_secret"])
        self._source.client_secret = row.client_secret
        return granted.token

    @transaction.atomic
    def _forget(self, refused: str) -> None:
        """Drop a token that the mail server refused, so that it is not tried again."""
        if not refused or self._source.pk is None:
            return
        row = IntakeSource.objects.select_for_update().get(pk=self._source.pk)
        if row.access_token == refused:
            row.access_token, row.access_token_until = "", None
            row.save(update_fields=["access_token", "access_token_until"])


def _good(row: IntakeSource, at: datetime, refused: str) -> str:
    good = row.access_token_until is not None and row.access_token_until - SPARE > at and row.access_token != refused
    return row.access_token if good else ""


def _claims(token: str) -> dict[str, object]:
    """What a token says of itself, for an explanation only: nothing is decided by it. Empty where it cannot be read."""
    parts = token.split(".")
    if len(parts) != 3:
        return {}
    try:
        found = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (ValueError, binascii.Error):
        return {}
    return found if isinstance(found, dict) else {}
