"""Letters to families: written as rows, sent by the clock."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from vetting.intake.models import Claim, VerificationEmail
from vetting.roster.models import Person
from vetting.school.models import School
from vetting.values import new_reference


class OutgoingMail(models.Model):
    """One letter. Due at `due_at`; a failed try sets `not_before`."""

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="outgoing_mails")
    template = models.CharField(max_length=40)
    to_address = models.CharField(max_length=254)
    subject = models.CharField(max_length=200)
    body = models.TextField()
    claim = models.ForeignKey(Claim, null=True, on_delete=models.PROTECT, related_name="letters")
    # The message it answers, and whether nobody asked for it: then it is marked as written by a machine (RFC 3834).
    email = models.ForeignKey(VerificationEmail, null=True, on_delete=models.PROTECT, related_name="letters")
    automatic = models.BooleanField(default=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    not_before = models.DateTimeField()
    tries = models.IntegerField(default=0)
    sent_at = models.DateTimeField(null=True, blank=True)
    given_up_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=300, blank=True)
    erased_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(automatic=True) | Q(by__isnull=False), name="letter_is_written_by_a_person_or_automatic"),
        ]
        indexes = [
            models.Index(fields=["not_before"], condition=Q(sent_at=None, given_up_at=None), name="letters_due"),
            models.Index(fields=["to_address", "sent_at"], name="letters_by_address"),
        ]

    def __str__(self) -> str:
        return f"letter {self.pk}"


class LetterText(models.Model):
    """A school's own wording of a letter. Never changed: the newest one counts."""

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="letter_texts")
    template = models.CharField(max_length=40)
    subject = models.CharField(max_length=200)
    body = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["school", "template", "at"], name="one_letter_text_per_template_and_moment")]

    def __str__(self) -> str:
        return self.template


class ConfirmationLink(models.Model):
    """A question to one address: is this Twitter name yours? Answered once, by whoever reads the mail sent there.

    The link's secret is made when the letter is sent and only its SHA-256 is kept; a second try makes a new one.
    """

    class Answer(models.TextChoices):
        CONFIRMED = "CONFIRMED", "Confirmed"
        ANOTHER_NAME = "ANOTHER_NAME", "Typed another Twitter name"
        NOT_ME = "NOT_ME", "Says it was not them"

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="confirmation_links")
    reference = models.CharField(max_length=12, unique=True, default=new_reference)
    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="confirmation_links")
    letter = models.OneToOneField(OutgoingMail, on_delete=models.PROTECT, related_name="confirmation_link")
    # Whose address on record it went to; empty when it went to the address the message came from.
    person = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="confirmation_links")
    handle = models.CharField(max_length=15)
    to_address = models.CharField(max_length=254)
    token_hash = models.CharField(max_length=64, null=True, unique=True)  # noqa: DJ001  # no secret yet is not an empty one
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    answer = models.CharField(max_length=12, choices=Answer.choices, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["claim"], condition=Q(answered_at=None, cancelled_at=None), name="one_open_link_per_claim"),
            models.CheckConstraint(
                condition=Q(answered_at=None, answer="") | (Q(answered_at__isnull=False) & ~Q(answer="")),
                name="link_answered_at_and_answer_together",
            ),
            models.CheckConstraint(condition=Q(expires_at__gt=models.F("made_at")), name="link_expires_after_it_was_made"),
        ]

    def __str__(self) -> str:
        return f"link {self.reference}"
