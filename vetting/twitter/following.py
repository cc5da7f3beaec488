"""Reading the whole list of followers: page by page, taken up again where it stopped, believed only when it adds up."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from vetting.school.models import SchoolAccount
from vetting.school.queries import policy
from vetting.twitter import recording
from vetting.twitter.budget import PAGE, PRICE_OF_A_FOLLOWER, PRICE_OF_A_PROFILE, reading_followers
from vetting.twitter.looking import look_at
from vetting.twitter.models import Connection, Follower, ListReading, TwitterProfile
from vetting.twitter.ourselves import check_ourselves
from vetting.twitter.port import BudgetExceeded, CapabilityUnavailable, FollowersPage, Profile, Twitter, TwitterError
from vetting.twitter.reaching import OutOfTime, Reach, is_allowed, reaching

# Two complete readings this far apart must both miss a follower before they count as gone.
APART = timedelta(minutes=15)
TAKE_UP_WITHIN = timedelta(hours=6)


def sync_followers(*, connection: Connection, twitter: Twitter, at: datetime) -> ListReading:
    """Read everybody who follows. What failed is taken up at the next call; the reading says so. Raises NotNow.

    A follower is ended only after two complete readings at least fifteen minutes apart without them, and a question by number.
    """
    reading, account, wait = None, connection.school_account, followers_interval(connection)
    known = Follower.objects.filter(school_account=account, ended_at=None).count()
    begun = _begun(account, at)
    read = begun.count if begun is not None else 0
    try:
        with reaching(connection, at=at, job=reading_followers(max(known - read, 0))) as reach:
            before = reach.ask("lookup", twitter.whoami, price=PRICE_OF_A_PROFILE)
            check_ourselves(reach, before)
            # The profile tells how long the list is today; the first time nobody knew.
            reach.check_fits(reading_followers(max((before.followers or known) - read, 0)))
            reading = _open_reading(account, at)
            # Where the profile says nobody, and nobody is known either, there is no list to read.
            why_not = "" if before.followers == 0 and not known else _read_pages(reach, twitter, reading, before)
            over = 0
            if not why_not:
                after = reach.ask("lookup", twitter.whoami, price=PRICE_OF_A_PROFILE)
                check_ourselves(reach, after)
                why_not = does_not_add_up(reading.count, before.followers, after.followers)
                over = max(before.followers or 0, after.followers or 0) - reading.count
            _finish(reach, reading, why_not)
            if not why_not:
                _check_the_missing(reach, twitter, reading, over)
        wait = wait if reading.complete else min(wait, APART)
    except TwitterError as error:
        reading = _interrupted(account, reading, error, at)
        wait = min(wait, _try_again(error))
    Connection.objects.filter(pk=connection.pk).update(followers_due_at=at + wait)
    return reading


def _try_again(error: TwitterError) -> timedelta:
    """How long after a reading that stopped: at once where only the time was over, later where asking again would not help."""
    if isinstance(error, OutOfTime):
        return timedelta(0)
    if isinstance(error, BudgetExceeded):
        return timedelta(hours=6)
    return timedelta(days=1) if isinstance(error, CapabilityUnavailable) else APART


def ask_for_followers(*, school_account: SchoolAccount, at: datetime) -> bool:
    """Have the followers read as soon as possible, because something rests on them. True when that was not so already."""
    later = Connection.objects.filter(school_account=school_account, followers_due_at__gt=at).exclude(kind=Connection.Kind.BY_HAND)
    return bool(later.update(followers_due_at=at))


def followers_interval(connection: Connection) -> timedelta:
    if connection.kind == Connection.Kind.SANDBOX:
        return timedelta(seconds=30)
    return timedelta(hours=policy(connection.school_account.school, "followers_every_hours"))


def does_not_add_up(count: int, before: int | None, after: int | None) -> str:
    """Why a list of `count` cannot be the whole one; empty when it can.

    It must come within five people or one in a hundred of what the profile said before and after (lists change while
    they are read). Nobody at all is believed only where the profile says nobody as well.
    """
    if before is None or after is None:
        return "Twitter did not say how many followers there are, so the list could not be checked."
    if count == 0 and (before or after):
        return f"Twitter sent an empty list, though the profile says {max(before, after)} followers."
    for said in (before, after):
        if abs(count - said) > max(5, said // 100):
            return f"The list has {count} followers, the profile says {said}."
    return ""


def _begun(account: SchoolAccount, at: datetime) -> ListReading | None:
    """A reading that stopped on its way and can be taken up where it stands."""
    api = ListReading.objects.filter(school_account=account, kind=ListReading.Kind.FOLLOWERS, source=ListReading.Source.API)
    started = api.filter(ended_at=None).order_by("-began_at").first()
    fresh = started is not None and bool(started.next_page) and at - started.began_at < TAKE_UP_WITHIN
    return started if fresh else None


def _open_reading(account: SchoolAccount, at: datetime) -> ListReading:
    """The reading that was interrupted a short while ago, or a new one."""
    if (begun := _begun(account, at)) is not None:
        return begun
    api = ListReading.objects.filter(school_account=account, kind=ListReading.Kind.FOLLOWERS, source=ListReading.Source.API)
    api.filter(ended_at=None).update(ended_at=at, why_not_complete="The reading was interrupted and begun again.")
    return ListReading.objects.create(school_account=account, kind=ListReading.Kind.FOLLOWERS, source=ListReading.Source.API, began_at=at)


def _read_pages(reach: Reach, twitter: Twitter, reading: ListReading, before: Profile) -> str:
    """Read from where the reading stands to the end. Returns why it is not whole, or nothing."""
    seen = {reading.next_page}
    # Pages may be short; a list that goes on far beyond the expected number is a loop.
    for _ in range(10 + (before.followers or 0) * 3 // 200):
        were, rest = reading.count, max((before.followers or PAGE) - reading.count, 1)
        reserved = min(PAGE, rest) * PRICE_OF_A_FOLLOWER
        page = reach.ask("followers", lambda: twitter.list_followers(reading.next_page), price=reserved)
        reach.settle(reserved=reserved, used=len(page.profiles) * PRICE_OF_A_FOLLOWER)
        _record_page(reach, reading, page)
        if not page.next_page:
            return ""
        if not page.profiles:
            return "Twitter sent an empty page that names a next one."
        if page.next_page in seen:
            return "Twitter sent the same page twice."
        if reading.count == were:
            return "Twitter sent the same people again."
        seen.add(page.next_page)
    return "The list did not come to an end."


def _record_page(reach: Reach, reading: ListReading, page: FollowersPage) -> None:
    account = reach.connection.school_account
    with transaction.atomic():
        reach.keep()
        shown_by_number = {shown.user_id.value: shown for shown in page.profiles}
        as_before = recording.as_before(
            school_account=account, numbers=shown_by_number, seen=recording.Seen.FOLLOWS, at=reach.at, shown=shown_by_number
        )
        for number, shown in shown_by_number.items():
            if number in as_before:
                continue
            row = recording.remember(school_account=account, shown=shown, at=reach.at)
            recording.observe(
                school_account=account, row=row, seen=recording.Seen.FOLLOWS, source=recording.Source.FOLLOWER_LIST, at=reach.at
            )
        current = Follower.objects.filter(school_account=account, ended_at=None, last_seen_at__gte=reading.began_at)
        reading.count, reading.next_page = current.count(), page.next_page
        reading.save(update_fields=["count", "next_page"])


def _finish(reach: Reach, reading: ListReading, why_not: str) -> None:
    reading.complete, reading.why_not_complete, reading.ended_at, reading.next_page = not why_not, why_not[:300], reach.at, ""
    with transaction.atomic():
        reach.keep()
        reading.save(update_fields=["complete", "why_not_complete", "ended_at", "next_page"])


def _check_the_missing(reach: Reach, twitter: Twitter, reading: ListReading, over: int) -> None:
    """Mark whom a complete reading missed; ask by number about those missed for the second time.

    Where Twitter does not tell relations the list alone may end somebody, and then only if the figures leave nobody over: the
    profile counts no more followers than the list has and are known to be suspended or gone.
    """
    account, at = reach.connection.school_account, reach.at
    missed = unread_since(account, reading.began_at)
    second_time = missed.filter(missing_since__lte=at - APART)
    look_at(reach, twitter, set(second_time.values_list("profile__twitter_user_id", flat=True)))
    with transaction.atomic():
        reach.keep()
        told = is_allowed(reach.connection, "connection_status")
        active = TwitterProfile.Standing.ACTIVE
        # Still open after the question: suspended or gone (they may come back), or Twitter does not tell relations.
        left = second_time.filter(profile__standing=active)
        believed = over <= missed.exclude(profile__standing=active).count()
        for follower in (left.filter(profile__twitter_user_id=None) if told else left).select_related("profile") if believed else []:
            seen, source = recording.Seen.NEITHER, recording.Source.FOLLOWER_LIST
            recording.observe(school_account=account, row=follower.profile, seen=seen, source=source, at=at)
        missed.filter(missing_since=None).update(missing_since=at)


def unread_since(account: SchoolAccount, began_at: datetime) -> QuerySet[Follower]:
    """Current followers whom the reading begun then has not shown."""
    return Follower.objects.filter(school_account=account, ended_at=None, last_seen_at__lt=began_at).order_by("pk")


def _interrupted(account: SchoolAccount, reading: ListReading | None, error: TwitterError, at: datetime) -> ListReading:
    """A page token is kept, to go on from; a reading that has none ends here."""
    if reading is None:
        reading = ListReading(school_account=account, kind=ListReading.Kind.FOLLOWERS, source=ListReading.Source.API, began_at=at)
    reading.why_not_complete, reading.complete = error.sentence[:300], False
    if not reading.next_page:
        reading.ended_at = at
    reading.save()
    return reading
