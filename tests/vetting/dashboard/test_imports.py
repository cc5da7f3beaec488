"""Import: checked first, applied by a press, stopped when its shape cannot be believed."""

from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.models import User
from tests import given
from vetting.roster.models import Person, RosterImport
from vetting.school.models import Role, School

pytestmark = pytest.mark.django_db
LIST = (Path(__file__).parents[2] / "data" / "rosters" / "01-baseline-long-utf8bom.csv").read_bytes()


@pytest.fixture
def school() -> School:
    return given.a_school()


@pytest.fixture
def priya(school: School) -> User:
    return given.priya(school)


def as_(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def upload(client: Client, contents: bytes, kind: str = "ADDITIONS") -> object:
    return client.post(reverse("imports"), {"file": SimpleUploadedFile("contacts.csv", contents), "kind": kind})


def test_a_list_is_checked_then_applied(school: School, priya: User) -> None:
    client = as_(priya)
    upload(client, LIST)
    found = RosterImport.objects.get(school=school)
    assert not Person.objects.exists()
    checked = client.get(reverse("import", args=[found.reference])).content.decode()
    for words in ("Check before applying", "Nobody is removed from Twitter by this step.", "Ignored and not stored:", "Year 3"):
        assert words in checked
    client.post(reverse("import_apply", args=[found.reference]))
    assert Person.objects.filter(school=school).count() == found.rehearsal["after"]["people"]
    again = client.post(reverse("import_apply", args=[found.reference]))
    assert again.status_code == 409
    assert "This list was applied already." in again.content.decode()


def test_a_list_is_thrown_away_and_nothing_has_changed(school: School, priya: User) -> None:
    client = as_(priya)
    upload(client, LIST)
    client.post(reverse("import_discard", args=[RosterImport.objects.get().reference]))
    assert RosterImport.objects.get().discarded_at is not None
    assert not Person.objects.exists()


def test_a_filtered_list_stops_and_offers_no_apply(school: School, priya: User) -> None:
    client = as_(priya)
    upload(client, LIST)
    client.post(reverse("import_apply", args=[RosterImport.objects.get().reference]))
    people = Person.objects.count()
    upload(client, b"\n".join(LIST.splitlines()[:6]), kind="COMPLETE")
    stopped = RosterImport.objects.exclude(stopped_because="").get()
    shown = client.get(reverse("import", args=[stopped.reference])).content.decode()
    assert "Stopped. Nothing has changed." in shown
    assert reverse("import_apply", args=[stopped.reference]) not in shown
    assert client.post(reverse("import_apply", args=[stopped.reference])).status_code == 409
    assert Person.objects.count() == people


def test_a_page_saved_as_a_list_is_refused_with_a_sentence(school: School, priya: User) -> None:
    answer = upload(as_(priya), b"<!doctype html><html><body>Please sign in</body></html>")
    assert answer.status_code == 422
    assert "Nothing has changed." in answer.content.decode()
    assert not RosterImport.objects.exists()


def test_another_schools_list_is_not_there(school: School, priya: User) -> None:
    upload(as_(priya), LIST)
    found = RosterImport.objects.get()
    elsewhere = given.a_school(name="Other Primary", slug="other")
    stranger = as_(given.a_colleague(elsewhere, "Noor", Role.OFFICE, Role.ADMIN))
    assert stranger.get(reverse("import", args=[found.reference])).status_code == 404
    for name in ("import_apply", "import_discard"):
        assert stranger.post(reverse(name, args=[found.reference])).status_code == 404
        assert as_(priya).get(reverse(name, args=[found.reference])).status_code == 405
