"""The record is read by several roles; marks, concerns and the lead's reasons by the safeguarding lead alone."""

import pytest

from tests import given
from tests.at_the_screen import at_the_register
from tests.given_questions import LATER, a_question
from vetting.decisions.operations import decide
from vetting.roster.operations import open_restriction
from vetting.school.models import Role, School
from vetting.values import Level

pytestmark = pytest.mark.django_db


@pytest.fixture
def school() -> School:
    school = given.a_school()
    item = a_question(given.an_account(school), Level.HOLD)
    assert item.person is not None
    reid = given.ms_reid(school)
    open_restriction(person=item.person, reason="Order of the court.", by=reid, at=given.MONDAY)
    decide(item=item, seen_version=item.version, outcome="REJECT", by=reid, at=given.MONDAY + LATER, reason="The court says so.")
    return school


@pytest.mark.parametrize("role", [Role.ADMIN, Role.DATA_LEAD, Role.OFFICE])
@pytest.mark.parametrize("address", ["/", "/audit/"])
def test_nobody_else_reads_of_marks_or_of_the_leads_reasons(school: School, role: Role, address: str) -> None:
    screen = at_the_register(given.a_colleague(school, "Mr Else", role)).open(address)
    assert not screen.says("placed a mark")
    assert not screen.says("court")


def test_the_lead_reads_them(school: School) -> None:
    screen = at_the_register(given.a_colleague(school, "Mrs Deputy", Role.LEAD)).open("/audit/")
    assert screen.says("Ms Reid placed a mark on Dana Hill.")
