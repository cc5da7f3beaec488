"""doctor, create_school, run_once, the schedule: what somebody with a terminal sees."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command, get_commands, load_command_class
from django.test import Client
from django.utils import timezone

from tests.given import MONDAY, a_school, an_account
from vetting import heartbeat
from vetting.intake.models import IntakeSource
from vetting.management.examination import examine
from vetting.schedule import DRAINS, PULSE, beat_schedule
from vetting.school.models import School
from vetting.school.operations import find_invitation
from vetting.twitter.models import Connection

pytestmark = pytest.mark.django_db


def said(command: str, *arguments: str) -> str:
    output = StringIO()
    call_command(command, *arguments, stdout=output)
    return output.getvalue()


def test_a_new_school_gets_a_link_that_sets_it_up_with_every_role() -> None:
    output = said("create_school", "--slug", "hilltop", "--name", "Hilltop Primary", "--base-url", "https://register.example/")
    link = output.strip().splitlines()[-1]
    assert link.startswith("https://register.example/set-up/")
    invitation = find_invitation(token=link.rpartition("/")[2], at=timezone.now())
    assert invitation.sets_up
    assert invitation.school == School.objects.get(slug="hilltop")
    assert len(invitation.roles) == 6


def test_a_school_that_was_never_set_up_gets_a_fresh_link_without_being_named_again() -> None:
    said("create_school", "--slug", "hilltop", "--name", "Hilltop Primary")
    assert "/set-up/" in said("create_school", "--slug", "hilltop")
    assert School.objects.count() == 1


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--slug", "hill top", "--name", "Hilltop"], "letters, digits"),
        (["--slug", "hilltop"], "Type the school's name"),
        (["--slug", "st-example", "--name", "Another"], "already a school"),
    ],
)
def test_a_school_that_cannot_be_made_says_why(arguments: list[str], sentence: str) -> None:
    a_school()
    with pytest.raises(CommandError, match=sentence):
        said("create_school", *arguments)
    assert School.objects.count() == 1


def test_the_doctor_says_when_the_clock_stands_and_when_it_goes() -> None:
    assert not examine(["clock"], at=MONDAY)[0].well
    heartbeat.tick(at=MONDAY)
    assert examine(["clock"], at=MONDAY + timedelta(seconds=10))[0].sentence == "Clock: ticked 10 s ago."
    late = examine(["clock"], at=MONDAY + timedelta(minutes=5))[0]
    assert not late.well
    assert "it stands since 5\xa0minutes" in late.sentence


def test_the_doctor_names_a_mailbox_and_a_connection_that_need_a_person() -> None:
    school = a_school()
    IntakeSource.objects.create(school=school, kind="IMAP", name="Office mailbox", last_error="The password was refused.")
    Connection.objects.create(
        school_account=an_account(school), kind="LIVE", connected_at=MONDAY, broken_because="Twitter no longer accepts our key."
    )
    mail, twitter = examine(["mail", "twitter"], at=MONDAY)
    assert (mail.well, twitter.well) == (False, False)
    assert "Office mailbox (st-example): never read. The password was refused." in mail.sentence
    assert "@stexample (st-example): Twitter no longer accepts our key." in twitter.sentence
    IntakeSource.objects.update(last_ok_at=MONDAY)
    assert examine(["mail"], at=MONDAY + timedelta(minutes=2))[0].well


def test_the_doctor_finds_a_secret_that_others_may_read(settings: object) -> None:
    folder = settings.DATA_DIR / "secrets"
    folder.mkdir()
    for name in ("secret_key", "encryption_keys"):
        (folder / name).write_text("x")
        (folder / name).chmod(0o600)
    assert all(finding.well for finding in examine(["secrets"], at=MONDAY))
    (folder / "secret_key").chmod(0o644)
    key, _ = examine(["secrets"], at=MONDAY)
    assert not key.well
    assert "chmod 600" in key.sentence


def test_the_doctors_exit_code_tells_scripts() -> None:
    heartbeat.tick(at=timezone.now())
    assert said("doctor", "--only", "clock").startswith("✔ Clock")
    heartbeat.tick(at=timezone.now() - timedelta(hours=1))
    with pytest.raises(CommandError, match="1 of 1 need attention"):
        said("doctor", "--only", "clock")


def test_machines_can_ask_whether_we_are_alive_and_ready(client: Client) -> None:
    assert client.get("/healthz").content == b"ok\n"
    heartbeat.tick(at=timezone.now())
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {"ready": True, "database": "ok", "cache": "ok", "clock": "ticking", "mail": "none"}
    heartbeat.tick(at=timezone.now() - timedelta(hours=1))
    assert client.get("/readyz").json()["clock"] == "stopped"


def test_being_alive_is_answered_without_the_database(client: Client, django_assert_num_queries: object) -> None:
    with django_assert_num_queries(0):
        client.get("/healthz")


def test_every_drain_of_the_house_ticks_and_a_tick_nobody_took_expires_before_the_next() -> None:
    from vetting.celery import app

    app.loader.import_default_modules()
    ours = {name for name in app.tasks if name.startswith("vetting.")}
    scheduled = {drain.task for drain in (*DRAINS, PULSE)}
    assert ours == scheduled
    for entry in beat_schedule().values():
        assert entry["options"]["expires"] <= entry["schedule"]


def test_one_run_takes_every_step_and_a_failing_step_does_not_stop_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    a_school()
    steps = json.loads(said("run_once", "--json"))["steps"]
    assert [step["error"] for step in steps] == [""] * len(DRAINS)

    def refuses(**_: object) -> int:
        raise ConnectionError

    monkeypatch.setattr("vetting.correspondence.operations.send_due", refuses)
    output = StringIO()
    with pytest.raises(CommandError, match=f"1 of {len(DRAINS)} steps failed: correspondence: send mail"):
        call_command("run_once", stdout=output)
    assert len(output.getvalue().splitlines()) == len(DRAINS)


def test_a_drain_that_still_runs_is_not_begun_again() -> None:
    from vetting.celery import OneAtATime, app

    class Slow(OneAtATime):
        name = "slow"
        runs = 0

        def run(self) -> str:
            self.runs += 1
            if self.runs == 1:
                assert self() is None
            return "done"

    slow = app.register_task(Slow())
    assert slow() == "done"
    assert slow.runs == 1
    assert slow() == "done"
    app.tasks.unregister(slow.name)


@pytest.mark.parametrize("name", sorted(name for name, app in get_commands().items() if app == "vetting"))
def test_every_command_explains_itself(name: str) -> None:
    command = load_command_class("vetting", name)
    assert len(command.help) > 40
    for action in command.create_parser("manage.py", name)._actions:
        assert action.help, f"{name} {action.dest} has no help"
