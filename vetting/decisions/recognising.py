"""Saying who somebody is who follows already: a named colleague's word, with how they know. It lets nobody in and removes nobody."""

from datetime import datetime

from django.db import transaction

from accounts.models import User
from vetting.decisions.models import QueueItem, Verification
from vetting.decisions.moving import restricted_since, touch
from vetting.decisions.policies import NEEDS_THE_LEAD, NotNow, NotSafe, NotYours
from vetting.decisions.states import OPEN, State
from vetting.identities.models import Identification
from vetting.identities.operations import identify
from vetting.identities.queries import person_of
from vetting.roster.models import Person
from vetting.school.models import Role
from vetting.school.queries import roles_of
from vetting.twitter.models import Follower
from vetting.values import BadValue


@transaction.atomic
def recognise_follower(
    *, follower: Follower, person: Person, how: Verification.How, by: User, at: datetime, note: str = ""
) -> Identification:
    """ "This follower is Dana Hill; I asked her at the gate." From now on they stand under what is known of that person.

    A mark on the person then is the safeguarding lead's question as of anybody who follows; an open question about the
    follower is shown anew, with the person.

    Raises:
        NotYours: neither office nor admin nor safeguarding lead. BadValue: the person is another school's. NotNow: they no longer follow.
        NotSafe: who they are taken for has a mark, or the question is with the safeguarding lead: nobody else says otherwise.
    """
    row = Follower.objects.select_for_update(of=("self",)).select_related("profile", "school_account").get(pk=follower.pk)
    if not roles_of(school=row.school_account.school, user=by) & {Role.OFFICE, Role.ADMIN, Role.LEAD}:
        raise NotYours("Only the office, an admin or the safeguarding lead says who a follower is.")
    _check_not_with_the_lead(row, by)
    if person.school_id != row.school_account.school_id:
        raise BadValue("They belong to another school.")
    if row.ended_at is not None:
        raise NotNow("They no longer follow.")
    how = Verification.How(how)
    made = identify(profile=row.profile, person=person, decision_id=None, at=at, said_by=by, how=how.value, note=note.strip())
    states = sorted(state.value for state in OPEN)
    asked = QueueItem.objects.filter(school_account=row.school_account, profile=row.profile, kind=QueueItem.Kind.REMOVAL, state__in=states)
    for item in asked.exclude(person=person):
        touch(item=item, person=person, evidence_changed_at=at)
    return made


def _check_not_with_the_lead(follower: Follower, by: User) -> None:
    if Role.LEAD in roles_of(school=follower.school_account.school, user=by):
        return
    taken_for = person_of(follower.profile)
    held = QueueItem.objects.filter(school_account=follower.school_account, profile=follower.profile, state=State.HELD).exists()
    if held or (taken_for is not None and restricted_since(taken_for, None)):
        raise NotSafe(NEEDS_THE_LEAD)
