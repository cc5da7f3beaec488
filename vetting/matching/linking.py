"""A colleague says whose message this is: it helps to find the person and proves nothing."""

from datetime import datetime

from django.db import transaction

from accounts.models import User
from vetting.audit.events import Event
from vetting.audit.operations import record
from vetting.intake.models import Claim, VerificationEmail
from vetting.intake.operations import claim_without_name
from vetting.matching.models import ClaimLink
from vetting.roster.models import Person
from vetting.school.changes import Changed
from vetting.school.operations import facts_changed
from vetting.values import Refused


class NotLinked(Refused):
    """The message, or the person, is not one that can be linked."""


@transaction.atomic
def link_claim(*, claim: Claim, person: Person, by: User, at: datetime) -> ClaimLink:
    """Say that the message is from this person; a link made before ends. Raises NotLinked when the message was withdrawn.

    Whoever it names is considered first for its requests. No request is easier to let in because of it: without proof it needs a look.
    """
    claim = Claim.objects.select_for_update().get(pk=claim.pk)
    if claim.withdrawn_at is not None:
        raise NotLinked("This message was withdrawn, so it belongs to nobody.")
    if claim.school_id != person.school_id:
        raise NotLinked("This person is not on the list of this school.")
    standing = claim.links.filter(ended_at=None).first()
    if standing is not None and standing.person_id == person.pk:
        return standing
    claim.links.filter(ended_at=None).update(ended_at=at, ended_by=by)
    link = ClaimLink.objects.create(claim=claim, person=person, by=by, at=at)
    record(school_id=claim.school_id, event=Event.CLAIM_LINKED, by=by, at=at, subject=claim, words={"person": person.name})
    facts_changed(claim.school_id, Changed.claim(claim.pk))
    return link


@transaction.atomic
def link_email(*, email: VerificationEmail, person: Person, by: User, at: datetime) -> ClaimLink:
    """The same for an e-mail in which no Twitter name was read: it is kept as somebody's word until a name is known.

    Raises NotLinked for an e-mail whose text was erased.
    """
    if email.erased_at is not None:
        raise NotLinked("The text of this e-mail was erased, so nobody can say any more whose it is.")
    claim = Claim.objects.filter(email=email, withdrawn_at=None).order_by("-pk").first()
    return link_claim(claim=claim or claim_without_name(email=email, by=by), person=person, by=by, at=at)


@transaction.atomic
def unlink_claim(*, claim: Claim, by: User, at: datetime) -> None:
    """Take the link back. Raises NotLinked when there is none any more."""
    link = ClaimLink.objects.select_related("person").filter(claim=claim, ended_at=None).first()
    if link is None or not ClaimLink.objects.filter(pk=link.pk, ended_at=None).update(ended_at=at, ended_by=by):
        raise NotLinked("This message is linked to nobody.")
    record(school_id=claim.school_id, event=Event.CLAIM_UNLINKED, by=by, at=at, subject=claim, words={"person": link.person.name})
    facts_changed(claim.school_id, Changed.claim(claim.pk))
