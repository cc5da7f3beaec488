"""Who no longer belongs: the nightly plan, and the school's full reviews of its followers."""

from django.conf import settings
from django.db import models

from vetting.school.models import School, SchoolAccount
from vetting.values import new_reference


class LeaverPlan(models.Model):
    """One night's list of followers who no longer belong, with reasons. It proposes; it removes nobody."""

    class Verdict(models.TextChoices):
        CLEAR = "CLEAR", "Within the limits"
        STOPPED = "STOPPED", "Stopped"

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="leaver_plans")
    school_account = models.ForeignKey(SchoolAccount, on_delete=models.PROTECT, related_name="leaver_plans")
    reference = models.CharField(max_length=12, unique=True, default=new_reference)
    made_at = models.DateTimeField()
    hash = models.CharField(max_length=64)
    # [{"profile", "follower", "person", "why", "grace_ends_on", "group": READY|GRACE|KEPT|EXPECTED…}]
    rows = models.JSONField(default=list)
    followers_count = models.IntegerField(default=0)
    verdict = models.CharField(max_length=10, choices=Verdict.choices)
    verdict_sentence = models.CharField(max_length=500, blank=True)
    proposed_at = models.DateTimeField(null=True, blank=True)
    released_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    released_at = models.DateTimeField(null=True, blank=True)
    released_why = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes = [models.Index(fields=["school_account", "-made_at"], name="plans_by_time")]

    def __str__(self) -> str:
        return f"plan {self.reference}"


class FollowerReview(models.Model):
    """Somebody looked through all followers (the guidance asks for it regularly)."""

    school_account = models.ForeignKey(SchoolAccount, on_delete=models.PROTECT, related_name="reviews")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    note = models.CharField(max_length=500, blank=True)

    def __str__(self) -> str:
        return f"review {self.at:%Y-%m-%d}"
