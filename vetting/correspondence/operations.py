"""Writing letters as rows and sending them by the clock."""

import logging
from datetime import datetime, timedelta
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction

from accounts.models import User
from vetting.audit.events import Event
from vetting.audit.operations import record
from vetting.correspondence.models import OutgoingMail
from vetting.correspondence.probing import send_probe, send_probes
from vetting.correspondence.templates import compose
from vetting.intake.models import Claim
from vetting.roster.models import Person, PersonAddress
from vetting.school.models import School, SchoolAccount
from vetting.values import MailAddress

__all__ = ["address_on_record", "send_due", "send_probe", "send_probes", "write_letter"]

log = logging.getLogger(__name__)
MOST_TRIES = 6


def address_on_record(person: Person) -> MailAddress | None:
    """The address to write to: the oldest current one; none for somebody who is not to be contacted."""
    if person.do_not_contact:
        return None
    row = PersonAddress.objects.filter(school_id=person.school_id, person=person, until=None).order_by("since", "pk").first()
    return MailAddress.parse(row.address) if row is not None else None


@transaction.atomic
def write_letter(*, school: School, template: str, to: MailAddress, claim: Claim | None, by: User, at: datetime) -> OutgoingMail:
    """Queue one letter; the clock sends it. It is never sent from inside a request."""
    account = SchoolAccount.objects.filter(school=school).order_by("pk").first()
    letter = compose(template, account=f"@{account.handle}" if account else "our account", school=school.name)
    mail = OutgoingMail.objects.create(
        school=school,
        template=template,
        to_address=to.value,
        subject=letter.subject,
        body=letter.body,
        claim=claim,
        by=by,
        made_at=at,
        not_before=at,
    )
    record(school_id=school.pk, event=Event.LETTER_QUEUED, by=by, at=at, subject=mail, facts={"template": template})
    return mail


def send_due(*, at: datetime, limit: int = 20) -> int:
    """Send what is due. A row is claimed by moving its `not_before` first, so that two senders never both send it.

    A failure is kept on the row and tried again after 1, 2, 4… minutes, six times in all.
    """
    sent = 0
    due = OutgoingMail.objects.filter(sent_at=None, given_up_at=None, not_before__lte=at).order_by("not_before")
    for mail in due.select_related("school")[:limit]:
        pause = timedelta(minutes=2**mail.tries)
        claimed = OutgoingMail.objects.filter(pk=mail.pk, sent_at=None, tries=mail.tries).update(
            tries=mail.tries + 1, not_before=at + pause
        )
        if claimed:
            sent += _send(mail, at)
    return sent


def _send(mail: OutgoingMail, at: datetime) -> int:
    headers = {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"}
    try:
        EmailMessage(mail.subject, mail.body, settings.DEFAULT_FROM_EMAIL, [mail.to_address], headers=headers).send()
    except (SMTPException, OSError) as error:
        log.warning("letter %s was not sent: %s", mail.pk, type(error).__name__)
        given_up = at if mail.tries + 1 >= MOST_TRIES else None
        OutgoingMail.objects.filter(pk=mail.pk).update(
            error=f"The mail server did not take it ({type(error).__name__}).", given_up_at=given_up
        )
        return 0
    with transaction.atomic():
        OutgoingMail.objects.filter(pk=mail.pk).update(sent_at=at, error="")
        record(school_id=mail.school_id, event=Event.LETTER_SENT, by=None, at=at, subject=mail, facts={"template": mail.template})
    return 1
