"""What the screens read of correspondence. Every query is for one school."""

from datetime import datetime, timedelta

from django.db.models import Q

from vetting.correspondence.models import ConfirmationLink, OutgoingMail
from vetting.intake.models import Claim, VerificationEmail
from vetting.school.models import School

SHOWN_FOR = timedelta(days=7)


def letters(school: School, *, limit: int) -> list[OutgoingMail]:
    """The newest letters, whatever became of them."""
    rows = OutgoingMail.objects.filter(school=school).select_related("by", "email", "confirmation_link")
    return list(rows.order_by("-made_at", "-pk")[:limit])


def letters_of(email: VerificationEmail, *, limit: int = 20) -> list[OutgoingMail]:
    """The letters written about a message, the newest first."""
    found = OutgoingMail.objects.filter(Q(email=email) | Q(claim__email=email), school=email.school_id).distinct()
    return list(found.select_related("by", "confirmation_link").order_by("-made_at", "-pk")[:limit])


def failed_lately(school: School, at: datetime) -> int:
    """Letters that people wrote and that could not be sent, within a week."""
    return (
        OutgoingMail.objects.filter(school=school, automatic=False, given_up_at__gt=at - SHOWN_FOR, erased_at=None)
        .exclude(confirmation_link__cancelled_at__isnull=False)
        .count()
    )


def is_asked(claim: Claim) -> bool:
    """Whether a link to confirm it is on its way or not answered yet."""
    return ConfirmationLink.objects.filter(claim=claim, answered_at=None, cancelled_at=None).exists()
