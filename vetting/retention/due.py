"""Whose time has come: the e-mails behind a decision, and those that came to nothing. Nothing is written here."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet

from vetting.concerns.models import Concern
from vetting.correspondence.models import OutgoingMail
from vetting.decisions.models import Decision, QueueItem
from vetting.decisions.states import OPEN
from vetting.intake.models import Claim, IntakeAttempt, MailPosition, VerificationEmail
from vetting.matching.forgetting import links_of, opinions_of
from vetting.school.models import School
from vetting.school.queries import policy


@dataclass(frozen=True)
class Due:
    """The e-mails whose time has come: those behind a decision, and those that came to nothing."""

    decided: list[VerificationEmail] = field(default_factory=list)
    unmatched: list[VerificationEmail] = field(default_factory=list)

    @property
    def emails(self) -> list[VerificationEmail]:
        return [*self.decided, *self.unmatched]

    @property
    def claims(self) -> list[Claim]:
        return list(Claim.objects.filter(email__in=self.emails).order_by("pk"))


def emails_due(*, school: School, at: datetime) -> Due:
    """What a run at this moment erases (Policy `raw_mail_days` after the decision, `unmatched_mail_days` after arrival).

    A message in which only others were handed on goes with the last of them: it holds the same words.
    """
    kept = VerificationEmail.objects.filter(school=school, erased_at=None).exclude(parsed_at=None)
    kept = kept.exclude(Exists(_open_concerns())).exclude(Exists(_items().filter(state__in=sorted(state.value for state in OPEN))))
    decided_by = at - timedelta(days=policy(school, "raw_mail_days"))
    arrived_by = at - timedelta(days=policy(school, "unmatched_mail_days"))
    answered_lately = _items().filter(decisions__undone_at=None, decisions__at__gt=decided_by)
    standing = Decision.objects.filter(item=OuterRef("pk"), undone_at=None)
    lapsed_lately = _items().filter(~Exists(standing), closed_at__gt=decided_by)
    kept = kept.defer("raw", "text").order_by("pk")
    decided = list(kept.filter(Exists(_items())).exclude(Exists(answered_lately)).exclude(Exists(lapsed_lately)))
    came_to_nothing = kept.exclude(Exists(_items()))
    unmatched = list(came_to_nothing.filter(received_at__lte=arrived_by))
    return Due(decided, unmatched + _carriers(came_to_nothing.filter(received_at__gt=arrived_by), [*decided, *unmatched]))


def _carriers(younger: QuerySet[VerificationEmail], going: Sequence[VerificationEmail]) -> list[VerificationEmail]:
    """Messages with nothing of their own whose every attached message goes now or is gone."""
    inside = MailPosition.objects.filter(inside=OuterRef("pk"))
    staying = inside.filter(email__erased_at=None).exclude(email__in=going)
    going_now = inside.filter(email__in=going)
    return list(younger.filter(Exists(going_now)).exclude(Exists(staying)).exclude(claims__withdrawn_at=None, claims__isnull=False))


def counted(due: Due) -> dict[str, int]:
    """How much of each kind goes with these e-mails."""
    emails, claims = due.emails, due.claims
    return {
        "decided": len(due.decided),
        "unmatched": len(due.unmatched),
        "letters": letters_of(claims, emails).count(),
        "opinions": opinions_of(claims).exclude(sentence="").count(),
        "links": links_of(claims).count(),
        "attempts": IntakeAttempt.objects.filter(email__in=emails).count(),
    }


def letters_of(claims: Sequence[Claim], emails: Sequence[VerificationEmail]) -> QuerySet[OutgoingMail]:
    """The letters written about these messages whose words are still kept."""
    return OutgoingMail.objects.filter(Q(claim__in=claims) | Q(email__in=emails), erased_at=None)


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
