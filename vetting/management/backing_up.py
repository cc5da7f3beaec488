"""A register as one file: every row of every table, with what proves that it is whole. The same on SQLite and on PostgreSQL.

What is encrypted in the database stays encrypted in the file; the keys are not in it. Sessions and the pulse of the clock are
left out: after a restore everybody signs in again.
"""

import base64
import hashlib
import json
import os
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db import connection, models, transaction
from django.db.migrations.recorder import MigrationRecorder
from django.db.models.functions import Cast

from vetting.audit.models import AuditHead
from vetting.encrypted import EncryptedTextField
from vetting.school.models import School

FORM = 1
MANIFEST = "manifest.json"
_APPS = ("accounts", "account", "mfa", "vetting")
# The pulse belongs to the processes that ran; a link from allauth's own mail is good for hours and can be asked for again.
_LEFT_OUT = frozenset({"vetting.Heartbeat", "account.EmailConfirmation"})
_AT_A_TIME = 2000


def tables() -> list[type[models.Model]]:
    """Every table of the register, in an order that does not change. Permissions of Django's own are not used here."""
    found = (model for name in _APPS for model in apps.get_app_config(name).get_models(include_auto_created=True))
    return [model for model in found if model._meta.label not in _LEFT_OUT and not _of_django(model)]


def _of_django(model: type[models.Model]) -> bool:
    related = (field.related_model for field in model._meta.concrete_fields)
    return any(other is not None and other._meta.app_label == "auth" for other in related if not isinstance(other, str))


def migrations() -> list[str]:
    """Which tables these are: every migration that has run, by name."""
    return sorted(f"{app}.{name}" for app, name in MigrationRecorder(connection).applied_migrations() if app in _APPS)


def write_backup(path: Path, *, at: datetime) -> dict[str, int]:
    """Write the register as it is at this moment into a new file; the number of rows of each table.

    The file appears under its name when it is whole, and only its owner may read it.

    Raises:
        FileExistsError: there is a file of that name.
        OSError: it cannot be written.
    """
    if path.exists():
        raise FileExistsError(path)
    making = path.with_name(path.name + ".part")
    making.unlink(missing_ok=True)
    try:
        private = os.fdopen(os.open(making, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
        with private, zipfile.ZipFile(private, "w", zipfile.ZIP_DEFLATED) as file, _one_moment():
            counts, digests = {}, {}
            for model in tables():
                label = model._meta.label
                counts[label], digests[label] = _write_table(file, model)
            file.writestr(MANIFEST, json.dumps(_manifest(counts, digests, at), indent=1))
        making.rename(path)
    finally:
        making.unlink(missing_ok=True)
    return counts


def _manifest(counts: dict[str, int], digests: dict[str, str], at: datetime) -> dict[str, Any]:
    heads = dict(AuditHead.objects.values_list("school_id", "hash"))
    return {
        "form": FORM,
        "made_at": at.isoformat(),
        "migrations": migrations(),
        "counts": counts,
        "digests": digests,
        "records": {slug: heads.get(pk, "") for pk, slug in School.objects.order_by("slug").values_list("pk", "slug")},
    }


def _write_table(file: zipfile.ZipFile, model: type[models.Model]) -> tuple[int, str]:
    count, digest = 0, hashlib.sha256()
    with file.open(member_of(model._meta.label), "w") as member:
        for row in _rows(model):
            line = json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
            member.write(line)
            digest.update(line)
            count += 1
    return count, digest.hexdigest()


def member_of(label: str) -> str:
    """Where a table stands in the file."""
    return f"tables/{label}.jsonl"


def columns(model: type[models.Model]) -> "list[models.Field[Any, Any]]":
    return list(model._meta.concrete_fields)


def _rows(model: type[models.Model]) -> Iterator[list[Any]]:
    stored = {f"stored_{f.attname}": Cast(f.attname, models.TextField()) for f in columns(model) if isinstance(f, EncryptedTextField)}
    names = [f"stored_{f.attname}" if isinstance(f, EncryptedTextField) else f.attname for f in columns(model)]
    for row in model._base_manager.annotate(**stored).order_by("pk").values_list(*names).iterator(_AT_A_TIME):
        yield [_plain(field, value) for field, value in zip(columns(model), row, strict=True)]


def _plain(field: "models.Field[Any, Any]", value: Any) -> Any:
    if value is None or isinstance(value, bool | int | str) or isinstance(field, models.JSONField):
        return value
    if isinstance(value, bytes | memoryview):
        return base64.b64encode(bytes(value)).decode()
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


@contextmanager
def _one_moment() -> Iterator[None]:
    """Every table as it was at the same moment, without keeping anybody from writing meanwhile."""
    if connection.in_atomic_block:
        yield
        return
    if connection.vendor == "postgresql":
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield
        return
    with connection.cursor() as cursor:
        # Not `atomic`, which takes SQLite's one lock for writing: whoever works meanwhile would wait.
        cursor.execute("BEGIN DEFERRED")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ROLLBACK")
