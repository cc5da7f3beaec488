"""A worry about a profile, an e-mail or a person. It goes to the safeguarding lead and blocks approval while open."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from vetting.encrypted import EncryptedTextField
from vetting.intake.models import VerificationEmail
from vetting.roster.models import Person
from vetting.school.models import School
from vetting.twitter.models import TwitterProfile
from vetting.values import new_reference


class Concern(models.Model):
    """Four kinds, as Kent's online-safety guidance names them. What it says is encrypted; lists show nothing of it."""

    class Category(models.TextChoices):
        CONTENT = "CONTENT", "Content"
        CONTACT = "CONTACT", "Contact"
        CONDUCT = "CONDUCT", "Conduct"
        COMMERCE = "COMMERCE", "Commerce"

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="concerns")
    reference = models.CharField(max_length=12, unique=True, default=new_reference)
    category = models.CharField(max_length=10, choices=Category.choices)
    profile = models.ForeignKey(TwitterProfile, null=True, on_delete=models.PROTECT, related_name="concerns")
    email = models.ForeignKey(VerificationEmail, null=True, on_delete=models.PROTECT, related_name="concerns")
    person = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="concerns")
    words = EncryptedTextField()
    raised_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    raised_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    outcome = EncryptedTextField(blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(profile__isnull=False) | Q(email__isnull=False) | Q(person__isnull=False), name="concern_is_about_something"
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, closed_by__isnull=True) | Q(closed_at__isnull=False, closed_by__isnull=False),
                name="concern_closed_at_and_by_together",
            ),
        ]

    def __str__(self) -> str:
        return f"concern {self.reference}"
