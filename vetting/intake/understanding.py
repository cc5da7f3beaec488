"""From stored bytes to a claim: parse in the child process, then write down in one transaction what was understood."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from vetting.intake.authenticity import Assessment
from vetting.intake.calibrating import OUR_TEST, note_arrival
from vetting.intake.judging import assess_email, is_from_a_colleague, worth_checking
from vetting.intake.models import Claim, ClaimReading, IntakeAttempt, VerificationEmail
from vetting.intake.parser_process import ParserFailed, parse_apart
from vetting.intake.parsing import PARSER_VERSION, FoundName, MailClass, ParsedEmail
from vetting.school.models import SchoolAccount
from vetting.school.operations import facts_changed

MOST_TRIES = 3
_WAITS = (timedelta(minutes=1), timedelta(minutes=5))
_FILED = {
    MailClass.AUTO_REPLY: "This is an automatic reply.",
    MailClass.BOUNCE: "This says that an e-mail could not be delivered.",
    MailClass.LIST: "This came from a mailing list or a newsletter.",
}
UNREADABLE = "This e-mail could not be read. Open the original, or enter the Twitter name by hand."


def parse_stored(*, at: datetime, limit: int = 50) -> int:
    """Read up to `limit` stored e-mails, oldest first. Returns how many were dealt with.

    One that cannot be read is tried three times, then shown to the office as it is; it never holds up those behind it.
    """
    due = Q(parse_not_before=None) | Q(parse_not_before__lte=at)
    waiting = VerificationEmail.objects.filter(due, parsed_at=None, erased_at=None).order_by("stored_at", "pk")
    done = 0
    for email in waiting.select_related("school")[:limit]:
        try:
            parsed = parse_apart(bytes(email.raw or b""))
        except ParserFailed as failure:
            _note_failure(email, failure, at)
        else:
            _write_down(email, parsed, at)
        done += 1
    return done


@transaction.atomic
def _write_down(email: VerificationEmail, parsed: ParsedEmail, at: datetime) -> None:
    names, own_only = _without_own_names(email, parsed)
    assessment, address, name = _sender(email, parsed)
    reason = _why_waiting(email, parsed, names, own_only=own_only)
    own_test = note_arrival(email, parsed.headers, at=at)
    if own_test:
        names, reason = [], ""
    to_judge = parsed.mail_class is MailClass.HUMAN and not own_test and worth_checking(parsed.headers, parsed.from_address)
    first = VerificationEmail.objects.filter(pk=email.pk, parsed_at=None).update(
        parsed_at=at,
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
        **({"judge_at": at} if to_judge else {}),
        **({"set_aside_at": at, "set_aside_why": OUR_TEST} if own_test else {}),
    )
    # Another reader may have been first: then everything stands there already.
    if not first or parsed.mail_class is not MailClass.HUMAN or not names:
        return
    claim = Claim.objects.create(
        school=email.school,
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
    facts_changed(email.school_id)


def _without_own_names(email: VerificationEmail, parsed: ParsedEmail) -> tuple[list[FoundName], bool]:
    """The names that are not the school's own, and whether only those were found."""
    own = set(SchoolAccount.objects.filter(school=email.school_id).values_list("handle", flat=True))
    names = [name for name in parsed.names if name.handle not in own]
    return names, bool(parsed.names) and not names


def _sender(email: VerificationEmail, parsed: ParsedEmail) -> tuple[Assessment, str, str]:
    """Whose word it is, and how far that is checked. When a colleague forwards a message, it is the word of whoever wrote that."""
    forwarded = bool(parsed.forwarded_address) and is_from_a_colleague(email, parsed.from_address)
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
def _note_failure(email: VerificationEmail, failure: ParserFailed, at: datetime) -> None:
    tries = email.parse_failures + 1
    changes: dict[str, object] = {"parse_failures": tries}
    if tries >= MOST_TRIES:
        changes |= {"parsed_at": at, "parser_version": PARSER_VERSION, "waits_because": UNREADABLE}
    else:
        changes["parse_not_before"] = at + _WAITS[tries - 1]
    if VerificationEmail.objects.filter(pk=email.pk, parsed_at=None, parse_failures=email.parse_failures).update(**changes):
        IntakeAttempt.objects.create(email=email, parser_version=PARSER_VERSION, began_at=at, error=failure.reason[:300])
