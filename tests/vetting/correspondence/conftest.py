"""A school that can send links."""

import pytest

from accounts.models import User
from tests import given
from vetting.school.models import School


@pytest.fixture(autouse=True)
def _links_lead_here(settings: object) -> None:
    settings.PUBLIC_URL = "http://testserver"


@pytest.fixture
def school(db: None) -> School:
    school = given.a_school()
    given.an_account(school)
    return school


@pytest.fixture
def priya(school: School) -> User:
    return given.priya(school)
