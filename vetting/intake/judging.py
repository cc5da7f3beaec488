"""Who really sent a stored message: its own signature, and what every mailbox it was seen in says of it.

Reading a message gives a first answer from its headers. This is the second look, by the clock: at the signature, whose key stands in
the DNS, and at copies seen in other places.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from vetting.intake.authenticity import Assessment, Header, Label, Place, judge
from vetting.intake.colleagues import whose_word
from vetting.intake.domains import aligned, tidy
from vetting.intake.models import Claim, IntakeSource, MailPosition, VerificationEmail
from vetting.intake.parser_process import ParserFailed, check_signatures_apart, parse_apart
from vetting.intake.signatures import KeyName, SignatureFact, Verdict
from vetting.intake.signing_keys import KeysUnavailable, Resolve, ask_dns, find_key, forget_old_keys
from vetting.school.changes import Changed
from vetting.school.operations import facts_changed

# A key that the DNS does not tell is asked for again, ever more slowly, for a day.
GIVE_UP = timedelta(days=1)
_SHORTEST_WAIT, _LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=4)
# How long one run may spend, whatever domains do to slow it down; the rest waits for the next run.
PATIENCE_SECONDS = 20.0
_COPIES = 3
_HEAD_BYTES = 256 * 1024

FORWARDED = "Forwarded by a colleague: cannot tell who wrote the original."


@dataclass(frozen=True)
class Signed:
    """What became of a message's own signature, and whose it is."""

    signature: VerificationEmail.Signature
    by: str


NOT_SIGNED = Signed(VerificationEmail.Signature.NONE, "")


def worth_checking(headers: Sequence[Header], from_address: str) -> bool:
    """Whether the message carries a signature that could vouch for its sender."""
    domain = from_address.rpartition("@")[2]
    if not domain:
        return False
    named = (tag.partition("=") for name, value in headers if name.lower() == "dkim-signature" for tag in value.split(";"))
    return any(name.strip() == "d" and aligned(value, domain) for name, _, value in named)


def assess_email(
    email: VerificationEmail, headers: Sequence[Header], *, from_address: str, forwarded: bool, signed: Signed = NOT_SIGNED
) -> Assessment:
    """The label of a stored message.

    Args:
        headers: its own, as stored; those of copies are read from their places.
        forwarded: a colleague passed on somebody else's words in it, so nothing is known of who wrote those.
        signed: what became of its signature.
    """
    places, calibrated = _places(email, headers)
    whole = signed.signature == VerificationEmail.Signature.WHOLE and calibrated
    assessment = judge(places, from_address, signed_by=signed.by if whole else "")
    if forwarded and assessment.label is not Label.SUSPICIOUS:
        return Assessment(Label.NOT_CHECKED, FORWARDED)
    return assessment


def judge_stored(*, at: datetime, limit: int = 50, resolve: Resolve = ask_dns) -> int:
    """Judge the senders of up to `limit` stored messages whose turn it is. Returns how many were settled.

    Nothing is asked of the DNS inside a transaction. A message whose key cannot be had now waits, and holds up no other.
    """
    due = VerificationEmail.objects.filter(judge_at__lte=at, parsed_at__isnull=False).order_by("judge_at", "pk")
    # One at a time: fifty of the largest would not fit into memory.
    numbers = list(due.values_list("pk", flat=True)[:limit])
    began, settled = time.monotonic(), 0
    silent: set[str] = set()
    for number in numbers:
        email = due.filter(pk=number).first()
        if time.monotonic() - began > PATIENCE_SECONDS:
            break
        if email is None:
            continue
        if email.raw is None or not (email.from_address or email.sender_ambiguous):
            # Erased, or never understood: there is nothing to judge.
            settled += VerificationEmail.objects.filter(pk=email.pk, judge_at=email.judge_at).update(judge_at=None)
            continue
        settled += _judge_one(email, at, resolve, silent)
    if settled:
        forget_old_keys(at=at)
    return settled


def _judge_one(email: VerificationEmail, at: datetime, resolve: Resolve, silent: set[str]) -> int:
    """1 when it was settled, 0 when it waits."""
    given_up = at >= (email.parsed_at or email.stored_at) + GIVE_UP
    mine = VerificationEmail.objects.filter(pk=email.pk, judge_at=email.judge_at)
    try:
        headers = read_head(bytes(email.raw or b""))
        signed = _signature(email, at, resolve, silent)
    except ParserFailed:
        # What was understood the first time stands.
        mine.update(judge_at=None if given_up else at + _wait(email, at))
        return 0
    except KeysUnavailable:
        if not given_up:
            mine.update(judge_at=at + _wait(email, at))
            return 0
        signed = Signed(VerificationEmail.Signature.UNKNOWN, "")
    assessment = assess_email(email, headers, from_address=email.from_address, forwarded=_is_forward(email), signed=signed)
    return _write_down(email, assessment, signed)


def _is_forward(email: VerificationEmail) -> bool:
    """Whether it passes on somebody else's words: a colleague's forward, also when they have left since and the claim names the other."""
    address, _ = whose_word(email)
    said = Claim.objects.filter(email=email).exclude(sender_address__in=("", email.from_address))
    return address != email.from_address or said.exists()


def judge_again(source: IntakeSource, *, at: datetime) -> int:
    """What is believed of this source has changed: all that was read there, or inside it, and is still held, is judged anew.

    Returns how many messages.
    """
    here = MailPosition.objects.filter(Q(source=source) | Q(inside__positions__source=source)).values("email")
    return VerificationEmail.objects.filter(pk__in=here, raw__isnull=False, parsed_at__isnull=False).update(judge_at=at)


def _wait(email: VerificationEmail, at: datetime) -> timedelta:
    """As long again as it has waited already."""
    return min(max(at - (email.parsed_at or email.stored_at), _SHORTEST_WAIT), _LONGEST_WAIT)


def _signature(email: VerificationEmail, at: datetime, resolve: Resolve, silent: set[str]) -> Signed:
    """Check the message's signature, under its own headers and those of its copies. One found whole stays so: keys are changed.

    Raises KeysUnavailable.
    """
    if email.signature == VerificationEmail.Signature.WHOLE:
        return Signed(VerificationEmail.Signature.WHOLE, email.signed_by)
    domain = email.from_address.rpartition("@")[2]
    raw = bytes(email.raw or b"")
    if not domain or len(raw) < email.size:
        return NOT_SIGNED
    facts: list[SignatureFact] = []
    for copy in (raw, *_copies(email, raw)):
        try:
            wanted = check_signatures_apart(copy, {}, at=email.received_at, sender_domain=domain)
            keys = _keys(wanted, at, resolve, silent)
            facts += check_signatures_apart(copy, keys, at=email.received_at, sender_domain=domain) if keys else wanted
        except ParserFailed:
            facts.append(SignatureFact(domain, "", Verdict.UNKNOWN, False, False, "checking it broke off"))
    return _sum_up(facts)


def _sum_up(facts: Sequence[SignatureFact]) -> Signed:
    """One whole signature over the heading and all of the text is enough, whatever became of others."""
    for fact in facts:
        if fact.verdict is Verdict.PASS and fact.heading_signed and not fact.has_length:
            return Signed(VerificationEmail.Signature.WHOLE, fact.domain)
    if any(fact.verdict is not Verdict.FAIL for fact in facts):
        return Signed(VerificationEmail.Signature.UNKNOWN, "")
    return Signed(VerificationEmail.Signature.BROKEN, facts[0].domain) if facts else NOT_SIGNED


def _keys(facts: Sequence[SignatureFact], at: datetime, resolve: Resolve, silent: set[str]) -> dict[KeyName, str]:
    """The keys of the signatures that want one. A domain that kept silent once in this run is not asked again. Raises KeysUnavailable."""
    keys: dict[KeyName, str] = {}
    for fact in facts:
        if fact.verdict is not Verdict.UNKNOWN:
            continue
        if fact.domain in silent:
            raise KeysUnavailable("silent")
        try:
            keys[fact.selector, fact.domain] = find_key(selector=fact.selector, domain=fact.domain, at=at, resolve=resolve)
        except KeysUnavailable:
            silent.add(fact.domain)
            raise
    return keys


def _copies(email: VerificationEmail, raw: bytes) -> list[bytes]:
    """The message under the headers it had in other places: a program that saved it may have spoilt the stored ones."""
    heads = email.positions.filter(headers__isnull=False).order_by("pk").values_list("headers", flat=True)[:_COPIES]
    body = raw.replace(b"\r\n", b"\n").partition(b"\n\n")[2]
    return [bytes(head or b"").rstrip(b"\r\n") + b"\n\n" + body for head in heads]


@transaction.atomic
def _write_down(email: VerificationEmail, assessment: Assessment, signed: Signed) -> int:
    # Seen in one more place meanwhile, or erased: then it is judged anew, or not at all.
    mine = VerificationEmail.objects.filter(pk=email.pk, judge_at=email.judge_at, erased_at=None)
    changed = mine.update(
        judge_at=None,
        signature=signed.signature,
        signed_by=tidy(signed.by),
        authenticity=assessment.label.value,
        authenticity_sentence=assessment.sentence[:300],
    )
    if not changed:
        return 0
    # What somebody confirmed or disowned through a link to their mailbox stands on that.
    claims = Claim.objects.filter(email=email, withdrawn_at=None, confirmed_at=None, disowned_at=None)
    if claims.exclude(authenticity=assessment.label.value).update(authenticity=assessment.label.value):
        facts_changed(email.school_id, Changed.email(email.pk))
    return 1


# The message around one may be large, and a source holds secrets that nobody needs here.
_PLACE_COLUMNS = (
    "email",
    "headers",
    "by",
    "inside__authenticity",
    "source__kind",
    "source__trusted_receiver",
    "source__unsafe_since",
)


def _places(email: VerificationEmail, headers: Sequence[Header]) -> tuple[list[Place], bool]:
    """Where the message was seen, with the server believed there; and whether it came in through a mailbox where one is believed.

    A file a colleague gave proves nothing of how it came. A message attached to another came the way of that one, and only its own
    signature can speak for it.
    """
    places, calibrated = [], False
    seen = email.positions.select_related("source", "inside").only(*_PLACE_COLUMNS)
    for position in seen.order_by("pk"):
        receiver = _believed(position)
        calibrated = calibrated or bool(receiver) or _came_with_another(position)
        try:
            places.append(Place(headers if position.headers is None else read_head(bytes(position.headers)), receiver))
        except ParserFailed:
            continue
    return places or [Place(headers)], calibrated


def _came_with_another(position: MailPosition) -> bool:
    """Whether it stood inside a message that came in through a mailbox where a server is believed, and about which nothing is odd."""
    outer = position.inside
    if outer is None or outer.authenticity == VerificationEmail.Authenticity.SUSPICIOUS:
        return False
    return any(_believed(place) for place in outer.positions.select_related("source"))


def _believed(position: MailPosition) -> str:
    source = position.source
    if source is None or source.kind == IntakeSource.Kind.UPLOAD or position.by_id is not None or source.unsafe_since is not None:
        return ""
    return source.trusted_receiver


def read_head(raw: bytes) -> Sequence[Header]:
    """The headers of a message, read in the child process. Raises ParserFailed."""
    head = raw[:_HEAD_BYTES].replace(b"\r\n", b"\n").partition(b"\n\n")[0]
    return parse_apart(head + b"\n\n").headers
