"""What screens and the clock ask about Twitter. Every query belongs to one school account, or to the clock."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from vetting.intake.models import ClaimReading
from vetting.twitter import manual
from vetting.twitter.models import Budget, Capability, Connection, WatchedUser


@dataclass(frozen=True)
class ConnectionHealth:
    """How a connection stands, for a banner and the settings page. `tone` is "good", "wait", "bad" or "by-hand"."""

    tone: str
    sentence: str
    last_ok_at: datetime | None
    next_check_at: datetime | None
    sees_everybody: bool
    requests_page: str
    calls_used: int
    calls_limit: int


def connection_health(connection: Connection, *, at: datetime) -> ConnectionHealth:
    """`sees_everybody` is False where Twitter does not list who asks: people nobody told us of cannot be seen."""
    refused = Capability.objects.filter(connection=connection, name="incoming", state=Capability.State.NO).exists()
    tone, sentence = _state_in_words(connection, at)
    budget = Budget.objects.filter(connection=connection, month=at.date().replace(day=1)).first()
    return ConnectionHealth(
        tone=tone,
        sentence=sentence,
        last_ok_at=connection.last_ok_at,
        next_check_at=next_check_at(connection),
        sees_everybody=connection.kind != Connection.Kind.BY_HAND and not refused,
        requests_page=manual.requests_page(connection.pages_url),
        calls_used=budget.calls_used if budget else 0,
        calls_limit=budget.calls_limit if budget else 0,
    )


def _state_in_words(connection: Connection, at: datetime) -> tuple[str, str]:
    if connection.kind == Connection.Kind.BY_HAND:
        return "by-hand", "Twitter is read by hand: paste its lists."
    if connection.broken_because:
        return "bad", connection.broken_because
    if connection.last_error:
        return "wait", connection.last_error
    if connection.last_ok_at is None:
        return "wait", "Twitter has not been read yet."
    return "good", "Twitter answers."


def next_check_at(connection: Connection) -> datetime | None:
    """When the follow requests are read next; None when nobody will ask."""
    if connection.kind == Connection.Kind.BY_HAND or connection.broken_because or connection.requests_due_at is None:
        return None
    return max(filter(None, (connection.requests_due_at, connection.not_before)))


def _ready(at: datetime) -> QuerySet[Connection]:
    rested = Q(not_before=None) | Q(not_before__lte=at)
    free = Q(lease_until=None) | Q(lease_until__lte=at)
    may = Connection.objects.exclude(kind=Connection.Kind.BY_HAND).filter(rested, free, broken_because="")
    return may.select_related("school_account__school").order_by("pk")


def requests_due(at: datetime) -> list[Connection]:
    return list(_ready(at).filter(requests_due_at__lte=at))


def followers_due(at: datetime) -> list[Connection]:
    return list(_ready(at).filter(followers_due_at__lte=at))


def lookups_due(at: datetime) -> list[Connection]:
    """Connections of schools with a written name nobody has looked up."""
    due = Q(look_up_not_before=None) | Q(look_up_not_before__lte=at)
    waiting = ClaimReading.objects.filter(
        due, claim__school_id=OuterRef("school_account__school_id"), claim__withdrawn_at=None, handle__isnull=False, looked_up_at=None
    ).exclude(use=ClaimReading.Use.NOT_THIS)
    return list(_ready(at).filter(Exists(waiting)))


def watches_due(at: datetime) -> list[Connection]:
    due = WatchedUser.objects.filter(school_account_id=OuterRef("school_account_id"), read_due_at__lte=at, until__gt=at)
    return list(_ready(at).filter(Exists(due)))
