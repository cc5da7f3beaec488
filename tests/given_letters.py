"""Scenes of letters: Dana on the school's list, what she told the office, and the link that reaches her."""

import re
from datetime import date, datetime

from django.core import mail

from accounts.models import User
from tests import given, given_intake
from vetting.correspondence.models import ConfirmationLink
from vetting.correspondence.operations import ask_to_confirm, send_due
from vetting.intake.claiming import enter_claim_by_hand
from vetting.intake.models import Claim, VerificationEmail
from vetting.roster.models import Basis, Person
from vetting.roster.operations import ChildName, add_person
from vetting.school.models import School
from vetting.values import Handle, MailAddress, PersonName

ON_RECORD = "dana.hill@example.org"
NEW_ADDRESS = "dana84@elsewhere.example"


def dana(school: School, by: User, *addresses: str) -> Person:
    """Dana Hill, mother of Ada, with her address on the school's record."""
    return add_person(
        school=school,
        name=PersonName("Dana", "Hill"),
        kind=Basis.Kind.PARENT_OR_CARER,
        by=by,
        at=given.MONDAY,
        addresses=[MailAddress.parse(address) for address in addresses or (ON_RECORD,)],
        child=ChildName("Ada", "Hill", "Year 3", "3 Willow"),
        relationship="Mother",
        starts_on=date(2024, 9, 1),
    )


def told_by_phone(school: School, by: User, handle: str = "danahill_mum", *, at: datetime = given.MONDAY) -> Claim:
    return enter_claim_by_hand(school=school, handle=Handle(handle), name="Dana Hill", channel=Claim.Channel.PHONE, by=by, at=at)


def written_from(
    school: School, sender: str = NEW_ADDRESS, body: str = "My Twitter name is @danahill_mum. I am Ada's mum.", **more: object
) -> VerificationEmail:
    """An e-mail whose sender nobody checked."""
    return given_intake.an_email(school, given_intake.a_message(body, sender=f"Dana Hill <{sender}>", **more))


def asked(claim: Claim, by: User, person: Person | None = None, *, at: datetime = given.MONDAY) -> tuple[ConfirmationLink, str]:
    """A question that was asked and sent, and the address its letter leads to."""
    link = ask_to_confirm(claim=claim, by=by, at=at, person=person)
    assert send_due(at=max(at, link.letter.not_before)) == 1
    link.refresh_from_db()
    return link, link_in(mail.outbox[-1].body)


def link_in(text: str) -> str:
    found = re.search(r"http://testserver(/confirm/\S+/)", text)
    assert found is not None, text
    return found.group(1)
