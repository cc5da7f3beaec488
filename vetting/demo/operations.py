"""Loading the demo school, and finding its practice Twitter again on later starts. Used by `up` alone."""

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connection as database
from django.db import transaction

from vetting.audit.events import Event
from vetting.audit.operations import record
from vetting.demo import places
from vetting.demo.people import People, make_people
from vetting.demo.place import SCHOOL_HANDLE
from vetting.demo.playing import Play
from vetting.demo.roster_files import LOGIN_PAGE, list_with_joiners
from vetting.demo.scenes import make_scenes
from vetting.demo.setting_up import Stage, connect_to_sandbox, set_up
from vetting.school.models import School, SchoolAccount
from vetting.twitter.models import Connection
from vetting.twitter.sandbox import World, keys, serve
from vetting.values import Refused

# The school began this long ago: a week before its first families were let in.
BEGAN = timedelta(days=160)


class NotTheDemo(Refused):
    """Invented people are loaded into the demo's own database and nowhere else."""


def load_demo(*, at: datetime, progress: Callable[[str], None] = lambda sentence: None) -> School:
    """Make Hazelbrook Primary School, its e-mails and its practice Twitter, ending at the moment `at`.

    The school counts as made only when everything is: a start that broke off half-way is swept away by the next one,
    database and files, and made anew. A whole one is given back as it is.

    Raises NotTheDemo outside the demo, or where the database holds a school of somebody's own.
    """
    _check_is_demo()
    made = School.objects.filter(is_demo=True).first()
    if made is not None and made.set_up_at is not None:
        return made
    if made is not None:
        progress("The last start broke off while loading. Beginning again …")
        _sweep_database()
    _sweep_files()
    return _make(at, progress)


def refresh_demo(*, at: datetime) -> None:
    """On every later start: the practice Twitter may listen on another port than last time."""
    point_at_sandbox(places.sandbox_port(), at=at)


def point_at_sandbox(port: int, *, at: datetime) -> None:
    """Connect the demo to the practice Twitter on `port` of this computer. Nothing happens when it is connected there already."""
    url, wanted = f"http://127.0.0.1:{port}", keys(places.sandbox_secret())
    for account in SchoolAccount.objects.filter(school__is_demo=True).select_related("school"):
        now = Connection.objects.filter(school_account=account).first()
        if now is None or (now.base_url, now.access_secret) != (url, wanted.access_secret):
            connect_to_sandbox(account=account, url=url, keys=wanted, by=None, at=at)


def _make(at: datetime, progress: Callable[[str], None]) -> School:
    at = at.replace(microsecond=0)
    people = make_people()
    scenes = make_scenes(people, now=at)
    progress("The school, its families and its colleagues …")
    began = at - BEGAN
    stage = set_up(people=people, at=began)
    world = World(seed=1, state_file=places.world_file(), handle=SCHOOL_HANDLE.value, name=scenes.school.display_name)
    secret = places.sandbox_secret()
    sandbox = serve(world, secret=secret)
    try:
        connection = connect_to_sandbox(account=stage.account, url=sandbox.url, keys=keys(secret), by=stage.admin, at=began)
        with _few_collections():
            Play(stage, people, scenes, world, connection, at, progress).perform()
    finally:
        sandbox.close()
    point_at_sandbox(places.sandbox_port(), at=at)
    _write_files_to_try(people, places.files_to_try())
    _mark_as_whole(stage, at)
    return stage.school


@contextmanager
def _few_collections() -> Iterator[None]:
    """Thousands of rows are made and dropped; looking for cycles among them costs a twelfth of the time and finds nothing."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


@transaction.atomic
def _mark_as_whole(stage: Stage, at: datetime) -> None:
    """The last act: from now on no start loads anything."""
    stage.school.refresh_from_db()
    stage.school.set_up_at = at
    stage.school.save(update_fields=["set_up_at"])
    record(school_id=stage.school.pk, event=Event.SCHOOL_SET_UP, by=stage.admin, at=at, subject=stage.school)


def _write_files_to_try(people: People, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "parents-good.csv").write_bytes(list_with_joiners(people))
    (folder / "parents-broken.csv").write_text(LOGIN_PAGE, "utf-8")


def _check_is_demo() -> None:
    if not settings.DEMO:
        raise NotTheDemo("The invented school is loaded only in the demo.")
    if School.objects.filter(is_demo=False).exists():
        raise NotTheDemo("This database holds a school of somebody's own. The demo is not loaded into it.")


def _sweep_database() -> None:
    """An empty database again. Deleting rows would not do: the audit chain forbids it, rightly."""
    path = Path(str(database.settings_dict["NAME"]))
    if database.vendor != "sqlite" or not path.is_file():
        raise NotTheDemo("The demo was loaded only half. Make its database anew and start again.")
    database.close()
    for file in (path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")):
        file.unlink(missing_ok=True)
    call_command("migrate", interactive=False, verbosity=0)


def _sweep_files() -> None:
    places.world_file().unlink(missing_ok=True)
    for letter in places.mailbox_folder().glob("*.eml"):
        letter.unlink()
