"""Twitter and the register say different things: found by a complete reading, ended when they agree, noted by a person."""

import random
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest

from tests import given
from tests.given_leavers import a_follower, followers_read
from tests.given_questions import LATER, a_question, approved, dana, seen, verified
from tests.given_removals import MINUTE, followers_are_read, the_clock_runs
from tests.given_twitter import at_twitter
from tests.sandbox import Sandbox
from vetting.audit.events import Event
from vetting.audit.models import AuditEvent
from vetting.audit.queries import check_chain, lines
from vetting.concerns.models import Concern
from vetting.concerns.operations import raise_concern
from vetting.decisions.models import Decision, QueueItem
from vetting.decisions.operations import decide, open_removal, tick_done
from vetting.decisions.policies import NotNow, NotSafe, NotYours
from vetting.decisions.states import State
from vetting.execution.drift import Account, Answer, Drift, what_does_not_fit
from vetting.execution.models import Comparison, Discrepancy
from vetting.execution.operations import confirm_from_sightings, find_discrepancies, look_for_discrepancies, note_discrepancy
from vetting.execution.queries import how_many_do_not_fit, misfits
from vetting.identities.models import Identification
from vetting.roster.models import Basis, Person
from vetting.roster.operations import open_restriction
from vetting.school.models import School, SchoolAccount
from vetting.twitter.models import Connection, Follower, ListReading, Sighting, TwitterProfile, WatchedUser
from vetting.twitter.operations import NotNow as TwitterNotNow
from vetting.twitter.operations import paste_followers, sync_followers
from vetting.values import BadValue

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
FIRST = given.MONDAY
NEXT_WEEK = given.MONDAY + 7 * DAY


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


def _listed(school: School, at: datetime = NEXT_WEEK, *, is_lead: bool = False) -> list[tuple[str, str]]:
    return [(one.row.profile.handle, one.sentence) for one in misfits(school, is_lead=is_lead, at=at)]


def _known_as(profile: TwitterProfile, person: Person, at: datetime) -> None:
    Identification.objects.create(school=profile.school, person=person, profile=profile, since=at)


def _starts_to_follow(account: SchoolAccount, handle: str, at: datetime) -> Follower:
    follower = a_follower(account, handle=handle)
    Follower.objects.filter(pk=follower.pk).update(first_seen_at=at, last_seen_at=at)
    follower.refresh_from_db()
    return follower


# What is found.


def test_somebody_let_in_on_twitter_without_an_answer_is_found_by_the_next_complete_reading(school: School, account: SchoolAccount) -> None:
    a_follower(account, handle="long_there")
    _compared(account, FIRST)
    assert _listed(school) == [], "who followed before the register is for the groups of followers, not for this list"
    _starts_to_follow(account, "sneaked_in", FIRST + 2 * DAY)
    assert _compared(account, NEXT_WEEK) == 1
    assert _listed(school) == [("sneaked_in", "Let in on Twitter on or before 11 Nov 2026, without an answer here.")]
    assert _compared(account, NEXT_WEEK + DAY) == 0
    assert how_many_do_not_fit(school) == 1


def test_somebody_approved_or_known_or_kept_fits(school: School, account: SchoolAccount) -> None:
    _compared(account, FIRST)
    item = approved(verified(a_question(account), given.priya(school)), given.mr_okafor(school))
    follower = Follower.objects.create(school_account=account, profile=item.profile, first_seen_at=FIRST + DAY, last_seen_at=FIRST + DAY)
    assert _compared(account, FIRST + 2 * DAY) == 0, "accepted on Twitter, and the confirmation is still to come"
    known = _starts_to_follow(account, "known", FIRST + DAY)
    _known_as(known.profile, dana(school, "Eli Ro"), FIRST + DAY)
    kept = _starts_to_follow(account, "kept", FIRST + DAY)
    _removal_answered(kept, Decision.Outcome.KEEP, FIRST + 2 * DAY)
    assert _compared(account, NEXT_WEEK) == 0
    assert follower.ended_at is None


def _removal_answered(follower: Follower, outcome: Decision.Outcome, at: datetime) -> QueueItem:
    account = follower.school_account
    item = open_removal(school_account=account, follower=follower, person=None, why="A shop.", at=at)
    admin = given.a_colleague(account.school, f"Ms Admin {item.pk}", "ADMIN")
    decide(item=item, seen_version=item.version, outcome=outcome, reason="So it is.", by=admin, at=at)
    return QueueItem.objects.select_related("profile", "school_account").get(pk=item.pk)


def _removed(follower: Follower, at: datetime) -> QueueItem:
    item = _removal_answered(follower, Decision.Outcome.REMOVE, at)
    seen(item, Sighting.Relation.NEITHER, at + LATER)
    Follower.objects.filter(pk=follower.pk).update(ended_at=at + LATER)
    assert confirm_from_sightings(school_account=follower.school_account, at=at + LATER) == 1
    return item


def test_somebody_removed_who_follows_again_is_found(school: School, account: SchoolAccount) -> None:
    follower = a_follower(account, handle="came_back")
    _compared(account, FIRST)
    _removed(follower, FIRST + DAY)
    assert _compared(account, FIRST + 2 * DAY) == 0
    Follower.objects.create(school_account=account, profile=follower.profile, first_seen_at=FIRST + 5 * DAY, last_seen_at=FIRST + 5 * DAY)
    assert _compared(account, NEXT_WEEK) == 1
    assert _listed(school) == [("came_back", "Removed on 10 Nov 2026, seen again as a follower on 14 Nov 2026.")]
    Follower.objects.filter(ended_at=None).update(ended_at=NEXT_WEEK)
    _compared(account, NEXT_WEEK + DAY)
    assert _listed(school) == []


def _vetted(account: SchoolAccount, at: datetime = FIRST) -> QueueItem:
    item = approved(verified(a_question(account), given.priya(account.school)), given.mr_okafor(account.school))
    seen(item, Sighting.Relation.FOLLOWS, at + 4 * LATER)
    Follower.objects.create(school_account=account, profile=item.profile, first_seen_at=at + 4 * LATER, last_seen_at=at + 4 * LATER)
    confirm_from_sightings(school_account=account, at=at + 5 * LATER)
    return QueueItem.objects.get(pk=item.pk)


def test_somebody_approved_who_is_not_there_is_found_and_named(school: School, account: SchoolAccount) -> None:
    item = _vetted(account)
    _compared(account, FIRST + DAY)
    assert _listed(school) == []
    Follower.objects.update(ended_at=FIRST + 2 * DAY)
    _compared(account, NEXT_WEEK)
    said = "Approved on 9 Nov 2026 for Dana Hill; not among the followers on 16 Nov 2026. They may have left by themselves."
    assert _listed(school) == [("danahill", said)]
    assert item.state == State.DONE


@pytest.mark.parametrize(
    ("standing", "said"),
    [
        ("SUSPENDED", "Approved on 9 Nov 2026 for Dana Hill. Twitter suspended the account; until it is back it does not follow."),
        ("GONE", "Approved on 9 Nov 2026 for Dana Hill. The account is no longer on Twitter."),
    ],
)
def test_a_suspended_account_and_one_that_is_gone_are_different_things(
    school: School, account: SchoolAccount, standing: str, said: str
) -> None:
    _vetted(account)
    TwitterProfile.objects.update(standing=standing)
    _compared(account, NEXT_WEEK)
    assert _listed(school) == [("danahill", said)]
    TwitterProfile.objects.update(standing="ACTIVE")
    _compared(account, NEXT_WEEK + DAY)
    assert _listed(school) == []


def test_who_has_no_reason_to_follow_any_longer_is_not_missed(school: School, account: SchoolAccount) -> None:
    _vetted(account)
    Follower.objects.update(ended_at=FIRST + 2 * DAY)
    Basis.objects.update(ends_on=(FIRST + 3 * DAY).date())
    assert _compared(account, NEXT_WEEK) == 0


def test_who_was_approved_while_the_list_was_read_is_not_missed(school: School, account: SchoolAccount) -> None:
    _vetted(account)
    Follower.objects.update(ended_at=FIRST)
    reading = followers_read(account, FIRST + 5 * LATER)
    assert find_discrepancies(school_account=account, reading=reading, at=FIRST + 6 * LATER) == 0


def test_who_follows_another_account_of_the_school_is_not_missed_here(school: School, account: SchoolAccount) -> None:
    _vetted(account)
    other = given.an_account(school, "stexample_pe")
    assert _compared(other, NEXT_WEEK) == 0


def test_somebody_declined_who_follows_is_said_to_be_that(school: School, account: SchoolAccount) -> None:
    _compared(account, FIRST)
    item = a_question(account)
    decide(item=item, seen_version=item.version, outcome="REJECT", reason="A shop.", by=given.mr_okafor(school), at=FIRST + LATER)
    Follower.objects.create(school_account=account, profile=item.profile, first_seen_at=FIRST + DAY, last_seen_at=FIRST + DAY)
    _compared(account, NEXT_WEEK)
    assert _listed(school) == [("danahill", "Declined on 9 Nov 2026, yet follows.")]


# What only a complete reading may do.


@pytest.mark.parametrize("partial", [False, True])
def test_a_reading_that_is_not_complete_finds_nothing_and_ends_nothing(school: School, account: SchoolAccount, partial: bool) -> None:
    _compared(account, FIRST)
    follower = _starts_to_follow(account, "sneaked_in", FIRST + DAY)
    reading = followers_read(account, NEXT_WEEK, complete=False)
    if partial:
        ListReading.objects.filter(pk=reading.pk).update(ended_at=None, next_page="more")
    assert find_discrepancies(school_account=account, reading=reading, at=NEXT_WEEK) == 0
    assert _listed(school) == []
    _compared(account, NEXT_WEEK)
    Follower.objects.filter(pk=follower.pk).update(ended_at=NEXT_WEEK)
    reading = followers_read(account, NEXT_WEEK + DAY, complete=False)
    find_discrepancies(school_account=account, reading=reading, at=NEXT_WEEK + DAY)
    look_for_discrepancies(school_account=account, at=NEXT_WEEK + DAY)
    assert how_many_do_not_fit(school) == 1


FAULTS = (
    "server_error",
    "dropped",
    "empty_page",
    "empty_page_with_next",
    "cursor_loop",
    "half_body",
    "broken_body",
    "errors_only",
    "stale",
)


@pytest.mark.parametrize("seed", range(6))
def test_nobody_who_follows_is_ever_listed_as_absent_whatever_the_readings_come_to(sandbox: Sandbox, seed: int) -> None:
    there, dice = at_twitter(sandbox), random.Random(seed)  # noqa: S311  # a test that can be run again
    handles = [f"parent_{number}" for number in range(8)]
    there.follows(*handles)
    sandbox.world.set_page_size(3)
    followers_are_read(there, FIRST)
    for handle in handles:
        _known_as(there.profile(handle), dana(there.school, f"Parent {handle}"), FIRST)
    at = FIRST
    for _ in range(8):
        at += timedelta(minutes=dice.choice((5, 20, 90)))
        sandbox.world.clear_faults()
        if dice.random() < 0.75:
            sandbox.world.fault(dice.choice(("followers", "users", "me")), dice.choice(FAULTS), times=dice.choice((1, 2, None)))
        with suppress(TwitterNotNow):
            sync_followers(connection=there.connection, twitter=there.twitter, at=at)
        look_for_discrepancies(school_account=there.account, at=at)
        assert not Discrepancy.objects.exists(), "they all follow, and followed from the beginning"
    sandbox.world.clear_faults()
    sandbox.world.unfollow("parent_0")
    for _ in range(3):
        at += timedelta(hours=2)
        sync_followers(connection=there.connection, twitter=there.twitter, at=at)
        look_for_discrepancies(school_account=there.account, at=at)
    assert [row.profile.handle for row in Discrepancy.objects.filter(kind="ABSENT")] == ["parent_0"], "and one who left is"


def test_a_reading_is_compared_once_and_says_so_in_the_record_once(school: School, account: SchoolAccount) -> None:
    _compared(account, FIRST)
    _starts_to_follow(account, "sneaked_in", FIRST + DAY)
    followers_read(account, NEXT_WEEK)
    assert look_for_discrepancies(school_account=account, at=NEXT_WEEK) == 1
    assert look_for_discrepancies(school_account=account, at=NEXT_WEEK + MINUTE) == 0
    assert Comparison.objects.count() == 2
    found = AuditEvent.objects.filter(event=Event.DISCREPANCIES_FOUND)
    assert found.count() == 1
    (line, *_) = lines(school_id=school.pk, for_lead=False, limit=1)
    assert line.sentence == "Twitter was compared with the register. New things that do not fit: 1; settled: 0."
    assert check_chain(school_id=school.pk).whole


def test_pasted_lists_are_compared_too(school: School) -> None:
    account, priya = given.an_account(school), given.priya(school)
    paste_followers(school_account=account, text="@ann\n@bea\n", by=priya, at=FIRST)
    look_for_discrepancies(school_account=account, at=FIRST)
    paste_followers(school_account=account, text="@ann\n@bea\n@cem\n", by=priya, at=NEXT_WEEK)
    look_for_discrepancies(school_account=account, at=NEXT_WEEK)
    assert [handle for handle, _ in _listed(school)] == ["cem"]


# How it ends.


def test_what_is_answered_here_ends_without_another_reading(school: School, account: SchoolAccount) -> None:
    _compared(account, FIRST)
    kept, removed, known = (_starts_to_follow(account, name, FIRST + DAY) for name in ("kept", "removed", "known"))
    _compared(account, FIRST + 2 * DAY)
    assert how_many_do_not_fit(school) == 3
    _removal_answered(kept, Decision.Outcome.KEEP, FIRST + 3 * DAY)
    _removed(removed, FIRST + 3 * DAY)
    _known_as(known.profile, dana(school), FIRST + 3 * DAY)
    look_for_discrepancies(school_account=account, at=FIRST + 4 * DAY)
    assert how_many_do_not_fit(school) == 0


def test_an_admin_notes_it_in_a_few_words_and_it_no_longer_counts(school: School, account: SchoolAccount) -> None:
    _compared(account, FIRST)
    _starts_to_follow(account, "the_library", FIRST + DAY)
    _compared(account, NEXT_WEEK)
    row, okafor = Discrepancy.objects.get(), given.mr_okafor(school)
    with pytest.raises(NotYours):
        note_discrepancy(discrepancy=row, note="x", by=given.priya(school), at=NEXT_WEEK)
    with pytest.raises(BadValue):
        note_discrepancy(discrepancy=row, note="  ", by=okafor, at=NEXT_WEEK)
    note_discrepancy(discrepancy=row, note="The town's library.", by=okafor, at=NEXT_WEEK)
    assert how_many_do_not_fit(school) == 0
    (one,) = misfits(school, is_lead=False, at=NEXT_WEEK)
    assert (one.row.note, one.row.noted_by) == ("The town's library.", okafor)
    with pytest.raises(NotNow):
        note_discrepancy(discrepancy=row, note="Again.", by=okafor, at=NEXT_WEEK)
    _compared(account, NEXT_WEEK + DAY)
    assert Discrepancy.objects.count() == 1, "the same is not found again"
    (line, *_) = lines(school_id=school.pk, for_lead=False, limit=1)
    assert line.sentence == "Mr Okafor noted about @the_library, who does not fit: The town's library."


@pytest.mark.parametrize("why", ["a mark", "a concern"])
def test_a_held_person_shows_one_sentence_and_only_the_lead_notes_it(school: School, account: SchoolAccount, why: str) -> None:
    item, reid = _vetted(account), given.ms_reid(school)
    Follower.objects.update(ended_at=FIRST + 2 * DAY)
    _compared(account, NEXT_WEEK)
    if why == "a mark":
        assert item.person is not None
        open_restriction(person=item.person, reason="court order", by=reid, at=NEXT_WEEK)
    else:
        raise_concern(school=school, category=Concern.Category.CONTACT, words="x", by=reid, at=NEXT_WEEK, profile=item.profile)
    (one,) = misfits(school, is_lead=False, at=NEXT_WEEK)
    assert (one.sentence, one.person) == ("This one needs the safeguarding lead.", None)
    (one,) = misfits(school, is_lead=True, at=NEXT_WEEK)
    assert one.person == item.person
    with pytest.raises(NotSafe):
        note_discrepancy(discrepancy=one.row, note="x", by=given.mrs_lane(school), at=NEXT_WEEK)
    note_discrepancy(discrepancy=one.row, note="They moved.", by=reid, at=NEXT_WEEK)


# Blocks.


def test_somebody_blocked_on_twitters_page_is_listed_until_they_are_unblocked(sandbox: Sandbox) -> None:
    there = at_twitter(sandbox)
    there.follows("dana_hill", "ann", "bea")
    followers_are_read(there, FIRST)
    sandbox.world.block("dana_hill")
    for hours in (1, 2):
        followers_are_read(there, FIRST + timedelta(hours=hours))
    at = FIRST + timedelta(hours=2)
    look_for_discrepancies(school_account=there.account, at=at)
    said = "Blocked on Twitter, seen on 9 Nov 2026; no removal here explains it. On Twitter, unblock @dana_hill, or note why not."
    assert _listed(there.school, at) == [("dana_hill", said)]
    assert WatchedUser.objects.get(why="blocked").profile.handle == "dana_hill"
    sandbox.world.unblock("dana_hill")
    the_clock_runs(there, at + MINUTE)
    assert _listed(there.school, at) == []
    assert not WatchedUser.objects.filter(why="blocked").exists()


# Proof.


def test_a_tick_closes_nothing_while_a_connection_that_reads_is_broken(school: School, account: SchoolAccount) -> None:
    okafor = given.mr_okafor(school)
    item = approved(verified(a_question(account), given.priya(school)), okafor)
    Connection.objects.update(broken_because="Twitter no longer accepts the keys (401).")
    tick_done(item=item, by=okafor, at=FIRST + 3 * LATER)
    item.refresh_from_db()
    assert item.state == State.BY_HAND


def test_where_twitter_cannot_be_read_the_record_says_whose_word_it_was(school: School, account: SchoolAccount) -> None:
    okafor = given.mr_okafor(school)
    Connection.objects.update(kind=Connection.Kind.BY_HAND)
    item = approved(verified(a_question(account), given.priya(school)), okafor)
    tick_done(item=item, by=okafor, at=FIRST + 3 * LATER)
    said = [line.sentence for line in lines(school_id=school.pk, for_lead=False, subject=item, limit=5)]
    assert "@danahill: done on Twitter by Mr Okafor; Twitter could not be read." in said


# The rule by itself.

WHEN = datetime(2026, 11, 1, tzinfo=UTC)
FOLLOWS = {"first_seen": WHEN + 5 * DAY, "last_seen": WHEN + 6 * DAY}
REMOVED = Answer("REMOVE", WHEN, WHEN + DAY, done=True)


@pytest.mark.parametrize(
    ("account", "found"),
    [
        (Account(**FOLLOWS), Drift.ACCEPTED_WITHOUT_US),
        (Account(**FOLLOWS, before_the_register=True), None),
        (Account(**FOLLOWS, known_since=WHEN), None),
        (Account(**FOLLOWS, answer=Answer("APPROVE", WHEN)), None),
        (Account(**FOLLOWS, answer=Answer("APPROVE", WHEN, WHEN + DAY, done=True)), None),
        (Account(**FOLLOWS, answer=Answer("APPROVE", WHEN, WHEN + DAY)), Drift.ACCEPTED_WITHOUT_US),
        (Account(**FOLLOWS, answer=Answer("KEEP", WHEN, WHEN)), None),
        (Account(**FOLLOWS, answer=Answer("REMOVE", WHEN)), None),
        (Account(**FOLLOWS, answer=Answer("REJECT", WHEN, WHEN, done=True)), Drift.ACCEPTED_WITHOUT_US),
        (Account(**FOLLOWS, answer=REMOVED), Drift.BACK_AGAIN),
        (Account(first_seen=WHEN - DAY, last_seen=WHEN + 6 * DAY, answer=REMOVED), Drift.BACK_AGAIN),
        (Account(first_seen=WHEN - DAY, last_seen=WHEN, answer=REMOVED), None),
        (Account(first_seen=WHEN - DAY, last_seen=WHEN + 6 * DAY, answer=Answer("REMOVE", WHEN, WHEN + DAY)), None),
        (Account(known_since=WHEN, belongs=True), Drift.ABSENT),
        (Account(known_since=WHEN, belongs=False), None),
        (Account(known_since=WHEN, belongs=True, answer=REMOVED), None),
        (Account(known_since=WHEN + 9 * DAY, belongs=True), None),
        (Account(belongs=True, answer=Answer("APPROVE", WHEN, WHEN + DAY, done=True)), Drift.ABSENT),
        (Account(belongs=True, answer=Answer("APPROVE", WHEN)), None),
        (Account(**FOLLOWS, known_since=WHEN, belongs=True, standing="SUSPENDED"), Drift.ABSENT),
        (Account(**FOLLOWS, standing="GONE"), None),
        (Account(), None),
    ],
)
def test_what_does_not_fit_follows_from_what_is_known(account: Account, found: Drift | None) -> None:
    assert what_does_not_fit(account, reading_began=WHEN + 8 * DAY) is found
