"""Reading concerns. What one says is for the safeguarding lead; that one is open is for everybody who decides."""

from datetime import datetime

from django.db.models import Q

from vetting.concerns.models import Concern
from vetting.roster.models import Person
from vetting.school.models import School
from vetting.twitter.models import TwitterProfile


def open_concern(
    *, profile: TwitterProfile, person: Person | None, email_id: int | None = None, since: datetime | None = None
) -> Concern | None:
    """The oldest open concern about a profile, a person or the e-mail that speaks for them; with `since`, only one raised after it."""
    about = Q(profile=profile)
    if person is not None:
        about |= Q(person=person)
    if email_id is not None:
        about |= Q(email=email_id)
    concerns = Concern.objects.filter(about, school_id=profile.school_id, closed_at=None)
    if since is not None:
        concerns = concerns.filter(raised_at__gt=since)
    return concerns.order_by("raised_at").first()


def open_concerns(school: School) -> list[Concern]:
    """For the safeguarding lead, oldest first."""
    return list(
        Concern.objects.filter(school=school, closed_at=None)
        .select_related("profile", "person", "email", "raised_by")
        .order_by("raised_at")
    )


def how_many_open(school: School) -> int:
    """For the navigation: a count, without reading what anybody wrote."""
    return Concern.objects.filter(school=school, closed_at=None).count()
