"""What the page about keeping and forgetting reads."""

from dataclasses import dataclass
from datetime import datetime

from vetting.intake.models import VerificationEmail
from vetting.retention.due import counted, emails_due
from vetting.retention.models import ErasureRun
from vetting.school.models import School

LAST_RUNS = 12


@dataclass(frozen=True)
class Keeping:
    """What is kept now, what would go now by kind, and how the last runs went, newest first."""

    with_text: int
    erased: int
    going: dict[str, int]
    runs: list[ErasureRun]


def keeping(*, school: School, at: datetime) -> Keeping:
    emails = VerificationEmail.objects.filter(school=school)
    runs = ErasureRun.objects.filter(school=school).select_related("by").order_by("-at", "-pk")
    return Keeping(
        with_text=emails.filter(erased_at=None).count(),
        erased=emails.filter(erased_at__isnull=False).count(),
        going=counted(emails_due(school=school, at=at)),
        runs=list(runs[:LAST_RUNS]),
    )
