"""Connecting a school account, by four keys, by signing in at Twitter or not at all, and letting go of it again."""

from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.db import transaction
from django.db.models import F

from accounts.models import User
from vetting.audit.events import Event
from vetting.audit.operations import record
from vetting.school.models import SchoolAccount
from vetting.school.operations import clear_alarm
from vetting.twitter import reaching, scopes
from vetting.twitter.connecting.endpoint import Granted, TokenEndpoint
from vetting.twitter.http import LOOPBACK
from vetting.twitter.looking import RELATIONS_ALARM
from vetting.twitter.models import Capability, Connection, TokenPair
from vetting.twitter.ourselves import ACCOUNT_PUBLIC
from vetting.twitter.port import Ability
from vetting.values import BadValue, Handle, Refused, TwitterUserId

_KEYS = ("consumer_key", "consumer_secret", "access_token", "access_secret")
_APP = ("client_id", "client_secret")


class PracticeOnly(Refused):
    """Practice Twitter is for the demo school on this computer, and the demo school is for nothing else."""


class WrongAccount(Refused):
    """Somebody signed in at Twitter to another account than the school's."""


class GrantedTooLittle(Refused):
    """Twitter granted less than the register cannot do without, or something it never asks for."""


@transaction.atomic
def connect(
    *,
    school_account: SchoolAccount,
    kind: Connection.Kind | str,
    by: User | None,
    at: datetime,
    base_url: str = "https://api.x.com",
    pages_url: str = "https://x.com",
    consumer_key: str = "",
    consumer_secret: str = "",
    access_token: str = "",
    access_secret: str = "",
) -> Connection:
    """Connect a school account by keys or by hand, or connect it anew: keys are replaced, tokens of a sign-in forgotten.

    Raises:
        BadValue: a key is missing or the address is not one.
        PracticeOnly: Practice Twitter for a real school, or Twitter for the demo.
    """
    kind = Connection.Kind(kind)
    _check_kind_and_place(school_account, kind, base_url, pages_url)
    keys = {name: value.strip() for name, value in zip(_KEYS, (consumer_key, consumer_secret, access_token, access_secret), strict=True)}
    if kind != Connection.Kind.BY_HAND and not all(keys.values()):
        raise BadValue("All four keys are needed: consumer key and secret, access token and secret.")
    if kind == Connection.Kind.BY_HAND:
        keys = dict.fromkeys(_KEYS, "")
    place = {"kind": kind, "auth": Connection.Auth.KEYS, "base_url": base_url, "pages_url": pages_url}
    connection, made = Connection.objects.update_or_create(school_account=school_account, defaults={**keys, **place, **_begun_anew(by, at)})
    TokenPair.objects.filter(connection=connection).delete()
    _know_nothing_yet(connection, at)
    record(
        school_id=school_account.school_id,
        event=Event.CONNECTED if made else Event.CONNECTION_CHANGED,
        by=by,
        at=at,
        subject=connection,
        facts={"kind": kind.label},
        words={"handle": school_account.handle},
    )
    return connection


@transaction.atomic
def keep_app(*, school_account: SchoolAccount, client_id: str, client_secret: str, by: User | None, at: datetime) -> Connection:
    """Keep the app of the developer page through which the school signs in. How Twitter is read does not change by it.

    An empty secret means the one that is kept already, of the same app.

    Raises:
        BadValue: the client ID or its secret is missing; or the tokens in use belong to another app and could not be renewed by it.
    """
    client_id, client_secret = client_id.strip(), client_secret.strip()
    connection = Connection.objects.filter(school_account=school_account).first()
    if connection is None:
        connection = connect(school_account=school_account, kind=Connection.Kind.BY_HAND, by=by, at=at)
    if client_id == connection.client_id:
        client_secret = client_secret or connection.client_secret
    if not client_id or not client_secret:
        raise BadValue("The client ID and the client secret of the app are both needed.")
    if (client_id, client_secret) == (connection.client_id, connection.client_secret):
        return connection
    if client_id != connection.client_id and TokenPair.objects.filter(connection=connection).exists():
        raise BadValue("The school is signed in through another app. Disconnect first, then give the new one and sign in.")
    connection.client_id, connection.client_secret = client_id, client_secret
    connection.save(update_fields=[*_APP])
    words = {"handle": school_account.handle}
    record(school_id=school_account.school_id, event=Event.APP_KEPT, by=by, at=at, subject=connection, words=words)
    return connection


@transaction.atomic
def connect_by_signing_in(
    *, school_account: SchoolAccount, user_id: TwitterUserId, handle: Handle, granted: Granted, by: User, at: datetime
) -> Connection:
    """Store what a sign-in at Twitter gave, for the school and no person. Older keys stay: only they show the list of requests.

    Raises:
        WrongAccount: it was another account than the school's; nothing is stored.
        GrantedTooLittle: the permissions are not the ones that were asked for; nothing is stored.
    """
    account = SchoolAccount.objects.select_for_update().get(pk=school_account.pk)
    if not _is_the_schools(account, user_id, handle):
        raise WrongAccount(f"You signed in to Twitter as {handle}; the school's account is {account}. Sign out there and try again.")
    allowed = granted.scopes or frozenset()
    if not set(scopes.READING) <= allowed <= set(scopes.READING + scopes.REMOVING):
        raise GrantedTooLittle("Twitter did not grant what was asked for. Nothing was connected; sign in again and grant all of it.")
    connection = Connection.objects.get(school_account=account)
    kind = Connection.Kind.SANDBOX if account.school.is_demo else Connection.Kind.LIVE
    _check_kind_and_place(account, kind, connection.base_url, connection.pages_url)
    kept = {} if _are_of(user_id, connection.access_token) else dict.fromkeys(_KEYS, "")
    Connection.objects.filter(pk=connection.pk).update(kind=kind, auth=Connection.Auth.SIGN_IN, **kept, **_begun_anew(by, at))
    # A new row, never the old one: whoever is renewing the old pair at this moment finds nothing to write to.
    TokenPair.objects.filter(connection=connection).delete()
    TokenPair.objects.create(
        connection=connection,
        access_token=granted.access_token,
        refresh_token=granted.refresh_token,
        scopes=scopes.written(allowed),
        obtained_at=at,
        expires_at=at + timedelta(seconds=granted.seconds),
    )
    connection.refresh_from_db()
    _know_nothing_yet(connection, at)
    record(
        school_id=account.school_id,
        event=Event.SIGNED_IN_AT_TWITTER,
        by=by,
        at=at,
        subject=connection,
        facts={"scopes": scopes.written(allowed)},
        words={"handle": account.handle},
    )
    return connection


def disconnect(*, connection: Connection, by: User, at: datetime) -> bool:
    """Give the permission back to Twitter, as far as it hears us, and forget every key and token. Lists are pasted from then on.

    False when Twitter could not be told: then the school takes the permission back on Twitter's own page.
    """
    pair = TokenPair.objects.filter(connection=connection).first()
    told = pair is None or _given_back(TokenEndpoint(connection), pair)
    with transaction.atomic(durable=True):
        _forget(connection, told=told, by=by, at=at)
    return told


def _given_back(endpoint: TokenEndpoint, pair: TokenPair) -> bool:
    """Both, whatever becomes of one; the refresh token first, since it is the one that lasts."""
    heard = [endpoint.give_back(token) for token in (pair.refresh_token, pair.access_token) if token]
    return all(heard)


def _forget(connection: Connection, *, told: bool, by: User, at: datetime) -> None:
    account = connection.school_account
    # The demo's app belongs to Practice Twitter, and no visitor could give it anew.
    secrets = _KEYS if account.school.is_demo else (*_KEYS, *_APP)
    fresh = {**dict.fromkeys(secrets, ""), "kind": Connection.Kind.BY_HAND, "auth": Connection.Auth.KEYS, **_begun_anew(by, at)}
    Connection.objects.filter(pk=connection.pk).update(**fresh)
    TokenPair.objects.filter(connection=connection).delete()
    connection.refresh_from_db()
    _know_nothing_yet(connection, at)
    record(
        school_id=account.school_id,
        event=Event.DISCONNECTED,
        by=by,
        at=at,
        subject=connection,
        facts={"told": told},
        words={"handle": account.handle},
    )


def practice_moved(*, url: str) -> None:
    """Practice Twitter listens elsewhere since the demo was last started: its connections follow."""
    practice = Connection.objects.filter(kind=Connection.Kind.SANDBOX, school_account__school__is_demo=True)
    practice.exclude(base_url=url).update(base_url=url, pages_url=url)


def _is_the_schools(account: SchoolAccount, user_id: TwitterUserId, handle: Handle) -> bool:
    """By number; by name only until Twitter has told the number."""
    return account.twitter_user_id == user_id.value if account.twitter_user_id else account.handle == handle.value


def _are_of(user_id: TwitterUserId, access_token: str) -> bool:
    """Whether older keys are this account's: X begins such a token with the account's number. One without a number may stay."""
    number, dash, _ = access_token.partition("-")
    return not dash or not number.isdigit() or number == user_id.value


def _begun_anew(by: User | None, at: datetime) -> dict[str, object]:
    """Health as on the first day, and everything is read as soon as possible."""
    return {
        "connected_at": at,
        "connected_by": by,
        "last_ok_at": None,
        "last_error": "",
        "broken_because": "",
        "failures": 0,
        "not_before": None,
        "requests_due_at": at,
        "followers_due_at": at,
    }


def _know_nothing_yet(connection: Connection, at: datetime) -> None:
    """What the connection allows is learnt from real calls; until then it says so. Its old alarms are over."""
    connection.capabilities.all().delete()
    if connection.kind != Connection.Kind.BY_HAND:
        Capability.objects.bulk_create(Capability(connection=connection, name=ability.value) for ability in Ability)
    # A reading under way belongs to the old connection: it finds its hold gone and writes nothing down.
    Connection.objects.filter(pk=connection.pk).update(lease_version=F("lease_version") + 1, lease_until=None)
    connection.refresh_from_db()
    school, account = connection.school_account.school, str(connection.school_account_id)
    for alarm in (reaching.RECONNECT, reaching.OUT_OF_CREDIT, reaching.BUDGET, reaching.UNREACHABLE):
        clear_alarm(school=school, kind=alarm, subject=str(connection.pk), at=at)
    for alarm in (RELATIONS_ALARM, ACCOUNT_PUBLIC):
        clear_alarm(school=school, kind=alarm, subject=account, at=at)


def _check_kind_and_place(school_account: SchoolAccount, kind: Connection.Kind, base_url: str, pages_url: str) -> None:
    is_demo = school_account.school.is_demo
    if kind == Connection.Kind.SANDBOX:
        if not is_demo:
            raise PracticeOnly("Practice Twitter belongs to the demo school only.")
        for url in (base_url, pages_url):
            parts = urlsplit(url)
            if parts.scheme != "http" or parts.hostname not in LOOPBACK:
                raise BadValue("Practice Twitter runs on this computer only.")
        return
    if is_demo and kind == Connection.Kind.LIVE:
        raise PracticeOnly("The demo school cannot be connected to Twitter itself.")
    for url in (base_url, pages_url):
        if urlsplit(url).scheme != "https" or not urlsplit(url).hostname:
            raise BadValue("Twitter's address begins with https://.")
