"""What a rehearsal says: counts before and after, who changes, what a person must look at, and when the whole list is stopped. Pure."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from vetting.roster.children import year_number
from vetting.roster.importing.comparing import Comparison, KnownPerson, Register, leaves
from vetting.roster.importing.rows import ListedRow

# A year group smaller than this may really end; a larger one that vanishes means a filtered report.
SMALLEST_YEAR_THAT_CANNOT_VANISH = 5
MISSING_SHARE_THAT_STOPS = 0.20


def rehearsal(comparison: Comparison, register: Register, rows: Sequence[ListedRow]) -> dict[str, Any]:
    """The page that is read before anything is applied, as stored on the RosterImport.

    Keys: counts, before, after, years; new, changed, no_longer_listed, needs_you (lists of {name, sentence}); same, children,
    marks, changes.
    """
    new = [person for person in comparison.settled if person.known is None]
    changed = [person for person in comparison.settled if person.known and person.is_changed]
    same = [person for person in comparison.settled if person.known and not person.is_changed]
    current = [pupil for pupil in register.pupils if not pupil.has_left]
    addresses = sum(len(person.addresses) for person in register.people)
    more, fewer = (sum(len(getattr(person, which)) for person in comparison.settled) for which in ("new_addresses", "old_addresses"))
    return {
        "counts": {
            "rows": len(rows),
            "pupils": len(comparison.pupils),
            "people": len(comparison.people),
            "addresses": len({address for person in comparison.people for address in person.addresses}),
        },
        "before": {"pupils": len(current), "people": len(register.people), "addresses": addresses},
        "after": {
            "pupils": len(current) + len(comparison.new_pupils),
            "people": len(register.people) + len(new),
            "addresses": addresses + more - fewer,
        },
        "years": _years(comparison, register),
        "new": [{"name": person.name, "sentence": _children(person.links)} for person in new],
        "changed": [{"name": person.name, "sentence": "; ".join(person.said)} for person in changed] + _leaving(comparison),
        "no_longer_listed": _absent(comparison),
        "needs_you": [{"name": person.name, "sentence": person.question} for person in comparison.people if person.question],
        "same": len(same),
        "children": {"new": len(comparison.new_pupils), "changed": len(comparison.changed_pupils)},
        "marks": comparison.new_marks,
        "changes": comparison.change_count,
    }


def warnings_of(comparison: Comparison) -> list[str]:
    """What is worth a look though it stops nothing."""
    found = []
    others = sum(1 for person in comparison.settled if not any(link.is_family for link in person.links))
    if others:
        found.append(f"{others} contacts are not family (a social worker, say): they are kept as known people without a reason to follow.")
    shared = Counter(address for person in comparison.people for address in person.addresses)
    if several := sum(1 for count in shared.values() if count > 1):
        belong = "address belongs" if several == 1 else "addresses belong"
        found.append(f"{several} e-mail {belong} to more than one person. That is normal.")
    if without := sum(1 for person in comparison.people if not person.addresses):
        found.append(f"{without} of {len(comparison.people)} people have no e-mail address.")
    if comparison.new_marks:
        found.append(f"{comparison.new_marks} {'entry goes' if comparison.new_marks == 1 else 'entries go'} to the safeguarding lead.")
    if unsettled := sum(1 for person in comparison.people if person.question and any(link.mark for link in person.links)):
        entries = "entry that needs you carries" if unsettled == 1 else "entries that need you carry"
        found.append(f"{unsettled} {entries} a mark, and no mark is placed until it is settled: tell the safeguarding lead.")
    return found


def stop_sentence(comparison: Comparison, register: Register) -> str:
    """Why a complete list must not be applied; empty when its shape is believable.

    A year group that was there and is gone, or more than a fifth of the people missing, is a filtered report far more often than a truth.
    """
    families = [person for person in register.people if person.children]
    missing = len(comparison.absent_people)
    vanished = [
        entry["year"] for entry in _years(comparison, register) if entry["was"] >= SMALLEST_YEAR_THAT_CANNOT_VANISH and not entry["now"]
    ]
    parts = []
    if families and missing > len(families) * MISSING_SHARE_THAT_STOPS:
        parts.append(f"This file would show {missing} of {len(families)} adults ({missing * 100 // len(families)}%) as gone.")
    if vanished:
        are = "is" if len(vanished) == 1 else "are"
        parts.append(f"{_listed(vanished)} {are} missing.")
    return f"Stopped. Nothing has changed. {' '.join(parts)} This usually means the report was filtered." if parts else ""


def _years(comparison: Comparison, register: Register) -> list[dict[str, Any]]:
    was = Counter(pupil.year for pupil in register.pupils if not pupil.has_left)
    now = Counter(pupil.row.year for pupil in comparison.pupils)
    names = sorted(was.keys() | now.keys(), key=lambda year: (year_number(year) is None, year_number(year) or 0, year))
    return [{"year": year or "No year", "was": was[year], "now": now[year]} for year in names]


def _leaving(comparison: Comparison) -> list[dict[str, str]]:
    leaving = [pupil for pupil in comparison.changed_pupils if leaves(pupil)]
    return [{"name": pupil.name, "sentence": f"leaving date {pupil.row.left_on:%-d %b %Y}"} for pupil in leaving]


def _absent(comparison: Comparison) -> list[dict[str, str]]:
    gone = {pupil.pk for pupil in comparison.absent_pupils}
    lines = [
        {"name": pupil.name, "sentence": f"{pupil.year or 'Child'}: not on this list. Nothing ends until somebody marks them as left."}
        for pupil in comparison.absent_pupils
    ]
    lines += [{"name": person.name, "sentence": _absent_person(person, gone)} for person in comparison.absent_people]
    for listed in comparison.people:
        if listed.known and gone & listed.known.children.keys():
            kept = [link.pupil for link in listed.links if link.is_family]
            if kept:
                still = f"still parent or carer of {kept[0].name}, {kept[0].row.year}: kept."
                lines.append({"name": listed.name, "sentence": still})
    return lines


def _absent_person(person: KnownPerson, gone: set[int]) -> str:
    if person.children.keys() <= gone:
        return "not on this list, nor is any of their children. Noted; nothing ends until somebody marks them as left."
    return "not on this list, though a child of theirs is. Noted; nothing ends."


def _children(links: Sequence[Any]) -> str:
    names = [f"{link.pupil.name} ({link.pupil.row.year})" if link.pupil.row.year else link.pupil.name for link in links]
    relationship = links[0].relationship.lower() if links and links[0].relationship else "contact"
    return f"{relationship} of {_listed(names)}"


def _listed(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
