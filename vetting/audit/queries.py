"""Reading the audit chain: the page, and the check that nobody touched it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import models

from vetting.audit.events import FOR_THE_LEAD, Event, sentence
from vetting.audit.models import AuditEvent, AuditHead
from vetting.audit.operations import link_hash, personal_digest


@dataclass(frozen=True)
class AuditLine:
    """One event as a person reads it."""

    sequence: int
    at: datetime
    by: str
    sentence: str
    event: str


def lines(
    *, school_id: int, for_lead: bool = False, before: int | None = None, limit: int = 50, subject: models.Model | None = None
) -> list[AuditLine]:
    """The newest events first, from below the number `before`; optionally only those about `subject`.

    Marks and concerns are told to the safeguarding lead alone (`for_lead`): that one exists is already too much in a list.
    """
    events = AuditEvent.objects.filter(school_id=school_id).select_related("text").order_by("-sequence")
    if not for_lead:
        events = events.exclude(event__in=FOR_THE_LEAD)
    if before is not None:
        events = events.filter(sequence__lt=before)
    if subject is not None:
        events = events.filter(subject_kind=subject._meta.model_name, subject_id=subject.pk)
    return [as_line(event, for_lead=for_lead) for event in events[:limit]]


def happened_to(*, school_id: int, event: Event, kind: str, subjects: Sequence[int]) -> set[int]:
    """Which of these subjects an event of this kind is recorded for."""
    events = AuditEvent.objects.filter(school_id=school_id, event=event, subject_kind=kind, subject_id__in=subjects)
    return {subject for subject in events.values_list("subject_id", flat=True) if subject is not None}


def as_line(event: AuditEvent, *, for_lead: bool = False) -> AuditLine:
    text = getattr(event, "text", None)
    by = (text.by_name if text else "(erased)") or "The register"
    values = {name: _said(value) for name, value in {**event.facts, **(text.words if text else {}), "by": by}.items()}
    for name in ("reason", "note"):
        if for_lead and f"{name}_of_the_lead" in values:
            values[name] = values[f"{name}_of_the_lead"]
    return AuditLine(event.sequence, event.at, by, sentence(Event(event.event), values), event.event)


def _said(value: Any) -> Any:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else value


@dataclass(frozen=True)
class ChainCheck:
    """What the check of a school's chain found."""

    events: int
    whole: bool
    sentence: str


def check_chain(*, school_id: int) -> ChainCheck:
    """Recompute every link. Finds changed, removed, inserted and reordered rows, and a cut-off end."""
    previous, expected = "0" * 64, 1
    for event in _in_order(school_id):
        if event.sequence != expected or event.previous_hash != previous or event.hash != link_hash(event):
            return ChainCheck(expected - 1, False, f"The record was changed at entry {expected}.")
        text = getattr(event, "text", None)
        if text is not None and personal_digest(text.salt, text.by_name, text.words) != event.personal_digest:
            return ChainCheck(expected, False, f"The words of entry {expected} were changed.")
        previous, expected = event.hash, expected + 1
    head = AuditHead.objects.filter(school_id=school_id).first()
    if (head.hash if head else "0" * 64) != previous:
        return ChainCheck(expected - 1, False, f"Entries after {expected - 1} are missing.")
    return ChainCheck(expected - 1, True, f"The record is whole: {expected - 1} entries checked.")


def _in_order(school_id: int) -> Iterator[AuditEvent]:
    return AuditEvent.objects.filter(school_id=school_id).select_related("text").order_by("sequence").iterator(2000)
