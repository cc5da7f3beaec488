"""What we did to make Twitter agree."""

from django.db import models
from django.db.models import Q

from vetting.decisions.models import Decision, QueueItem


class Attempt(models.Model):
    """One try to make Twitter agree with a decision. Its `began_at` row is the claim: there is one open at a time."""

    class Result(models.TextChoices):
        OPEN = "OPEN", "Asked, no answer recorded yet"
        DONE = "DONE", "Twitter accepted"
        BY_HAND = "BY_HAND", "Twitter offers no way"
        LATER = "LATER", "To be tried again"
        FAILED = "FAILED", "Twitter refused"

    item = models.ForeignKey(QueueItem, on_delete=models.PROTECT, related_name="attempts")
    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="attempts")
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    result = models.CharField(max_length=10, choices=Result.choices, default=Result.OPEN)
    error = models.CharField(max_length=300, blank=True)
    not_before = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["item"], condition=Q(ended_at=None), name="one_open_attempt_per_item")]

    def __str__(self) -> str:
        return f"attempt {self.pk}"
