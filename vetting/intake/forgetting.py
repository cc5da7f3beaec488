"""Erasing what an e-mail said. Retention decides when and records it; here stands what goes and what stays."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import F, Q, QuerySet

from vetting.intake.models import Claim, ClaimReading, IntakeAttempt, MailPosition, VerificationEmail
from vetting.school.changes import Changed
from vetting.school.models import School
from vetting.school.operations import facts_changed

# What the message itself said, and what was worked out of its words.
_SAID: dict[str, object] = {
    "raw": None,
    "text": "",
    "zones": [],
    "subject": "",
    "attachments": [],
    "defects": [],
    "message_id": "",
    "forwarded_address": "",
    "forwarded_name": "",
    "waits_because": "",
    "judge_at": None,
}
# Who sent it and how far that was checked: the evidence of a decision.
_SENDER: dict[str, object] = {
    "from_address": "",
    "from_name": "",
    "no_answer_because": "",
    "authenticity_sentence": "",
    "signed_by": "",
    "set_aside_why": "",
}


@transaction.atomic
def forget_emails(*, school: School, emails: Sequence[int], at: datetime, everything: bool) -> None:
    """Erase the bytes and text of e-mails (by number), and what was read in them.

    Args:
        everything: they came to nothing, so the names and the Twitter names read in them go too. Otherwise the date, the sender, the
            Twitter name and how far the sender was checked stay, as the reason for a decision.

    The two digests stay in both cases: they tell nothing, and by them the same message coming again is known.
    """
    mine = VerificationEmail.objects.filter(school=school, pk__in=emails)
    claims = Claim.objects.filter(email__in=mine)
    MailPosition.objects.filter(email__in=mine).update(headers=None)
    IntakeAttempt.objects.filter(email__in=mine).delete()
    claims.update(child_text="", class_text="", note="")
    _forget_words(ClaimReading.objects.filter(claim__in=claims), everything=everything)
    if everything:
        _forget_claims(claims, at)
    mine.update(**{**_SAID, **(_SENDER if everything else {}), "erased_at": at})
    if emails:
        facts_changed(school.pk, *(Changed.email(pk) for pk in emails))


def forget_email(*, email: VerificationEmail, at: datetime, everything: bool) -> None:
    """The same for one."""
    forget_emails(school=email.school, emails=[email.pk], at=at, everything=everything)


@transaction.atomic
def forget_told(*, school: School, claims: Sequence[int], at: datetime, everything: bool) -> None:
    """The same for what colleagues wrote down of a call, a letter or a visit (by number): what it says of children, and the note.

    Args:
        everything: it came to nothing, so name and Twitter name go too.
    """
    told = Claim.objects.filter(school=school, pk__in=claims, email=None)
    told.update(child_text="", class_text="", note="")
    if everything and claims:
        _forget_words(ClaimReading.objects.filter(claim__in=told), everything=True)
        _forget_claims(told, at)
    if claims:
        facts_changed(school.pk, *(Changed.claim(pk) for pk in claims))


def _forget_words(readings: QuerySet[ClaimReading], *, everything: bool) -> None:
    """The Twitter name stays as evidence, without the words around it. One that was only guessed must not look as if it had stood there."""
    readings.update(start=0, end=0)
    if everything:
        readings.update(text_as_written="", handle=None)
        return
    readings.filter(Q(handle=None) | Q(repaired=True) & ~Q(text_as_written__icontains=F("handle"))).update(text_as_written="")
    readings.exclude(text_as_written="").update(text_as_written=F("handle"))


def _forget_claims(claims: QuerySet[Claim], at: datetime) -> None:
    claims.update(sender_address="", sender_name="", confirmed_at=None, confirmed_address="", withdrawn_why="")
    claims.filter(withdrawn_at=None).update(withdrawn_at=at, withdrawn_why="Erased: nothing came of it.")
