"""Forgetting what may no longer be kept. A rehearsal lists exactly what the real run erases, because both ask the same question."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import User
from vetting.audit.events import Event
from vetting.audit.operations import record
from vetting.concerns.models import Concern
from vetting.decisions.models import Decision, QueueItem
from vetting.decisions.states import OPEN
from vetting.intake.models import VerificationEmail
from vetting.intake.operations import forget_email
from vetting.retention.models import ErasureRun
from vetting.school.each import for_each
from vetting.school.models import School
from vetting.school.queries import policy


@dataclass(frozen=True)
class Due:
    """The e-mails whose time has come: those behind a decision, and those that came to nothing."""

    decided: list[VerificationEmail]
    unmatched: list[VerificationEmail]


@transaction.atomic
def erase_due(*, school: School, at: datetime, by: User | None = None, rehearsal: bool = False) -> ErasureRun:
    """Erase the e-mails whose time has come, and count them. A rehearsal counts and names the same ones and erases nothing.

    After a decision an e-mail's bytes and text go and its sender and Twitter name stay, as the reason for the decision. Of an e-mail
    that came to nothing only the fact that it came stays. Open requests, holds and open concerns keep everything they speak of.
    """
    due = emails_due(school=school, at=at)
    counts = {
        "decided": len(due.decided),
        "unmatched": len(due.unmatched),
        "emails": [email.reference for email in (*due.decided, *due.unmatched)],
    }
    run = ErasureRun.objects.create(school=school, at=at, by=by, rehearsal=rehearsal, counts=counts)
    if rehearsal:
        return run
    if counts["emails"]:
        said = f"{len(due.decided)} e-mails after their decision, {len(due.unmatched)} that came to nothing"
        record(school_id=school.pk, event=Event.ERASED, by=by, at=at, subject=run, facts={"counts": said})
    for email in due.decided:
        forget_email(email=email, at=at, everything=False)
    for email in due.unmatched:
        forget_email(email=email, at=at, everything=True)
    return run


def erase_due_everywhere(*, at: datetime) -> int:
    """Erase for every school where something is due. Returns how many e-mails went; where nothing is due nothing is written."""

    def erase(school: School) -> int:
        due = emails_due(school=school, at=at)
        return len(erase_due(school=school, at=at).counts["emails"]) if due.decided or due.unmatched else 0

    return for_each(School.objects.order_by("pk"), erase)


def emails_due(*, school: School, at: datetime) -> Due:
    """What a run at this moment erases (Policy `raw_mail_days` after the decision, `unmatched_mail_days` after arrival)."""
    kept = VerificationEmail.objects.filter(school=school, erased_at=None).exclude(parsed_at=None)
    kept = kept.exclude(Exists(_open_concerns())).exclude(Exists(_items().filter(state__in=sorted(state.value for state in OPEN))))
    decided_by = at - timedelta(days=policy(school, "raw_mail_days"))
    arrived_by = at - timedelta(days=policy(school, "unmatched_mail_days"))
    answered_lately = _items().filter(decisions__undone_at=None, decisions__at__gt=decided_by)
    standing = Decision.objects.filter(item=OuterRef("pk"), undone_at=None)
    lapsed_lately = _items().filter(~Exists(standing), closed_at__gt=decided_by)
    kept = kept.defer("raw", "text").order_by("pk")
    return Due(
        decided=list(kept.filter(Exists(_items())).exclude(Exists(answered_lately)).exclude(Exists(lapsed_lately))),
        unmatched=list(kept.exclude(Exists(_items())).filter(received_at__lte=arrived_by)),
    )


def _items() -> QuerySet[QueueItem]:
    """The questions an e-mail had a part in, by the match shown now or by the one a check or an answer was pinned to."""
    email = OuterRef("pk")
    return QueueItem.objects.filter(
        Q(match__claim__email=email) | Q(decisions__match__claim__email=email) | Q(verifications__match__claim__email=email)
    )


def _open_concerns() -> QuerySet[Concern]:
    """Open worries about the e-mail itself, or about the profile or person of a question it had a part in."""
    email = OuterRef("pk")
    about = Q(email=email)
    for item in ("profile__queue_items", "person__queue_items"):
        about |= Q(**{f"{item}__match__claim__email": email}) | Q(**{f"{item}__decisions__match__claim__email": email})
    return Concern.objects.filter(about, closed_at=None)
