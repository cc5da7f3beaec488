"""The demo as `up` makes it: played once for this file, through the product's own operations and a practice Twitter over HTTP."""

import collections
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db import transaction
from django.test import override_settings

from tests.given_backup import everything, everything_is_lost
from vetting.audit.queries import check_chain
from vetting.decisions.models import QueueItem
from vetting.demo import operations, places
from vetting.demo.cast import CAST
from vetting.demo.people import make_people
from vetting.demo.scenes import Scenes, make_scenes
from vetting.identities.models import Identification
from vetting.intake.models import IntakeSource, VerificationEmail
from vetting.management.backing_up import write_backup
from vetting.management.restoring import restore_backup
from vetting.matching.models import Match
from vetting.roster.models import Basis, PersonAddress, Pupil, Restriction
from vetting.roster.operations import rehearse_import
from vetting.school.models import School
from vetting.school.operations import create_school
from vetting.school.queries import members
from vetting.twitter.models import Connection, Follower, FollowRequest
from vetting.twitter.sandbox import World
from vetting.values import BadValue, Level

NOW = datetime(2026, 11, 22, 18, 0, tzinfo=UTC)


@dataclass
class Demo:
    school: School
    scenes: Scenes
    data_dir: Path
    seconds: float


@pytest.fixture(scope="module")
def demo(django_db_setup: None, django_db_blocker: object, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    data_dir = tmp_path_factory.mktemp("demo")
    with django_db_blocker.unblock(), override_settings(DEMO=True, DATA_DIR=data_dir), transaction.atomic():
        began = time.monotonic()
        school = operations.load_demo(at=NOW)
        seconds = time.monotonic() - began
        print(f"\nThe demo was loaded in {seconds:.1f} s.")
        yield Demo(school, make_scenes(make_people(), now=NOW), data_dir, seconds)
        transaction.set_rollback(True)


@pytest.fixture
def files(demo: Demo, settings: object) -> Path:
    """The settings of the loading, for what a test asks afterwards."""
    settings.DEMO, settings.DATA_DIR = True, demo.data_dir
    return demo.data_dir


def test_the_promised_numbers_stand_in_the_register(demo: Demo):
    adults = Basis.objects.filter(person__school=demo.school, ends_on=None).values("person").distinct()

    assert Pupil.objects.filter(school=demo.school, left_on=None).count() == 210
    assert adults.count() == 240
    assert Follower.objects.filter(school_account__school=demo.school, ended_at=None).count() == 180
    assert FollowRequest.objects.filter(school_account__school=demo.school, ended_at=None).count() == 45
    assert Restriction.objects.filter(school=demo.school, lifted_at=None).values("person").distinct().count() == 1


def test_the_engine_itself_comes_to_the_level_for_which_each_request_was_built(demo: Demo):
    standing = Match.objects.filter(school=demo.school, superseded_at=None, follow_request__ended_at=None)
    found = dict(standing.values_list("profile__twitter_user_id", "level"))

    wrong = [
        f"{request.story}: meant {request.level}, found {found.get(request.account.user_id.value)}"
        for request in demo.scenes.waiting
        if found.get(request.account.user_id.value) != request.level
    ]
    assert wrong == []
    levels = collections.Counter(found.values())
    assert all(levels[level] >= 2 for level in Level), levels


def test_everybody_who_was_let_in_is_known_and_the_bots_and_unchecked_are_not(demo: Demo):
    known = set(Identification.objects.filter(school=demo.school, until=None).values_list("profile__twitter_user_id", flat=True))

    assert known == {each.account.user_id.value for wave in demo.scenes.waves for each in wave}
    assert not known & {stranger.user_id.value for stranger in demo.scenes.unknown_followers}


def test_every_question_stands_where_it_belongs(demo: Demo):
    states = collections.Counter(QueueItem.objects.filter(school=demo.school).values_list("kind", "state"))
    leavers = QueueItem.objects.filter(school=demo.school, kind=QueueItem.Kind.REMOVAL)

    assert states["APPROVAL", "DONE"] == sum(len(wave) for wave in demo.scenes.waves)
    assert states["APPROVAL", "HELD"] == 3
    assert states["APPROVAL", "WAITING"] == 9
    assert states["APPROVAL", "TO_APPROVE"] == 3
    assert states["APPROVAL", "BY_HAND"] == 1
    assert leavers.count() == 3, "three families have left; the fourth keeps a child here"
    gone = {f"{child.family}" for family in make_people().leavers() for child in family.children}
    assert {item.person.family for item in leavers if item.person} <= gone | {a.family for f in make_people().leavers() for a in f.adults}


def test_the_cast_can_be_found_and_each_has_their_role(demo: Demo):
    assert {(user.name, tuple(sorted(roles))) for user, roles in members(demo.school)} == {
        (member.name, tuple(sorted(member.roles))) for member in CAST
    }
    assert not any(user.has_usable_password() for user, _ in members(demo.school))


def test_nothing_happened_in_the_future_and_the_audit_chain_is_whole(demo: Demo):
    assert check_chain(school_id=demo.school.pk).whole
    assert not VerificationEmail.objects.filter(school=demo.school, received_at__gt=NOW).exists()
    assert not QueueItem.objects.filter(school=demo.school, opened_at__gt=NOW).exists()


def test_every_address_lies_in_a_domain_reserved_for_examples(demo: Demo):
    addresses = {*PersonAddress.objects.filter(school=demo.school).values_list("address", flat=True)}
    addresses |= {*VerificationEmail.objects.filter(school=demo.school).exclude(from_address="").values_list("from_address", flat=True)}
    addresses |= {member.email for member in CAST}

    assert len(addresses) > 200
    assert [a for a in addresses if not a.endswith(("example.org", "example.com", "example.net"))] == []


def test_dana_has_written_nothing_yet_and_does_not_follow(demo: Demo, files: Path):
    world = World(state_file=places.world_file())

    assert not VerificationEmail.objects.filter(school=demo.school, from_address="dana.hill@example.com").exists()
    assert world.relation(demo.scenes.dana.user_id.value) == []
    assert len(world.followers()) == 180
    assert len(world.requests()) == 45


def test_of_the_two_lists_to_try_one_can_be_read_and_the_other_is_refused_with_a_sentence(demo: Demo, files: Path):
    office = next(user for user, _ in members(demo.school) if user.name == "Priya")
    good, broken = ((places.files_to_try() / name).read_bytes() for name in ("parents-good.csv", "parents-broken.csv"))

    rehearsed = rehearse_import(school=demo.school, file_name="parents-good.csv", contents=good, by=office, at=NOW)
    assert not rehearsed.stopped_because
    with pytest.raises(BadValue, match="page"):
        rehearse_import(school=demo.school, file_name="parents-broken.csv", contents=broken, by=office, at=NOW)


def test_a_second_start_loads_nothing_and_follows_the_practice_twitter_to_its_port(demo: Demo, files: Path, monkeypatch):
    connection = Connection.objects.get(school_account__school=demo.school)
    emails = VerificationEmail.objects.count()
    monkeypatch.setenv("SANDBOX_PORT", "8399")

    assert operations.load_demo(at=NOW) == demo.school
    operations.refresh_demo(at=NOW)

    connection.refresh_from_db()
    assert connection.kind == Connection.Kind.SANDBOX
    assert (connection.base_url, connection.pages_url) == ("http://127.0.0.1:8399", "http://127.0.0.1:8399")
    assert VerificationEmail.objects.count() == emails


def test_the_mailbox_is_a_folder_whose_server_is_trusted(demo: Demo, files: Path):
    source = IntakeSource.objects.get(school=demo.school)

    assert source.folder == str(places.mailbox_folder())
    assert source.trusted_receiver == "mail.hazelbrook.example.org"


@pytest.mark.django_db
def test_nothing_is_loaded_outside_the_demo(settings):
    settings.DEMO = False

    with pytest.raises(operations.NotTheDemo):
        operations.load_demo(at=NOW)

    assert not School.objects.exists()


@pytest.mark.django_db
def test_nothing_is_loaded_where_a_school_keeps_its_own_data(settings):
    settings.DEMO = True
    create_school(slug="st-example", name="St Example", at=NOW)

    with pytest.raises(operations.NotTheDemo):
        operations.load_demo(at=NOW)

    assert School.objects.count() == 1


def test_no_port_is_left_listening(demo: Demo):
    """The practice Twitter of the loading is gone; `up` starts one that stays."""
    connection = Connection.objects.get(school_account__school=demo.school)
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", int(connection.base_url.rpartition(":")[2]))) != 0


def test_all_of_it_comes_back_from_a_backup(demo: Demo, files: Path, tmp_path: Path) -> None:
    with transaction.atomic():
        before = everything()
        write_backup(tmp_path / "demo.zip", at=NOW)
        everything_is_lost()
        restore_backup(tmp_path / "demo.zip", at=NOW)
        after = everything()
        transaction.set_rollback(True)
    grown = {"vetting.School", "vetting.AuditEvent", "vetting.AuditText", "vetting.AuditHead"}
    assert {label for label, rows in after.items() if rows != before[label]} == grown
    assert after["vetting.AuditEvent"][:-1] == before["vetting.AuditEvent"]
