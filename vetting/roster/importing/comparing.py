"""The list beside the register: who is new, changed, the same, no longer listed, and where a person must look. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import NamedTuple

from vetting.roster.children import year_number
from vetting.roster.importing.dates import leave_out_impossible, leave_out_old_news
from vetting.roster.importing.gathering import Gathered, Link, ListedPerson, ListedPupil, says_otherwise
from vetting.roster.importing.names import compatible, folded
from vetting.roster.importing.recognising import DIFFERENT, SAME, Answers, recognise
from vetting.roster.importing.register import LONG_AHEAD, Ended, KnownLink, KnownMark, KnownPerson, KnownPupil, Register
from vetting.school.summer import goes_with_the_year, year_began

# Two complete lists so far apart, both without somebody, are evidence; one is not.
BETWEEN_TWO_LISTS = timedelta(hours=24)
# A child of the last year group missed while the year turns left with the school year, whenever the list was made.
YEAR_ENDS = (8, 31)
# No word of the mark: whoever loads the list reads this.
_WITHOUT_A_CHILD = "No child of theirs could be read in this list."


class Missing(NamedTuple):
    """A reason in the register that a complete list no longer bears out."""

    person: KnownPerson
    pupil: KnownPupil
    link: KnownLink
    ends_on: date | None = None


@dataclass(frozen=True)
class Terms:
    """When a list came in and what it may say on a day: a complete one may show absences, unless the summer freeze is on.

    `seen_before`: the very same file was loaded already. `school_terms`: first and last days, as far as the school has entered them.
    `source`: what the school calls the export, where it has a name for it. `has_dates`: it has a column for leaving dates; one without
    says nothing of them. `overtaken`: a list that came in later was loaded already, so that this one is no news of who is gone.
    """

    came_in: datetime
    on: date
    complete: bool = False
    frozen: bool = False
    source: str = ""
    seen_before: bool = False
    school_terms: Sequence[tuple[date, date]] = ()
    has_dates: bool = True
    overtaken: bool = False

    @property
    def shows_absences(self) -> bool:
        return self.complete and not self.frozen and not self.overtaken

    @property
    def takes_dates_back(self) -> bool:
        return self.complete and self.has_dates and not self.overtaken


@dataclass
class Comparison:
    """The list beside the register."""

    pupils: list[ListedPupil]
    people: list[ListedPerson]
    rows: int
    unread_marks: int = 0
    absent_pupils: list[KnownPupil] = field(default_factory=list)
    absent_people: list[KnownPerson] = field(default_factory=list)
    missing: list[Missing] = field(default_factory=list)  # noted for the first time
    waiting: list[Missing] = field(default_factory=list)  # noted before, by a list of the same day
    ending: list[Missing] = field(default_factory=list)  # missing from two complete lists
    by_hand: list[Missing] = field(default_factory=list)  # never from a list: only a person ends it
    reappeared: list[KnownLink] = field(default_factory=list)
    adopted: list[KnownLink] = field(default_factory=list)  # borne out for the first time, or for the first time in a school year
    marks_gone: list[KnownMark] = field(default_factory=list)
    marks_back: list[KnownMark] = field(default_factory=list)

    @property
    def settled(self) -> list[ListedPerson]:
        """Those about whom there is no question."""
        return [person for person in self.people if not person.question]

    @property
    def new_pupils(self) -> list[ListedPupil]:
        return [pupil for pupil in self.pupils if pupil.known is None and not pupil.question]

    @property
    def changed_pupils(self) -> list[ListedPupil]:
        known = [pupil for pupil in self.pupils if pupil.known and not pupil.question]
        return [pupil for pupil in known if pupil.returned or leaves(pupil) or pupil.changes]

    @property
    def new_marks(self) -> int:
        return sum(1 for _ in self.marks_to_place())

    def marks_to_place(self) -> Iterator[tuple[ListedPerson, ListedPupil | None]]:
        """Who is marked anew, and for which child. Whoever is surely somebody of the register is marked whatever else is asked."""
        for person in self.people:
            if person.known is None and person.question:
                continue
            yield from ((person, link.pupil) for link in person.links if link.is_new_mark)
            if person.is_newly_marked:
                yield person, None

    @property
    def change_count(self) -> int:
        """How many people and children applying the list would add or change; what only the safeguarding lead sees is not among them."""
        people = sum(1 for person in self.settled if person.known is None or person.is_changed)
        absences = len({missing.person.pk for missing in (*self.missing, *self.ending)})
        return people + len(self.new_pupils) + len(self.changed_pupils) + absences + bool(self.reappeared)

    @property
    def writes_nothing(self) -> bool:
        return not (self.change_count or self.new_marks or self.adopted or self.marks_gone or self.marks_back)


def leaves(pupil: ListedPupil) -> bool:
    """Whether the list brings a leaving date that the register does not hold."""
    return pupil.row.left_on is not None and (pupil.known is None or pupil.known.left_on != pupil.row.left_on)


def compare(gathered: Gathered, register: Register, terms: Terms, answers: Answers | None = None) -> Comparison:
    """Set the list beside the register. Only a complete list may say who is absent or that an address is out of date."""
    answers = answers or {}
    leave_out_impossible(gathered.pupils, terms.on)
    recognise(gathered, register, answers, takes_dates_back=terms.takes_dates_back)
    leave_out_old_news(gathered.pupils, terms.on)
    comparison = Comparison(gathered.pupils, gathered.people, gathered.rows, gathered.unread_marks)
    for person in gathered.people:
        _find_changes(person, terms, answers)
        if person.known is not None and person.known.marks:
            _look_for_marks(comparison, person, person.known, terms)
    if register.people:
        _find_absences(comparison, gathered, register, terms)
    return comparison


def _find_changes(person: ListedPerson, terms: Terms, answers: Answers) -> None:
    known = person.known
    _find_new_links(person, terms, answers)
    _find_new_marks(person)
    if person.question or known is None:
        person.new_addresses = person.addresses
        return
    row = person.row
    changes: dict[str, str] = {}
    if person.numbers and known.source_id not in person.numbers:
        changes["source_id"] = person.number
    if row.title and row.title != known.title:
        changes["title"] = row.title
    if says_otherwise(row.given, known.given) and not len(folded(row.given)) == 1 < len(folded(known.given)):
        changes["given"] = row.given
    if says_otherwise(row.family, known.family):
        changes["family"] = row.family
    person.changes = changes
    if person.addresses != known.addresses:
        person.new_addresses = tuple(address for address in person.addresses if address not in known.addresses)
        if terms.complete and person.addresses:
            person.old_addresses = tuple(sorted(set(known.addresses) - set(person.addresses)))
    person.said = tuple(_in_words(person))


def _find_new_links(person: ListedPerson, terms: Terms, answers: Answers) -> None:
    known = person.known
    for link in person.links:
        pupil = link.pupil
        child = pupil.known.pk if pupil.known else None
        if pupil.question:
            person.question = person.question or pupil.question
        if pupil.stays_left:
            continue
        if known is None or child is None:
            link.is_new = link.is_family
        elif child in known.children:
            link.relationship_changed = bool(link.relationship) and link.relationship != known.children[child].relationship
        elif child in known.former_children and link.is_family:
            _find_reason_again(person, link, child, terms, answers)
        else:
            link.is_new = link.is_family


def _find_new_marks(person: ListedPerson) -> None:
    """A mark is for the child beside it; for all children where that one could not be read or is in question."""
    known = person.known
    for link in person.links:
        if not link.mark:
            continue
        if known is not None and link.pupil.question:
            about = link.pupil.known or link.pupil.candidate
            is_old = known.is_marked_for(None) or (about is not None and known.is_marked_for(about.pk))
            person.is_newly_marked = person.is_newly_marked or not is_old
        else:
            child = link.pupil.known
            link.is_new_mark = known is None or child is None or not known.is_marked_for(child.pk)
    if person.mark and (known is None or not known.is_marked_for(None)):
        person.is_newly_marked = True
    if known is None and not person.links:
        person.question = person.question or _WITHOUT_A_CHILD


def _look_for_marks(comparison: Comparison, person: ListedPerson, known: KnownPerson, terms: Terms) -> None:
    """Marks from lists that this one no longer has, or has again while they are open. A list without such a column says nothing."""
    for mark in known.marks:
        if mark.source is None or (mark.source and terms.source and mark.source != terms.source):
            continue
        said = [link.mark for link in person.links if mark.pupil is None or (link.pupil.known and link.pupil.known.pk == mark.pupil)]
        if any(said) or (mark.pupil is None and person.mark):
            if mark.is_open and mark.gone_since is not None:
                comparison.marks_back.append(mark)
        elif mark.gone_since is None and said and None not in said and not person.mark:
            comparison.marks_gone.append(mark)


def _find_reason_again(person: ListedPerson, link: Link, child: int, terms: Terms, answers: Answers) -> None:
    """A reason that was over stands on the list once more: by itself only where a list ended it, else somebody must say."""
    pupil, key = link.pupil, person.key_of_reason(link.pupil)
    if person.known is None:
        return
    ended, left_on = person.known.former_children[child], pupil.row.left_on
    if left_on is not None:
        # A date that is news moves the last day where it is written; one that the register has does not, and may still be to come.
        link.is_new = ended is Ended.BY_ABSENCE and left_on >= terms.on and not leaves(pupil)
        return
    # A leaving date may have been taken back by an earlier list, while a question was open about this adult.
    undated = (pupil.returned and terms.complete) or pupil.known is None or pupil.known.left_on is None
    if ended is Ended.BY_ABSENCE or (ended is Ended.BY_DATE and undated) or answers.get(key) == SAME:
        link.is_new = True
        return
    if not person.question and answers.get(key) != DIFFERENT:
        person.question = f"{person.name}'s reason through {pupil.name} was ended, but they stand on this list together."
        person.candidate, person.asked = person.known, key


def _in_words(person: ListedPerson) -> Iterable[str]:
    known = person.known
    if known is None:
        return
    changes = person.changes or {}
    if changes.keys() & {"title", "given", "family"}:
        yield f"name: {known.name} → {person.name}"
    if "source_id" in changes:
        yield "number in the school's system"
    if person.new_addresses or person.old_addresses:
        yield f"e-mail: {len(person.new_addresses)} new, {len(person.old_addresses)} no longer used"
    for link in person.links:
        if link.is_new:
            yield f"now linked to {link.pupil.name}"
        elif link.relationship_changed:
            yield f"relationship to {link.pupil.name}: {link.relationship}"


def _find_absences(comparison: Comparison, gathered: Gathered, register: Register, terms: Terms) -> None:
    """Which reasons the list does not bear out. Whoever a question is open about is not missing, nor are the adults of such a child."""
    pupils = {pupil.pk: pupil for pupil in register.pupils}
    listed = {pupil.known.pk for pupil in comparison.pupils if pupil.known}
    unsure = {one.known.pk for one in comparison.pupils if one.known and (one.question or one.unsettled)}
    unsure |= {one.candidate.pk for one in comparison.pupils if one.candidate}
    people = {person.known.pk: person for person in comparison.people if person.known}
    asked = _asked_about(comparison, gathered)
    top, began = top_year(register), year_began(terms.on, terms.school_terms)
    for known in register.people:
        if not known.children:
            continue
        person = people.get(known.pk)
        here = {link.pupil.known.pk for link in person.links if link.pupil.known} if person else set()
        is_asked = known.pk in asked.pks or (person is not None and bool(person.question))
        for child, link in known.children.items():
            if child in here:
                _still_here(comparison, link, began, is_asked=is_asked)
        if is_asked or asked.may_mean(known, person):
            continue
        if person is None and terms.complete and not unsure & known.children.keys():
            comparison.absent_people.append(known)
        for child, link in known.children.items():
            if link.runs_on and terms.shows_absences and child not in here and child not in unsure:
                _not_here(comparison, Missing(known, pupils[child], link), terms, top)
    if terms.complete:
        comparison.absent_pupils = [
            known for known in register.pupils if known.pk not in listed and known.pk not in unsure and not known.has_left
        ]


class _Asked(NamedTuple):
    """Who may be meant by what is open: people of the register, names asked about, and names beside a child that could not be read."""

    pks: set[int]
    names: Mapping[str, list[tuple[str, str]]]
    unplaced: Mapping[str, list[tuple[str, str]]]

    def may_mean(self, known: KnownPerson, listed: ListedPerson | None) -> bool:
        """The child that could not be read may be one of those they are missed beside, whoever else they stand there with."""
        if not (self.names or self.unplaced):
            return False
        family = folded(known.family)
        unread = listed is None or not listed.links
        names = (*self.unplaced.get(family, ()), *(self.names.get(family, ()) if unread else ()))
        return any(compatible(name, known.full_name) for name in names)


def _asked_about(comparison: Comparison, gathered: Gathered) -> _Asked:
    unsettled = [person for person in comparison.people if person.question]
    pks = {person.candidate.pk for person in unsettled if person.candidate}
    return _Asked(pks, _by_family(person.full_name for person in unsettled), _by_family(gathered.unplaced))


def _by_family(names: Iterable[tuple[str, str]]) -> Mapping[str, list[tuple[str, str]]]:
    found: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    for name in names:
        found[folded(name[1])].append(name)
    return found


def _still_here(comparison: Comparison, link: KnownLink, year_began_on: date, *, is_asked: bool) -> None:
    """Whatever is asked about somebody, they were not missing; only where nothing is, does the list bear their reason out."""
    if link.missing_since is not None:
        comparison.reappeared.append(link)
    if not is_asked and (link.named_on is None or link.named_on < year_began_on):
        comparison.adopted.append(link)


def _not_here(comparison: Comparison, missing: Missing, terms: Terms, top: str) -> None:
    since = missing.link.missing_since
    if not missing.link.from_list:
        comparison.by_hand.append(missing)
    elif since is None:
        comparison.missing.append(missing)
    elif terms.came_in - since < BETWEEN_TWO_LISTS:
        comparison.waiting.append(missing)
    else:
        comparison.ending.append(missing._replace(ends_on=_last_day(missing, since.date(), terms, top)))


def _last_day(missing: Missing, first_missed: date, terms: Terms, top: str) -> date:
    """The day the first list without them was read; for who goes with the last year group the end of the school year."""
    day = first_missed
    if goes_with_the_last_year(missing.pupil, top, day, terms):
        day = min(day, date(day.year, *YEAR_ENDS))
    return max(day, missing.link.starts_on)


def top_year(register: Register) -> str:
    years = {pupil.year for pupil in register.pupils}
    return max((year for year in years if year_number(year) is not None), key=lambda year: year_number(year) or 0, default="")


def goes_with_the_last_year(pupil: KnownPupil, top: str, day: date, terms: Terms) -> bool:
    """Whether a child missed on a day is one of the last year group, whom no list of the new school year has named."""
    return bool(top) and pupil.year == top and goes_with_the_year(day, pupil.named_on, terms.school_terms)


def expected_to_leave(pupil: KnownPupil, top: str, day: date, terms: Terms) -> bool:
    """Whether our own data say that a child leaves around a day: with the last year group at the year's end, or by a leaving date."""
    announced = pupil.left_on is not None and pupil.left_on <= day + LONG_AHEAD
    return announced or goes_with_the_last_year(pupil, top, day, terms)
