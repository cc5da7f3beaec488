"""The first tab of Followers: what Twitter shows otherwise than the register, what can be done, and who may see whom."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils.timezone import now as clock

from tests import given
from tests.at_the_screen import as_
from tests.given_leavers import a_follower, followers_read
from tests.given_questions import dana
from vetting.decisions.models import Decision, QueueItem
from vetting.decisions.operations import decide, open_removal
from vetting.decisions.states import State
from vetting.execution.models import Attempt, Discrepancy, OwedLift
from vetting.execution.operations import find_discrepancies
from vetting.identities.models import Identification
from vetting.roster.models import Basis
from vetting.roster.operations import open_restriction
from vetting.school.models import Role, School, SchoolAccount
from vetting.school.operations import set_policy
from vetting.twitter.models import Connection, Follower

pytestmark = pytest.mark.django_db
LONG_AGO = given.MONDAY - timedelta(days=60)
TAB = {"group": "DOES_NOT_FIT"}


@pytest.fixture
def school() -> School:
    return given.a_school()


@pytest.fixture
def account(school: School) -> SchoolAccount:
    account = given.an_account(school)
    Connection.objects.create(school_account=account, kind=Connection.Kind.LIVE, connected_at=LONG_AGO)
    followers_read(account, LONG_AGO)
    return account


def _let_in_by_hand(account: SchoolAccount, handle: str = "sneaked_in") -> Discrepancy:
    follower = a_follower(account, handle=handle)
    find_discrepancies(school_account=account, reading=followers_read(account, given.MONDAY), at=given.MONDAY)
    return Discrepancy.objects.get(profile=follower.profile)


def _missing_parent(account: SchoolAccount) -> Discrepancy:
    person = dana(account.school)
    Basis.objects.update(starts_on=LONG_AGO.date())
    follower = a_follower(account, person, "danahill")
    Identification.objects.update(since=LONG_AGO)
    Follower.objects.filter(pk=follower.pk).update(ended_at=given.MONDAY)
    find_discrepancies(school_account=account, reading=followers_read(account, given.MONDAY), at=given.MONDAY)
    return Discrepancy.objects.get(profile=follower.profile)


def test_the_page_opens_with_what_does_not_fit_and_today_says_how_many(school: School, account: SchoolAccount) -> None:
    client = as_(given.mr_okafor(school))
    assert "Everything fits." in client.get(reverse("followers"), TAB).content.decode()
    assert "does not fit" not in client.get(reverse("today")).content.decode()
    _let_in_by_hand(account)
    shown = client.get(reverse("followers")).content.decode()
    assert "Let in on Twitter on or before 9 Nov 2026, without an answer here." in shown
    assert "https://x.com/intent/user?user_id=800001" in shown
    today = client.get(reverse("today")).content.decode()
    assert "1 account does not fit what the register says." in today
    assert f"{reverse('followers')}?group=DOES_NOT_FIT" in today
    _let_in_by_hand(account, "another")
    assert "2 accounts do not fit what the register says." in client.get(reverse("today")).content.decode()


def test_a_removal_is_asked_for_from_the_row_and_the_row_then_leads_to_it(school: School, account: SchoolAccount) -> None:
    row, client = _let_in_by_hand(account), as_(given.priya(school))
    sentence = "Let in on Twitter on or before 9 Nov 2026, without an answer here."
    client.post(reverse("follower_removal", args=[row.profile.reference]), {"why": sentence})
    item = QueueItem.objects.get()
    assert (item.why, item.state) == (sentence, State.TO_APPROVE)
    shown = client.get(reverse("followers"), TAB).content.decode()
    assert reverse("removal", args=[item.reference]) in shown
    assert "Must they go?" not in shown


def test_only_an_admin_or_the_lead_notes_and_not_without_a_word(school: School, account: SchoolAccount) -> None:
    row = _let_in_by_hand(account)
    address = reverse("misfit_note", args=[row.reference])
    office, admin = as_(given.priya(school)), as_(given.mr_okafor(school))
    assert "I have looked at this" not in office.get(reverse("followers"), TAB).content.decode()
    assert office.post(address, {"note": "x"}).status_code == 403
    empty = admin.post(address, {"note": " "})
    assert empty.status_code == 422
    assert "Write in a few words what you found." in empty.content.decode()
    assert admin.get(address).status_code == 405
    said = admin.post(address, {"note": "The library."}, follow=True).content.decode()
    assert "Noted about @sneaked_in. It no longer counts as open." in said
    assert "“The library.” Mr Okafor" in said
    assert admin.post(address, {"note": "Again."}).status_code == 409


def test_a_held_person_shows_one_sentence_to_everybody_but_the_lead(school: School, account: SchoolAccount) -> None:
    row, reid = _missing_parent(account), given.ms_reid(school)
    admin = as_(given.mr_okafor(school))
    assert "Known as Dana Hill since 10 Sep 2026" in admin.get(reverse("followers"), TAB).content.decode()
    open_restriction(person=Identification.objects.get().person, reason="An order", by=reid, at=given.MONDAY)
    hidden = admin.get(reverse("followers"), TAB).content.decode()
    assert "This one needs the safeguarding lead." in hidden
    assert "Dana Hill" not in hidden
    assert "I have looked at this" not in hidden
    assert admin.post(reverse("misfit_note", args=[row.reference]), {"note": "x"}).status_code == 409
    assert "Known as Dana Hill" in as_(reid).get(reverse("followers"), TAB).content.decode()


def test_another_school_and_a_reader_see_none_of_it(school: School, account: SchoolAccount) -> None:
    row = _let_in_by_hand(account)
    elsewhere = given.a_school(name="Other Primary", slug="other")
    stranger = as_(given.a_colleague(elsewhere, "Noor", Role.ADMIN, Role.LEAD))
    assert stranger.post(reverse("misfit_note", args=[row.reference]), {"note": "x"}).status_code == 404
    assert "sneaked_in" not in stranger.get(reverse("followers"), TAB).content.decode()
    reader = as_(given.a_colleague(school, "Rob", Role.READER))
    assert reader.get(reverse("followers"), TAB).status_code == 403
    assert "does not fit" not in reader.get(reverse("today")).content.decode()


def test_a_removal_that_waits_says_what_it_waits_for(school: School, account: SchoolAccount) -> None:
    okafor = given.mr_okafor(school)
    set_policy(school=school, key="remove_by_api", value=True, by=okafor, at=LONG_AGO)
    keys = dict.fromkeys(("consumer_key", "consumer_secret", "access_token", "access_secret"), "k")
    for connection in Connection.objects.all():
        for name, value in keys.items():
            setattr(connection, name, value)
        connection.save()
    item = open_removal(school_account=account, follower=a_follower(account), person=None, why="A shop.", at=given.MONDAY)
    decide(item=item, seen_version=item.version, outcome="REMOVE", reason="A shop.", by=okafor, at=given.MONDAY)

    def shown() -> str:
        return as_(okafor).get(reverse("removal", args=[item.reference])).content.decode()

    assert "Waiting to be sent" in shown()
    Connection.objects.update(broken_because="Twitter no longer accepts the keys of this connection (401).")
    assert "It waits until Twitter can be reached again. Twitter no longer accepts the keys" in shown()
    set_policy(school=school, key="removals_paused", value=True, by=okafor, at=clock())
    assert "All removals are paused. It goes on when the pause ends" in shown()
    QueueItem.objects.update(state=State.CARRYING_OUT)
    attempt = Attempt.objects.create(item=item, decision=Decision.objects.get(), began_at=given.MONDAY)
    OwedLift.objects.create(item=item, attempt=attempt, owed_since=given.MONDAY, not_before=given.MONDAY, blocked_at=given.MONDAY)
    assert "They no longer follow. Twitter needed them blocked for a moment for that; they are being unblocked." in shown()
