"""The confirmation loop: one question to one mailbox, answered once on a page that changes nothing until a name is typed.

The link carries 32 random bytes, signed together with the reference of its row. Only the SHA-256 of the bytes is stored, and they are
made when the letter is sent: whoever reads the database or a letter that waits cannot make the link.
"""

import base64
import binascii
import hashlib
import hmac
import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.db import transaction
from django.urls import reverse

from accounts.models import User
from vetting.correspondence.models import ConfirmationLink, OutgoingMail
from vetting.correspondence.recipients import Recipient, recipient_of
from vetting.correspondence.writing import give_up, write_letter
from vetting.intake.confirming import confirm_claim, disown_claim, is_confirmed, name_to_confirm, note_other_name
from vetting.intake.models import Claim
from vetting.roster.models import Person
from vetting.school.queries import policy
from vetting.values import BadValue, Handle, MailAddress, Refused

REPLACED = "A newer letter took the place of this one."


class CannotAsk(Refused):
    """There is nothing to confirm, or no way to send a link."""


class LinkSpent(Refused):
    """Used, too old, replaced by a newer one, altered, or no longer needed."""


def who_is_asked(*, claim: Claim, person: Person | None = None) -> Recipient:
    """Where the question would go. Raises NobodyToWriteTo, CannotAsk or BadValue, as `ask_to_confirm` would."""
    if claim.withdrawn_at is not None:
        raise CannotAsk("This message was withdrawn, so there is nothing to confirm.")
    if claim.disowned_at is not None:
        raise CannotAsk("The answer was that this message was not theirs. Speak to the family instead.")
    if not settings.PUBLIC_URL:
        raise CannotAsk(
            "A letter with a link needs the address under which families reach this register: ask the technician to set SITE_HOST."
        )
    name_to_confirm(claim)
    recipient = recipient_of(claim=claim, email=claim.email, person=person)
    if is_confirmed(claim, through=recipient.address):
        raise CannotAsk("This Twitter name was confirmed already.")
    return recipient


@transaction.atomic
def ask_to_confirm(*, claim: Claim, by: User, at: datetime, person: Person | None = None) -> ConfirmationLink:
    """Ask whoever reads a mailbox to type their Twitter name once more. A new question cancels the one before.

    It goes to the address on record of `person`, or of whoever the message is from; to the sender's address only where the school
    holds none. The letter is queued like any other and obeys the same manners.

    Raises:
        BadValue: the message gives no Twitter name, or several and nobody chose.
        CannotAsk, NobodyToWriteTo, NotWritten: with the sentence why not.
    """
    claim = Claim.objects.select_for_update().get(pk=claim.pk)
    recipient = who_is_asked(claim=claim, person=person)
    for old in ConfirmationLink.objects.filter(claim=claim, answered_at=None, cancelled_at=None).select_related("letter"):
        ConfirmationLink.objects.filter(pk=old.pk).update(cancelled_at=at)
        give_up(old.letter, REPLACED, at)
    letter = write_letter(school=claim.school, template="confirm", to=recipient.address, claim=claim, by=by, at=at)
    return ConfirmationLink.objects.create(
        school=claim.school,
        claim=claim,
        letter=letter,
        person=recipient.person,
        handle=name_to_confirm(claim).value,
        to_address=recipient.address.value,
        by=by,
        made_at=at,
        expires_at=letter.not_before + timedelta(days=max(policy(claim.school, "confirm_days"), 1)),
    )


def fresh_link(letter: OutgoingMail, at: datetime) -> str | None:
    """Make the secret of a letter that is about to be sent, and the address it leads to; None when the question is no longer open.

    Called inside the transaction that claims the letter. A second try makes a second secret, and the first is worth nothing.
    """
    secret = secrets.token_bytes(32)
    days = timedelta(days=max(policy(letter.school, "confirm_days"), 1))
    still_open = ConfirmationLink.objects.filter(letter=letter, answered_at=None, cancelled_at=None)
    if not still_open.update(token_hash=_hash(secret), expires_at=at + days):
        return None
    reference = ConfirmationLink.objects.values_list("reference", flat=True).get(letter=letter)
    return settings.PUBLIC_URL + reverse("confirm", args=[token_of(reference, secret)])


def token_of(reference: str, secret: bytes) -> str:
    """What stands in the link: which row, the secret, and a signature over both."""
    return _signer().sign(f"{reference}-{base64.urlsafe_b64encode(secret).rstrip(b'=').decode()}")


def find_link(*, token: str, at: datetime) -> ConfirmationLink:
    """The open question behind a link; reading it changes nothing. Raises LinkSpent with what to do."""
    try:
        reference, _, text = _signer().unsign(token).partition("-")
        secret = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (BadSignature, binascii.Error, ValueError) as error:
        raise LinkSpent("This link is not complete. Open it from the letter again, or copy all of it.") from error
    link = ConfirmationLink.objects.select_related("school", "claim__school").filter(reference=reference).first()
    if link is None or not hmac.compare_digest(link.token_hash or "", _hash(secret)):
        raise LinkSpent("This link has been replaced by a newer one. Open the newest letter from the school.")
    if link.answered_at is not None:
        raise LinkSpent("This link was used already. Thank you; there is nothing else to do.")
    if link.cancelled_at is not None:
        raise LinkSpent("This link has been replaced by a newer one. Open the newest letter from the school.")
    if link.expires_at <= at:
        raise LinkSpent("This link is too old. Write to the school again, and it will send you a new one.")
    if link.claim.withdrawn_at is not None:
        raise LinkSpent("The school no longer needs this answer. There is nothing else to do.")
    return link


@transaction.atomic
def answer_with_name(*, token: str, typed: Handle, at: datetime) -> ConfirmationLink.Answer:
    """Somebody typed their Twitter name: it is the one the message gave, or another one for the office to look at.

    Raises:
        LinkSpent: the question is no longer open; two answers at once count once.
    """
    link = find_link(token=token, at=at)
    try:
        asked = name_to_confirm(link.claim)
    except BadValue:
        asked = None
    answer = ConfirmationLink.Answer.CONFIRMED if typed == asked else ConfirmationLink.Answer.ANOTHER_NAME
    _spend(link, answer, at)
    if answer == ConfirmationLink.Answer.CONFIRMED:
        confirm_claim(claim=link.claim, address=MailAddress.parse(link.to_address), at=at)
    else:
        note_other_name(claim=link.claim, text=str(typed), at=at)
    return answer


@transaction.atomic
def answer_not_me(*, token: str, at: datetime) -> None:
    """Whoever reads this mailbox did not ask. Raises LinkSpent when the question is no longer open."""
    link = find_link(token=token, at=at)
    _spend(link, ConfirmationLink.Answer.NOT_ME, at)
    disown_claim(claim=link.claim, at=at)


def _spend(link: ConfirmationLink, answer: ConfirmationLink.Answer, at: datetime) -> None:
    still_open = ConfirmationLink.objects.filter(pk=link.pk, answered_at=None, cancelled_at=None, expires_at__gt=at)
    if not still_open.update(answered_at=at, answer=answer):
        raise LinkSpent("This link was used a moment ago. Thank you; there is nothing else to do.")


def _signer() -> Signer:
    return Signer(salt="vetting.correspondence.confirmation", sep=".")


def _hash(secret: bytes) -> str:
    return hashlib.sha256(secret).hexdigest()
