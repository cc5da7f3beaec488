"""What Twitter shows us: profiles by number, requests and followers as observed, and the state of our connection."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from vetting.encrypted import EncryptedTextField
from vetting.school.models import School, SchoolAccount
from vetting.values import new_reference


class Connection(models.Model):
    """How we reach Twitter for one school account. SANDBOX connections are made by the demo only."""

    class Kind(models.TextChoices):
        LIVE = "LIVE", "Twitter (X)"
        SANDBOX = "SANDBOX", "Practice Twitter"
        BY_HAND = "BY_HAND", "Pasted lists"

    class Auth(models.TextChoices):
        KEYS = "KEYS", "keys of the developer page"
        SIGN_IN = "SIGN_IN", "signing in at Twitter"

    school_account = models.OneToOneField(SchoolAccount, on_delete=models.PROTECT, related_name="connection")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    # How it was let in: four pasted keys (OAuth 1.0a), or a sign-in whose tokens stand in TokenPair (OAuth 2.0).
    auth = models.CharField(max_length=10, choices=Auth.choices, default=Auth.KEYS)
    base_url = models.CharField(max_length=200, default="https://api.x.com")
    # The pages a person uses: https://x.com, or the sandbox's.
    pages_url = models.CharField(max_length=200, default="https://x.com")
    consumer_key = EncryptedTextField(blank=True, default="")
    consumer_secret = EncryptedTextField(blank=True, default="")
    access_token = EncryptedTextField(blank=True, default="")
    access_secret = EncryptedTextField(blank=True, default="")
    # The app of the developer page that people sign in through; they outlive a sign-in.
    client_id = EncryptedTextField(blank=True, default="")
    client_secret = EncryptedTextField(blank=True, default="")
    connected_at = models.DateTimeField()
    connected_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    # Health. `broken_because` opens the breaker: no calls until a person acts.
    last_ok_at = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=500, blank=True)
    broken_because = models.CharField(max_length=300, blank=True)
    failures = models.IntegerField(default=0)
    not_before = models.DateTimeField(null=True, blank=True)
    # When each reading is due next; "Check now" sets it to the present.
    requests_due_at = models.DateTimeField(null=True, blank=True)
    followers_due_at = models.DateTimeField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    lease_version = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"connection {self.kind}"


class TokenPair(models.Model):
    """The tokens of a connection made by signing in at Twitter (OAuth 2.0).

    A refresh token is good once: whoever renews holds the lease, and the new pair is stored, under the next version,
    before anybody uses it.
    """

    connection = models.OneToOneField(Connection, on_delete=models.CASCADE, related_name="tokens")
    access_token = EncryptedTextField()
    refresh_token = EncryptedTextField(blank=True, default="")
    scopes = models.CharField(max_length=300)
    obtained_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    version = models.BigIntegerField(default=1)
    lease_until = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"tokens {self.pk}"


class Capability(models.Model):
    """What this connection has been seen to allow. Learnt from real calls, never by blocking somebody to see."""

    class State(models.TextChoices):
        UNKNOWN = "UNKNOWN", "Not known yet"
        YES = "YES", "Allowed"
        NO = "NO", "Not allowed"

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="capabilities")
    name = models.CharField(max_length=30)
    state = models.CharField(max_length=10, choices=State.choices, default=State.UNKNOWN)
    evidence = models.CharField(max_length=300, blank=True)
    checked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["connection", "name"], name="one_capability_per_connection_and_name")]

    def __str__(self) -> str:
        return f"{self.name}: {self.state}"


class Budget(models.Model):
    """Calls and money of one calendar month; a reading that would pass either is refused before it starts."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="budgets")
    month = models.DateField()
    calls_limit = models.IntegerField()
    calls_used = models.IntegerField(default=0)
    # Thousandths of a US dollar, as X prices.
    cost_limit = models.IntegerField()
    cost_used = models.IntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["connection", "month"], name="one_budget_per_connection_and_month")]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"


class TwitterProfile(models.Model):
    """What Twitter showed of someone. The number is the identity; the handle a label that may change hands."""

    class Standing(models.TextChoices):
        ACTIVE = "ACTIVE", "Active"
        SUSPENDED = "SUSPENDED", "Suspended by Twitter"
        GONE = "GONE", "No longer on Twitter"

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="twitter_profiles")
    reference = models.CharField(max_length=12, unique=True, default=new_reference)
    twitter_user_id = models.CharField(max_length=19, null=True, blank=True)  # noqa: DJ001  # unknown is not empty
    # Only while the number is unknown: the account whose pasted list named it.
    school_account = models.ForeignKey(SchoolAccount, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    handle = models.CharField(max_length=15)
    previous_handle = models.CharField(max_length=15, blank=True)
    handle_changed_at = models.DateTimeField(null=True, blank=True)
    display_name = models.CharField(max_length=200, blank=True)
    bio = models.CharField(max_length=500, blank=True)
    account_created_at = models.DateTimeField(null=True, blank=True)
    default_picture = models.BooleanField(null=True)
    followers_count = models.IntegerField(null=True, blank=True)
    following_count = models.IntegerField(null=True, blank=True)
    posts_count = models.IntegerField(null=True, blank=True)
    standing = models.CharField(max_length=10, choices=Standing.choices, default=Standing.ACTIVE)
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["school", "twitter_user_id"],
                condition=Q(twitter_user_id__isnull=False),
                name="one_profile_per_school_and_twitter_user_id",
            ),
            models.UniqueConstraint(
                fields=["school_account", "handle"],
                condition=Q(twitter_user_id=None),
                name="one_profile_per_handle_while_the_number_is_unknown",
            ),
            models.CheckConstraint(
                condition=Q(twitter_user_id__isnull=False) | Q(school_account__isnull=False),
                name="profile_has_a_number_or_the_account_that_named_it",
            ),
        ]
        indexes = [models.Index(fields=["school", "handle"], name="profiles_by_handle")]

    def __str__(self) -> str:
        return f"profile {self.reference}"


class HandleLookup(models.Model):
    """What Twitter answered when we asked who holds a handle, and when. Never changed: it is evidence."""

    class Outcome(models.TextChoices):
        FOUND = "FOUND", "Found"
        NOT_FOUND = "NOT_FOUND", "No such account"
        SUSPENDED = "SUSPENDED", "Suspended"

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="handle_lookups")
    handle = models.CharField(max_length=15)
    asked_at = models.DateTimeField()
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    twitter_user_id = models.CharField(max_length=19, null=True, blank=True)  # noqa: DJ001  # absent is not empty

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome="NOT_FOUND") | Q(outcome="SUSPENDED") | Q(twitter_user_id__isnull=False),
                name="a_found_handle_has_a_number",
            )
        ]
        indexes = [models.Index(fields=["school", "handle", "asked_at"], name="lookups_by_handle")]

    def __str__(self) -> str:
        return f"lookup {self.pk}"


class ListReading(models.Model):
    """One reading of a whole list. Only a complete one may say that somebody is no longer on it."""

    class Kind(models.TextChoices):
        REQUESTS = "REQUESTS", "Follow requests"
        FOLLOWERS = "FOLLOWERS", "Followers"

    class Source(models.TextChoices):
        API = "API", "Read from Twitter"
        PASTED = "PASTED", "Pasted by a person"

    school_account = models.ForeignKey(SchoolAccount, on_delete=models.PROTECT, related_name="readings")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    source = models.CharField(max_length=10, choices=Source.choices)
    by_id_number = models.BigIntegerField(null=True, blank=True)
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    complete = models.BooleanField(default=False)
    why_not_complete = models.CharField(max_length=300, blank=True)
    count = models.IntegerField(default=0)
    next_page = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = [models.Index(fields=["school_account", "kind", "-began_at"], name="readings_by_time")]

    def __str__(self) -> str:
        return f"{self.kind} reading {self.pk}"


class FollowRequest(models.Model):
    """Observed: this profile asks to follow this school account."""

    school_account = models.ForeignKey(SchoolAccount, on_delete=models.PROTECT, related_name="follow_requests")
    profile = models.ForeignKey(TwitterProfile, on_delete=models.PROTECT, related_name="follow_requests")
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["school_account", "profile"], condition=Q(ended_at=None), name="one_open_request_per_account_and_user"
            )
        ]

    def __str__(self) -> str:
        return f"request {self.pk}"


class Follower(models.Model):
    """Observed: this profile follows this school account."""

    school_account = models.ForeignKey(SchoolAccount, on_delete=models.PROTECT, related_name="followers")
    profile = models.ForeignKey(TwitterProfile, on_delete=models.PROTECT, related_name="followings")
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    # A complete reading did not show them; a second one makes it `ended_at` (reliability: two complete readings).
    missing_since = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["school_account", "profile"], condition=Q(ended_at=None), name="one_current_follower_per_account_and_user"
            )
        ]

    def __str__(self) -> str:
        return f"follower {self.pk}"


class Block(models.Model):
    """Observed: this school account blocks this profile. Removing somebody blocks them for a moment; nobody should stay so."""

    school_account = models.ForeignKey(SchoolAccount, on_delete=models.PROTECT, related_name="blocks")
    profile = models.ForeignKey(TwitterProfile, on_delete=models.PROTECT, related_name="blocks")
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["school_account", "profile"], condition=Q(ended_at=None), name="one_current_block_per_account_and_user"
            )
        ]

    def __str__(self) -> str:
        return f"block {self.pk}"


class Sighting(models.Model):
    """One observation of where a profile stands towards a school account. Written when it changes, and for watched users always."""

    class Relation(models.TextChoices):
        REQUESTS = "REQUESTS", "Asks to follow"
        FOLLOWS = "FOLLOWS", "Follows"
        NEITHER = "NEITHER", "Neither asks nor follows"
        SUSPENDED = "SUSPENDED", "Suspended by Twitter"
        GONE = "GONE", "No longer on Twitter"

    class Source(models.TextChoices):
        LOOKUP = "LOOKUP", "Looked up"
        REQUEST_LIST = "REQUEST_LIST", "List of requests"
        FOLLOWER_LIST = "FOLLOWER_LIST", "List of followers"
        PASTED = "PASTED", "Pasted list"

    school_account = models.ForeignKey(SchoolAccount, on_delete=models.PROTECT, related_name="sightings")
    profile = models.ForeignKey(TwitterProfile, on_delete=models.PROTECT, related_name="sightings")
    seen_at = models.DateTimeField()
    source = models.CharField(max_length=15, choices=Source.choices)
    relation = models.CharField(max_length=10, choices=Relation.choices)

    class Meta:
        indexes = [models.Index(fields=["school_account", "profile", "-seen_at"], name="sightings_by_profile")]

    def __str__(self) -> str:
        return f"{self.relation} at {self.seen_at:%Y-%m-%d %H:%M}"


class WatchedUser(models.Model):
    """Somebody a later stage waits for: read them by number until `until`, more often than the lists."""

    school_account = models.ForeignKey(SchoolAccount, on_delete=models.PROTECT, related_name="watched_users")
    profile = models.ForeignKey(TwitterProfile, on_delete=models.PROTECT, related_name="watched")
    why = models.CharField(max_length=40)
    since = models.DateTimeField()
    until = models.DateTimeField()
    read_due_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["school_account", "profile", "why"], name="one_watch_per_account_user_and_reason")]
        indexes = [models.Index(fields=["read_due_at"], name="watches_by_due")]

    def __str__(self) -> str:
        return f"watch {self.why}"
