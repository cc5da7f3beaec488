"""The machine's opinion of a request. It proposes; a person decides."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from vetting.intake.models import Claim
from vetting.matching.next_action import NextAction, next_action
from vetting.matching.workings import Workings
from vetting.roster.models import Person
from vetting.school.models import School, SchoolAccount
from vetting.twitter.models import FollowRequest, TwitterProfile
from vetting.values import Evidence, Level


class Match(models.Model):
    """The best person and claim for a request, at a level, with its sentences. Never changed: a new opinion is a new row."""

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="matches")
    school_account = models.ForeignKey(SchoolAccount, on_delete=models.PROTECT, related_name="matches")
    profile = models.ForeignKey(TwitterProfile, on_delete=models.PROTECT, related_name="matches")
    follow_request = models.ForeignKey(FollowRequest, on_delete=models.PROTECT, related_name="matches")
    person = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    claim = models.ForeignKey(Claim, null=True, on_delete=models.PROTECT, related_name="matches")
    level = models.CharField(max_length=10, choices=[(level.value, level.value) for level in Level])
    sentence = models.CharField(max_length=120)
    evidence_json = models.JSONField(default=list)
    # [{"person": pk, "sentence": why considered}], best first, the best person not repeated.
    candidates = models.JSONField(default=list)
    # The step offered first; empty in rows from before steps were kept.
    next_action = models.CharField(max_length=20, blank=True, choices=[(step.value, step.value) for step in NextAction])
    # How it was worked out, as it stood at `made_at`: figures and codes, see `workings.Workings`. Names of nobody.
    workings = models.JSONField(default=dict)
    engine_version = models.CharField(max_length=20)
    weights_version = models.CharField(max_length=20, blank=True)
    data_version = models.CharField(max_length=20, blank=True)
    fingerprint = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    superseded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "matches"
        constraints = [
            models.UniqueConstraint(fields=["follow_request"], condition=Q(superseded_at=None), name="one_standing_match_per_request"),
            models.CheckConstraint(condition=Q(level__in=[level.value for level in Level]), name="match_level_is_known"),
            models.CheckConstraint(
                condition=Q(next_action__in=["", *(step.value for step in NextAction)]), name="match_next_action_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"match {self.pk}"

    @property
    def evidence(self) -> list[Evidence]:
        return [Evidence.from_json(item) for item in self.evidence_json]

    @property
    def step(self) -> NextAction:
        """The step offered first. In a row from before steps were kept it follows from the level."""
        if self.next_action:
            return NextAction(self.next_action)
        return next_action(Level(self.level), {item["code"] for item in self.evidence_json}, reachable=self.person_id is not None)

    @property
    def worked_out(self) -> Workings:
        return Workings.from_json(self.workings)


class ClaimLink(models.Model):
    """A colleague says whose message this is. It helps to find the person; it proves nothing, so it never lifts a level above CHECK."""

    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="links")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="claim_links")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["claim"], condition=Q(ended_at=None), name="one_standing_link_per_claim"),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_by=None) | Q(ended_at__isnull=False, ended_by__isnull=False),
                name="link_ended_at_and_by_together",
            ),
        ]

    def __str__(self) -> str:
        return f"link {self.pk}"
