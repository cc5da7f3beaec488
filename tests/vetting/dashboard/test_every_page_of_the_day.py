"""Every page of the daily work opens for those whose work it is, and for nobody else."""

import pytest
from django.test import Client
from django.urls import reverse

from tests import given
from tests.at_the_screen import as_
from vetting.audit.models import AuditEvent
from vetting.school.models import Role, School

pytestmark = pytest.mark.django_db
EVERYBODY = (Role.OFFICE, Role.ADMIN, Role.LEAD)
PAGES = {
    "requests": EVERYBODY,
    "todo": EVERYBODY,
    "todo_list": EVERYBODY,
    "leavers": EVERYBODY,
    "write_down": (Role.OFFICE, Role.ADMIN),
    "people": (*EVERYBODY, Role.DATA_LEAD),
    "person_add": (Role.OFFICE, Role.ADMIN, Role.DATA_LEAD),
    "followers": (*EVERYBODY, Role.DATA_LEAD),
    "paste_lists": (Role.OFFICE, Role.ADMIN),
    "emails": (*EVERYBODY, Role.DATA_LEAD),
    "imports": (Role.OFFICE, Role.ADMIN, Role.LEAD, Role.DATA_LEAD),
}


@pytest.fixture
def school() -> School:
    school = given.a_school()
    given.an_account(school)
    return school


@pytest.mark.parametrize("role", list(Role))
def test_a_page_opens_for_its_roles_alone_and_looking_writes_nothing(school: School, role: Role) -> None:
    client, events = as_(given.a_colleague(school, "Joan", role)), None
    for name, roles in PAGES.items():
        events = AuditEvent.objects.count()
        assert client.get(reverse(name)).status_code == (200 if role in roles else 403), name
        assert client.head(reverse(name)).status_code == (200 if role in roles else 403), name
        assert AuditEvent.objects.count() == events


def test_a_visitor_is_asked_to_sign_in(school: School) -> None:
    for name in PAGES:
        answer = Client().get(reverse(name))
        assert answer.status_code == 302
        assert reverse("account_login") in answer["Location"]
