"""Sending the register's test messages: through the same mail server as every letter, and by the clock."""

import logging
from datetime import datetime, timedelta
from email.utils import parseaddr
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import EmailMessage

from accounts.models import User
from vetting.intake.calibrating import CODE_HEADER, begin_probe, forged_verdict, give_up, give_up_overdue, look_for_arrived
from vetting.intake.models import IntakeSource, Probe
from vetting.values import BadValue, MailAddress

log = logging.getLogger(__name__)
MOST_TRIES = 6
# These write letters down instead of sending them, and a test message that is not sent teaches nothing.
_NOT_SENDING = ("filebased", "console", "dummy")
BODY = (
    "This is a test message of the school's follower register. It shows whether the school's mail server checks who really sent a "
    "message.\n\nNothing needs doing. It may be deleted once the register has read it.\n"
)


def send_probe(*, source: IntakeSource, to_address: MailAddress, by: User, at: datetime) -> Probe:
    """Queue a test message to the mailbox of a source; the clock sends it and reads it when it arrives.

    Raises:
        BadValue: messages cannot be sent from here, or files come to this source and no mail does.
        ProbeUnderWay: one is on its way already.
    """
    if any(f".{name}." in settings.EMAIL_BACKEND for name in _NOT_SENDING):
        raise BadValue("This installation does not send e-mail yet. Set SMTP_HOST first (see “For whoever keeps it running”).")
    if source.kind == IntakeSource.Kind.UPLOAD:
        raise BadValue("Colleagues give files here; no mail server stands before it that could be tested.")
    return begin_probe(source=source, to_address=to_address, by=by, at=at)


def send_probes(*, at: datetime, limit: int = 10) -> int:
    """Send the test messages that are due, and end the waiting for those that never arrived. Returns how many were sent.

    A row is claimed by moving its `not_before` first, so that two senders never both send it. A failure is tried again after
    1, 2, 4 … minutes, six times in all.
    """
    look_for_arrived(at=at)
    give_up_overdue(at=at)
    due = Probe.objects.filter(outcome=Probe.Outcome.WAITING, sent_at=None, not_before__lte=at).order_by("not_before")
    sent = 0
    for probe in due.select_related("source__school")[:limit]:
        mine = Probe.objects.filter(pk=probe.pk, code=probe.code, outcome=Probe.Outcome.WAITING, sent_at=None, tries=probe.tries)
        if mine.update(tries=probe.tries + 1, not_before=at + timedelta(minutes=2**probe.tries)):
            sent += _send(probe, at)
    return sent


def _send(probe: Probe, at: datetime) -> int:
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    headers = {
        CODE_HEADER: probe.code,
        "Authentication-Results": forged_verdict(probe, sender_domain=domain),
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
    }
    # It counts as sent from here on: it may arrive before the mail server has said thank you.
    Probe.objects.filter(pk=probe.pk, code=probe.code).update(sent_at=at)
    subject = f"Test message of the follower register ({probe.code})"
    try:
        EmailMessage(subject, BODY, settings.DEFAULT_FROM_EMAIL, [probe.to_address], headers=headers).send()
    except (SMTPException, OSError) as error:
        log.warning("test message %s was not sent: %s", probe.pk, type(error).__name__)
        Probe.objects.filter(pk=probe.pk, code=probe.code, outcome=Probe.Outcome.WAITING).update(sent_at=None)
        if probe.tries + 1 >= MOST_TRIES:
            give_up(probe, f"The mail server that sends our letters did not take it ({type(error).__name__}).", at=at)
        return 0
    return 1
