"""What screens and the clock ask about Twitter. Every query belongs to one school account, or to the clock."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from vetting.intake.models import ClaimReading
from vetting.school.models import Alarm, School, SchoolAccount
from vetting.school.queries import policies
from vetting.twitter import manual, naming
from vetting.twitter.budget import PRACTICE_ALLOWANCE, dollars, month_of
from vetting.twitter.looking import RELATIONS_ALARM
from vetting.twitter.models import Budget, Capability, Connection, HandleLookup, ListReading, TwitterProfile, WatchedUser
from vetting.twitter.ourselves import ACCOUNT_PUBLIC, is_public_on_purpose
from vetting.twitter.reaching import BUDGET, CANNOT_REACH, FAILURES_UNTIL_ALARM
from vetting.twitter.reading import ONLY_KNOWN


@dataclass(frozen=True)
class ConnectionHealth:
    """How a connection stands, for a banner and the settings page. `tone` is "good", "wait", "bad" or "by-hand".

    Further sentences, each true at the moment: `warnings` need somebody, `notes` are for knowing. Money is in words: "$4.12".
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
    warnings: tuple[str, ...] = ()
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
        warnings=_warnings(connection),
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


def _warnings(connection: Connection) -> tuple[str, ...]:
    account = connection.school_account
    ours = Q(kind=BUDGET, subject=str(connection.pk)) | Q(kind__in=[ACCOUNT_PUBLIC, RELATIONS_ALARM], subject=str(account.pk))
    alarms = Alarm.objects.filter(ours, school=account.school, cleared_at=None).order_by("raised_at", "pk")
    said = [alarm.sentence for alarm in alarms if alarm.sentence != connection.last_error]
    if why := _followers_not_whole(account):
        said.append(f"The last reading of the followers was not whole. Nobody is taken for gone. {why}")
    return tuple(said)


def _notes(connection: Connection, incoming_refused: bool) -> tuple[str, ...]:
    if public := public_in_words(connection.school_account):
        return (public,)
    return (ONLY_KNOWN,) if connection.kind != Connection.Kind.BY_HAND and incoming_refused else ()


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


def notes_about(profile: TwitterProfile, *, since: datetime) -> list[str]:
    """What happened to an account and its name: whether it is there at all, and how it was called after `since`."""
    zone = ZoneInfo(profile.school.time_zone)
    away = {TwitterProfile.Standing.SUSPENDED: naming.suspended, TwitterProfile.Standing.GONE: naming.gone}
    said = [words(profile.handle) for standing, words in away.items() if profile.standing == standing]
    if profile.handle_changed_at is not None and profile.handle_changed_at > since:
        said.append(naming.renamed(profile.previous_handle, profile.handle_changed_at.astimezone(zone).date()))
    names = [name for name in (profile.handle, profile.previous_handle) if name]
    taken = names_of_others([profile], names)
    return said + [naming.name_is_anothers(name) for name in names if (profile.pk, name) in taken]


def names_of_others(profiles: Sequence[TwitterProfile], names: Iterable[str]) -> set[tuple[int, str]]:
    """Which of these profiles have, or had, a name under which Twitter showed another number since."""
    if not profiles:
        return set()
    holders = TwitterProfile.objects.filter(
        school_id=profiles[0].school_id, handle__in=set(names), twitter_user_id__isnull=False, standing=TwitterProfile.Standing.ACTIVE
    )
    by_name: dict[str, list[TwitterProfile]] = {}
    for holder in holders:
        by_name.setdefault(holder.handle, []).append(holder)
    return {(one.pk, name) for one in profiles for name in (one.handle, one.previous_handle) if _is_anothers(one, by_name.get(name, []))}


def _is_anothers(profile: TwitterProfile, holders: Sequence[TwitterProfile]) -> bool:
    """Two may have been seen under one name; it belongs to the one seen last."""
    others = [one for one in holders if one.pk != profile.pk]
    own = [one for one in holders if one.pk == profile.pk]
    return bool(others) and (not own or max(one.last_seen_at for one in others) > own[0].last_seen_at)


def notes_on_names(school: School, names: Iterable[str], *, since: datetime) -> dict[str, str]:
    """What Twitter said of names in a message that came then; a name that still means one and the same account is left out."""
    zone = ZoneInfo(school.time_zone)
    answers: dict[str, list[HandleLookup]] = {}
    for look in HandleLookup.objects.filter(school=school, handle__in=set(names)).order_by("asked_at", "pk"):
        answers.setdefault(look.handle, []).append(look)
    numbers = [look.twitter_user_id for looks in answers.values() for look in looks if look.twitter_user_id]
    rows = {row.twitter_user_id: row for row in TwitterProfile.objects.filter(school=school, twitter_user_id__in=numbers)}
    said = {name: _said_of(name, looks, rows, zone, since) for name, looks in answers.items()}
    return {name: sentence for name, sentence in said.items() if sentence}


def _said_of(name: str, looks: Sequence[HandleLookup], rows: Mapping[str | None, TwitterProfile], zone: ZoneInfo, since: datetime) -> str:
    last, held = looks[-1], [look.twitter_user_id for look in looks if look.twitter_user_id and look.asked_at >= since]
    on = last.asked_at.astimezone(zone).date()
    first = rows.get(held[0]) if held else None
    if len(set(held)) > 1:
        return naming.name_is_anothers(name)
    if first is not None and first.handle != name:
        return naming.holder_is_called(name, first.handle)
    if first is not None and first.standing != TwitterProfile.Standing.ACTIVE:
        return naming.suspended(name) if first.standing == TwitterProfile.Standing.SUSPENDED else naming.gone(name)
    if last.outcome == HandleLookup.Outcome.SUSPENDED:
        return naming.was_suspended(name, on)
    return naming.nobody_had(name, on) if last.outcome == HandleLookup.Outcome.NOT_FOUND else ""


def next_check_at(connection: Connection) -> datetime | None:
    """When the follow requests are read next; None when nobody will ask."""
    if connection.kind == Connection.Kind.BY_HAND or connection.broken_because or connection.requests_due_at is None:
        return None
    return max(filter(None, (connection.requests_due_at, connection.not_before)))


def _ready(at: datetime) -> QuerySet[Connection]:
    rested = Q(not_before=None) | Q(not_before__lte=at)
    free = Q(lease_until=None) | Q(lease_until__lte=at)
    may = Connection.objects.exclude(kind=Connection.Kind.BY_HAND).filter(rested, free, broken_because="")
    # Whoever was served longest ago goes first, so that no school of many waits for ever.
    return may.select_related("school_account__school").order_by(F("last_ok_at").asc(nulls_first=True), "pk")


def requests_due(at: datetime) -> list[Connection]:
    """Not where a first reading of the followers is due as well: it begins by asking whose keys these are, which is asked once."""
    unasked = Q(school_account__twitter_user_id=None) | Q(last_ok_at=None)
    return list(_ready(at).filter(requests_due_at__lte=at).exclude(unasked, followers_due_at__lte=at).order_by("requests_due_at", "pk"))


def followers_due(at: datetime) -> list[Connection]:
    return list(_ready(at).filter(followers_due_at__lte=at).order_by("followers_due_at", "pk"))


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
