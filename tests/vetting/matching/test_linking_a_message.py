"""A colleague says whose message this is: that person is considered first, and nobody is let in more easily for it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests import given
from tests.given_intake import a_folder_source, a_message, mail_arrives
from tests.given_matching import DANA, OTHERS, RAVI, TOM, a_school, asks, mail, named, opinion_of
from tests.given_roster import a_parent
from vetting.audit.queries import lines
from vetting.intake.models import Claim, VerificationEmail
from vetting.matching.models import ClaimLink, Match
from vetting.matching.operations import NotLinked, link_claim, link_email, rematch, unlink_claim
from vetting.roster.models import Person
from vetting.school.models import School, SchoolAccount
from vetting.school.operations import facts_changed
from vetting.twitter.models import FollowRequest, TwitterProfile
from vetting.values import Level

LATER = given.MONDAY + timedelta(days=1)
FROM_NOWHERE = {"sender": "dhx@elsewhere.example", "sender_name": "", "child_text": ""}


def test_from_an_address_nobody_knows_the_linked_person_stands_first_and_it_still_needs_a_look() -> None:
    unknown = opinion_of(a_school(claims=(mail(**FROM_NOWHERE),)))
    linked = opinion_of(a_school(claims=(mail(linked=RAVI.pk, linked_by="Priya", **FROM_NOWHERE),)))
    assert (unknown.person, unknown.level) == (None, Level.CHECK)
    assert (linked.person, linked.level) == (RAVI.pk, Level.CHECK)
    assert "Priya linked this message to Ravi Marsh." in [item.sentence for item in linked.evidence]


def test_a_proven_request_linked_to_somebody_else_needs_a_look_and_says_why() -> None:
    opinion = opinion_of(a_school(claims=(mail(linked=RAVI.pk, linked_by="Priya"),)))
    assert opinion.level is Level.CHECK
    assert opinion.sentence == "Priya linked this message to Ravi Marsh, but it came from the address of Dana Hill."
    assert opinion.person == RAVI.pk
    assert DANA.pk in [pk for pk, _ in opinion.candidates]


def test_a_proven_request_stays_proven_when_the_link_agrees() -> None:
    assert opinion_of(a_school(claims=(mail(linked=DANA.pk, linked_by="Priya"),))).level is Level.STRONG


def test_linked_to_somebody_restricted_or_gone_it_goes_to_the_lead() -> None:
    for changed in (replace(RAVI, restricted=True), replace(RAVI, current=False)):
        facts = a_school(people=(DANA, TOM, changed), claims=(mail(linked=RAVI.pk, linked_by="Priya", **FROM_NOWHERE),))
        assert opinion_of(facts).level is Level.HOLD


def test_an_imitation_stays_one_whoever_it_is_linked_to() -> None:
    forged = mail(authenticity="SUSPICIOUS", linked=DANA.pk, linked_by="Priya")
    assert opinion_of(a_school(claims=(forged,))).level is Level.IMPOSTOR
    another = a_school(claims=(mail(linked=DANA.pk, linked_by="Priya"),), requests=(asks(number=OTHERS),))
    assert opinion_of(another).level is Level.IMPOSTOR


def test_a_message_without_a_twitter_name_points_at_the_account_with_the_linked_name() -> None:
    facts = a_school(claims=(mail(readings=(), **FROM_NOWHERE),), lookups=(), requests=(asks("rmarsh", display_name="Ravi Marsh"),))
    assert opinion_of(facts).level is Level.NONE
    linked = replace(facts, claims=(mail(readings=(), linked=RAVI.pk, linked_by="Priya", **FROM_NOWHERE),))
    assert (opinion_of(linked).level, opinion_of(linked).person) == (Level.CHECK, RAVI.pk)
    assert opinion_of(linked).sentence == "@rmarsh shows the name of Ravi Marsh, to whom a message without this Twitter name was linked."
    suspicious = replace(facts, claims=(replace(linked.claims[0], authenticity="SUSPICIOUS"),))
    assert opinion_of(suspicious).level is Level.NONE


def test_two_names_in_one_message_are_not_settled_by_a_link() -> None:
    both = named("danahill7", "tomhill")
    assert opinion_of(a_school(claims=(mail(readings=both, linked=DANA.pk, linked_by="Priya"),))).level is Level.LIKELY


# As rows.


@pytest.fixture
def school() -> School:
    return given.a_school()


@pytest.fixture
def account(school: School) -> SchoolAccount:
    return given.an_account(school)


def a_request(account: SchoolAccount, handle: str = "dana_h84", name: str = "Somebody") -> FollowRequest:
    profile = TwitterProfile.objects.create(
        school=account.school,
        twitter_user_id="1100000000000000001",
        handle=handle,
        display_name=name,
        first_seen_at=given.MONDAY,
        last_seen_at=LATER,
    )
    facts_changed(account.school_id)
    return FollowRequest.objects.create(school_account=account, profile=profile, first_seen_at=LATER, last_seen_at=LATER)


def an_email_from_nowhere(school: School, body: str = "My Twitter name is @dana_h84.") -> VerificationEmail:
    return mail_arrives(a_folder_source(school), a_message(body, sender="dhx@elsewhere.example"))


@pytest.mark.django_db
def test_linking_and_taking_it_back_are_recorded_and_change_the_opinion(school: School, account: SchoolAccount) -> None:
    priya, person = given.priya(school), a_parent(school, email="dana@example.org")
    claim = Claim.objects.get(email=an_email_from_nowhere(school))
    request = a_request(account)
    rematch(school=school, at=LATER)
    assert Match.objects.get(follow_request=request, superseded_at=None).person is None
    link = link_claim(claim=claim, person=person, by=priya, at=LATER)
    assert link_claim(claim=claim, person=person, by=priya, at=LATER).pk == link.pk
    rematch(school=school, at=LATER)
    match = Match.objects.get(follow_request=request, superseded_at=None)
    assert (match.person, match.level) == (person, Level.CHECK)
    unlink_claim(claim=claim, by=priya, at=LATER)
    rematch(school=school, at=LATER)
    assert Match.objects.get(follow_request=request, superseded_at=None).person is None
    said = [line.sentence for line in lines(school_id=school.pk, subject=claim)]
    assert said == ["Priya took back that a message is from Dana Hill.", "Priya linked a message to Dana Hill."]
    with pytest.raises(NotLinked):
        unlink_claim(claim=claim, by=priya, at=LATER)


@pytest.mark.django_db
def test_an_email_without_a_name_may_be_linked_and_still_needs_a_look(school: School, account: SchoolAccount) -> None:
    priya, person = given.priya(school), a_parent(school)
    email = an_email_from_nowhere(school, "May I follow you on Twitter? My son is in Oak class.")
    link_email(email=email, person=person, by=priya, at=LATER)
    link_email(email=email, person=a_parent(school, "Tom Hill"), by=priya, at=LATER)
    claim = Claim.objects.get(email=email)
    assert [link.person.name for link in ClaimLink.objects.filter(claim=claim, ended_at=None)] == ["Tom Hill"]
    email.refresh_from_db()
    assert email.waits_because


@pytest.mark.django_db
def test_nobody_of_another_school_can_be_linked(school: School) -> None:
    claim = Claim.objects.get(email=an_email_from_nowhere(school))
    stranger: Person = a_parent(given.a_school(name="Next Door", slug="next-door"))
    with pytest.raises(NotLinked):
        link_claim(claim=claim, person=stranger, by=given.priya(school), at=LATER)
