"""Signing in, joining, locking, and the demo's one click."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from tests import given
from vetting.dashboard.permissions import moment
from vetting.school.models import Role, School
from vetting.school.operations import create_school, invite
from vetting.school.queries import roles_of

pytestmark = pytest.mark.django_db
Visit = Callable[[User], Client]


def test_somebody_who_is_not_signed_in_is_asked_to_and_comes_back_to_the_page() -> None:
    answer = Client().get("/help/")
    assert answer.status_code == 302
    assert answer["Location"] == "/sign-in/login/?next=/help/"


def test_a_part_of_a_page_is_never_replaced_by_a_sign_in_form() -> None:
    answer = Client().get("/", headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert answer["HX-Redirect"].startswith("/sign-in/login/")


def test_the_office_signs_in_with_address_and_password() -> None:
    priya = given.priya(given.a_school())
    client = Client()
    answer = client.post("/sign-in/login/", {"login": "priya@st-example.test", "password": given.PASSWORD}, follow=True)
    assert answer.redirect_chain[-1][0] == "/"
    assert priya.name in answer.content.decode()


def test_a_wrong_password_says_so_and_lets_nobody_in() -> None:
    given.priya(given.a_school())
    client = Client()
    answer = client.post("/sign-in/login/", {"login": "priya@st-example.test", "password": "not it at all"})
    assert "Nothing was saved yet" in answer.content.decode()
    assert client.get("/").status_code == 302


def test_nobody_signs_up_by_themselves() -> None:
    answer = Client().post("/sign-in/signup/", {"email": "sam@elsewhere.test", "password1": given.PASSWORD})
    assert "by invitation" in answer.content.decode()
    assert not User.objects.filter(email="sam@elsewhere.test").exists()


def test_an_invited_colleague_joins_with_the_roles_of_the_invitation_and_the_link_is_spent() -> None:
    school = given.a_school()
    token = invite(school=school, roles=[Role.OFFICE], by=None, at=moment(), email="priya@st-example.test", name="Priya")
    client = Client()
    answer = client.post(reverse("join", args=[token]), {"name": "Priya", "password": given.PASSWORD}, follow=True)
    assert "Today" in answer.content.decode()
    assert roles_of(school=school, user=User.objects.get()) == {Role.OFFICE}
    assert Client().get(reverse("join", args=[token])).status_code == 410


def test_a_short_password_is_refused_and_the_link_stays_good() -> None:
    token = invite(school=given.a_school(), roles=[Role.OFFICE], by=None, at=moment(), email="priya@st-example.test")
    answer = Client().post(reverse("join", args=[token]), {"name": "Priya", "password": "short"})
    assert "at least 12 characters" in answer.content.decode()
    assert Client().get(reverse("join", args=[token])).status_code == 200


def test_a_locked_screen_shows_nothing_until_the_password_is_given(visit: Visit) -> None:
    client = visit(given.priya(given.a_school()))
    client.post("/lock/")
    for path in ("/", "/help/", "/me/", "/second-factor/"):
        assert client.get(path)["Location"].startswith("/sign-in/reauthenticate/"), path
    client.post("/sign-in/reauthenticate/?next=/help/", {"password": "not it at all"})
    assert client.get("/").status_code == 302
    answer = client.post("/sign-in/reauthenticate/?next=/help/", {"password": given.PASSWORD, "next": "/help/"})
    assert answer["Location"] == "/help/"
    assert client.get("/").status_code == 200


@pytest.fixture
def demo(settings: object) -> School:
    settings.DEMO = True
    school = create_school(slug="demo", name="Hazel Bank", at=given.MONDAY, is_demo=True)
    for person in (given.priya, given.mr_okafor, given.mrs_lane, given.ms_reid):
        person(school)
    return school


@pytest.mark.parametrize(("part", "name"), [("office", "Priya"), ("admin", "Mr Okafor"), ("second-admin", "Mrs Lane"), ("lead", "Ms Reid")])
def test_the_demo_signs_in_with_one_click_from_this_computer(demo: School, part: str, name: str) -> None:
    client = Client()
    assert f": {name}</button>" in client.get("/sign-in/login/").content.decode()
    answer = client.post(reverse("demo_sign_in", args=[part]), follow=True)
    page = answer.content.decode()
    assert name in page
    assert "Demo: invented people" in page


@pytest.mark.parametrize(
    "elsewhere",
    [{"REMOTE_ADDR": "192.0.2.7"}, {"HTTP_X_FORWARDED_FOR": "127.0.0.1"}, {"HTTP_FORWARDED": "for=127.0.0.1"}],
    ids=["another computer", "through a proxy", "through another kind of proxy"],
)
def test_the_demo_refuses_one_click_from_elsewhere(demo: School, elsewhere: dict[str, str]) -> None:
    client = Client()
    assert client.post(reverse("demo_sign_in", args=["admin"]), **elsewhere).status_code == 403
    assert client.get("/").status_code == 302
    assert "Office: Priya" not in client.get("/sign-in/login/", **elsewhere).content.decode()


def test_a_real_installation_has_no_one_click_sign_in(demo: School, settings: object) -> None:
    settings.DEMO = False
    client = Client()
    assert client.post(reverse("demo_sign_in", args=["admin"])).status_code == 403
    assert client.get("/").status_code == 302
    assert client.get("/help/start-with-my-school/").status_code == 404


def test_one_click_needs_a_form_of_ours(demo: School) -> None:
    client = Client(enforce_csrf_checks=True)
    answer = client.post(reverse("demo_sign_in", args=["admin"]))
    assert answer.status_code == 403
    assert "This form was too old" in answer.content.decode()
    assert client.get(reverse("demo_sign_in", args=["admin"])).status_code == 405


def test_one_click_never_opens_a_school_that_is_not_the_demo(settings: object) -> None:
    settings.DEMO = True
    given.mr_okafor(given.a_school())
    assert Client().post(reverse("demo_sign_in", args=["admin"])).status_code == 404
