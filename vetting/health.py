"""Three questions machines ask: is this process alive, can it do its work, and is the schools' mail being read?"""

from django.core.cache import cache
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone

from vetting import heartbeat
from vetting.intake.watching import is_silent, watched_sources


def healthz(request: HttpRequest) -> HttpResponse:
    """Alive. Asks nobody else, so that a slow database never makes somebody kill a healthy web server."""
    return HttpResponse("ok\n", content_type="text/plain")


def readyz(request: HttpRequest) -> JsonResponse:
    """Ready to serve: the database answers and has its tables, the cache answers. The clock and the mail are reported, not judged.

    A web server serves as well while a mailbox is silent, so nobody should take it out of the row for that; see `healthz_mail`.
    """
    parts = {"database": _database(), "cache": _cache()}
    ready = all(state == "ok" for state in parts.values())
    if parts["database"] == "ok":
        parts["clock"] = _clock()
        parts["mail"] = _mail()
    return JsonResponse({"ready": ready, **parts}, status=200 if ready else 503)


def healthz_mail(request: HttpRequest) -> JsonResponse:
    """For a monitor that calls somebody: 503 while a mailbox that ought to be read is silent. Says neither which nor whose.

    It looks at the last good readings themselves, so it also tells when the clock stands and no alarm can be raised.
    """
    mail = _mail() if _database() == "ok" else "unknown"
    return JsonResponse({"mail": mail}, status=200 if mail in ("ok", "none") else 503)


def unapplied_migrations() -> int:
    """How many steps the database's tables are behind the code. Raises DatabaseError when it cannot be asked."""
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _database() -> str:
    try:
        return "not migrated" if unapplied_migrations() else "ok"
    except DatabaseError:
        return "unreachable"


def _cache() -> str:
    try:
        cache.get("readyz")
    except Exception:  # noqa: BLE001  # whatever the cache's own library raises; without Redis it is not imported
        return "unreachable"
    return "ok"


def _mail() -> str:
    at = timezone.now()
    sources = watched_sources()
    if any(is_silent(source, at=at) for source in sources):
        return "silent"
    return "ok" if sources else "none"


def _clock() -> str:
    tick = heartbeat.last_tick()
    if tick is None:
        return "never ticked"
    return "ticking" if timezone.now() - tick < heartbeat.STOPPED_AFTER else "stopped"
