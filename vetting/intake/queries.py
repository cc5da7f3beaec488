"""What the screens read of intake. Every query is for one school."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.db.models import Count, Prefetch, Q, QuerySet

from vetting.intake.mailbox.port import LARGEST_BYTES
from vetting.intake.models import Claim, ClaimReading, IntakeSource, MailPosition, Probe, VerificationEmail
from vetting.intake.parsing import ZoneKind
from vetting.intake.understanding import UNREADABLE
from vetting.intake.waiting import needing_a_look, say_why
from vetting.school.models import School

MOST_WAITING = 200
_HUMAN = VerificationEmail.MailClass.HUMAN


class Filter(StrEnum):
    """Which e-mails a list shows."""

    ALL = "all"
    LOOK = "look"
    READ = "read"
    AUTOMATIC = "automatic"
    ASIDE = "aside"
    UNREADABLE = "unreadable"


@dataclass(frozen=True)
class Segment:
    """A piece of an e-mail's text, and the reading whose words it is, if any."""

    text: str
    reading: ClaimReading | None


@dataclass(frozen=True)
class Stretch:
    """One zone of an e-mail's text, cut into pieces."""

    kind: ZoneKind
    pieces: list[Segment]

    @property
    def folds(self) -> bool:
        """Whether nobody has to read it to answer: old text in which no Twitter name was found."""
        return self.kind in (ZoneKind.QUOTED, ZoneKind.DISCLAIMER) and not self.has_readings

    @property
    def lines(self) -> int:
        return "".join(piece.text for piece in self.pieces).strip().count("\n") + 1

    @property
    def has_readings(self) -> bool:
        return any(piece.reading is not None for piece in self.pieces)


def sources(school: School) -> list[IntakeSource]:
    """The school's mailbox folders, by name. What colleagues gave as files is no folder."""
    return list(IntakeSource.objects.filter(school=school).exclude(kind=IntakeSource.Kind.UPLOAD).order_by("-active", "name", "pk"))


def last_probe(source: IntakeSource) -> Probe | None:
    """The newest test message to a mailbox folder."""
    return source.probes.order_by("-pk").first()


def emails(school: School, which: Filter = Filter.ALL, *, search: str = "", before: str = "", limit: int = 50) -> list[VerificationEmail]:
    """The newest e-mails; `before` is the reference to go on after. Without their bytes and text: a list shows neither.

    Args:
        search: every word must stand in the sender's name or address, or in the subject.
    """
    found = _which(school, which)
    for word in search.split():
        said = Q(subject__icontains=word)
        for column in ("from_name", "from_address", "forwarded_name", "forwarded_address"):
            said |= Q(**{f"{column}__icontains": word})
        found = found.filter(said)
    last = VerificationEmail.objects.filter(school=school, reference=before).values_list("received_at", "pk").first() if before else None
    if last is not None:
        found = found.filter(Q(received_at__lt=last[0]) | Q(received_at=last[0], pk__lt=last[1]))
    return say_why(list(_listed(found)[:limit]))


def count_emails(school: School) -> Mapping[Filter, int]:
    """How many e-mails each filter shows."""
    plain = {which.value: Count("pk", filter=_condition(which)) for which in Filter if which is not Filter.LOOK}
    counted = VerificationEmail.objects.filter(school=school).aggregate(**plain)
    return {Filter.LOOK: count_emails_that_need_a_look(school), **{Filter(name): number for name, number in counted.items()}}


def _which(school: School, which: Filter) -> QuerySet[VerificationEmail]:
    if which is Filter.LOOK:
        return needing_a_look(school)
    return VerificationEmail.objects.filter(_condition(which), school=school)


def _condition(which: Filter) -> Q:
    unreadable = Q(waits_because=UNREADABLE) | Q(parsed_at=None, parse_failures__gt=0) | Q(size__gt=LARGEST_BYTES)
    return {
        Filter.ALL: ~Q(pk=None),
        Filter.READ: Q(mail_class=_HUMAN, waits_because="", set_aside_at=None, parsed_at__isnull=False, erased_at=None),
        Filter.AUTOMATIC: ~Q(mail_class=_HUMAN),
        Filter.ASIDE: Q(set_aside_at__isnull=False),
        Filter.UNREADABLE: unreadable & Q(erased_at=None),
    }[which]


def emails_that_need_a_look(school: School) -> list[VerificationEmail]:
    """People's e-mails about which somebody must say something, the newest first; at most 200."""
    return say_why(list(_listed(needing_a_look(school))[:MOST_WAITING]))


def count_emails_that_need_a_look(school: School) -> int:
    return needing_a_look(school).count()


def email_for_page(school: School) -> QuerySet[VerificationEmail]:
    """Messages with what their page shows and without their bytes, which may be 25 MB."""
    return _with_places(VerificationEmail.objects.filter(school=school)).defer("raw").select_related("set_aside_by")


def copies_of(email: VerificationEmail) -> list[VerificationEmail]:
    """Other messages with the same Message-ID: perhaps a copy that went another way, perhaps a different message."""
    if not email.message_id:
        return []
    same = VerificationEmail.objects.filter(school=email.school_id, message_id=email.message_id).exclude(pk=email.pk)
    return list(same.defer("raw", "text").order_by("-received_at", "-pk")[:10])


def claim_of(email: VerificationEmail) -> Claim | None:
    """The standing claim read in an e-mail."""
    return email.claims.filter(withdrawn_at=None).prefetch_related("readings").order_by("-pk").first()


def reading_of(email: VerificationEmail, number: int) -> ClaimReading | None:
    """One of the Twitter names read in an e-mail."""
    return ClaimReading.objects.filter(claim__email=email, pk=number).select_related("claim").first()


def marked_text(email: VerificationEmail) -> list[Segment]:
    """The text cut into pieces, so that a page can mark the words a Twitter name was read in without building HTML."""
    readings = ClaimReading.objects.filter(claim__email=email, claim__withdrawn_at=None).exclude(zone__in=["", ZoneKind.SUBJECT])
    return _segments(email.text, list(readings.order_by("start", "repaired", "pk")))


def stretches(email: VerificationEmail) -> list[Stretch]:
    """The text zone by zone: what the sender wrote, the signature, what is quoted or forwarded. Nothing is left out."""
    pieces = marked_text(email)
    ends = sorted((min(max(end, 0), len(email.text)), kind) for kind, _, end in email.zones)
    found: list[Stretch] = []
    place = 0
    for end, kind in [*ends, (len(email.text), ZoneKind.NEW.value)]:
        if end > place:
            found.append(Stretch(_kind(kind), _between(pieces, place, end)))
            place = end
    return found


def _kind(word: str) -> ZoneKind:
    try:
        return ZoneKind(word)
    except ValueError:  # stored by a reader that knew another kind
        return ZoneKind.NEW


def _between(pieces: Sequence[Segment], start: int, end: int) -> list[Segment]:
    """The part of the pieces that lies between two places of the text."""
    found: list[Segment] = []
    place = 0
    for piece in pieces:
        text = piece.text[max(start - place, 0) : max(end - place, 0)]
        if text:
            found.append(Segment(text, piece.reading))
        place += len(piece.text)
    return found


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


def _listed(found: QuerySet[VerificationEmail]) -> QuerySet[VerificationEmail]:
    return _with_places(found).defer("raw", "text", "zones").order_by("-received_at", "-pk")


def _with_places(found: QuerySet[VerificationEmail]) -> QuerySet[VerificationEmail]:
    """Each with `positions`: where it was seen, the first first, with the mailbox, the colleague or the message it was inside."""
    places = MailPosition.objects.select_related("source", "by", "inside").order_by("seen_at", "pk")
    return found.prefetch_related(Prefetch("positions", places.defer("headers", "inside__raw", "inside__text", "inside__zones")))
