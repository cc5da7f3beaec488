"""Which e-mails wait for a person, and why: everything from a family that did not become a request by itself."""

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from vetting.intake.models import Claim, ClaimReading, VerificationEmail
from vetting.school.models import School

_AMBIGUOUS = "It is not clear who sent this: its sender line can be read in more than one way."
_DISOWNED = "Somebody who reads the sender's mail says that this message is not from them."
_SEVERAL = "More than one Twitter name was read in this e-mail. Say which one is meant."


def needing_a_look(school: School) -> QuerySet[VerificationEmail]:
    """People's e-mails about which somebody must say something; not those that stand beside a request or led to an answer.

    From some no usable Twitter name came. In others there are several and nobody has chosen, or who sent it is doubtful.
    """
    human = VerificationEmail.MailClass.HUMAN
    emails = VerificationEmail.objects.filter(school=school, mail_class=human, set_aside_at=None, erased_at=None).exclude(parsed_at=None)
    doubtful = Q(Exists(_of_email(_disowned()))) | Q(Exists(_of_email(_several()))) | Q(sender_ambiguous=True, claims__links=None)
    beside_a_request = Q(Exists(_of_email(Claim.objects.filter(matches__superseded_at=None, matches__isnull=False))))
    answered = Q(Exists(_of_email(Claim.objects.filter(matches__decisions__isnull=False))))
    in_doubt = emails.filter(doubtful).exclude(beside_a_request).exclude(answered)
    return emails.filter(~Q(waits_because="") | Q(pk__in=in_doubt.values("pk")))


def say_why(emails: list[VerificationEmail]) -> list[VerificationEmail]:
    """The same e-mails, each with the reason why it waits where it has none of its own. In two queries, whatever their number."""
    silent = [email for email in emails if not email.waits_because and email.set_aside_at is None and email.erased_at is None]
    disowned = set(_disowned().filter(email__in=silent).values_list("email_id", flat=True))
    several = set(_several().filter(email__in=silent).values_list("email_id", flat=True))
    for email in silent:
        if email.pk in disowned:
            email.waits_because = _DISOWNED
        elif email.sender_ambiguous:
            email.waits_because = _AMBIGUOUS
        elif email.pk in several:
            email.waits_because = _SEVERAL
    return emails


def _of_email(claims: QuerySet[Claim]) -> QuerySet[Claim]:
    return claims.filter(email=OuterRef("pk"), withdrawn_at=None)


def _disowned() -> QuerySet[Claim]:
    return Claim.objects.filter(withdrawn_at=None, disowned_at__isnull=False)


def _several() -> QuerySet[Claim]:
    """Claims with more than one Twitter name of which nobody has said that it is the one."""
    undecided = ClaimReading.objects.filter(use=ClaimReading.Use.OPEN, handle__isnull=False).values("claim")
    several = undecided.annotate(names=Count("handle", distinct=True)).filter(names__gt=1)
    chosen = ClaimReading.objects.filter(claim=OuterRef("pk"), use=ClaimReading.Use.THIS)
    return Claim.objects.filter(withdrawn_at=None, pk__in=several.values("claim")).exclude(Exists(chosen))
