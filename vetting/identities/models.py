"""Who is who on Twitter, on whose decision."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from vetting.roster.models import Person
from vetting.school.models import School
from vetting.twitter.models import TwitterProfile


class Identification(models.Model):
    """ "This Twitter account is this person", from, until, on which decision."""

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="identifications")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="identifications")
    profile = models.ForeignKey(TwitterProfile, on_delete=models.PROTECT, related_name="identifications")
    decision = models.ForeignKey("vetting.Decision", null=True, on_delete=models.PROTECT, related_name="identifications")
    # Of somebody who followed before the register asked: who said who it is, and how they know.
    said_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    how = models.CharField(max_length=20, blank=True)
    note = models.CharField(max_length=300, blank=True)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)
    ended_why = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["school", "profile"], condition=Q(until=None), name="one_current_person_per_profile_and_school"
            ),
            models.CheckConstraint(condition=Q(until__isnull=True) | Q(until__gte=F("since")), name="identification_ends_after_it_starts"),
            models.CheckConstraint(condition=Q(said_by=None) | ~Q(how=""), name="identification_says_how_it_is_known"),
        ]

    def __str__(self) -> str:
        return f"identification {self.pk}"
