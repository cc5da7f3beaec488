"""The school's own account as Twitter shows it: whose keys these are, and whether it is still protected."""

from django.db import transaction

from vetting.school.changes import EVERYTHING
from vetting.school.models import SchoolAccount
from vetting.school.operations import clear_alarm, facts_changed, raise_alarm
from vetting.school.queries import policy
from vetting.twitter.budget import PRICE_OF_A_PROFILE
from vetting.twitter.port import Profile, ReconnectRequired, Twitter
from vetting.twitter.reaching import Reach

ACCOUNT_PUBLIC = "twitter-account-public"


def is_public_on_purpose(account: SchoolAccount) -> bool:
    """Whether the school's rule says so: then nobody is approved and followers are only watched."""
    return bool(policy(account.school, "account_is_public"))


def know_ourselves(reach: Reach, twitter: Twitter) -> None:
    """Before the first reading with new keys: whose are they?"""
    if reach.connection.school_account.twitter_user_id is None or reach.connection.last_ok_at is None:
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
    with transaction.atomic():
        reach.keep()
        note_ourselves(reach, me)


def note_ourselves(reach: Reach, me: Profile) -> None:
    """Write down the school's own profile, and raise or clear the alarm about its being public. Called inside a transaction."""
    account, at = reach.connection.school_account, reach.at
    fresh: dict[str, object] = {"twitter_user_id": me.user_id.value, "handle": me.handle.value}
    if me.protected is not None:
        fresh |= {"protected": me.protected, "protected_seen_at": at}
    SchoolAccount.objects.filter(pk=account.pk).update(**fresh)
    if account.handle != me.handle.value:
        facts_changed(account.school_id, EVERYTHING)
    account.refresh_from_db()
    if account.protected is False and not is_public_on_purpose(account):
        sentence = (
            f"The account {me.handle} is public: everybody can read it and nobody needs to ask. "
            "Requests that were waiting may have been let in or lost. Make it private in Twitter."
        )
        raise_alarm(school=account.school, kind=ACCOUNT_PUBLIC, subject=str(account.pk), sentence=sentence, at=at)
    elif account.protected is not None:
        clear_alarm(school=account.school, kind=ACCOUNT_PUBLIC, subject=str(account.pk), at=at)
