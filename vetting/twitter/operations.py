"""All writes about Twitter that a person or another stage asks for.

The readings themselves stand in reading and following, connecting and letting go in connecting.operations.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from accounts.models import User
from vetting.audit.events import Event
from vetting.audit.operations import record
from vetting.school.changes import Changed
from vetting.school.models import SchoolAccount
from vetting.school.operations import facts_changed
from vetting.twitter import recording
from vetting.twitter.connecting.operations import (
    GrantedTooLittle,
    PracticeOnly,
    WrongAccount,
    connect,
    connect_by_signing_in,
    disconnect,
    keep_app,
    practice_moved,
)
from vetting.twitter.following import APART, sync_followers
from vetting.twitter.models import Connection, Follower, FollowRequest, ListReading, TwitterProfile, WatchedUser
from vetting.twitter.pasted import Listed, PastedList, PastedProfile, read_pasted
from vetting.twitter.reaching import LeaseLost, NotNow
from vetting.twitter.reading import look_up_claimed_handles, read_watched, sync_requests
from vetting.values import BadValue, Handle

__all__ = [
    "GrantedTooLittle",
    "LeaseLost",
    "NotNow",
    "PracticeOnly",
    "WrongAccount",
    "ask_for_check",
    "connect",
    "connect_by_signing_in",
    "disconnect",
    "keep_app",
    "look_up_claimed_handles",
    "only_pasting_tells",
    "paste_followers",
    "paste_requests",
    "practice_moved",
    "read_copied",
    "read_watched",
    "stop_watching",
    "sync_followers",
    "sync_requests",
    "watch",
]
# A profile known by number is taken for a pasted name only while it was seen under that name this recently.
NAME_IS_FRESH = timedelta(hours=24)


@transaction.atomic
def ask_for_check(*, connection: Connection, by: User, at: datetime) -> None:
    """Read everything as soon as possible. A broken connection gets one more try; a wait Twitter asked for is kept.

    Raises BadValue for a school that reads by hand.
    """
    if connection.kind == Connection.Kind.BY_HAND:
        raise BadValue("This school reads Twitter by hand: paste the list from Twitter's own page.")
    connection.refresh_from_db()
    connection.requests_due_at = connection.followers_due_at = at
    if connection.broken_because:
        connection.broken_because, connection.not_before = "", None
    connection.save(update_fields=["requests_due_at", "followers_due_at", "broken_because", "not_before"])
    WatchedUser.objects.filter(school_account=connection.school_account, read_due_at__gt=at).update(read_due_at=at)
    record(school_id=connection.school_account.school_id, event=Event.CHECK_ASKED, by=by, at=at, subject=connection)


@transaction.atomic
def watch(*, school_account: SchoolAccount, profile: TwitterProfile, why: str, at: datetime, until: datetime) -> WatchedUser:
    """Read this profile by number, often, until a moment. Asking again for the same reason prolongs it."""
    watched, _ = WatchedUser.objects.update_or_create(
        school_account=school_account,
        profile=profile,
        why=why,
        defaults={"until": until, "read_due_at": at},
        create_defaults={"since": at, "until": until, "read_due_at": at},
    )
    return watched


def stop_watching(*, school_account: SchoolAccount, profile: TwitterProfile, why: str) -> None:
    WatchedUser.objects.filter(school_account=school_account, profile=profile, why=why).delete()


@transaction.atomic
def paste_requests(
    *, school_account: SchoolAccount, text: str, by: User, at: datetime, complete: bool = True, leaving_out: bool = False
) -> ListReading:
    """Take a copied list of requests. Where the person says it is the whole list, whoever is not on it no longer asks.

    With `leaving_out`, lines that are not understood are passed over, and the list counts as a part. Raises BadValue, and
    changes nothing, when there are such lines without it, or nobody to take in.
    """
    pasted = read_copied(school_account=school_account, text=text, of=Listed.REQUESTS)
    complete = _is_whole(pasted, complete=complete, leaving_out=leaving_out)
    rows = [_named(school_account, one, at) for one in pasted.profiles]
    names = [one.handle.value for one in pasted.profiles]
    reading = _pasted_reading(school_account, ListReading.Kind.REQUESTS, count=len(rows), complete=complete, by=by, at=at)
    for row in rows:
        if not _read_otherwise_as_follower(school_account, row):
            recording.observe(school_account=school_account, row=row, seen=recording.Seen.REQUESTS, source=recording.Source.PASTED, at=at)
    if complete:
        gone = FollowRequest.objects.filter(only_pasting_tells(school_account), school_account=school_account, ended_at=None)
        # Whoever stands there by name is not gone, also where their number was seen too long ago to be taken for theirs.
        for request in gone.exclude(profile__in=rows).exclude(profile__handle__in=names).select_related("profile"):
            recording.end_request(school_account=school_account, row=request.profile, at=at)
    return reading


@transaction.atomic
def paste_followers(
    *, school_account: SchoolAccount, text: str, by: User, at: datetime, complete: bool = True, leaving_out: bool = False
) -> ListReading:
    """Take a copied list of followers. Whoever two whole lists, fifteen minutes apart, do not name no longer follows.

    Raises as paste_requests does.
    """
    pasted = read_copied(school_account=school_account, text=text, of=Listed.FOLLOWERS)
    complete = _is_whole(pasted, complete=complete, leaving_out=leaving_out)
    rows = [_named(school_account, one, at) for one in pasted.profiles]
    reading = _pasted_reading(school_account, ListReading.Kind.FOLLOWERS, count=len(rows), complete=complete, by=by, at=at)
    asked_otherwise = _reads_by_itself(school_account)
    for row in rows:
        # Of whom Twitter is asked by number a copy, which may be old, opens no following.
        if row.twitter_user_id is None or not asked_otherwise:
            recording.observe(school_account=school_account, row=row, seen=recording.Seen.FOLLOWS, source=recording.Source.PASTED, at=at)
    if complete:
        current = Follower.objects.filter(only_pasting_tells(school_account), school_account=school_account, ended_at=None)
        missed = current.exclude(profile__in=rows).exclude(profile__handle__in=[one.handle.value for one in pasted.profiles])
        for follower in missed.filter(missing_since__lte=at - APART).select_related("profile"):
            recording.observe(
                school_account=school_account, row=follower.profile, seen=recording.Seen.NEITHER, source=recording.Source.PASTED, at=at
            )
        missed.filter(missing_since=None).update(missing_since=at)
    return reading


def read_copied(*, school_account: SchoolAccount, text: str, of: Listed) -> PastedList:
    """What a copied text says, before anything is taken in. Raises BadValue when it says nothing."""
    return read_pasted(text, of=of, own=Handle(school_account.handle))


def _is_whole(pasted: PastedList, *, complete: bool, leaving_out: bool) -> bool:
    if not pasted.unread:
        return complete
    first = " ".join(line.sentence for line in pasted.unread[:3])
    if not leaving_out or not pasted.profiles:
        raise BadValue(f"{first} Nothing was taken in. Put it right and paste the list again.")
    # Somebody may stand in the lines nobody understood: that list can say of nobody that they are gone.
    return False


def _reads_by_itself(school_account: SchoolAccount) -> bool:
    """Whether Twitter is asked about this account without anybody pasting."""
    return Connection.objects.filter(school_account=school_account).exclude(kind=Connection.Kind.BY_HAND).exists()


def only_pasting_tells(school_account: SchoolAccount) -> Q:
    """Whom a pasted list may leave out to say that they are gone.

    Where Twitter is also asked by number, its answer is newer than any copy: a copy ends nobody whose number is known.
    """
    return Q(profile__twitter_user_id=None) if _reads_by_itself(school_account) else Q()


def _read_otherwise_as_follower(school_account: SchoolAccount, row: TwitterProfile) -> bool:
    """Whether Twitter itself was asked and said that they follow: an old copy that has them still waiting changes nothing."""
    if row.twitter_user_id is None or not _reads_by_itself(school_account):
        return False
    return Follower.objects.filter(school_account=school_account, profile=row, ended_at=None).exists()


def _named(school_account: SchoolAccount, one: PastedProfile, at: datetime) -> TwitterProfile:
    """The profile a pasted name stands for: one seen under it a short while ago, else one whose number is not known.

    A number that the list wrote is not kept, for Twitter showed it to nobody here; it can only speak against a profile.
    """
    seen = TwitterProfile.objects.filter(
        school_id=school_account.school_id, handle=one.handle.value, twitter_user_id__isnull=False, last_seen_at__gte=at - NAME_IS_FRESH
    )
    known = seen.first() if one.user_id is None else seen.filter(twitter_user_id=one.user_id.value).first()
    if known is not None:
        return known
    row, made = TwitterProfile.objects.get_or_create(
        school_account=school_account,
        handle=one.handle.value,
        twitter_user_id=None,
        defaults={"school_id": school_account.school_id, "display_name": one.display_name, "first_seen_at": at, "last_seen_at": at},
    )
    if not made:
        if one.display_name not in ("", row.display_name):
            facts_changed(school_account.school_id, Changed.profile(row.pk))
        row.display_name, row.last_seen_at = one.display_name or row.display_name, max(row.last_seen_at, at)
        row.save(update_fields=["display_name", "last_seen_at"])
    return row


def _pasted_reading(
    school_account: SchoolAccount, kind: ListReading.Kind, *, count: int, complete: bool, by: User, at: datetime
) -> ListReading:
    reading = ListReading.objects.create(
        school_account=school_account,
        kind=kind,
        source=ListReading.Source.PASTED,
        by_id_number=by.pk,
        began_at=at,
        ended_at=at,
        complete=complete,
        why_not_complete="" if complete else "It is not the whole list, or some of its lines were not understood.",
        count=count,
    )
    record(
        school_id=school_account.school_id,
        event=Event.LIST_PASTED,
        by=by,
        at=at,
        subject=reading,
        facts={"count": count, "kind": kind.value},
    )
    return reading
