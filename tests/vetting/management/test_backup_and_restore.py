"""manage.py backup and restore: everything comes back, proves that it is whole, and carries out nothing of yesterday's by itself."""

import json
import stat
import zipfile
from collections.abc import Callable
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from tests import given
from tests.at_the_screen import at_the_register
from tests.given_backup import everything, everything_is_lost
from tests.given_letters import dana, told_by_phone
from tests.given_removals import (
    DUE,
    a_decided_removal,
    followers_are_read,
    fresh,
    sent,
    the_clock_runs_until_it_is_done,
    where_removal_is_allowed,
)
from tests.given_twitter import AtTwitter
from tests.sandbox import Sandbox
from vetting.audit.events import Event
from vetting.audit.models import AuditEvent
from vetting.audit.operations import record
from vetting.audit.queries import check_chain
from vetting.correspondence.models import OutgoingMail
from vetting.correspondence.operations import ask_to_confirm, send_due
from vetting.decisions.models import Decision, QueueItem
from vetting.decisions.operations import decide, tick_done
from vetting.decisions.policies import NotNow
from vetting.decisions.setting_aside import put_on_hold
from vetting.decisions.states import State
from vetting.execution.operations import lift_owed_blocks
from vetting.execution.resuming import NotYet, how_it_stands, resume
from vetting.management.backing_up import MANIFEST, member_of, write_backup
from vetting.management.restoring import NotRestored, restore_backup
from vetting.school.models import School
from vetting.school.observing import is_observing
from vetting.twitter.models import Follower

pytestmark = pytest.mark.django_db
EVENING, MORNING = DUE + timedelta(hours=8), DUE + timedelta(hours=24)


@pytest.fixture
def there(sandbox: Sandbox, settings: object) -> AtTwitter:
    """Monday, late: Dana's removal was decided a moment ago and not carried out yet, and a letter waits to be sent."""
    settings.PUBLIC_URL = "https://register.example"
    there = where_removal_is_allowed(sandbox)
    a_decided_removal(there)
    claim = told_by_phone(there.school, there.okafor)
    ask_to_confirm(claim=claim, person=dana(there.school, there.okafor, "dana@example.net"), by=there.okafor, at=given.MONDAY)
    return there


@pytest.fixture
def saved(there: AtTwitter, tmp_path: Path) -> Path:
    path = tmp_path / "monday.zip"
    write_backup(path, at=DUE)
    return path


def restored(path: Path, at: datetime = MORNING) -> None:
    everything_is_lost()
    restore_backup(path, at=at)


def test_every_row_of_every_table_comes_back_as_it_was_stored(there: AtTwitter, saved: Path) -> None:
    before = everything()
    restored(saved)
    after = everything()
    apart = {"vetting.School", "vetting.AuditEvent", "vetting.AuditText", "vetting.AuditHead"}
    assert {label: rows for label, rows in after.items() if label not in apart} == {k: v for k, v in before.items() if k not in apart}
    # What is new is that the school was restored, at the end of its record.
    assert after["vetting.AuditEvent"][:-1] == before["vetting.AuditEvent"]
    assert AuditEvent.objects.latest("sequence").event == Event.RESTORED
    assert check_chain(school_id=there.school.pk).whole


def test_nothing_is_readable_in_the_file_that_is_encrypted_in_the_register(there: AtTwitter, saved: Path) -> None:
    with zipfile.ZipFile(saved) as file:
        words = b"".join(file.read(name) for name in file.namelist()).decode()
    for secret in vars(there.sandbox.keys).values():
        assert secret not in words
    assert stat.S_IMODE(saved.stat().st_mode) == 0o600


def test_new_rows_go_on_after_the_restored_ones(there: AtTwitter, saved: Path) -> None:
    restored(saved)
    record(school_id=there.school.pk, event=Event.CHECK_ASKED, by=there.okafor, at=MORNING)
    assert check_chain(school_id=there.school.pk).whole
    assert given.an_account(School.objects.get(), "second").pk > there.account.pk


def test_until_somebody_lets_it_act_nothing_is_done_and_no_letter_goes(there: AtTwitter, saved: Path, mailoutbox: list[object]) -> None:
    restored(saved)
    assert is_observing(there.school.pk)
    assert (sent(there, MORNING), send_due(at=MORNING)) == (0, 0)
    assert lift_owed_blocks(school_account=there.account, twitter=there.twitter, at=MORNING) == 0
    assert mailoutbox == []
    assert there.sandbox.world.blocked() == []


def test_a_removal_that_was_done_since_the_backup_is_never_done_again(there: AtTwitter, saved: Path) -> None:
    """After the backup Dana was removed, asked again and was let in again. The old backup knows only the first of it."""
    item = Decision.objects.get().item
    the_clock_runs_until_it_is_done(there, item, DUE)
    assert fresh(item).state == State.DONE
    there.sandbox.world.ask_to_follow("dana_hill")
    there.sandbox.world.accept("dana_hill")
    restored(saved)
    followers_are_read(there, MORNING + timedelta(minutes=1))
    resume(school=there.school, by=there.okafor, at=MORNING + timedelta(minutes=2))
    assert sent(there, MORNING + timedelta(hours=1)) == 0
    assert fresh(item).state == State.TO_APPROVE
    decision = Decision.objects.get()
    assert (decision.undone_by, decision.undone_at) == (there.okafor, MORNING + timedelta(minutes=2))
    assert Follower.objects.filter(profile__handle="dana_hill", ended_at=None).exists()
    decide(
        item=fresh(item),
        seen_version=fresh(item).version,
        outcome="REMOVE",
        reason="Still so.",
        by=there.okafor,
        at=MORNING + timedelta(hours=2),
    )
    assert sent(there, MORNING + timedelta(hours=3)) == 1


def test_an_answer_that_waits_with_the_lead_is_taken_back_as_well(there: AtTwitter, tmp_path: Path) -> None:
    put_on_hold(item=Decision.objects.select_related("item__profile").get().item, by=there.okafor, at=DUE)
    write_backup(tmp_path / "held.zip", at=DUE)
    restored(tmp_path / "held.zip")
    followers_are_read(there, MORNING + timedelta(minutes=1))
    assert resume(school=there.school, by=there.okafor, at=MORNING + timedelta(minutes=2)).answers == 1
    assert not Decision.objects.filter(undone_at=None).exists()
    assert QueueItem.objects.get().state == State.HELD


def test_nothing_can_be_ticked_while_the_register_only_watches(there: AtTwitter, tmp_path: Path) -> None:
    item = Decision.objects.get().item
    there.sandbox.world.allow("block", False)
    sent(there)
    assert fresh(item).state == State.BY_HAND
    write_backup(tmp_path / "by-hand.zip", at=DUE)
    restored(tmp_path / "by-hand.zip")
    with pytest.raises(NotNow, match="only watches"):
        tick_done(item=item, by=there.okafor, at=MORNING)


def test_letters_that_waited_stay_unsent_and_say_why(there: AtTwitter, saved: Path, mailoutbox: list[object]) -> None:
    restored(saved)
    followers_are_read(there, MORNING + timedelta(minutes=1))
    resume(school=there.school, by=there.okafor, at=MORNING + timedelta(minutes=2))
    assert send_due(at=MORNING + timedelta(hours=1)) == 0
    assert "may have gone since" in OutgoingMail.objects.get().error
    assert mailoutbox == []


def test_it_cannot_act_again_before_the_followers_were_read_in_full(there: AtTwitter, saved: Path) -> None:
    restored(saved)
    with pytest.raises(NotYet, match="not read in full since the restore"):
        resume(school=there.school, by=there.okafor, at=MORNING)
    assert is_observing(there.school.pk)
    assert Decision.objects.filter(undone_at=None).exists()


def test_a_register_that_acts_has_nothing_to_resume(there: AtTwitter) -> None:
    assert how_it_stands(there.school) is None
    with pytest.raises(NotYet, match="acts already"):
        resume(school=there.school, by=there.okafor, at=MORNING)


def test_every_page_says_it_and_an_admin_ends_it_with_a_button(there: AtTwitter, saved: Path) -> None:
    restored(saved)
    priya, okafor = at_the_register(given.priya(there.school)), at_the_register(there.okafor)
    priya.open("/").follow("What comes next")
    assert "Only an admin may let it act again." in priya.text
    followers_are_read(there, MORNING + timedelta(minutes=1))
    okafor.open("/").follow("What comes next")
    assert "1 answer that had not been carried out" in okafor.text
    okafor.press("Let the register act again")
    assert "It only watches now" not in okafor.open("/").text
    assert not is_observing(there.school.pk)


def test_a_backup_goes_into_an_empty_register_only(there: AtTwitter, saved: Path) -> None:
    before = everything()
    with pytest.raises(NotRestored, match="not empty"):
        restore_backup(saved, at=MORNING)
    assert everything() == before


def _changed(path: Path, name: str, change: Callable[[bytes], bytes]) -> Path:
    other = path.with_name("changed.zip")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(other, "w") as new:
        for member in old.namelist():
            new.writestr(member, change(old.read(member)) if member == name else old.read(member))
    return other


def _without_a_migration(manifest: bytes) -> bytes:
    written = json.loads(manifest)
    written["migrations"].pop()
    return json.dumps(written).encode()


@pytest.mark.parametrize(
    ("member", "change", "said"),
    [
        (member_of("vetting.Follower"), lambda rows: rows[rows.index(b"\n") + 1 :], "is not as it was written"),
        (member_of("vetting.Follower"), lambda rows: rows.replace(b"[", b"{", 1), "cannot be read"),
        (member_of("vetting.School"), lambda rows: rows.replace(b"Practice", b"Practise"), "is not as it was written"),
        (MANIFEST, _without_a_migration, "an older version"),
        (MANIFEST, lambda _: b"{}", "newer version"),
        (MANIFEST, lambda _: b"no", "not a backup of a register"),
    ],
)
def test_a_damaged_or_foreign_file_changes_nothing(saved: Path, member: str, change: Callable[[bytes], bytes], said: str) -> None:
    other = _changed(saved, member, change)
    everything_is_lost()
    with pytest.raises(NotRestored, match=said):
        restore_backup(other, at=MORNING)
    assert not any(everything().values())


def test_something_that_is_no_backup_is_refused_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text("a,b")
    with pytest.raises(CommandError, match="cannot be read as a backup"):
        call_command("restore", str(tmp_path / "list.csv"))


def test_the_two_commands_say_what_they_did(there: AtTwitter, settings: object) -> None:
    out = StringIO()
    call_command("backup", stdout=out)
    (file,) = (Path(settings.DATA_DIR) / "backups").iterdir()
    assert "The keys are not in it." in out.getvalue()
    with pytest.raises(CommandError, match="already"):
        call_command("backup", str(file))
    everything_is_lost()
    call_command("restore", str(file), stdout=out)
    assert "practice: its record is whole" in out.getvalue()
    assert "The register only watches now." in out.getvalue()
    assert Client().get("/").status_code == 302
