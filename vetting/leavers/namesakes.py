"""Who may be in the register twice: a list without numbers and without an e-mail address names a parent once for each child.

Whoever is gone by one entry may still belong by the other. Only a person can say whether two people of one name are one.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date

from django.db.models.functions import Lower

from vetting.roster.importing.names import folded
from vetting.roster.models import Basis, Person, PersonAddress
from vetting.roster.queries import current_on, describe
from vetting.school.models import School


def reasons_of_namesakes(school: School, gone: Collection[Person], day: date) -> dict[int, str]:
    """For each of these people the reason, in words, of somebody of the same name whom nothing tells apart from them."""
    if not gone:
        return {}
    current = Basis.objects.filter(current_on(day), person__school=school).exclude(person__in=[person.pk for person in gone])
    alike = current.annotate(sort_family=Lower("person__family")).filter(sort_family__in={person.family.lower() for person in gone})
    by_name: dict[tuple[str, str], list[Basis]] = defaultdict(list)
    for basis in alike.select_related("person", "pupil", "introduced_by").order_by("pk"):
        by_name[_name(basis.person)].append(basis)
    mailboxes = _mailboxes([*gone, *(basis.person for several in by_name.values() for basis in several)])
    found = {}
    for person in gone:
        others = (basis for basis in by_name[_name(person)] if not _told_apart(person, basis.person, mailboxes))
        if (basis := next(others, None)) is not None:
            found[person.pk] = describe(basis)
    return found


def _told_apart(one: Person, other: Person, mailboxes: dict[int, set[str]]) -> bool:
    """By numbers of their own in the school's system, or by addresses of their own."""
    if one.source_id and other.source_id:
        return True
    theirs = mailboxes[one.pk], mailboxes[other.pk]
    return all(theirs) and not theirs[0] & theirs[1]


def _name(person: Person) -> tuple[str, str]:
    return folded(person.given), folded(person.family)


def _mailboxes(people: Iterable[Person]) -> dict[int, set[str]]:
    found: dict[int, set[str]] = defaultdict(set)
    current = PersonAddress.objects.filter(person__in={person.pk for person in people}, until=None)
    for person, mailbox in current.values_list("person_id", "mailbox"):
        found[person].add(mailbox)
    return found
