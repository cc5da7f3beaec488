"""Who sees which page, and that no school sees another's."""

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import User
from tests import given
from vetting.school.models import CalendarEntry, Role
from vetting.school.operations import end_role, give_role, set_term
from vetting.school.queries import policy, roles_of

pytestmark = pytest.mark.django_db
Visit = Callable[[User], Client]


@pytest.mark.parametrize(
    ("role", "path", "status"),
    [
        (Role.OFFICE, "/", 200),
        (Role.READER, "/", 200),
        (Role.TECHNICIAN, "/", 200),
        (Role.OFFICE, "/audit/", 403),
        (Role.READER, "/audit/", 403),
        (Role.TECHNICIAN, "/audit/", 403),
        (Role.LEAD, "/audit/", 200),
        (Role.DATA_LEAD, "/audit/", 200),
        (Role.OFFICE, "/settings/rules/", 403),
        (Role.TECHNICIAN, "/settings/rules/", 403),
        (Role.ADMIN, "/settings/rules/", 200),
        (Role.TECHNICIAN, "/settings/people/", 200),
        (Role.TECHNICIAN, "/settings/mailbox/", 200),
        (Role.OFFICE, "/settings/mailbox/", 403),
        (Role.READER, "/help/", 200),
    ],
)
def test_a_page_opens_for_its_roles_only(visit: Visit, role: Role, path: str, status: int) -> None:
    client = visit(given.a_colleague(given.a_school(), "Somebody", role))
    assert client.get(path).status_code == status


def test_a_refusal_says_whose_page_it_is(visit: Visit) -> None:
    answer = visit(given.priya(given.a_school())).get("/audit/")
    assert "This page is for Admin, Safeguarding lead or Data lead." in answer.content.decode()


def test_a_technician_and_a_reader_see_no_event_that_names_anybody(visit: Visit) -> None:
    school = given.a_school()
    given.a_colleague(school, "Dana Hill", Role.OFFICE)
    for role in (Role.TECHNICIAN, Role.READER):
        page = visit(given.a_colleague(school, role.label, role)).get("/").content.decode()
        assert "Dana Hill" not in page
    assert "Dana Hill" in visit(given.mr_okafor(school)).get("/").content.decode()


def test_an_ended_membership_shuts_the_door_with_the_next_page(visit: Visit) -> None:
    school = given.a_school()
    okafor, priya = given.mr_okafor(school), given.priya(school)
    client = visit(priya)
    assert client.get("/").status_code == 200
    end_role(school=school, user=priya, role=Role.OFFICE, by=okafor, at=given.MONDAY)
    assert client.get("/").status_code == 403


def test_another_schools_dates_can_be_neither_seen_nor_removed(visit: Visit) -> None:
    ours, theirs = given.a_school(), given.a_school(name="Other Primary", slug="other")
    day = given.MONDAY.date()
    entry = set_term(school=theirs, name="Their autumn", starts_on=day, ends_on=day, by=None, at=given.MONDAY)
    client = visit(given.mr_okafor(ours))
    assert "Their autumn" not in client.get("/settings/school/").content.decode()
    assert client.post("/settings/school/remove-dates/", {"entry": entry.pk}).status_code == 404
    assert CalendarEntry.objects.filter(pk=entry.pk).exists()


def test_another_schools_record_and_people_are_not_shown(visit: Visit) -> None:
    ours, theirs = given.a_school(), given.a_school(name="Other Primary", slug="other")
    given.a_colleague(theirs, "Zebedee Quill", Role.ADMIN)
    client = visit(given.mr_okafor(ours))
    for path in ("/", "/audit/", "/settings/people/"):
        assert "Zebedee" not in client.get(path).content.decode(), path


def test_nobody_works_for_a_school_they_do_not_belong_to(visit: Visit) -> None:
    ours, theirs = given.a_school(), given.a_school(name="Other Primary", slug="other")
    client = visit(given.priya(ours))
    client.post("/school/", {"school": theirs.pk})
    page = client.get("/").content.decode()
    assert "St Example Primary" in page
    assert "Other Primary" not in page


def test_somebody_of_two_schools_chooses_and_the_roles_are_those_of_the_chosen_one(visit: Visit) -> None:
    first, second = given.a_school(), given.a_school(name="Other Primary", slug="other")
    priya = given.priya(first)
    give_role(school=second, user=priya, role=Role.ADMIN, by=None, at=given.MONDAY)
    client = visit(priya)
    client.post("/school/", {"school": first.pk})
    assert client.get("/settings/rules/").status_code == 403
    client.post("/school/", {"school": second.pk})
    assert client.get("/settings/rules/").status_code == 200


def test_an_admin_invites_a_colleague_and_the_link_is_shown_once(visit: Visit) -> None:
    school = given.a_school()
    client = visit(given.mr_okafor(school))
    page = client.post("/settings/people/", {"name": "Priya", "email": "priya@st-example.test", "roles": ["OFFICE"]}).content.decode()
    link = page.partition('id="invitation-link">http://testserver')[2].partition("<")[0]
    assert link not in client.get("/settings/people/").content.decode()
    Client().post(link, {"name": "Priya", "password": given.PASSWORD})
    assert roles_of(school=school, user=User.objects.get(name="Priya")) == {Role.OFFICE}


def test_a_technician_cannot_give_a_role_that_sees_families(visit: Visit) -> None:
    school = given.a_school()
    technician = given.a_colleague(school, "Tess", Role.TECHNICIAN)
    client = visit(technician)
    answer = client.post("/settings/people/role/", {"user": technician.pk, "role": "LEAD", "act": "give"})
    assert answer.status_code == 403
    client.post("/settings/people/", {"name": "Tess again", "email": "t2@st-example.test", "roles": ["ADMIN"]})
    assert roles_of(school=school, user=technician) == {Role.TECHNICIAN}
    assert not school.invitations.filter(email="t2@st-example.test").exists()


def test_the_last_admin_cannot_end_their_own_role(visit: Visit) -> None:
    school = given.a_school()
    okafor = given.mr_okafor(school)
    answer = visit(okafor).post("/settings/people/role/", {"user": okafor.pk, "role": "ADMIN", "act": "end"}, follow=True)
    assert "Mr Okafor is the last admin" in answer.content.decode()
    assert roles_of(school=school, user=okafor) == {Role.ADMIN}


def test_only_the_rules_that_were_altered_are_written_with_the_reason(visit: Visit) -> None:
    school = given.a_school()
    client = visit(given.mr_okafor(school))
    page = client.get("/settings/rules/")
    shown = {name: field.initial for name, field in page.context["form"].fields.items()}
    values = {name: value for name, value in shown.items() if value is not None and value is not False}
    answer = client.post(
        "/settings/rules/", {**values, "why": "Governors asked", "two_people": "on", "reach_aim_percent": "40"}, follow=True
    )
    assert "2 rules changed." in answer.content.decode()
    assert (policy(school, "two_people"), policy(school, "reach_aim_percent")) == (True, 40)
    assert school.policies.count() == 2
