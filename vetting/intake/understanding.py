"""From stored bytes to a claim: parse in the child process, then write down in one transaction what was understood."""

import logging
from datetime import datetime, timedelta

from django.db import DatabaseError, InterfaceError, OperationalError, transaction
from django.db.models import Q

from vetting.intake.authenticity import Assessment, Label
from vetting.intake.calibrating import OUR_TEST, note_arrival
from vetting.intake.colleagues import is_colleague
from vetting.intake.judging import assess_email, worth_checking
from vetting.intake.models import Claim, ClaimReading, IntakeAttempt, VerificationEmail
from vetting.intake.parser_process import ParserFailed, parse_apart
from vetting.intake.parsing import PARSER_VERSION, FoundName, MailClass, ParsedEmail
from vetting.intake.taking_out import MOST_INSIDE, sentence, take_out
from vetting.school.changes import Changed
from vetting.school.models import SchoolAccount
from vetting.school.operations import facts_changed

logger = logging.getLogger(__name__)

MOST_TRIES = 3
# What reading one needs of its row; all forty columns would take Django longer than the question itself.
_COLUMNS = ("school", "reference", "raw", "size", "received_at", "stored_at", "parsed_at", "erased_at", "parse_failures")
_WAITS = (timedelta(minutes=1), timedelta(minutes=5))
_FILED = {
    MailClass.AUTO_REPLY: "This is an automatic reply.",
    MailClass.BOUNCE: "This says that an e-mail could not be delivered.",
    MailClass.LIST: "This came from a mailing list or a newsletter.",
}
UNREADABLE = "This e-mail could not be read. Open the original, or enter the Twitter name by hand."


def parse_stored(*, at: datetime, limit: int = 50) -> int:
    """Read up to `limit` stored e-mails, oldest first. Returns how many were dealt with.

    One that cannot be read is tried three times, then shown to the office as it is; it never holds up those behind it. A newer
    parser tries those again.
    """
    _try_failed_ones_again()
    due = Q(parse_not_before=None) | Q(parse_not_before__lte=at)
    waiting = VerificationEmail.objects.filter(due, parsed_at=None, erased_at=None).order_by("stored_at", "pk")
    # One at a time: fifty of the largest would not fit into memory.
    for number in (numbers := list(waiting.values_list("pk", flat=True)[:limit])):
        email = VerificationEmail.objects.only(*_COLUMNS).get(pk=number)
        if email.parsed_at is None and email.erased_at is None:
            _read(email, at)
    return len(numbers)


def _read(email: VerificationEmail, at: datetime) -> None:
    try:
        _write_down(email, parse_apart(bytes(email.raw or b"")), at)
    except ParserFailed as failure:
        cause = failure.__cause__
        _note_failure(email, f"{type(cause or failure).__name__}: {failure.reason}", at)
    except (OperationalError, InterfaceError):
        # The database's trouble is not the message's: it is read when the database is back.
        raise
    except (DatabaseError, ArithmeticError, LookupError, TypeError, ValueError, AttributeError, RecursionError) as error:
        # What was understood cannot be written down: our fault, and still no reason to stop for those behind it.
        logger.error("E-mail %s was read but could not be written down (%s).", email.pk, type(error).__name__)
        _note_failure(email, f"{type(error).__name__}: what was read could not be written down.", at)


def _try_failed_ones_again() -> None:
    """Put those back in the row that an older parser gave up, unless somebody dealt with them meanwhile."""
    given_up = VerificationEmail.objects.filter(
        parse_failures__gt=0, parser_version__lt=PARSER_VERSION, parsed_at__isnull=False, erased_at=None, set_aside_at=None, claims=None
    )
    if given_up.exists():
        numbers = list(given_up.values_list("pk", flat=True)[:1000])
        VerificationEmail.objects.filter(pk__in=numbers).update(parsed_at=None, parse_failures=0, parse_not_before=None)


@transaction.atomic
def _write_down(email: VerificationEmail, parsed: ParsedEmail, at: datetime) -> None:
    names, own_only = _without_own_names(email, parsed)
    assessment, address, name = _sender(email, parsed)
    taken = _take_out(email, parsed, assessment, at)
    reason = _why_waiting(email, parsed, names, own_only=own_only)
    aside: dict[str, object] = {}
    if taken:
        reason = _why_the_carrier_waits(parsed, names, taken)
        aside = {} if reason else {"set_aside_at": at, "set_aside_why": sentence(taken, left=0)}
    own_test = note_arrival(email, parsed.headers, at=at)
    if own_test:
        names, reason, aside = [], "", {"set_aside_at": at, "set_aside_why": OUR_TEST}
    to_judge = parsed.mail_class is MailClass.HUMAN and not own_test and worth_checking(parsed.headers, parsed.from_address)
    first = VerificationEmail.objects.filter(pk=email.pk, parsed_at=None).update(
        parsed_at=at,
        parse_failures=0,
        parser_version=parsed.parser_version,
        mail_class=parsed.mail_class.value,
        from_address=parsed.from_address,
        from_name=parsed.from_name,
        sender_ambiguous=parsed.sender_ambiguous,
        subject=parsed.subject,
        forwarded_address=parsed.forwarded_address,
        forwarded_name=parsed.forwarded_name[:300],
        message_id=parsed.message_id,
        text=parsed.text,
        zones=[[zone.kind.value, zone.start, zone.end] for zone in parsed.zones],
        attachments=list(parsed.attachments),
        defects=list(parsed.defects),
        truncated=parsed.truncated,
        no_answer_because=parsed.no_answer_because[:200],
        authenticity=assessment.label.value,
        authenticity_sentence=assessment.sentence[:300],
        waits_because=reason[:300],
        **aside,
        **({"judge_at": at} if to_judge else {}),
    )
    # Another reader may have been first: then everything stands there already.
    if not first or parsed.mail_class is not MailClass.HUMAN or not names or taken:
        return
    claim = Claim.objects.create(
        school_id=email.school_id,
        channel=Claim.Channel.EMAIL,
        email=email,
        made_at=email.received_at,
        sender_address=address,
        sender_name=name,
        child_text=parsed.child_text[:200],
        class_text=parsed.class_text[:80],
        authenticity=assessment.label.value,
    )
    ClaimReading.objects.bulk_create(
        ClaimReading(
            claim=claim,
            text_as_written=name.written[:200],
            handle=name.handle,
            repaired=name.repaired,
            rule=name.rule,
            zone=name.zone.value,
            start=name.start,
            end=name.end,
        )
        for name in names
    )
    facts_changed(email.school_id, Changed.claim(claim.pk))


def _take_out(email: VerificationEmail, parsed: ParsedEmail, assessment: Assessment, at: datetime) -> int:
    """How many attached messages were taken out. Whoever only pretends to be a colleague has nothing taken out."""
    if not parsed.attached or parsed.mail_class is not MailClass.HUMAN or parsed.sender_ambiguous or assessment.label is Label.SUSPICIOUS:
        return 0
    return take_out(carrier=email, spans=parsed.attached, at=at) if is_colleague(email.school_id, parsed.from_address) else 0


def _why_the_carrier_waits(parsed: ParsedEmail, names: list[FoundName], taken: int) -> str:
    """What a person must still do with a forward whose attached messages stand on their own now; "" for nothing."""
    if names:
        return f"A colleague forwarded an e-mail and wrote “{names[0].written[:60]}” beside it. Whose Twitter name is it?"
    if len(parsed.attached) > MOST_INSIDE:
        return sentence(MOST_INSIDE, left=len(parsed.attached) - MOST_INSIDE)
    return "Some forwarded e-mails could not be taken out of this one. Open the original." if len(parsed.attached) > taken else ""


def _without_own_names(email: VerificationEmail, parsed: ParsedEmail) -> tuple[list[FoundName], bool]:
    """The names that are not the school's own, and whether only those were found."""
    own = set(SchoolAccount.objects.filter(school=email.school_id).values_list("handle", flat=True))
    names = [name for name in parsed.names if name.handle not in own]
    return names, bool(parsed.names) and not names


def _sender(email: VerificationEmail, parsed: ParsedEmail) -> tuple[Assessment, str, str]:
    """Whose word it is, and how far that is checked. When a colleague forwards a message, it is the word of whoever wrote that."""
    forwarded = bool(parsed.forwarded_address) and is_colleague(email.school_id, parsed.from_address)
    assessment = assess_email(email, parsed.headers, from_address=parsed.from_address, forwarded=forwarded)
    if forwarded:
        return assessment, parsed.forwarded_address, parsed.forwarded_name
    return assessment, parsed.from_address, parsed.from_name


def _why_waiting(email: VerificationEmail, parsed: ParsedEmail, names: list[FoundName], *, own_only: bool) -> str:
    """The sentence shown beside an e-mail from which no usable claim came; "" when one did."""
    if email.size == 0:
        return "This e-mail is empty."
    if parsed.mail_class in _FILED:
        return _FILED[parsed.mail_class]
    if names:
        return "" if any(name.handle for name in names) else f"“{names[0].written}” cannot be a Twitter name."
    if email.size > len(email.raw or b""):
        return "This e-mail is larger than 25 MB. Only its beginning was kept, and no Twitter name was found there."
    if own_only:
        return "The only Twitter name in this e-mail is the school's own."
    return "No Twitter name was found in this e-mail."


@transaction.atomic
def _note_failure(email: VerificationEmail, error: str, at: datetime) -> None:
    tries = email.parse_failures + 1
    changes: dict[str, object] = {"parse_failures": tries}
    if tries >= MOST_TRIES:
        changes |= {"parsed_at": at, "parser_version": PARSER_VERSION, "waits_because": UNREADABLE}
    else:
        changes["parse_not_before"] = at + _WAITS[tries - 1]
    if VerificationEmail.objects.filter(pk=email.pk, parsed_at=None, parse_failures=email.parse_failures).update(**changes):
        IntakeAttempt.objects.create(email=email, parser_version=PARSER_VERSION, began_at=at, error=error[:300])
