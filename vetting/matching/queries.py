"""Reading the machine's opinions for the screens."""

from django.db.models import F, QuerySet

from vetting.matching.models import Match
from vetting.roster.models import Person
from vetting.school.models import School


def schools_to_rematch() -> list[School]:
    """Schools with facts that matching has not seen."""
    return list(School.objects.filter(facts_version__gt=F("matched_version")).order_by("pk"))


def candidates(match: Match) -> list[tuple[Person, str]]:
    """Others who come into question, best first, with what speaks for each."""
    people = Person.objects.filter(school=match.school_id).in_bulk([row["person"] for row in match.candidates])
    return [(people[row["person"]], row["sentence"]) for row in match.candidates if row["person"] in people]


def standing_opinions(school: School) -> QuerySet[Match]:
    """What is thought of the requests that are open now."""
    return Match.objects.filter(school=school, superseded_at=None, follow_request__ended_at=None)
