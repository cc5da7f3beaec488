"""The office: it brings lists through the product's own operations, goes the honest ways on, and types what no list tells."""

from collections import Counter
from datetime import date, datetime, time
from random import Random

from accounts.models import User
from tests import given
from tests.school_years.answers import right_answer
from tests.school_years.breaking import NAMES_THE_GONE, TELLS_THE_TRUTH, broken
from tests.school_years.exports import Form, the_list
from tests.school_years.ledger import Ledger
from tests.school_years.truth import Adult, Role, Truth
from vetting.roster.importing.rehearsing import propose_columns
from vetting.roster.models import Basis, Person, Pupil, RosterImport
from vetting.roster.operations import (
    add_basis,
    add_person,
    answer_questions,
    apply_import,
    discard_import,
    end_basis,
    mark_as_left,
    rehearse_import,
    release_import,
)
from vetting.roster.queries import current_on
from vetting.school.models import School
from vetting.values import BadValue, MailAddress, PersonName

_OTHER_COLUMNS = "The columns are not those of the last list"
# An adult's first name and surname, a child's first name and surname -> who may be meant.
Register = dict[tuple[str, str, str, str], set[int]]


class Office:
    """Priya, who loads lists; Mrs Lane, an admin, who looks at what was stopped."""

    def __init__(self, school: School, truth: Truth, form: Form, draw: Random, *, lane: User) -> None:
        self.school, self.truth, self.form, self._draw = school, truth, form, draw
        self._priya, self._lane = given.priya(school), lane
        self.ledger = Ledger(truth.top_year)
        self.counts: Counter[str] = Counter()
        self.broken: Counter[str] = Counter()
        self.people: dict[int, int] = {}
        self.loaded_on: date | None = None
        self.let_through_on: date | None = None
        self._typed: set[int] = set()
        self._ended: set[int] = set()

    # Lists.

    def brings_a_broken_list(self, how: str, *, complete: bool = True) -> bool:
        """The office takes it for the list it wanted. True when the product let it through."""
        contents = broken(how, self.truth, self.truth.today, self.form, self._draw)
        if how == TELLS_THE_TRUTH:
            self.brings_the_list(complete=complete)
            return True
        row = self._checked(contents, complete=complete)
        self.counts["broken lists"] += 1
        if row is None or row.stopped_because:
            self.broken[f"{how}: {'refused' if row is None else 'stopped'}"] += 1
            if row is not None:
                discard_import(roster_import=row, by=self._priya, at=self._at)
            return False
        self.broken[f"{how}: let through"] += 1
        self._answer(row)
        apply_import(roster_import=row, by=self._priya, at=self._at)
        self.let_through_on = self.truth.today
        if how in NAMES_THE_GONE:
            self.ledger.a_wrong_list_was_loaded()
        return True

    def brings_the_list(self, *, complete: bool = True) -> None:
        contents = the_list(self.truth, self.truth.today, self.form)
        row = self._checked(contents, complete=complete)
        if row is not None and row.stopped_because:
            row = self._honest_ways_on(row, contents, complete=complete)
        assert row is not None, "a good list was refused"
        unsettled = self._answer(row)
        self._have_it_let_through(row)
        apply_import(roster_import=row, by=self._priya, at=self._at)
        self.counts["good lists"] += 1
        self.loaded_on = self.truth.today
        lines = self.truth.lines(self.truth.today)
        self.ledger.a_good_list(lines, self.truth.today, complete=complete, unsettled=unsettled)
        self._type_in()

    @property
    def _at(self) -> datetime:
        return datetime.combine(self.truth.today, time(10), tzinfo=given.MONDAY.tzinfo)

    def _checked(self, contents: bytes, *, complete: bool, mapping: dict[str, list[int]] | None = None) -> RosterImport | None:
        kind = RosterImport.Kind.COMPLETE if complete else RosterImport.Kind.ADDITIONS
        named = {"school": self.school, "file_name": "contacts.csv", "contents": contents, "mapping": mapping}
        try:
            return rehearse_import(**named, by=self._priya, at=self._at, kind=kind)
        except BadValue:
            return None

    def _honest_ways_on(self, row: RosterImport, contents: bytes, *, complete: bool) -> RosterImport | None:
        """A right list that is stopped: choose the columns, mark who left one by one, and only then a second person's word."""
        self.counts["good lists stopped"] += 1
        discard_import(roster_import=row, by=self._priya, at=self._at)
        mapping = propose_columns(contents)[1] if _OTHER_COLUMNS in row.stopped_because else None
        self._mark_who_left()
        return self._checked(contents, complete=complete, mapping=mapping)

    def _have_it_let_through(self, row: RosterImport) -> None:
        """By a second person, once the questions are answered: what is let through is what the list would do then."""
        row.refresh_from_db()
        if row.stopped_because:
            self.counts["good lists released"] += 1
            release_import(roster_import=row, why="We looked at it: these families have left.", by=self._lane, at=self._at)

    def _mark_who_left(self) -> None:
        today = self.truth.today
        here = {pupil.source_id: pupil for pupil in Pupil.objects.filter(school=self.school, left_on=None)}
        for child in self.truth.children:
            pupil, last = here.get(self.form.number(child)), child.spells[-1].ends_on
            if pupil is not None and pupil.given == child.given and last is not None and last < today:
                mark_as_left(person=pupil, on=last, by=self._priya, at=self._at, why="Told by the class teacher.")
                self.counts["children marked by hand"] += 1
                self.ledger.said_by_hand(child.number, last, today)

    def _answer(self, row: RosterImport) -> set[str]:
        """Answered right where the office can tell, sometimes left for later. Returns every surname about which a question stays open."""
        for _ in range(4):
            lines = row.rehearsal["needs_you"]
            right = {line["key"]: right_answer(self.truth, line, self.loaded_on) for line in lines if "key" in line}
            answers = {key: answer for key, answer in right.items() if answer and self._draw.random() < 0.85}
            if not answers:
                break
            self.counts["answers"] += len(answers)
            row = answer_questions(roster_import=row, answers=answers, by=self._priya, at=self._at)
        left = row.rehearsal["needs_you"]
        self.counts["questions left open"] += len(left)
        words = " ".join(f"{line['name']} {line['sentence']}" for line in left)
        everybody = {adult.family for adult in self.truth.adults} | {name for adult in self.truth.adults for name in adult.former_families}
        return {family for family in everybody if family in words}

    # What no list tells.

    def register(self) -> Register:
        """Who stands in the register as whose parent, by names as the office reads them."""
        found: Register = {}
        current = Basis.objects.filter(current_on(self.truth.today), person__school=self.school, pupil__isnull=False)
        names = ("person__given", "person__family", "pupil__given", "pupil__family")
        for given_name, family, child, child_family, pk in current.values_list(*names, "person_id"):
            found.setdefault((given_name, family, child, child_family), set()).add(pk)
        return found

    def person_of(self, adult: Adult, register: Register) -> int | None:
        """The entry they were found under once, or the one under this adult's name with this adult's child."""
        if not adult.ties or adult.number in self.people:
            return self.people.get(adult.number)
        found: set[int] = set()
        for tie in adult.ties:
            found |= register.get((adult.given, adult.family, tie.child.given, tie.child.family), set())
        return found.pop() if len(found) == 1 else None

    def _type_in(self) -> None:
        """Staff, governors and grandparents: by hand, as soon as the parent among them can be found."""
        register = self.register()
        for adult in self.truth.adults:
            if adult.introduced_by is not None and adult.number not in self.people and adult.belongs(self.truth.today):
                parent = self.person_of(adult.introduced_by, register)
                if parent is not None:
                    self.people[adult.number] = self._new_person(adult, Basis.Kind.INTRODUCED_BY, Person.objects.get(pk=parent))
            for role in adult.roles:
                if id(role) not in self._typed and role.spell.holds_on(self.truth.today):
                    self._type_role(adult, role, register)
        self.what_ends_is_typed()

    def _new_person(self, adult: Adult, kind: Basis.Kind, introduced_by: Person | None = None) -> int:
        addresses = [MailAddress.parse(one) for one in adult.addresses]
        name = PersonName(adult.given, adult.family)
        named = {"school": self.school, "name": name, "kind": kind, "addresses": addresses, "introduced_by": introduced_by}
        return add_person(**named, by=self._priya, at=self._at).pk

    def _type_role(self, adult: Adult, role: Role, register: Register) -> None:
        kind = Basis.Kind(role.kind.value)
        if not adult.ties:
            self.people[adult.number] = self._new_person(adult, kind)
        elif (pk := self.person_of(adult, register)) is not None:
            add_basis(person=Person.objects.get(pk=pk), kind=kind, by=self._priya, at=self._at)
            self.people[adult.number] = pk
        else:
            return
        self._typed.add(id(role))

    def puts_right(self, adult: Adult, person: Person) -> None:
        """Somebody who belongs stands in the register as gone: the office types their child in again."""
        self.counts["put right by hand"] += 1
        for tie in adult.ties:
            named = Pupil.objects.filter(school=self.school, left_on=None, given=tie.child.given, family=tie.child.family)
            pupil = named.first() if tie.child.on_roll(self.truth.today) else None
            if pupil is not None and not Basis.objects.filter(person=person, pupil=pupil, ends_on=None).exists():
                add_basis(person=person, kind=Basis.Kind.PARENT_OR_CARER, pupil=pupil, by=self._priya, at=self._at)

    def what_ends_is_typed(self) -> None:
        """Last days of staff and governors, on the day the office hears of them."""
        for adult in self.truth.adults:
            for role in adult.roles:
                over, written = role.spell.ends_on, role.spell.written_on
                if id(role) in self._ended or id(role) not in self._typed or over is None or written is None or written > self.truth.today:
                    continue
                self._ended.add(id(role))
                running = Basis.objects.get(person_id=self.people[adult.number], kind=role.kind.value, ends_on=None)
                end_basis(basis=running, on=max(over, running.starts_on), by=self._priya, at=self._at)
