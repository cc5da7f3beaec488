"""Who may be in the register twice: a list without numbers and without an e-mail address names a parent once for each child, and a
parent of another surname may have been taken for somebody new. Of two entries a list renames the one whose child is still there.

Whoever is gone by one entry may still belong, or be within grace, by the other. Only a person can say whether two people of one name
are one.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable

from django.db.models import Q
from django.db.models.functions import Lower

from vetting.roster.importing.names import folded
from vetting.roster.models import Basis, Person, PersonAddress
from vetting.school.models import School


def namesakes_of(school: School, gone: Collection[Person]) -> dict[int, set[int]]:
    """For each of these people those who may be they: of the same name, now or formerly, with nothing that tells the two apart, or
    of the same first name with a child of theirs."""
    if not gone:
        return {}
    children: dict[int, set[int]] = defaultdict(set)
    for person_pk, child in Basis.objects.filter(person__in=gone, pupil__isnull=False).values_list("person_id", "pupil_id"):
        children[person_pk].add(child or 0)
    families = {family.lower() for person in gone for family in _families(person)}
    named = Basis.objects.filter(person__school=school)
    named = named.annotate(now=Lower("person__family"), formerly=Lower("person__previous_family"))
    maybe = named.filter(Q(now__in=families) | Q(formerly__in=families) | Q(pupil__in=set[int]().union(*children.values())))
    by_given: dict[str, list[Basis]] = defaultdict(list)
    for one in maybe.select_related("person"):
        by_given[folded(one.person.given)].append(one)
    mailboxes = _mailboxes([*gone, *(basis.person for several in by_given.values() for basis in several)])
    found: dict[int, set[int]] = defaultdict(set)
    for person in gone:
        for basis in by_given[folded(person.given)]:
            if basis.person_id != person.pk and (basis.pupil_id in children[person.pk] or _is_namesake(person, basis.person, mailboxes)):
                found[person.pk].add(basis.person_id)
    return found


def _is_namesake(one: Person, other: Person, mailboxes: dict[int, set[str]]) -> bool:
    shared = {folded(family) for family in _families(one)} & {folded(family) for family in _families(other)}
    return bool(shared) and not _told_apart(one, other, mailboxes)


def _families(person: Person) -> tuple[str, ...]:
    return (person.family, person.previous_family) if person.previous_family else (person.family,)


def _told_apart(one: Person, other: Person, mailboxes: dict[int, set[str]]) -> bool:
    """By numbers of their own in the school's system, or by addresses of their own, those they had before included."""
    if one.source_id and other.source_id:
        return True
    theirs = mailboxes[one.pk], mailboxes[other.pk]
    return all(theirs) and not theirs[0] & theirs[1]


def _mailboxes(people: Iterable[Person]) -> dict[int, set[str]]:
    found: dict[int, set[str]] = defaultdict(set)
    had = PersonAddress.objects.filter(person__in={person.pk for person in people})
    for person, mailbox in had.values_list("person_id", "mailbox"):
        found[person].add(mailbox)
    return found
