"""What we did to make Twitter agree."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from vetting.decisions.models import Decision, QueueItem
from vetting.school.models import SchoolAccount
from vetting.twitter.models import ListReading, TwitterProfile
from vetting.values import new_reference


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


class OwedLift(models.Model):
    """A block that must be lifted: written down before the block is asked for, so that a crash in between leaves nobody blocked.

    Removing a follower through the API is one job of two halves: block (which ends the follow), then lift the block.
    """

    item = models.ForeignKey(QueueItem, on_delete=models.PROTECT, related_name="owed_lifts")
    attempt = models.OneToOneField(Attempt, on_delete=models.PROTECT, related_name="owed_lift")
    owed_since = models.DateTimeField()
    # Twitter answered that the block stands. Empty: not asked yet, or the answer was lost; it is lifted all the same.
    blocked_at = models.DateTimeField(null=True, blank=True)
    # When nothing was owed any longer: lifted, or, where nothing was blocked after all, set aside.
    lifted_at = models.DateTimeField(null=True, blank=True)
    not_needed = models.BooleanField(default=False)
    tries = models.IntegerField(default=0)
    not_before = models.DateTimeField()
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["item"], condition=Q(lifted_at=None), name="one_owed_lift_per_item")]
        indexes = [models.Index(fields=["not_before"], condition=Q(lifted_at=None), name="lifts_owed_by_due")]

    def __str__(self) -> str:
        return f"owed lift {self.pk}"


class Comparison(models.Model):
    """One complete reading of the followers, held against our record. Its row says that it was done, and what came of it."""

    reading = models.OneToOneField(ListReading, on_delete=models.PROTECT, related_name="comparison")
    at = models.DateTimeField()
    found = models.IntegerField()
    ended = models.IntegerField()

    def __str__(self) -> str:
        return f"comparison {self.pk}"


class Discrepancy(models.Model):
    """Where Twitter and our record say different things. Found by a reading, listed until Twitter agrees or a person notes it."""

    class Kind(models.TextChoices):
        ACCEPTED_WITHOUT_US = "ACCEPTED_WITHOUT_US", "Let in on Twitter without an answer here"
        BACK_AGAIN = "BACK_AGAIN", "Removed, and follows again"
        ABSENT = "ABSENT", "Approved, and no longer follows"
        STILL_BLOCKED = "STILL_BLOCKED", "Blocked, and not unblocked"

    school_account = models.ForeignKey(SchoolAccount, on_delete=models.PROTECT, related_name="discrepancies")
    profile = models.ForeignKey(TwitterProfile, on_delete=models.PROTECT, related_name="discrepancies")
    reference = models.CharField(max_length=12, unique=True, default=new_reference)
    kind = models.CharField(max_length=25, choices=Kind.choices)
    found_at = models.DateTimeField()
    # The complete reading that showed it; a block is seen by looking somebody up.
    reading = models.ForeignKey(ListReading, null=True, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    noted_at = models.DateTimeField(null=True, blank=True)
    noted_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name_plural = "discrepancies"
        constraints = [
            models.UniqueConstraint(
                fields=["school_account", "profile", "kind"], condition=Q(ended_at=None), name="one_open_discrepancy_per_profile_and_kind"
            ),
            models.CheckConstraint(
                condition=Q(noted_at__isnull=True, noted_by__isnull=True) | Q(noted_at__isnull=False, noted_by__isnull=False),
                name="discrepancy_noted_at_and_by_together",
            ),
        ]

    def __str__(self) -> str:
        return f"discrepancy {self.kind}"
