"""Raising and closing concerns."""

from datetime import datetime

from django.db import transaction

from accounts.models import User
from vetting.audit.events import Event
from vetting.audit.operations import record
from vetting.concerns.models import Concern
from vetting.intake.models import VerificationEmail
from vetting.roster.models import Person
from vetting.school.changes import Changed
from vetting.school.models import Role, School
from vetting.school.operations import facts_changed
from vetting.school.queries import roles_of
from vetting.twitter.models import TwitterProfile
from vetting.values import BadValue, Refused


class OnlyTheLead(Refused):
    """A concern is closed by the safeguarding lead alone."""


@transaction.atomic
def raise_concern(
    *,
    school: School,
    category: Concern.Category,
    words: str,
    by: User,
    at: datetime,
    profile: TwitterProfile | None = None,
    email: VerificationEmail | None = None,
    person: Person | None = None,
) -> Concern:
    """Pass a worry to the safeguarding lead. From now on nothing about its subject is approved.

    Raises BadValue when it is about nothing or says nothing.
    """
    if not words.strip():
        raise BadValue("Write what worries you, for the safeguarding lead.")
    if profile is None and email is None and person is None:
        raise BadValue("A concern is about an account, an e-mail or a person.")
    concern = Concern.objects.create(
        school=school, category=category, words=words.strip(), raised_by=by, raised_at=at, profile=profile, email=email, person=person
    )
    record(school_id=school.pk, event=Event.CONCERN_RAISED, by=by, at=at, subject=concern)
    facts_changed(school.pk, *_subjects(concern))
    return concern


@transaction.atomic
def close_concern(*, concern: Concern, outcome: str, by: User, at: datetime) -> None:
    """Raises OnlyTheLead, or BadValue when no outcome is written. Closing it twice changes nothing."""
    if Role.LEAD not in roles_of(school=concern.school, user=by):
        raise OnlyTheLead("Only the safeguarding lead closes a concern.")
    if not outcome.strip():
        raise BadValue("Write what came of it.")
    if Concern.objects.filter(pk=concern.pk, closed_at=None).update(closed_at=at, closed_by=by):
        concern.refresh_from_db()
        concern.outcome = outcome.strip()
        concern.save(update_fields=["outcome"])
        record(school_id=concern.school_id, event=Event.CONCERN_CLOSED, by=by, at=at, subject=concern)
        facts_changed(concern.school_id, *_subjects(concern))


def _subjects(concern: Concern) -> list[Changed]:
    said = ((Changed.profile, concern.profile_id), (Changed.email, concern.email_id), (Changed.person, concern.person_id))
    return [named(pk) for named, pk in said if pk is not None]
