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


def letters_of(email: VerificationEmail) -> list[OutgoingMail]:
    """The letters written about a message, the newest first."""
    return list(OutgoingMail.objects.filter(Q(email=email) | Q(claim__email=email)).distinct().order_by("-made_at", "-pk"))


def failed_lately(school: School, at: datetime) -> int:
    """Letters that people wrote and that could not be sent, within a week."""
    return (
        OutgoingMail.objects.filter(school=school, automatic=False, given_up_at__gt=at - SHOWN_FOR, erased_at=None)
        .exclude(confirmation_link__cancelled_at__isnull=False)
        .count()
    )


def question_to_family(claim: Claim) -> ConfirmationLink | None:
    """The newest question to confirm this claim, with its answer if there is one."""
    return ConfirmationLink.objects.filter(claim=claim).select_related("letter").order_by("-made_at", "-pk").first()
