"""What a test message of our own shows about a mailbox's receiving server (docs/decisions/0007).

The message carries a forged verdict. From how it arrives we learn whether the server writes verdicts of its own, under which name and
where, and whether it takes a forged one out. Until that is known, or somebody declares it, no sender counts as checked.

The code in it is secret until it arrives, counts once, and only while it is waited for, in a mailbox of that source. Whoever can read the
mailbox learns it too late; whoever can write into the mailbox could forge any verdict there without it.
"""

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from accounts.models import User
from vetting.audit.events import Event
from vetting.audit.operations import record
from vetting.intake.authenticity import GOOGLE, MICROSOFT, Header, trusted_results
from vetting.intake.judging import judge_again, read_head
from vetting.intake.models import IntakeSource, MailPosition, Probe, VerificationEmail
from vetting.intake.parser_process import ParserFailed
from vetting.intake.receivers import server_in
from vetting.school.operations import clear_alarm, raise_alarm
from vetting.values import MailAddress, Refused

CODE_HEADER = "X-Known-Followers-Test"
OUR_TEST = "This is the register's own test message."
ALARM = "forged-verdict"
UNTIL = timedelta(hours=24)

_CODE = re.compile(r"[0-9a-f]{32}")
_RESULTS = "authentication-results"
_METHODS = frozenset({"spf", "dkim", "dmarc", "compauth"})
_GOOGLE_HOSTS = ("gmail.com", "googlemail.com", "google.com")
_MICROSOFT_HOSTS = ("outlook.com", "office365.com", "hotmail.com", "live.com")


class ProbeUnderWay(Refused):
    """One test message at a time."""


@dataclass(frozen=True)
class _Seen:
    """What a test message showed: the name of the server that wrote a verdict ("" for none), and whether the forged one was left."""

    receiver: str
    forged_left: bool


def begin_probe(*, source: IntakeSource, to_address: MailAddress, by: User, at: datetime) -> Probe:
    """Write down that a test message is to be sent to a mailbox; the clock sends it. Raises ProbeUnderWay."""
    try:
        with transaction.atomic():
            probe = Probe.objects.create(
                source=source,
                code=secrets.token_hex(16),
                to_address=to_address.value,
                forged_receiver=_guess(source, to_address)[:200],
                by=by,
                made_at=at,
                not_before=at,
            )
            record(school_id=source.school_id, event=Event.PROBE_ASKED, by=by, at=at, subject=probe, words={"name": source.name})
    except IntegrityError as error:
        raise ProbeUnderWay("A test message is under way already. Its outcome will show here.") from error
    return probe


def forged_verdict(probe: Probe, *, sender_domain: str) -> str:
    """The verdict no server gave: a pass for our own domain, in the name of the server that is expected to write one."""
    if probe.forged_receiver == MICROSOFT:
        return (
            f"spf=pass (sender IP is 192.0.2.1) smtp.mailfrom={probe.code}.{sender_domain}; dkim=pass (signature was verified)"
            f" header.d={sender_domain};dmarc=pass action=none header.from={sender_domain};compauth=pass reason=100"
        )
    return (
        f"{probe.forged_receiver}; spf=pass smtp.mailfrom={probe.code}.{sender_domain};"
        f" dkim=pass header.d={sender_domain}; dmarc=pass header.from={sender_domain}"
    )


def note_arrival(email: VerificationEmail, headers: Sequence[Header], *, at: datetime) -> bool:
    """Whether this message is one of our own test messages; one that is waited for is learnt from.

    A message with a code we never sent, or one used already in another message, is a message like any other.
    """
    codes = {value.strip() for name, value in headers if name.lower() == CODE_HEADER.lower()}
    if len(codes) != 1 or not _CODE.fullmatch(code := codes.pop()):
        return False
    probe = Probe.objects.filter(code=code, source__school=email.school_id, outcome=Probe.Outcome.WAITING, sent_at__isnull=False).first()
    if probe is None:
        return False
    position = email.positions.filter(source=probe.source_id, by=None).order_by("pk").first()
    if position is None or probe.source.kind == IntakeSource.Kind.UPLOAD:
        return False
    shown = _as_seen_there(position, headers)
    if shown is None:
        return False
    _learn(probe, shown, at)
    return True


def look_for_arrived(*, at: datetime) -> int:
    """Test messages that were read before they were seen in the mailbox they were sent to, as when two folders share one mailbox."""
    found = 0
    for probe in Probe.objects.filter(outcome=Probe.Outcome.WAITING, sent_at__isnull=False):
        here = VerificationEmail.objects.filter(positions__source=probe.source_id, subject__contains=probe.code, raw__isnull=False)
        for email in here.filter(parsed_at__isnull=False)[:3]:
            try:
                found += note_arrival(email, read_head(bytes(email.raw or b"")), at=at)
            except ParserFailed:
                continue
    return found


@transaction.atomic
def give_up_overdue(*, at: datetime) -> int:
    """End the waiting for test messages that did not arrive within a day. Returns how many."""
    overdue = Probe.objects.filter(outcome=Probe.Outcome.WAITING, sent_at__lte=at - UNTIL)
    probes = list(overdue.select_related("source"))
    for probe in probes:
        give_up(
            probe,
            "It did not arrive within a day. See that the address is the one this mailbox folder receives, and look among the junk.",
            at=at,
        )
    return len(probes)


@transaction.atomic
def give_up(probe: Probe, sentence: str, *, at: datetime) -> None:
    """End the waiting for one test message, and say why."""
    if _settle(probe, Probe.Outcome.GIVEN_UP, sentence):
        words = {"name": probe.source.name, "why": sentence}
        record(school_id=probe.source.school_id, event=Event.PROBE_GIVEN_UP, by=None, at=at, subject=probe, words=words)


@transaction.atomic
def forget_calibration(source: IntakeSource, *, at: datetime) -> None:
    """The source reads another mailbox now: what a test message to the old one would show says nothing of it."""
    for probe in Probe.objects.filter(source=source, outcome=Probe.Outcome.WAITING):
        give_up(probe, "The mailbox was changed meanwhile. Send a new test message.", at=at)
    clear_alarm(school=source.school, kind=ALARM, subject=str(source.pk), at=at)


def _guess(source: IntakeSource, to_address: MailAddress) -> str:
    """The server whose verdict to forge: the one that wrote in mail already read here, or what the mailbox's host suggests."""
    for position in MailPosition.objects.filter(source=source, email__raw__isnull=False).select_related("email").order_by("-pk")[:5]:
        try:
            head = read_head(bytes(position.headers if position.headers is not None else position.email.raw or b""))
        except ParserFailed:
            continue
        if found := _own_verdict(head, forged_code=None):
            return found
    host = source.host.lower()
    if source.sign_in == IntakeSource.SignIn.GOOGLE or any(host.endswith(name) for name in _GOOGLE_HOSTS):
        return GOOGLE
    if source.sign_in == IntakeSource.SignIn.MICROSOFT or any(host.endswith(name) for name in _MICROSOFT_HOSTS):
        return MICROSOFT
    if any(to_address.domain == name for name in _GOOGLE_HOSTS):
        return GOOGLE
    if any(to_address.domain == name for name in _MICROSOFT_HOSTS):
        return MICROSOFT
    return host or to_address.domain


def _own_verdict(headers: Sequence[Header], *, forged_code: str | None) -> str:
    """The server that wrote the topmost verdict where only the receiving service can write; "" for none."""
    for name, value in headers:
        if name.lower() != _RESULTS or (forged_code is not None and forged_code in value):
            continue
        receiver = server_in(value) or (MICROSOFT if re.search(r"\bsmtp\.mailfrom|\bheader\.from|\bcompauth", value) else "")
        if receiver and any(result.method in _METHODS for result in trusted_results(headers, receiver)):
            return receiver
    return ""


def _as_seen_there(position: MailPosition, headers: Sequence[Header]) -> Sequence[Header] | None:
    """The headers as they stood in that mailbox; None where they cannot be read now."""
    if position.headers is None:
        return headers
    try:
        return read_head(bytes(position.headers))
    except ParserFailed:
        return None


def _learn(probe: Probe, headers: Sequence[Header], at: datetime) -> None:
    left = any(name.lower() == _RESULTS and probe.code in value for name, value in headers)
    # Below, the forged verdict is looked past, so that it can never be what is found.
    genuine = [(name, value) for name, value in headers if not (name.lower() == _RESULTS and probe.code in value)]
    seen = _Seen(_own_verdict(genuine, forged_code=probe.code), left)
    if seen.forged_left and seen.receiver not in ("", probe.forged_receiver):
        _ask_again(probe, seen, at)
    elif seen.forged_left:
        _mark_unsafe(probe, seen, at)
    elif not seen.receiver:
        _note_no_verdict(probe, at)
    else:
        _trust(probe, seen, at)


def _ask_again(probe: Probe, seen: _Seen, at: datetime) -> None:
    """The forged verdict named another server than the real one, which had no reason to take it out. Ask again in the right name, once."""
    if probe.found_receiver:
        _note_no_verdict(probe, at, "The server uses more than one name for itself, so its results are not believed.")
        return
    Probe.objects.filter(pk=probe.pk, code=probe.code, outcome=Probe.Outcome.WAITING).update(
        code=secrets.token_hex(16),
        forged_receiver=seen.receiver,
        found_receiver=seen.receiver,
        not_before=at,
        tries=0,
        sent_at=None,
        sentence=f"The server calls itself {seen.receiver}. A second test message asks in that name.",
    )


@transaction.atomic
def _trust(probe: Probe, seen: _Seen, at: datetime) -> None:
    sentence = f"Its server, {seen.receiver}, checks senders and takes forged results out. Its results are believed from now on."
    if not _settle(probe, Probe.Outcome.LEARNT, sentence, receiver=seen.receiver, at=at):
        return
    IntakeSource.objects.filter(pk=probe.source_id).update(
        trusted_receiver=seen.receiver, trusted_declared_by=probe.by, trusted_declared_at=at, unsafe_since=None
    )
    source = probe.source
    facts, words = {"receiver": seen.receiver}, {"name": source.name}
    record(school_id=source.school_id, event=Event.SOURCE_LEARNT, by=None, at=at, subject=source, facts=facts, words=words)
    clear_alarm(school=source.school, kind=ALARM, subject=str(source.pk), at=at)
    judge_again(source, at=at)


@transaction.atomic
def _note_no_verdict(probe: Probe, at: datetime, why: str = "") -> None:
    """Nothing is trusted because of this. What a Technician declared by hand before stays: they may know more."""
    why = why or "Its server wrote no result that only it could have written, so nobody is believed about senders here."
    if _settle(probe, Probe.Outcome.NO_VERDICT, why, at=at):
        words = {"name": probe.source.name}
        record(school_id=probe.source.school_id, event=Event.SOURCE_SAYS_NOTHING, by=None, at=at, subject=probe.source, words=words)


@transaction.atomic
def _mark_unsafe(probe: Probe, seen: _Seen, at: datetime) -> None:
    """What was believed is believed no longer, also of what was read before."""
    source = probe.source
    sentence = f"A forged result in the name of {probe.forged_receiver} came through to {source.name}."
    if not _settle(probe, Probe.Outcome.FORGED_KEPT, sentence, receiver=seen.receiver, at=at):
        return
    IntakeSource.objects.filter(pk=source.pk).update(
        trusted_receiver="", trusted_declared_by=None, trusted_declared_at=None, unsafe_since=at
    )
    words = {"name": source.name}
    record(school_id=source.school_id, event=Event.SOURCE_UNSAFE, by=None, at=at, subject=source, words=words)
    raise_alarm(
        school=source.school,
        kind=ALARM,
        sentence=f"{sentence} Until whoever runs the mail server looks into it, no sender there counts as checked.",
        at=at,
        subject=str(source.pk),
    )
    judge_again(source, at=at)


def _settle(probe: Probe, outcome: Probe.Outcome, sentence: str, *, receiver: str = "", at: datetime | None = None) -> bool:
    """The one writer of a probe's outcome. False when another was first: a code counts once."""
    waiting = Probe.objects.filter(pk=probe.pk, code=probe.code, outcome=Probe.Outcome.WAITING)
    return bool(waiting.update(outcome=outcome, sentence=sentence[:300], found_receiver=receiver[:200], arrived_at=at))
