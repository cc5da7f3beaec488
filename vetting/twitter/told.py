"""What a named person says they did on Twitter, where Twitter cannot be read: the observed rows follow their word."""

from datetime import datetime

from django.db import transaction

from vetting.school.changes import Changed
from vetting.school.models import SchoolAccount
from vetting.school.operations import facts_changed
from vetting.twitter.models import Follower, FollowRequest, Sighting, TwitterProfile


@transaction.atomic
def take_their_word(*, school_account: SchoolAccount, profile: TwitterProfile, relation: Sighting.Relation, at: datetime) -> None:
    """End the open request and open or end the following accordingly. No Sighting is written: nobody but the person saw it."""
    FollowRequest.objects.filter(school_account=school_account, profile=profile, ended_at=None).update(ended_at=at)
    if relation == Sighting.Relation.FOLLOWS:
        Follower.objects.get_or_create(
            school_account=school_account, profile=profile, ended_at=None, defaults={"first_seen_at": at, "last_seen_at": at}
        )
    else:
        Follower.objects.filter(school_account=school_account, profile=profile, ended_at=None).update(ended_at=at)
    facts_changed(school_account.school_id, Changed.profile(profile.pk))
