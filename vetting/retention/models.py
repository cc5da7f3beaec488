"""What was forgotten, counted."""

from django.conf import settings
from django.db import models

from vetting.school.models import School


class ErasureRun(models.Model):
    """One run of the rules that make us forget; a rehearsal counts and erases nothing."""

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="erasure_runs")
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    rehearsal = models.BooleanField()
    counts = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"erasure {self.at:%Y-%m-%d}"
