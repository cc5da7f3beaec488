"""Who belongs to the school, why, and from when to when."""

from enum import StrEnum

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from vetting.encrypted import EncryptedTextField
from vetting.school.models import School
from vetting.values import new_reference


class RosterImport(models.Model):
    """One loading of the school's list: rehearsed first, applied by a named person, kept with its counts."""

    class Kind(models.TextChoices):
        ADDITIONS = "ADDITIONS", "Additions only"
        COMPLETE = "COMPLETE", "Complete list"

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="roster_imports")
    reference = models.CharField(max_length=12, unique=True, default=new_reference)
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.ADDITIONS)
    file_name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    # Under which name the columns are remembered: what the school calls this export.
    source = models.CharField(max_length=60, blank=True)
    # Nobody: an operator's command, run by a clock.
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField()
    heading_fingerprint = models.CharField(max_length=64, blank=True)
    mapping = models.JSONField(default=dict)
    columns_confirmed = models.BooleanField(default=False)
    # The kept fields only, row by row and packed, until applied or thrown away: what the file also held is dropped at the border.
    kept_rows = models.BinaryField(null=True)
    # What somebody said where the list needed a person: {key of the entry: "same" or "different"}.
    answers = models.JSONField(default=dict)
    rehearsal = models.JSONField(default=dict)
    warnings = models.JSONField(default=list)
    stopped_because = models.CharField(max_length=1000, blank=True)
    # A second person looked at a stopped list and says why it is right.
    released_at = models.DateTimeField(null=True, blank=True)
    released_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    released_why = models.CharField(max_length=300, blank=True)
    applied_at = models.DateTimeField(null=True, blank=True)
    applied_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    # When a file that says nothing else was last loaded after it: the register is as fresh as that, and no row was written.
    borne_out_at = models.DateTimeField(null=True, blank=True)
    discarded_at = models.DateTimeField(null=True, blank=True)
    # What the register was before, where it can still be restored: see importing/undoing.py.
    journal = models.BinaryField(null=True)
    rolled_back_at = models.DateTimeField(null=True, blank=True)
    rolled_back_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(rolled_back_at=None) | Q(applied_at__isnull=False), name="only_an_applied_list_is_rolled_back"
            )
        ]

    def __str__(self) -> str:
        return f"import {self.reference}"


class Pupil(models.Model):
    """A child on the roster: name, year, class. No birth date, no number of the state's."""

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="pupils")
    source_id = models.CharField(max_length=60, blank=True)
    given = models.CharField(max_length=100)
    family = models.CharField(max_length=100)
    year = models.CharField(max_length=20, blank=True)
    class_name = models.CharField(max_length=40, blank=True)
    left_on = models.DateField(null=True, blank=True)
    # A leaving date that was taken back: the same one in a later list is no news.
    taken_back = models.DateField(null=True, blank=True)
    # For the older classes only: the first day on which Twitter would let them in.
    thirteen_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["school", "source_id"], condition=~Q(source_id=""), name="one_pupil_per_school_and_source_id")
        ]

    def __str__(self) -> str:
        return f"pupil {self.pk}"

    @property
    def name(self) -> str:
        return f"{self.given} {self.family}".strip()


class Person(models.Model):
    """An adult (or a pupil of 13 or over) known to the school."""

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="people")
    reference = models.CharField(max_length=12, unique=True, default=new_reference)
    source_id = models.CharField(max_length=60, blank=True)
    title = models.CharField(max_length=20, blank=True)
    given = models.CharField(max_length=100)
    family = models.CharField(max_length=100)
    previous_family = models.CharField(max_length=100, blank=True)
    do_not_contact = models.BooleanField(default=False)
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name_plural = "people"
        constraints = [
            models.UniqueConstraint(fields=["school", "source_id"], condition=~Q(source_id=""), name="one_person_per_school_and_source_id")
        ]
        indexes = [models.Index(fields=["school", "family", "given"], name="people_by_name")]

    def __str__(self) -> str:
        return f"person {self.reference}"

    @property
    def name(self) -> str:
        return f"{self.given} {self.family}".strip()


class PersonAddress(models.Model):
    """An e-mail address on the school's record for a person. Two people may share one."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="addresses")
    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="+")
    address = models.CharField(max_length=254)
    # MailAddress.mailbox: what two spellings of one mailbox have in common.
    mailbox = models.CharField(max_length=254)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "address"], condition=Q(until=None), name="one_current_row_per_person_and_address"),
        ]
        indexes = [models.Index(fields=["school", "mailbox"], name="addresses_by_mailbox")]

    def __str__(self) -> str:
        return f"address of person {self.person_id}"


class EndedByList(StrEnum):
    """What `Basis.ended_why` says where a list ended a reason. Rows hold these words: they stay as they are."""

    ABSENCE = "Missing from two complete lists."
    LEAVING_DATE = "Leaving date in the school's list."


class Basis(models.Model):
    """A dated reason why a Person may follow. The last day counts."""

    class Kind(models.TextChoices):
        PARENT_OR_CARER = "PARENT_OR_CARER", "Parent or carer"
        STAFF = "STAFF", "Staff"
        GOVERNOR = "GOVERNOR", "Governor"
        VOLUNTEER = "VOLUNTEER", "Volunteer"
        ORGANISATION = "ORGANISATION", "Organisation"
        INTRODUCED_BY = "INTRODUCED_BY", "Introduced by a parent"
        PUPIL_13_OR_OVER = "PUPIL_13_OR_OVER", "Pupil of 13 or over"

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="bases")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    pupil = models.ForeignKey(Pupil, null=True, blank=True, on_delete=models.PROTECT, related_name="bases")
    introduced_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="introductions")
    relationship = models.CharField(max_length=60, blank=True)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    ended_why = models.CharField(max_length=200, blank=True)
    # Who wrote the last day down, and when: a day written down before it came was expected, one person's word is not a whole file's.
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    ended_by_import = models.ForeignKey(RosterImport, null=True, blank=True, on_delete=models.PROTECT, related_name="ended_bases")
    # The list this reason came with, or the first of a school year that bore it out: only such a reason can be missing from a list.
    roster_import = models.ForeignKey(RosterImport, null=True, blank=True, on_delete=models.PROTECT, related_name="bases")
    # When a complete list was first without it; empty again when it is back.
    missing_since = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "bases"
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")), name="basis_ends_after_it_starts"),
            models.UniqueConstraint(
                fields=["person", "kind"], condition=Q(ends_on=None, pupil=None), name="one_current_basis_per_person_and_kind"
            ),
            models.UniqueConstraint(
                fields=["person", "kind", "pupil"],
                condition=Q(ends_on=None, pupil__isnull=False),
                name="one_current_basis_per_person_and_kind_and_pupil",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of person {self.person_id}"


class Restriction(models.Model):
    """A mark on a person (for one child, or for all) whose reason only the safeguarding lead may read."""

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="restrictions")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="restrictions")
    pupil = models.ForeignKey(Pupil, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    reason = EncryptedTextField(blank=True, default="")
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    roster_import = models.ForeignKey(RosterImport, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    # When a list was first without the mark that a list had brought: the next that has it brings a new one.
    gone_since = models.DateTimeField(null=True, blank=True)
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    lifted_why = EncryptedTextField(blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(lifted_at__isnull=True, lifted_by__isnull=True) | Q(lifted_at__isnull=False, lifted_by__isnull=False),
                name="restriction_lifted_at_and_by_together",
            )
        ]
        indexes = [models.Index(fields=["person"], condition=Q(lifted_at=None), name="open_restrictions")]

    def __str__(self) -> str:
        return f"restriction {self.pk}"
