"""Of what does not fit: whose word closes it, who may read what was noted, and who is asked about somebody who is back."""

from datetime import datetime, timedelta

import pytest

from tests import given
from tests.given_leavers import a_follower, followers_read
from tests.given_questions import dana
from vetting.audit.queries import lines
from vetting.decisions.models import Decision, QueueItem
from vetting.decisions.operations import decide, open_removal, release
from vetting.decisions.policies import NotNow
from vetting.decisions.setting_aside import put_on_hold
from vetting.decisions.states import State
from vetting.execution.drift import Account, Answer, Drift, sentence, what_does_not_fit
from vetting.execution.models import Discrepancy
from vetting.execution.operations import find_discrepancies, look_for_discrepancies, note_discrepancy, say_unblocked
from vetting.execution.queries import how_many_do_not_fit, misfits, whom_it_is_about
from vetting.roster.operations import open_restriction
from vetting.school.models import School, SchoolAccount
from vetting.school.operations import set_policy
from vetting.twitter.models import Block, Connection, Follower

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
FIRST, NEXT_WEEK = given.MONDAY, given.MONDAY + 7 * DAY


@pytest.fixture
def school() -> School:
    return given.a_school()


@pytest.fixture
def account(school: School) -> SchoolAccount:
    account = given.an_account(school)
    Connection.objects.create(school_account=account, kind=Connection.Kind.LIVE, connected_at=FIRST)
    return account


def _compared(account: SchoolAccount, at: datetime) -> int:
    return find_discrepancies(school_account=account, reading=followers_read(account, at), at=at)


def _a_block(account: SchoolAccount) -> Discrepancy:
    follower = a_follower(account, handle="dana")
    Block.objects.create(school_account=account, profile=follower.profile, first_seen_at=FIRST, last_seen_at=FIRST)
    look_for_discrepancies(school_account=account, at=FIRST)
    return Discrepancy.objects.get()


def test_where_twitter_cannot_be_read_a_named_person_says_that_they_unblocked_somebody(school: School, account: SchoolAccount) -> None:
    Connection.objects.update(kind=Connection.Kind.BY_HAND)
    row, okafor = _a_block(account), given.mr_okafor(school)
    (one,) = misfits(school, is_lead=False, at=FIRST)
    assert one.word_counts
    say_unblocked(discrepancy=row, by=okafor, at=NEXT_WEEK)
    look_for_discrepancies(school_account=account, at=NEXT_WEEK)
    assert misfits(school, is_lead=False, at=NEXT_WEEK) == []
    (line, *_) = lines(school_id=school.pk, for_lead=False, limit=1)
    assert line.sentence == "Mr Okafor noted about @dana, who does not fit: Unblocked on Twitter; Twitter could not be read."


def test_a_note_that_somebody_stays_blocked_unblocks_nobody(school: School, account: SchoolAccount) -> None:
    Connection.objects.update(kind=Connection.Kind.BY_HAND)
    note_discrepancy(discrepancy=_a_block(account), note="Stays blocked, on purpose.", by=given.mr_okafor(school), at=NEXT_WEEK)
    look_for_discrepancies(school_account=account, at=NEXT_WEEK)
    assert Block.objects.get().ended_at is None
    assert [one.row.note for one in misfits(school, is_lead=False, at=NEXT_WEEK)] == ["Stays blocked, on purpose."]
    assert how_many_do_not_fit(school) == 0


def test_where_twitter_is_read_nobodys_word_ends_a_block(school: School, account: SchoolAccount) -> None:
    row = _a_block(account)
    assert not misfits(school, is_lead=False, at=FIRST)[0].word_counts
    with pytest.raises(NotNow):
        say_unblocked(discrepancy=row, by=given.mr_okafor(school), at=NEXT_WEEK)


def _removed(account: SchoolAccount, at: datetime) -> tuple[Follower, QueueItem]:
    """Somebody known was removed, as the lead or an admin decided, and Twitter showed it."""
    follower = a_follower(account, dana(account.school), "dana")
    item = open_removal(
        school_account=account, follower=follower, person=follower.profile.identifications.get().person, why="They left.", at=at
    )
    admin = given.mr_okafor(account.school)
    decide(item=item, seen_version=item.version, outcome=Decision.Outcome.REMOVE, reason="They left.", by=admin, at=at)
    QueueItem.objects.filter(pk=item.pk).update(state=State.DONE, closed_at=at + DAY)
    follower.profile.identifications.update(until=at + DAY)
    Follower.objects.filter(pk=follower.pk).update(ended_at=at + DAY)
    return follower, item


def test_a_marked_person_who_was_removed_and_follows_again_is_the_leads(school: School, account: SchoolAccount) -> None:
    follower, item = _removed(account, FIRST)
    reid, person = given.ms_reid(school), item.person
    open_restriction(person=person, reason="court order", by=reid, at=FIRST + 2 * DAY)
    again = Follower.objects.create(
        school_account=account, profile=follower.profile, first_seen_at=FIRST + 3 * DAY, last_seen_at=FIRST + 3 * DAY
    )
    _compared(account, NEXT_WEEK)
    (one,) = misfits(school, is_lead=False, at=NEXT_WEEK)
    assert (one.row.kind, one.sentence, one.person) == ("BACK_AGAIN", "This one needs the safeguarding lead.", None)
    asked = open_removal(
        school_account=account, follower=again, person=whom_it_is_about(again, at=NEXT_WEEK), why="Back again.", at=NEXT_WEEK
    )
    assert (asked.person, asked.state) == (person, State.HELD)


def test_what_the_lead_notes_about_a_held_person_is_read_by_the_lead_alone(school: School, account: SchoolAccount) -> None:
    follower, item = _removed(account, FIRST)
    reid = given.ms_reid(school)
    open_restriction(person=item.person, reason="court order", by=reid, at=FIRST + 2 * DAY)
    Follower.objects.create(school_account=account, profile=follower.profile, first_seen_at=FIRST + 3 * DAY, last_seen_at=FIRST + 3 * DAY)
    _compared(account, NEXT_WEEK)
    note_discrepancy(discrepancy=Discrepancy.objects.get(), note="The court allows it now.", by=reid, at=NEXT_WEEK)
    (others, *_) = lines(school_id=school.pk, for_lead=False, limit=1)
    (leads, *_) = lines(school_id=school.pk, for_lead=True, limit=1)
    assert "court" not in others.sentence
    assert "The court allows it now." in leads.sentence


def test_a_removal_that_came_back_is_answered_anew_after_the_lead_let_it_go(school: School, account: SchoolAccount) -> None:
    follower, okafor, reid = a_follower(account, handle="dana"), given.mr_okafor(school), given.ms_reid(school)
    item = open_removal(school_account=account, follower=follower, person=None, why="A shop.", at=FIRST)
    decide(item=item, seen_version=item.version, outcome=Decision.Outcome.REMOVE, reason="A shop.", by=okafor, at=FIRST)
    QueueItem.objects.filter(pk=item.pk).update(state=State.TO_APPROVE, evidence_changed_at=FIRST + DAY)
    item = QueueItem.objects.select_related("profile", "school").get(pk=item.pk)
    put_on_hold(item=item, by=None, at=FIRST + 2 * DAY)
    release(item=item, seen_version=item.version, why="Nothing in it.", by=reid, at=FIRST + 3 * DAY)
    item.refresh_from_db()
    assert item.state == State.TO_APPROVE
    assert not Decision.objects.filter(item=item, undone_at=None).exists()


def test_where_the_account_is_public_on_purpose_only_somebody_declined_does_not_fit(school: School, account: SchoolAccount) -> None:
    _compared(account, FIRST)
    follower = a_follower(account, handle="a_reader")
    Follower.objects.filter(pk=follower.pk).update(first_seen_at=FIRST + DAY, last_seen_at=FIRST + DAY)
    set_policy(school=school, key="account_is_public", value=True, by=given.mr_okafor(school), at=FIRST)
    assert _compared(account, NEXT_WEEK) == 0
    declined = Account(first_seen=FIRST + DAY, last_seen=FIRST + 2 * DAY, answer=Answer("REJECT", FIRST, FIRST, done=True))
    assert what_does_not_fit(declined, reading_began=NEXT_WEEK, asks_nobody=True) is Drift.ACCEPTED_WITHOUT_US


SEEN = {"first_seen": FIRST + 2 * DAY, "last_seen": FIRST + 3 * DAY}
TAKEN_BACK = Answer("REMOVE", FIRST, FIRST + DAY)


@pytest.mark.parametrize(
    ("account", "found"),
    [
        (Account(**SEEN, known_since=FIRST - DAY, answer=Answer("REJECT", FIRST, FIRST, done=True)), Drift.ACCEPTED_WITHOUT_US),
        (Account(**SEEN, known_since=FIRST + DAY, answer=Answer("REJECT", FIRST, FIRST, done=True)), None),
        (Account(**SEEN, known_since=FIRST, belongs=True, answer=TAKEN_BACK), None),
        (Account(**SEEN, answer=TAKEN_BACK), Drift.BACK_AGAIN),
        (Account(known_since=FIRST, belongs=True, answer=TAKEN_BACK), Drift.ABSENT),
    ],
)
def test_a_removal_taken_back_removed_nobody_and_a_decline_outlives_an_older_name(account: Account, found: Drift | None) -> None:
    assert what_does_not_fit(account, reading_began=NEXT_WEEK) is found


def test_somebody_whose_removal_only_went_away_is_not_said_to_have_been_removed() -> None:
    said = sentence(Drift.BACK_AGAIN, Account(**SEEN, answer=TAKEN_BACK), found_at=NEXT_WEEK, day=lambda moment: f"{moment:%-d %b}")
    assert said == "Was to be removed on 10 Nov, seen again as a follower on 11 Nov."
