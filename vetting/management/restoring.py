"""Putting a backup into an empty register, all of it or nothing, and proving that it is whole."""

import base64
import hashlib
import json
import zipfile
import zlib
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.color import no_style
from django.db import connection, models, transaction
from django.db.models import Value

from vetting.audit.models import AuditHead
from vetting.audit.queries import check_chain
from vetting.encrypted import EncryptedTextField
from vetting.management.backing_up import FORM, MANIFEST, columns, member_of, migrations, tables
from vetting.school.models import School
from vetting.school.observing import start_observing
from vetting.values import Refused

_AT_A_TIME = 1000


class NotRestored(Refused):
    """The file, or the register it should go into, is not fit for it. Nothing was changed."""


@dataclass(frozen=True)
class Restored:
    """What came back: when the backup was made, rows of each table, entries of each school's record."""

    made_at: datetime
    counts: dict[str, int]
    records: dict[str, int]


def restore_backup(path: Path, *, at: datetime) -> Restored:
    """Put the backup into this register, which must be empty, check it, and have every school only watch from now on.

    Raises:
        NotRestored: the file cannot be read, is damaged, is of other tables, or this register is not empty.
    """
    try:
        with zipfile.ZipFile(path) as file:
            manifest = _manifest(file)
            _check_it_fits(manifest)
            with transaction.atomic(durable=not connection.in_atomic_block):
                for model in tables():
                    _fill(file, model, manifest)
                _number_on_from_there()
                connection.check_constraints()
                records = _check_records(manifest)
                made_at = datetime.fromisoformat(manifest["made_at"])
                for school in School.objects.order_by("pk"):
                    start_observing(school=school, backup_of=made_at, at=at)
    except (OSError, zipfile.BadZipFile, zlib.error, KeyError, TypeError, ValueError, ValidationError) as trouble:
        raise NotRestored(f"This file cannot be read as a backup: {type(trouble).__name__}.") from trouble
    return Restored(made_at, manifest["counts"], records)


def _manifest(file: zipfile.ZipFile) -> dict[str, Any]:
    try:
        manifest: dict[str, Any] = json.loads(file.read(MANIFEST))
    except (KeyError, ValueError) as trouble:
        raise NotRestored("This file is not a backup of a register: its list of contents is missing.") from trouble
    if manifest.get("form") != FORM:
        raise NotRestored("This backup was made by a newer version. Install that version, and restore with it.")
    return manifest


def _check_it_fits(manifest: dict[str, Any]) -> None:
    here, there = set(migrations()), set(manifest["migrations"])
    if here != there:
        which = "newer" if there - here else "older"
        raise NotRestored(
            f"This backup was made by {'a' if which == 'newer' else 'an'} {which} version, whose tables differ. "
            "Install the version that made it, restore, and upgrade afterwards."
        )
    filled = [str(model._meta.verbose_name_plural) for model in tables() if model._base_manager.exists()]
    if filled:
        raise NotRestored(
            f"This register is not empty: it holds {filled[0]}. A backup goes into an empty one only, so that two registers never mix."
        )


def _fill(file: zipfile.ZipFile, model: type[models.Model], manifest: dict[str, Any]) -> None:
    label, digest, count = model._meta.label, hashlib.sha256(), 0
    try:
        with file.open(member_of(label)) as member:
            while lines := list(islice(member, _AT_A_TIME)):
                for line in lines:
                    digest.update(line)
                model._base_manager.bulk_create([_row(model, line) for line in lines])
                count += len(lines)
    except (KeyError, ValueError, zipfile.BadZipFile) as trouble:
        raise NotRestored(f"The backup is damaged: {label} cannot be read.") from trouble
    if count != manifest["counts"].get(label) or digest.hexdigest() != manifest["digests"].get(label):
        raise NotRestored(f"The backup is damaged: {label} is not as it was written.")


def _row(model: type[models.Model], line: bytes) -> models.Model:
    fields = columns(model)
    return model(**{field.attname: _value(field, value) for field, value in zip(fields, json.loads(line), strict=True)})


def _value(field: "models.Field[Any, Any]", value: Any) -> Any:
    if value is None or isinstance(field, models.JSONField):
        return value
    if isinstance(field, models.BinaryField):
        return base64.b64decode(value)
    if isinstance(field, EncryptedTextField):
        return Value(value, output_field=models.TextField())  # as it was stored: encrypted already
    return field.to_python(value)


def _number_on_from_there() -> None:
    """New rows get numbers after the restored ones; SQLite does so by itself."""
    statements = connection.ops.sequence_reset_sql(no_style(), tables())
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def _check_records(manifest: dict[str, Any]) -> dict[str, int]:
    """Every school's record, link by link, and that it ends where it ended."""
    heads = dict(AuditHead.objects.values_list("school_id", "hash"))
    found = {}
    for school in School.objects.order_by("slug"):
        check = check_chain(school_id=school.pk)
        if not check.whole or heads.get(school.pk, "") != manifest["records"].get(school.slug):
            raise NotRestored(f"The record of {school.slug} is not whole in this backup: {check.sentence}")
        found[school.slug] = check.events
    return found
