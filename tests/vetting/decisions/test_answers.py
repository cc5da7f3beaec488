"""Two people's answers: who may give them, when they count, and how they are taken back."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from tests import given
from tests.given_questions import LATER, a_question, an_opinion, approved, dana, verified
from vetting.audit.queries import check_chain, lines
from vetting.concerns.models import Concern
from vetting.decisions import policies
from vetting.decisions.models import Decision, QueueItem, Verification
from vetting.decisions.operations import (
    SomebodyWasFirst,
    ask,
    could_not_find,
    countersign,
    decide,
    hold,
    open_or_refresh_items,
    release,
    snooze,
    tick_done,
    undo,
    verify,
    verify_and_decide,
)
from vetting.decisions.policies import Circumstances, NotNow, NotSafe, NotYours
from vetting.decisions.states import State
from vetting.roster.models import Basis, PersonAddress, Restriction
from vetting.roster.operations import mark_as_left
from vetting.school.models import Role, School, SchoolAccount
from vetting.school.operations import set_policy
from vetting.twitter.models import Connection
from vetting.values import BadValue, Level

pytestmark = pytest.mark.django_db
THEN = given.MONDAY + 2 * LATER


@pytest.fixture
def school() -> School:
    return given.a_school()


@pytest.fixture
def account(school: School) -> SchoolAccount:
    return given.an_account(school)


@pytest.mark.parametrize(
    ("level", "state"),
    [
        (Level.STRONG, State.TO_VERIFY),
        (Level.LIKELY, State.TO_VERIFY),
        (Level.CHECK, State.TO_VERIFY),
        (Level.IMPOSTOR, State.TO_VERIFY),
        (Level.HOLD, State.HELD),
        (Level.NONE, State.WAITING),
    ],
)
def test_a_level_opens_its_state(account: SchoolAccount, level: Level, state: State) -> None:
    assert a_question(account, level).state == state


def test_the_office_verifies_an_admin_approves_and_it_stands_on_to_do(school: School, account: SchoolAccount) -> None:
    item = approved(verified(a_question(account), given.priya(school)), given.mr_okafor(school))
    assert item.state == State.BY_HAND
    assert Decision.objects.get(item=item).person == item.person
    assert check_chain(school_id=school.pk).whole
    said = [line.sentence for line in lines(school_id=school.pk)]
    assert "Priya verified @danahill as Dana Hill, by e-mail from the address we hold." in said


def test_an_admin_cannot_approve_what_nobody_verified(school: School, account: SchoolAccount) -> None:
    item = a_question(account)
    with pytest.raises(NotNow):
        decide(item=item, seen_version=item.version, outcome="APPROVE", by=given.mr_okafor(school), at=THEN)


def test_the_office_cannot_approve_and_an_admin_cannot_verify(school: School, account: SchoolAccount) -> None:
    item, priya, okafor = a_question(account), given.priya(school), given.mr_okafor(school)
    with pytest.raises(NotYours):
        verified(item, okafor)
    item = verified(item, priya)
    with pytest.raises(NotYours):
        approved(item, priya)


def test_somebody_with_both_roles_has_one_press_and_two_records(school: School, account: SchoolAccount) -> None:
    head = given.a_colleague(school, "Mrs Both", Role.OFFICE, Role.ADMIN)
    item = a_question(account)
    assert item.person is not None
    verify_and_decide(item=item, seen_version=item.version, person=item.person, how=Verification.How.IN_PERSON, by=head, at=THEN)
    item.refresh_from_db()
    assert item.state == State.BY_HAND
    assert item.verifications.count() == item.decisions.count() == 1


def test_the_second_to_decide_is_told_who_was_first_and_when(school: School, account: SchoolAccount) -> None:
    item = verified(a_question(account), given.priya(school))
    approved(item, given.mr_okafor(school))
    with pytest.raises(SomebodyWasFirst) as refusal:
        decide(item=item, seen_version=item.version, outcome="APPROVE", by=given.mrs_lane(school), at=THEN + timedelta(seconds=20))
    assert refusal.value.sentence == "Mr Okafor approved this 20 seconds ago. Your decision was not saved."
    assert Decision.objects.filter(item=item).count() == 1


def test_a_decision_on_old_evidence_is_refused(school: School, account: SchoolAccount) -> None:
    item = verified(a_question(account), given.priya(school))
    an_opinion(account, item.profile, Level.CHECK, item.person, at=THEN)
    open_or_refresh_items(school=school, at=THEN)
    with pytest.raises(SomebodyWasFirst, match=r"verified this|changed since"):
        decide(item=item, seen_version=item.version, outcome="APPROVE", by=given.mr_okafor(school), at=THEN)
    item.refresh_from_db()
    assert item.evidence_changed_at == THEN
    assert item.state == State.TO_APPROVE


@pytest.mark.parametrize("how", ["EMAIL", "KNOWN_BY_SIGHT", "FORM"])
def test_a_look_alike_is_not_verified_without_speaking_to_the_person(school: School, account: SchoolAccount, how: str) -> None:
    with pytest.raises(NotSafe):
        verified(a_question(account, Level.IMPOSTOR), given.priya(school), Verification.How(how))


def test_an_email_that_proves_nothing_verifies_nobody(school: School, account: SchoolAccount) -> None:
    with pytest.raises(NotSafe):
        verified(a_question(account, Level.CHECK), given.priya(school), Verification.How.EMAIL)


def test_somebody_without_a_current_reason_is_not_verified(school: School, account: SchoolAccount) -> None:
    item = a_question(account)
    Basis.objects.filter(person=item.person).update(
        starts_on=given.MONDAY.date() - timedelta(days=9), ends_on=given.MONDAY.date() - timedelta(days=1)
    )
    with pytest.raises(NotSafe, match="no current reason"):
        verified(item, given.priya(school))


def test_a_person_of_another_school_cannot_be_named(school: School, account: SchoolAccount) -> None:
    elsewhere = given.a_school(name="Other Primary", slug="other")
    item = a_question(account)
    with pytest.raises(BadValue):
        verify(
            item=item, seen_version=item.version, person=dana(elsewhere), how=Verification.How.IN_PERSON, by=given.priya(school), at=THEN
        )


def test_a_decline_needs_a_reason_and_the_database_insists(school: School, account: SchoolAccount) -> None:
    okafor, item = given.mr_okafor(school), a_question(account, Level.NONE)
    with pytest.raises(BadValue):
        decide(item=item, seen_version=item.version, outcome="REJECT", by=okafor, at=THEN, reason="  ")
    with pytest.raises(IntegrityError, match="decision_rejection_has_a_reason"), transaction.atomic():
        Decision.objects.create(item=item, outcome="REJECT", by=okafor, at=THEN, carry_out_from=THEN)
    decide(item=item, seen_version=item.version, outcome="REJECT", by=okafor, at=THEN, reason="Nobody we know.")
    item.refresh_from_db()
    assert item.state == State.BY_HAND


def test_a_decision_can_be_taken_back_until_it_is_ticked(school: School, account: SchoolAccount) -> None:
    okafor = given.mr_okafor(school)
    item = approved(verified(a_question(account), given.priya(school)), okafor)
    undo(item=item, by=okafor, at=THEN)
    item.refresh_from_db()
    assert item.state == State.TO_APPROVE
    item = approved(item, okafor)
    tick_done(item=item, by=okafor, at=THEN)
    with pytest.raises(NotNow):
        undo(item=item, by=okafor, at=THEN)


def test_a_declined_request_nobody_vouched_for_goes_back_to_waiting_when_taken_back(school: School, account: SchoolAccount) -> None:
    okafor, item = given.mr_okafor(school), a_question(account, Level.NONE)
    decide(item=item, seen_version=item.version, outcome="REJECT", by=okafor, at=THEN, reason="A shop.")
    undo(item=item, by=okafor, at=THEN)
    item.refresh_from_db()
    assert item.state == State.WAITING


def test_what_could_not_be_found_on_twitter_comes_back_as_a_question(school: School, account: SchoolAccount) -> None:
    okafor = given.mr_okafor(school)
    item = approved(verified(a_question(account), given.priya(school)), okafor)
    could_not_find(item=item, by=okafor, at=THEN)
    item.refresh_from_db()
    assert (item.state, item.could_not_find_at) == (State.TO_APPROVE, THEN)
    approved(item, okafor)


def test_where_policy_wants_two_people_one_person_is_not_enough(school: School, account: SchoolAccount) -> None:
    set_policy(school=school, key="two_people", value=True, by=None, at=given.MONDAY)
    okafor, lane = given.mr_okafor(school), given.mrs_lane(school)
    item = approved(verified(a_question(account), given.priya(school)), okafor)
    assert item.state == State.COUNTERSIGN
    with pytest.raises(NotYours):
        countersign(item=item, seen_version=item.version, by=okafor, at=THEN)
    countersign(item=item, seen_version=item.version, by=lane, at=THEN)
    item.refresh_from_db()
    assert item.state == State.BY_HAND


def test_the_second_person_lets_nobody_in_who_has_left_meanwhile(school: School, account: SchoolAccount) -> None:
    set_policy(school=school, key="two_people", value=True, by=None, at=given.MONDAY)
    item = approved(verified(a_question(account), given.priya(school)), given.mr_okafor(school))
    lane, tomorrow = given.mrs_lane(school), THEN + timedelta(days=1)
    mark_as_left(person=item.person, on=given.MONDAY.date(), by=None, at=THEN)
    with pytest.raises(NotSafe, match="no longer has a reason"):
        countersign(item=item, seen_version=item.version, by=lane, at=tomorrow)
    assert QueueItem.objects.get(pk=item.pk).state == State.COUNTERSIGN


def test_a_concern_holds_the_request_until_the_lead_releases_it(school: School, account: SchoolAccount) -> None:
    priya, reid = given.priya(school), given.ms_reid(school)
    item = a_question(account)
    hold(item=item, seen_version=item.version, category=Concern.Category.CONTACT, words="Asked for photos.", by=priya, at=THEN)
    item.refresh_from_db()
    assert item.state == State.HELD
    with pytest.raises(NotYours):
        release(item=item, seen_version=item.version, why="Fine.", by=priya, at=THEN)
    release(item=item, seen_version=item.version, why="Spoken to; it is her sister.", by=reid, at=THEN)
    open_or_refresh_items(school=school, at=THEN + LATER)
    item.refresh_from_db()
    assert item.state == State.TO_VERIFY
    assert not Concern.objects.filter(closed_at=None).exists()


def test_a_mark_on_a_person_pulls_an_answered_request_to_the_lead_and_the_answer_waits(school: School, account: SchoolAccount) -> None:
    reid = given.ms_reid(school)
    item = approved(verified(a_question(account), given.priya(school)), given.mr_okafor(school))
    Restriction.objects.create(school=school, person=item.person, opened_at=THEN, reason="court order")
    open_or_refresh_items(school=school, at=THEN)
    item.refresh_from_db()
    assert item.state == State.HELD
    release(item=item, seen_version=item.version, why="The order was lifted.", by=reid, at=THEN + LATER)
    open_or_refresh_items(school=school, at=THEN + 2 * LATER)
    item.refresh_from_db()
    assert item.state == State.BY_HAND


def test_only_the_lead_declines_what_is_held(school: School, account: SchoolAccount) -> None:
    item = a_question(account, Level.HOLD)
    with pytest.raises(NotYours):
        decide(item=item, seen_version=item.version, outcome="REJECT", by=given.mr_okafor(school), at=THEN, reason="No.")
    decide(item=item, seen_version=item.version, outcome="REJECT", by=given.ms_reid(school), at=THEN, reason="May not follow.")
    item.refresh_from_db()
    assert item.state == State.BY_HAND


def test_a_withdrawn_request_lapses(school: School, account: SchoolAccount) -> None:
    item = a_question(account)
    assert item.follow_request is not None
    item.follow_request.ended_at = THEN
    item.follow_request.save()
    open_or_refresh_items(school=school, at=THEN)
    assert QueueItem.objects.get(pk=item.pk).state == State.LAPSED


def test_an_email_that_comes_later_moves_a_waiting_request_on(school: School, account: SchoolAccount) -> None:
    item = a_question(account, Level.NONE)
    an_opinion(account, item.profile, Level.STRONG, item.person, at=THEN)
    open_or_refresh_items(school=school, at=THEN)
    item.refresh_from_db()
    assert (item.state, item.level) == (State.TO_VERIFY, Level.STRONG)


def test_running_the_clock_twice_opens_nothing_twice(school: School, account: SchoolAccount) -> None:
    a_question(account)
    assert open_or_refresh_items(school=school, at=THEN) == 0
    assert QueueItem.objects.count() == 1


def test_asking_the_family_after_a_check_wants_a_new_check(school: School, account: SchoolAccount) -> None:
    priya = given.priya(school)
    item = verified(a_question(account), priya)
    assert item.person is not None
    PersonAddress.objects.create(
        person=item.person, school=school, address="dana@home.example", mailbox="dana@home.example", since=given.MONDAY
    )
    ask(item=item, seen_version=item.version, by=priya, at=THEN)
    item.refresh_from_db()
    assert item.state == State.WAITING
    item = verified(item, priya, Verification.How.CALL_BACK)
    assert item.state == State.TO_APPROVE
    assert Verification.objects.get(item=item, undone_at=None).how == Verification.How.CALL_BACK


def test_an_undo_that_looked_before_the_tick_comes_too_late(
    school: School, account: SchoolAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    okafor, lane = given.mr_okafor(school), given.mrs_lane(school)
    Connection.objects.create(school_account=account, kind=Connection.Kind.LIVE, connected_at=given.MONDAY)
    item = approved(verified(a_question(account), given.priya(school)), okafor)

    def ticked_meanwhile(circumstances: Circumstances) -> None:
        assert not circumstances.ticked
        tick_done(item=item, by=lane, at=THEN)

    monkeypatch.setattr(policies, "check_can_undo", ticked_meanwhile)
    with pytest.raises(SomebodyWasFirst):
        undo(item=item, by=okafor, at=THEN)
    assert Decision.objects.get(item=item).undone_at is None


def test_a_tick_of_what_could_not_be_found_after_all_does_not_stand(school: School, account: SchoolAccount) -> None:
    okafor = given.mr_okafor(school)
    Connection.objects.create(school_account=account, kind=Connection.Kind.LIVE, connected_at=given.MONDAY)
    item = approved(verified(a_question(account), given.priya(school)), okafor)
    tick_done(item=item, by=okafor, at=THEN)
    could_not_find(item=item, by=okafor, at=THEN + LATER)
    item.refresh_from_db()
    assert (item.state, item.ticked_at) == (State.TO_APPROVE, None)


def test_what_the_lead_holds_is_not_put_off_by_others(school: School, account: SchoolAccount) -> None:
    okafor, tomorrow = given.mr_okafor(school), given.MONDAY.date() + timedelta(days=1)
    with pytest.raises(NotNow):
        snooze(item=a_question(account, Level.HOLD), until=tomorrow, by=okafor, at=given.MONDAY)
    open_question = a_question(account, number=700002, handle="other", person=dana(school, "Sam Ward"))
    with pytest.raises(NotYours):
        snooze(item=open_question, until=tomorrow, by=given.ms_reid(school), at=given.MONDAY)
    snooze(item=open_question, until=tomorrow, by=okafor, at=given.MONDAY)
    open_question.refresh_from_db()
    assert open_question.snoozed_until == tomorrow
