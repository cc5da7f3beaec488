"""Erasing the personal part of what was recorded. The event, its time and its place in the chain stay."""

from collections.abc import Iterable

from vetting.audit.models import AuditEvent, AuditText


def forget_words(*, school_id: int, kind: str, subjects: Iterable[int]) -> int:
    """Erase the names and reasons in everything recorded about these rows (`kind`: their model's name). Returns how many events."""
    events = AuditEvent.objects.filter(school_id=school_id, subject_kind=kind, subject_id__in=list(subjects))
    return AuditText.objects.filter(event__in=events.values("pk")).delete()[0]
