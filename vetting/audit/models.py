"""Everything that happened: who, when and why. Append-only, one hash chain for each school.

The chain runs over what is not personal plus a salted digest of what is; the personal text stands in a side table, so
that erasing it leaves the chain whole. No foreign keys: an audit row outlives what it speaks of.
"""

from django.db import models


class AuditEvent(models.Model):
    """One thing that happened. Triggers on both databases refuse UPDATE and DELETE."""

    school_id = models.BigIntegerField()
    sequence = models.BigIntegerField()
    at = models.DateTimeField()
    event = models.CharField(max_length=60)
    by_id = models.BigIntegerField(null=True)
    subject_kind = models.CharField(max_length=40, blank=True)
    subject_id = models.BigIntegerField(null=True)
    facts = models.JSONField(default=dict)
    personal_digest = models.CharField(max_length=64)
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["school_id", "sequence"], name="one_audit_event_per_school_and_number"),
            models.UniqueConstraint(fields=["school_id", "previous_hash"], name="audit_chain_never_forks"),
        ]
        indexes = [models.Index(fields=["school_id", "subject_kind", "subject_id"], name="audit_by_subject")]

    def __str__(self) -> str:
        return f"{self.event} {self.sequence}"


class AuditText(models.Model):
    """The personal part of an event: names and reasons. May be erased; the digest in the chain stays."""

    event = models.OneToOneField(AuditEvent, on_delete=models.DO_NOTHING, db_constraint=False, related_name="text")
    salt = models.CharField(max_length=32)
    by_name = models.CharField(max_length=150, blank=True)
    words = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"text of event {self.event_id}"


class AuditHead(models.Model):
    """The last link of a school's chain; locked while the next is added."""

    school_id = models.BigIntegerField(unique=True)
    sequence = models.BigIntegerField(default=0)
    hash = models.CharField(max_length=64, default="0" * 64)

    def __str__(self) -> str:
        return f"head {self.sequence}"
