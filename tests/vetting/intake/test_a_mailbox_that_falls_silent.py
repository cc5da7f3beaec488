"""Nobody may believe that families are silent when it is the mailbox: the alarm, the doctor and the address a monitor asks."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone

from tests import given
from tests.given_intake import a_folder_source, a_message
from vetting.intake.mailbox import connect
from vetting.intake.mailbox.folder import drop
from vetting.intake.models import IntakeSource
from vetting.intake.operations import change_source, collect, receive_email, remove_source, watch_sources
from vetting.intake.watching import health_of, is_silent
from vetting.management.examination import examine
from vetting.school.models import Role
from vetting.school.queries import open_alarms

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


def read(source: IntakeSource, at: datetime) -> int:
    return collect(source=source, mailbox=connect(source), at=at)


def test_the_alarm_rises_after_half_an_hour_of_silence_and_clears_with_the_next_good_reading() -> None:
    school = given.a_school()
    source = a_folder_source(school)
    read(source, given.MONDAY)
    assert (watch_sources(at=given.MONDAY + 30 * MINUTE), open_alarms(school)) == (0, [])
    assert watch_sources(at=given.MONDAY + 31 * MINUTE) == 1
    (alarm,) = open_alarms(school)
    assert alarm.kind == "mailbox-silent"
    assert alarm.sentence.startswith("No e-mails could be read from The office's folder for more than 30 minutes. Nobody has tried")
    watch_sources(at=given.MONDAY + 32 * MINUTE)
    assert len(open_alarms(school)) == 1
    read(source, given.MONDAY + 33 * MINUTE)
    assert (watch_sources(at=given.MONDAY + 33 * MINUTE), open_alarms(school)) == (0, [])


def test_a_reading_that_fails_is_no_reading_and_the_alarm_tells_why() -> None:
    school = given.a_school()
    source = a_folder_source(school)
    read(source, given.MONDAY)
    Path(source.folder).rmdir()
    for minutes in (1, 10, 31):
        read(source, given.MONDAY + minutes * MINUTE)
    watch_sources(at=given.MONDAY + 31 * MINUTE)
    sentences = {alarm.kind: alarm.sentence for alarm in open_alarms(school)}
    assert "There is no such folder" in sentences["mailbox-silent"]


def test_a_source_just_connected_or_gone_on_after_a_pause_has_its_time_and_a_paused_one_is_never_silent() -> None:
    school = given.a_school()
    source = a_folder_source(school)
    assert not is_silent(source, at=given.MONDAY + 29 * MINUTE)
    assert is_silent(source, at=given.MONDAY + 31 * MINUTE)
    watch_sources(at=given.MONDAY + 31 * MINUTE)
    tess = given.a_colleague(school, "Tess", Role.TECHNICIAN)
    source = change_source(source=source, by=tess, at=given.MONDAY + 32 * MINUTE, active=False)
    assert (watch_sources(at=given.MONDAY + 33 * MINUTE), open_alarms(school)) == (0, [])
    later = given.MONDAY + timedelta(days=3)
    source = change_source(source=source, by=tess, at=later, active=True)
    assert not is_silent(source, at=later + 29 * MINUTE)
    assert is_silent(source, at=later + 31 * MINUTE)


def test_another_name_is_no_reason_to_wait_longer() -> None:
    school = given.a_school()
    source = change_source(source=a_folder_source(school), by=given.priya(school), at=given.MONDAY + 31 * MINUTE, name="Renamed")
    assert is_silent(source, at=given.MONDAY + 31 * MINUTE)


def test_messages_there_stand_beside_messages_recorded() -> None:
    source = a_folder_source(given.a_school())
    for number in range(3):
        drop(Path(source.folder), a_message(number=number))
    read(source, given.MONDAY)
    health = health_of(source, at=given.MONDAY)
    assert (source.messages_on_server, health.recorded, health.silent) == (3, 3, False)
    assert health.next_try == given.MONDAY + timedelta(seconds=5)
    receive_email(school=source.school, raw=a_message(number=9), received_at=given.MONDAY, at=given.MONDAY)
    assert health_of(source, at=given.MONDAY).recorded == 3


def test_a_monitor_is_told_without_a_name_and_the_web_server_stays_in_the_row(client: Client) -> None:
    assert (client.get("/healthz/mail").status_code, client.get("/healthz/mail").json()) == (200, {"mail": "none"})
    source = a_folder_source(given.a_school())
    read(source, timezone.now())
    assert (client.get("/healthz/mail").status_code, client.get("/healthz/mail").json()) == (200, {"mail": "ok"})
    long_ago = timezone.now() - timedelta(hours=1)
    IntakeSource.objects.update(last_ok_at=long_ago, expected_since=long_ago)
    # No drain ran and no alarm is open: the clock may stand, and the monitor learns of it all the same.
    assert not open_alarms(source.school)
    assert (client.get("/healthz/mail").status_code, client.get("/healthz/mail").json()) == (503, {"mail": "silent"})
    ready = client.get("/readyz")
    assert (ready.status_code, ready.json()["mail"]) == (200, "silent")


def test_the_doctor_counts_and_complains() -> None:
    source = a_folder_source(given.a_school())
    drop(Path(source.folder), a_message())
    read(source, given.MONDAY)
    (well,) = examine(["mail"], at=given.MONDAY + MINUTE)
    assert well.well
    assert well.sentence.endswith("On the server 1, recorded 1.")
    (silent,) = examine(["mail"], at=given.MONDAY + 31 * MINUTE)
    assert not silent.well
    assert "Is the clock running?" in silent.sentence


def test_a_source_from_which_mail_came_is_kept_without_its_sign_in_and_one_without_goes() -> None:
    school = given.a_school()
    source = a_folder_source(school)
    drop(Path(source.folder), a_message())
    read(source, given.MONDAY)
    IntakeSource.objects.filter(pk=source.pk).update(password="secret", client_secret="secret", access_token="secret")
    tess = given.a_colleague(school, "Tess", Role.TECHNICIAN)
    remove_source(source=source, by=tess, at=given.MONDAY)
    source.refresh_from_db()
    assert (source.active, source.password, source.client_secret, source.access_token) == (False, "", "", "")
    other = a_folder_source(school, name="Another", trusted="")
    remove_source(source=other, by=tess, at=given.MONDAY)
    assert list(IntakeSource.objects.all()) == [source]
