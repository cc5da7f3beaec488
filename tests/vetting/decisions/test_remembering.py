"""What is remembered of earlier questions: by number, name, address and person; in one school; and never why something was held."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from tests import given
from tests.given_intake import a_message, an_email
from tests.given_questions import a_profile, a_question, an_opinion, dana
from vetting.concerns.models import Concern
from vetting.decisions.models import QueueItem
from vetting.decisions.operations import decide, hold, lapse, open_or_refresh_items, release
from vetting.decisions.remembering import Same, asked_before, remember
from vetting.decisions.states import State
from vetting.intake.models import Claim
from vetting.matching.models import Match
from vetting.school.models import School, SchoolAccount
from vetting.twitter.models import FollowRequest, TwitterProfile
from vetting.values import Level

pytestmark = pytest.mark.django_db

THEN = given.MONDAY + timedelta(days=1)
NOW = given.MONDAY + timedelta(days=40)
SECRET = "Seen outside the gate"


@pytest.fixture
def school() -> School:
    return given.a_school()


@pytest.fixture
def account(school: School) -> SchoolAccount:
    return given.an_account(school)


def declined(item: QueueItem, *, reason: str = "Not known to us", at: object = THEN) -> QueueItem:
    """Declined, and the request is gone from Twitter."""
    admin = User.objects.filter(email=f"mr.okafor@{item.school.slug}.test").first() or given.mr_okafor(item.school)
    decide(item=item, seen_version=item.version, outcome="REJECT", reason=reason, by=admin, at=at)
    QueueItem.objects.filter(pk=item.pk).update(state=State.DONE, closed_at=at)
    FollowRequest.objects.filter(pk=item.follow_request_id).update(ended_at=at)
    return QueueItem.objects.get(pk=item.pk)


def asks_again(item: QueueItem, *, level: Level = Level.CHECK) -> QueueItem:
    an_opinion(item.school_account, item.profile, level, item.person, at=NOW, code="SENDER_UNKNOWN")
    open_or_refresh_items(school=item.school, at=NOW)
    return QueueItem.objects.get(profile=item.profile, closed_at=None)


def another(account: SchoolAccount, handle: str, number: int, **shown: str) -> QueueItem:
    """A question about somebody of whom nothing else is known."""
    profile = a_profile(account, handle, number)
    TwitterProfile.objects.filter(pk=profile.pk).update(**shown)
    profile.refresh_from_db()
    an_opinion(account, profile, Level.NONE, None, at=NOW)
    open_or_refresh_items(school=account.school, at=NOW)
    return QueueItem.objects.get(profile=profile)


def written_by(item: QueueItem, claim: Claim) -> QueueItem:
    Match.objects.filter(pk=item.match_id).update(claim=claim)
    return QueueItem.objects.get(pk=item.pk)


def test_an_earlier_answer_about_the_same_account_is_remembered_with_its_reason(account: SchoolAccount) -> None:
    before = declined(a_question(account, Level.CHECK))
    (memory,) = remember(item=asks_again(before), for_lead=False)
    assert (memory.item, memory.at, memory.reason, memory.held) == (before, THEN, "Not known to us", False)
    assert memory.decision is not None
    assert str(memory.decision.by) == "Mr Okafor"
    assert memory.same == (Same.NUMBER, Same.NAME)


def test_a_name_is_remembered_whoever_holds_it_now(account: SchoolAccount) -> None:
    declined(a_question(account, Level.CHECK, person=dana(account.school)))
    (memory,) = remember(item=another(account, "danahill", 800001), for_lead=False)
    assert memory.same == (Same.HANDLE,)
    TwitterProfile.objects.filter(twitter_user_id="700001").update(handle="hill_dana", previous_handle="danahill")
    (renamed,) = remember(item=QueueItem.objects.get(profile__twitter_user_id="800001"), for_lead=False)
    assert renamed.same == (Same.HANDLE,)


def test_an_address_is_remembered_as_its_provider_reads_it(account: SchoolAccount) -> None:
    school = account.school
    first = an_email(school, a_message(sender="Dana Hill <dana.hill@gmail.com>", number=1)).claims.get()
    second = an_email(school, a_message(sender="D <danahill@googlemail.com>", number=2)).claims.get()
    other = an_email(school, a_message(sender="D <dan.ahill@example.org>", number=3)).claims.get()
    dotted = an_email(school, a_message(sender="E <danahill@example.org>", number=4)).claims.get()
    declined(written_by(a_question(account, Level.CHECK), first))
    now = another(account, "somebody", 800001)
    assert [memory.same for memory in remember(item=written_by(now, second), for_lead=False)] == [(Same.ADDRESS,)]
    Match.objects.filter(claim=first).update(claim=other)
    assert remember(item=written_by(now, dotted), for_lead=False) == [], "dots count at every other provider"


def test_a_whole_name_is_remembered_and_a_first_name_alone_is_not(account: SchoolAccount) -> None:
    declined(a_question(account, Level.CHECK))
    (memory,) = remember(item=another(account, "somebody", 800001, display_name="DANA hill"), for_lead=False)
    assert memory.same == (Same.NAME,)
    assert remember(item=another(account, "nobody", 800002, display_name="Dana"), for_lead=False) == []


def test_that_it_was_held_is_said_and_why_is_the_leads_alone(account: SchoolAccount) -> None:
    reid, item = given.ms_reid(account.school), a_question(account, Level.CHECK)
    hold(item=item, seen_version=item.version, category=Concern.Category.CONTACT, words=SECRET, by=reid, at=THEN)
    item.refresh_from_db()
    decide(item=item, seen_version=item.version, outcome="REJECT", reason=SECRET, by=reid, at=THEN)
    QueueItem.objects.filter(pk=item.pk).update(state=State.DONE, closed_at=THEN)
    FollowRequest.objects.update(ended_at=THEN)
    again = asks_again(item)
    (office,), (lead,) = remember(item=again, for_lead=False), remember(item=again, for_lead=True)
    assert (office.held, office.reason) == (True, "")
    assert (lead.held, lead.reason) == (True, SECRET)


def test_what_was_held_and_then_released_keeps_its_later_reason_from_the_office_too(account: SchoolAccount) -> None:
    reid, item = given.ms_reid(account.school), a_question(account, Level.CHECK)
    hold(item=item, seen_version=item.version, category=Concern.Category.CONTACT, words=SECRET, by=reid, at=THEN)
    item.refresh_from_db()
    release(item=item, seen_version=item.version, why=SECRET, by=reid, at=THEN)
    item.refresh_from_db()
    (office,) = remember(item=asks_again(declined(item)), for_lead=False)
    assert (office.held, office.reason) == (True, "")


def test_a_request_that_went_away_unanswered_is_remembered(account: SchoolAccount) -> None:
    item = a_question(account, Level.NONE)
    FollowRequest.objects.update(ended_at=THEN)
    lapse(item=item, why="withdrawn.", at=THEN)
    (memory,) = remember(item=asks_again(item), for_lead=False)
    assert (memory.decision, memory.at, memory.item.state) == (None, THEN, State.LAPSED)


def test_the_newest_stands_first_and_another_school_is_never_asked(account: SchoolAccount) -> None:
    first = declined(a_question(account, Level.CHECK), at=THEN)
    second = declined(asks_again(first), reason="Still not known", at=NOW)
    elsewhere = given.an_account(given.a_school(name="Other Primary", slug="other"), "otherprimary")
    declined(a_question(elsewhere, Level.CHECK))
    third = asks_again(second)
    assert [memory.item for memory in remember(item=third, for_lead=False)] == [second, first]


def test_remembering_costs_the_same_however_much_there_is(account: SchoolAccount) -> None:
    item = a_question(account, Level.CHECK)
    for _ in range(2):
        item = asks_again(declined(item, at=NOW))
    item = QueueItem.objects.select_related("profile", "person", "match__claim").get(pk=item.pk)
    with CaptureQueriesContext(connection) as few:
        assert len(remember(item=item, for_lead=False)) == 2
    for _ in range(5):
        item = asks_again(declined(item, at=NOW))
    item = QueueItem.objects.select_related("profile", "person", "match__claim").get(pk=item.pk)
    with CaptureQueriesContext(connection) as many:
        assert len(remember(item=item, for_lead=False)) == 7
    assert len(many) == len(few) == 3


def test_rows_know_in_one_query_whether_something_like_them_was_asked_before(account: SchoolAccount) -> None:
    before = declined(a_question(account, Level.CHECK))
    rows = [asks_again(before), another(account, "danahill", 800001), another(account, "nobody", 800002)]
    rows = list(QueueItem.objects.filter(pk__in=[row.pk for row in rows]).select_related("profile").order_by("pk"))
    with CaptureQueriesContext(connection) as asked:
        assert asked_before(rows) == {rows[0].pk, rows[1].pk}
    assert len(asked) == 1
    assert asked_before([before]) == set(), "a question is not its own past"
    assert asked_before([]) == set()
