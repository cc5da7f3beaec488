"""Reading Twitter: claimed names, who asks, and the few people a later stage waits for.

Every reading holds the connection's lease, asks outside any transaction, and writes what it learnt in short ones. Only
a complete list may end anything; a failed or partial one adds facts and takes none away.
"""

import math
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from vetting.school.models import SchoolAccount
from vetting.school.queries import policy
from vetting.twitter import names, recording
from vetting.twitter.budget import BATCH, LISTS, PRICE_OF_A_PROFILE, Job, looking_up
from vetting.twitter.looking import WITNESSES, look_at, price_of
from vetting.twitter.models import Connection, Follower, FollowRequest, ListReading, TwitterProfile, WatchedUser
from vetting.twitter.names import readings_to_look_up
from vetting.twitter.ourselves import is_public_on_purpose, know_ourselves
from vetting.twitter.port import BudgetExceeded, CapabilityUnavailable, IncomingList, Relation, Twitter, TwitterError
from vetting.twitter.reaching import OutOfTime, Reach, is_allowed, is_refused, reaching
from vetting.values import Handle

__all__ = ["know_ourselves", "look_at", "look_up_claimed_handles", "read_watched", "readings_to_look_up", "sync_requests"]

# People behind open questions are looked at again within a day: a rename, a suspension or a disappearance is noticed then.
STALE = timedelta(hours=23)
STALE_PRACTICE = timedelta(seconds=60)
# A job that our own limit or the connection itself does not allow is tried again after so long.
TRY_AGAIN = timedelta(hours=1)
ONLY_KNOWN = "Twitter does not show this connection everybody who asks; only the people we know of were checked."
ON_PURPOSE = "The school's account is public on purpose: nobody needs to ask, and followers are only watched."


def look_up_claimed_handles(*, connection: Connection, twitter: Twitter, at: datetime) -> int:
    """Ask who holds the names families wrote, at most 100, each once. Returns how many names got an answer.

    Raises NotNow. A failure is noted in the connection's health; the names stay waiting.
    """
    school_id = connection.school_account.school_id
    waiting = readings_to_look_up(school_id, at)
    handles = sorted({handle for handle in waiting.order_by("pk").values_list("handle", flat=True)[:BATCH] if handle})
    if not handles or connection.kind == Connection.Kind.BY_HAND:
        return 0
    named = f"Looking up {len(handles)} Twitter names" if len(handles) > 1 else "Looking up a Twitter name"
    try:
        with reaching(connection, at=at, job=looking_up(named, len(handles))) as reach:
            know_ourselves(reach, twitter)
            asked = [Handle(handle) for handle in handles]
            found = reach.ask("lookup", lambda: twitter.lookup(handles=asked), price=PRICE_OF_A_PROFILE * len(asked))
            with transaction.atomic():
                reach.keep()
                answered = names.record(reach, found, asked)
                done = readings_to_look_up(school_id, at)
                done.filter(handle__in=answered).update(looked_up_at=at)
                done.filter(handle__in=handles).exclude(handle__in=answered).update(look_up_not_before=at + TRY_AGAIN)
            return len(answered)
    except (BudgetExceeded, CapabilityUnavailable):
        readings_to_look_up(school_id, at).filter(handle__in=handles).update(look_up_not_before=at + TRY_AGAIN)
    except TwitterError:
        pass
    return 0


def sync_requests(*, connection: Connection, twitter: Twitter, at: datetime) -> ListReading:
    """Read who asks to follow. A failure gives an incomplete reading with its sentence. Raises NotNow.

    Where Twitter does not offer the list, everybody we know of is asked about by number instead ("known-handle mode").
    Where the account is public on purpose nobody asks, and only who asked before is looked at.
    """
    account, wait = connection.school_account, requests_interval(connection)
    try:
        with reaching(connection, at=at, job=_whole_sync(connection, at)) as reach:
            know_ourselves(reach, twitter)
            if is_public_on_purpose(account):
                look_at(reach, twitter, _open_numbers(account), with_ourselves=True)
                reading = _reading(account, at, count=len(_open_numbers(account)), why_not=ON_PURPOSE)
            else:
                names.learn_numbers(reach, twitter, stale_before=_stale_before(reach))
                reading = _read_requests(reach, twitter)
    except TwitterError as error:
        reading = _reading(account, at, count=0, why_not=error.sentence)
        if isinstance(error, BudgetExceeded):
            wait = max(wait, TRY_AGAIN)
        elif isinstance(error, OutOfTime):
            wait = min(wait, timedelta(minutes=1))
    Connection.objects.filter(pk=connection.pk).update(requests_due_at=at + wait)
    return reading


def requests_interval(connection: Connection) -> timedelta:
    if connection.kind == Connection.Kind.SANDBOX:
        return timedelta(seconds=10)
    return timedelta(minutes=policy(connection.school_account.school, "requests_every_minutes"))


def _whole_sync(connection: Connection, at: datetime) -> Job:
    """What reading the requests is expected to ask for: the list, and whoever we know of that must be looked at again."""
    account, midnight = connection.school_account, at.replace(hour=0, minute=0, second=0, microsecond=0)
    numbers = _open_numbers(account) | names.numbers_behind_claims(account, at)
    shown = TwitterProfile.objects.filter(school_id=account.school_id, twitter_user_id__in=numbers)
    again = len(numbers) - shown.filter(last_seen_at__gte=at - STALE, standing=TwitterProfile.Standing.ACTIVE).count()
    paid = shown.filter(last_seen_at__gte=midnight).count()
    guests = 1 + min(WITNESSES, _following(account).count())
    calls = 1 + max(1, math.ceil(again / BATCH))
    return Job("Reading the follow requests", calls, PRICE_OF_A_PROFILE * (max(again - paid, 0) + guests), LISTS)


def _stale_before(reach: Reach) -> datetime:
    return reach.at - (STALE_PRACTICE if reach.is_practice else STALE)


def _read_requests(reach: Reach, twitter: Twitter) -> ListReading:
    listed = None
    if not is_refused(reach.connection, "incoming", at=reach.at):
        try:
            listed = reach.ask("incoming", twitter.list_incoming)
        except CapabilityUnavailable:
            listed = None
    return _read_known_only(reach, twitter) if listed is None else _read_listed(reach, twitter, listed)


def _read_listed(reach: Reach, twitter: Twitter, listed: IncomingList) -> ListReading:
    """Everybody is asked about in one run: the new, whoever was last seen too long ago, and whoever is no longer listed."""
    account, at = reach.connection.school_account, reach.at
    numbers = {number.value for number in listed.user_ids}
    # Somebody may be listed from an old answer, although accepted since: where a follower stands only the question by number tells.
    follow = _following(account).filter(profile__twitter_user_id__in=numbers).values_list("profile__twitter_user_id", flat=True)
    vanished = _open_numbers(account) - numbers
    again = numbers | (names.numbers_behind_claims(account, at) - _numbers_of_followers(account))
    told = look_at(reach, twitter, _not_fresh(reach, again) | vanished | {number or "" for number in follow}, with_ourselves=True)
    elsewhere = {number for number, relation in told.items() if relation is not Relation.REQUESTS}
    with transaction.atomic():
        reach.keep()
        rows = TwitterProfile.objects.filter(school_id=account.school_id, twitter_user_id__in=numbers)
        known = {row.twitter_user_id for row in rows}
        as_before = recording.as_before(school_account=account, numbers=numbers, seen=recording.Seen.REQUESTS, at=at)
        for row in rows.exclude(twitter_user_id__in=as_before | elsewhere):
            recording.observe(school_account=account, row=row, seen=recording.Seen.REQUESTS, source=recording.Source.REQUEST_LIST, at=at)
    why_not = listed.why_not if not listed.complete else ""
    if listed.complete and known != numbers:
        why_not = "Some of the people in the list could not be looked up yet."
    if listed.complete and not _account_for(reach, vanished, is_empty=not numbers):
        why_not = "The list left out people who still ask."
    return _reading(account, at, count=len(numbers), complete=not why_not, why_not=why_not)


def _not_fresh(reach: Reach, numbers: set[str]) -> set[str]:
    """Whoever is new or was last seen too long ago."""
    fresh = TwitterProfile.objects.filter(
        school_id=reach.connection.school_account.school_id,
        twitter_user_id__in=numbers,
        last_seen_at__gte=_stale_before(reach),
        standing=TwitterProfile.Standing.ACTIVE,
    )
    return numbers - {number or "" for number in fresh.values_list("twitter_user_id", flat=True)}


def _account_for(reach: Reach, vanished: set[str], *, is_empty: bool) -> bool:
    """Whether everybody who asked before and is no longer listed is accounted for, now that they were asked about by number.

    Where Twitter does not tell relations, a complete list that names somebody is believed; an empty one is not.
    """
    account = reach.connection.school_account
    left = FollowRequest.objects.filter(school_account=account, ended_at=None, profile__twitter_user_id__in=vanished)
    if is_allowed(reach.connection, "connection_status"):
        return not left.exists()
    with transaction.atomic():
        reach.keep()
        for request in [] if is_empty else left.select_related("profile"):
            recording.end_request(school_account=account, row=request.profile, at=reach.at)
    return not is_empty or not left.exists()


def _read_known_only(reach: Reach, twitter: Twitter) -> ListReading:
    account, at = reach.connection.school_account, reach.at
    known = names.numbers_behind_claims(account, at) | _open_numbers(account)
    look_at(reach, twitter, known - _numbers_of_followers(account), with_ourselves=True)
    count = FollowRequest.objects.filter(school_account=account, ended_at=None).count()
    return _reading(account, at, count=count, why_not=ONLY_KNOWN)


def _open_numbers(account: SchoolAccount) -> set[str]:
    """The numbers of everybody whose request is known to be pending."""
    asking = FollowRequest.objects.filter(school_account=account, ended_at=None, profile__twitter_user_id__isnull=False)
    return {number or "" for number in asking.values_list("profile__twitter_user_id", flat=True)}


def _following(account: SchoolAccount) -> QuerySet[Follower]:
    return Follower.objects.filter(school_account=account, ended_at=None, profile__twitter_user_id__isnull=False)


def _numbers_of_followers(account: SchoolAccount) -> set[str]:
    return {number or "" for number in _following(account).values_list("profile__twitter_user_id", flat=True)}


def _reading(account: SchoolAccount, at: datetime, *, count: int, complete: bool = False, why_not: str = "") -> ListReading:
    return ListReading.objects.create(
        school_account=account,
        kind=ListReading.Kind.REQUESTS,
        source=ListReading.Source.API,
        began_at=at,
        ended_at=at,
        complete=complete,
        why_not_complete=why_not[:300],
        count=count,
    )


def read_watched(*, connection: Connection, twitter: Twitter, at: datetime) -> int:
    """Read the people somebody waits for, at most 100, by number. Always writes a sighting. Returns how many were due.

    Raises NotNow.
    """
    account = connection.school_account
    due = WatchedUser.objects.filter(school_account=account, read_due_at__lte=at, until__gt=at).select_related("profile")
    batch = list(due.order_by("read_due_at", "pk")[:BATCH])
    if not batch or connection.kind == Connection.Kind.BY_HAND:
        return 0
    numbers = {watch.profile.twitter_user_id for watch in batch}
    words = f"Looking at {len(batch)} people whose answer is awaited" if len(batch) > 1 else "Looking at somebody whose answer is awaited"
    job = looking_up(words, len(batch), price_of(account, [number for number in numbers if number], at))
    try:
        with reaching(connection, at=at, job=job) as reach:
            know_ourselves(reach, twitter)
            look_at(reach, twitter, numbers, always=True)
            with transaction.atomic():
                reach.keep()
                for watch in batch:
                    WatchedUser.objects.filter(pk=watch.pk).update(read_due_at=at + _watch_interval(connection, watch, at))
                recording.forget_ended_watches(school_account=account, at=at)
            return len(batch)
    except (BudgetExceeded, CapabilityUnavailable):
        WatchedUser.objects.filter(pk__in=[watch.pk for watch in batch]).update(read_due_at=at + TRY_AGAIN)
    except TwitterError:
        pass
    return 0


def _watch_interval(connection: Connection, watch: WatchedUser, at: datetime) -> timedelta:
    """Practice: five seconds. Really: a minute at first, then a tenth of the time waited, at most half an hour."""
    if connection.kind == Connection.Kind.SANDBOX:
        return timedelta(seconds=5)
    return max(timedelta(minutes=1), min((at - watch.since) / 10, timedelta(minutes=30)))
