"""Two questions machines ask: is this process alive, and can it do its work?"""

from django.core.cache import cache
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone

from vetting import heartbeat


def healthz(request: HttpRequest) -> HttpResponse:
    """Alive. Asks nobody else, so that a slow database never makes somebody kill a healthy web server."""
    return HttpResponse("ok\n", content_type="text/plain")


def readyz(request: HttpRequest) -> JsonResponse:
    """Ready to serve: the database answers and has its tables, the cache answers. The clock is reported, not judged."""
    parts = {"database": _database(), "cache": _cache()}
    ready = all(state == "ok" for state in parts.values())
    if parts["database"] == "ok":
        parts["clock"] = _clock()
    return JsonResponse({"ready": ready, **parts}, status=200 if ready else 503)


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


def _clock() -> str:
    tick = heartbeat.last_tick()
    if tick is None:
        return "never ticked"
    return "ticking" if timezone.now() - tick < heartbeat.STOPPED_AFTER else "stopped"
