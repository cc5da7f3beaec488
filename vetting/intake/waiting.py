"""Which e-mails wait for a person, and why: everything from a family that did not become a request by itself."""

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery

from vetting.intake.models import Claim, ClaimReading, VerificationEmail
from vetting.school.models import School

_AMBIGUOUS = "It is not clear who sent this: its sender line can be read in more than one way."
_DISOWNED = "Somebody who reads the sender's mail says that this message is not from them."
_SEVERAL = "More than one Twitter name was read in this e-mail. Say which one is meant."


def needing_a_look(school: School) -> QuerySet[VerificationEmail]:
    """People's e-mails about which somebody must say something; not those that stand beside a request or led to an answer.

    From some no usable Twitter name came. In others there are several and nobody has chosen, or who sent it is doubtful.
    """
    emails = VerificationEmail.objects.filter(
        school=school, mail_class=VerificationEmail.MailClass.HUMAN, set_aside_at=None, erased_at=None, parsed_at__isnull=False
    )
    # Each list of numbers is asked once, not again for every e-mail.
    claims = Claim.objects.filter(school=school, email__isnull=False, withdrawn_at=None)
    doubtful = Q(pk__in=_emails(_disowned(claims))) | Q(pk__in=_emails(_several(claims))) | Q(sender_ambiguous=True)
    settled = Q(pk__in=_emails(claims.filter(matches__superseded_at=None, matches__isnull=False)))
    settled |= Q(pk__in=_emails(claims.filter(matches__decisions__isnull=False)))
    settled |= Q(sender_ambiguous=True, pk__in=_emails(claims.filter(links__ended_at=None, links__isnull=False)))
    return emails.filter(~Q(waits_because="") | (doubtful & ~settled))


def say_why(emails: list[VerificationEmail]) -> list[VerificationEmail]:
    """The same e-mails, each with the reason why it waits where it has none of its own. In two queries, whatever their number."""
    silent = [email for email in emails if not email.waits_because and email.set_aside_at is None and email.erased_at is None]
    claims = Claim.objects.filter(email__in=silent, withdrawn_at=None)
    disowned = set(_disowned(claims).values_list("email_id", flat=True))
    several = set(_several(claims).values_list("email_id", flat=True))
    for email in silent:
        if email.pk in disowned:
            email.waits_because = _DISOWNED
        elif email.sender_ambiguous:
            email.waits_because = _AMBIGUOUS
        elif email.pk in several:
            email.waits_because = _SEVERAL
    return emails


def _emails(claims: QuerySet[Claim]) -> QuerySet[Claim, int | None]:
    return claims.order_by().values_list("email_id", flat=True)


def _disowned(claims: QuerySet[Claim]) -> QuerySet[Claim]:
    return claims.filter(disowned_at__isnull=False)


def _several(claims: QuerySet[Claim]) -> QuerySet[Claim]:
    """Those with more than one Twitter name of which nobody has said that it is the one."""
    undecided = ClaimReading.objects.filter(claim=OuterRef("pk"), use=ClaimReading.Use.OPEN, handle__isnull=False)
    one, another = undecided.order_by("handle").values("handle")[:1], undecided.order_by("-handle").values("handle")[:1]
    chosen = ClaimReading.objects.filter(claim=OuterRef("pk"), use=ClaimReading.Use.THIS)
    return claims.exclude(Exists(chosen)).annotate(first_name=Subquery(one), last_name=Subquery(another)).exclude(first_name=F("last_name"))
