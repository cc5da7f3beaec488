"""Writing the audit chain. Called inside the transaction of the act itself, never after it."""

import hashlib
import json
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Protocol

from django.db import models, transaction

from vetting.audit.events import Event
from vetting.audit.models import AuditEvent, AuditHead, AuditText


class Actor(Protocol):
    """A person who signs in. None stands for the system itself."""

    pk: Any


def record(
    *,
    school_id: int,
    event: Event,
    by: Actor | None,
    at: datetime,
    subject: models.Model | None = None,
    facts: Mapping[str, Any] | None = None,
    words: Mapping[str, Any] | None = None,
) -> AuditEvent:
    """Add one event to the school's chain.

    Args:
        facts: what is not personal: codes, counts, levels, file kinds. Stays for ever.
        words: what is personal: names, handles, reasons typed by people. Stands in a side table that may be erased.

    Must run inside a transaction: an act without its record, or the reverse, cannot be.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("record() must run in the transaction of what it records.")
    AuditHead.objects.get_or_create(school_id=school_id)
    head = AuditHead.objects.select_for_update().get(school_id=school_id)
    salt = secrets.token_hex(16)
    by_name = str(by) if by is not None else ""
    digest = personal_digest(salt, by_name, words or {})
    entry = AuditEvent(
        school_id=school_id,
        sequence=head.sequence + 1,
        at=at,
        event=event.value,
        by_id=by.pk if by is not None else None,
        subject_kind=(subject._meta.model_name or "") if subject is not None else "",
        subject_id=subject.pk if subject is not None else None,
        facts=dict(facts or {}),
        personal_digest=digest,
        previous_hash=head.hash,
    )
    entry.hash = link_hash(entry)
    entry.save(force_insert=True)
    AuditText.objects.create(event=entry, salt=salt, by_name=by_name, words=dict(words or {}))
    AuditHead.objects.filter(pk=head.pk).update(sequence=entry.sequence, hash=entry.hash)
    return entry


def personal_digest(salt: str, by_name: str, words: Mapping[str, Any]) -> str:
    """The salted digest that stands in the chain for what is personal."""
    return hashlib.sha256(f"{salt}\n{_canonical([by_name, dict(words)])}".encode()).hexdigest()


def link_hash(entry: AuditEvent) -> str:
    """The hash of an event over everything in its row and the hash before it."""
    return hashlib.sha256(
        _canonical(
            [
                entry.school_id,
                entry.sequence,
                entry.at.astimezone(UTC).isoformat(),
                entry.event,
                entry.by_id,
                entry.subject_kind,
                entry.subject_id,
                entry.facts,
                entry.personal_digest,
                entry.previous_hash,
            ]
        ).encode()
    ).hexdigest()


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
