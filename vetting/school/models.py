"""One school of the installation: its people's roles, its Twitter accounts, its rules, its calendar, its alarms, its long jobs."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from vetting.school.changes import What
from vetting.values import new_reference


class Role(models.TextChoices):
    """What a person may do at a school (house.md, "Roles")."""

    OFFICE = "OFFICE", "Office"
    ADMIN = "ADMIN", "Admin"
    LEAD = "LEAD", "Safeguarding lead"
    READER = "READER", "Reader"
    DATA_LEAD = "DATA_LEAD", "Data lead"
    TECHNICIAN = "TECHNICIAN", "Technician"


class School(models.Model):
    """One school or setting served by the installation."""

    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    is_demo = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    set_up_at = models.DateTimeField(null=True, blank=True)
    time_zone = models.CharField(max_length=40, default="Europe/London")
    # Counted up by intake, roster, twitter and identities in the transaction that changes a fact matching depends on.
    facts_version = models.BigIntegerField(default=1)
    matched_version = models.BigIntegerField(default=0)
    # The day for which matching formed its opinions last, and the last day on which a full run checked them.
    matched_on = models.DateField(null=True, blank=True)
    checked_on = models.DateField(null=True, blank=True)
    # After a restore from a backup made at `restored_from` the register only watches, until somebody lets it act again.
    restored_from = models.DateTimeField(null=True, blank=True)
    restored_at = models.DateTimeField(null=True, blank=True)
    resumed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(restored_from=None, restored_at=None, resumed_at=None)
                | Q(restored_from__isnull=False, restored_at__isnull=False),
                name="school_restored_at_and_from_together",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def only_watches(self) -> bool:
        """Whether it was restored from a backup and nobody let it act again, as this row was read; `observing` asks anew."""
        return self.restored_at is not None and (self.resumed_at is None or self.resumed_at < self.restored_at)


class ChangedFact(models.Model):
    """What changed with one version of a school's facts. Written in the transaction that changes it, so versions come in their order.

    `mark` is drawn anew for each version: whoever remembers a version knows by it that this is still the same history.
    """

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="changed_facts")
    version = models.BigIntegerField()
    mark = models.BigIntegerField()
    what = models.CharField(max_length=10, choices=[(what.value, what.value) for what in What])
    key = models.BigIntegerField(null=True, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(what__in=[what.value for what in What]), name="changed_fact_is_of_a_known_kind")]
        indexes = [models.Index(fields=["school", "version"], name="changed_facts_by_version")]

    def __str__(self) -> str:
        return f"{self.what} {self.key or ''} at {self.version}"


class SchoolAccount(models.Model):
    """One of the school's own Twitter accounts."""

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="school_accounts")
    handle = models.CharField(max_length=15)
    twitter_user_id = models.CharField(max_length=19, null=True, blank=True)  # noqa: DJ001  # unknown is not empty
    protected = models.BooleanField(null=True)
    protected_seen_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["school", "handle"], name="one_school_account_per_handle")]

    def __str__(self) -> str:
        return f"@{self.handle}"


class Membership(models.Model):
    """Somebody holds a role at a school. Ended rows stay, for the record."""

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=20, choices=Role.choices)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["school", "user", "role"], condition=Q(until=None), name="one_current_membership_per_role"),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="membership_role_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.role}"


class Invitation(models.Model):
    """A one-time link by which somebody joins a school, or sets it up. Only the hash of its token is kept."""

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="invitations")
    email = models.EmailField(blank=True)
    name = models.CharField(max_length=150, blank=True)
    roles = models.JSONField(default=list)
    sets_up = models.BooleanField(default=False)
    token_hash = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    used_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"invitation {self.pk}"


class Policy(models.Model):
    """A rule the school set: what, who, when and why. Never updated; the newest row for a key holds."""

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="policies")
    key = models.CharField(max_length=60)
    value = models.JSONField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    why = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name_plural = "policies"
        constraints = [models.UniqueConstraint(fields=["school", "key", "at"], name="one_policy_per_key_and_moment")]

    def __str__(self) -> str:
        return self.key


class CalendarEntry(models.Model):
    """A stretch of days that matters: a term, or a holiday inside one. Working days are counted from these."""

    class Kind(models.TextChoices):
        TERM = "TERM", "Term"
        HOLIDAY = "HOLIDAY", "Holiday"

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="calendar")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    name = models.CharField(max_length=80)
    starts_on = models.DateField()
    ends_on = models.DateField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="calendar_ends_after_it_starts")]

    def __str__(self) -> str:
        return self.name


class Alarm(models.Model):
    """Something a person must know until it is put right: shown as a banner, one at a time for each cause."""

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="alarms")
    kind = models.CharField(max_length=40)
    subject = models.CharField(max_length=80, blank=True)
    sentence = models.CharField(max_length=500)
    raised_at = models.DateTimeField()
    seen_again_at = models.DateTimeField()
    cleared_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["school", "kind", "subject"], condition=Q(cleared_at=None), name="one_open_alarm_per_cause")
        ]

    def __str__(self) -> str:
        return self.kind


class Job(models.Model):
    """Long work with progress that a screen can show."""

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="jobs")
    kind = models.CharField(max_length=40)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    began_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    done = models.IntegerField(default=0)
    total = models.IntegerField(default=0)
    sentence = models.CharField(max_length=300, blank=True)
    error = models.CharField(max_length=500, blank=True)
    reference = models.CharField(max_length=12, unique=True, default=new_reference)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(done__gte=0), name="job_progress_is_not_negative")]

    def __str__(self) -> str:
        return f"{self.kind} {self.done}/{self.total}"
