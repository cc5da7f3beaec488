"""Asking Twitter who holds a name.

From the first answer on the number is the key; the name is asked about again only when it may have moved.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet

from vetting.intake.models import ClaimReading
from vetting.school.changes import Changed
from vetting.school.models import SchoolAccount
from vetting.school.operations import facts_changed
from vetting.twitter import recording
from vetting.twitter.budget import BATCH, PRICE_OF_A_PROFILE
from vetting.twitter.looking import note_status_shown, observe_shown
from vetting.twitter.models import HandleLookup, TwitterProfile
from vetting.twitter.port import Found, Twitter
from vetting.twitter.reaching import Reach
from vetting.values import Handle

# How long after its message a name, and the number behind it, is looked at again.
CLAIM_IS_FRESH = timedelta(days=30)


def readings_to_look_up(school_id: int, at: datetime) -> QuerySet[ClaimReading]:
    """The names nobody has looked up yet: of claims that stand, not set aside by the office, and due."""
    due = Q(look_up_not_before=None) | Q(look_up_not_before__lte=at)
    return ClaimReading.objects.filter(
        due, claim__school_id=school_id, claim__withdrawn_at=None, handle__isnull=False, looked_up_at=None
    ).exclude(use=ClaimReading.Use.NOT_THIS)


def fresh_claims(account: SchoolAccount, at: datetime) -> QuerySet[ClaimReading]:
    """The names of messages that may still be waited for."""
    return ClaimReading.objects.filter(
        claim__school_id=account.school_id, claim__withdrawn_at=None, claim__made_at__gt=at - CLAIM_IS_FRESH, handle__isnull=False
    ).exclude(use=ClaimReading.Use.NOT_THIS)


def numbers_behind_claims(account: SchoolAccount, at: datetime) -> set[str]:
    """The numbers that the names families wrote were found to mean."""
    names = fresh_claims(account, at).values("handle")
    holders = HandleLookup.objects.filter(school_id=account.school_id, handle__in=names, twitter_user_id__isnull=False)
    return {number or "" for number in holders.values_list("twitter_user_id", flat=True)}


def record(reach: Reach, found: Found, asked: Sequence[Handle]) -> list[str]:
    """Keep every answer as evidence, and the profiles it shows. Returns the names that got one. Called inside a transaction."""
    account, at = reach.connection.school_account, reach.at
    note_status_shown(reach, found.profiles)
    answered: list[str] = []
    kept: list[Changed] = []
    for shown in found.profiles:
        row = recording.remember(school_account=account, shown=shown, at=at)
        look = HandleLookup.objects.create(
            school_id=account.school_id,
            handle=shown.handle.value,
            asked_at=at,
            outcome=HandleLookup.Outcome.FOUND,
            twitter_user_id=shown.user_id.value,
        )
        kept.append(Changed.lookup(look.pk))
        # Who holds a name is all that was asked: that somebody neither asks nor follows is for a reading with witnesses to say.
        observe_shown(reach, row, shown, may_end=False)
        answered.append(shown.handle.value)
    for handle in asked:
        if (why := found.missing.get(handle.value)) is not None:
            look = HandleLookup.objects.create(school_id=account.school_id, handle=handle.value, asked_at=at, outcome=why.value)
            kept.append(Changed.lookup(look.pk))
            answered.append(handle.value)
    if kept:
        facts_changed(account.school_id, *kept)
    return answered


def learn_numbers(reach: Reach, twitter: Twitter, *, stale_before: datetime) -> None:
    """Ask about the names whose holder is not known: pasted ones, those nobody held, and those their holder has left since."""
    account = reach.connection.school_account
    wanted = [*_pasted(account, stale_before), *_unheld(account, reach.at, stale_before), *_left_behind(account, reach.at)]
    handles = [Handle(handle) for handle in dict.fromkeys(wanted)][:BATCH]
    if not handles:
        return
    found = reach.ask("lookup", lambda: twitter.lookup(handles=handles), price=PRICE_OF_A_PROFILE * len(handles))
    with transaction.atomic():
        reach.keep()
        record(reach, found, handles)


def _pasted(account: SchoolAccount, stale_before: datetime) -> Iterable[str]:
    """Pasted names become people with a number."""
    nameless = TwitterProfile.objects.filter(school_account=account, twitter_user_id=None).filter(
        Q(follow_requests__ended_at=None, follow_requests__isnull=False) | Q(followings__ended_at=None, followings__isnull=False)
    )
    lately = HandleLookup.objects.filter(school_id=account.school_id, asked_at__gt=stale_before)
    return nameless.exclude(handle__in=lately.values("handle")).order_by("pk").values_list("handle", flat=True).distinct()[:BATCH]


def _unheld(account: SchoolAccount, at: datetime, stale_before: datetime) -> list[str]:
    """Names in messages that were nobody's, or whose account was suspended, when they were last asked about."""
    last = _last_lookups(account, at)
    return sorted(handle for handle, look in last.items() if look.twitter_user_id is None and look.asked_at <= stale_before)


def _left_behind(account: SchoolAccount, at: datetime) -> list[str]:
    """Names in messages whose holder was seen under another name since they were last asked about: somebody else may hold them now."""
    last = _last_lookups(account, at)
    numbers = [look.twitter_user_id for look in last.values() if look.twitter_user_id is not None]
    holders = {row.twitter_user_id: row for row in TwitterProfile.objects.filter(school_id=account.school_id, twitter_user_id__in=numbers)}
    return sorted(handle for handle, look in last.items() if _has_left(handle, look, holders.get(look.twitter_user_id)))


def _has_left(handle: str, look: HandleLookup, holder: TwitterProfile | None) -> bool:
    return (
        holder is not None and holder.handle != handle and holder.handle_changed_at is not None and holder.handle_changed_at > look.asked_at
    )


def _last_lookups(account: SchoolAccount, at: datetime) -> dict[str, HandleLookup]:
    names = fresh_claims(account, at).values("handle")
    rows = HandleLookup.objects.filter(school_id=account.school_id, handle__in=names).order_by("asked_at", "pk")
    return {look.handle: look for look in rows}
