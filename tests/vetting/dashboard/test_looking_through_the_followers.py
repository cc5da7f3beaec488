"""The follower audit at the screen: every follower in one group, the first look through them, and what can be done about each."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.timezone import now as clock

from accounts.models import User
from tests import given
from tests.at_the_screen import as_
from tests.given_leavers import a_follower, a_plan, followers_read, left, parents_who_follow
from tests.given_roster import a_parent
from vetting.decisions.models import QueueItem, Verification
from vetting.decisions.operations import open_or_refresh_items, recognise_follower
from vetting.decisions.policies import NotSafe, NotYours
from vetting.decisions.states import State
from vetting.identities.models import Identification
from vetting.leavers.queries import Audience, backlog, follower_audit
from vetting.roster.models import Basis, Person
from vetting.roster.operations import open_restriction
from vetting.school.models import Role, School, SchoolAccount
from vetting.twitter.models import Follower

pytestmark = pytest.mark.django_db


@pytest.fixture
def school() -> School:
    return given.a_school()


@pytest.fixture
def account(school: School) -> SchoolAccount:
    return given.an_account(school)


@pytest.fixture
def priya(school: School) -> User:
    return given.priya(school)


def _group_of(follower: Follower) -> Audience:
    groups = follower_audit(follower.school_account)
    return next(audience for audience, lines in groups.items() if follower.pk in {line.follower.pk for line in lines})


def test_the_office_finds_somebody_and_says_who_a_follower_is(account: SchoolAccount, priya: User) -> None:
    dana, follower, client = a_parent(account.school), a_follower(account, handle="dana_h"), as_(priya)
    reference = follower.profile.reference
    found = client.post(reverse("follower_find", args=[reference]), {"search": "Hill"}).content.decode()
    assert dana.reference in found
    assert "parent or carer of Ada Hill, Year 2" in found
    without = client.post(reverse("follower_is", args=[reference]), {"person": dana.reference, "how": "", "search": "Hill"})
    assert without.status_code == 422
    assert "Say how you know." in without.content.decode()
    client.post(reverse("follower_is", args=[reference]), {"person": dana.reference, "how": "IN_PERSON", "note": "At the gate"})
    known = Identification.objects.get()
    assert (known.person, known.said_by, known.how, known.decision) == (dana, priya, "IN_PERSON", None)
    assert _group_of(follower) is Audience.KNOWN


def test_an_organisation_is_put_on_record_and_known(account: SchoolAccount, priya: User) -> None:
    follower = a_follower(account, handle="parish_church")
    typed = {"name": "St Example Church", "contact": "Revd Moss", "how": "CALL_BACK"}
    as_(priya).post(reverse("follower_organisation", args=[follower.profile.reference]), typed)
    assert Basis.objects.get().kind == Basis.Kind.ORGANISATION
    line = follower_audit(account)[Audience.KNOWN][0]
    assert line.sentence == "St Example Church, organisation, Revd Moss."


def test_who_was_asked_stands_beside_a_follower_nobody_knows(account: SchoolAccount, priya: User) -> None:
    follower, client = a_follower(account, handle="who_knows"), as_(priya)
    assert client.post(reverse("follower_asked", args=[follower.profile.reference]), {"note": ""}).status_code == 422
    client.post(reverse("follower_asked", args=[follower.profile.reference]), {"note": "the Year 2 teachers"})
    shown = client.get(reverse("followers"), {"group": "UNKNOWN"}).content.decode()
    assert "Nobody has said yet who this is. Priya asked on " in shown
    assert "the Year 2 teachers" in shown
    assert not QueueItem.objects.exists()


def test_the_first_look_through_the_followers_shows_how_far_it_is(account: SchoolAccount, priya: User) -> None:
    followers_read(account, given.MONDAY)
    strangers = [a_follower(account) for _ in range(60)]
    known = [
        recognise_follower(follower=one, person=a_parent(account.school), how="FORM", by=priya, at=given.MONDAY) for one in strangers[:8]
    ]
    assert len(known) == 8
    found = backlog(account, follower_audit(account, at=given.MONDAY), at=given.MONDAY)
    assert found is not None
    assert (found.total, found.done, found.left) == (60, 8, 52)
    assert found.finished_by == date(2026, 11, 11)
    assert "8 of 60 followers from before the register are looked at; 52 to go." in as_(priya).get(reverse("followers")).content.decode()


def test_with_nobody_left_the_first_look_is_over(account: SchoolAccount) -> None:
    a_follower(account, a_parent(account.school))
    assert backlog(account, follower_audit(account), at=clock()) is None
    followers_read(account, given.MONDAY)
    assert backlog(account, follower_audit(account), at=clock()) is None


def test_today_counts_every_follower_in_exactly_one_group(account: SchoolAccount, priya: User) -> None:
    a_follower(account, a_parent(account.school))
    a_follower(account)
    a_follower(account)
    page = as_(priya).get(reverse("today"))
    assert {group.word: group.count for group in page.context["groups"]} == {
        "Known": 1,
        "Known exception": 0,
        "Nobody we know": 2,
        "Should not follow": 0,
        "Leaver": 0,
        "Account changed": 0,
    }


def test_a_reader_is_not_told_who_follows(account: SchoolAccount) -> None:
    a_follower(account)
    page = as_(given.a_colleague(account.school, "Joan", Role.READER)).get(reverse("today"))
    assert page.context["groups"] == []


def test_the_pages_ask_the_database_as_often_for_forty_followers_as_for_four(account: SchoolAccount, priya: User) -> None:
    followers_read(account, clock())
    client = as_(priya)

    def asked(address: str) -> int:
        client.get(address)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get(address).status_code == 200
        return len(queries)

    pages = [
        reverse("today"),
        reverse("followers") + "?group=KNOWN",
        reverse("followers") + "?group=UNKNOWN",
        reverse("leavers") + "?tab=grace",
    ]
    sizes = []
    for count in (4, 36):
        for parent in parents_who_follow(account, count, year=f"Year {count % 7}"):
            left(parent, clock().date() - timedelta(days=1))
        parents_who_follow(account, count, year="Year 3")
        for _ in range(count):
            a_follower(account)
        a_plan(account, clock())
        sizes.append([asked(page) for page in pages])
    assert sizes[0] == sizes[1]


def test_a_marked_person_is_not_explained_away(account: SchoolAccount, priya: User) -> None:
    reid, una, follower = given.ms_reid(account.school), a_parent(account.school, "Una Bell", "Ivy Bell"), a_follower(account)
    recognise_follower(follower=follower, person=una, how=Verification.How.FORM, by=priya, at=given.MONDAY)
    open_restriction(person=una, reason="An order of 3 May.", by=reid, at=given.MONDAY)
    open_or_refresh_items(school=account.school, at=given.MONDAY)
    dana = a_parent(account.school)
    with pytest.raises(NotSafe, match="safeguarding lead"):
        recognise_follower(follower=follower, person=dana, how=Verification.How.FORM, by=priya, at=given.MONDAY)
    page = as_(priya).get(reverse("follower", args=[follower.profile.reference])).content.decode()
    assert "Una Bell" not in page
    assert reverse("follower_is", args=[follower.profile.reference]) not in page
    recognise_follower(follower=follower, person=dana, how=Verification.How.IN_PERSON, by=reid, at=given.MONDAY)
    assert QueueItem.objects.get().person == dana
    assert QueueItem.objects.get().state == State.HELD


def test_only_those_who_work_on_requests_say_who_a_follower_is(account: SchoolAccount) -> None:
    follower, joan = a_follower(account), given.a_colleague(account.school, "Joan", Role.DATA_LEAD)
    with pytest.raises(NotYours):
        recognise_follower(follower=follower, person=a_parent(account.school), how="FORM", by=joan, at=given.MONDAY)
    for name in ("follower_find", "follower_is", "follower_organisation", "follower_asked"):
        assert as_(joan).post(reverse(name, args=[follower.profile.reference])).status_code == 403


def test_another_schools_person_is_never_who_a_follower_is(account: SchoolAccount, priya: User) -> None:
    stranger = a_parent(given.a_school(name="Other", slug="other"))
    follower = a_follower(account)
    typed = {"person": stranger.reference, "how": "FORM"}
    assert as_(priya).post(reverse("follower_is", args=[follower.profile.reference]), typed).status_code == 404
    assert not Identification.objects.exists()
    assert Person.objects.count() == 1
