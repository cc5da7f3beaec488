"""The E-mails pages: the list with its filters, and one message with everything a person needs to say what it is."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Q
from django.urls import reverse

from vetting.correspondence.models import OutgoingMail
from vetting.correspondence.queries import letters_of
from vetting.dashboard import email_words as words
from vetting.dashboard.presenters import Tab
from vetting.dashboard.reading.requests import MOST_FOUND, Known
from vetting.dashboard.words import Chip
from vetting.decisions.models import QueueItem
from vetting.intake import queries
from vetting.intake.colleagues import whose_word
from vetting.intake.mailbox.port import LARGEST_BYTES
from vetting.intake.models import Claim, ClaimReading, IntakeSource, MailPosition, VerificationEmail
from vetting.intake.queries import Filter, Segment, Stretch
from vetting.intake.safe_text import SafeText, safe_text
from vetting.intake.waiting import say_why
from vetting.matching.models import ClaimLink, Match
from vetting.roster.models import Person, PersonAddress
from vetting.roster.queries import current_bases, describe, people
from vetting.school.models import School
from vetting.school.queries import local_day
from vetting.twitter.queries import notes_on_names
from vetting.values import BadValue, MailAddress

PAGE = 50


@dataclass(frozen=True)
class EmailRow:
    """One line of the list."""

    email: VerificationEmail
    came: str
    also: int
    became: Chip

    @property
    def why(self) -> str:
        return self.email.waits_because if self.became is words.NEEDS_A_LOOK else ""


@dataclass(frozen=True)
class EmailList:
    """A page of e-mails."""

    which: Filter
    tabs: list[Tab]
    rows: list[EmailRow]
    older: str


def email_list(*, school: School, which: Filter, search: str, before: str) -> EmailList:
    found = queries.emails(school, which, search=search, before=before, limit=PAGE + 1)
    counts = queries.count_emails(school)
    shown = found[:PAGE]
    return EmailList(
        which=which,
        tabs=[Tab(one.value, words.FILTERS[one], f"{reverse('emails')}?show={one.value}", counts[one], one is which) for one in Filter],
        rows=[EmailRow(email, *_came(email), became(email)) for email in shown],
        older=shown[-1].reference if len(found) > PAGE else "",
    )


def became(email: VerificationEmail) -> Chip:
    """What became of a message, in a word."""
    if email.set_aside_at is not None:
        return words.SET_ASIDE
    if email.parsed_at is None:
        return words.TRIED_AGAIN if email.parse_failures else words.BEING_READ
    if email.mail_class != VerificationEmail.MailClass.HUMAN:
        return Chip(email.get_mail_class_display(), "dash", "none")
    if email.erased_at is not None:
        return words.ERASED
    return words.NEEDS_A_LOOK if email.waits_because else words.NAME_READ


def _came(email: VerificationEmail) -> tuple[str, int]:
    """How it came first, and in how many other ways."""
    places = list(email.positions.all())
    return (place_words(places[0]) if places else "handed over", max(len(places) - 1, 0))


def place_words(place: MailPosition) -> str:
    """Where a message was seen: "Office mailbox", "given by Priya", "attached to a message from Sam Patel"."""
    if place.inside is not None:
        return f"attached to a message from {place.inside.from_name or place.inside.from_address or 'somebody'}"
    if place.by is not None:
        return f"given by {place.by}"
    if place.source is not None and place.source.kind != IntakeSource.Kind.UPLOAD:
        return place.source.name
    return "given as a file"


@dataclass(frozen=True)
class ReadName:
    """One Twitter name read in a message, with the rule that found it and where it stands."""

    reading: ClaimReading
    found: str
    where: str
    # What Twitter said of the name, where it is not simply one account's.
    twitter: str = ""


@dataclass(frozen=True)
class EmailDetail:
    """One message."""

    email: VerificationEmail
    claim: Claim | None
    became: Chip
    sender: Chip
    signature: str
    stretches: list[Stretch]
    subject: list[Segment]
    names: list[ReadName]
    places: list[tuple[str, MailPosition]]
    copies: list[VerificationEmail]
    letters: list[tuple[str, str, OutgoingMail]]
    requests: list[QueueItem]
    # Twitter names in it from which no request came yet: it waits for them.
    awaited: list[str]
    difficulties: list[str]
    unread: SafeText | None
    link: ClaimLink | None
    on_record: list[Known] = field(default_factory=list)
    found: list[Known] = field(default_factory=list)

    @property
    def too_large(self) -> bool:
        """Only its beginning was kept."""
        return self.email.size > LARGEST_BYTES

    @property
    def undecided(self) -> bool:
        """Several Twitter names, and nobody has said which is meant."""
        open_names = {one.reading.handle for one in self.names if one.reading.use == ClaimReading.Use.OPEN and one.reading.handle}
        return len(open_names) > 1 and not any(one.reading.use == ClaimReading.Use.THIS for one in self.names)


def email_detail(*, email: VerificationEmail, at: datetime, search: str = "") -> EmailDetail:
    """Everything about one message.

    Args:
        search: a name or address to look for among the school's people.
    """
    say_why([email])
    claim = queries.claim_of(email)
    today = local_day(email.school, at)

    def known(found: Sequence[Person], why: str = "") -> list[Known]:
        return [Known(person, [describe(basis) for basis in current_bases(person, today)], why) for person in found]

    return EmailDetail(
        email=email,
        claim=claim,
        became=became(email),
        sender=words.SENDERS[email.authenticity],
        signature=_signature(email),
        stretches=queries.stretches(email),
        subject=queries.marked_subject(email),
        names=_names(claim),
        places=[(place_words(place), place) for place in email.positions.all()],
        copies=queries.copies_of(email),
        letters=_letters(email),
        requests=_requests(email),
        awaited=_awaited(email, claim),
        difficulties=[words.difficulty(defect) for defect in email.defects],
        unread=_unread(email),
        link=claim.links.filter(ended_at=None).select_related("person", "by").first() if claim is not None else None,
        on_record=known(_on_record(email)),
        found=known(people(email.school, search, limit=MOST_FOUND)) if search else [],
    )


def _signature(email: VerificationEmail) -> str:
    return {
        VerificationEmail.Signature.NONE: "Carries no signature of its own.",
        VerificationEmail.Signature.WHOLE: f"Signed by {email.signed_by} and unaltered.",
        VerificationEmail.Signature.BROKEN: "A signature does not fit: it was changed on its way, or is not from where it says.",
        VerificationEmail.Signature.UNKNOWN: "Its signature could not be checked.",
    }[VerificationEmail.Signature(email.signature)]


def _names(claim: Claim | None) -> list[ReadName]:
    if claim is None:
        return []
    readings = sorted(claim.readings.all(), key=lambda reading: (reading.start, reading.pk))
    said = notes_on_names(claim.school, [one.handle for one in readings if one.handle], since=claim.made_at)
    return [
        ReadName(one, words.found_by(one.rule), words.ZONES.get(one.zone, words.NO_ZONE).where, said.get(one.handle or "", ""))
        for one in readings
    ]


def _letters(email: VerificationEmail) -> list[tuple[str, str, OutgoingMail]]:
    """What was written about a message, newest first: the letter, how it stands, and its row."""
    return [(words.letter(row.template), _letter_state(row), row) for row in letters_of(email)]


def _letter_state(letter: OutgoingMail) -> str:
    link = getattr(letter, "confirmation_link", None)
    if link is not None and link.answered_at is not None:
        return f"answered: {link.get_answer_display().lower()}"
    if letter.sent_at is not None:
        return "sent"
    return "could not be sent" if letter.given_up_at is not None else "waiting to be sent"


def _requests(email: VerificationEmail) -> list[QueueItem]:
    """The requests it had a part in."""
    about = Q(match__claim__email=email) | Q(decisions__match__claim__email=email) | Q(verifications__match__claim__email=email)
    return list(QueueItem.objects.filter(about, school=email.school_id).select_related("profile").distinct().order_by("-opened_at")[:10])


def _awaited(email: VerificationEmail, claim: Claim | None) -> list[str]:
    """The names that vouch for somebody who has not asked to follow yet."""
    if claim is None or email.set_aside_at is not None or Match.objects.filter(claim=claim, superseded_at=None).exists():
        return []
    handles = [reading.handle for reading in claim.readings.all() if reading.handle and reading.use != ClaimReading.Use.NOT_THIS]
    return sorted(set(handles))


def _unread(email: VerificationEmail) -> SafeText | None:
    """The beginning of a message of which the reader made nothing."""
    nothing_read = not email.text and (email.size > LARGEST_BYTES or (not email.from_address and bool(email.parse_failures)))
    if email.erased_at is not None or not nothing_read:
        return None
    return safe_text(bytes(email.raw or b""))


def _on_record(email: VerificationEmail) -> list[Person]:
    """Whose address on the school's list it came from; for a colleague's forward, from whom that says it came."""
    try:
        mailbox = MailAddress.parse(whose_word(email)[0]).mailbox
    except BadValue:
        return []
    rows = PersonAddress.objects.filter(school=email.school_id, until=None, mailbox=mailbox).select_related("person")
    return [row.person for row in rows.order_by("person__family", "person__given")]
