"""A made-up school written into the (scratch) database, for the benches that measure it with its queries."""

import hashlib
from datetime import timedelta

from vetting.identities.models import Identification
from vetting.intake.models import Claim, ClaimReading, VerificationEmail
from vetting.management.made_up_school import MORNING
from vetting.matching.facts import ClaimFacts, Facts, LookupFacts
from vetting.roster.models import Basis, Person, PersonAddress, Pupil, Restriction
from vetting.school.models import School, SchoolAccount
from vetting.school.operations import facts_changed
from vetting.twitter.models import FollowRequest, HandleLookup, TwitterProfile


def store(facts: Facts, *, slug: str) -> School:
    """The rows an office and a Twitter connection would have left."""
    school = School.objects.create(slug=slug, name=slug, created_at=MORNING)
    _store_people(facts, school)
    for claim in facts.claims:
        store_claim(claim, school)
    for look in facts.lookups:
        store_lookup(look, school)
    _store_accounts(facts, SchoolAccount.objects.create(school=school, handle=f"{slug}_school"[:15]))
    facts_changed(school.pk)
    return school


def _store_people(facts: Facts, school: School) -> None:
    pupils = {
        child.pk: Pupil.objects.create(school=school, given=child.given, family=child.family, class_name=child.class_name)
        for child in facts.pupils
    }
    since = MORNING.date() - timedelta(days=900)
    for one in facts.people:
        person = Person.objects.create(school=school, given=one.given, family=one.family, added_at=MORNING)
        PersonAddress.objects.bulk_create(
            PersonAddress(person=person, school=school, address=address.value, mailbox=address.mailbox, since=MORNING)
            for address in one.addresses
        )
        until = None if one.current else MORNING.date() - timedelta(days=30)
        kind = Basis.Kind.PARENT_OR_CARER
        Basis.objects.bulk_create(
            Basis(person=person, kind=kind, pupil=pupils[child.pk], starts_on=since, ends_on=until) for child in one.children
        )
        if one.restricted:
            Restriction.objects.create(school=school, person=person, reason="a court order", opened_at=MORNING)


def store_claim(claim: ClaimFacts, school: School) -> Claim:
    """A claim with the e-mail it came by."""
    raw = f"{school.slug} {claim.pk}".encode()
    digest = hashlib.sha256(raw).hexdigest()
    email = VerificationEmail.objects.create(
        school=school,
        sha256=digest,
        fingerprint=digest,
        size=len(raw),
        raw=raw,
        received_at=claim.made_at,
        stored_at=claim.made_at,
        parsed_at=claim.made_at,
        authenticity=claim.authenticity,
    )
    row = Claim.objects.create(
        school=school,
        channel=Claim.Channel.EMAIL,
        email=email,
        made_at=claim.made_at,
        sender_address=claim.sender.value if claim.sender is not None else "",
        sender_name=claim.sender_name,
        child_text=claim.child_text,
        class_text=claim.class_text,
        authenticity=claim.authenticity,
    )
    ClaimReading.objects.bulk_create(
        ClaimReading(claim=row, text_as_written=reading.text, handle=reading.handle, rule="at", zone="NEW") for reading in claim.readings
    )
    return row


def store_lookup(look: LookupFacts, school: School) -> HandleLookup:
    outcome = HandleLookup.Outcome.FOUND if look.user_id is not None else HandleLookup.Outcome.NOT_FOUND
    return HandleLookup.objects.create(
        school=school, handle=look.handle, asked_at=look.asked_at, outcome=outcome, twitter_user_id=look.user_id
    )


def _store_accounts(facts: Facts, account: SchoolAccount) -> None:
    people = list(Person.objects.filter(school=account.school).order_by("pk"))
    approved = {known.profile: known for known in facts.approved}
    for request in facts.requests:
        profile = TwitterProfile.objects.create(
            school=account.school,
            twitter_user_id=request.user_id,
            handle=request.handle,
            display_name=request.display_name,
            first_seen_at=request.first_seen_at,
            last_seen_at=MORNING,
        )
        FollowRequest.objects.create(school_account=account, profile=profile, first_seen_at=request.first_seen_at, last_seen_at=MORNING)
        if (known := approved.get(request.profile)) is not None:
            person = people[known.person - 1]
            Identification.objects.create(school=account.school, profile=profile, person=person, since=known.since)
