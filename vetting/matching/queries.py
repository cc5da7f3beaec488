"""Reading the machine's opinions for the screens."""

from dataclasses import dataclass

from django.db.models import F

from vetting.matching.models import Match
from vetting.roster.models import Person
from vetting.school.models import School
from vetting.twitter.models import FollowRequest


@dataclass(frozen=True)
class Row:
    """One line of the comparison: what the message says, what the school holds, what the account shows."""

    label: str
    email: str
    on_file: str
    asking: str


def schools_to_rematch() -> list[School]:
    """Schools with facts that matching has not seen."""
    return list(School.objects.filter(facts_version__gt=F("matched_version")).order_by("pk"))


def standing_match(request: FollowRequest) -> Match | None:
    """The opinion that holds for a request now."""
    return Match.objects.filter(follow_request=request, superseded_at=None).select_related("person", "claim", "profile").first()


def candidates(match: Match) -> list[tuple[Person, str]]:
    """Others who come into question, best first, with what speaks for each."""
    people = Person.objects.filter(school=match.school_id).in_bulk([row["person"] for row in match.candidates])
    return [(people[row["person"]], row["sentence"]) for row in match.candidates if row["person"] in people]


def side_by_side(match: Match) -> list[Row]:
    """Name, Twitter name, address and child, three times over. Empty where there is nothing to compare."""
    claim, person, profile = match.claim, match.person, match.profile
    named = [reading.text_as_written for reading in claim.readings.order_by("start", "pk")] if claim is not None else []
    held = list(person.addresses.filter(until=None).order_by("address").values_list("address", flat=True)) if person is not None else []
    children = _children(person) if person is not None else []
    rows = [
        Row("Name", claim.sender_name if claim is not None else "", person.name if person is not None else "", profile.display_name),
        Row("Twitter name", ", ".join(named), "", f"@{profile.handle}"),
        Row("E-mail address", claim.sender_address if claim is not None else "", ", ".join(held), ""),
        Row("Child", claim.child_text if claim is not None else "", ", ".join(name for name, _ in children), ""),
        Row("Class", claim.class_text if claim is not None else "", ", ".join(dict.fromkeys(c for _, c in children if c)), ""),
    ]
    return [row for row in rows if row.email or row.on_file or row.asking]


def _children(person: Person) -> list[tuple[str, str]]:
    bases = person.bases.filter(ends_on=None, pupil__isnull=False).select_related("pupil").order_by("pupil__given", "pk")
    return [(basis.pupil.name, basis.pupil.class_name) for basis in bases if basis.pupil is not None]
