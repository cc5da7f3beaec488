"""What must be so before the register can start: tables, static files, a school. Each step is quick when nothing is to do."""

import hashlib
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.db import connection

from vetting.health import unapplied_migrations
from vetting.school.models import Role, School
from vetting.school.operations import create_school, invite


def prepare_tables(say: Callable[[str], None]) -> None:
    """Bring the database up to this version of the product."""
    steps = unapplied_migrations()
    if steps:
        say(f"Preparing the database ({steps} steps) …")
        call_command("migrate", interactive=False, verbosity=0)


def prepare_static_files(say: Callable[[str], None]) -> None:
    """Collect stylesheets, scripts and fonts for the web server; only when one of them changed."""
    stamp = Path(settings.STATIC_ROOT) / "collected.txt"
    wanted = _fingerprint()
    if stamp.is_file() and stamp.read_text("utf-8") == wanted:
        return
    say("Preparing stylesheets and scripts …")
    call_command("collectstatic", interactive=False, verbosity=0)
    stamp.write_text(wanted, "utf-8")


def _fingerprint() -> str:
    digest = hashlib.sha256()
    for finder in get_finders():
        for name, storage in finder.list([]):
            status = Path(storage.path(name)).stat()
            digest.update(f"{name} {status.st_size} {status.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def holds_a_real_school() -> bool:
    """Whether somebody's own data is in this database: the demo must keep away from it. Asked before anything is migrated."""
    if School._meta.db_table not in connection.introspection.table_names():
        return False
    return School.objects.filter(is_demo=False).exists()


def prepare_demo(say: Callable[[str], None], *, at: datetime) -> None:
    """Load the invented school on the first start; later only tell it where its practice Twitter listens."""
    from vetting.demo.operations import load_demo, refresh_demo

    if School.objects.filter(is_demo=True, set_up_at__isnull=False).exists():
        refresh_demo(at=at)
    else:
        say("Making the demo school …")
        load_demo(at=at, progress=say)


def prepare_school(*, at: datetime) -> School | None:
    """The school that still waits to be set up: made here on the first start, None once its set-up is finished."""
    if not School.objects.exists():
        create_school(slug="school", name="Our school", at=at)
    return School.objects.filter(is_demo=False, set_up_at=None).order_by("pk").first()


def set_up_link(school: School, *, base_url: str, at: datetime) -> str:
    """A fresh one-time link whose reader becomes the school's first person, with every role."""
    token = invite(school=school, roles=list(Role), by=None, at=at, sets_up=True)
    return f"{base_url.rstrip('/')}/set-up/{token}"


def base_url(host: str = "127.0.0.1", port: int = 8000) -> str:
    """Where people reach this installation: SITE_HOST, else the address the web server listens on."""
    if settings.SITE_HOST:
        return f"{'https' if settings.BEHIND_HTTPS else 'http'}://{settings.SITE_HOST}"
    return f"http://{'127.0.0.1' if host in ('0.0.0.0', '::') else host}:{port}"  # noqa: S104  # compared, not listened on
