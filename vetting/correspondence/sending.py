"""Sending what is due: manners asked once more, one letter claimed at a time, the mail server never inside a transaction."""

import logging
from datetime import datetime, timedelta
from email.utils import formataddr, parseaddr
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Q, QuerySet

from vetting.audit.events import Event
from vetting.audit.operations import record
from vetting.correspondence import manners
from vetting.correspondence.asking import REPLACED, fresh_link
from vetting.correspondence.failures import Failure, explain
from vetting.correspondence.models import OutgoingMail
from vetting.correspondence.recipients import must_not_be_written_to
from vetting.correspondence.templates import TEMPLATES
from vetting.correspondence.writing import give_up, letters_to
from vetting.school.models import School
from vetting.school.observing import observing_schools
from vetting.school.queries import policy
from vetting.values import MailAddress

log = logging.getLogger(__name__)
MOST_TRIES = 12
LONGEST_PAUSE = timedelta(hours=4)
_HOUR = timedelta(hours=1)


def send_due(*, at: datetime, limit: int = 20) -> int:
    """Send what is due, at most `limit` letters and no more than each school's rule allows in an hour. Returns how many went.

    A letter is claimed by moving its `not_before`, so that two senders never both send it. What fails is tried again after 1, 2, 4…
    minutes, in the end every four hours, twelve times in all; what was refused for good is given up at once. When the mail server
    itself is in trouble, the other letters do not stand in line for its time-outs.
    """
    sent = 0
    for school in School.objects.filter(pk__in=_due(at).values("school")).order_by("pk"):
        letters = _due(at).filter(school=school).order_by("automatic", "not_before", "pk")
        for letter in letters[: limit - sent]:
            body = _claim(letter, school, at)
            if body is None:
                continue
            failure = _hand_over(letter, school, body)
            if failure is None:
                sent += _note_sent(letter, at)
                continue
            _note_failure(letter, failure, at)
            if failure.of_the_server:
                return sent
        if sent >= limit:
            break
    return sent


def _due(at: datetime) -> QuerySet[OutgoingMail]:
    waiting = OutgoingMail.objects.filter(sent_at=None, given_up_at=None, not_before__lte=at)
    return waiting.exclude(school__in=observing_schools())


@transaction.atomic
def _claim(letter: OutgoingMail, school: School, at: datetime) -> str | None:
    """Take this letter for one try and return its text; None when it must wait, is given up, or somebody else has it.

    The school's row is locked, so that of two letters to one address only one is ever under way.
    """
    School.objects.select_for_update(no_key=True).get(pk=school.pk)
    mine = _due(at).filter(pk=letter.pk, tries=letter.tries)
    if not mine.exists() or _gone_lately(school, at) >= policy(school, "letters_per_hour"):
        return None
    if must_not_be_written_to(school=school, address=MailAddress.parse(letter.to_address)):
        give_up(letter, "This address belongs to somebody who is not to be contacted.", at)
        return None
    may_go = manners.may_go_at(at=at, last=_last_to(letter, at))
    if may_go > at:
        if letter.automatic:
            give_up(letter, "This address had a letter within a day; automatic ones do not wait.", at)
        else:
            mine.update(not_before=may_go)
        return None
    body = letter.body
    if letter.template == "confirm":
        link = fresh_link(letter, at)
        if link is None:
            give_up(letter, REPLACED, at)
            return None
        body = body.replace("{link}", link)
    pause = min(timedelta(minutes=2**letter.tries), LONGEST_PAUSE)
    return body if mine.update(tries=letter.tries + 1, not_before=at + pause, error="") else None


def _under_way(at: datetime) -> Q:
    """Claimed for a try whose end is not known yet, or that failed a moment ago."""
    return Q(sent_at=None, given_up_at=None, tries__gt=0, not_before__gt=at)


def _gone_lately(school: School, at: datetime) -> int:
    """What went within the hour, or is going now. What failed and waits for its next try takes no other letter's place."""
    return OutgoingMail.objects.filter(Q(sent_at__gt=at - _HOUR) | _under_way(at) & Q(error=""), school=school).count()


def _last_to(letter: OutgoingMail, at: datetime) -> datetime | None:
    """When the last other letter went to this mailbox; now, if one is under way."""
    others = letters_to(school_id=letter.school_id, to=MailAddress.parse(letter.to_address), at=at).exclude(pk=letter.pk)
    if others.filter(_under_way(at)).exists():
        return at
    return others.exclude(sent_at=None).order_by("-sent_at").values_list("sent_at", flat=True).first()


def _hand_over(letter: OutgoingMail, school: School, body: str) -> Failure | None:
    """Give one letter to the mail server; the failure in words, or None."""
    email = letter.email
    answers = email is not None and email.from_address == letter.to_address
    headers = manners.headers(automatic=letter.automatic, message_id=email.message_id if email is not None and answers else "")
    sender = formataddr((school.name, parseaddr(settings.DEFAULT_FROM_EMAIL)[1]))
    try:
        EmailMessage(letter.subject, body, sender, [letter.to_address], headers=headers).send()
    except (SMTPException, OSError, ValueError) as error:
        log.warning("letter %s was not sent: %s", letter.pk, type(error).__name__)
        return explain(error)
    return None


@transaction.atomic
def _note_sent(letter: OutgoingMail, at: datetime) -> int:
    OutgoingMail.objects.filter(pk=letter.pk).update(sent_at=at, error="")
    facts = {"template": TEMPLATES[letter.template].title}
    record(school_id=letter.school_id, event=Event.LETTER_SENT, by=None, at=at, subject=letter, facts=facts)
    return 1


@transaction.atomic
def _note_failure(letter: OutgoingMail, failure: Failure, at: datetime) -> None:
    if failure.for_good or letter.tries + 1 >= MOST_TRIES:
        give_up(letter, failure.sentence, at)
    else:
        OutgoingMail.objects.filter(pk=letter.pk).update(error=failure.sentence[:300])
