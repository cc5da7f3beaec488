"""All writes of correspondence: wording, writing, asking to confirm, sending, forgetting."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from vetting.correspondence.asking import (
    CannotAsk,
    LinkSpent,
    answer_not_me,
    answer_with_name,
    ask_to_confirm,
    find_link,
    who_is_asked,
)
from vetting.correspondence.models import ConfirmationLink, OutgoingMail
from vetting.correspondence.probing import send_probe, send_probes
from vetting.correspondence.recipients import NobodyToWriteTo, address_on_record, recipient_of
from vetting.correspondence.sending import send_due
from vetting.correspondence.wording import composed, reset_wording, set_wording, wording_of
from vetting.correspondence.writing import (
    NotAgain,
    NotWritten,
    acknowledge_due,
    leave_unsent,
    try_again,
    when_it_goes,
    why_not,
    write_letter,
)
from vetting.intake.models import Claim

__all__ = [
    "CannotAsk",
    "LinkSpent",
    "NobodyToWriteTo",
    "NotAgain",
    "NotWritten",
    "acknowledge_due",
    "address_on_record",
    "answer_not_me",
    "answer_with_name",
    "ask_to_confirm",
    "composed",
    "find_link",
    "forget_letters",
    "leave_unsent",
    "recipient_of",
    "reset_wording",
    "send_due",
    "send_probe",
    "send_probes",
    "set_wording",
    "try_again",
    "when_it_goes",
    "who_is_asked",
    "why_not",
    "wording_of",
    "write_letter",
]


@transaction.atomic
def forget_letters(*, claims: QuerySet[Claim] | Sequence[int], emails: Sequence[int], at: datetime, letters: Sequence[int] = ()) -> int:
    """Erase address, subject and text of the letters that belong to these claims or answer these e-mails, and of these `letters`.

    What was not sent never is. That one went, when, of which kind and with which answer stays. Links die with their letters. Called by
    retention, which decides when and records it. Returns how many letters were erased.
    """
    about = Q(claim__in=claims) | Q(email__in=emails) | Q(pk__in=letters)
    going = list(OutgoingMail.objects.filter(about, erased_at=None).values_list("pk", flat=True))
    OutgoingMail.objects.filter(pk__in=going, sent_at=None, given_up_at=None).update(given_up_at=at, error="Erased before it was sent.")
    OutgoingMail.objects.filter(pk__in=going).update(to_address="", subject="", body="", erased_at=at)
    links = ConfirmationLink.objects.filter(Q(letter__in=going) | Q(claim__in=claims))
    links.filter(answered_at=None, cancelled_at=None).update(cancelled_at=at)
    links.update(to_address="", handle="", token_hash=None)
    return len(going)
