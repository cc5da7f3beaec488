"""Letters to families: written as rows, sent by the clock."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from vetting.intake.models import Claim
from vetting.school.models import School


class OutgoingMail(models.Model):
    """One letter. Due at `due_at`; a failed try sets `not_before`."""

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="outgoing_mails")
    template = models.CharField(max_length=40)
    to_address = models.CharField(max_length=254)
    subject = models.CharField(max_length=200)
    body = models.TextField()
    claim = models.ForeignKey(Claim, null=True, on_delete=models.PROTECT, related_name="letters")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    not_before = models.DateTimeField()
    tries = models.IntegerField(default=0)
    sent_at = models.DateTimeField(null=True, blank=True)
    given_up_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes = [models.Index(fields=["not_before"], condition=Q(sent_at=None, given_up_at=None), name="letters_due")]

    def __str__(self) -> str:
        return f"letter {self.pk}"
