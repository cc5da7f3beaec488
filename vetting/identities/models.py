"""Who is who on Twitter, on whose decision."""

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
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)
    ended_why = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["school", "profile"], condition=Q(until=None), name="one_current_person_per_profile_and_school"
            ),
            models.CheckConstraint(condition=Q(until__isnull=True) | Q(until__gte=F("since")), name="identification_ends_after_it_starts"),
        ]

    def __str__(self) -> str:
        return f"identification {self.pk}"
