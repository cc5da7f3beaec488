"""Whom a letter goes to: the address the school holds for a family; the one a message came from only where it holds none."""

from dataclasses import dataclass
from email.utils import parseaddr

from django.conf import settings

from vetting.correspondence.manners import Answered
from vetting.intake.colleagues import whose_word
from vetting.intake.models import Claim, IntakeSource, VerificationEmail
from vetting.matching.models import ClaimLink
from vetting.roster.models import Person, PersonAddress
from vetting.school.models import School
from vetting.values import BadValue, MailAddress, Refused


class NobodyToWriteTo(Refused):
    """There is no address to write to, or one that must not be written to."""


@dataclass(frozen=True)
class Recipient:
    """Where a letter goes. `person`: whose address on record it is; None for an address that only the message gave."""

    address: MailAddress
    person: Person | None = None


def address_on_record(person: Person) -> MailAddress | None:
    """The address to write to: the oldest current one; none for somebody who is not to be contacted."""
    if person.do_not_contact:
        return None
    row = PersonAddress.objects.filter(school_id=person.school_id, person=person, until=None).order_by("since", "pk").first()
    return MailAddress.parse(row.address) if row is not None else None


def recipient_of(*, claim: Claim | None, email: VerificationEmail | None, person: Person | None = None) -> Recipient:
    """The address on record of `person`, of whoever a colleague linked it to, or of whoever has the sender's mailbox; else the sender's.

    Raises:
        NobodyToWriteTo: no address, none that can be written to, or somebody who is not to be contacted.
    """
    person = person or _linked(claim)
    if person is not None:
        return _of_person(person)
    sender = (claim.sender_address if claim is not None else "") or (whose_word(email)[0] if email is not None else "")
    told_to = (claim.school_id if claim is not None else None) or (email.school_id if email is not None else 0)
    try:
        address = MailAddress.parse(sender)
    except BadValue as error:
        raise NobodyToWriteTo("There is no e-mail address to write to. Choose the person first, or ask at the desk or by phone.") from error
    rows = list(
        PersonAddress.objects.filter(school_id=told_to, mailbox=address.mailbox, until=None).select_related("person").order_by("pk")
    )
    if any(row.person.do_not_contact for row in rows):
        raise _not_contacted()
    if not rows:
        return Recipient(address)
    people = {row.person_id for row in rows}
    return Recipient(MailAddress.parse(rows[0].address), rows[0].person if len(people) == 1 else None)


def _linked(claim: Claim | None) -> Person | None:
    link = ClaimLink.objects.filter(claim=claim, ended_at=None).select_related("person").first() if claim is not None else None
    return link.person if link is not None else None


def _of_person(person: Person) -> Recipient:
    if person.do_not_contact:
        raise _not_contacted()
    address = address_on_record(person)
    if address is None:
        raise NobodyToWriteTo("There is no e-mail address on record for this person. Ask at the desk or by phone.")
    return Recipient(address, person)


def _not_contacted() -> NobodyToWriteTo:
    return NobodyToWriteTo("This person is marked as not to be contacted. Nothing is written to them.")


def is_on_record(*, school: School, address: MailAddress) -> bool:
    """Whether the school holds this address for somebody now."""
    return PersonAddress.objects.filter(school=school, mailbox=address.mailbox, until=None).exists()


def must_not_be_written_to(*, school: School, address: MailAddress) -> bool:
    """Whether it belongs to somebody who is not to be contacted; asked again at the moment of sending."""
    return PersonAddress.objects.filter(school=school, mailbox=address.mailbox, until=None, person__do_not_contact=True).exists()


def own_mailboxes(school: School) -> frozenset[str]:
    """The addresses the school itself writes from and reads: writing to them would be talking to ourselves."""
    texts = [parseaddr(settings.DEFAULT_FROM_EMAIL)[1], *IntakeSource.objects.filter(school=school).values_list("username", flat=True)]
    return frozenset(address.mailbox for text in texts if (address := _parsed(text)) is not None)


def answered(email: VerificationEmail | None) -> Answered | None:
    """The message a letter answers, as manners see it."""
    if email is None:
        return None
    return Answered(
        sender=email.from_address,
        human=email.mail_class == VerificationEmail.MailClass.HUMAN,
        ambiguous=email.sender_ambiguous,
        suspicious=email.authenticity == VerificationEmail.Authenticity.SUSPICIOUS,
        no_answer_because=email.no_answer_because,
    )


def _parsed(text: str) -> MailAddress | None:
    try:
        return MailAddress.parse(text)
    except BadValue:
        return None
