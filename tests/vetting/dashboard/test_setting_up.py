"""A school is set up in four answers, and works."""

from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.models import User
from tests import given
from vetting.dashboard.permissions import moment
from vetting.intake.models import IntakeSource
from vetting.roster.models import Person
from vetting.school.models import Role, School
from vetting.school.operations import create_school, invite
from vetting.school.queries import roles_of
from vetting.twitter.models import Connection

pytestmark = pytest.mark.django_db
FIRST = {
    "school_name": "Elm Road School",
    "handle": " @ElmRoad ",
    "name": "Ruth Adeyemi",
    "email": "ruth@elmroad.test",
    "password": given.PASSWORD,
}
LIST = (
    "Pupil ID,Pupil Forename,Pupil Surname,Year,Class,Contact ID,Title,Forename,Surname,Relationship,Email\n"
    "P1,Ada,Hill,3,3B,C1,Mrs,Dana,Hill,Mother,dana@example.org\n"
    "P2,Tom,Baker,1,1A,C2,Mr,Jo,Baker,Father,jo@example.org\n"
)


def _link(school: School) -> str:
    return reverse("set_up", args=[invite(school=school, roles=list(Role), by=None, at=moment(), sets_up=True)])


@pytest.fixture
def school() -> School:
    return create_school(slug="school", name="Our school", at=given.MONDAY)


def test_four_answers_and_it_works(school: School, tmp_path: Path) -> None:
    client = Client()
    answer = client.post(_link(school), FIRST)
    assert answer["Location"] == "/set-up/mailbox/"
    mailbox = {"name": "Office", "kind": "FOLDER", "security": "TLS", "folder": str(tmp_path)}
    assert "It works" in client.post("/set-up/mailbox/", {**mailbox, "act": "test"}).content.decode()
    assert not IntakeSource.objects.exists()
    assert client.post("/set-up/mailbox/", {**mailbox, "act": "connect"})["Location"] == "/set-up/twitter/"
    assert client.post("/set-up/twitter/", {"kind": "BY_HAND", "handle": "@elmroad"})["Location"] == "/set-up/families/"
    answer = client.post("/set-up/families/", {"file": SimpleUploadedFile("contacts.csv", LIST.encode())})
    assert answer.status_code == 302, answer.context["form"].errors
    checked = answer["Location"]
    assert "2 people and 2 pupils" in client.get(checked).content.decode()
    assert not Person.objects.exists()
    page = client.post(checked, {"act": "apply"}, follow=True).content.decode()
    assert "The register is ready" in page

    school.refresh_from_db()
    assert school.name == "Elm Road School"
    assert roles_of(school=school, user=User.objects.get()) == set(Role)
    assert Connection.objects.get().school_account.handle == "elmroad"
    assert Person.objects.filter(school=school).count() == 2
    assert IntakeSource.objects.get(school=school).folder == str(tmp_path)


def test_everything_but_the_first_answer_may_wait(school: School) -> None:
    client = Client()
    client.post(_link(school), FIRST)
    page = client.post("/set-up/finish/", follow=True).content.decode()
    assert "Getting ready" in page
    assert "Families have an address to write to" in page


def test_the_link_makes_one_first_person_and_every_other_link_is_dead(school: School) -> None:
    first, second = _link(school), _link(school)
    Client().post(first, FIRST)
    for link in (first, second):
        answer = Client().post(link, {**FIRST, "email": "sam@elsewhere.test"})
        assert answer.status_code == 410
    assert [user.email for user in User.objects.all()] == ["ruth@elmroad.test"]


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"handle": "elmroadprimaryschool"}, "A Twitter name has at most 15"),
        ({"email": "ruth at elmroad"}, "That is not one e-mail address."),
        ({"password": "short"}, "at least 12 characters"),
        ({"school_name": " "}, "This field is required"),
    ],
)
def test_a_wrong_answer_gets_a_sentence_and_changes_nothing(school: School, wrong: dict[str, str], sentence: str) -> None:
    page = Client().post(_link(school), {**FIRST, **wrong}).content.decode()
    assert sentence in page
    school.refresh_from_db()
    assert (school.name, User.objects.count()) == ("Our school", 0)


def test_a_list_that_is_a_web_page_gets_a_sentence_and_changes_nothing(school: School) -> None:
    client = Client()
    client.post(_link(school), FIRST)
    answer = client.post("/set-up/families/", {"file": SimpleUploadedFile("list.csv", b"<!doctype html><html><body>Sign in</body></html>")})
    assert answer.status_code == 200
    assert answer.context["form"].errors["file"]
    assert not Person.objects.exists()


def test_a_folder_that_is_not_there_fails_the_test_in_words(school: School, tmp_path: Path) -> None:
    client = Client()
    client.post(_link(school), FIRST)
    mailbox = {"name": "Office", "kind": "FOLDER", "security": "TLS", "folder": str(tmp_path / "nowhere"), "act": "test"}
    answer = client.post("/set-up/mailbox/", mailbox)
    assert not answer.context["report"].ok
    assert answer.context["report"].sentence in answer.content.decode().replace("&quot;", '"').replace("&#x27;", "'")


def test_keys_that_are_missing_are_asked_for(school: School) -> None:
    client = Client()
    client.post(_link(school), FIRST)
    answer = client.post("/set-up/twitter/", {"kind": "LIVE", "handle": "@elmroad", "consumer_key": "a"})
    assert "All four keys are needed" in answer.content.decode()
    assert not Connection.objects.exists()


def test_a_slip_in_the_schools_own_twitter_name_is_mended_until_twitter_tells_the_name_itself(school: School) -> None:
    client = Client()
    client.post(_link(school), {**FIRST, "handle": "@elmraod"})
    client.post("/settings/twitter/", {"kind": "BY_HAND", "handle": "@elmroad"})
    account = school.school_accounts.get()
    assert (account.handle, account.connection.kind) == ("elmroad", "BY_HAND")
    account.twitter_user_id = "12345"
    account.save()
    client.post("/settings/twitter/", {"kind": "BY_HAND", "handle": "@another"})
    assert school.school_accounts.get().handle == "elmroad"
