"""What comes back from a confirmation link: it is my Twitter name, it is another one, or this was not me.

It proves who reads a mailbox, not whose Twitter account it is; matching still asks whether the address is on the school's list and
whether that very account is the one that asks.
"""

from datetime import datetime

from django.db import transaction

from vetting.audit.events import Event
from vetting.audit.operations import record
from vetting.intake.models import Claim, ClaimReading, VerificationEmail
from vetting.school.changes import Changed
from vetting.school.models import SchoolAccount
from vetting.school.operations import facts_changed
from vetting.values import BadValue, Handle, MailAddress

# The rules of readings that were typed on the confirmation page: the name the claim gave, and any other.
CONFIRMED = "confirmed"
TYPED_THERE = "typed on the confirmation page"
OTHER_NAME = "On the confirmation page another Twitter name was typed. Choose which one is meant."
NOT_ME = "Whoever reads the mail at the address we wrote to says that this was not them."


def name_to_confirm(claim: Claim) -> Handle:
    """The one Twitter name a family can be asked to confirm: the chosen one, else the only one that stands there letter for letter.

    Raises:
        BadValue: there is none, or more than one.
    """
    own = set(SchoolAccount.objects.filter(school=claim.school_id).values_list("handle", flat=True))
    readings = [
        reading
        for reading in claim.readings.exclude(use=ClaimReading.Use.NOT_THIS).exclude(handle=None).order_by("pk")
        if reading.handle is not None and reading.handle not in own
    ]
    chosen = {r.handle for r in readings if r.use == ClaimReading.Use.THIS}
    exact = {r.handle for r in readings if r.handle and (not r.repaired or r.handle in r.text_as_written.lower())}
    names = sorted(name for name in (chosen or exact) if name)
    if not names:
        raise BadValue("There is no Twitter name to confirm. Write down which one is meant first.")
    if len(names) > 1:
        raise BadValue("More than one Twitter name stands there. Choose which one is meant first.")
    return Handle(names[0])


def is_confirmed(claim: Claim, *, through: MailAddress) -> bool:
    """Whether the Twitter name in use was typed on the page of a link that went to this mailbox. Another mailbox may still be asked."""
    if claim.confirmed_at is None or MailAddress.parse(claim.confirmed_address).mailbox != through.mailbox:
        return False
    in_use = set(claim.readings.filter(use=ClaimReading.Use.THIS).values_list("handle", flat=True))
    typed = set(claim.readings.filter(use=ClaimReading.Use.THIS, rule=CONFIRMED).values_list("handle", flat=True))
    return bool(typed) and typed == in_use


@transaction.atomic
def confirm_claim(*, claim: Claim, address: MailAddress, at: datetime) -> None:
    """Whoever reads the mail of `address` typed the very Twitter name of this claim. Raises BadValue when it has no single one."""
    claim = Claim.objects.select_for_update().get(pk=claim.pk)
    handle = name_to_confirm(claim)
    Claim.objects.filter(pk=claim.pk).update(confirmed_at=at, confirmed_address=address.value)
    _write_reading(claim, handle, rule=CONFIRMED, use=ClaimReading.Use.THIS)
    record(school_id=claim.school_id, event=Event.CLAIM_CONFIRMED, by=None, at=at, subject=claim, words={"handle": str(handle)})
    facts_changed(claim.school_id, Changed.claim(claim.pk))


@transaction.atomic
def note_other_name(*, claim: Claim, text: str, at: datetime) -> None:
    """Another Twitter name was typed: kept as one more reading, for the office to choose. It confirms nothing.

    What a colleague chose before is open again, because the family says otherwise.

    Raises:
        BadValue: `text` is no Twitter name.
    """
    claim = Claim.objects.select_for_update().get(pk=claim.pk)
    handle = Handle.parse(text)
    claim.readings.filter(use=ClaimReading.Use.THIS).update(use=ClaimReading.Use.OPEN)
    _write_reading(claim, handle, rule=TYPED_THERE, use=ClaimReading.Use.OPEN)
    _ask_for_a_look(claim, OTHER_NAME)
    record(school_id=claim.school_id, event=Event.CLAIM_OTHER_NAME, by=None, at=at, subject=claim, words={"handle": str(handle)})
    facts_changed(claim.school_id, Changed.claim(claim.pk))


@transaction.atomic
def disown_claim(*, claim: Claim, at: datetime) -> None:
    """Whoever reads the mail at the address we wrote to never said so: from now on it counts as forged."""
    Claim.objects.filter(pk=claim.pk).update(disowned_at=at, authenticity=VerificationEmail.Authenticity.SUSPICIOUS)
    _ask_for_a_look(claim, NOT_ME)
    record(school_id=claim.school_id, event=Event.CLAIM_DISOWNED, by=None, at=at, subject=claim)
    facts_changed(claim.school_id, Changed.claim(claim.pk))


def settle_other_name(*, reading: ClaimReading) -> None:
    """A colleague said which name is meant, or that the one typed is not: nothing waits for that any more. Called by `use_reading`."""
    said = reading.use == ClaimReading.Use.THIS or (reading.rule == TYPED_THERE and reading.use == ClaimReading.Use.NOT_THIS)
    if said:
        VerificationEmail.objects.filter(claims=reading.claim_id, waits_because=OTHER_NAME).update(waits_because="")


def _write_reading(claim: Claim, handle: Handle, *, rule: str, use: ClaimReading.Use) -> None:
    ClaimReading.objects.create(claim=claim, text_as_written=str(handle), handle=handle.value, rule=rule, zone="", use=use)


def _ask_for_a_look(claim: Claim, why: str) -> None:
    """It stands under Requests, Needs a look, until somebody dealt with it."""
    if claim.email_id is not None:
        VerificationEmail.objects.filter(pk=claim.email_id, erased_at=None).update(
            waits_because=why, set_aside_at=None, set_aside_by=None, set_aside_why=""
        )
