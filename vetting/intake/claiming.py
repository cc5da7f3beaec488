"""What people do with claims and with e-mails that wait: enter, correct, choose, withdraw, set aside, read again."""

from datetime import datetime

from django.db import transaction

from accounts.models import User
from vetting.audit.events import Event
from vetting.audit.operations import record
from vetting.intake.colleagues import whose_word
from vetting.intake.confirming import settle_other_name
from vetting.intake.models import Claim, ClaimReading, VerificationEmail
from vetting.school.changes import Changed
from vetting.school.models import School
from vetting.school.operations import facts_changed
from vetting.values import BadValue, Handle, Refused


class AlreadyDone(Refused):
    """Somebody did this before."""


class ReadAlready(Refused):
    """A claim stands on this e-mail; it is corrected, not read again."""


@transaction.atomic
def enter_claim_by_hand(
    *,
    school: School,
    handle: Handle,
    name: str,
    channel: Claim.Channel,
    by: User,
    at: datetime,
    note: str = "",
    child_text: str = "",
    class_text: str = "",
) -> Claim:
    """Write down what somebody said on the phone, in a letter, on a form or at the desk.

    Raises BadValue without a name, and for the channel e-mail, which speaks for itself.
    """
    if not name.strip():
        raise BadValue("Type the name of the person who told you.")
    if channel == Claim.Channel.EMAIL:
        raise BadValue("Choose how they told you: by phone, by letter, on a form or at the desk.")
    claim = Claim.objects.create(
        school=school,
        channel=channel,
        entered_by=by,
        made_at=at,
        sender_name=name.strip()[:300],
        child_text=child_text.strip()[:200],
        class_text=class_text.strip()[:80],
        note=note.strip()[:300],
    )
    _add_reading(claim, handle, rule="by hand")
    words = {"name": claim.sender_name, "handle": str(handle)}
    record(
        school_id=school.pk,
        event=Event.CLAIM_ENTERED,
        by=by,
        at=at,
        subject=claim,
        facts={"channel": Claim.Channel(channel).label},
        words=words,
    )
    facts_changed(school.pk, Changed.claim(claim.pk))
    return claim


@transaction.atomic
def enter_claim_from_email(*, email: VerificationEmail, handle: Handle, by: User, at: datetime) -> Claim:
    """Somebody read the Twitter name in an e-mail in which the register found none. Raises ReadAlready when it did find one."""
    email = VerificationEmail.objects.select_for_update().get(pk=email.pk)
    if email.claims.filter(withdrawn_at=None).exists():
        raise ReadAlready("A Twitter name was read in this e-mail already. Correct that one instead.")
    claim = claim_without_name(email=email, by=by)
    _add_reading(claim, handle, rule="by hand")
    VerificationEmail.objects.filter(pk=email.pk).update(waits_because="")
    words = {"name": claim.sender_name or claim.sender_address, "handle": str(handle)}
    facts = {"channel": Claim.Channel.EMAIL.label}
    record(school_id=email.school_id, event=Event.CLAIM_ENTERED, by=by, at=at, subject=claim, facts=facts, words=words)
    facts_changed(email.school_id, Changed.claim(claim.pk))
    return claim


def claim_without_name(*, email: VerificationEmail, by: User) -> Claim:
    """What an e-mail says before anybody knows its Twitter name. Recorded by whoever has a reason to write it down."""
    address, name = whose_word(email)
    return Claim.objects.create(
        school_id=email.school_id,
        channel=Claim.Channel.EMAIL,
        email=email,
        entered_by=by,
        made_at=email.received_at,
        sender_address=address,
        sender_name=name,
        authenticity=email.authenticity,
    )


@transaction.atomic
def correct_claim(*, claim: Claim, handle: Handle, by: User, at: datetime) -> ClaimReading:
    """Set the Twitter name somebody meant. What was read before stays, marked as not this. Raises AlreadyDone when withdrawn."""
    claim = _standing(claim)
    claim.readings.update(use=ClaimReading.Use.NOT_THIS)
    reading = _add_reading(claim, handle, rule="corrected")
    if claim.email_id is not None and claim.disowned_at is None:
        VerificationEmail.objects.filter(pk=claim.email_id).update(waits_because="")
    record(school_id=claim.school_id, event=Event.CLAIM_CORRECTED, by=by, at=at, subject=claim, words={"handle": str(handle)})
    facts_changed(claim.school_id, Changed.claim(claim.pk))
    return reading


@transaction.atomic
def use_reading(*, reading: ClaimReading, use: ClaimReading.Use, by: User, at: datetime) -> None:
    """Say of one of several readings whether it is the one. Raises AlreadyDone when the claim was withdrawn."""
    claim = _standing(reading.claim)
    if ClaimReading.objects.filter(pk=reading.pk).exclude(use=use).update(use=use):
        words = {"handle": f"@{reading.handle}" if reading.handle else reading.text_as_written}
        facts = {"use": ClaimReading.Use(use).label}
        if use == ClaimReading.Use.THIS and claim.email_id is not None and claim.disowned_at is None:
            VerificationEmail.objects.filter(pk=claim.email_id).update(waits_because="")
        record(school_id=claim.school_id, event=Event.READING_MARKED, by=by, at=at, subject=claim, facts=facts, words=words)
        facts_changed(claim.school_id, Changed.claim(claim.pk))
    reading.refresh_from_db()
    settle_other_name(reading=reading)


@transaction.atomic
def withdraw_claim(*, claim: Claim, by: User, at: datetime, why: str) -> None:
    """It no longer counts for anything. Raises AlreadyDone the second time and BadValue without a reason."""
    if not why.strip():
        raise BadValue("Say why, in a few words.")
    if not Claim.objects.filter(pk=claim.pk, withdrawn_at=None).update(withdrawn_at=at, withdrawn_by=by, withdrawn_why=why.strip()[:300]):
        raise AlreadyDone("This was withdrawn already.")
    record(school_id=claim.school_id, event=Event.CLAIM_WITHDRAWN, by=by, at=at, subject=claim, words={"why": why.strip()[:300]})
    facts_changed(claim.school_id, Changed.claim(claim.pk))
    claim.refresh_from_db()


@transaction.atomic
def set_aside(*, email: VerificationEmail, by: User, at: datetime, why: str) -> None:
    """Nothing needs doing with this e-mail. It stays stored. Raises AlreadyDone the second time and BadValue without a reason."""
    if not why.strip():
        raise BadValue("Say why, in a few words.")
    waiting = VerificationEmail.objects.filter(pk=email.pk, set_aside_at=None)
    if not waiting.update(set_aside_at=at, set_aside_by=by, set_aside_why=why.strip()[:300]):
        raise AlreadyDone("Somebody set this e-mail aside already.")
    record(school_id=email.school_id, event=Event.EMAIL_SET_ASIDE, by=by, at=at, subject=email, words={"why": why.strip()[:300]})
    facts_changed(email.school_id, Changed.email(email.pk))
    email.refresh_from_db()


@transaction.atomic
def retry_parsing(*, email: VerificationEmail, by: User, at: datetime) -> None:
    """Have the register read an e-mail again. Raises ReadAlready when a claim came of it or its text was erased."""
    email = VerificationEmail.objects.select_for_update().get(pk=email.pk)
    if email.erased_at is not None:
        raise ReadAlready("The text of this e-mail was erased, so it cannot be read again.")
    if email.claims.exists():
        raise ReadAlready("This e-mail was read already. Correct its Twitter name instead.")
    VerificationEmail.objects.filter(pk=email.pk).update(
        parsed_at=None, parse_failures=0, parse_not_before=None, waits_because="", set_aside_at=None, set_aside_by=None, set_aside_why=""
    )
    record(school_id=email.school_id, event=Event.EMAIL_RETRIED, by=by, at=at, subject=email)


def _add_reading(claim: Claim, handle: Handle, *, rule: str) -> ClaimReading:
    """A name a person typed; it stands nowhere in a text."""
    return ClaimReading.objects.create(
        claim=claim, text_as_written=str(handle), handle=handle.value, rule=rule, zone="", use=ClaimReading.Use.THIS
    )


def _standing(claim: Claim) -> Claim:
    claim = Claim.objects.select_for_update().get(pk=claim.pk)
    if claim.withdrawn_at is not None:
        raise AlreadyDone("This was withdrawn already.")
    return claim
