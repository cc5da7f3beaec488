"""What the safeguarding lead holds: no second way round, whoever presses what in between."""

import pytest

from accounts.models import User
from tests import given
from tests.given_leavers import a_follower
from tests.given_questions import LATER, a_question, an_opinion, approved, dana, verified
from vetting.audit.queries import check_chain, lines
from vetting.concerns.models import Concern
from vetting.concerns.operations import raise_concern
from vetting.decisions.models import Decision, QueueItem, Verification
from vetting.decisions.operations import countersign, decide, hold, open_or_refresh_items, release, undo, verify
from vetting.decisions.policies import NotSafe
from vetting.decisions.states import State
from vetting.intake.models import Claim, VerificationEmail
from vetting.roster.operations import open_restriction
from vetting.school.models import School, SchoolAccount
from vetting.school.operations import set_policy
from vetting.values import Level

pytestmark = pytest.mark.django_db
THEN = given.MONDAY + 2 * LATER


@pytest.fixture
def school() -> School:
    return given.a_school()


@pytest.fixture
def account(school: School) -> SchoolAccount:
    return given.an_account(school)


@pytest.fixture
def reid(school: School) -> User:
    return given.ms_reid(school)


def _passed_on_and_released(item: QueueItem, by: User, lead: User) -> QueueItem:
    hold(item=item, seen_version=item.version, category=Concern.Category.CONTACT, words="An odd picture.", by=by, at=THEN)
    item.refresh_from_db()
    release(item=item, seen_version=item.version, why="A family photo.", by=lead, at=THEN + LATER)
    return QueueItem.objects.get(pk=item.pk)


def test_a_release_says_nothing_of_a_marked_person_the_lead_was_not_asked_about(school: School, account: SchoolAccount, reid: User) -> None:
    marked = dana(school, "Sam Stone")
    open_restriction(person=marked, reason="court order", by=reid, at=given.MONDAY)
    priya = given.priya(school)
    item = _passed_on_and_released(a_question(account), priya, reid)
    with pytest.raises(NotSafe, match="safeguarding lead"):
        verify(item=item, seen_version=item.version, person=marked, how=Verification.How.IN_PERSON, by=priya, at=THEN + 2 * LATER)


def test_a_released_request_that_turns_out_to_be_a_marked_persons_is_held_again(school: School, account: SchoolAccount, reid: User) -> None:
    marked = dana(school, "Sam Stone")
    open_restriction(person=marked, reason="court order", by=reid, at=given.MONDAY)
    item = _passed_on_and_released(a_question(account), given.priya(school), reid)
    an_opinion(account, item.profile, Level.CHECK, marked, at=THEN + 2 * LATER)
    open_or_refresh_items(school=school, at=THEN + 2 * LATER)
    assert QueueItem.objects.get(pk=item.pk).state == State.HELD


def test_taking_back_the_leads_answer_gives_the_request_back_to_the_lead(school: School, account: SchoolAccount, reid: User) -> None:
    item = a_question(account, Level.HOLD)
    decide(item=item, seen_version=item.version, outcome="REJECT", by=reid, at=THEN, reason="A child's own account.")
    undo(item=item, by=given.mr_okafor(school), at=THEN)
    item.refresh_from_db()
    assert item.state == State.HELD
    assert not Decision.objects.filter(undone_at=None).exists()


def test_a_concern_about_the_e_mail_stops_the_approval_at_once(school: School, account: SchoolAccount, reid: User) -> None:
    item = verified(a_question(account), given.priya(school))
    email = VerificationEmail.objects.create(
        school=school, sha256="e" * 64, size=1, raw=b"x", received_at=given.MONDAY, stored_at=given.MONDAY, parsed_at=given.MONDAY
    )
    assert item.match is not None
    item.match.claim = Claim.objects.create(school=school, channel=Claim.Channel.EMAIL, email=email, made_at=given.MONDAY)
    item.match.save()
    raise_concern(school=school, category=Concern.Category.CONTACT, words="Threats.", by=reid, at=THEN, email=email)
    with pytest.raises(NotSafe, match="safeguarding lead"):
        approved(item, given.mr_okafor(school))
    open_or_refresh_items(school=school, at=THEN)
    item.refresh_from_db()
    assert item.state == State.HELD
    release(item=item, seen_version=item.version, why="Spoken to.", by=reid, at=THEN + LATER)
    assert not Concern.objects.filter(closed_at=None).exists()


def test_a_release_does_not_stand_in_for_the_second_person(school: School, account: SchoolAccount, reid: User) -> None:
    set_policy(school=school, key="two_people", value=True, by=None, at=given.MONDAY)
    okafor, priya = given.mr_okafor(school), given.priya(school)
    item = approved(verified(a_question(account), priya), okafor)
    item = _passed_on_and_released(item, priya, reid)
    assert item.state == State.TO_APPROVE
    item = approved(item, okafor)
    countersign(item=item, seen_version=item.version, by=given.mrs_lane(school), at=THEN + 2 * LATER)
    assert QueueItem.objects.get(pk=item.pk).state == State.BY_HAND


def test_why_the_lead_declined_stands_in_the_record_for_the_lead_alone(school: School, account: SchoolAccount, reid: User) -> None:
    item = a_question(account, Level.HOLD)
    decide(item=item, seen_version=item.version, outcome="REJECT", by=reid, at=THEN, reason="Under a court order.")
    for_all, for_lead = (lines(school_id=school.pk, subject=item, for_lead=is_lead)[0].sentence for is_lead in (False, True))
    assert for_all.strip() == "Ms Reid: Declined @danahill."
    assert for_lead == "Ms Reid: Declined @danahill. Under a court order."
    assert check_chain(school_id=school.pk).whole


def test_a_concern_about_a_follower_becomes_the_leads_question_once(school: School, account: SchoolAccount, reid: User) -> None:
    follower = a_follower(account)
    raise_concern(
        school=school, category=Concern.Category.CONTACT, words="Writes to pupils.", by=reid, at=given.MONDAY, profile=follower.profile
    )
    for moment in (THEN, THEN + LATER):
        open_or_refresh_items(school=school, at=moment)
    removal = QueueItem.objects.get()
    assert (removal.kind, removal.state, removal.follower) == (QueueItem.Kind.REMOVAL, State.HELD, follower)
    decide(item=removal, seen_version=removal.version, outcome="KEEP", by=reid, at=THEN + LATER, reason="A mistake.")
    assert open_or_refresh_items(school=school, at=THEN + 2 * LATER) == 0
