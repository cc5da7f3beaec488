"""E-mails are forgotten when their time has come, and not while anything about them is open."""

from datetime import timedelta

import pytest

from accounts.models import User
from tests import given
from tests.given_intake import a_message, an_email
from tests.given_questions import a_question, approved, seen, verified
from vetting.audit.queries import check_chain, lines
from vetting.concerns.models import Concern
from vetting.concerns.operations import raise_concern
from vetting.decisions.models import QueueItem
from vetting.execution.operations import confirm_from_sightings
from vetting.intake.models import Claim, ClaimReading, VerificationEmail
from vetting.matching.models import Match
from vetting.retention.models import ErasureRun
from vetting.retention.operations import erase_due, erase_due_everywhere
from vetting.school.models import Policy, School, SchoolAccount
from vetting.school.operations import set_policy
from vetting.twitter.models import Connection, Sighting

pytestmark = pytest.mark.django_db


@pytest.fixture
def school() -> School:
    return given.a_school()


@pytest.fixture
def account(school: School) -> SchoolAccount:
    account = given.an_account(school)
    Connection.objects.create(school_account=account, kind=Connection.Kind.LIVE, connected_at=given.MONDAY)
    return account


def an_open_question(account: SchoolAccount) -> tuple[VerificationEmail, QueueItem]:
    """Dana's e-mail, and the request it vouches for."""
    email = an_email(account.school)
    item = a_question(account, handle="dana_h84")
    Match.objects.filter(pk=item.match_id).update(claim=Claim.objects.get(email=email))
    item.refresh_from_db()
    return email, item


def answered(account: SchoolAccount, item: QueueItem) -> QueueItem:
    item = approved(verified(item, given.priya(account.school)), given.mr_okafor(account.school))
    seen(item, Sighting.Relation.FOLLOWS, given.MONDAY + timedelta(hours=1))
    confirm_from_sightings(school_account=account, at=given.MONDAY + timedelta(hours=1))
    return QueueItem.objects.get(pk=item.pk)


def day(number: int) -> object:
    return given.MONDAY + timedelta(days=number, hours=2)


def test_thirty_days_after_the_decision_the_text_goes_and_the_reason_stays(school: School, account: SchoolAccount) -> None:
    email, item = an_open_question(account)
    assert answered(account, item).state == "DONE"
    assert erase_due(school=school, at=day(29)).counts["decided"] == 0
    assert erase_due(school=school, at=day(30)).counts["decided"] == 1
    email.refresh_from_db()
    assert (email.raw, email.text, email.subject, email.erased_at) == (None, "", "", day(30))
    assert (email.from_address, len(email.sha256)) == ("dana@example.org", 64)
    assert ClaimReading.objects.get().handle == "dana_h84"
    assert lines(school_id=school.pk)[0].sentence == "Old records were erased: 1 e-mails after their decision, 0 that came to nothing."
    assert check_chain(school_id=school.pk).whole


def test_while_the_question_is_open_nothing_goes_however_long_it_takes(school: School, account: SchoolAccount) -> None:
    email, _ = an_open_question(account)
    assert erase_due(school=school, at=day(400)).counts["emails"] == []
    email.refresh_from_db()
    assert email.raw is not None


def test_an_email_that_came_to_nothing_goes_after_sixty_days_with_the_names_in_it(school: School) -> None:
    email = an_email(school)
    assert erase_due(school=school, at=day(59)).counts["unmatched"] == 0
    assert erase_due(school=school, at=day(60)).counts["unmatched"] == 1
    email.refresh_from_db()
    assert (email.raw, email.text, email.from_address, email.from_name) == (None, "", "", "")
    claim = Claim.objects.get()
    assert (claim.sender_address, claim.sender_name, claim.child_text) == ("", "", "")
    assert claim.withdrawn_at is not None
    assert list(claim.readings.values_list("text_as_written", "handle")) == [("", None)]


@pytest.mark.parametrize("about", ["email", "profile", "person"])
def test_an_open_concern_keeps_everything_it_speaks_of(school: School, account: SchoolAccount, about: str) -> None:
    email, item = an_open_question(account)
    answered(account, item)
    subject = {"email": email, "profile": item.profile, "person": item.person}[about]
    lead: User = given.ms_reid(school)
    raise_concern(school=school, category=Concern.Category.CONTACT, words="Worrying", by=lead, at=given.MONDAY, **{about: subject})
    assert erase_due(school=school, at=day(100)).counts["emails"] == []


def test_a_rehearsal_names_exactly_what_the_run_erases_and_erases_nothing(school: School, account: SchoolAccount) -> None:
    answered(account, an_open_question(account)[1])
    an_email(school, a_message("Lunch money?"))
    rehearsal = erase_due(school=school, at=day(100), rehearsal=True)
    assert VerificationEmail.objects.filter(erased_at=None).count() == 2
    run = erase_due(school=school, at=day(100))
    assert run.counts == rehearsal.counts
    assert (run.counts["decided"], run.counts["unmatched"]) == (1, 1)
    assert VerificationEmail.objects.filter(erased_at=None).count() == 0


def test_the_school_may_set_other_days(school: School) -> None:
    an_email(school)
    set_policy(school=school, key="unmatched_mail_days", value=10, by=None, at=given.MONDAY)
    assert erase_due(school=school, at=day(10)).counts["unmatched"] == 1


def test_the_clock_writes_nothing_where_nothing_is_due(school: School) -> None:
    an_email(school)
    assert erase_due_everywhere(at=day(1)) == 0
    assert not ErasureRun.objects.exists()
    assert erase_due_everywhere(at=day(60)) == 1
    assert erase_due_everywhere(at=day(60)) == 0


def test_the_same_message_coming_again_after_it_was_forgotten_is_not_read_again(school: School) -> None:
    an_email(school)
    erase_due(school=school, at=day(60))
    again = an_email(school, at=day(61))
    assert again.erased_at is not None
    assert Claim.objects.filter(withdrawn_at=None).count() == 0


def test_a_school_whose_run_fails_holds_up_no_other_and_the_failure_is_told(school: School) -> None:
    # Written past the operation, which refuses it: dates reckoned with it lie before the first year.
    Policy.objects.create(school=school, key="raw_mail_days", value=1_000_000, at=given.MONDAY)
    next_door = given.a_school(name="Next Door Primary", slug="next-door")
    email = an_email(next_door)
    with pytest.raises(ExceptionGroup) as told:
        erase_due_everywhere(at=day(60))
    assert [type(trouble) for trouble in told.value.exceptions] == [OverflowError]
    email.refresh_from_db()
    assert email.erased_at == day(60)
