"""Writing letters as rows. The clock sends them; nothing is ever sent from inside a request."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from accounts.models import User
from vetting.audit.events import Event
from vetting.audit.operations import record
from vetting.correspondence.manners import ONE_LETTER_EVERY, may_go_at, why_never
from vetting.correspondence.models import OutgoingMail
from vetting.correspondence.recipients import answered, must_not_be_written_to, own_mailboxes
from vetting.correspondence.templates import TEMPLATES
from vetting.correspondence.wording import composed
from vetting.intake.models import Claim, IntakeSource, VerificationEmail
from vetting.school.models import Membership, School
from vetting.school.observing import observing_schools
from vetting.school.queries import policy
from vetting.values import BadValue, MailAddress, Refused


class NotWritten(Refused):
    """Good manners forbid this letter: see manners.py."""


class NotAgain(Refused):
    """This letter cannot be tried again."""


@transaction.atomic
def write_letter(
    *,
    school: School,
    template: str,
    to: MailAddress,
    claim: Claim | None,
    by: User,
    at: datetime,
    email: VerificationEmail | None = None,
) -> OutgoingMail:
    """Queue one letter. When another went to this address within a day, it waits until that day is over: see its `not_before`.

    Raises:
        NotWritten: nobody may write there, for example to a program or to the school's own mailbox.
    """
    email = email or (claim.email if claim is not None else None)
    refusal = why_not(school=school, to=to, email=email, automatic=False)
    if refusal:
        raise NotWritten(refusal)
    return _queue(school, template, to, claim, email, by=by, at=at, not_before=when_it_goes(school=school, to=to, at=at))


def why_not(*, school: School, to: MailAddress, email: VerificationEmail | None, automatic: bool) -> str:
    """The sentence why nothing is written to this address; "" when a letter may go."""
    if must_not_be_written_to(school=school, address=to):
        return "This address belongs to somebody who is not to be contacted."
    own = own_mailboxes(school) | (_colleagues(school) if automatic else frozenset())
    return why_never(to=to, own=own, answered=answered(email), automatic=automatic)


def _colleagues(school: School) -> frozenset[str]:
    """Those who work with the register: what they forward or send in is not theirs to be thanked for."""
    addresses = Membership.objects.filter(school=school, until=None).values_list("user__email", flat=True)
    return frozenset(str(address).lower() for address in addresses)


def letters_to(*, school_id: int, to: MailAddress, at: datetime) -> QuerySet[OutgoingMail]:
    """The letters that count for this mailbox's day, however its address was written: sent within a day, or not sent yet."""
    counting = OutgoingMail.objects.filter(Q(sent_at__gt=at - ONE_LETTER_EVERY) | Q(sent_at=None, given_up_at=None), school=school_id)
    written = set(counting.values_list("to_address", flat=True))
    return counting.filter(to_address__in=[text for text in written if MailAddress(text).mailbox == to.mailbox])


def when_it_goes(*, school: School, to: MailAddress, at: datetime) -> datetime:
    """The moment at which a letter written now may go to this address: one a day, the ones that wait included."""
    letters = letters_to(school_id=school.pk, to=to, at=at)
    sent = letters.exclude(sent_at=None).order_by("-sent_at").values_list("sent_at", flat=True).first()
    waits = letters.filter(sent_at=None, given_up_at=None).order_by("-not_before").values_list("not_before", flat=True).first()
    return may_go_at(at=at, last=max((moment for moment in (sent, max(waits, at) if waits else None) if moment), default=None))


def _queue(
    school: School,
    template: str,
    to: MailAddress,
    claim: Claim | None,
    email: VerificationEmail | None,
    *,
    by: User | None,
    at: datetime,
    not_before: datetime,
) -> OutgoingMail:
    letter = composed(school=school, template=template)
    mail = OutgoingMail.objects.create(
        school=school,
        template=template,
        to_address=to.value,
        subject=letter.subject,
        body=letter.body,
        claim=claim,
        email=email,
        automatic=by is None,
        by=by,
        made_at=at,
        not_before=not_before,
    )
    title = TEMPLATES[template].title
    record(school_id=school.pk, event=Event.LETTER_QUEUED, by=by, at=at, subject=mail, facts={"template": title})
    return mail


def acknowledge_due(*, at: datetime, limit: int = 50) -> int:
    """Write "we have your message" for families' e-mails that came after the school switched that on. Returns how many.

    Only for what a mailbox brought within a day: nobody is thanked for last month's mail because an old folder was read or a colleague
    gave it as a file. Good manners apply; what they forbid is dropped, and stands among the letters with its reason.
    """
    written = 0
    schools = School.objects.filter(policies__key="acknowledge_mails").exclude(pk__in=observing_schools())
    for school in schools.distinct().order_by("pk"):
        began = _acknowledging_since(school)
        if began is not None:
            came = _to_acknowledge(school).filter(received_at__gte=max(began, at - ONE_LETTER_EVERY))
            written += sum(_acknowledge(email, at) for email in came.select_related("school")[:limit])
    return written


def _to_acknowledge(school: School) -> QuerySet[VerificationEmail]:
    """People's own e-mails that nobody set aside, whose sender is judged, not yet acknowledged.

    When one arrived that a colleague gave or attached, nobody knows: what is written down is when it was given.
    """
    human = VerificationEmail.MailClass.HUMAN
    came = VerificationEmail.objects.filter(school=school, parsed_at__isnull=False, mail_class=human, set_aside_at=None, erased_at=None)
    came = came.filter(judge_at=None).exclude(positions__source__kind=IntakeSource.Kind.UPLOAD).exclude(positions__inside__isnull=False)
    came = came.filter(forwarded_address="").exclude(from_address="").exclude(letters__template="acknowledgement")
    return came.order_by("received_at", "pk").defer("raw", "text")


def _acknowledging_since(school: School) -> datetime | None:
    if not policy(school, "acknowledge_mails"):
        return None
    row = school.policies.filter(key="acknowledge_mails").order_by("-at", "-pk").first()
    if row is None:
        return None
    # What came between a backup and its restore was perhaps acknowledged then; the backup cannot know.
    return max(row.at, school.resumed_at or row.at)


@transaction.atomic
def _acknowledge(email: VerificationEmail, at: datetime) -> int:
    VerificationEmail.objects.select_for_update().only("pk").get(pk=email.pk)
    if email.letters.filter(template="acknowledgement").exists():
        return 0
    try:
        to = MailAddress.parse(email.from_address)
    except BadValue:
        return 0
    why = why_not(school=email.school, to=to, email=email, automatic=True)
    if not why and when_it_goes(school=email.school, to=to, at=at) > at:
        why = "This address had a letter within a day; automatic ones do not wait."
    claim = email.claims.filter(withdrawn_at=None).order_by("-pk").first()
    mail = _queue(email.school, "acknowledgement", to, claim, email, by=None, at=at, not_before=at)
    if why:
        give_up(mail, why, at)
    return 0 if why else 1


def give_up(mail: OutgoingMail, why: str, at: datetime) -> None:
    """It will not be sent; the row keeps the sentence. Called inside a transaction."""
    given_up = OutgoingMail.objects.filter(pk=mail.pk, sent_at=None, given_up_at=None)
    if given_up.update(given_up_at=at, error=why[:300]):
        facts = {"template": TEMPLATES[mail.template].title, "why": why}
        record(school_id=mail.school_id, event=Event.LETTER_GIVEN_UP, by=None, at=at, subject=mail, facts=facts)


def leave_unsent(*, letters: Iterable[OutgoingMail], at: datetime) -> None:
    """Letters out of a backup: they may have gone since. A person may send each after all. Called inside a transaction."""
    for letter in letters:
        give_up(letter, "It waited in a backup that was restored, and may have gone since.", at)


@transaction.atomic
def try_again(*, letter: OutgoingMail, by: User, at: datetime) -> OutgoingMail:
    """Send a letter after all that was given up. Raises NotAgain for one that was sent, is waiting, was erased or was automatic."""
    mail = OutgoingMail.objects.select_for_update().get(pk=letter.pk)
    if mail.given_up_at is None or mail.erased_at is not None or mail.automatic:
        raise NotAgain("There is nothing to try again: this letter was sent, waits, or was erased.")
    link = getattr(mail, "confirmation_link", None)
    if link is not None and (link.cancelled_at is not None or link.answered_at is not None):
        raise NotAgain("A newer letter took the place of this one.")
    to = MailAddress.parse(mail.to_address)
    refusal = why_not(school=mail.school, to=to, email=mail.email, automatic=False)
    if refusal:
        raise NotWritten(refusal)
    goes = when_it_goes(school=mail.school, to=to, at=at)
    OutgoingMail.objects.filter(pk=mail.pk).update(given_up_at=None, tries=0, not_before=goes, error="")
    facts = {"template": TEMPLATES[mail.template].title}
    record(school_id=mail.school_id, event=Event.LETTER_RETRIED, by=by, at=at, subject=mail, facts=facts)
    mail.refresh_from_db()
    return mail
