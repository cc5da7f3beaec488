"""Who no longer belongs: the nightly plan, and the school's full reviews of its followers."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from vetting.school.models import School, SchoolAccount
from vetting.twitter.models import Follower
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
    # Somebody pressed the button: it waits until they have looked at it. Nobody: the night made it.
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    # [{"profile", "follower", "person", "why", "grace_ends_on", "group": READY|GRACE|KEPT|PROPOSED|LEAD|SOON, "expected", "item"}]
    rows = models.JSONField(default=list)
    followers_count = models.IntegerField(default=0)
    # What the list was measured by: the tally, the roster's shape, and whom nobody saw coming.
    figures = models.JSONField(default=dict)
    verdict = models.CharField(max_length=10, choices=Verdict.choices)
    verdict_sentence = models.CharField(max_length=500, blank=True)
    stop_reasons = models.JSONField(default=list)
    proposed_at = models.DateTimeField(null=True, blank=True)
    # An override takes two: one admin asks, with a reason; another, different one agrees.
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(null=True, blank=True)
    released_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    released_at = models.DateTimeField(null=True, blank=True)
    released_why = models.CharField(max_length=300, blank=True)
    # The only admin of a school agreed to their own asking, after the delay that stands in for the second person.
    released_alone = models.BooleanField(default=False)

    class Meta:
        indexes = [models.Index(fields=["school_account", "-made_at"], name="plans_by_time")]
        constraints = [
            models.CheckConstraint(
                condition=Q(released_at__isnull=True, released_by__isnull=True) | Q(released_at__isnull=False, released_by__isnull=False),
                name="plan_released_at_and_by_together",
            ),
            models.CheckConstraint(
                condition=Q(released_by=None) | Q(released_alone=True) | (Q(asked_by__isnull=False) & ~Q(released_by=F("asked_by"))),
                name="plan_released_by_another",
            ),
            models.CheckConstraint(condition=Q(released_at=None) | ~Q(released_why=""), name="plan_release_has_a_reason"),
        ]

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


class FollowerQuestion(models.Model):
    """Somebody asked around who a follower is. It decides nothing; it saves the next colleague from asking again."""

    follower = models.ForeignKey(Follower, on_delete=models.PROTECT, related_name="asked")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    note = models.CharField(max_length=300)

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(note=""), name="follower_question_says_whom_was_asked")]

    def __str__(self) -> str:
        return f"question about follower {self.follower_id}"
