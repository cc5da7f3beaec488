"""Who may be in the register twice: a list without numbers and without an e-mail address names a parent once for each child, and a
parent of another surname may have been taken for somebody new.

Whoever is gone by one entry may still belong by the other. Only a person can say whether two people of one name are one.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date

from django.db.models import Q
from django.db.models.functions import Lower

from vetting.roster.importing.names import folded
from vetting.roster.models import Basis, Person, PersonAddress
from vetting.roster.queries import current_on, describe
from vetting.school.models import School


def reasons_of_namesakes(school: School, gone: Collection[Person], day: date) -> dict[int, str]:
    """For each of these people the reason, in words, of somebody who may be they: of the same name with nothing that tells the two
    apart, or of the same first name with a child of theirs."""
    if not gone:
        return {}
    children: dict[int, set[int]] = defaultdict(set)
    ended = Basis.objects.filter(person__in=gone, pupil__isnull=False)
    for person_pk, child in ended.values_list("person_id", "pupil_id"):
        children[person_pk].add(child or 0)
    alike = Basis.objects.filter(current_on(day), person__school=school).annotate(sort_family=Lower("person__family"))
    maybe = alike.filter(Q(sort_family__in={person.family.lower() for person in gone}) | Q(pupil__in=set[int]().union(*children.values())))
    by_given: dict[str, list[Basis]] = defaultdict(list)
    for one in maybe.select_related("person", "pupil", "introduced_by").order_by("pk"):
        by_given[folded(one.person.given)].append(one)
    mailboxes = _mailboxes([*gone, *(basis.person for several in by_given.values() for basis in several)])
    found: dict[int, str] = {}
    for person in gone:
        for basis in by_given[folded(person.given)]:
            if basis.person_id != person.pk and (basis.pupil_id in children[person.pk] or _is_namesake(person, basis.person, mailboxes)):
                found.setdefault(person.pk, describe(basis))
    return found


def _is_namesake(one: Person, other: Person, mailboxes: dict[int, set[str]]) -> bool:
    return folded(one.family) == folded(other.family) and not _told_apart(one, other, mailboxes)


def _told_apart(one: Person, other: Person, mailboxes: dict[int, set[str]]) -> bool:
    """By numbers of their own in the school's system, or by addresses of their own."""
    if one.source_id and other.source_id:
        return True
    theirs = mailboxes[one.pk], mailboxes[other.pk]
    return all(theirs) and not theirs[0] & theirs[1]


def _mailboxes(people: Iterable[Person]) -> dict[int, set[str]]:
    found: dict[int, set[str]] = defaultdict(set)
    current = PersonAddress.objects.filter(person__in={person.pk for person in people}, until=None)
    for person, mailbox in current.values_list("person_id", "mailbox"):
        found[person].add(mailbox)
    return found
