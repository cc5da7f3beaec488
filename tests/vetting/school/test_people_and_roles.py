"""Who may join, and who may not be removed."""

from datetime import timedelta

import pytest

from tests import given
from vetting.audit.models import AuditEvent
from vetting.audit.queries import check_chain, lines
from vetting.school.models import Role
from vetting.school.operations import (
    InvitationSpent,
    LastOfTheirKind,
    accept_invitation,
    end_role,
    give_role,
    invite,
    raise_alarm,
    set_policy,
)
from vetting.school.queries import policy, roles_of
from vetting.values import BadValue

pytestmark = pytest.mark.django_db


def test_an_invitation_works_once() -> None:
    school = given.a_school()
    token = invite(school=school, roles=[Role.OFFICE], by=None, at=given.MONDAY, email="priya@school.test", name="Priya")
    priya = accept_invitation(token=token, name="Priya", email="", password=given.PASSWORD, at=given.MONDAY)
    assert roles_of(school=school, user=priya) == {Role.OFFICE}
    with pytest.raises(InvitationSpent):
        accept_invitation(token=token, name="Sam", email="", password=given.PASSWORD, at=given.MONDAY)


def test_an_invitation_expires_after_a_week() -> None:
    school = given.a_school()
    token = invite(school=school, roles=[Role.OFFICE], by=None, at=given.MONDAY)
    with pytest.raises(InvitationSpent):
        accept_invitation(token=token, name="Priya", email="p@s.test", password=given.PASSWORD, at=given.MONDAY + timedelta(days=7))


def test_the_last_admin_stays_until_there_is_another() -> None:
    school = given.a_school()
    okafor = given.mr_okafor(school)
    with pytest.raises(LastOfTheirKind):
        end_role(school=school, user=okafor, role=Role.ADMIN, by=okafor, at=given.MONDAY)
    lane = given.mrs_lane(school)
    end_role(school=school, user=okafor, role=Role.ADMIN, by=lane, at=given.MONDAY)
    assert roles_of(school=school, user=okafor) == frozenset()


def test_every_step_stands_in_the_record_and_the_record_is_whole() -> None:
    school = given.a_school()
    priya = given.priya(school)
    give_role(school=school, user=priya, role=Role.READER, by=None, at=given.MONDAY)
    assert check_chain(school_id=school.pk).whole
    assert lines(school_id=school.pk)[0].sentence == "The register gave Priya the role Reader."


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("year_end_grace_until", "02-30"),
        ("year_end_grace_until", "02-29"),
        ("year_end_grace_until", "in autumn"),
        ("raw_mail_days", 1_000_000),
        ("grace_days_staff", -1),
        ("two_people", "yes"),
        ("reach_aim_percent", 101),
    ],
)
def test_a_rule_that_no_night_could_reckon_with_is_refused(key: str, value: object) -> None:
    school = given.a_school()
    before = policy(school, key)
    with pytest.raises(BadValue):
        set_policy(school=school, key=key, value=value, by=None, at=given.MONDAY)
    assert policy(school, key) == before


def test_what_an_alarm_says_can_be_erased_from_the_record() -> None:
    school = given.a_school()
    raise_alarm(school=school, kind="mailbox", sentence="No folder “Hill family”. It has: Inbox, Hill complaint.", at=given.MONDAY)
    assert lines(school_id=school.pk)[0].sentence.startswith("Alarm: No folder")
    assert "Hill" not in str(AuditEvent.objects.filter(school_id=school.pk).values_list("facts", flat=True))
