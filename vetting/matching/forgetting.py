"""Erasing what the machine's opinions and a colleague's links say of a message. The level, the person and the account stay."""

from collections.abc import Sequence

from django.db import transaction
from django.db.models import Q, QuerySet

from vetting.intake.models import Claim
from vetting.matching.grouping import grouped
from vetting.matching.models import ClaimLink, Match
from vetting.school.changes import Changed
from vetting.school.operations import facts_changed


def opinions_of(claims: Sequence[Claim]) -> QuerySet[Match]:
    """The opinions that rest on these messages, and those that stood on the same request before or after."""
    requests = Match.objects.filter(claim__in=claims).values("follow_request_id")
    return Match.objects.filter(Q(claim__in=claims) | Q(follow_request__in=requests, follow_request__ended_at__isnull=False))


def links_of(claims: Sequence[Claim]) -> QuerySet[ClaimLink]:
    """Whose message somebody once said it was."""
    return ClaimLink.objects.filter(claim__in=claims)


@transaction.atomic
def forget_opinions(*, claims: Sequence[Claim]) -> None:
    """Erase the sentences, the people considered, how it was worked out, and the links; called by retention, which records it."""
    by_school = grouped((claim.school_id, Changed.claim(claim.pk)) for claim in claims)
    # The school's row before its opinions, as matching takes them.
    for school_id, changed in by_school.items():
        facts_changed(school_id, *changed)
    opinions_of(claims).update(sentence="", evidence_json=[], candidates=[], workings={})
    links_of(claims).delete()
