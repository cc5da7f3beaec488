"""One question for a person, and the answers people gave. `operations.move` is the only writer of `state`."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from vetting.decisions.states import OPEN, State
from vetting.matching.models import Match
from vetting.roster.models import Person
from vetting.school.models import School, SchoolAccount
from vetting.twitter.models import Follower, FollowRequest, TwitterProfile
from vetting.values import Level, new_reference


class QueueItem(models.Model):
    """One question: may this profile follow (APPROVAL), or must this follower go (REMOVAL)?"""

    class Kind(models.TextChoices):
        APPROVAL = "APPROVAL", "Request to follow"
        REMOVAL = "REMOVAL", "Removal"

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="queue_items")
    school_account = models.ForeignKey(SchoolAccount, on_delete=models.PROTECT, related_name="queue_items")
    reference = models.CharField(max_length=12, unique=True, default=new_reference)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    profile = models.ForeignKey(TwitterProfile, on_delete=models.PROTECT, related_name="queue_items")
    follow_request = models.ForeignKey(FollowRequest, null=True, on_delete=models.PROTECT, related_name="queue_items")
    follower = models.ForeignKey(Follower, null=True, on_delete=models.PROTECT, related_name="queue_items")
    state = models.CharField(max_length=15, choices=[(state.value, state.value) for state in State])
    # Grows with every move and every change of evidence; a decision made on an older one is refused.
    version = models.IntegerField(default=1)
    opened_at = models.DateTimeField()
    state_since = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    level = models.CharField(max_length=10, choices=[(level.value, level.value) for level in Level], default=Level.NONE.value)
    match = models.ForeignKey(Match, null=True, on_delete=models.PROTECT, related_name="+")
    # Whom it is about: the match's best guess, or the person somebody chose; for a removal the leaver.
    person = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="queue_items")
    # Why a removal was opened, in a sentence an admin reads.
    why = models.CharField(max_length=300, blank=True)
    # A removal asked for only because their reason to follow had ended: it falls when they have one again.
    because_left = models.BooleanField(default=False)
    evidence_changed_at = models.DateTimeField(null=True, blank=True)
    asked_at = models.DateTimeField(null=True, blank=True)
    snoozed_until = models.DateField(null=True, blank=True)
    taken_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    taken_until = models.DateTimeField(null=True, blank=True)
    # The safeguarding lead let it go; only what came up later may hold it again.
    released_at = models.DateTimeField(null=True, blank=True)
    released_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    # By hand: who ticked, when; and who could not find it.
    ticked_at = models.DateTimeField(null=True, blank=True)
    ticked_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    could_not_find_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=[state.value for state in State]), name="queueitem_state_is_known"),
            models.UniqueConstraint(
                fields=["school_account", "profile", "kind"],
                condition=Q(state__in=sorted(state.value for state in OPEN)),
                name="one_live_item_per_twitter_user_and_kind",
            ),
            models.CheckConstraint(
                condition=Q(ticked_at__isnull=True, ticked_by__isnull=True) | Q(ticked_at__isnull=False, ticked_by__isnull=False),
                name="queueitem_ticked_at_and_by_together",
            ),
        ]
        indexes = [
            models.Index(fields=["school", "state", "-opened_at"], name="queue_by_state"),
            models.Index(fields=["state", "state_since"], name="queue_for_drains"),
        ]

    def __str__(self) -> str:
        return f"item {self.reference}"


class Verification(models.Model):
    """The office checked that the claimant is this person, and how. Without a roster the person is one they just added."""

    class How(models.TextChoices):
        EMAIL = "EMAIL", "by e-mail from the address we hold"
        FORM = "FORM", "by form"
        IN_PERSON = "IN_PERSON", "in person"
        CALL_BACK = "CALL_BACK", "by calling back the number we hold"
        KNOWN_BY_SIGHT = "KNOWN_BY_SIGHT", "known by sight"

    item = models.ForeignKey(QueueItem, on_delete=models.PROTECT, related_name="verifications")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="verifications")
    how = models.CharField(max_length=20, choices=How.choices)
    note = models.CharField(max_length=300, blank=True)
    match = models.ForeignKey(Match, null=True, on_delete=models.PROTECT, related_name="verifications")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(how__in=["EMAIL", "FORM", "IN_PERSON", "CALL_BACK", "KNOWN_BY_SIGHT"]), name="verification_says_how"
            ),
            models.UniqueConstraint(fields=["item"], condition=Q(undone_at=None), name="one_standing_verification_per_item"),
        ]

    def __str__(self) -> str:
        return f"verification {self.pk}"


class Decision(models.Model):
    """A person's answer, with a reason. It stands until undone; what the world did stands elsewhere."""

    class Outcome(models.TextChoices):
        APPROVE = "APPROVE", "Approved"
        REJECT = "REJECT", "Declined"
        REMOVE = "REMOVE", "Removal decided"
        KEEP = "KEEP", "Kept"

    item = models.ForeignKey(QueueItem, on_delete=models.PROTECT, related_name="decisions")
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    reason = models.CharField(max_length=300, blank=True)
    person = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="decisions")
    match = models.ForeignKey(Match, null=True, on_delete=models.PROTECT, related_name="decisions")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    carry_out_from = models.DateTimeField()
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["item"], condition=Q(undone_at=None), name="one_standing_decision_per_item"),
            models.CheckConstraint(
                condition=Q(undone_at__isnull=True, undone_by__isnull=True) | Q(undone_at__isnull=False, undone_by__isnull=False),
                name="decision_undone_at_and_by_together",
            ),
            models.CheckConstraint(condition=~Q(outcome="REJECT") | ~Q(reason=""), name="decision_rejection_has_a_reason"),
            models.CheckConstraint(condition=~Q(outcome="APPROVE") | Q(person__isnull=False), name="decision_approval_names_a_person"),
            models.CheckConstraint(condition=Q(outcome__in=["APPROVE", "REJECT", "REMOVE", "KEEP"]), name="decision_outcome_is_known"),
        ]

    def __str__(self) -> str:
        return f"decision {self.pk}"


class Countersignature(models.Model):
    """A second, different person's agreement."""

    decision = models.OneToOneField(Decision, on_delete=models.PROTECT, related_name="countersignature")
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(by=F("decided_by")), name="decision_countersigned_by_another")]

    def __str__(self) -> str:
        return f"countersignature {self.pk}"
