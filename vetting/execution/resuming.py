"""A person lets a restored register act again. What the backup held as still to be done is asked for once more, never just done."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import User
from vetting.audit.events import Event
from vetting.audit.operations import record
from vetting.correspondence.models import OutgoingMail
from vetting.correspondence.operations import leave_unsent
from vetting.decisions.models import Decision, QueueItem
from vetting.decisions.operations import ask_once_more
from vetting.decisions.states import State
from vetting.school.models import School
from vetting.twitter.models import Connection, ListReading
from vetting.values import Refused

# Answered, and perhaps carried out since the backup was made.
_UNDER_WAY = (State.DECIDED, State.CARRYING_OUT, State.BY_HAND, State.HELD)


class NotYet(Refused):
    """The register cannot act again now; the sentence says what must come first."""


@dataclass(frozen=True)
class Restored:
    """How a restored school stands: since when it only watches, what will be asked once more, and what must come first."""

    restored_from: datetime
    restored_at: datetime
    answers: int
    letters: int
    must_come_first: str


def how_it_stands(school: School) -> Restored | None:
    """What an admin reads before letting the register act again, by the school's row as it was read; None where it acts."""
    if not school.only_watches or school.restored_at is None or school.restored_from is None:
        return None
    return Restored(
        restored_from=school.restored_from,
        restored_at=school.restored_at,
        answers=_under_way(school, school.restored_at).count(),
        letters=_letters(school, school.restored_at).count(),
        must_come_first=_must_come_first(school, school.restored_at),
    )


@transaction.atomic
def resume(*, school: School, by: User, at: datetime) -> Restored:
    """Let the register act again.

    Answers of people that were not carried out when the backup was made go back to where they were asked, and letters
    that had not gone stay unsent: both may be old, and both may have been done since.

    Raises:
        NotYet: it acts already, or the followers were not read in full since the restore.
    """
    row = School.objects.select_for_update().get(pk=school.pk)
    stands = how_it_stands(row)
    if stands is None:
        raise NotYet("The register acts already.")
    if stands.must_come_first:
        raise NotYet(stands.must_come_first)
    for item in _under_way(row, stands.restored_at).order_by("pk"):
        ask_once_more(item=item, by=by, at=at)
    leave_unsent(letters=_letters(row, stands.restored_at), at=at)
    School.objects.filter(pk=row.pk).update(resumed_at=at)
    facts = {"asked": stands.answers, "letters": stands.letters}
    record(school_id=row.pk, event=Event.RESUMED, by=by, at=at, subject=row, facts=facts)
    return stands


def _under_way(school: School, restored_at: datetime) -> QuerySet[QueueItem]:
    """Questions whose answer came out of the backup and was not seen to be done since. Those a held question would go on with count too."""
    old = Decision.objects.filter(item__school=school, undone_at=None, at__lt=restored_at)
    return QueueItem.objects.filter(school=school, state__in=_UNDER_WAY, pk__in=old.values("item"))


def _letters(school: School, restored_at: datetime) -> QuerySet[OutgoingMail]:
    return OutgoingMail.objects.filter(school=school, sent_at=None, given_up_at=None, made_at__lt=restored_at)


def _must_come_first(school: School, restored_at: datetime) -> str:
    """A complete reading of the followers of every account that Twitter lets us read."""
    read_by_us = Connection.objects.filter(school_account__school=school).exclude(kind=Connection.Kind.BY_HAND)
    for connection in read_by_us.select_related("school_account"):
        read = ListReading.objects.filter(
            school_account=connection.school_account, kind=ListReading.Kind.FOLLOWERS, complete=True, began_at__gte=restored_at
        )
        if not read.exists():
            return (
                f"The followers of @{connection.school_account.handle} were not read in full since the restore. "
                "Press “Check now” under Followers, or connect Twitter again first."
            )
    return ""
