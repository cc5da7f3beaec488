"""The doctor's checks: each looks at one thing and answers with a sentence that says what to do."""

import os
import shutil
import stat
import zoneinfo
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connection
from django.utils.timesince import timesince

from vetting import env, heartbeat
from vetting.health import unapplied_migrations
from vetting.intake.operations import FAILURES_UNTIL_ALARM
from vetting.intake.watching import health_of, watched_sources
from vetting.school.models import School
from vetting.twitter.models import Connection
from vetting.twitter.queries import connection_health

LEAST_FREE_BYTES = 500 * 1024 * 1024
LATE_TWITTER = timedelta(hours=6)


@dataclass(frozen=True)
class Finding:
    """One thing looked at: whether it is well, and the sentence an operator reads."""

    well: bool
    sentence: str


def examine(names: Iterable[str], *, at: datetime) -> list[Finding]:
    """Run the named checks in order. Where the database is away, what needs it says so once each instead of failing."""
    findings: list[Finding] = []
    for name in names:
        try:
            findings += CHECKS[name](at)
        except DatabaseError:
            findings.append(
                Finding(False, f"{name.capitalize()}: cannot be examined while the database does not answer or lacks its tables.")
            )
    return findings


def _database(at: datetime) -> Iterator[Finding]:
    where = "PostgreSQL" if connection.vendor == "postgresql" else f"the file {connection.settings_dict['NAME']}"
    try:
        steps = unapplied_migrations()
    except DatabaseError:
        hint = "Is the server running, and are DATABASE_URL and its password right?"
        yield Finding(False, f"Database: {where} does not answer. {hint}")
        return
    if steps:
        yield Finding(False, f"Database: {where} is {steps} steps behind. Run: python3 manage.py migrate")
    else:
        yield Finding(True, f"Database: {where} answers and is up to date.")


def _clock(at: datetime) -> Iterator[Finding]:
    tick = heartbeat.last_tick()
    if tick is None:
        yield Finding(False, "Clock: it never ticked. Start `python3 manage.py up` (or the worker and beat containers).")
    elif at - tick > heartbeat.STOPPED_AFTER:
        yield Finding(
            False, f"Clock: it stands since {timesince(tick, at)}. Start `python3 manage.py up` (or the worker and beat containers)."
        )
    else:
        yield Finding(True, f"Clock: ticked {max(int((at - tick).total_seconds()), 0)} s ago.")


def _redis(at: datetime) -> Iterator[Finding]:
    if not settings.REDIS_URL:
        yield Finding(True, "Redis: not used; one process passes the ticks on by itself.")
        return
    import redis

    try:
        redis.Redis.from_url(settings.REDIS_URL, socket_timeout=3, socket_connect_timeout=3).ping()
    except (redis.RedisError, OSError) as error:
        yield Finding(
            False, f"Redis: does not answer ({type(error).__name__}). Is it running, and is REDIS_URL right? No decision is lost meanwhile."
        )
    else:
        yield Finding(True, "Redis: answers.")


def _secrets(at: datetime) -> Iterator[Finding]:
    for name in ("SECRET_KEY", "ENCRYPTION_KEYS"):
        if env.text(name):
            yield Finding(True, f"Secrets: {name} comes from the environment.")
            continue
        given = env.text(f"{name}_FILE")
        path = Path(given) if given else settings.DATA_DIR / "secrets" / name.lower()
        yield _secret_file(name, path, ours=not given)


def _secret_file(name: str, path: Path, *, ours: bool) -> Finding:
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
    except OSError as error:
        return Finding(
            False, f"Secrets: {path} cannot be read ({error.strerror}). Without {name} nobody can sign in; restore it from the backup."
        )
    # What a container's host hands in (NAME_FILE) keeps the host's mode; only files of our own must be ours alone.
    if ours and os.name == "posix" and mode & 0o077:
        return Finding(False, f"Secrets: {path} may be read by others. Run: chmod 600 {path}")
    return Finding(True, f"Secrets: {name} is kept in {path}.")


def _disk(at: datetime) -> Iterator[Finding]:
    free = shutil.disk_usage(settings.DATA_DIR).free
    said = f"{free / 1024**3:.1f} GB free where data is kept ({settings.DATA_DIR})"
    yield Finding(
        free >= LEAST_FREE_BYTES,
        f"Disk: {said}." if free >= LEAST_FREE_BYTES else f"Disk: only {said}. Make room: a full disk stops new mail.",
    )


def _mail(at: datetime) -> Iterator[Finding]:
    sources = watched_sources()
    for source in sources:
        name = f"Mail: {source.name} ({source.school.slug})"
        health = health_of(source, at=at)
        counts = "" if source.messages_on_server is None else f" On the server {source.messages_on_server}, recorded {health.recorded}."
        since = f"last read {timesince(source.last_ok_at, at)} ago" if source.last_ok_at else "never read"
        if health.silent:
            yield Finding(False, f"{name}: {since}. {source.last_error or 'Is the clock running?'} Try Test under Settings, Mailbox.")
        elif source.failures >= FAILURES_UNTIL_ALARM:
            yield Finding(False, f"{name}: {since}, and not since. {source.last_error} It is tried again by itself.")
        elif source.last_ok_at:
            yield Finding(True, f"{name} was read {timesince(source.last_ok_at, at)} ago.{counts}")
        else:
            yield Finding(True, f"{name} was connected just now and is read soon.")
    if not sources:
        yield Finding(True, "Mail: no mailbox is connected; claims are entered by hand.")


def _twitter(at: datetime) -> Iterator[Finding]:
    connections = Connection.objects.exclude(kind=Connection.Kind.BY_HAND).select_related("school_account__school").order_by("pk")
    for link in connections:
        name = f"Twitter: @{link.school_account.handle} ({link.school_account.school.slug})"
        health = connection_health(link, at=at)
        if link.broken_because:
            yield Finding(False, f"{name}: {link.broken_because} When that is put right, press Check now under Settings, Twitter.")
        elif link.last_ok_at is None or at - link.last_ok_at > LATE_TWITTER:
            said = f" {health.sentence}" if link.last_error else ""
            yield Finding(False, f"{name}: no answer for more than {timesince(at - LATE_TWITTER, at)}.{said}")
        elif health.tone == "bad":
            yield Finding(False, f"{name}: {health.sentence}")
        else:
            spent = (
                f"{health.money_used} of {health.money_limit} and {health.calls_used:,} of {health.calls_limit:,} calls used this month."
            )
            yield Finding(True, f"{name} answered {timesince(link.last_ok_at, at)} ago. {spent}")
        for warning in health.warnings:
            yield Finding(False, f"{name}: {warning}")
        for note in health.notes:
            yield Finding(True, f"{name}: {note}")
    if not connections:
        yield Finding(True, "Twitter: no account is connected; lists are pasted by hand.")


def _time(at: datetime) -> Iterator[Finding]:
    zones = {settings.TIME_ZONE, *School.objects.values_list("time_zone", flat=True)}
    unknown = sorted(zones - zoneinfo.available_timezones())
    if unknown:
        yield Finding(False, f"Time: this computer does not know the time zone {', '.join(unknown)}. Install the package tzdata.")
    tick = heartbeat.last_tick()
    if tick is not None and tick - at > timedelta(seconds=30):
        yield Finding(False, "Time: the last tick lies in the future, so this computer's clock went back. Switch on time synchronisation.")
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT clock_timestamp()")
            apart = abs(cursor.fetchone()[0] - datetime.now(UTC))
        if apart > timedelta(seconds=30):
            yield Finding(
                False, f"Time: the database server's clock differs by {apart.total_seconds():.0f} s. Switch on time synchronisation."
            )
            return
    if not unknown:
        yield Finding(True, f"Time: {at.astimezone(zoneinfo.ZoneInfo(settings.TIME_ZONE)):%d %B %Y, %H:%M} in {settings.TIME_ZONE}.")


def _static(at: datetime) -> Iterator[Finding]:
    if (Path(settings.STATIC_ROOT) / "staticfiles.json").is_file():
        yield Finding(True, "Static files: collected.")
    else:
        yield Finding(False, "Static files: not collected, pages will lack their style. Run: python3 manage.py collectstatic --noinput")


CHECKS: dict[str, Callable[[datetime], Iterator[Finding]]] = {
    "database": _database,
    "clock": _clock,
    "redis": _redis,
    "secrets": _secrets,
    "disk": _disk,
    "mail": _mail,
    "twitter": _twitter,
    "time": _time,
    "static": _static,
}
