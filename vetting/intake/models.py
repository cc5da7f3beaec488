"""What families told us: the message as received, where it was seen, and what it claims."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

from vetting.encrypted import EncryptedTextField
from vetting.school.models import School
from vetting.values import new_reference


class IntakeSource(models.Model):
    """A mailbox folder or a folder of .eml files, with its health and its place in the reading."""

    class Kind(models.TextChoices):
        IMAP = "IMAP", "Mailbox (IMAP)"
        FOLDER = "FOLDER", "Folder of .eml files"
        UPLOAD = "UPLOAD", "Files given by a colleague"

    class SignIn(models.TextChoices):
        PASSWORD = "PASSWORD", "User name and password"
        MICROSOFT = "MICROSOFT", "Microsoft 365"
        GOOGLE = "GOOGLE", "Google Workspace"

    class Security(models.TextChoices):
        TLS = "TLS", "TLS (port 993)"
        STARTTLS = "STARTTLS", "STARTTLS (port 143)"
        LOOPBACK = "LOOPBACK", "None, on this computer only"

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="intake_sources")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    name = models.CharField(max_length=80)
    active = models.BooleanField(default=True)
    host = models.CharField(max_length=200, blank=True)
    port = models.IntegerField(null=True, blank=True)
    security = models.CharField(max_length=10, choices=Security.choices, default=Security.TLS)
    username = models.CharField(max_length=200, blank=True)
    password = EncryptedTextField(blank=True, default="")
    # The modern sign-in (XOAUTH2): an application registered by the school, and the token it was given last.
    sign_in = models.CharField(max_length=10, choices=SignIn.choices, default=SignIn.PASSWORD)
    tenant = models.CharField(max_length=100, blank=True)
    client_id = models.CharField(max_length=200, blank=True)
    client_secret = EncryptedTextField(blank=True, default="")
    access_token = EncryptedTextField(blank=True, default="")
    access_token_until = models.DateTimeField(null=True, blank=True)
    folder = models.CharField(max_length=300, default="INBOX")
    # The authserv-id whose verdicts are trusted, because a probe showed it or a Technician declared it; empty: nothing is "Checked".
    trusted_receiver = models.CharField(max_length=200, blank=True)
    trusted_declared_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    trusted_declared_at = models.DateTimeField(null=True, blank=True)
    # A probe's forged verdict came through: the receiver's verdicts are not believed until somebody looks into it.
    unsafe_since = models.DateTimeField(null=True, blank=True)
    # The place in the reading.
    uidvalidity = models.BigIntegerField(null=True, blank=True)
    last_uid = models.BigIntegerField(default=0)
    # Health. Since when it ought to be read: connected, gone on after a pause, or pointed at another mailbox.
    expected_since = models.DateTimeField(null=True, blank=True)
    last_tried_at = models.DateTimeField(null=True, blank=True)
    last_ok_at = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=500, blank=True)
    failures = models.IntegerField(default=0)
    not_before = models.DateTimeField(null=True, blank=True)
    messages_on_server = models.IntegerField(null=True, blank=True)
    # One reader at a time; the version tells a late one that its lease is gone.
    lease_until = models.DateTimeField(null=True, blank=True)
    lease_version = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["school"], condition=Q(kind="UPLOAD"), name="one_place_for_given_files_per_school")]

    def __str__(self) -> str:
        return self.name


class Probe(models.Model):
    """A message of our own with a forged verdict, sent to a mailbox to learn what its receiving server writes and takes out."""

    class Outcome(models.TextChoices):
        WAITING = "WAITING", "Not arrived yet"
        LEARNT = "LEARNT", "The server's own verdict was found"
        NO_VERDICT = "NO_VERDICT", "The server writes no verdict"
        FORGED_KEPT = "FORGED_KEPT", "A forged verdict came through"
        GIVEN_UP = "GIVEN_UP", "It could not be sent, or never arrived"

    source = models.ForeignKey(IntakeSource, on_delete=models.PROTECT, related_name="probes")
    # Stands in the message, so that it is known again; whoever reads the mailbox may see it.
    code = models.CharField(max_length=40, unique=True)
    to_address = models.CharField(max_length=254)
    forged_receiver = models.CharField(max_length=200)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    # Sending it, by the clock.
    not_before = models.DateTimeField()
    tries = models.IntegerField(default=0)
    sent_at = models.DateTimeField(null=True, blank=True)
    arrived_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=12, choices=Outcome.choices, default=Outcome.WAITING)
    found_receiver = models.CharField(max_length=200, blank=True)
    sentence = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source"], condition=Q(outcome="WAITING"), name="one_probe_under_way_per_source"),
            models.CheckConstraint(
                condition=Q(outcome__in=["WAITING", "GIVEN_UP"]) | Q(arrived_at__isnull=False), name="probe_is_judged_when_it_arrived"
            ),
        ]

    def __str__(self) -> str:
        return f"probe of {self.source_id}"


class SigningKey(models.Model):
    """A domain's public DKIM key as the DNS gave it, kept for a while so that a second message asks nobody."""

    selector = models.CharField(max_length=200)
    domain = models.CharField(max_length=253)
    record = models.TextField(blank=True)
    asked_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["selector", "domain"], name="one_row_per_signing_key")]

    def __str__(self) -> str:
        return f"{self.selector}._domainkey.{self.domain}"


class VerificationEmail(models.Model):
    """A message as received, unaltered. What we understood of it stands beside it and can be read again."""

    class MailClass(models.TextChoices):
        HUMAN = "HUMAN", "From a person"
        AUTO_REPLY = "AUTO_REPLY", "Automatic reply"
        BOUNCE = "BOUNCE", "Undeliverable notice"
        LIST = "LIST", "Mailing list"

    class Authenticity(models.TextChoices):
        CHECKED = "CHECKED", "Checked"
        PARTLY = "PARTLY", "Partly checked"
        NOT_CHECKED = "NOT_CHECKED", "Not checked"
        SUSPICIOUS = "SUSPICIOUS", "Suspicious"

    class Signature(models.TextChoices):
        NONE = "NONE", "No signature"
        WHOLE = "WHOLE", "Signed by the sender's domain and unaltered"
        BROKEN = "BROKEN", "A signature does not fit"
        UNKNOWN = "UNKNOWN", "The signature could not be checked"

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="verification_emails")
    reference = models.CharField(max_length=12, unique=True, default=new_reference)
    # Of the stored bytes, and of what the sender wrote: without line ends and without the lines that servers add on the way.
    sha256 = models.CharField(max_length=64)
    fingerprint = models.CharField(max_length=64, default="")
    size = models.IntegerField()
    raw = models.BinaryField(null=True)
    received_at = models.DateTimeField()
    stored_at = models.DateTimeField()
    # Reading it.
    parsed_at = models.DateTimeField(null=True, blank=True)
    parser_version = models.IntegerField(null=True, blank=True)
    parse_failures = models.IntegerField(default=0)
    parse_not_before = models.DateTimeField(null=True, blank=True)
    # What was understood.
    mail_class = models.CharField(max_length=12, choices=MailClass.choices, default=MailClass.HUMAN)
    from_address = models.CharField(max_length=254, blank=True)
    from_name = models.CharField(max_length=300, blank=True)
    sender_ambiguous = models.BooleanField(default=False)
    # Whom a forwarded message names as its sender.
    forwarded_address = models.CharField(max_length=254, blank=True)
    forwarded_name = models.CharField(max_length=300, blank=True)
    # A hint for grouping only: some mails have none, and different mails share one.
    message_id = models.CharField(max_length=300, blank=True)
    subject = models.CharField(max_length=500, blank=True)
    text = models.TextField(blank=True)
    # Stretches of the text as [kind, start, end]; see parsing.ZoneKind.
    zones = models.JSONField(default=list)
    attachments = models.JSONField(default=list)
    defects = models.JSONField(default=list)
    truncated = models.BooleanField(default=False)
    # Why no letter may ever answer it (RFC 3834); empty when one may.
    no_answer_because = models.CharField(max_length=200, blank=True)
    authenticity = models.CharField(max_length=12, choices=Authenticity.choices, default=Authenticity.NOT_CHECKED)
    authenticity_sentence = models.CharField(max_length=300, blank=True)
    # Its own DKIM signature, checked when it came in and kept: keys change.
    signature = models.CharField(max_length=10, choices=Signature.choices, default=Signature.NONE)
    signed_by = models.CharField(max_length=253, blank=True)
    # When its sender is to be judged (again); empty when nothing is open.
    judge_at = models.DateTimeField(null=True, blank=True)
    # Why no claim came of it; empty when one did. Shown under Requests, "Needs a look".
    waits_because = models.CharField(max_length=300, blank=True)
    set_aside_at = models.DateTimeField(null=True, blank=True)
    set_aside_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    set_aside_why = models.CharField(max_length=300, blank=True)
    erased_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["school", "fingerprint"], name="one_row_per_message"),
            models.CheckConstraint(condition=Q(raw__isnull=False) | Q(erased_at__isnull=False), name="email_has_its_bytes_until_erased"),
        ]
        indexes = [
            models.Index(fields=["school"], condition=Q(parsed_at=None), name="emails_to_parse"),
            models.Index(fields=["school", "-received_at"], name="emails_by_arrival"),
            models.Index(fields=["judge_at"], condition=Q(judge_at__isnull=False), name="emails_to_judge"),
            models.Index(fields=["parser_version"], condition=Q(parse_failures__gt=0), name="emails_that_failed"),
            models.Index(fields=["school", "message_id"], condition=~Q(message_id=""), name="emails_by_message_id"),
        ]

    def __str__(self) -> str:
        return f"e-mail {self.reference}"


class MailPosition(models.Model):
    """Where a message was seen: in a folder of a source, or attached to another message. It is stored once, wherever it is seen."""

    email = models.ForeignKey(VerificationEmail, on_delete=models.PROTECT, related_name="positions")
    source = models.ForeignKey(IntakeSource, null=True, on_delete=models.PROTECT, related_name="positions")
    inside = models.ForeignKey(VerificationEmail, null=True, on_delete=models.PROTECT, related_name="carries")
    folder = models.CharField(max_length=300, blank=True)
    uidvalidity = models.BigIntegerField(default=0)
    uid = models.BigIntegerField(default=0)
    seen_at = models.DateTimeField()
    # Who gave the file, where a colleague did.
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    # The header block as it stood here, where that differs from the stored one: servers on the way write into it.
    headers = models.BinaryField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "folder", "uidvalidity", "uid"], name="one_mail_per_mailbox_position"),
            models.UniqueConstraint(fields=["inside", "email"], condition=Q(inside__isnull=False), name="one_position_inside_each_message"),
            models.CheckConstraint(
                condition=Q(source__isnull=False, inside=None) | Q(source=None, inside__isnull=False),
                name="position_is_in_a_source_or_inside_a_message",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.folder}/{self.uid}" if self.source_id else f"inside {self.inside_id}"


class IntakeAttempt(models.Model):
    """One try to read a stored message that failed."""

    email = models.ForeignKey(VerificationEmail, on_delete=models.PROTECT, related_name="attempts")
    parser_version = models.IntegerField()
    began_at = models.DateTimeField()
    error = models.CharField(max_length=300)

    def __str__(self) -> str:
        return f"attempt on e-mail {self.email_id}"


class Claim(models.Model):
    """Somebody says: "this Twitter name is me"."""

    class Channel(models.TextChoices):
        EMAIL = "EMAIL", "by e-mail"
        PHONE = "PHONE", "by phone"
        LETTER = "LETTER", "by letter"
        DESK = "DESK", "at the desk"
        FORM = "FORM", "on a form"

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="claims")
    reference = models.CharField(max_length=12, unique=True, default=new_reference)
    channel = models.CharField(max_length=10, choices=Channel.choices)
    email = models.ForeignKey(VerificationEmail, null=True, on_delete=models.PROTECT, related_name="claims")
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    sender_address = models.CharField(max_length=254, blank=True)
    sender_name = models.CharField(max_length=300, blank=True)
    child_text = models.CharField(max_length=200, blank=True)
    class_text = models.CharField(max_length=80, blank=True)
    note = models.CharField(max_length=300, blank=True)
    authenticity = models.CharField(
        max_length=12, choices=VerificationEmail.Authenticity.choices, default=VerificationEmail.Authenticity.NOT_CHECKED
    )
    # Somebody who reads the mail of this address said so through a link sent there: that it is theirs, or that it is not.
    confirmed_at = models.DateTimeField(null=True, blank=True)
    confirmed_address = models.CharField(max_length=254, blank=True)
    disowned_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    withdrawn_why = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(channel="EMAIL", email__isnull=False) | (~Q(channel="EMAIL") & Q(entered_by__isnull=False)),
                name="claim_comes_from_email_or_staff",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_at=None, confirmed_address="") | (Q(confirmed_at__isnull=False) & ~Q(confirmed_address="")),
                name="claim_confirmed_at_and_address_together",
            ),
        ]
        indexes = [models.Index(fields=["school", "-made_at"], name="claims_by_time")]

    def __str__(self) -> str:
        return f"claim {self.reference}"


class ClaimReading(models.Model):
    """One Twitter name read in a claim: the text as written, the name if it is one, and where it stood."""

    class Use(models.TextChoices):
        OPEN = "OPEN", "Nobody has said"
        THIS = "THIS", "Use this"
        NOT_THIS = "NOT_THIS", "Not this"

    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="readings")
    text_as_written = models.CharField(max_length=200)
    handle = models.CharField(max_length=15, null=True, blank=True)  # noqa: DJ001  # absent is not empty
    repaired = models.BooleanField(default=False)
    rule = models.CharField(max_length=30)
    zone = models.CharField(max_length=20)
    start = models.IntegerField(default=0)
    end = models.IntegerField(default=0)
    use = models.CharField(max_length=10, choices=Use.choices, default=Use.OPEN)
    # The first look-up after the mail; see twitter.HandleLookup for its outcome.
    looked_up_at = models.DateTimeField(null=True, blank=True)
    look_up_not_before = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(handle__isnull=True) | Q(handle=Lower("handle")) & Q(handle__regex=r"^[a-z0-9_]+$"),
                name="reading_handle_is_normalised_or_absent",
            ),
            models.CheckConstraint(condition=Q(end__gte=F("start")), name="reading_span_runs_forward"),
        ]
        indexes = [models.Index(fields=["handle"], name="readings_by_handle")]

    def __str__(self) -> str:
        return f"reading {self.pk}"
