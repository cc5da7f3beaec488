"""What a rehearsal says: counts before and after, who changes, what a person must look at. Pure."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from vetting.roster.importing.checks import for_the_lead, listed, year_order
from vetting.roster.importing.comparing import Comparison, leaves
from vetting.roster.importing.dates import lines_of_dates
from vetting.roster.importing.gathering import Link, ListedPerson, ListedPupil
from vetting.roster.importing.leaving import Leaving
from vetting.roster.importing.register import Register

# A page of names: a list of a whole trust is counted in full and shown in part.
SHOWN = 500
Line = dict[str, str]


def rehearsal(comparison: Comparison, register: Register, leaving: Leaving) -> dict[str, Any]:
    """The page that is read before anything is applied, as stored on the RosterImport.

    Keys: counts, totals, before, after, years; new, changed, no_longer_listed, needs_you (lists of {name, sentence}, the first
    of many); same, children, changes, outcome (what two rehearsals that would do the same have in common); marks and for_lead, which
    only the safeguarding lead is shown.
    """
    settled = comparison.settled
    new = [person for person in settled if person.known is None]
    changed = [person for person in settled if person.known and person.is_changed]
    current = [pupil for pupil in register.pupils if not pupil.has_left]
    addresses = sum(len(person.addresses) for person in register.people)
    more, fewer = (sum(len(getattr(person, which)) for person in settled) for which in ("new_addresses", "old_addresses"))
    questions = [person for person in comparison.people if person.question]
    gone = list(_no_longer_listed(comparison, leaving))
    moved = [{"name": pupil.name, "sentence": _moved(pupil)} for pupil in comparison.changed_pupils if leaves(pupil) or pupil.returned]
    return {
        "counts": _counts(comparison),
        "totals": {
            "new": len(new),
            "changed": len(changed),
            "no_longer_listed": len(comparison.absent_people),
            "needs_you": len(questions),
            "kept": len(leaving.kept),
            "leavers": len(leaving.leavers),
        },
        "before": {"pupils": len(current), "people": len(register.people), "addresses": addresses},
        "after": {
            "pupils": len(current) + len(comparison.new_pupils),
            "people": len(register.people) + len(new),
            "addresses": addresses + more - fewer,
        },
        "years": _years(comparison, register),
        "new": [{"name": person.name, "sentence": _children(person.links)} for person in new[:SHOWN]],
        "changed": [*_told(changed), *moved, *lines_of_dates(comparison.pupils)][:SHOWN],
        "no_longer_listed": gone[:SHOWN],
        "needs_you": [_asked(person) for person in questions[:SHOWN]],
        "same": len(settled) - len(new) - len(changed),
        "children": {"new": len(comparison.new_pupils), "changed": len(comparison.changed_pupils)},
        "marks": comparison.new_marks,
        "for_lead": for_the_lead(comparison),
        "changes": comparison.change_count,
        "outcome": outcome(comparison),
    }


def _counts(comparison: Comparison) -> dict[str, int]:
    """What stands in the file; `emails` counts an address once for each who has it."""
    return {
        "rows": comparison.rows,
        "pupils": len(comparison.pupils),
        "people": len(comparison.people),
        "addresses": len({address for person in comparison.people for address in person.addresses}),
        "emails": sum(len(person.addresses) for person in comparison.people),
    }


def _told(changed: Iterable[ListedPerson]) -> Iterator[Line]:
    return ({"name": person.name, "sentence": "; ".join(person.said)} for person in islice(changed, SHOWN))


def _asked(person: ListedPerson) -> Line:
    line = {"name": person.name, "sentence": person.question}
    about = person if person.asked else next((link.pupil for link in person.links if link.pupil.asked), None)
    if about is not None:
        line |= {"sentence": about.question, "key": about.asked}
    return line


def outcome(comparison: Comparison) -> str:
    """A digest of everything applying the list would do."""
    digest = hashlib.sha256()
    for person in comparison.people:
        if person.question or person.known is None or person.is_changed:
            known = person.known.pk if person.known else None
            digest.update(
                f"{person.row.contact_id}|{person.row.given}|{person.row.family}|{known}|{person.question}|{person.said}"
                f"|{person.new_addresses}|{person.old_addresses}".encode()
            )
    for pupil in comparison.pupils:
        if pupil.known is None or pupil.question or pupil.returned or leaves(pupil) or pupil.changes:
            known = pupil.known.pk if pupil.known else None
            digest.update(f"{pupil.row.pupil_id}|{pupil.name}|{known}|{pupil.question}|{pupil.returned}|{pupil.changes}".encode())
    for missing in (*comparison.missing, *comparison.ending):
        digest.update(repr((missing.link.basis, missing.ends_on)).encode())
    marks = [(person.known and person.known.pk, pupil and pupil.row.pupil_id) for person, pupil in comparison.marks_to_place()]
    gone, back = ([mark.pk for mark in which] for which in (comparison.marks_gone, comparison.marks_back))
    digest.update(repr((marks, gone, back, [link.basis for link in comparison.reappeared])).encode())
    return digest.hexdigest()


def _years(comparison: Comparison, register: Register) -> list[dict[str, Any]]:
    was = Counter(pupil.year for pupil in register.pupils if not pupil.has_left)
    now = Counter(pupil.row.year for pupil in comparison.pupils)
    return [{"year": year or "No year", "was": was[year], "now": now[year]} for year in sorted(was.keys() | now.keys(), key=year_order)]


def _moved(pupil: ListedPupil) -> str:
    if pupil.returned and pupil.known and pupil.known.left_on and not pupil.known.has_left:
        return f"does not leave on {pupil.known.left_on:%-d %b %Y} after all."
    if pupil.returned:
        return "was marked as left and is back."
    return f"leaving date {pupil.row.left_on:%-d %b %Y}"


def _no_longer_listed(comparison: Comparison, leaving: Leaving) -> Iterator[Line]:
    for pupil in comparison.absent_pupils:
        yield {"name": pupil.name, "sentence": f"{pupil.year or 'Child'}: not on this list."}
    kept = {known.pk: why for known, why in leaving.kept}
    first = {missing.person.pk for missing in comparison.missing}
    waiting = {missing.person.pk for missing in comparison.waiting}
    leavers = {person.pk for person in leaving.leavers}
    for person in comparison.absent_people:
        if person.pk in kept:
            continue
        yield {"name": person.name, "sentence": _absent_person(person.pk, first, waiting, leavers)}
    for person in leaving.by_date:
        names = listed([pupil.name for pupil in leaving.children[person.pk]])
        yield {"name": person.name, "sentence": f"leaves with {names} by the date in the list."}
    for known, why in leaving.kept:
        yield {"name": known.name, "sentence": why}


def _absent_person(pk: int, first: set[int], waiting: set[int], leavers: set[int]) -> str:
    if pk in leavers:
        return "missing from two complete lists: the reason to follow ends, and the days of grace begin."
    if pk in first:
        return "not listed, no leaving date. First time: waits for one more complete list."
    if pk in waiting:
        return "not listed, no leaving date. Waits for a complete list that is at least a day younger than the first."
    return "not listed. Noted; nothing ends until somebody marks them as left."


def _children(links: Sequence[Link]) -> str:
    names = [f"{link.pupil.name} ({link.pupil.row.year})" if link.pupil.row.year else link.pupil.name for link in links]
    relationship = links[0].relationship.lower() if links and links[0].relationship else "contact"
    return f"{relationship} of {listed(names)}"
