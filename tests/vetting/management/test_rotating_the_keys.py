"""manage.py rotate_keys: a new key in front, one command, and the old key may go."""

from collections.abc import Iterator
from io import StringIO

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from allauth.mfa.utils import decrypt
from cryptography.fernet import InvalidToken
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import models

from tests import given
from tests.given_roster import a_parent
from vetting.concerns.models import Concern
from vetting.concerns.operations import raise_concern
from vetting.encrypted import EncryptedTextField
from vetting.intake.models import IntakeSource
from vetting.twitter.connecting.endpoint import Granted
from vetting.twitter.models import Connection, TokenPair
from vetting.twitter.operations import connect_by_signing_in, keep_app
from vetting.twitter.scopes import READING
from vetting.values import Handle, TwitterUserId

pytestmark = pytest.mark.django_db


@pytest.fixture
def secrets(settings: object) -> dict[str, str]:
    """One of everything that is kept encrypted, written with the old key."""
    settings.ENCRYPTION_KEYS = ["old"]
    school = given.a_school()
    account, okafor = given.an_account(school), given.mr_okafor(school)
    keep_app(school_account=account, client_id="the app", client_secret="its secret", by=okafor, at=given.MONDAY)
    granted = Granted("an access token", "a refresh token", 7200, frozenset(READING))
    connect_by_signing_in(
        school_account=account, user_id=TwitterUserId("12"), handle=Handle("stexample"), granted=granted, by=okafor, at=given.MONDAY
    )
    IntakeSource.objects.create(school=school, kind="IMAP", name="Office", password="a password")
    raise_concern(school=school, category=Concern.Category.CONTACT, words="a worry", by=okafor, at=given.MONDAY, person=a_parent(school))
    totp = TOTP.activate(okafor, generate_totp_secret()).instance
    RecoveryCodes.activate(okafor)
    migrated = Authenticator.objects.create(
        user=given.priya(school), type="recovery_codes", data={"migrated_codes": [totp.data["secret"]], "kept": 1}
    )
    assert migrated.pk
    return {"totp": decrypt(totp.data["secret"])}


def _columns() -> Iterator[tuple[type[models.Model], str]]:
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, EncryptedTextField):
                yield model, field.attname


def _everything_readable() -> list[tuple[str, object]]:
    return [
        (f"{model.__name__}.{name}", value) for model, name in _columns() for value in model.objects.values_list(name, flat=True) if value
    ]


def _said() -> str:
    output = StringIO()
    call_command("rotate_keys", stdout=output)
    return output.getvalue()


def test_after_it_the_old_key_may_go_and_everything_is_readable(secrets: dict[str, str], settings: object) -> None:
    settings.ENCRYPTION_KEYS = ["new", "old"]
    before, codes = _everything_readable(), RecoveryCodes(Authenticator.objects.get(data__has_key="seed")).generate_codes()
    assert len(before) >= 6
    said = _said()
    assert "The others may go" in said
    for value in (*dict(before).values(), secrets["totp"]):
        assert str(value) not in said
    settings.ENCRYPTION_KEYS = ["new"]
    assert _everything_readable() == before
    assert TokenPair.objects.get().refresh_token == "a refresh token"
    assert decrypt(Authenticator.objects.get(type="totp").data["secret"]) == secrets["totp"]
    assert RecoveryCodes(Authenticator.objects.get(data__has_key="seed")).generate_codes() == codes
    migrated = Authenticator.objects.get(data__has_key="migrated_codes").data
    assert (decrypt(migrated["migrated_codes"][0]), migrated["kept"]) == (secrets["totp"], 1)


def test_without_it_the_old_key_is_still_needed(secrets: dict[str, str], settings: object) -> None:
    settings.ENCRYPTION_KEYS = ["new"]
    with pytest.raises(InvalidToken):
        _everything_readable()


def test_a_second_run_changes_nothing(secrets: dict[str, str], settings: object) -> None:
    settings.ENCRYPTION_KEYS = ["new", "old"]
    _said()
    stored = list(TokenPair.objects.extra(select={"raw": "access_token || ''"}).values_list("raw", flat=True))
    second = _said()
    assert all(line.split()[0] == "0" for line in second.splitlines() if "renewed" in line)
    assert list(TokenPair.objects.extra(select={"raw": "access_token || ''"}).values_list("raw", flat=True)) == stored


def test_a_value_no_key_opens_is_counted_kept_and_told(secrets: dict[str, str], settings: object) -> None:
    settings.ENCRYPTION_KEYS = ["another"]
    Connection.objects.update(client_id="written with a third key")
    settings.ENCRYPTION_KEYS = ["new", "old"]
    with pytest.raises(CommandError, match="any of the keys: 1"):
        _said()
    settings.ENCRYPTION_KEYS = ["new", "another"]
    assert Connection.objects.get().client_id == "written with a third key"


def test_many_rows_are_taken_in_batches(settings: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vetting.management.rotating.BATCH", 3)
    settings.ENCRYPTION_KEYS = ["old"]
    school = given.a_school()
    for number in range(8):
        IntakeSource.objects.create(school=school, kind="IMAP", name=f"Box {number}", password=f"password {number}")
    settings.ENCRYPTION_KEYS = ["new", "old"]
    _said()
    settings.ENCRYPTION_KEYS = ["new"]
    assert set(IntakeSource.objects.values_list("password", flat=True)) == {f"password {number}" for number in range(8)}
