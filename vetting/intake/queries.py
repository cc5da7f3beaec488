"""What the screens read of intake. Every query is for one school."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from vetting.intake.models import Claim, ClaimReading, IntakeSource, VerificationEmail
from vetting.intake.parsing import ZoneKind
from vetting.school.models import School


@dataclass(frozen=True)
class Segment:
    """A piece of an e-mail's text, and the reading whose words it is, if any."""

    text: str
    reading: ClaimReading | None


def sources(school: School) -> list[IntakeSource]:
    """The school's mailbox folders, by name. What colleagues gave as files is no folder."""
    return list(IntakeSource.objects.filter(school=school).exclude(kind=IntakeSource.Kind.UPLOAD).order_by("-active", "name", "pk"))


def emails(school: School, before: datetime | None = None, limit: int = 50) -> list[VerificationEmail]:
    """The newest e-mails, or the newest that arrived before a moment. Without their bytes and text: a list shows neither."""
    found = _listed(school)
    if before is not None:
        found = found.filter(received_at__lt=before)
    return list(found[:limit])


def emails_that_need_a_look(school: School) -> list[VerificationEmail]:
    """People's e-mails from which no usable Twitter name came and which nobody set aside."""
    human = VerificationEmail.MailClass.HUMAN
    return list(_listed(school).filter(mail_class=human, set_aside_at=None, erased_at=None).exclude(waits_because=""))


def claim_of(email: VerificationEmail) -> Claim | None:
    """The standing claim read in an e-mail."""
    return email.claims.filter(withdrawn_at=None).prefetch_related("readings").order_by("-pk").first()


def marked_text(email: VerificationEmail) -> list[Segment]:
    """The text cut into pieces, so that a page can mark the words a Twitter name was read in without building HTML."""
    readings = ClaimReading.objects.filter(claim__email=email, claim__withdrawn_at=None).exclude(zone__in=["", ZoneKind.SUBJECT])
    return _segments(email.text, list(readings.order_by("start", "repaired", "pk")))


def marked_subject(email: VerificationEmail) -> list[Segment]:
    """The subject, cut likewise."""
    readings = ClaimReading.objects.filter(claim__email=email, claim__withdrawn_at=None, zone=ZoneKind.SUBJECT)
    return _segments(email.subject, list(readings.order_by("start", "repaired", "pk")))


def _segments(text: str, readings: Sequence[ClaimReading]) -> list[Segment]:
    pieces: list[Segment] = []
    place = 0
    for reading in readings:
        # Several guesses at the same words mark them once.
        if reading.start < place or reading.end > len(text) or reading.end == reading.start:
            continue
        if reading.start > place:
            pieces.append(Segment(text[place : reading.start], None))
        pieces.append(Segment(text[reading.start : reading.end], reading))
        place = reading.end
    if place < len(text):
        pieces.append(Segment(text[place:], None))
    return pieces


def _listed(school: School) -> QuerySet[VerificationEmail]:
    return VerificationEmail.objects.filter(school=school).defer("raw", "text").order_by("-received_at", "-pk")
