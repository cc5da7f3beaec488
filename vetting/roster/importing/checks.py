"""When a list is stopped, and what is worth a look. Each reason is a sentence that names what is missing and what to do. Pure."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from vetting.roster.children import year_number
from vetting.roster.importing.comparing import Comparison, Terms, expected_to_leave, goes_with_the_last_year, top_year
from vetting.roster.importing.leaving import Leaving
from vetting.roster.importing.mapping import TITLES, Columns, Field
from vetting.roster.importing.register import KnownLink, KnownPupil, Register
from vetting.roster.importing.rows import RowCount
from vetting.school.limits import SMALLEST_THAT_CANNOT_VANISH, Limits

STOPPED = "Stopped. Nothing has changed."
OVERTAKEN = "A newer list was loaded since this one came in: who is missing from this one is not noted."
# So many more rows than last time (in percentage points) may lack something they need.
MORE_EMPTY_THAN_LAST_TIME = 20
# Lists shorter than this say nothing by their shares.
FEW_ROWS = 5
FEW_PUPILS = 10
MOVED_DOWN_PERCENT, STRANGERS_PERCENT, CONFLICTS_PERCENT = 20, 90, 20


# Without these nobody is taken for somebody else, and nobody is missing.
_OF_NO_CONSEQUENCE = frozenset({TITLES[Field.TITLE], TITLES[Field.CLASS]})


@dataclass(frozen=True)
class LastList:
    """What is remembered of the last list that was loaded: how its rows were filled and from which headings."""

    rows: Mapping[str, int]
    kept: Mapping[str, str]

    def percent(self, name: str) -> int:
        return _percent(self.rows.get(name, 0), self.rows.get("read", 0))


def stop_sentences(
    comparison: Comparison,
    register: Register,
    leaving: Leaving,
    *,
    terms: Terms,
    limits: Limits,
    count: RowCount,
    columns: Columns,
    last: LastList | None,
    columns_confirmed: bool,
) -> list[str]:
    """Why a list must not be applied; empty when its shape is believable."""
    reasons = _of_the_file(count, columns, last)
    if terms.complete and last is not None and not columns_confirmed:
        reasons += _other_columns(columns, last)
    if register.people:
        reasons += _another_school(comparison, register)
        reasons += _wrong_year(comparison)
        reasons += _conflicts(comparison)
        if terms.complete and not reasons:
            reasons += _missing_families(comparison, register, terms, limits)
        if not reasons:
            reasons += _too_many_dates(register, leaving, terms, limits)
    return reasons


def as_facts(count: RowCount) -> dict[str, int]:
    return asdict(count)


def _of_the_file(count: RowCount, columns: Columns, last: LastList | None) -> list[str]:
    reasons = []
    if count.read < FEW_ROWS:
        return []
    without = count.without_mail
    if columns.has(Field.EMAIL) and without == count.listed:
        reasons.append(
            f"The e-mail column is empty in all {count.listed} rows. The report probably lost the right to show it: "
            "export it again from an account that may see e-mail addresses."
        )
    elif last is not None and _percent(without, count.listed) > last.percent("without_mail") + MORE_EMPTY_THAN_LAST_TIME:
        reasons.append(
            f"{without} of {count.listed} rows have no e-mail address; in the last list {last.rows.get('without_mail', 0)} of "
            f"{last.rows.get('read', 0)} had none. Export it again with the e-mail addresses of all contacts."
        )
    left_out_before = last.percent("left_out") if last is not None else 0
    if _percent(count.left_out, count.read) > left_out_before + MORE_EMPTY_THAN_LAST_TIME and count.left_out < count.read:
        reasons.append(
            f"{count.left_out} of {count.read} rows do not name both a child and an adult. Export it again with both names in every row."
        )
    if last is not None and _percent(count.without_year, count.listed) > last.percent("without_year") + MORE_EMPTY_THAN_LAST_TIME:
        reasons.append(
            f"{count.without_year} of {count.listed} rows lack a year group; in the last list {last.rows.get('without_year', 0)} had none. "
            "Export it again with the year group."
        )
    return reasons


def _other_columns(columns: Columns, last: LastList) -> list[str]:
    """A column that was read last time is gone, or another one stands in its place."""
    now = {meaning: heading for heading, meaning in columns.kept}
    before = {meaning: heading for meaning, heading in last.kept.items() if meaning not in _OF_NO_CONSEQUENCE}
    gone = [f"{meaning} (was “{heading}”)" for meaning, heading in before.items() if meaning not in now]
    other = [
        f"{meaning} (was “{heading}”, now “{now[meaning]}”)"
        for meaning, heading in before.items()
        if meaning in now and now[meaning].casefold() != heading.casefold()
    ]
    parts = [f"not there any more: {', '.join(gone)}"] if gone else []
    parts += [f"named otherwise: {', '.join(other)}"] if other else []
    if not parts:
        return []
    return [
        f"The columns are not those of the last list; {'; '.join(parts)}. If that is right, choose the columns yourself once; "
        "if not, export the same report as last time."
    ]


def _another_school(comparison: Comparison, register: Register) -> list[str]:
    """A list of strangers in several year groups is another school's; a new intake is strangers in one."""
    here = [pupil for pupil in register.pupils if not pupil.has_left]
    if len(comparison.pupils) < FEW_PUPILS or len(here) < FEW_PUPILS:
        return []
    strangers = sum(1 for pupil in comparison.pupils if pupil.known is None)
    years = {pupil.row.year for pupil in comparison.pupils}
    large = len(comparison.pupils) * 3 > len(here)
    if strangers * 100 < len(comparison.pupils) * STRANGERS_PERCENT or not large or len(years) == 1:
        return []
    return [
        f"{strangers} of the {len(comparison.pupils)} children in this file are not in the register. This looks like another school's "
        "list: check from which school it was exported."
    ]


def _wrong_year(comparison: Comparison) -> list[str]:
    moves = Counter(
        (after > before) - (after < before)
        for pupil in comparison.pupils
        if pupil.known is not None
        and (before := year_number(pupil.known.year)) is not None
        and (after := year_number(pupil.row.year)) is not None
    )
    down, known = moves[-1], sum(moves.values())
    if down <= 3 or down * 100 <= known * MOVED_DOWN_PERCENT:
        return []
    return [
        f"{down} of {known} children would move down a year group. This looks like the list of an earlier school year: "
        "export it for the current one."
    ]


def _conflicts(comparison: Comparison) -> list[str]:
    """Numbers that belong to other names, and nothing else that fits."""
    other = sum(1 for person in comparison.people if person.question.startswith("The number"))
    if other <= 3 or other * 100 <= len(comparison.people) * CONFLICTS_PERCENT:
        return []
    return [
        f"{other} of {len(comparison.people)} adults carry a number that belongs to somebody else in the register, and neither e-mail nor "
        "child says who they are. Check from which school or system the file was exported."
    ]


def _missing_families(comparison: Comparison, register: Register, terms: Terms, limits: Limits) -> list[str]:
    """More adults or children gone than leave at once. Who was noted before and would end by this list counts like anybody else."""
    top = top_year(register)
    links: dict[int, list[KnownLink]] = defaultdict(list)
    for person in register.people:
        for child, link in person.children.items():
            links[child].append(link)
    here = [pupil for pupil in register.pupils if links[pupil.pk] and not pupil.has_left]
    foreseen = {pupil.pk for pupil in here if expected_to_leave(pupil, top, _missed_on(links[pupil.pk], terms.on), terms)}
    parts = list(_adults_gone(comparison, register, foreseen, limits)) or list(_children_gone(comparison, here, foreseen, limits))
    if vanished := _vanished(comparison, here, foreseen):
        parts.append(f"{listed(vanished)} {'is' if len(vanished) == 1 else 'are'} missing.")
    if parts:
        parts.append("This usually means the report was filtered or cut short: export the whole list again.")
    return [" ".join(parts)] if parts else []


def _missed_on(links: Sequence[KnownLink], on: date) -> date:
    """The day a list was first without a child; today where none was before."""
    return min((link.missing_since.date() for link in links if link.missing_since is not None), default=on)


def _adults_gone(comparison: Comparison, register: Register, foreseen: Collection[int], limits: Limits) -> Iterator[str]:
    families = [person for person in register.people if person.children]
    waiting = {missing.person.pk for missing in comparison.waiting}
    # Whom no list ever named no list can miss: the office wrote them down.
    gone = [
        person
        for person in comparison.absent_people
        if not person.other_reason and any(link.from_list for link in person.children.values())
    ]
    expected = sum(1 for person in gone if all(child in foreseen for child in person.children))
    unexpected = sum(1 for person in gone if person.pk not in waiting and not all(child in foreseen for child in person.children))
    if unexpected > max(limits.unexpected_people, len(families) * limits.unexpected_percent // 100):
        yield (
            f"This file would show {len(gone)} of {len(families)} adults ({_percent(len(gone), len(families))}%) as gone. "
            f"Your records say {expected} should leave now."
        )


def _children_gone(comparison: Comparison, here: Sequence[KnownPupil], foreseen: Collection[int], limits: Limits) -> Iterator[str]:
    """Families may all be there, and half of their children not: a filter that lets one child of each through."""
    waiting = {missing.pupil.pk for missing in comparison.waiting}
    present = {pupil.pk for pupil in here}
    gone = [pupil for pupil in comparison.absent_pupils if pupil.pk in present and pupil.named_on is not None]
    expected = sum(1 for pupil in gone if pupil.pk in foreseen)
    unexpected = sum(1 for pupil in gone if pupil.pk not in foreseen and pupil.pk not in waiting)
    if unexpected > max(limits.unexpected_people, len(here) * limits.unexpected_percent // 100):
        yield (
            f"{len(gone)} of {len(here)} children ({_percent(len(gone), len(here))}%) are not in this file; "
            f"your records say {expected} should leave now."
        )


def _vanished(comparison: Comparison, here: Sequence[KnownPupil], foreseen: Collection[int]) -> list[str]:
    """Year groups of the register of which not one child stands on the list, wherever the children have moved to."""
    absent = {pupil.pk for pupil in comparison.absent_pupils}
    staying = [pupil for pupil in here if pupil.pk not in foreseen]
    was = Counter(pupil.year for pupil in staying)
    gone = Counter(pupil.year for pupil in staying if pupil.pk in absent)
    vanished = [year for year, count in was.items() if count >= SMALLEST_THAT_CANNOT_VANISH and gone[year] == count]
    return [year or "The children without a year group" for year in sorted(vanished, key=year_order)]


def _too_many_dates(register: Register, leaving: Leaving, terms: Terms, limits: Limits) -> list[str]:
    """Leaving dates that are over for a large part of the school at once, but for the last year group in its season."""
    families = sum(1 for person in register.people if person.children)
    top = top_year(register)
    surprising = [
        person
        for person in leaving.by_date
        if not all(goes_with_the_last_year(pupil, top, terms.on, terms) for pupil in leaving.children[person.pk])
    ]
    if len(surprising) <= limits.unexpected_people or len(surprising) * 100 <= families * limits.ceiling_percent:
        return []
    return [
        f"This file gives a leaving date to the children of {len(surprising)} of {families} adults "
        f"({_percent(len(surprising), families)}%); at most {limits.ceiling_percent}% may leave at once. Check the dates in the report."
    ]


def warnings_of(comparison: Comparison, terms: Terms, columns: Columns) -> list[str]:
    """What is worth a look though it stops nothing."""
    found = []
    others = sum(1 for person in comparison.settled if person.links and not any(link.is_family for link in person.links))
    if others:
        kept = (
            "contact is not family (a social worker, say): kept as a known person"
            if others == 1
            else ("contacts are not family (a social worker, say): they are kept as known people")
        )
        found.append(f"{others} {kept} without a reason to follow.")
    shared = Counter(address for person in comparison.people for address in person.addresses)
    if several := sum(1 for count in shared.values() if count > 1):
        belong = "address belongs" if several == 1 else "addresses belong"
        found.append(f"{several} e-mail {belong} to more than one person. That is normal.")
    if without := sum(1 for person in comparison.people if not person.addresses):
        found.append(f"{without} of {len(comparison.people)} people have no e-mail address.")
    if renumbered := sum(
        1 for person in comparison.settled if "source_id" in (person.changes or {}) and person.known and person.known.source_id
    ):
        found.append(f"{renumbered} adults have a new number in the school's system; they were recognised by e-mail, name and child.")
    if terms.complete and terms.frozen:
        found.append("It is the summer break: who is missing from this list is not noted until two weeks into the autumn term.")
    if terms.complete and terms.overtaken:
        found.append(OVERTAKEN)
    if terms.seen_before:
        found.append("This very file was loaded before. If the school’s system can give a newer list, load that one.")
    if Field.BORN in columns.where:
        older = any(pupil.row.thirteen_on for pupil in comparison.pupils)
        found.append("Dates of birth were not kept" + ("; from Year 7 on the day a child turns 13 was." if older else "."))
    return found


def for_the_lead(comparison: Comparison) -> list[str]:
    """What a list says of court orders, in numbers: for the safeguarding lead's eyes, not for those who load it."""
    found = []
    if comparison.new_marks:
        found.append(f"{comparison.new_marks} new {'mark comes' if comparison.new_marks == 1 else 'marks come'} with this list.")
    if unsettled := sum(1 for person in comparison.people if person.question and person.known is None and person.is_marked):
        entries = "entry that needs somebody carries" if unsettled == 1 else "entries that need somebody carry"
        found.append(f"{unsettled} {entries} a mark, and no mark is placed until it is said who they are.")
    if comparison.unread_marks:
        rows = "row carries" if comparison.unread_marks == 1 else "rows carry"
        found.append(f"{comparison.unread_marks} {rows} a mark beside an adult whose name could not be read; it is placed on nobody.")
    return found


def year_order(year: str) -> tuple[bool, int, str]:
    number = year_number(year)
    return (number is None, number or 0, year)


def listed(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _percent(part: int, whole: int) -> int:
    return part * 100 // whole if whole else 0


def kept_as_json(columns: Columns) -> dict[str, Any]:
    return {"kept": [list(pair) for pair in columns.kept], "dropped": list(columns.dropped)}
