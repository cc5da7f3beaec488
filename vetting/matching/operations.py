"""Writing the machine's opinions: only what changed, and never over one that a person has seen."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from vetting.matching.fingerprints import fingerprint
from vetting.matching.forgetting import forget_opinions
from vetting.matching.knowing import Known
from vetting.matching.linking import NotLinked, link_claim, link_email, unlink_claim
from vetting.matching.models import Match
from vetting.matching.queries import standing_opinions
from vetting.matching.remembering import memory, read_facts
from vetting.matching.rules import Opinion
from vetting.matching.workings import Workings, workings
from vetting.roster.models import Basis
from vetting.school.changes import DAY_TURNED
from vetting.school.models import School
from vetting.school.operations import facts_changed
from vetting.school.queries import local_day
from vetting.twitter.models import FollowRequest

__all__ = ["NotLinked", "fingerprint", "forget_opinions", "link_claim", "link_email", "note_new_day", "rematch", "unlink_claim"]


def rematch(*, school: School, at: datetime) -> int:
    """Form an opinion of each open follow request that changed facts bear on; the number of new ones.

    The version of the facts is read before the facts: what changes in between is drained by the next run. Two runs at
    once are harmless, since only one of them can move `matched_version` on. What this process remembers of the school spares it
    work and no more: every opinion is compared with the one that stands.
    """
    versions = School.objects.filter(pk=school.pk).values_list("facts_version", "matched_version").first()
    if versions is None or versions[0] == versions[1]:
        return 0
    facts_version, matched_version = versions
    known = read_facts(school=school, at=at, version=facts_version, was=memory.recall(school.pk))
    memory.keep(school.pk, known)
    with transaction.atomic():
        first = School.objects.filter(pk=school.pk, matched_version=matched_version).update(
            matched_version=facts_version, matched_on=known.state.day
        )
        return write_opinions(school, known, at) if first else 0


def write_opinions(school: School, known: Known, at: datetime) -> int:
    """Supersede the opinions that differ from those that stand, of requests that are still open."""
    standing = dict(standing_opinions(school).values_list("follow_request_id", "fingerprint"))
    changed = [formed.opinion for pk, formed in known.formed.items() if standing.get(pk) != formed.fingerprint]
    if not changed:
        return 0
    facts = known.state.facts
    shown = {request.pk: request for request in facts.requests}
    requests = FollowRequest.objects.in_bulk([opinion.request for opinion in changed])
    Match.objects.filter(school=school, follow_request__in=list(requests), superseded_at=None).update(superseded_at=at)
    Match.objects.bulk_create(
        _match(school, requests[opinion.request], opinion, workings(opinion, shown[opinion.request], facts), at) for opinion in changed
    )
    return len(changed)


def _match(school: School, request: FollowRequest, opinion: Opinion, worked_out: Workings, at: datetime) -> Match:
    return Match(
        school=school,
        school_account_id=request.school_account_id,
        profile_id=request.profile_id,
        follow_request=request,
        person_id=opinion.person,
        claim_id=opinion.claim,
        level=opinion.level.value,
        sentence=opinion.sentence,
        evidence_json=[item.as_json() for item in opinion.evidence],
        candidates=[{"person": person, "sentence": sentence} for person, sentence in opinion.candidates],
        next_action=opinion.next_action.value,
        workings=worked_out.as_json(),
        engine_version=opinion.versions.engine,
        weights_version=opinion.versions.weights,
        data_version=opinion.versions.data,
        fingerprint=fingerprint(opinion),
        made_at=at,
    )


def note_new_day(*, at: datetime) -> int:
    """Schools where somebody's link began today or ended yesterday have new facts without anybody's doing; how many there were.

    Run once a day, soon after midnight. Running it again costs one needless matching.
    """
    noted = 0
    for school in School.objects.all():
        today = local_day(school, at)
        turned = Q(starts_on=today) | Q(ends_on=today - timedelta(days=1))
        if Basis.objects.filter(turned, person__school=school).exists():
            facts_changed(school.pk, DAY_TURNED)
            noted += 1
    return noted
