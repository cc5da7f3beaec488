"""Writing down what Twitter showed: profiles by number, requests, followers, sightings. Called inside a transaction.

One function changes what an observation means for requests and followers, whoever made the observation.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Subquery

from vetting.school.changes import Changed
from vetting.school.models import SchoolAccount
from vetting.school.operations import facts_changed
from vetting.twitter.models import Block, Follower, FollowRequest, Sighting, TwitterProfile, WatchedUser
from vetting.twitter.port import Missing, Profile

# What matching looks at.
_MATCHED = ("handle", "display_name", "bio", "standing", "default_picture", "account_created_at")
Seen = Sighting.Relation
Source = Sighting.Source


def as_before(
    *,
    school_account: SchoolAccount,
    numbers: Iterable[str],
    seen: Sighting.Relation,
    at: datetime,
    shown: Mapping[str, Profile] | None = None,
) -> set[str]:
    """Note, in one go, everybody who stands where they stood at the last look; return their numbers.

    With `shown`, only those who also look as they did. A list that changed little is written in a few statements, however
    long it is.
    """
    rows, other = (FollowRequest, Follower) if seen == Seen.REQUESTS else (Follower, FollowRequest)
    open_here = {"school_account": school_account, "profile": OuterRef("pk"), "ended_at": None}
    last = Sighting.objects.filter(school_account=school_account, profile=OuterRef("pk")).order_by("-seen_at", "-pk").values("relation")[:1]
    settled = (
        TwitterProfile.objects.filter(school_id=school_account.school_id, twitter_user_id__in=list(numbers))
        .filter(Exists(rows.objects.filter(**open_here)), ~Exists(other.objects.filter(**open_here)))
        .annotate(last=Subquery(last))
        .filter(last=seen)
    )
    nameless = set(TwitterProfile.objects.filter(school_account=school_account, twitter_user_id=None).values_list("handle", flat=True))
    same = [row for row in settled if shown is None or _looks_the_same(row, shown[row.twitter_user_id or ""], nameless)]
    keys = [row.pk for row in same]
    fresh: dict[str, Any] = {"last_seen_at": at} | ({"missing_since": None} if rows is Follower else {})
    rows.objects.filter(school_account=school_account, profile__in=keys, ended_at=None).update(**fresh)
    if shown is not None:
        TwitterProfile.objects.filter(pk__in=keys).update(last_seen_at=at)
    return {row.twitter_user_id or "" for row in same}


def _looks_the_same(row: TwitterProfile, shown: Profile, nameless: set[str]) -> bool:
    known = row.standing == TwitterProfile.Standing.ACTIVE and row.handle not in nameless
    return known and all(getattr(row, name) == value for name, value in _facts(shown).items())


def remember(*, school_account: SchoolAccount, shown: Profile, at: datetime) -> TwitterProfile:
    """The row for this number, brought up to date. A new name is a rename; a row that knew only the name gains the number."""
    school_id = school_account.school_id
    row = TwitterProfile.objects.filter(school_id=school_id, twitter_user_id=shown.user_id.value).first()
    nameless = TwitterProfile.objects.filter(school_account=school_account, twitter_user_id=None, handle=shown.handle.value).first()
    if row is None and nameless is not None:
        row = nameless
        row.twitter_user_id, row.school_account = shown.user_id.value, None
        facts_changed(school_id, Changed.profile(row.pk))
    if row is None:
        row = TwitterProfile.objects.create(
            school_id=school_id, twitter_user_id=shown.user_id.value, first_seen_at=at, last_seen_at=at, **_facts(shown)
        )
        facts_changed(school_id, Changed.profile(row.pk))
        return row
    if row.handle != shown.handle.value:
        row.previous_handle, row.handle_changed_at = row.handle, at
    facts = _facts(shown) | {"standing": TwitterProfile.Standing.ACTIVE}
    # Twitter need not send every fact; what it left out stays as it was.
    if any(getattr(row, name) != facts.get(name, getattr(row, name)) for name in _MATCHED):
        facts_changed(school_id, Changed.profile(row.pk))
    for name, value in facts.items():
        setattr(row, name, value)
    row.last_seen_at = max(row.last_seen_at, at)
    row.save()
    if nameless is not None and nameless.pk != row.pk:
        _merge(nameless, row, at)
    return row


def _facts(shown: Profile) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "handle": shown.handle.value,
        "display_name": shown.display_name,
        "bio": shown.bio,
        "account_created_at": shown.created_at,
        "default_picture": shown.default_picture,
        "followers_count": shown.followers,
        "following_count": shown.following,
        "posts_count": shown.posts,
    }
    return {name: value for name, value in facts.items() if value is not None}


def _merge(nameless: TwitterProfile, known: TwitterProfile, at: datetime) -> None:
    """Move everything said of a name to the profile whose number is known, in every stage that refers to it.

    A second open request (or current following) of the same person is ended first: two of them cannot stand. What
    cannot be moved, because the known profile has the like already, stays where it is and keeps its row.
    """
    for model in (FollowRequest, Follower):
        for double in model.objects.filter(profile=nameless, ended_at=None):
            if model.objects.filter(profile=known, school_account=double.school_account_id, ended_at=None).exists():
                model.objects.filter(pk=double.pk).update(ended_at=at)
    stayed, was = False, nameless.pk
    for relation in TwitterProfile._meta.related_objects:
        manager = relation.related_model._base_manager
        for row in manager.filter(**{relation.field.name: nameless}):
            try:
                with transaction.atomic():
                    manager.filter(pk=row.pk).update(**{relation.field.name: known})
            except IntegrityError:
                stayed = True
    if not stayed:
        nameless.delete()
    facts_changed(known.school_id, Changed.profile(was), Changed.profile(known.pk))


def not_there(*, school_account: SchoolAccount, row: TwitterProfile, why: Missing, at: datetime, always: bool = False) -> None:
    """Twitter says the account is suspended or gone. They no longer ask; whether they still follow is left open:
    a suspended or deactivated account may come back, and then follows as before."""
    standing, seen = (
        (TwitterProfile.Standing.SUSPENDED, Seen.SUSPENDED) if why is Missing.SUSPENDED else (TwitterProfile.Standing.GONE, Seen.GONE)
    )
    if TwitterProfile.objects.filter(pk=row.pk).exclude(standing=standing).update(standing=standing):
        facts_changed(row.school_id, Changed.profile(row.pk))
    _sight(school_account, row, seen=seen, source=Source.LOOKUP, at=at, always=always)
    end_request(school_account=school_account, row=row, at=at)


def observe(
    *,
    school_account: SchoolAccount,
    row: TwitterProfile,
    seen: Sighting.Relation,
    source: Sighting.Source,
    at: datetime,
    always: bool = False,
) -> None:
    """Somebody was seen asking, following or neither. `always`: write the sighting even when nothing changed.

    Asking and following exclude one another, and a look-up by number that shows neither ends both. A list of requests,
    pasted or from an answer that may be old, ends no following.
    """
    _sight(school_account, row, seen=seen, source=source, at=at, always=always)
    if seen == Seen.REQUESTS:
        _open(FollowRequest, school_account, row, at)
        if source == Source.LOOKUP:
            end_following(school_account=school_account, row=row, at=at)
    elif seen == Seen.FOLLOWS:
        _open(Follower, school_account, row, at)
        end_request(school_account=school_account, row=row, at=at)
    elif seen == Seen.NEITHER:
        end_request(school_account=school_account, row=row, at=at)
        end_following(school_account=school_account, row=row, at=at)


def _sight(
    school_account: SchoolAccount, row: TwitterProfile, *, seen: Sighting.Relation, source: Sighting.Source, at: datetime, always: bool
) -> None:
    last = Sighting.objects.filter(school_account=school_account, profile=row).order_by("-seen_at", "-pk").first()
    if always or last is None or last.relation != seen:
        Sighting.objects.create(school_account=school_account, profile=row, seen_at=at, source=source, relation=seen)


def _open(model: type[FollowRequest] | type[Follower], school_account: SchoolAccount, row: TwitterProfile, at: datetime) -> None:
    fresh: dict[str, Any] = {"last_seen_at": at} | ({"missing_since": None} if model is Follower else {})
    if model.objects.filter(school_account=school_account, profile=row, ended_at=None).update(**fresh):
        return
    model.objects.create(school_account=school_account, profile=row, first_seen_at=at, last_seen_at=at)
    facts_changed(school_account.school_id, Changed.profile(row.pk))


def end_request(*, school_account: SchoolAccount, row: TwitterProfile, at: datetime) -> None:
    if FollowRequest.objects.filter(school_account=school_account, profile=row, ended_at=None).update(ended_at=at):
        facts_changed(school_account.school_id, Changed.profile(row.pk))


def end_following(*, school_account: SchoolAccount, row: TwitterProfile, at: datetime) -> None:
    if Follower.objects.filter(school_account=school_account, profile=row, ended_at=None).update(ended_at=at):
        facts_changed(school_account.school_id, Changed.profile(row.pk))


def note_block(*, school_account: SchoolAccount, row: TwitterProfile, blocked: bool, may_end: bool, at: datetime) -> None:
    """The school account blocks somebody, or does so no longer; the second only where the answer tells relations at all."""
    current = Block.objects.filter(school_account=school_account, profile=row, ended_at=None)
    if not blocked:
        if may_end:
            current.update(ended_at=at)
    elif not current.update(last_seen_at=at):
        Block.objects.create(school_account=school_account, profile=row, first_seen_at=at, last_seen_at=at)


def forget_ended_watches(*, school_account: SchoolAccount, at: datetime) -> None:
    WatchedUser.objects.filter(school_account=school_account, until__lte=at).delete()
