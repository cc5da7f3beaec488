"""Asking about people by number, a hundred at a time, and what an answer may be believed to say.

X leaves the field that tells where somebody stands out where there is nothing to tell. So "neither asks nor follows" and
"not told" look alike, and the rule is this, for each batch by itself:

* an answer that shows anybody at all asking or following tells, and is believed of everybody in it;
* an answer that shows nobody so is believed where no follower is known at all; and where every known follower is among
  those asked about only if the school's own profile, in the same answer, says that nobody follows;
* otherwise nothing is concluded from it, and it raises an alarm where a known follower was in it, or somebody would have
  been taken for gone.

Known followers ("witnesses") are asked about beside the others, so that there is somebody to be shown: three, because one
may have left in between. They take seats that are free, and a run is spread evenly over its calls, so that they cost no
call of their own. While an alarm of this kind is open they have seats in any case, and whoever was looked at last waits
for the next run. The school's own number has a seat in the same way: whether the account is protected is then known after
every run.
"""

import math
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import partial

from django.db import transaction
from django.db.models import Q

from vetting.school.models import Alarm, SchoolAccount
from vetting.school.operations import clear_alarm, raise_alarm
from vetting.twitter import recording
from vetting.twitter.budget import BATCH, PRICE_OF_A_PROFILE
from vetting.twitter.models import Follower, FollowRequest, Sighting, TwitterProfile
from vetting.twitter.ourselves import note_ourselves
from vetting.twitter.port import Found, Missing, Profile, Relation, Twitter
from vetting.twitter.reaching import Reach, is_allowed, learn
from vetting.values import TwitterUserId

WITNESSES = 3
RELATIONS_ALARM = "twitter-relations"
# The own profile is not asked for again so soon after it was seen.
OWN_IS_FRESH, OWN_IS_FRESH_IN_PRACTICE = timedelta(minutes=5), timedelta(seconds=5)


def look_at(
    reach: Reach, twitter: Twitter, numbers: Iterable[str | None], *, always: bool = False, with_ourselves: bool = False
) -> dict[str, Relation]:
    """Look these numbers up and write down where each stands. Returns where those stand of whom Twitter told it believably.

    `always`: write a sighting of each even where nothing changed. `with_ourselves`: ask about the school's own account too.
    """
    account = reach.connection.school_account
    wanted = _longest_ago_first(account, {number for number in numbers if number})
    witnesses = _witnesses(account, wanted)
    # Without anybody else to be shown, our own profile has to say whether somebody follows.
    own_must_say = not witnesses and _any_follows(account, wanted)
    own_is_due = with_ourselves and _own_is_due(reach, someone=bool(wanted))
    own = account.twitter_user_id if own_must_say or own_is_due else None
    told: dict[str, Relation] = {}
    is_clear = True
    for batch in seating(wanted, own=own, witnesses=witnesses, in_doubt=_is_in_doubt(account)):
        found = reach.ask(
            "lookup", partial(twitter.relation, [TwitterUserId(one) for one in batch]), price=price_of(account, batch, reach.at)
        )
        with transaction.atomic():
            reach.keep()
            tells = _tells_relations(found.profiles)
            guests = {*witnesses, own} & set(batch)
            believed = tells or (not witnesses and (not own_must_say or _says_nobody_follows(account, found)))
            told |= _record(reach, found, guests=guests, tells=believed, always=always)
            if not believed and _is_suspicious(account, found, guests - {own}):
                _raise_doubt(account, reach)
                is_clear = False
    if is_clear and wanted:
        clear_alarm(school=account.school, kind=RELATIONS_ALARM, subject=str(account.pk), at=reach.at)
    return told


def seating(wanted: Sequence[str], *, own: str | None, witnesses: Sequence[str], in_doubt: bool) -> list[list[str]]:
    """Who is asked about in which call: never more calls than one for each hundred wanted, nor more than a hundred in one.

    Those at the end of `wanted` wait where there is no room for everybody.
    """
    calls = math.ceil(len(wanted) / BATCH) or int(own is not None)
    if not calls:
        return []
    kept_free = len(witnesses) if in_doubt else 0
    asked = wanted[: calls * (BATCH - kept_free) - int(own is not None)]
    size, over = divmod(len(asked), calls)
    batches, start = [], 0
    for place in range(calls):
        end = start + size + int(place < over)
        batch = [*asked[start:end], *([own] if own is not None and place == calls - 1 else [])]
        batches.append([*batch, *witnesses[: BATCH - len(batch)]] if end > start else batch)
        start = end
    return batches


def _longest_ago_first(account: SchoolAccount, numbers: set[str]) -> list[str]:
    """Whoever was never looked at goes first, then whoever was longest ago."""
    rows = TwitterProfile.objects.filter(school_id=account.school_id, twitter_user_id__in=numbers)
    seen = {number or "": last.timestamp() for number, last in rows.values_list("twitter_user_id", "last_seen_at")}
    return sorted(numbers, key=lambda number: (seen.get(number, 0.0), number))


def _own_is_due(reach: Reach, *, someone: bool) -> bool:
    """Not when it was seen a moment ago; nor for itself when the reading of the followers, which begins with it, is due now."""
    account, connection = reach.connection.school_account, reach.connection
    fresh = OWN_IS_FRESH_IN_PRACTICE if reach.is_practice else OWN_IS_FRESH
    if account.protected_seen_at is not None and account.protected_seen_at > reach.at - fresh:
        return False
    followers_next = connection.followers_due_at is not None and connection.followers_due_at <= reach.at
    return someone or not followers_next


def _any_follows(account: SchoolAccount, wanted: Sequence[str]) -> bool:
    return Follower.objects.filter(school_account=account, ended_at=None, profile__twitter_user_id__in=wanted).exists()


def _says_nobody_follows(account: SchoolAccount, found: Found) -> bool:
    return any(one.user_id.value == account.twitter_user_id and one.followers == 0 for one in found.profiles)


def _witnesses(account: SchoolAccount, wanted: Sequence[str]) -> list[str]:
    """A few current followers nobody asks about just now, those seen last first."""
    followers = Follower.objects.filter(school_account=account, ended_at=None, profile__twitter_user_id__isnull=False)
    seen_last = followers.exclude(profile__twitter_user_id__in=wanted).order_by("-last_seen_at", "-pk")
    return [number for number in seen_last.values_list("profile__twitter_user_id", flat=True)[:WITNESSES] if number]


def _record(reach: Reach, found: Found, *, guests: set[str | None], tells: bool, always: bool) -> dict[str, Relation]:
    account, told = reach.connection.school_account, {}
    note_status_shown(reach, found.profiles)
    for shown in found.profiles:
        number = shown.user_id.value
        if number == account.twitter_user_id:
            note_ourselves(reach, shown)
            continue
        row = recording.remember(school_account=account, shown=shown, at=reach.at)
        recording.note_block(school_account=account, row=row, blocked=shown.blocked, may_end=tells, at=reach.at)
        if number not in guests and observe_shown(reach, row, shown, always=always, may_end=tells) and shown.relation is not None:
            told[number] = shown.relation
    _note_missing(account, found.missing, reach, always=always)
    return told


def _note_missing(account: SchoolAccount, missing: dict[str, Missing], reach: Reach, *, always: bool) -> None:
    for row in TwitterProfile.objects.filter(school_id=account.school_id, twitter_user_id__in=missing):
        recording.not_there(school_account=account, row=row, why=missing[row.twitter_user_id or ""], at=reach.at, always=always)


def observe_shown(reach: Reach, row: TwitterProfile, shown: Profile, *, always: bool = False, may_end: bool) -> bool:
    """Note where somebody stands; False when the answer is not believed.

    "Neither" is believed only of a connection that was seen to tell relations at all.
    """
    believed = may_end and is_allowed(reach.connection, "connection_status")
    if shown.relation is None or (shown.relation is Relation.NEITHER and not believed):
        return False
    seen, account = Sighting.Relation(shown.relation.value), reach.connection.school_account
    recording.observe(school_account=account, row=row, seen=seen, source=recording.Source.LOOKUP, at=reach.at, always=always)
    return True


def note_status_shown(reach: Reach, profiles: Iterable[Profile]) -> None:
    """Relations are told at all: known once one was seen, because X leaves the field out where there is none."""
    if _tells_relations(profiles):
        learn(reach.connection, "connection_status", yes=True, evidence="Twitter said where somebody stands.", at=reach.at)


def _tells_relations(profiles: Iterable[Profile]) -> bool:
    return any(shown.relation in (Relation.REQUESTS, Relation.FOLLOWS) for shown in profiles)


def _is_suspicious(account: SchoolAccount, found: Found, witnesses: set[str | None]) -> bool:
    """A known follower was in the answer, or it would have ended a request or a following."""
    shown = {one.user_id.value for one in found.profiles}
    if witnesses & shown:
        return True
    about = Q(school_account=account, ended_at=None, profile__twitter_user_id__in=shown)
    return FollowRequest.objects.filter(about).exists() or Follower.objects.filter(about).exists()


def _is_in_doubt(account: SchoolAccount) -> bool:
    mine = Alarm.objects.filter(school_id=account.school_id, kind=RELATIONS_ALARM, subject=str(account.pk))
    return mine.filter(cleared_at=None).exists()


def _raise_doubt(account: SchoolAccount, reach: Reach) -> None:
    sentence = (
        f"Twitter no longer tells who asks and who follows @{account.handle}, not even for known followers. "
        "Nothing is concluded from its answers until it does."
    )
    raise_alarm(school=account.school, kind=RELATIONS_ALARM, subject=str(account.pk), sentence=sentence, at=reach.at)


def price_of(account: SchoolAccount, numbers: Sequence[str], at: datetime) -> int:
    """X charges the same account once in a UTC day."""
    midnight = at.replace(hour=0, minute=0, second=0, microsecond=0)
    own_paid = account.twitter_user_id in numbers and account.protected_seen_at is not None and account.protected_seen_at >= midnight
    paid = TwitterProfile.objects.filter(school_id=account.school_id, twitter_user_id__in=numbers, last_seen_at__gte=midnight).count()
    return PRICE_OF_A_PROFILE * (len(numbers) - paid - int(own_paid))
