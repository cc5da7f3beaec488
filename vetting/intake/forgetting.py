"""Erasing what an e-mail said. Retention decides when and records it; here stands what goes and what stays."""

from datetime import datetime

from django.db import transaction

from vetting.intake.models import Claim, ClaimReading, IntakeAttempt, VerificationEmail
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
def forget_email(*, email: VerificationEmail, at: datetime, everything: bool) -> None:
    """Erase an e-mail's bytes and text, and what was read in them.

    Args:
        everything: it came to nothing, so the names and the Twitter names read in it go too. Otherwise the date, the sender, the
            Twitter name and how far the sender was checked stay, as the reason for a decision.

    The two digests stay in both cases: they tell nothing, and by them the same message coming again is known.
    """
    email.positions.update(headers=None)
    IntakeAttempt.objects.filter(email=email).delete()
    email.claims.update(child_text="", class_text="", note="")
    for reading in ClaimReading.objects.filter(claim__email=email):
        _forget_words(reading, everything=everything)
    if everything:
        _forget_claims(email, at)
    changes = {**_SAID, **(_SENDER if everything else {}), "erased_at": at}
    VerificationEmail.objects.filter(pk=email.pk).update(**changes)


def _forget_words(reading: ClaimReading, *, everything: bool) -> None:
    """The Twitter name stays as evidence, without the words around it. One that was only guessed must not look as if it had stood there."""
    verbatim = reading.handle is not None and (not reading.repaired or reading.handle in reading.text_as_written.lower())
    reading.text_as_written = reading.handle if verbatim and reading.handle is not None and not everything else ""
    if everything:
        reading.handle = None
    reading.start = reading.end = 0
    reading.save(update_fields=["text_as_written", "handle", "start", "end"])


def _forget_claims(email: VerificationEmail, at: datetime) -> None:
    standing: dict[str, object] = {"withdrawn_at": at, "withdrawn_why": "Erased: nothing came of it."}
    gone = {"sender_address": "", "sender_name": "", "confirmed_at": None, "confirmed_address": "", "withdrawn_why": ""}
    claims = Claim.objects.filter(email=email)
    was_standing = list(claims.filter(withdrawn_at=None).values_list("pk", flat=True))
    claims.update(**gone)
    claims.filter(pk__in=was_standing).update(**standing)
    facts_changed(email.school_id)
