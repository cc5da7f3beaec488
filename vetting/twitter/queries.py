"""What screens and the clock ask about Twitter. Every query belongs to one school account, or to the clock."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Q, QuerySet

from vetting.intake.models import ClaimReading
from vetting.school.models import Alarm, SchoolAccount
from vetting.school.queries import policies
from vetting.twitter import manual
from vetting.twitter.budget import PRACTICE_ALLOWANCE, dollars, month_of
from vetting.twitter.looking import RELATIONS_ALARM
from vetting.twitter.models import Budget, Capability, Connection, ListReading, WatchedUser
from vetting.twitter.ourselves import ACCOUNT_PUBLIC, is_public_on_purpose
from vetting.twitter.reaching import BUDGET, CANNOT_REACH, FAILURES_UNTIL_ALARM
from vetting.twitter.reading import ONLY_KNOWN


@dataclass(frozen=True)
class ConnectionHealth:
    """How a connection stands, for a banner and the settings page. `tone` is "good", "wait", "bad" or "by-hand".

    `notes` are further sentences, each true at the moment: what is missing, refused or watched. Money is in words: "$4.12".
    """

    tone: str
    sentence: str
    last_ok_at: datetime | None
    next_check_at: datetime | None
    sees_everybody: bool
    requests_page: str
    calls_used: int
    calls_limit: int
    money_used: str = ""
    money_limit: str = ""
    money_left: str = ""
    notes: tuple[str, ...] = ()


def connection_health(connection: Connection, *, at: datetime) -> ConnectionHealth:
    """`sees_everybody` is False where Twitter does not list who asks: people nobody told us of cannot be seen."""
    is_read = connection.kind != Connection.Kind.BY_HAND
    refused = Capability.objects.filter(connection=connection, name="incoming", state=Capability.State.NO).exists()
    tone, sentence = _state_in_words(connection, at)
    calls_used, calls_limit, cost_used, cost_limit = _this_month(connection, at)
    return ConnectionHealth(
        tone=tone,
        sentence=sentence,
        last_ok_at=connection.last_ok_at,
        next_check_at=next_check_at(connection),
        sees_everybody=is_read and not refused,
        requests_page=manual.requests_page(connection.pages_url),
        calls_used=calls_used,
        calls_limit=calls_limit if is_read else 0,
        money_used=dollars(cost_used) if is_read else "",
        money_limit=dollars(cost_limit) if is_read else "",
        money_left=dollars(max(cost_limit - cost_used, 0)) if is_read else "",
        notes=_notes(connection, refused),
    )


def _this_month(connection: Connection, at: datetime) -> tuple[int, int, int, int]:
    """Calls used and allowed, and thousandths of a dollar spent and allowed, by the rules as they are now."""
    rules = policies(connection.school_account.school)
    allowance = PRACTICE_ALLOWANCE if connection.kind == Connection.Kind.SANDBOX else 1
    spent = Budget.objects.filter(connection=connection, month=month_of(at)).first()
    used = (spent.calls_used, spent.cost_used) if spent else (0, 0)
    return used[0], rules["calls_per_month"] * allowance, used[1], rules["cost_per_month"] * 1000


def _state_in_words(connection: Connection, at: datetime) -> tuple[str, str]:
    if connection.kind == Connection.Kind.BY_HAND:
        return "by-hand", "Twitter is read by hand: paste its lists."
    if connection.broken_because:
        return "bad", connection.broken_because
    if connection.failures >= FAILURES_UNTIL_ALARM:
        return "bad", _with_next_try(connection, f"{CANNOT_REACH} {connection.last_error}", at)
    if connection.last_error:
        return "wait", _with_next_try(connection, connection.last_error, at)
    if connection.last_ok_at is None:
        return "wait", "Twitter has not been read yet."
    return "good", "Twitter answers."


def _with_next_try(connection: Connection, sentence: str, at: datetime) -> str:
    if connection.not_before is None or connection.not_before <= at:
        return sentence
    there = connection.not_before.astimezone(ZoneInfo(connection.school_account.school.time_zone))
    return f"{sentence} It is tried again at {there:%H:%M}."


def _notes(connection: Connection, incoming_refused: bool) -> tuple[str, ...]:
    account = connection.school_account
    about = (str(connection.pk), str(account.pk), "")
    kinds = (BUDGET, RELATIONS_ALARM, ACCOUNT_PUBLIC)
    alarms = Alarm.objects.filter(school=account.school, kind__in=kinds, subject__in=about, cleared_at=None).order_by("raised_at", "pk")
    said = [alarm.sentence for alarm in alarms if alarm.sentence != connection.last_error]
    if connection.kind != Connection.Kind.BY_HAND and incoming_refused and not is_public_on_purpose(account):
        said.append(ONLY_KNOWN)
    if why := _followers_not_whole(account):
        said.append(f"The last reading of the followers was not whole: {why} Nobody is taken for gone.")
    if public := public_in_words(account):
        said.append(public)
    return tuple(said)


def _followers_not_whole(account: SchoolAccount) -> str:
    readings = ListReading.objects.filter(school_account=account, kind=ListReading.Kind.FOLLOWERS, source=ListReading.Source.API)
    last = readings.order_by("-began_at", "-pk").first()
    return last.why_not_complete if last is not None and not last.complete else ""


def public_in_words(account: SchoolAccount) -> str:
    """One calm line where the account is public on purpose; empty otherwise."""
    if not is_public_on_purpose(account):
        return ""
    if account.protected:
        return (
            f"The school's rule says that @{account.handle} is public, but Twitter shows it as protected. "
            "Nobody is approved until the rule is changed."
        )
    return f"@{account.handle} is public on purpose: nobody is approved, and its followers are watched."


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
