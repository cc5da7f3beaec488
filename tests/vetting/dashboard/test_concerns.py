"""A concern that holds up no request is still read and closed by the safeguarding lead."""

import pytest

from tests import given
from tests.at_the_screen import at_the_register
from tests.given_questions import dana
from vetting.concerns.models import Concern
from vetting.concerns.operations import raise_concern
from vetting.school.models import Role, School

pytestmark = pytest.mark.django_db
WORDS = "She waited at the gate for another child."


@pytest.fixture
def school() -> School:
    school = given.a_school()
    raise_concern(
        school=school, category=Concern.Category.CONTACT, words=WORDS, by=given.priya(school), at=given.MONDAY, person=dana(school)
    )
    return school


def test_the_lead_reads_it_and_closes_it(school: School) -> None:
    lead = at_the_register(given.ms_reid(school)).open("/concerns/")
    assert lead.says(WORDS)
    lead.press("Close this concern", outcome="Spoken to; she picks up her nephew.")
    assert lead.says("No open concerns.")
    assert Concern.objects.get().outcome == "Spoken to; she picks up her nephew."


def test_it_is_not_closed_without_a_word(school: School) -> None:
    lead = at_the_register(given.ms_reid(school)).open("/concerns/").press("Close this concern", outcome="")
    assert lead.status == 422
    assert Concern.objects.get().closed_at is None


@pytest.mark.parametrize("role", [Role.OFFICE, Role.ADMIN, Role.DATA_LEAD, Role.READER, Role.TECHNICIAN])
def test_nobody_else_opens_the_page(school: School, role: Role) -> None:
    assert at_the_register(given.a_colleague(school, "Mr Else", role)).open("/concerns/").status == 403


def test_another_schools_lead_sees_nothing_of_it(school: School) -> None:
    other = given.a_school(name="Other Primary", slug="other")
    assert not at_the_register(given.ms_reid(other)).open("/concerns/").says(WORDS)
