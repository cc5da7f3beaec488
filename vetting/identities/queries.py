"""Reading who is who."""

from vetting.identities.models import Identification
from vetting.roster.models import Person
from vetting.twitter.models import TwitterProfile


def person_of(profile: TwitterProfile) -> Person | None:
    """Whom a profile is taken for now."""
    current = Identification.objects.filter(school_id=profile.school_id, profile=profile, until=None).select_related("person").first()
    return current.person if current else None


def profiles_of(person: Person) -> list[Identification]:
    """Every account a person was ever taken for, the current ones first."""
    rows = Identification.objects.filter(school_id=person.school_id, person=person).select_related("profile")
    return sorted(rows, key=lambda row: (row.until is not None, -row.since.timestamp()))
