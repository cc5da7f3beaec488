"""Writing who is who. Called by decisions and execution only, on a person's decision."""

from datetime import datetime

from django.db import transaction

from vetting.audit.events import Event
from vetting.audit.operations import record
from vetting.identities.models import Identification
from vetting.roster.models import Person
from vetting.school.changes import Changed
from vetting.school.operations import facts_changed
from vetting.twitter.models import TwitterProfile


@transaction.atomic
def identify(*, profile: TwitterProfile, person: Person, decision_id: int, at: datetime) -> Identification:
    """This account is this person from now on. Somebody else it was taken for before is ended, and said so."""
    current = Identification.objects.filter(school_id=profile.school_id, profile=profile, until=None).first()
    if current is not None and current.person_id == person.pk:
        return current
    if current is not None:
        end_identification(identification=current, why="a later decision named somebody else", at=at)
    made = Identification.objects.create(school_id=profile.school_id, profile=profile, person=person, decision_id=decision_id, since=at)
    record(
        school_id=profile.school_id,
        event=Event.IDENTIFIED,
        by=None,
        at=at,
        subject=made,
        words={"handle": profile.handle, "person": person.name},
    )
    facts_changed(profile.school_id, Changed.profile(profile.pk))
    return made


@transaction.atomic
def end_identification(*, identification: Identification, why: str, at: datetime) -> None:
    """Ending one twice changes nothing."""
    if Identification.objects.filter(pk=identification.pk, until=None).update(until=at, ended_why=why):
        record(
            school_id=identification.school_id,
            event=Event.IDENTIFICATION_ENDED,
            by=None,
            at=at,
            subject=identification,
            facts={"why": why},
            words={"handle": identification.profile.handle, "person": identification.person.name},
        )
        facts_changed(identification.school_id, Changed.profile(identification.profile_id))
