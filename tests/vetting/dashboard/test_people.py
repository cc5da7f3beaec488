"""People: finding, adding, ending, correcting; and marks, which are the safeguarding lead's alone."""

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from tests import given
from tests.at_the_screen import as_
from vetting.audit.models import AuditEvent
from vetting.roster.models import Basis, Person, Restriction
from vetting.roster.operations import ChildName, add_person
from vetting.roster.queries import has_current_basis, open_restriction
from vetting.school.models import Role, School
from vetting.values import MailAddress, PersonName

pytestmark = pytest.mark.django_db
SECRET = "An order of the court says no contact"


@pytest.fixture
def school() -> School:
    return given.a_school()


@pytest.fixture
def priya(school: School) -> User:
    return given.priya(school)


@pytest.fixture
def dana(school: School, priya: User) -> Person:
    return add_person(
        school=school,
        name=PersonName("Dana", "Hill"),
        kind=Basis.Kind.PARENT_OR_CARER,
        child=ChildName("Ada", "Hill", "Year 2", "2 Elm"),
        relationship="Mother",
        addresses=[MailAddress.parse("dana@example.org")],
        by=priya,
        at=given.MONDAY,
    )


def page(client: Client, person: Person) -> str:
    answer = client.get(reverse("person", args=[person.reference]))
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize("words", ["Dana", "hill", "ada", "dana@example.org"])
def test_a_person_is_found_by_name_child_or_address_and_no_address_bar_says_whom(priya: User, dana: Person, words: str) -> None:
    client = as_(priya)
    answer = client.post(reverse("people"), {"search": words}, follow=True)
    assert answer.request["QUERY_STRING"] == ""
    assert dana.reference in answer.content.decode()
    assert dana.reference not in client.post(reverse("people"), {"search": "nobody"}, follow=True).content.decode()


def test_the_page_says_why_they_may_follow_and_what_happened(priya: User, dana: Person) -> None:
    shown = page(as_(priya), dana)
    for words in ("mother of Ada Hill, Year 2", "dana@example.org", "2 Elm", "Priya added Dana Hill."):
        assert words in shown


def test_somebody_is_added_with_the_reason(school: School, priya: User) -> None:
    typed = {"given": "Sam", "family": "Vale", "kind": "GOVERNOR", "addresses": "sam@example.org\nvale@example.org"}
    as_(priya).post(reverse("person_add"), typed)
    sam = Person.objects.get(school=school, family="Vale")
    assert sam.bases.get().kind == Basis.Kind.GOVERNOR
    assert sam.addresses.count() == 2


def test_a_parent_without_a_child_is_asked_for_it_and_not_added(school: School, priya: User) -> None:
    answer = as_(priya).post(reverse("person_add"), {"given": "Sam", "family": "Vale", "kind": "PARENT_OR_CARER"})
    assert answer.status_code == 422
    assert "Type the child&#x27;s name" in answer.content.decode()
    assert not Person.objects.filter(family="Vale").exists()


def test_a_grandparent_is_introduced_by_a_parent(school: School, priya: User, dana: Person) -> None:
    address = reverse("person_add") + f"?introduced_by={dana.reference}"
    as_(priya).post(address, {"given": "Gran", "family": "Hill", "relationship": "grandmother"})
    assert Basis.objects.get(person__given="Gran").introduced_by == dana


def test_marking_as_left_ends_every_reason_on_the_day(priya: User, dana: Person) -> None:
    as_(priya).post(reverse("person_left", args=[dana.reference]), {"on": "2026-11-13"})
    assert has_current_basis(dana, date(2026, 11, 13))
    assert not has_current_basis(dana, date(2026, 11, 14))
    again = as_(priya).post(reverse("person_left", args=[dana.reference]), {"on": "2026-11-13"})
    assert again.status_code == 409
    assert "no reason to follow that could end" in again.content.decode()


def test_one_reason_ends_and_another_is_added(priya: User, dana: Person) -> None:
    client = as_(priya)
    client.post(reverse("person_add_reason", args=[dana.reference]), {"kind": "VOLUNTEER"})
    first = dana.bases.get(kind=Basis.Kind.PARENT_OR_CARER)
    client.post(reverse("person_end_reason", args=[dana.reference, first.pk]), {"on": "2026-11-13"})
    assert list(dana.bases.filter(ends_on=None).values_list("kind", flat=True)) == ["VOLUNTEER"]


def test_a_correction_keeps_what_it_does_not_name(priya: User, dana: Person) -> None:
    typed = {"given": "Dana", "family": "Hill-Moss", "addresses": "dana@example.org\ndana@example.com"}
    as_(priya).post(reverse("person_correct", args=[dana.reference]), typed)
    dana.refresh_from_db()
    assert (dana.family, dana.previous_family) == ("Hill-Moss", "Hill")
    assert dana.addresses.filter(until=None).count() == 2


def test_only_the_lead_places_reads_and_lifts_a_mark(school: School, priya: User, dana: Person) -> None:
    reid, okafor = as_(given.ms_reid(school)), as_(given.mr_okafor(school))
    for other in (as_(priya), okafor):
        assert other.post(reverse("person_place_mark", args=[dana.reference]), {"reason": SECRET}).status_code == 403
        assert "This one needs the safeguarding lead." not in page(other, dana)
    reid.post(reverse("person_place_mark", args=[dana.reference]), {"reason": SECRET})
    mark = open_restriction(dana)
    assert SECRET in page(reid, dana)
    assert "placed a mark" in page(reid, dana)
    for other in (as_(priya), okafor):
        shown = page(other, dana)
        assert SECRET not in shown
        assert "placed a mark" not in shown
        assert "This one needs the safeguarding lead." in shown
        assert other.post(reverse("person_lift_mark", args=[dana.reference, mark.pk]), {"why": "x"}).status_code == 403
    reid.post(reverse("person_lift_mark", args=[dana.reference, mark.pk]), {"why": "The order ended"})
    assert open_restriction(dana) is None
    assert "lifted a mark" not in page(as_(priya), dana)


def test_another_schools_person_is_not_there(school: School, dana: Person) -> None:
    elsewhere = given.a_school(name="Other Primary", slug="other")
    stranger = as_(given.a_colleague(elsewhere, "Noor", Role.OFFICE, Role.ADMIN, Role.LEAD))
    assert stranger.get(reverse("person", args=[dana.reference])).status_code == 404
    assert dana.reference not in stranger.get(reverse("people")).content.decode()
    for name in ("person_left", "person_add_reason", "person_correct", "person_place_mark"):
        assert stranger.post(reverse(name, args=[dana.reference]), {"reason": "x"}).status_code == 404
    assert stranger.get(reverse("person_add"), {"introduced_by": dana.reference}).status_code == 404
    assert not Restriction.objects.exists()


def test_a_mark_is_lifted_only_on_its_own_person(school: School, priya: User, dana: Person) -> None:
    reid = as_(given.ms_reid(school))
    reid.post(reverse("person_place_mark", args=[dana.reference]), {"reason": SECRET})
    other = add_person(school=school, name=PersonName("Sam", "Vale"), kind=Basis.Kind.STAFF, by=priya, at=given.MONDAY)
    mark = open_restriction(dana)
    assert reid.post(reverse("person_lift_mark", args=[other.reference, mark.pk]), {"why": "x"}).status_code == 404


def test_looking_changes_nothing(priya: User, dana: Person) -> None:
    events = AuditEvent.objects.count()
    client = as_(priya)
    client.head(reverse("person", args=[dana.reference]))
    page(client, dana)
    client.post(reverse("people"), {"search": "Dana"})
    assert AuditEvent.objects.count() == events
    assert client.get(reverse("person_left", args=[dana.reference])).status_code == 405
