"""Whose reasons a list ends, and who stays all the same and why. Pure."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from vetting.roster.importing.comparing import Comparison, leaves
from vetting.roster.importing.register import KnownPerson, KnownPupil, Register


@dataclass
class Leaving:
    """Adults with a reason that this list ends or no longer bears out.

    `leavers` lose their last one: by a leaving date (`by_date`, with the children who leave) or missing from two complete lists.
    `kept` go on having another; each with the sentence that says which.
    """

    leavers: list[KnownPerson] = field(default_factory=list)
    by_date: list[KnownPerson] = field(default_factory=list)
    kept: list[tuple[KnownPerson, str]] = field(default_factory=list)
    children: Mapping[int, Sequence[KnownPupil]] = field(default_factory=dict)


def who_leaves(comparison: Comparison, register: Register) -> Leaving:
    """Look at everybody of whom a reason ends or is not borne out."""
    dated = {pupil.known.pk for pupil in comparison.pupils if pupil.known and not pupil.question and leaves(pupil)}
    ending: dict[int, set[int]] = defaultdict(set)
    absent: dict[int, set[int]] = defaultdict(set)
    for missing in comparison.ending:
        ending[missing.person.pk].add(missing.pupil.pk)
    for missing in (*comparison.missing, *comparison.waiting, *comparison.by_hand):
        absent[missing.person.pk].add(missing.pupil.pk)
    if not (dated or ending or absent):
        return Leaving()
    people = {person.known.pk: person for person in comparison.people if person.known}
    pupils = {pupil.pk: pupil for pupil in register.pupils}
    gone: dict[int, list[KnownPupil]] = {}
    found = Leaving(children=gone)
    for known in register.people:
        by_date, by_absence, unseen = dated & known.children.keys(), ending[known.pk], absent[known.pk]
        if not (by_date or by_absence or unseen):
            continue
        person = people.get(known.pk)
        over = {child for child, link in known.children.items() if not link.runs_on}
        staying = [child for child in known.children if child not in by_date | by_absence | unseen | over]
        still = [link.pupil for link in person.links if link.is_new and not link.pupil.row.left_on] if person else []
        if staying or still or known.other_reason:
            found.kept.append((known, _why_kept(known, [pupils[child] for child in staying], [pupil.name for pupil in still])))
        elif not unseen:
            found.leavers.append(known)
            gone[known.pk] = [pupils[child] for child in by_date | by_absence]
            if by_date:
                found.by_date.append(known)
    return found


def _why_kept(known: KnownPerson, staying: Sequence[KnownPupil], new: Sequence[str]) -> str:
    if staying:
        year = f", {staying[0].year}" if staying[0].year else ""
        return f"still parent or carer of {staying[0].name}{year}: kept."
    if new:
        return f"now parent or carer of {new[0]}: kept."
    return f"still {known.other_reason}: kept."
