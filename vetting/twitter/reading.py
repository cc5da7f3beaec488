"""Reading Twitter: claimed names, who asks, who follows, and the few people a later stage waits for.

Every reading holds the connection's lease, asks outside any transaction, and writes what it learnt in short ones. Only
a complete list may end anything; a failed or partial one adds facts and takes none away.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import partial

from django.db import transaction
from django.db.models import Q, QuerySet

from vetting.intake.models import ClaimReading
from vetting.school.models import SchoolAccount
from vetting.school.operations import clear_alarm, facts_changed, raise_alarm
from vetting.school.queries import policy
from vetting.twitter import recording
from vetting.twitter.models import (
    Connection,
    Follower,
    FollowRequest,
    HandleLookup,
    ListReading,
    Sighting,
    TwitterProfile,
    WatchedUser,
)
from vetting.twitter.port import CapabilityUnavailable, Found, Missing, Profile, ReconnectRequired, Relation, Twitter, TwitterError
from vetting.twitter.reaching import PRICE_OF_A_PROFILE, Reach, is_allowed, is_refused, learn, reaching
from vetting.values import Handle, TwitterUserId

BATCH = 100
# Known followers asked about beside the others; one who left in between must not silence the rest.
WITNESSES = 3
STALE = timedelta(hours=24)
STALE_PRACTICE = timedelta(seconds=60)
# In known-handle mode: how long after its e-mail a name is looked at again.
CLAIM_IS_FRESH = timedelta(days=30)
ONLY_KNOWN = "Twitter does not show this connection everybody who asks; only the people we know of were checked."
ACCOUNT_PUBLIC = "twitter-account-public"
RELATIONS_ALARM = "twitter-relations"


def look_up_claimed_handles(*, connection: Connection, twitter: Twitter, at: datetime) -> int:
    """Ask who holds the names families wrote, at most 100, each once. Returns how many names got an answer.

    Raises NotNow. A failure is noted in the connection's health; the names stay waiting.
    """
    waiting = readings_to_look_up(connection.school_account.school_id, at)
    handles = sorted({handle for handle in waiting.order_by("pk").values_list("handle", flat=True)[:BATCH] if handle})
    if not handles or connection.kind == Connection.Kind.BY_HAND:
        return 0
    try:
        with reaching(connection, at=at) as reach:
            know_ourselves(reach, twitter)
            asked = [Handle(handle) for handle in handles]
            found = reach.ask("lookup", lambda: twitter.lookup(handles=asked), price=PRICE_OF_A_PROFILE * len(asked))
            with transaction.atomic():
                reach.keep()
                answered = _record_lookups(reach, found, asked)
                done = readings_to_look_up(connection.school_account.school_id, at)
                done.filter(handle__in=answered).update(looked_up_at=at)
                done.filter(handle__in=handles).exclude(handle__in=answered).update(look_up_not_before=at + timedelta(hours=1))
            return len(answered)
    except TwitterError:
        return 0


def readings_to_look_up(school_id: int, at: datetime) -> QuerySet[ClaimReading]:
    """The names nobody has looked up yet: of claims that stand, not set aside by the office, and due."""
    due = Q(look_up_not_before=None) | Q(look_up_not_before__lte=at)
    return ClaimReading.objects.filter(
        due, claim__school_id=school_id, claim__withdrawn_at=None, handle__isnull=False, looked_up_at=None
    ).exclude(use=ClaimReading.Use.NOT_THIS)


def _record_lookups(reach: Reach, found: Found, asked: Sequence[Handle]) -> list[str]:
    account, at = reach.connection.school_account, reach.at
    note_status_shown(reach, found.profiles)
    answered: list[str] = []
    for shown in found.profiles:
        row = recording.remember(school_account=account, shown=shown, at=at)
        HandleLookup.objects.create(
            school_id=account.school_id,
            handle=shown.handle.value,
            asked_at=at,
            outcome=HandleLookup.Outcome.FOUND,
            twitter_user_id=shown.user_id.value,
        )
        # Who holds a name is all that was asked: that somebody neither asks nor follows is for a reading with witnesses to say.
        _observe_shown(reach, row, shown, may_end=False)
        answered.append(shown.handle.value)
    for handle in asked:
        if (why := found.missing.get(handle.value)) is not None:
            HandleLookup.objects.create(school_id=account.school_id, handle=handle.value, asked_at=at, outcome=why.value)
            answered.append(handle.value)
    if answered:
        facts_changed(account.school_id)
    return answered


def sync_requests(*, connection: Connection, twitter: Twitter, at: datetime) -> ListReading:
    """Read who asks to follow. A failure gives an incomplete reading with its sentence. Raises NotNow.

    Where Twitter does not offer the list, everybody we know of is asked about by number instead ("known-handle mode").
    """
    try:
        with reaching(connection, at=at) as reach:
            know_ourselves(reach, twitter)
            _learn_numbers(reach, twitter)
            reading = _read_requests(reach, twitter)
    except TwitterError as error:
        reading = _reading(connection.school_account, ListReading.Kind.REQUESTS, at, count=0, why_not=error.sentence)
    Connection.objects.filter(pk=connection.pk).update(requests_due_at=at + requests_interval(connection))
    return reading


def requests_interval(connection: Connection) -> timedelta:
    if connection.kind == Connection.Kind.SANDBOX:
        return timedelta(seconds=10)
    return timedelta(minutes=policy(connection.school_account.school, "requests_every_minutes"))


def _read_requests(reach: Reach, twitter: Twitter) -> ListReading:
    account, at = reach.connection.school_account, reach.at
    listed = None
    if not is_refused(reach.connection, "incoming", at=at):
        try:
            listed = reach.ask("incoming", twitter.list_incoming)
        except CapabilityUnavailable:
            listed = None
    if listed is None:
        return _read_known_only(reach, twitter)
    numbers = {number.value for number in listed.user_ids}
    _look_at_the_new(reach, twitter, numbers)
    with transaction.atomic():
        reach.keep()
        rows = TwitterProfile.objects.filter(school_id=account.school_id, twitter_user_id__in=numbers)
        known = {row.twitter_user_id for row in rows}
        as_before = recording.as_before(school_account=account, numbers=numbers, seen=recording.Seen.REQUESTS, at=at)
        for row in rows.exclude(twitter_user_id__in=as_before):
            recording.observe(school_account=account, row=row, seen=recording.Seen.REQUESTS, source=recording.Source.REQUEST_LIST, at=at)
    why_not = listed.why_not if not listed.complete else ""
    if listed.complete and known != numbers:
        why_not = "Some of the people in the list could not be looked up."
    if listed.complete and not _check_the_vanished(reach, twitter, numbers):
        why_not = "The list left out people who still ask."
    return _reading(account, ListReading.Kind.REQUESTS, at, count=len(numbers), complete=not why_not, why_not=why_not)


def _look_at_the_new(reach: Reach, twitter: Twitter, numbers: set[str]) -> None:
    """Look up whoever is new or was last seen too long ago."""
    account = reach.connection.school_account
    fresh_since = reach.at - (STALE_PRACTICE if reach.is_practice else STALE)
    fresh = TwitterProfile.objects.filter(
        school_id=account.school_id, twitter_user_id__in=numbers, last_seen_at__gte=fresh_since, standing=TwitterProfile.Standing.ACTIVE
    )
    look_at(reach, twitter, numbers - set(fresh.values_list("twitter_user_id", flat=True)))


def _check_the_vanished(reach: Reach, twitter: Twitter, numbers: set[str]) -> bool:
    """Ask by number about everybody who asked before and is no longer listed; False when one of them still asks.

    Where Twitter does not tell relations, a complete list that names somebody is believed; an empty one is not.
    """
    account = reach.connection.school_account
    vanished = FollowRequest.objects.filter(school_account=account, ended_at=None, profile__twitter_user_id__isnull=False).exclude(
        profile__twitter_user_id__in=numbers
    )
    look_at(reach, twitter, set(vanished.values_list("profile__twitter_user_id", flat=True)))
    left = list(vanished.select_related("profile"))
    if is_allowed(reach.connection, "connection_status"):
        return not left
    with transaction.atomic():
        reach.keep()
        for request in left if numbers else []:
            recording.end_request(school_account=account, row=request.profile, at=reach.at)
    return bool(numbers) or not left


def _read_known_only(reach: Reach, twitter: Twitter) -> ListReading:
    account, at = reach.connection.school_account, reach.at
    claimed = ClaimReading.objects.filter(
        claim__school_id=account.school_id, claim__withdrawn_at=None, claim__made_at__gt=at - CLAIM_IS_FRESH, handle__isnull=False
    ).exclude(use=ClaimReading.Use.NOT_THIS)
    holders = HandleLookup.objects.filter(school_id=account.school_id, handle__in=claimed.values("handle"), twitter_user_id__isnull=False)
    follows = Follower.objects.filter(school_account=account, ended_at=None).values_list("profile__twitter_user_id", flat=True)
    asks = FollowRequest.objects.filter(school_account=account, ended_at=None).values_list("profile__twitter_user_id", flat=True)
    look_at(reach, twitter, {number for number in (*holders.values_list("twitter_user_id", flat=True), *asks) if number} - set(follows))
    count = FollowRequest.objects.filter(school_account=account, ended_at=None).count()
    return _reading(account, ListReading.Kind.REQUESTS, at, count=count, why_not=ONLY_KNOWN)


def look_at(reach: Reach, twitter: Twitter, numbers: Iterable[str | None], *, always: bool = False) -> None:
    """Look these numbers up, up to a hundred at a time, and write down where each stands.

    A few known followers are asked about with them, as witnesses: X leaves the field out where there is no relation, so an
    answer in which not even they follow says nothing about anybody, and is not believed.
    """
    account = reach.connection.school_account
    wanted = sorted({number for number in numbers if number})
    witnesses = _witnesses(account, wanted)
    for start in range(0, len(wanted), BATCH - WITNESSES):
        batch = wanted[start : start + BATCH - WITNESSES] + witnesses
        asked = [TwitterUserId(number) for number in batch]
        found = reach.ask("lookup", partial(twitter.relation, asked), price=_price(account, batch, reach.at))
        with transaction.atomic():
            reach.keep()
            note_status_shown(reach, found.profiles)
            told = not witnesses or _tells_relations(found.profiles)
            _say_whether_relations_are_told(account, told, reach.at)
            for shown in found.profiles:
                row = recording.remember(school_account=account, shown=shown, at=reach.at)
                recording.note_block(school_account=account, row=row, blocked=shown.blocked, may_end=told, at=reach.at)
                if shown.user_id.value not in witnesses:
                    _observe_shown(reach, row, shown, always=always, may_end=told)
            _note_missing(account, found.missing, reach.at, always=always)


def _witnesses(account: SchoolAccount, wanted: Sequence[str]) -> list[str]:
    """A few current followers nobody asks about just now, those seen last first."""
    followers = Follower.objects.filter(school_account=account, ended_at=None, profile__twitter_user_id__isnull=False)
    seen_last = followers.exclude(profile__twitter_user_id__in=wanted).order_by("-last_seen_at", "-pk")
    return [number for number in seen_last.values_list("profile__twitter_user_id", flat=True)[:WITNESSES] if number]


def _tells_relations(profiles: Iterable[Profile]) -> bool:
    return any(shown.relation in (Relation.REQUESTS, Relation.FOLLOWS) for shown in profiles)


def _say_whether_relations_are_told(account: SchoolAccount, told: bool, at: datetime) -> None:
    if told:
        clear_alarm(school=account.school, kind=RELATIONS_ALARM, at=at)
        return
    sentence = (
        f"Twitter no longer tells who asks and who follows @{account.handle}, not even for known followers. "
        "Nothing is concluded from its answers until it does."
    )
    raise_alarm(school=account.school, kind=RELATIONS_ALARM, sentence=sentence, at=at)


def _note_missing(account: SchoolAccount, missing: dict[str, Missing], at: datetime, *, always: bool) -> None:
    for row in TwitterProfile.objects.filter(school_id=account.school_id, twitter_user_id__in=missing):
        recording.not_there(school_account=account, row=row, why=missing[row.twitter_user_id or ""], at=at, always=always)


def _observe_shown(reach: Reach, row: TwitterProfile, shown: Profile, *, always: bool = False, may_end: bool) -> None:
    """Note where somebody stands. "Neither" is believed only of a connection that was seen to tell relations at all."""
    believed = may_end and is_allowed(reach.connection, "connection_status")
    if shown.relation is None or (shown.relation is Relation.NEITHER and not believed):
        return
    seen, account = Sighting.Relation(shown.relation.value), reach.connection.school_account
    recording.observe(school_account=account, row=row, seen=seen, source=recording.Source.LOOKUP, at=reach.at, always=always)


def note_status_shown(reach: Reach, profiles: Iterable[Profile]) -> None:
    """Relations are told at all: known once one was seen, because X leaves the field out where there is none."""
    if _tells_relations(profiles):
        learn(reach.connection, "connection_status", yes=True, evidence="Twitter said where somebody stands.", at=reach.at)


def _price(account: SchoolAccount, numbers: Sequence[str], at: datetime) -> int:
    """X charges the same account once in a UTC day."""
    midnight = at.replace(hour=0, minute=0, second=0, microsecond=0)
    paid = TwitterProfile.objects.filter(school_id=account.school_id, twitter_user_id__in=numbers, last_seen_at__gte=midnight).count()
    return PRICE_OF_A_PROFILE * (len(numbers) - paid)


def _learn_numbers(reach: Reach, twitter: Twitter) -> None:
    """Pasted names whose number nobody knows: ask for it, so that they become people with a number."""
    account = reach.connection.school_account
    fresh_since = reach.at - (STALE_PRACTICE if reach.is_practice else STALE)
    nameless = TwitterProfile.objects.filter(school_account=account, twitter_user_id=None).filter(
        Q(follow_requests__ended_at=None, follow_requests__isnull=False) | Q(followings__ended_at=None, followings__isnull=False)
    )
    never_or_long_ago = nameless.exclude(
        handle__in=HandleLookup.objects.filter(school_id=account.school_id, asked_at__gt=fresh_since).values("handle")
    )
    handles = [Handle(handle) for handle in never_or_long_ago.order_by("pk").values_list("handle", flat=True).distinct()[:BATCH]]
    if not handles:
        return
    found = reach.ask("lookup", lambda: twitter.lookup(handles=handles), price=PRICE_OF_A_PROFILE * len(handles))
    with transaction.atomic():
        reach.keep()
        _record_lookups(reach, found, handles)


def know_ourselves(reach: Reach, twitter: Twitter) -> None:
    """Before the first reading: whose keys are these?"""
    if reach.connection.school_account.twitter_user_id is None:
        check_ourselves(reach, reach.ask("lookup", twitter.whoami, price=PRICE_OF_A_PROFILE))


def check_ourselves(reach: Reach, me: Profile) -> None:
    """The keys must be those of the school's account; note whether it is still private.

    Raises:
        ReconnectRequired: they are somebody else's. Nothing may be concluded from what they show.
    """
    account = reach.connection.school_account
    known = account.twitter_user_id
    if (known is not None and known != me.user_id.value) or (known is None and account.handle != me.handle.value):
        raise ReconnectRequired(f"The keys of this connection belong to {me.handle}, not to @{account.handle}. Connect the right account.")
    fresh = {"twitter_user_id": me.user_id.value, "handle": me.handle.value, "protected": me.protected, "protected_seen_at": reach.at}
    school = account.school
    with transaction.atomic():
        reach.keep()
        SchoolAccount.objects.filter(pk=account.pk).update(**fresh)
        if me.protected is False:
            sentence = f"The account {me.handle} is public: everybody can read it and nobody needs to ask. Make it private in Twitter."
            raise_alarm(school=school, kind=ACCOUNT_PUBLIC, subject=str(account.pk), sentence=sentence, at=reach.at)
        elif me.protected:
            clear_alarm(school=school, kind=ACCOUNT_PUBLIC, subject=str(account.pk), at=reach.at)
    account.refresh_from_db()


def _reading(
    account: SchoolAccount, kind: ListReading.Kind, at: datetime, *, count: int, complete: bool = False, why_not: str = ""
) -> ListReading:
    return ListReading.objects.create(
        school_account=account,
        kind=kind,
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
    try:
        with reaching(connection, at=at) as reach:
            know_ourselves(reach, twitter)
            look_at(reach, twitter, {watch.profile.twitter_user_id for watch in batch}, always=True)
            with transaction.atomic():
                reach.keep()
                for watch in batch:
                    WatchedUser.objects.filter(pk=watch.pk).update(read_due_at=at + _watch_interval(connection, watch, at))
                recording.forget_ended_watches(school_account=account, at=at)
    except TwitterError:
        return 0
    return len(batch)


def _watch_interval(connection: Connection, watch: WatchedUser, at: datetime) -> timedelta:
    """Practice: five seconds. Really: a minute at first, then a tenth of the time waited, at most half an hour."""
    if connection.kind == Connection.Kind.SANDBOX:
        return timedelta(seconds=5)
    return max(timedelta(minutes=1), min((at - watch.since) / 10, timedelta(minutes=30)))


def unread_since(account: SchoolAccount, began_at: datetime) -> QuerySet[Follower]:
    """Current followers whom the reading begun then has not shown."""
    return Follower.objects.filter(school_account=account, ended_at=None, last_seen_at__lt=began_at).order_by("pk")
