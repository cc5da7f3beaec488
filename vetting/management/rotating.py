"""Encrypting anew, with the first key, everything an older key encrypted: columns of ours, and secrets of second factors."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from allauth.mfa.models import Authenticator
from cryptography.fernet import InvalidToken
from django.apps import apps
from django.db import models, transaction
from django.db.models.functions import Cast

from vetting.encrypted import EncryptedTextField, cipher, is_by_first_key

BATCH = 500


@dataclass
class Counts:
    """How a column fared. `unreadable`: no key of ours opens it."""

    already: int = 0
    renewed: int = 0
    unreadable: int = 0


def rotate_columns() -> Iterator[tuple[str, Counts]]:
    """Every encrypted column of every table, one after the other."""
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, EncryptedTextField):
                yield f"{model._meta.verbose_name}: {field.verbose_name}", _rotate(model, field.attname)


def _rotate(model: type[models.Model], name: str) -> Counts:
    counts, after = Counts(), 0
    stored = model._base_manager.annotate(as_stored=Cast(name, models.TextField())).exclude(as_stored="").order_by("pk")
    while batch := list(stored.filter(pk__gt=after).values_list("pk", "as_stored")[:BATCH]):
        with transaction.atomic():
            for pk, text in batch:
                _renew(model, name, pk, text, counts)
        after = batch[-1][0]
    return counts


def _renew(model: type[models.Model], name: str, pk: int, text: str | None, counts: Counts) -> None:
    """Only where the column still holds what was read: what somebody saves meanwhile is by the first key already."""
    if text is None or is_by_first_key(text):
        counts.already += text is not None
        return
    try:
        plain = cipher().decrypt(text.encode()).decode()
    except InvalidToken:
        counts.unreadable += 1
        return
    same = model._base_manager.annotate(as_stored=Cast(name, models.TextField())).filter(pk=pk, as_stored=text)
    counts.renewed += same.update(**{name: plain})


def rotate_second_factors() -> Counts:
    """What allauth keeps inside one JSON column: the secret of an app, the seed of recovery codes or the codes themselves."""
    counts = Counts()
    for pk in Authenticator.objects.order_by("pk").values_list("pk", flat=True):
        with transaction.atomic():
            row = Authenticator.objects.select_for_update().get(pk=pk)
            before = (counts.renewed, counts.unreadable)
            data = {key: _renewed(key, value, counts) for key, value in row.data.items()}
            if (counts.renewed, counts.unreadable) != before:
                Authenticator.objects.filter(pk=pk).update(data=data)
    return counts


def _renewed(key: str, value: Any, counts: Counts) -> Any:
    if key == "migrated_codes":
        return [_anew(code, counts) for code in value]
    return _anew(value, counts) if key in ("secret", "seed") else value


def _anew(text: str, counts: Counts) -> str:
    if is_by_first_key(text):
        counts.already += 1
        return text
    try:
        fresh = cipher().rotate(text.encode()).decode()
    except InvalidToken:
        counts.unreadable += 1
        return text
    counts.renewed += 1
    return fresh
